"""The gate's view of a message as numbers: its own words, who spoke before it, to whom, how long ago. Strictly causal: only the message and
what stands before it. Which number weighs how much is in `gate`'s weights."""

import math
from dataclasses import dataclass

from vigil.assist.linear import Figures
from vigil.assist.reading import Reading, addressed, read
from vigil.domain.conversation import Message
from vigil.domain.ticket import Ticket

NEVER = 8.0
"""Stands for the gap to a message that there isn't: log(1 + minutes) of two days."""
AT_ONCE = 1.2
"""A gap of a little over two minutes, on the same scale: channel clocks often count whole minutes."""
LOOK_BACK = 100
"""Messages of a conversation that are looked back over: an hour or more of a busy channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateInput:
    """What the gate may look at."""

    message: Message
    recent: tuple[Message, ...] = ()
    """Messages before it, oldest first: the whole channel for a message that may open a ticket, the ticket's own for a follow-up."""
    ticket: Ticket | None = None
    """The ticket that it follows up; None where it may open one."""
    cosines: tuple[tuple[str, float], ...] = ()
    """Similarities by name, for gates that were trained with them."""


def _words(reading: Reading) -> Figures:
    r = reading
    size = math.log1p(r.length)
    asks = r.question
    return [
        ("question_mark", r.question_mark),
        ("ends_with_mark", r.ends_with_mark),
        ("wh", r.wh),
        ("auxiliary", r.auxiliary),
        ("wh_inside", r.wh_inside),
        ("how_to", r.how_to),
        ("anybody", r.anybody),
        ("help", r.help),
        ("problem", r.problem),
        ("first_person", r.first_person),
        ("starts_first_person", r.starts_first_person),
        ("second_person", r.second_person),
        ("advice", r.advice),
        ("refers_back", r.refers_back),
        ("other_subject", r.other_subject),
        ("greeting", r.greeting),
        ("greeting_only", r.greeting and r.length == 0),
        ("thanks", r.thanks),
        ("acknowledges", r.acknowledges),
        ("solved", r.solved),
        ("not_solved", r.not_solved),
        ("leads_in", r.leads_in),
        ("link", r.link),
        ("command", r.command),
        ("pasted", r.pasted),
        ("bot_call", r.bot_call),
        ("smile", r.smile),
        ("small_talk", r.small_talk),
        ("size", size),
        ("size_squared", size * size),
        ("short", r.length <= 3),
        ("content_words", math.log1p(len(r.words))),
        ("asks_and_size", size if asks else 0.0),
        ("asks_first_person", asks and r.first_person),
        ("asks_how", asks and r.how_to),
        ("asks_anybody", asks and r.anybody),
        ("asks_problem", asks and r.problem),
        ("problem_first_person", r.problem and r.first_person),
    ]


def _gap(seconds: float) -> float:
    return math.log1p(max(0.0, seconds) / 60.0)


def opening_features(given: GateInput) -> Figures:
    """A message in a channel that may open a ticket."""
    message = given.message
    recent = given.recent[-LOOK_BACK:]
    reading = read(message.text)
    me = message.author.id
    my_name = message.author.name.casefold()
    names = {m.author.name.casefold() for m in recent}
    names.discard(my_name)
    spoken_to = addressed(reading, names)
    mine = 0
    my_questions = 0
    my_addressing = 0
    my_last: Message | None = None
    my_last_at = 0
    addressed_me = 0
    addressed_me_ago = LOOK_BACK
    others_after: set[str] = set()
    total = len(recent)
    for position, earlier in enumerate(recent):
        ago = total - position
        its = read(earlier.text)
        if earlier.author.id == me:
            mine += 1
            my_last = earlier
            my_last_at = ago
            others_after.clear()
            to_somebody = its.prefix in names or (bool(its.at) and bool(addressed(its, names)))
            my_questions += its.question and not to_somebody
            my_addressing += to_somebody
        else:
            others_after.add(earlier.author.id)
            if its.prefix == my_name or my_name in its.at:
                addressed_me += 1
                addressed_me_ago = ago
    last = recent[-1] if recent else None
    new = my_last is None
    asks = reading.question
    talks = not spoken_to
    last_reading = read(my_last.text) if my_last else None
    gap_mine = _gap((message.sent_at - my_last.sent_at).total_seconds()) if my_last else NEVER
    gap = _gap((message.sent_at - last.sent_at).total_seconds()) if last else NEVER
    features = _words(reading)
    features += [
        ("addressed", bool(spoken_to)),
        ("prefix_unknown", bool(reading.prefix) and not spoken_to),
        ("names_somebody", not spoken_to and not names.isdisjoint(reading.words)),
        ("new", new),
        ("mine", math.log1p(mine)),
        ("gap_mine", gap_mine),
        ("gap", gap),
        ("ago", math.log1p(my_last_at) if my_last else math.log1p(LOOK_BACK)),
        ("burst", my_last_at == 1 and gap_mine < AT_ONCE),
        ("recent_self", 0 < my_last_at <= 5),
        ("helper", my_addressing / (mine + 1)),
        ("my_questions", my_questions / (mine + 1)),
        ("last_mine_question", last_reading is not None and last_reading.question),
        ("last_mine_greeting", last_reading is not None and last_reading.greeting and last_reading.length == 0),
        ("last_mine_addressed", last_reading is not None and last_reading.prefix in names),
        ("spoken_to", math.log1p(addressed_me)),
        ("spoken_to_since", my_last is not None and addressed_me_ago < my_last_at),
        ("spoken_to_ago", math.log1p(addressed_me_ago)),
        ("in_dialogue", addressed_me_ago <= 10),
        ("voices", math.log1p(len({m.author.id for m in recent[-20:]}))),
        ("voices_since", math.log1p(len(others_after))),
        ("new_asks", new and asks),
        ("new_problem", new and reading.problem),
        ("new_greets_more", new and reading.greeting and reading.length > 3),
        ("open_asks", talks and asks),
        ("open_mark", talks and reading.question_mark),
        ("open_wh", talks and reading.wh),
        ("open_size", math.log1p(reading.length) if talks else 0.0),
        ("open_problem_me", talks and reading.problem and reading.first_person),
        ("open_asks_size", math.log1p(reading.length) if talks and asks else 0.0),
        ("open_asks_gap", gap_mine if talks and asks else 0.0),
        ("open_asks_dialogue", talks and asks and addressed_me_ago <= 10),
        ("open_asks_burst", talks and asks and my_last_at == 1),
        ("open_asks_helper", my_addressing / (mine + 1) if talks and asks else 0.0),
        ("open_asks_again", talks and asks and last_reading is not None and last_reading.question),
        ("open_long_new", talks and new and reading.length > 8),
    ]
    return [(name, float(value)) for name, value in features]


def follow_up_features(given: GateInput) -> Figures:
    """A message of the customer inside a ticket; `given.recent` holds the ticket's messages."""
    message = given.message
    recent = given.recent[-LOOK_BACK:]
    reading = read(message.text)
    me = message.author.id
    my_name = message.author.name.casefold()
    others = [m for m in recent if m.author.id != me]
    names = {m.author.name.casefold() for m in others}
    last = recent[-1] if recent else None
    theirs = others[-1] if others else None
    its = read(theirs.text) if theirs else None
    mine_since = 0
    asked_since = False
    said_since = 0
    for earlier in reversed(recent):
        if earlier.author.id != me:
            break
        mine_since += 1
        earlier_reading = read(earlier.text)
        asked_since = asked_since or earlier_reading.question
        said_since += earlier_reading.length
    mine = [m for m in recent if m.author.id == me]
    spoken_to = addressed(reading, names)
    open_question = its is not None and its.question
    gap = _gap((message.sent_at - last.sent_at).total_seconds()) if last else NEVER
    gap_theirs = _gap((message.sent_at - theirs.sent_at).total_seconds()) if theirs else NEVER
    asks = reading.question
    after_them = mine_since == 0 and theirs is not None
    features = _words(reading)
    features += [
        ("addressed", bool(spoken_to)),
        ("addressed_last", theirs is not None and theirs.author.name.casefold() in spoken_to),
        ("prefix_unknown", bool(reading.prefix) and not spoken_to),
        ("unjoined", theirs is None),
        ("after_them", after_them),
        ("mine_since", math.log1p(mine_since)),
        ("said_since", math.log1p(said_since)),
        ("asked_since", asked_since),
        ("they_asked", open_question),
        ("they_advised", its is not None and its.advice),
        ("they_linked", its is not None and (its.link or its.command)),
        ("they_named_me", its is not None and its.prefix == my_name),
        ("they_small_talk", its is not None and its.small_talk),
        ("their_size", math.log1p(its.length) if its else 0.0),
        ("their_share", len(others) / (len(recent) + 1)),
        ("voices", len(names)),
        ("position", math.log1p(len(recent))),
        ("mine", math.log1p(len(mine))),
        ("gap", gap),
        ("gap_theirs", gap_theirs),
        ("asks_after_them", asks and after_them),
        ("answers_them", open_question and after_them and not asks),
        ("answers_long", math.log1p(reading.length) if open_question and after_them else 0.0),
        ("size_after_them", math.log1p(reading.length) if after_them else 0.0),
        ("problem_after_them", reading.problem and after_them),
        ("asks_addressed", asks and bool(spoken_to)),
        ("size_addressed", math.log1p(reading.length) if spoken_to else 0.0),
        ("thanks_after_them", reading.thanks and after_them),
        ("acknowledges_after_them", reading.acknowledges and after_them),
        ("asks_refers", asks and reading.refers_back),
        ("overlap_theirs", len(reading.words & its.words) / (1 + len(reading.words)) if its else 0.0),
    ]
    return [(name, float(value)) for name, value in features]
