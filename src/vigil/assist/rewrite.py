"""The ticket so far and this turn become one question that stands alone, or up to three. No model: the customer's own last words, without
greetings, names and thanks; error messages and commands stay as they are."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from vigil.assist.people import Turn
from vigil.assist.situation import Situation
from vigil.domain.conversation import Message, Role
from vigil.domain.knowledge import Scope
from vigil.domain.parts import part_of
from vigil.domain.ticket import Ticket
from vigil.guard.sanitise import one_line
from vigil.knowledge.finding import Question
from vigil.language.people import people_by_name
from vigil.language.reading import Reading, read
from vigil.language.sentences import sentences_of

LAST_MESSAGES = 4
"""Messages of the customer that make one question: the ticket's opening and the last ones. On `factoid_dev` the last one to four together
beat any weighting; on the demo's desk the opening brings the right page to the top for 4 in 5 follow-ups, for 2 in 3 without it."""
REACH = timedelta(minutes=15)
"""How far back the last ones may lie: the window that `factoid_dev` was made with."""
MOST_QUESTIONS = 3
"""Questions that are asked for one turn; each costs a search, and where a model is set, a call."""
LONGEST = 1200
"""Characters of one question: what the embedder reads (256 tokens), with a margin."""
LINES = 8
"""Lines of the conversation that go along as context."""
LINE = 240
"""Characters of one such line."""


def rewrite(situation: Situation, ticket: Ticket | None, turn: Turn, *, audience: str) -> tuple[Question, ...]:
    """The questions of a turn; none where neither it nor the ticket says anything that could be asked.

    `audience` is ``public`` where the answer may come before a customer, else ``internal``.
    """
    kind = situation.conversation.kind
    names = tuple(sorted({m.author.name for m in (*situation.recent, situation.message) if not m.by_vigil}))
    scope = Scope(
        product=ticket.product if ticket else None, audience=audience, language=ticket.language if ticket else None
    )
    context = tuple(
        f"{'vigil' if m.by_vigil else part_of(m, ticket, kind).value}: {one_line(m.text, LINE)}"
        for m in (*turn.history, *turn.messages)[-LINES:]
    )

    def question(text: str) -> Question:
        return Question(text=_shortened(text), context=context, names=names, scope=scope)

    people = frozenset(people_by_name((*situation.recent, situation.message)))
    sentences = [sentence for m in turn.messages for sentence in sentences_of(m.text, people)]
    asked = _separate_questions(sentences)
    if len(asked) > 1:
        around = " ".join(sentence for sentence in sentences if not sentence.endswith(("?", "？")))
        return tuple(question(f"{around} {one}".strip()) for one in asked)
    before = _before(situation, ticket, turn, " ".join(sentences), people)
    text = "\n".join([*before, " ".join(sentences)]).strip()
    return (question(text),) if text else ()


def _separate_questions(sentences: list[str]) -> list[str]:
    """Clear questions about different things, at most three; one or none where they belong together."""
    asked: list[tuple[str, Reading]] = []
    for sentence in sentences:
        reading = read(sentence)
        if not reading.ends_with_mark or len(reading.words) < 2:
            continue
        if any(2 * len(reading.words & other.words) >= min(len(reading.words), len(other.words)) for _, other in asked):
            return []
        if asked and reading.refers_back and len(reading.words) < 4:
            return []
        asked.append((sentence, reading))
    return [sentence for sentence, _ in asked[:MOST_QUESTIONS]]


def _before(situation: Situation, ticket: Ticket | None, turn: Turn, own: str, people: frozenset[str]) -> list[str]:
    """What the customer said before and this turn still stands on: how the ticket opened, and what came shortly before. Where that is all
    settled and the turn says too little by itself, what they said last."""
    reading = read(own)
    first = turn.messages[0]
    kind = situation.conversation.kind

    def asks_too(message: Message) -> bool:
        if ticket is None:
            return message.author.id == first.author.id
        return part_of(message, ticket, kind) is Role.CUSTOMER

    theirs = [m for m in turn.history if asks_too(m) and not m.by_vigil and read(m.text).informative]
    chosen: list[Message] = []
    if asks_too(first) and not reading.other_subject:
        settled = _settled_at(situation, ticket, turn, theirs)
        since = [m for m in theirs if settled is None or m.sent_at > settled]
        near = [m for m in since[1:] if first.sent_at - m.sent_at <= REACH]
        room = max(0, LAST_MESSAGES - len(turn.messages) - 1)
        chosen = since[:1] + near[len(near) - min(room, len(near)) :]
    if not chosen and (reading.refers_back or not reading.informative):
        chosen = [m for m in theirs if not read(m.text).solved][-1:]
    lines = (" ".join(sentences_of(m.text, people)) for m in chosen)
    return [line for line in lines if line]


def _settled_at(situation: Situation, ticket: Ticket | None, turn: Turn, theirs: Iterable[Message]) -> datetime | None:
    """Up to when what was said is done with: Vigil answered it, the customer said that it works, or the ticket was over."""
    heard = {said.message_id for said in situation.said if not said.withdrawn}
    times = [m.sent_at for m in theirs if m.id in heard]
    times += [m.sent_at for m in turn.history if m.by_vigil or read(m.text).solved]
    if ticket is not None and ticket.resolved_at is not None:
        times.append(ticket.resolved_at)
    return max(times, default=None)


def _shortened(text: str) -> str:
    """The end counts most, for that is what was asked last; of one long text, its beginning too."""
    if len(text) <= LONGEST:
        return text
    half = LONGEST // 2
    return f"{text[:half].rsplit(' ', 1)[0]} … {text[-half:].split(' ', 1)[-1]}"
