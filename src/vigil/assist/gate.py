"""Is anybody asking something here that Vigil could know? Plain rules first, each with its reason, then a trained score; never a model
call. What to ask is `rewrite`'s, who may see the answer is `trust.policy`'s."""

from dataclasses import dataclass, replace

from vigil.assist.hearing import Hearing, Opening
from vigil.assist.people import Turn
from vigil.assist.situation import Situation
from vigil.assist.thread import Placement
from vigil.domain.conversation import ConversationKind, Message, Role
from vigil.domain.decision import Reason
from vigil.domain.parts import part_of
from vigil.domain.ticket import OVER, Ticket
from vigil.guard.sanitise import has_words
from vigil.language.reading import Reading, read


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the gate says of a turn."""

    passes: bool
    """Go on and find an answer."""
    reason: Reason
    """Why not; ADDRESSED or ANSWERED where it passes."""
    note: str
    """In words for a person: no customer's words."""
    addressed: bool = False
    """Vigil itself is asked."""
    greets: bool = False
    """Vigil itself is greeted and nothing is asked: worth a word, not a search."""
    wants_human: bool = False
    reopens: bool = False
    """The ticket was over, and this brings it back."""
    retracts: bool = False
    """The author says that it is settled: what waits to be sent for this turn isn't wanted any more."""
    to_colleague: bool = False
    """The customer speaks to a human who helps in this ticket."""
    score: float | None = None
    threshold: float | None = None


async def judge(
    situation: Situation, placement: Placement, turn: Turn, opening: Opening, hearing: Hearing, max_message_chars: int
) -> Judgement:
    """Rule on the turn that ends with `situation.message`; `opening` is what was heard of it in its channel."""
    ticket, kind = placement.ticket, situation.conversation.kind
    if (barred := _barred(situation, ticket, max_message_chars)) is not None:
        return barred
    fresh = _fresh(turn, situation)
    part = part_of(situation.message, ticket, kind)
    by_customer = part is Role.CUSTOMER or (placement.opens and part is Role.BYSTANDER)
    if kind is ConversationKind.PRIVATE or any(m.mentions_vigil for m in fresh):
        return _asked(_readings(fresh), by_customer=by_customer, over=ticket is not None and ticket.state in OVER)
    if part is Role.ANALYST:
        return _no(Reason.ANALYST_AT_WORK, "a colleague is helping, and asks nothing of Vigil")
    colleague, stranger = _whom(situation, ticket, placement)
    unassigned = ticket is None and not placement.opens
    if stranger or (unassigned and colleague):
        return _no(Reason.ADDRESSED_TO_OTHERS, "it speaks to somebody else")
    if unassigned:
        return _no(Reason.UNASSIGNED, placement.note)
    if (settled := _settled(_readings(fresh), turn, ticket, kind, by_customer=by_customer)) is not None:
        return replace(settled, to_colleague=colleague)
    scored = await _scored(situation, placement, turn, fresh, opening, hearing)
    return replace(scored, to_colleague=colleague, reopens=by_customer and ticket is not None and ticket.state in OVER)


def _readings(messages: tuple[Message, ...]) -> tuple[Reading, ...]:
    return tuple(read(message.text) for message in messages)


def _settled(
    readings: tuple[Reading, ...], turn: Turn, ticket: Ticket | None, kind: ConversationKind, *, by_customer: bool
) -> Judgement | None:
    """What needs no score, because the words alone say enough; None where they don't."""
    last = readings[-1]
    over = ticket is not None and ticket.state in OVER
    asks = any(reading.question or reading.problem for reading in readings)
    content = last.solved and not (last.question or last.problem or last.not_solved)
    if content or all(reading.small_talk for reading in readings):
        if over:
            return _no(Reason.TICKET_OVER, "the ticket is over, and nothing new is asked")
        return _no(Reason.NOT_A_QUESTION, "thanks, a greeting or a yes: nothing to answer", retracts=content)
    if not by_customer and not any(reading.question for reading in readings):
        return _no(Reason.NOT_A_QUESTION, "nobody of this ticket wrote it, and it doesn't ask anything")
    if by_customer and (why := _wants_human(readings, turn, kind)):
        return Judgement(passes=True, reason=Reason.ANSWERED, note=why, wants_human=True, reopens=over)
    if over and not asks and not any(reading.not_solved for reading in readings):
        return _no(Reason.TICKET_OVER, "the ticket is over, and nothing new is asked")
    if kind is ConversationKind.ROOM and _is_opening(turn):
        return Judgement(
            passes=True, reason=Reason.ANSWERED, note="the first words of a ticket", reopens=over and by_customer
        )
    if kind is ConversationKind.CHANNEL and ticket is not None and not asks:
        return _no(Reason.NOT_A_QUESTION, "in a shared channel, only a question or a problem is taken up")
    return None


def _no(reason: Reason, note: str, *, retracts: bool = False) -> Judgement:
    return Judgement(passes=False, reason=reason, note=note, retracts=retracts)


def _barred(situation: Situation, ticket: Ticket | None, max_message_chars: int) -> Judgement | None:
    """What is silent whatever it says, a call to Vigil included."""
    message = situation.message
    if message.by_vigil:
        return _no(Reason.OWN_MESSAGE, "Vigil wrote this itself")
    if message.author.role is Role.BOT:
        return _no(Reason.BOT_MESSAGE, "a bot wrote this, and two bots never talk to each other")
    if message.deleted_at is not None:
        return _no(Reason.DELETED, "its author took it back")
    if len(message.text) > max_message_chars:
        return _no(Reason.UNREADABLE, f"longer than {max_message_chars} characters")
    if not has_words(read(message.text).text):
        return _no(Reason.UNREADABLE, "no words in it")
    if situation.conversation.muted or (ticket is not None and ticket.muted):
        return _no(Reason.MUTED, "Vigil is muted here")
    if situation.workspace.silenced:
        return _no(Reason.SWITCHED_OFF, "Vigil is switched off in this workspace")
    if situation.conversation.channel in situation.workspace.silent_on:
        return _no(Reason.SWITCHED_OFF, "Vigil is switched off on this channel")
    if situation.turn_continues:
        return _no(
            Reason.TURN_CONTINUES, "its author writes on; the last message of the burst is decided for all of it"
        )
    return None


def _fresh(turn: Turn, situation: Situation) -> tuple[Message, ...]:
    """The turn's messages after the last one that Vigil already had an answer to; the last one always."""
    had = {said.message_id for said in situation.said if not said.withdrawn}
    start = 0
    for position, message in enumerate(turn.messages[:-1]):
        if message.id in had:
            start = position + 1
    return turn.messages[start:]


def _asked(readings: tuple[Reading, ...], *, by_customer: bool, over: bool) -> Judgement:
    """Vigil itself is spoken to: a question is always taken up, a greeting greeted, and thanks need no answer."""
    wants_human = by_customer and any(reading.wants_human or reading.furious for reading in readings)
    if any(not reading.small_talk for reading in readings):
        passed = Judgement(
            passes=True, reason=Reason.ADDRESSED, note="Vigil itself is asked", addressed=True, wants_human=wants_human
        )
        return replace(passed, reopens=over and by_customer)
    if any(reading.greeting for reading in readings) and not any(
        reading.thanks or reading.solved for reading in readings
    ):
        return Judgement(
            passes=True, reason=Reason.ADDRESSED, note="Vigil itself is greeted", addressed=True, greets=True
        )
    return _no(Reason.NOT_A_QUESTION, "thanks or a yes to Vigil: nothing to answer")


def _whom(situation: Situation, ticket: Ticket | None, placement: Placement) -> tuple[bool, bool]:
    """Whether it speaks to a human who helps in this ticket, and whether it speaks to anybody else."""
    if not placement.to:
        reading = read(situation.message.text)
        return False, reading.text.startswith("@") and reading.at[:1] not in ((), ("vigil",))
    helping = {
        m.author.id
        for m in situation.recent
        if (
            situation.conversation.kind is not ConversationKind.CHANNEL
            or (ticket is not None and m.ticket_id == ticket.id)
        )
        and part_of(m, ticket, situation.conversation.kind) is Role.ANALYST
    }
    return any(person in helping for person in placement.to), not all(person in helping for person in placement.to)


def _wants_human(readings: tuple[Reading, ...], turn: Turn, kind: ConversationKind) -> str:
    """Why a person is wanted, empty where none is. Strong words alone are cheap in a shared channel and don't count there."""
    if any(reading.wants_human for reading in readings):
        return "the customer asks for a person"
    if kind is not ConversationKind.CHANNEL and any(reading.furious for reading in readings):
        return "the customer is at the end of their patience"
    if turn.history and turn.history[-1].by_vigil and any(reading.not_solved for reading in readings):
        return "the customer says that Vigil's answer was no help"
    return ""


def _is_opening(turn: Turn) -> bool:
    """Nothing but this turn, and perhaps greetings before it, has come from the customer so far."""
    return not any(m.author.id == turn.messages[-1].author.id and not read(m.text).small_talk for m in turn.history)


async def _scored(
    situation: Situation,
    placement: Placement,
    turn: Turn,
    fresh: tuple[Message, ...],
    opening: Opening,
    hearing: Hearing,
) -> Judgement:
    """The best score of the turn's messages, each heard in its own place, against its bar."""
    bar = hearing.bars.answerable if placement.ticket is None else hearing.bars.follow_up
    lines = situation.recent if placement.ticket is None else (*turn.history, *turn.messages[:-1])
    score = opening.answerable if placement.ticket is None else 0.0
    for message in fresh:
        before = tuple(earlier for earlier in lines if earlier.seq < message.seq)
        if placement.ticket is not None:
            score = max(score, await hearing.follow_up(message, before))
        elif message is not situation.message:
            score = max(score, (await hearing.opening(message, before)).answerable)
    if score < bar:
        note = "it doesn't read like something that wants an answer"
        return Judgement(passes=False, reason=Reason.NOT_A_QUESTION, note=note, score=score, threshold=bar)
    note = "it reads like something that wants an answer"
    return Judgement(passes=True, reason=Reason.ANSWERED, note=note, score=score, threshold=bar)
