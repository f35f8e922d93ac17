"""Which tickets of a channel a message may belong to, and what speaks for each as numbers. Strictly causal; how much each number weighs is
in the `belongs` head of the trained weights, and what follows is decided in `thread`."""

import math
from dataclasses import dataclass, field
from datetime import timedelta

from vigil.assist.linear import Figures
from vigil.assist.situation import Situation
from vigil.domain.conversation import Message
from vigil.domain.ticket import Ticket
from vigil.language.people import people_by_name, spoken_to
from vigil.language.reading import Reading, read

WINDOW = timedelta(minutes=45)
"""How far back a channel's talk may reach without an explicit sign. In the annotated channels 99.8 % of the links to an earlier message are
shorter, and 99.2 % reach back less than `LOOK_BACK` messages (`tools/measure_gate.py` prints both)."""
LOOK_BACK = 100
"""Messages that are looked back over: the same as the gate's."""
NEAR = 5
"""A ticket that neither author nor addressee has written in may still be meant when one of the last few messages was in it."""


@dataclass(slots=True)
class _Trace:
    """What one ticket left in the recent messages."""

    last: Message
    ago: int
    count: int = 0
    mine: Message | None = None
    theirs: Message | None = None
    words: set[str] = field(default_factory=set[str])
    authors: set[str] = field(default_factory=set[str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A ticket that the message may belong to."""

    ticket: Ticket
    figures: Figures


def links(situation: Situation, *, opening: float, answerable: float) -> tuple[Link, ...]:
    """Candidate tickets of `situation.message`, with the figures of each. `opening` and `answerable` are the other heads' scores of it."""
    message = situation.message
    recent = situation.recent[-LOOK_BACK:]
    reading = read(message.text)
    me, my_name = message.author.id, message.author.name.casefold()
    you = next(iter(spoken_to(message, recent)), None)
    people = people_by_name(recent) if you is not None else {}
    tickets = {ticket.id: ticket for ticket in situation.tickets}
    traces: dict[str, _Trace] = {}
    my_last: tuple[str | None, int] | None = None
    your_last: str | None = None
    seen_you = seen_pair = seen_to_me = False
    pair: str | None = None
    to_me: str | None = None
    for ago, earlier in enumerate(reversed(recent), 1):
        if message.sent_at - earlier.sent_at > WINDOW:
            break
        ticket_id = earlier.ticket_id if earlier.ticket_id in tickets else None
        who = earlier.author.id
        its = read(earlier.text)
        names_me = who != me and (its.prefix == my_name or my_name in its.at)
        if who == me and my_last is None:
            my_last = (ticket_id, ago)
        if who == you and not seen_you:
            seen_you, your_last = True, ticket_id
        if (
            you is not None
            and not seen_pair
            and ((who == you and names_me) or (who == me and people.get(its.prefix) == you))
        ):
            seen_pair, pair = True, ticket_id
        if names_me and not seen_to_me:
            seen_to_me, to_me = True, ticket_id
        if ticket_id is None:
            continue
        trace = traces.setdefault(ticket_id, _Trace(last=earlier, ago=ago))
        trace.count += 1
        trace.authors.add(who)
        trace.words |= its.words
        if who == me:
            trace.mine = trace.mine or earlier
        if who == you:
            trace.theirs = trace.theirs or earlier
    owned = sum(tickets[ticket_id].customer_id == me for ticket_id in traces)
    yours = sum(tickets[ticket_id].customer_id == you for ticket_id in traces)
    common = _Common(
        message=message,
        reading=reading,
        you=you,
        my_last=my_last,
        your_last=your_last,
        pair=pair,
        to_me=to_me,
        owned=owned,
        yours=yours,
        opening=opening,
        answerable=answerable,
    )
    return tuple(
        Link(ticket=tickets[ticket_id], figures=_figures(common, tickets[ticket_id], trace))
        for ticket_id, trace in traces.items()
        if trace.mine is not None or trace.theirs is not None or trace.ago <= NEAR
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Common:
    """What is the same for every candidate."""

    message: Message
    reading: Reading
    you: str | None
    my_last: tuple[str | None, int] | None
    """Ticket of the author's last message, and how many messages ago that was."""
    your_last: str | None
    pair: str | None
    to_me: str | None
    owned: int
    yours: int
    opening: float
    answerable: float


def _minutes(later: Message, earlier: Message | None) -> float:
    """log(1 + minutes) between two messages; 4 (nearly an hour) where there is no earlier one."""
    return (
        math.log1p(max(0.0, (later.sent_at - earlier.sent_at).total_seconds()) / 60.0) if earlier is not None else 4.0
    )


def _figures(common: _Common, ticket: Ticket, trace: _Trace) -> Figures:
    message, reading, you = common.message, common.reading, common.you
    mine = ticket.customer_id == message.author.id
    yours = you is not None and ticket.customer_id == you
    silent = you is None
    i_was_last_here = common.my_last is not None and common.my_last[0] == ticket.id
    you_were_last_here = you is not None and common.your_last == ticket.id
    overlap = len(reading.words & trace.words) / (1 + len(reading.words))
    since_mine = _minutes(message, trace.mine)
    odds = math.log((common.opening + 1e-6) / (1.0 - common.opening + 1e-6))
    figures: list[tuple[str, float]] = [
        ("my_ticket", mine),
        ("your_ticket", yours),
        ("i_wrote", trace.mine is not None),
        ("you_wrote", trace.theirs is not None),
        ("you_did_not_write", you is not None and trace.theirs is None),
        ("i_was_last_here", i_was_last_here),
        ("you_were_last_here", you_were_last_here),
        ("you_were_last_in_your_ticket", you_were_last_here and yours),
        ("we_talked_here", common.pair == ticket.id),
        ("somebody_named_me_here", silent and common.to_me == ticket.id),
        ("unnamed", silent),
        ("unnamed_in_my_ticket", silent and mine),
        ("unnamed_in_my_last", silent and i_was_last_here),
        ("unnamed_new_here", silent and trace.mine is None),
        ("unnamed_new_to_lone_opening", silent and trace.mine is None and trace.count == 1),
        ("named_in_my_ticket", you is not None and mine),
        ("both_wrote", trace.mine is not None and trace.theirs is not None),
        ("ended_with_me", trace.last.author.id == message.author.id),
        ("ended_with_question", read(trace.last.text).question),
        ("since_last", _minutes(message, trace.last)),
        ("since_mine", since_mine),
        ("since_mine_in_my_last", since_mine if i_was_last_here else 3.0),
        ("messages_ago", math.log1p(trace.ago)),
        ("age", math.log1p(max(0.0, (message.sent_at - ticket.opened_at).total_seconds()) / 60.0)),
        ("size_of_ticket", math.log1p(trace.count)),
        ("voices", len(trace.authors)),
        ("my_tickets", common.owned),
        ("only_my_ticket", mine and common.owned == 1),
        ("your_tickets", common.yours),
        ("only_your_ticket", yours and common.yours == 1),
        ("overlap", overlap),
        ("overlaps", overlap > 0),
        ("overlap_in_my_last", overlap if i_was_last_here else 0.0),
        ("overlap_unnamed", overlap if silent else 0.0),
        ("opening", common.opening),
        ("opening_odds", odds),
        ("opening_odds_in_my_last", odds if i_was_last_here else 0.0),
        ("answerable", common.answerable),
        ("size", math.log1p(reading.length)),
        ("question_in_my_ticket", reading.question and silent and mine),
        ("refers_back", reading.refers_back),
    ]
    return [(name, float(value)) for name, value in figures]
