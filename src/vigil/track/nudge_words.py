"""What a follow-up says: why an analyst should look, and the words that could be sent. The only place where a follow-up gets its words; a
person sends them, or changes them first."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from vigil.domain.followup import FollowUpReason
from vigil.domain.progress import Progress
from vigil.guard.sanitise import one_line

QUOTED = 160
"""Characters that are quoted of a message: enough to know it again."""
_R = FollowUpReason

WHY: Final[Mapping[FollowUpReason, str]] = {
    _R.UNANSWERED_QUESTION: "The customer's question has waited for {since}",
    _R.PROMISE_DUE: "A promise falls due in {until}",
    _R.PROMISE_OVERDUE: "A promise is overdue by {since}",
    _R.STALLED: "Nothing has happened for {since}, and it is the desk's turn",
    _R.FIX_NOT_CONFIRMED: "The customer hasn't said for {since} whether it helped",
    _R.CUSTOMER_QUIET: "The customer hasn't answered for {since}",
    _R.LOOKS_RESOLVED: "It looks resolved, and is still open",
}
"""In a sentence without its full stop, with how long."""

DRAFTS: Final[Mapping[FollowUpReason, str]] = {
    _R.UNANSWERED_QUESTION: "Sorry for the wait. I have seen your question{words} and am looking into it; you will hear from me here.",
    _R.PROMISE_DUE: "A word on what I promised{words}: I am still on it, and will write here as soon as there is news.",
    _R.PROMISE_OVERDUE: "I promised{words} and am late, sorry. I am still on it, and will write here as soon as there is news.",
    _R.STALLED: "You have not been forgotten: I am still looking into this, and you will hear from me here.",
    _R.FIX_NOT_CONFIRMED: "Did that help? If it didn't, please write what you see now, and we go on from there.",
    _R.CUSTOMER_QUIET: "There is still a question open to you{words}. Your answer is needed to go on; or is it settled by now?",
    _R.LOOKS_RESOLVED: "This looks solved. If anything is left, please write here and we go on.",
}
"""What could be written to the customer, with the words that it is about. The last three are sent by Vigil itself where a topic lets it, so
they speak for nobody."""


def why(reason: FollowUpReason, about: str, progress: Progress, written_at: datetime, now: datetime) -> str:
    """Why somebody should look. No customer's words.

    Args:
        about: the message that it is about, by id, and `written_at` when that was written.
    """
    due = next((each.due for each in progress.promises if each.message_id == about), None)
    since = written_at if due is None or due > now else due
    until = timedelta() if due is None else due - now
    return WHY[reason].format(since=span(now - since), until=span(until))


def draft(reason: FollowUpReason, about: str, progress: Progress) -> str:
    """What could be written to the customer."""
    words = _words_of(about, progress)
    return DRAFTS[reason].format(words=words)


def span(length: timedelta) -> str:
    """How long, as somebody would say it."""
    minutes = max(1, round(length.total_seconds() / 60))
    if minutes < 90:
        return _count(minutes, "minute")
    return _count(round(minutes / 60), "hour") if minutes < 36 * 60 else _count(round(minutes / 1440), "day")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _words_of(about: str, progress: Progress) -> str:
    """What was asked or promised there, quoted; empty where nothing is known of it. Without its question mark: an analyst who sends it asks
    nothing."""
    for each in (*progress.questions, *progress.promises):
        if each.message_id == about:
            return f" (“{one_line(each.text, QUOTED).rstrip('?')}”)"
    return ""
