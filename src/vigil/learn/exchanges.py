"""A ticket as exchanges: what a customer asked, what analysts said to it, how the customer took it. Names and whatever is personal are
taken out here, before anything else looks at the words; which of the sayings is the answer is `distil`'s."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from vigil.domain.conversation import Message, Role
from vigil.domain.ticket import Ticket
from vigil.guard.redact import Vault
from vigil.knowledge.words import words
from vigil.language.reading import Reading, read
from vigil.language.sentences import sentences_of
from vigil.learn.lesson import Ended
from vigil.learn.signs import Sign, calls_bot, sign

BURST = timedelta(minutes=5)
"""Messages that one person writes within this, with no customer between, are one saying: people break their sentences into lines."""
SHARED = 0.2
"""Share of its words that a new question has at most in common with what was asked before; more is the same question, asked again."""
LEAST_WORDS = 3
"""Words that say what it is about, in a further question; with fewer it is a remark on the one before."""

_SPOKEN_TO = re.compile(
    r"^\s*@?(?:(?:dear|mrs?|ms|dr|frau|herr|mme)\.?\s+)*<PERSON_\d+>(?:\s*[:,;>!]+|\s+-+(?=\s)|\s+here[,.]|(?=\s))\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message, made fit to keep."""

    message: Message
    part: Role
    reading: Reading
    """Of the words as they were written."""
    sentences: tuple[str, ...]
    """Redacted, without greeting, thanks and whom it speaks to."""

    @property
    def topic_words(self) -> frozenset[str]:
        return frozenset(word for sentence in self.sentences for word in words(sentence))


@dataclass(slots=True)
class Saying:
    """What one analyst said in one go."""

    parts: list[Said]
    reactions: list[Said] = field(default_factory=list[Said])
    """What a customer said next, up to the next saying."""

    @property
    def signs(self) -> list[tuple[str, Sign]]:
        return [(sentence, sign(sentence)) for part in self.parts for sentence in part.sentences]


@dataclass(slots=True)
class Exchange:
    """One question and what was said to it."""

    asked: list[Said]
    sayings: list[Saying] = field(default_factory=list[Saying])

    @property
    def settled(self) -> bool:
        """The customer said that it works."""
        return any(helped(reaction.reading) for saying in self.sayings for reaction in saying.reactions)


def helped(reading: Reading) -> bool:
    """Says that it works now, and not that it still doesn't."""
    return reading.solved and not reading.not_solved


def exchanges_of(ended: Ended) -> list[Exchange]:
    """The ticket's exchanges in order. Vigil, bots, bystanders and whoever only looks like an analyst say nothing in them."""
    found: list[Exchange] = []
    for said in readable(ended):
        if said.part is Role.CUSTOMER:
            _customer(found, said)
        elif found and not calls_bot(said.message.text):
            _analyst(found, said)
    return found


def part_in(message: Message, ticket: Ticket) -> Role:
    """Whose word it is: by the verified role, never by the name. A ticket's customer is no analyst of it, whoever they are elsewhere."""
    if message.by_vigil:
        return Role.BOT
    return Role.CUSTOMER if message.author.id == ticket.customer_id else message.author.role


def readable(ended: Ended) -> list[Said]:
    """What customers and verified analysts said, made fit to keep."""
    vault = Vault(sorted({message.author.name for message in ended.messages if not message.by_vigil}))
    found: list[Said] = []
    for message in ended.messages:
        part = part_in(message, ended.ticket)
        if message.deleted_at is not None or part not in (Role.CUSTOMER, Role.ANALYST):
            continue
        clean = _SPOKEN_TO.sub("", vault.redact(message.text))
        sentences = tuple(_without_names(sentence) for sentence in sentences_of(clean))
        found.append(
            Said(message=message, part=part, reading=read(message.text), sentences=tuple(filter(None, sentences)))
        )
    return found


def _without_names(sentence: str) -> str:
    """Without whom it speaks to: "Ms Novak, Tom here." says nothing that anybody else needs."""
    while (shorter := _SPOKEN_TO.sub("", sentence)) != sentence:
        sentence = shorter
    return sentence


def _customer(found: list[Exchange], said: Said) -> None:
    current = found[-1] if found else None
    if current is None or _opens(said, current):
        if current is not None and helped(said.reading):
            current.sayings[-1].reactions.append(said)  # "works now, and another thing": a word on both
        if said.sentences and (current is None or said.reading.informative):
            found.append(Exchange(asked=[said]))
        return
    if current.sayings:
        current.sayings[-1].reactions.append(said)
    else:
        current.asked.append(said)


def _opens(said: Said, current: Exchange) -> bool:
    """Whether a customer's message asks something else."""
    reading = said.reading
    if not current.sayings or not reading.informative or not (reading.question or reading.problem):
        return False
    if reading.other_subject:
        return True
    if len(reading.words) < LEAST_WORDS or reading.not_solved:
        return False
    new = said.topic_words
    before = frozenset(word for asked in current.asked for word in asked.topic_words)
    told = frozenset(word for saying in current.sayings for part in saying.parts for word in part.topic_words)
    shared = len(new & (before | told)) / max(1, len(new))
    return shared <= SHARED and (current.settled or reading.question)


def _analyst(found: list[Exchange], said: Said) -> None:
    current = _answered(found, said)
    last = current.sayings[-1] if current.sayings else None
    if (
        last is not None
        and not last.reactions
        and last.parts[-1].message.author.id == said.message.author.id
        and said.message.sent_at - last.parts[-1].message.sent_at <= BURST
    ):
        last.parts.append(said)
    else:
        current.sayings.append(Saying(parts=[said]))


def _answered(found: Sequence[Exchange], said: Said) -> Exchange:
    """The exchange that a saying belongs to: the one whose message it replies to, else the latest."""
    replies = set(said.message.reply_to)
    for exchange in reversed(found):
        if replies & {asked.message.external_id for asked in exchange.asked}:
            return exchange
    return found[-1]
