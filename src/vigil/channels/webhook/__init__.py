"""The generic signed webhook: messages in and decisions out for any system that speaks HTTP. How to use it: docs/how-to/webhook.md."""
