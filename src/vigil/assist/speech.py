"""From a ruling to what is posted, to whom, in which words. The words themselves are `wording`'s; when they are sent is the runtime's."""

from collections.abc import Sequence
from dataclasses import dataclass

from vigil.assist import wording
from vigil.domain.decision import DecisionKind, Reason
from vigil.domain.post import Visibility
from vigil.domain.ticket import Ticket
from vigil.domain.topic import Topic
from vigil.knowledge.finding import Finding
from vigil.trust.policy import Ruling
from vigil.trust.risk import Assessment


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """What is posted."""

    posts: tuple[tuple[Visibility, str], ...] = ()
    own_words: str | None = None
    """Vigil's own words, where they are all that it says: they stand on no evidence, and need none."""


SILENCE = Speech()


def speak(
    ruling: Ruling,
    finding: Finding | None,
    *,
    ticket: Ticket | None,
    topic: Topic | None,
    assessed: Assessment,
    colleague: bool,
    said_before: bool,
    least: float,
) -> Speech:
    """Put `ruling` into words.

    `colleague`: an analyst asked; `said_before`: the customer has this answer already; `least`: confidence below which an answer is kept.
    """
    visibility = ruling.visibility or Visibility.PRIVATE
    known = finding if finding is not None and finding.answered and finding.confidence >= least else None
    if ruling.kind is DecisionKind.SILENT:
        return SILENCE
    if ruling.kind is DecisionKind.HAND_OFF:
        return _hand_off(ruling, known, ticket, assessed.dangers, said_before)
    if ruling.reason is Reason.UNKNOWN_TO_VIGIL or known is None:
        words = wording.unknown(topic)
        return Speech(posts=((visibility, words),), own_words=words)
    if ruling.kind is DecisionKind.SUGGEST:
        suggestion = wording.suggestion(known.answer, known.citations, known.confidence, assessed.dangers)
        told = _told(ruling)
        return Speech(posts=((Visibility.PRIVATE, suggestion), *told))
    if colleague and assessed.dangers:
        return Speech(posts=((visibility, wording.careful_reply(known.answer, known.citations, assessed.dangers)),))
    return Speech(posts=((visibility, wording.reply(known.answer, known.citations, internal=colleague)),))


def greet(*, to_colleague_only: bool) -> Speech:
    """A word for whoever calls Vigil and asks nothing."""
    words = wording.greeting()
    return Speech(posts=((Visibility.PRIVATE if to_colleague_only else Visibility.PUBLIC, words),), own_words=words)


def _hand_off(
    ruling: Ruling, known: Finding | None, ticket: Ticket | None, dangers: Sequence[str], said_before: bool
) -> Speech:
    posts: list[tuple[Visibility, str]] = []
    if ticket is not None:
        shown = None
        if known is not None:
            shown = wording.Known(
                answer=known.answer, citations=known.citations, confidence=known.confidence, said_before=said_before
            )
        posts.append((Visibility.PRIVATE, wording.hand_off(ticket, ruling.reason, shown, dangers)))
    return Speech(posts=(*posts, *_told(ruling)))


def _told(ruling: Ruling) -> tuple[tuple[Visibility, str], ...]:
    if not ruling.tell_customer:
        return ()
    return ((Visibility.PUBLIC, wording.calling_human(high_risk=ruling.reason is Reason.HIGH_RISK)),)
