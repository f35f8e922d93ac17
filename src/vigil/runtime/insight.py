"""What a team lead asks on Monday: how many tickets, in how many of them Vigil helped, what became of its answers, what it saved and cost.
Everything is counted for the tickets that were opened in a time; counting is `store.figures`'s."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from vigil.domain.decision import Decision, DecisionKind, Outcome, OutcomeKind
from vigil.domain.ticket import Ticket
from vigil.store.decisions import Decisions
from vigil.store.figures import FOLLOW_UPS, Count, Figures, ListFilter, Span, TicketFigures
from vigil.store.queue import Queue
from vigil.store.store import Store

WRITING: Final = 19.0
"""Words a minute of somebody who composes a text (Karat and others 1999, Patterns of entry and correction in large vocabulary continuous
speech recognition systems, CHI 99). Looking the answer up is not counted, so that what is told as saved is the least of it."""
READING: Final = 238.0
"""Words a minute of somebody who reads silently (Brysbaert 2019, How many words do we read per minute?). Each suggestion that was shown
costs its reading, whatever became of it."""
KEPT: Final = 0.5
"""Share of the writing that an answer spares which was changed before it was sent: between all of it and none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What was counted of some tickets."""

    tickets: int = 0
    helped: int = 0
    """Tickets in which an answer was sent, as it was or changed, or a customer said that one helped."""
    confirmed: int = 0
    """Tickets that are over, and a customer said that an answer helped."""
    assumed: int = 0
    """Tickets that are over without that."""
    reopened: int = 0
    """Tickets that came back at least once, wherever they stand now."""
    suggestions: int = 0
    replies: int = 0
    """Answers that Vigil gave customers by itself."""
    follow_ups: int = 0
    """Looks at tickets for which nobody wrote: shown to analysts with a draft, or sent. None of the answers is one."""
    hand_offs: int = 0
    adopted: int = 0
    edited: int = 0
    dismissed: int = 0
    contradicted: int = 0
    shown: int = 0
    """Suggestions, follow-ups and calls for a person that were laid before the analysts: each is an interruption."""
    minutes: float = 0.0
    """Of writing that was spared, less the reading."""
    first_help_s: float | None = None
    """Median seconds from a ticket's opening to Vigil's first answer, where there was one."""
    first_person_s: float | None = None
    """Median seconds until a person wrote, where one did."""
    calls: int = 0
    tokens: int = 0
    money: float = 0.0

    @property
    def helped_share(self) -> float:
        return self.helped / self.tickets if self.tickets else 0.0

    @property
    def open(self) -> int:
        return self.tickets - self.confirmed - self.assumed

    @property
    def unjudged(self) -> int:
        """Answers of which no analyst said anything."""
        return max(0, self.suggestions + self.replies - self.adopted - self.edited - self.dismissed)

    @property
    def interruptions(self) -> float:
        """For each ticket."""
        return self.shown / self.tickets if self.tickets else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A time, as a whole, step by step and topic by topic."""

    span: Span
    total: Tally
    steps: tuple[Tally, ...]
    topics: tuple[tuple[str | None, Tally], ...]
    """By key, the topic with most tickets first; None for tickets without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page of decisions."""

    decisions: tuple[Decision, ...]
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict[str, list[Outcome]])
    """What became of each of them, by id."""
    tickets: dict[str, Ticket] = field(default_factory=dict[str, Ticket])
    """The tickets that they were made in, by id."""
    number: int
    """That there are in all,"""
    in_tickets: int
    """in so many tickets."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What is counted of one step or topic."""

    tickets: list[TicketFigures] = field(default_factory=list[TicketFigures])
    counts: list[Count] = field(default_factory=list[Count])


class Insight:
    """Counts for all workspaces."""

    def __init__(self, *, store: Store) -> None:
        self._store = store

    async def look(self, workspace: str, span: Span) -> Look:
        """All figures of a time."""
        async with self._store.read(workspace) as session:
            figures = Figures(session)
            tickets = await figures.tickets(span)
            counts = [
                *await figures.said(span),
                *await figures.judged(span),
                *await figures.shown(span),
                *await figures.called(span),
            ]
        number = -(-int((span.until - span.since).total_seconds()) // span.width_s)
        steps = {step: _Part() for step in range(number)}
        topics: dict[str | None, _Part] = {}
        for ticket in tickets:
            steps[ticket.step].tickets.append(ticket)
            topics.setdefault(ticket.topic, _Part()).tickets.append(ticket)
        for count in counts:
            steps[count.step].counts.append(count)
            topics.setdefault(count.topic, _Part()).counts.append(count)
        by_topic = [(topic, _tally(part.tickets, part.counts)) for topic, part in topics.items()]
        return Look(
            span=span,
            total=_tally(tickets, counts),
            steps=tuple(_tally(part.tickets, part.counts) for part in steps.values()),
            topics=tuple(sorted(by_topic, key=lambda each: (-each[1].tickets, each[0] or ""))),
        )

    async def decisions(self, workspace: str, wanted: ListFilter) -> Listed:
        """The latest first."""
        async with self._store.read(workspace) as session:
            found = await Figures(session).decisions(wanted)
            number, in_tickets = await Figures(session).count(wanted)
            outcomes: dict[str, list[Outcome]] = {}
            for outcome in await Decisions(session).outcomes_of([each.id for each in found]):
                outcomes.setdefault(outcome.decision_id, []).append(outcome)
            made_in = await Queue(session).of({each.ticket_id for each in found if each.ticket_id})
            tickets = {ticket.id: ticket for ticket in made_in}
        return Listed(decisions=tuple(found), outcomes=outcomes, tickets=tickets, number=number, in_tickets=in_tickets)


def _tally(tickets: Sequence[TicketFigures], counts: Iterable[Count]) -> Tally:
    number: dict[str, int] = {}
    words: dict[str, int] = {}
    tokens, money = 0, 0.0
    for count in counts:
        number[count.what] = number.get(count.what, 0) + count.number
        words[count.what] = words.get(count.what, 0) + count.words
        tokens, money = tokens + count.tokens, money + count.money

    def counted(what: str) -> int:
        return number.get(what, 0)

    confirmed = sum(each.over and each.confirmed for each in tickets)
    spared = words.get(OutcomeKind.ADOPTED, 0) + KEPT * words.get(OutcomeKind.EDITED, 0)
    return Tally(
        tickets=len(tickets),
        helped=sum(each.helped for each in tickets),
        confirmed=confirmed,
        assumed=sum(each.over for each in tickets) - confirmed,
        reopened=sum(each.reopened for each in tickets),
        suggestions=counted(DecisionKind.SUGGEST),
        replies=counted(DecisionKind.REPLY),
        follow_ups=counted(FOLLOW_UPS),
        hand_offs=counted(DecisionKind.HAND_OFF),
        adopted=counted(OutcomeKind.ADOPTED),
        edited=counted(OutcomeKind.EDITED),
        dismissed=counted(OutcomeKind.DISMISSED),
        contradicted=counted(OutcomeKind.CONTRADICTED),
        shown=counted("shown"),
        minutes=spared / WRITING - words.get("shown", 0) / READING,
        first_help_s=_median(each.first_help_s for each in tickets),
        first_person_s=_median(each.first_person_s for each in tickets),
        calls=counted("called"),
        tokens=tokens,
        money=money,
    )


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
