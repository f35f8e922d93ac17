"""Learning: what a human resolved becomes knowledge, with its evidence, or a reason why not."""
