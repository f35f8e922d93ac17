"""What keeps people and data safe: redaction, access, fetching, and text that is made fit to read."""
