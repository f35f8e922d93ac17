"""The generic signed webhook: messages in and decisions out for any system that speaks HTTP. How to use it: docs/how-to/webhook.md."""

from vigil.channels.webhook.channel import WebhookChannel
from vigil.channels.webhook.receiver import WebhookReceiver

__all__ = ["WebhookChannel", "WebhookReceiver"]
