"""What an installation tells those who run it: metrics, logs and traces, each written for one tool. What is worth telling is decided where
it happens; nothing here holds anybody's words."""
