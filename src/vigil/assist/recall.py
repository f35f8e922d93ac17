"""Which of the things that were said before a question is about, found by its words and its meaning among one customer's messages. Nothing
is said anew: what is found are the messages themselves."""

import re
from collections.abc import Sequence
from typing import Final

from vigil.domain.conversation import Message, Role
from vigil.errors import ModelUnavailable
from vigil.knowledge.quote import WORDS_WEIGHT
from vigil.knowledge.words import words
from vigil.language.embedder import Embedder

MOST: Final = 3
"""Messages that are shown: more is a transcript, and that has a page."""
COMPARED: Final = 40
"""Messages whose meaning is looked at, those that share most words with the question: some 150 ms on two cores."""

_ASKING: Final = frozenset(
    words(
        "last time times earlier previously previous ago told tell said asked answer answered question customer ticket tickets vigil"
    )
)
"""Words with which somebody asks for the past, and which don't say for what."""
_THEIRS: Final = re.compile(
    r"\b(they|he|she|customer|it)\b[^.?!]*\b(say|said|tell|told|write|wrote|ask|asked|report|reported|mention|mentioned|complain|complained)\b",
    re.IGNORECASE,
)


async def recall(embedder: Embedder, question: str, past: Sequence[Message], *, ticket_id: str) -> list[Message]:
    """Messages of `past` to which the question points, the best first; of the desk's side, unless it asks what the customer said.

    A question that names nothing ("what did we tell them last time?") gets the last words of the ticket before `ticket_id`, or of that one.
    """
    theirs = _THEIRS.search(question) is not None
    heard = [message for message in past if _counts(message, theirs=theirs)]
    wanted = set(words(question)) - _ASKING
    if not wanted:
        before = [message for message in heard if message.ticket_id != ticket_id] or heard
        return [message for message in before if message.ticket_id == before[-1].ticket_id][-MOST:]
    held = {message.id: wanted.intersection(words(message.text)) for message in heard}
    weights = {word: 1 / spread for word in wanted if (spread := sum(word in some for some in held.values()))}
    overlap = {name: sum(weights[word] for word in some) / sum(weights.values()) for name, some in held.items() if some}
    near = sorted((message for message in heard if message.id in overlap), key=lambda message: -overlap[message.id])
    near = near[:COMPARED]
    scores = {message.id: WORDS_WEIGHT * overlap[message.id] for message in near}
    try:
        if near:
            vectors = await embedder.embed([question, *(message.text for message in near)])
            for message, cosine in zip(near, (vectors[1:] @ vectors[0]).tolist(), strict=True):
                scores[message.id] += cosine
    except ModelUnavailable:  # a remote embedder; words alone will do
        pass
    return sorted(near, key=lambda message: -scores[message.id])[:MOST]


def _counts(message: Message, *, theirs: bool) -> bool:
    ours = message.by_vigil or message.author.role is Role.ANALYST
    return ours or (theirs and message.author.role is Role.CUSTOMER)
