"""A ticket's progress, one message further: a pure function of how it stood and what was said. It never looks at earlier messages, so that
a message costs the same in a ticket of ten and of a thousand."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from vigil.domain.conversation import Message, Role
from vigil.domain.progress import (
    OVER,
    Fact,
    FactKind,
    Noted,
    Progress,
    Question,
    Result,
    Return,
    Standing,
    Turn,
)
from vigil.language.reading import Reading, read
from vigil.track.acts import AnalystAct, CustomerAct, analyst_act, customer_act, mood_of
from vigil.track.facts import facts_in, shown
from vigil.track.heard import Heard
from vigil.track.judging import START, Judge, Judged, row_of, shipped
from vigil.track.keeping import let_go, promised

T = TypeVar("T")

BURST = timedelta(minutes=2)
"""Messages that a customer writes within this, with nobody between, are one question: people break their sentences into lines."""
MOMENT = timedelta(microseconds=1)
"""What two messages are apart at least: the smallest step of an instant."""
KEPT = 12
"""What is over and still shown, of each kind: a panel that is longer isn't read. What is open is kept, up to `MOST`."""
MOST = 40
"""Of each kind, whatever its state: a row stays small whoever writes."""


def advance(
    progress: Progress | None, message: Message, heard: Heard, *, ticket_id: str, judge: Judge | None = None
) -> Progress:
    """How the ticket stands after `message`. None is a ticket of which nothing was read yet; a message that is in it already, deleted, or
    by Vigil or another bot moves nothing but the place. `judge` has the last word on open questions and turn; by default what ships."""
    before = progress or Progress(ticket_id=ticket_id, seq=0)
    if message.seq <= before.seq:
        return before
    message = _in_order(before, message)
    if message.deleted_at is not None or heard.part not in (Role.CUSTOMER, Role.ANALYST):
        return replace(before, seq=message.seq)
    reading = read(message.text)
    if heard.part is Role.CUSTOMER:
        after = _customer(before, message, reading, customer_act(reading, before))
    elif heard.to_others:
        return replace(before, seq=message.seq, analyst_wrote_at=message.sent_at, last_by=heard.part)
    else:
        act = analyst_act(reading, before, directed=heard.to_customer or before.last_by is Role.CUSTOMER)
        after = _analyst(before, message, act, to_customer=heard.to_customer)
    judged = (judge or shipped())(row_of(reading, before, heard), heard.part, before.chances or START)
    after = _judged(before, after, message, heard.part, judged)
    after = promised(before, after, message, heard)
    after = _known(after, message, heard.part)
    return replace(
        after,
        seq=message.seq,
        last_by=heard.part,
        chances=judged.chances,
        questions=_kept(after.questions, lambda question: question.open),
        promises=_kept(after.promises, lambda promise: promise.open),
        next_step=_next_step(after),
    )


def _in_order(before: Progress, message: Message) -> Message:
    """The message, a moment after the one before it where its channel's clock says otherwise: some tell only minutes, and what is planned
    has to know who wrote last."""
    last = max(filter(None, (before.customer_wrote_at, before.analyst_wrote_at)), default=None)
    if last is None or message.sent_at > last:
        return message
    return replace(message, sent_at=last + MOMENT)


def _noted(message: Message) -> Noted:
    return Noted(text=shown(message.text), message_id=message.id, at=message.sent_at)


def _turn(progress: Progress, turn: Turn, message: Message) -> Progress:
    if progress.turn is turn and progress.turn_since is not None:
        return progress
    return replace(progress, turn=turn, turn_in=message.id, turn_since=message.sent_at)


def _stands(progress: Progress, standing: Standing, message: Message) -> Progress:
    if progress.standing is standing:
        return progress
    return replace(progress, standing=standing, standing_in=message.id, standing_since=message.sent_at)


def _answered(progress: Progress, role: Role, message: Message) -> Progress:
    """All open questions of one side are dealt with."""
    return replace(
        progress,
        questions=tuple(
            replace(each, answered_in=message.id, answered_at=message.sent_at)
            if each.open and each.role is role
            else each
            for each in progress.questions
        ),
    )


def _asked(progress: Progress, role: Role, message: Message) -> Progress:
    question = Question(
        asked_by=message.author.id, role=role, text=shown(message.text), message_id=message.id, at=message.sent_at
    )
    return replace(progress, questions=(*progress.questions, question))


def _customer(before: Progress, message: Message, reading: Reading, act: CustomerAct) -> Progress:
    last = before.customer_wrote_at
    follows_self = before.last_by is Role.CUSTOMER
    mine = [question for question in before.questions if question.role is Role.CUSTOMER]
    open_before = any(question.open for question in mine)
    asked_back = any(question.open and question.role is Role.ANALYST for question in before.questions)
    after = replace(before, customer_wrote_at=message.sent_at)
    if act in (CustomerAct.ASKS, CustomerAct.FAILS):
        after = _returned(after, message)
        in_burst = open_before and follows_self and last is not None and message.sent_at - last <= BURST
        if not in_burst:
            after = _asked(after, Role.CUSTOMER, message)
        if asked_back:
            after = _answered(after, Role.ANALYST, message)
        after = _failed(after, message) if act is CustomerAct.FAILS else after
        wants = after.wants or _noted(message)
        return _turn(_stands(replace(after, wants=wants), Standing.OPEN, message), Turn.ANALYST, message)
    if act is CustomerAct.SETTLES:
        after = _helped(_answered(_answered(after, Role.CUSTOMER, message), Role.ANALYST, message), message)
        return _turn(_stands(let_go(after, message), Standing.CONFIRMED, message), Turn.NOBODY, message)
    if act is CustomerAct.ACCEPTS:
        after = _answered(after, Role.ANALYST, message)
        standing = after.standing if after.standing is Standing.CONFIRMED else Standing.LOOKS_RESOLVED
        return _turn(_stands(after, standing, message), Turn.NOBODY, message)
    if act is CustomerAct.GIVES_UP:
        after = _answered(_answered(after, Role.CUSTOMER, message), Role.ANALYST, message)
        return _turn(_stands(after, Standing.OPEN, message), Turn.NOBODY, message)
    if act is CustomerAct.TRIES:
        if reading.thanks and not open_before and mine:
            after = _stands(after, Standing.LOOKS_RESOLVED, message)
        return _turn(after, Turn.CUSTOMER, message)
    shows = reading.link or reading.pasted
    if act is CustomerAct.TELLS and (asked_back or shows or (open_before and before.turn is Turn.CUSTOMER)):
        return _turn(_answered(after, Role.ANALYST, message), Turn.ANALYST, message)
    return after


def _analyst(before: Progress, message: Message, act: AnalystAct, *, to_customer: bool) -> Progress:
    directed = to_customer or before.last_by is Role.CUSTOMER
    after = replace(before, analyst_wrote_at=message.sent_at)
    waiting = any(question.open and question.role is Role.CUSTOMER for question in before.questions)
    if act is AnalystAct.ASKS:
        after = _asked(after, Role.ANALYST, message)
        return _turn(after, Turn.CUSTOMER, message) if before.questions or directed else after
    if act is AnalystAct.ANSWERS:
        if waiting:
            after = _stands(_answered(after, Role.CUSTOMER, message), Standing.FIX_ANNOUNCED, message)
        if waiting or to_customer or before.standing is Standing.FIX_ANNOUNCED:
            return _turn(replace(after, fix=_noted(message)), Turn.CUSTOMER, message)
    return after


def _judged(before: Progress, after: Progress, message: Message, part: Role, judged: Judged) -> Progress:
    """What the rules made of a message, as the judge has it."""
    was_open = {each.message_id for each in before.open_questions if each.role is Role.CUSTOMER}
    is_open = any(each.role is Role.CUSTOMER for each in after.open_questions)
    if judged.open and not is_open and was_open:
        again = tuple(
            replace(each, answered_in=None, answered_at=None) if each.message_id in was_open else each
            for each in after.questions
        )
        after = _stands(replace(after, questions=again, fix=before.fix), Standing.OPEN, message)
    elif judged.open and not is_open and part is Role.CUSTOMER:
        after = _stands(_asked(_returned(after, message), Role.CUSTOMER, message), Standing.OPEN, message)
        after = replace(after, wants=after.wants or _noted(message))
    elif is_open and not judged.open and part is Role.ANALYST:
        after = _answered(replace(after, fix=_noted(message)), Role.CUSTOMER, message)
        after = _stands(after, Standing.FIX_ANNOUNCED, message)
    elif is_open and not judged.open:
        kept = tuple(each for each in after.questions if each.message_id != message.id or each.role is part)
        after = _answered(replace(after, questions=kept, returns=before.returns), Role.CUSTOMER, message)
    return _turn(after, judged.turn, message)


def _returned(progress: Progress, message: Message) -> Progress:
    """A customer who writes on after it was over comes back."""
    if progress.standing not in OVER or progress.standing_since is None:
        return progress
    if message.sent_at - progress.standing_since <= BURST:
        return progress
    back = Return(message_id=message.id, at=message.sent_at, last_time=progress.fix)
    return replace(progress, returns=(*progress.returns, back)[-KEPT:])


def _failed(progress: Progress, message: Message) -> Progress:
    """What an analyst last said to help didn't."""
    return _came_of_it(progress, Result.FAILED, message)


def _helped(progress: Progress, message: Message) -> Progress:
    return _came_of_it(progress, Result.HELPED, message)


def _came_of_it(progress: Progress, result: Result, message: Message) -> Progress:
    facts = list(progress.facts)
    for place in range(len(facts) - 1, -1, -1):
        fact = facts[place]
        if fact.kind is FactKind.TRIED:
            if fact.result is Result.UNKNOWN:
                facts[place] = replace(fact, result=result, result_in=message.id)
            break
    fix = progress.fix
    if fix is not None and progress.standing is Standing.FIX_ANNOUNCED:
        known = any(fact.kind is FactKind.TRIED and fact.message_id == fix.message_id for fact in facts)
        if not known:
            facts.append(
                Fact(
                    kind=FactKind.TRIED,
                    text=fix.text,
                    message_id=fix.message_id,
                    at=fix.at,
                    role=Role.ANALYST,
                    result=result,
                    result_in=message.id,
                )
            )
    return replace(progress, facts=tuple(facts))


def _known(progress: Progress, message: Message, part: Role) -> Progress:
    """What the message tells about the problem, and how the customer sounds."""
    if part is not Role.CUSTOMER:
        return progress
    known = {(fact.kind, fact.text.casefold()) for fact in progress.facts}
    new = tuple(
        Fact(
            kind=told.kind,
            text=told.text,
            message_id=message.id,
            at=message.sent_at,
            role=part,
            result=told.result,
            result_in=None if told.result is Result.UNKNOWN else message.id,
        )
        for told in facts_in(message.text)
        if (told.kind, told.text.casefold()) not in known
    )
    mood = mood_of(message.text)
    progress = replace(progress, facts=(*progress.facts, *new)[-MOST:])
    return progress if mood is None else replace(progress, mood=mood, mood_in=message.id)


def _kept(items: tuple[T, ...], is_open: Callable[[T], bool]) -> tuple[T, ...]:
    """What is open, and the latest of what is over, in their order."""
    over = [place for place, item in enumerate(items) if not is_open(item)]
    gone = set(over[: max(0, len(over) - KEPT)])
    return tuple(item for place, item in enumerate(items) if place not in gone)[-MOST:]


def _next_step(progress: Progress) -> Noted | None:
    """The promise that is due first, else what the side whose turn it is was last asked or told."""
    promises = sorted(progress.open_promises, key=lambda each: (each.due is None, each.due or each.made_at))
    if promises:
        return Noted(text=promises[0].text, message_id=promises[0].message_id, at=promises[0].made_at)
    if progress.turn is Turn.NOBODY:
        return None
    other = Role.ANALYST if progress.turn is Turn.CUSTOMER else Role.CUSTOMER
    asked = [question for question in progress.open_questions if question.role is other]
    if asked:
        return Noted(text=asked[-1].text, message_id=asked[-1].message_id, at=asked[-1].at)
    return progress.fix if progress.turn is Turn.CUSTOMER else None
