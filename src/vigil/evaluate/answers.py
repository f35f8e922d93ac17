"""What the humans of a recording did: who answered whom, and which questions were answered at all. Looks into the future, so nothing
that is played into a system may come from here."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from vigil.domain.conversation import Role
from vigil.evaluate.recording import Gold, RecordedMessage, Recording, Shape

ANSWER_WINDOW = timedelta(minutes=15)
"""In a channel, what somebody says to a customer within this time counts as an answer to them; 98.8 % of the first answers in the
annotated channels of irc_stream_dev come within it. In a ticket the rest of the ticket counts."""

_IN_FRONT = re.compile(r"@?([^\s,:;>@]{1,60})\s?[,:;>]")
_AT = re.compile(r"@([^\s,:;>@]{1,60})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A customer's turn that a human answered: the chance for help to come first."""

    conversation: str
    customer: str
    asked: RecordedMessage
    """First message of the turn."""
    answer: RecordedMessage
    """The first human answer after it."""
    opening: bool
    """Opens the ticket or thread; otherwise it is a follow-up."""
    by_annotators: bool
    """Found by annotated reply links, or in a ticket file; otherwise by who is addressed, which is a guess."""


def is_human(message: RecordedMessage) -> bool:
    return message.role is not Role.BOT


@lru_cache(maxsize=16384)
def addressed(text: str) -> frozenset[str]:
    """Names that a text speaks to, in lower case: "nick: ...", "nick, ...", "@nick"."""
    front = _IN_FRONT.match(text)
    names = {name.casefold().rstrip(".!?") for name in _AT.findall(text)}
    if front is not None:
        names.add(front[1].casefold())
    return frozenset(names)


def without_address(text: str, names: Collection[str]) -> str:
    """A text without the name of whom it speaks to in front; `names` are people's, in lower case."""
    front = _IN_FRONT.match(text)
    return text[front.end() :].lstrip() if front is not None and front[1].casefold() in names else text


class Humans:
    """Reads answers off one recording."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._author: dict[str, str] = {
            message.id: message.author for messages in recording.conversations.values() for message in messages
        }

    def answers(self, message: RecordedMessage) -> tuple[RecordedMessage, ...]:
        """What other humans then said to the author of `message`, oldest first.

        In a ticket: every later message by a human other than the author. In a channel: within `ANSWER_WINDOW`, those that annotators
        linked to a message by the author; a message that no annotator looked at counts when it addresses the author by name.
        """
        messages = self._recording.conversations[message.conversation]
        later = messages[message.position + 1 :]
        if self._recording.shape is Shape.TICKETS:
            return tuple(each for each in later if is_human(each) and each.author != message.author)
        found: list[RecordedMessage] = []
        for each in later:
            if each.at - message.at > ANSWER_WINDOW:
                break
            if is_human(each) and each.author != message.author and self.speaks_to(each, message.author):
                found.append(each)
        return tuple(found)

    def cut_short(self, message: RecordedMessage) -> bool:
        """The recording ends before the window does, so that an answer may be missing."""
        if self._recording.shape is Shape.TICKETS:
            return False
        return self._recording.conversations[message.conversation][-1].at - message.at < ANSWER_WINDOW

    def speaks_to(self, message: RecordedMessage, person: str) -> bool:
        """Whether a message in a channel is meant for somebody, by annotators where they looked, else by name."""
        gold = self._recording.gold.get(message.id)
        if gold is not None and gold.linked:
            return any(self._author.get(linked) == person for linked in gold.reply_to)
        return person.casefold() in addressed(message.text)

    def exchanges(self) -> list[Exchange]:
        """Every customer's turn that a human answered.

        In a ticket: the customer's messages since the last human answer, and the next message by another human. In an annotated channel:
        the same within each thread whose opening was answered, its last 20 annotated rows left out. In a channel without annotations: what
        somebody wrote to nobody in particular, and the first message that addresses them by name within `ANSWER_WINDOW`.
        """
        found: list[Exchange] = []
        for messages in self._recording.conversations.values():
            if self._recording.shape is Shape.TICKETS:
                found += _ticket_exchanges(messages)
            elif any(message.id in self._recording.gold for message in messages):
                found += self._annotated_exchanges(messages)
            else:
                found += self._guessed_exchanges(messages)
        return found

    def _annotated_exchanges(self, messages: Sequence[RecordedMessage]) -> list[Exchange]:
        gold: Mapping[str, Gold] = self._recording.gold
        threads: dict[str, list[RecordedMessage]] = {}
        for message in messages:
            mark = gold.get(message.id)
            if mark is not None and mark.thread is not None:
                threads.setdefault(mark.thread, []).append(message)
        found: list[Exchange] = []
        for thread in threads.values():
            start = next((i for i, each in enumerate(thread) if gold[each.id].opens_answered), None)
            if start is None or gold[thread[start].id].near_end:
                continue
            customer = thread[start].author
            told = [
                each.author != customer and is_human(each) and self.speaks_to(each, customer) for each in thread[start:]
            ]
            found += _turns(thread[start:], told, customer=customer, by_annotators=True)
        return sorted(found, key=lambda each: each.asked.position)

    def _guessed_exchanges(self, messages: Sequence[RecordedMessage]) -> list[Exchange]:
        people = {message.author.casefold(): message.author for message in messages if is_human(message)}
        asked: dict[str, RecordedMessage] = {}
        answered: set[str] = set()
        found: list[Exchange] = []
        for message in messages:
            if not is_human(message):
                continue
            to = [people[name] for name in addressed(message.text) if name in people]
            for customer in to:
                question = asked.pop(customer, None)
                if question is not None and customer != message.author:
                    found.append(
                        Exchange(
                            conversation=message.conversation,
                            customer=customer,
                            asked=question,
                            answer=message,
                            opening=customer not in answered,
                            by_annotators=False,
                        )
                    )
                    answered.add(customer)
            waiting = asked.get(message.author)
            if not to and (waiting is None or message.at - waiting.at > ANSWER_WINDOW):
                asked[message.author] = message
        return [each for each in found if each.answer.at - each.asked.at <= ANSWER_WINDOW]


def _ticket_exchanges(messages: Sequence[RecordedMessage]) -> list[Exchange]:
    customer = next((message.author for message in messages if message.role is Role.CUSTOMER), None)
    if customer is None:
        return []
    told = [is_human(message) and message.author != customer for message in messages]
    return _turns(messages, told, customer=customer, by_annotators=True)


def _turns(
    messages: Sequence[RecordedMessage], told: Sequence[bool], *, customer: str, by_annotators: bool
) -> list[Exchange]:
    """The customer's turns that end in an answer; `told` says which messages are answers to the customer."""
    found: list[Exchange] = []
    asked: RecordedMessage | None = None
    spoken = False
    for message, answers in zip(messages, told, strict=True):
        if message.author == customer:
            asked = asked or message
        elif answers and asked is not None:
            found.append(
                Exchange(
                    conversation=message.conversation,
                    customer=customer,
                    asked=asked,
                    answer=message,
                    opening=not spoken,
                    by_annotators=by_annotators,
                )
            )
            asked, spoken = None, True
    return found
