"""The numbers that decisions lean on, as one frozen value made of the settings. What each costs and brings is told where it is set, in
`vigil.settings`."""

from dataclasses import dataclass

from vigil.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """What an installation was told about speaking; see `vigil.settings.Settings` for each."""

    suggest_confidence: float
    reply_confidence: float
    channel_worth: float
    repeat_window_s: float
    burst_window_s: float
    post_delay_s: float
    max_message_chars: int

    @classmethod
    def of(cls, settings: Settings) -> "Thresholds":
        return cls(
            suggest_confidence=settings.suggest_confidence,
            reply_confidence=settings.reply_confidence,
            channel_worth=settings.channel_worth,
            repeat_window_s=settings.repeat_window_s,
            burst_window_s=settings.burst_window_s,
            post_delay_s=settings.post_delay_s,
            max_message_chars=settings.max_message_chars,
        )
