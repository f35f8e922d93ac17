"""A ticket as exchanges: what a customer asked, what analysts said to it, how the customer took it. Names and whatever is personal are
taken out here, before anything else looks at the words; which of the sayings is the answer is `distil`'s."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from vigil.domain.conversation import Message, Role
from vigil.domain.ticket import Ticket
from vigil.guard.ordinary import is_ordinary
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

_SHORTEST = 3
"""Letters from which the beginning of a name stands for it."""

_NICK = re.compile(r"^\s*@?([^\W_][\w.\-\[\]{}|^`]{2,30}?)\s*[:,]+\s+(?=\S)")
"""A word with a colon or a comma behind it, at the beginning: perhaps a person's name, cut short or unknown here."""
_ENDS = re.compile(r"(?<=[.!?])\s+")
_OTHERWISE = re.compile(
    r"\b(?:but|except|only|never ?mind|nvm|"
    r"(?:found|figured|got|fixed|solved) (?:it|that) (?:out|myself)|found it|i'?ll)\b|\?",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"[A-Z][a-z]{3,}")
_MARK = r"(?=\s*[,.!;:-])"
_POLAR = re.compile(
    rf"^(?:(yes|yep|yeah|yup|yea|(?:sure|correct){_MARK})|((?:no|nope|nah|not really){_MARK}))\b[\s,.!;:-]*(?=\S)",
    re.IGNORECASE,
)
"""An analyst's yes or no before the answer proper, without which the rest may say the opposite."""
_CALLED_LAST = re.compile(r"[\s,]+<PERSON_\d+>(?=[\s.!?;:)]*$)")
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
    to: Role | None = None
    """Whom it speaks to by name; None: nobody, BYSTANDER: somebody who has no part in the ticket."""
    to_name: str = ""
    """The name, as its bearer writes it."""

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
    alone: bool
    """It opens the ticket without speaking to an analyst, or says that it is about something else: others lean on what was said before."""
    by_name: bool
    """In this ticket those who answer begin with the name of whom they answer, as people do in rooms where many talk at once."""
    sayings: list[Saying] = field(default_factory=list[Saying])
    since: int = 0
    """Which saying was the first after the customer's last words but these."""
    reacted: bool = False
    """The customer spoke last."""

    @property
    def settled(self) -> bool:
        """The customer said that it works."""
        return any(helped(reaction.reading) for saying in self.sayings for reaction in saying.reactions)


def helped(reading: Reading) -> bool:
    """Says that it works now; not that it still doesn't, that it works but, or that they found out by themselves."""
    if not reading.solved or reading.not_solved:
        return False
    return any(read(part).solved and _OTHERWISE.search(part) is None for part in _ENDS.split(reading.body))


def exchanges_of(ended: Ended) -> list[Exchange]:
    """The ticket's exchanges in order. Vigil, bots, bystanders and whoever only looks like an analyst say nothing in them."""
    found: list[Exchange] = []
    everything = readable(ended)
    answers = [said for said in everything if said.part is Role.ANALYST]
    by_name = 2 * sum(said.to is not None for said in answers) > len(answers)
    for said in everything:
        if said.part is Role.CUSTOMER and not calls_bot(said.message.text):
            _customer(found, said, by_name=by_name)
        elif (
            said.part is Role.ANALYST
            and found
            and said.to in (None, Role.CUSTOMER)
            and not calls_bot(said.message.text)
        ):
            _analyst(found, said)
    return found


def part_in(message: Message, ticket: Ticket) -> Role:
    """Whose word it is: by the verified role, never by the name. A ticket's customer is no analyst of it, whoever they are elsewhere."""
    if message.by_vigil:
        return Role.BOT
    return Role.CUSTOMER if message.author.id == ticket.customer_id else message.author.role


def readable(ended: Ended) -> list[Said]:
    """What customers and verified analysts said, made fit to keep."""
    people = {message.author.name: part_in(message, ended.ticket) for message in ended.messages if not message.by_vigil}
    vault = vault_of(ended.messages)
    found: list[Said] = []
    for message in ended.messages:
        part = part_in(message, ended.ticket)
        if message.deleted_at is not None or part not in (Role.CUSTOMER, Role.ANALYST):
            continue
        to, name, text = _spoken_to(message.text, people)
        redacted = vault.redact(text)
        polar = _POLAR.match(_SPOKEN_TO.sub("", redacted)) if part is Role.ANALYST else None
        sentences = [_without_names(sentence) for sentence in sentences_of(_SPOKEN_TO.sub("", redacted))]
        kept = [sentence for sentence in sentences if sentence]
        if polar is not None and kept:
            kept[0] = f"{'Yes' if polar[1] else 'No'}, {kept[0]}" if not _POLAR.match(kept[0]) else kept[0]
        found.append(
            Said(message=message, part=part, reading=read(message.text), sentences=tuple(kept), to=to, to_name=name)
        )
    return found


def vault_of(messages: Sequence[Message]) -> Vault:
    """Takes out of these messages what nobody else may see: names of whoever wrote, and whoever and whatever else they mention."""
    names = {message.author.name for message in messages if not message.by_vigil}
    return Vault(sorted({form for name in names for form in _forms(name)}), mentions=True)


def kept_sentences(vault: Vault, text: str) -> tuple[str, ...]:
    """A text as it may be kept: redacted, without greeting, thanks and whom it speaks to."""
    clean = _SPOKEN_TO.sub("", vault.redact(text))
    return tuple(filter(None, (_without_names(sentence) for sentence in sentences_of(clean))))


def _forms(name: str) -> list[str]:
    """A name and its parts, where capitals inside it show them: people call HarryBolles Harry."""
    parts = _CAMEL.findall(name) if not name[1:].islower() else []
    return [name, *(part for part in parts if part != name and not is_ordinary(part))]


def _spoken_to(text: str, people: dict[str, Role]) -> tuple[Role | None, str, str]:
    """Whom a message speaks to, by part and name, and the message without a name that is cut short or unknown here; whole names are the
    vault's."""
    named = _NICK.match(text)
    word = named[1] if named is not None else text.lstrip(" @<").partition(" ")[0].rstrip(":,;>")
    plain = word.casefold()
    for name, part in people.items():
        if plain == name.casefold():
            return part, name, text.lstrip(" @<")[len(word) :].lstrip(" :,;>")
    if named is None or is_ordinary(word):
        return None, "", text
    for name, part in people.items():
        if len(plain) >= _SHORTEST and (name.casefold().startswith(plain) or plain.startswith(name.casefold())):
            return part, name, text[named.end() :]
    return (Role.BYSTANDER, "", text[named.end() :]) if _is_nick(word) else (None, "", text)


def _is_nick(word: str) -> bool:
    """Whether a rare word in front of a colon is written as nicknames are, and not as commands or languages are."""
    return word[0].isupper() or not word.isalpha() or not word.isascii()


def _without_names(sentence: str) -> str:
    """Without whom it speaks to: "Ms Novak, Tom here." says nothing that anybody else needs."""
    while (shorter := _SPOKEN_TO.sub("", _CALLED_LAST.sub("", sentence))) != sentence:
        sentence = shorter
    return sentence


def _customer(found: list[Exchange], said: Said, *, by_name: bool) -> None:
    current = found[-1] if found else None
    if current is None or _opens(said, current):
        if current is not None and helped(said.reading):
            _react(current, said)  # "works now, and another thing": a word on both
        if said.sentences and (current is None or said.reading.informative):
            alone = (
                said.reading.other_subject
                or (current is None and said.to is None)
                or (current is not None and current.settled)
            )
            found.append(Exchange(asked=[said], alone=alone, by_name=by_name))
        return
    if current.sayings:
        _react(current, said)
    else:
        current.asked.append(said)


def _react(current: Exchange, said: Said) -> None:
    """A customer's word is about all that was said since their last one; where it names an analyst, about what that one said."""
    current.reacted = True
    since = current.sayings[current.since :]
    named = [saying for saying in since if saying.parts[0].message.author.name == said.to_name]
    for saying in named or since:
        saying.reactions.append(said)


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
    if current.reacted:
        current.since, current.reacted = len(current.sayings), False
    for saying in reversed(current.sayings[current.since :]):
        last = saying.parts[-1].message
        if last.author.id == said.message.author.id and said.message.sent_at - last.sent_at <= BURST:
            saying.parts.append(said)
            return
    current.sayings.append(Saying(parts=[said]))


def _answered(found: Sequence[Exchange], said: Said) -> Exchange:
    """The exchange that a saying belongs to: the one whose message it replies to, else the latest."""
    replies = set(said.message.reply_to)
    for exchange in reversed(found):
        if replies & {asked.message.external_id for asked in exchange.asked}:
            return exchange
    return found[-1]
