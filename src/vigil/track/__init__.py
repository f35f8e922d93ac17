"""Following a ticket until it is closed: how it stands after each message."""
