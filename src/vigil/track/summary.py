"""A ticket's summary out of its progress, without a model: which parts each reader may have, and in which words. Nothing is said that no
message stands behind; words that a model chose are `retelling`'s."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from vigil.domain.conversation import Role
from vigil.domain.progress import Fact, FactKind, Mood, Progress, Promise, Question, Result, Standing, Turn
from vigil.domain.summary import Audience, Line, Part
from vigil.domain.ticket import OVER, Ticket
from vigil.guard.sanitise import one_line

QUOTED = 240
"""Characters of a message that a line quotes; the rest is one click away."""

ALLOWED: Final[Mapping[Audience, frozenset[Part]]] = {
    Audience.ANALYST: frozenset(Part),
    Audience.LEAD: frozenset({Part.WANTS, Part.STANDS, Part.OPEN, Part.PROMISED, Part.MOOD, Part.BEFORE}),
    Audience.CUSTOMER: frozenset({Part.WANTS, Part.TRIED, Part.HELPED, Part.OPEN, Part.PROMISED, Part.NEXT}),
}
"""What each may contain. How a customer sounds, and how often they came back, is not told to them."""

_FACTS: Final[Mapping[FactKind, str]] = {
    FactKind.PRODUCT: "Product",
    FactKind.VERSION: "Version",
    FactKind.REGION: "Region",
    FactKind.ERROR: "Error",
}
_RESULTS: Final[Mapping[Result, str]] = {
    Result.HELPED: "it helped",
    Result.FAILED: "it didn't help",
    Result.UNKNOWN: "nobody has said what came of it",
}
_MOODS: Final[Mapping[Mood, str]] = {
    Mood.PLEASED: "The customer sounds pleased.",
    Mood.WORRIED: "The customer sounds worried, or in a hurry.",
    Mood.ANGRY: "The customer sounds angry.",
}


def lines_of(ticket: Ticket, progress: Progress, audience: Audience, *, now: datetime) -> tuple[Line, ...]:
    """The summary's lines, in the order of `Part`."""
    told = _to_customer if audience is Audience.CUSTOMER else _to_colleague
    allowed = ALLOWED[audience]
    found = [line for line in told(ticket, progress, now) if line.part in allowed and line.message_ids]
    places = list(Part)
    return tuple(sorted(found, key=lambda line: places.index(line.part)))


def _to_colleague(ticket: Ticket, progress: Progress, now: datetime) -> Iterator[Line]:
    if progress.wants is not None:
        yield _line(Part.WANTS, f"The customer wants: {_quoted(progress.wants.text)}", progress.wants.message_id)
    for fact in _latest_of_each(progress):
        yield _line(Part.KNOWN, f"{_FACTS[fact.kind]}: {one_line(fact.text, QUOTED)}", fact.message_id)
    for fact in _tried(progress):
        text = f"Tried: {_quoted(fact.text)}; {_RESULTS[fact.result]}"
        yield _line(Part.TRIED, f"{text}.", fact.message_id, fact.result_in)
    if progress.fix is not None:
        text = f"What was said to help: {_quoted(progress.fix.text)}{_confirmed(progress)}"
        confirmed = progress.standing_in if progress.standing is Standing.CONFIRMED else None
        yield _line(Part.HELPED, text, progress.fix.message_id, confirmed)
    yield from _stands(ticket, progress)
    for question in progress.open_questions:
        who = "The desk asked" if question.role is Role.ANALYST else "The customer asks"
        yield _line(Part.OPEN, f"Open since {_when(question.at)}. {who}: {_quoted(question.text)}", question.message_id)
    for promise in progress.open_promises:
        who = "The desk promised" if promise.role is Role.ANALYST else "The customer promised"
        yield _line(Part.PROMISED, f"{who}: {_quoted(promise.text)}{_due(promise, now)}", promise.message_id)
    if progress.next_step is not None:
        yield _line(Part.NEXT, f"Next: {_quoted(progress.next_step.text)}", progress.next_step.message_id)
    if progress.mood in _MOODS and progress.mood_in:
        yield _line(Part.MOOD, _MOODS[progress.mood], progress.mood_in)
    for each in progress.returns[-1:]:
        last = "" if each.last_time is None else f" What was said to help then: {_quoted(each.last_time.text)}"
        said = None if each.last_time is None else each.last_time.message_id
        yield _line(Part.BEFORE, f"The customer came back {_when(each.at)}.{last}", each.message_id, said)


def _to_customer(ticket: Ticket, progress: Progress, now: datetime) -> Iterator[Line]:
    if progress.wants is not None:
        yield _line(Part.WANTS, f"You asked: {_quoted(progress.wants.text)}", progress.wants.message_id)
    for fact in _tried(progress):
        if fact.result is not Result.UNKNOWN:
            yield _line(
                Part.TRIED, f"Tried: {_quoted(fact.text)}; {_RESULTS[fact.result]}.", fact.message_id, fact.result_in
            )
    if progress.fix is not None:
        yield _line(Part.HELPED, f"Our answer: {_quoted(progress.fix.text)}", progress.fix.message_id)
    if ticket.state not in OVER:
        for question in progress.open_questions:
            who = (
                "We still need to know from you"
                if question.role is Role.ANALYST
                else "You still wait to hear from us about"
            )
            yield _line(Part.OPEN, f"{who}: {_quoted(question.text)}", question.message_id)
    for promise in progress.open_promises:
        if promise.role is Role.ANALYST:
            yield _line(Part.PROMISED, f"We promised: {_quoted(promise.text)}{_due(promise, now)}", promise.message_id)
    if progress.next_step is not None and ticket.state not in OVER:
        yield _line(Part.NEXT, f"Next: {_quoted(progress.next_step.text)}", progress.next_step.message_id)


def _stands(ticket: Ticket, progress: Progress) -> Iterator[Line]:
    behind = progress.standing_in or progress.turn_in
    if ticket.state in OVER:
        yield _line(Part.STANDS, f"The ticket is {ticket.state}.", behind)
    elif progress.standing in (Standing.CONFIRMED, Standing.LOOKS_RESOLVED):
        yield _line(Part.STANDS, "It looks resolved, and is still open.", progress.standing_in)
    elif progress.turn in (Turn.ANALYST, Turn.CUSTOMER) and progress.turn_since is not None:
        whose = "the desk's" if progress.turn is Turn.ANALYST else "the customer's"
        yield _line(Part.STANDS, f"It is {whose} turn since {_when(progress.turn_since)}.", progress.turn_in)


def _latest_of_each(progress: Progress) -> list[Fact]:
    """The newest fact of each kind, in the order of kinds."""
    latest = {fact.kind: fact for fact in progress.facts if fact.kind is not FactKind.TRIED}
    return [latest[kind] for kind in FactKind if kind in latest]


def _tried(progress: Progress) -> list[Fact]:
    return [fact for fact in progress.facts if fact.kind is FactKind.TRIED]


def _confirmed(progress: Progress) -> str:
    return ". The customer says that it did" if progress.standing is Standing.CONFIRMED else ""


def _due(promise: Promise, now: datetime) -> str:
    if promise.due is None:
        return ""
    return f" ({'was due' if promise.due < now else 'due'} {_when(promise.due)})"


def _when(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _quoted(text: str) -> str:
    return f"“{one_line(text, QUOTED)}”"


def _line(part: Part, text: str, *message_ids: str | None) -> Line:
    return Line(part=part, text=text, message_ids=tuple(dict.fromkeys(each for each in message_ids if each)))


def open_ids(progress: Progress) -> dict[str, Question | Promise]:
    """What must not be left out of any summary: what is open and what is promised, by the message that it stands in."""
    return {each.message_id: each for each in (*progress.open_questions, *progress.open_promises)}
