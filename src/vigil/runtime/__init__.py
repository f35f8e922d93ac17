"""Which ability runs when, exactly once: the door to the inbox, the drain, the outbox, and the loop that wakes them."""
