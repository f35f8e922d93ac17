"""The webhooks' way in at /hooks. What a request means is understood by a channel's receiver, which comes in with the services."""
