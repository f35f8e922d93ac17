"""A new message in, a decision out: thread, gate, rewrite, ask, policy, composed in `pipeline`."""
