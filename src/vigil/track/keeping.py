"""Promises of a ticket from message to message: made, kept, put off, let go. What of a message is a promise is `promising`'s."""

# ruff: noqa: E501

import re
from dataclasses import replace
from datetime import timedelta

from vigil.domain.conversation import Message, Role
from vigil.domain.progress import Progress, Promise
from vigil.language.reading import read
from vigil.track.acts import AnalystAct, analyst_act
from vigil.track.facts import shown
from vigil.track.heard import Heard
from vigil.track.promising import Promised, asks_when, promises_in, tells

SAME_BREATH = timedelta(minutes=1)
"""What follows a promise within this explains it; it doesn't keep it yet."""

_DONE = re.compile(
    r"\b(?:done|here (?:you go|it is|is|are|they are)|attached|is out|are out|it'?s out|went out|is live|are live|it'?s live|released|shipped|deployed|rolled out|(?:i|we)(?:'ve| have)? (?:just |now |also )*"
    r"(?:sent|fixed|refunded|credited|reset|forwarded|raised|opened|filed|released|shipped|deployed|called|spoke|talked|heard back|uploaded|posted|pasted|paid|processed|replaced|restored|found out|asked)"
    r"|(?:is|are|has been|have been) (?:now )?(?:sent|fixed|refunded|credited|reset|released|shipped|deployed|done|paid|processed|replaced|restored|resolved|on its way))\b",
    re.IGNORECASE,
)


_REQUESTS = re.compile(
    r"\b(?:can|could|will|would) (?:you|u|we|somebody|someone)\b|\bany (?:news|update)|\bwaiting\b", re.IGNORECASE
)


def promised(before: Progress, after: Progress, message: Message, heard: Heard) -> Progress:
    """`after`, which `message` made of `before`, with the promises that it makes, keeps or puts off."""
    asked_when = any(each.role is not heard.part and asks_when(each.text) for each in before.open_questions)
    if heard.part is Role.ANALYST and before.last_by is Role.CUSTOMER and not _just_asked(before):
        asked_when = True  # "Friday then." after a customer's word on their plans is a word on when
    found = promises_in(message.text, heard.part, message.sent_at, heard.zone, asked_when=asked_when)
    if not found and not before.open_promises:
        return after
    standing = tuple(
        replace(each, kept_in=message.id, kept_at=message.sent_at)
        if each.open and each.role is heard.part and _ends(each, message, found, before)
        else each
        for each in after.promises
    )
    return replace(after, promises=(*standing, *(_made(each, message, heard.part) for each in found)))


def let_go(progress: Progress, message: Message) -> Progress:
    """It is settled: nobody waits any more for word on it."""
    return replace(
        progress,
        promises=tuple(
            replace(each, kept_in=message.id, kept_at=message.sent_at) if each.open and tells(each.text) else each
            for each in progress.promises
        ),
    )


def _just_asked(progress: Progress) -> bool:
    """The customer's last message asks something else than for a deed: a time alone answers that."""
    return any(
        each.role is Role.CUSTOMER
        and each.at == progress.customer_wrote_at
        and "?" in each.text
        and _REQUESTS.search(each.text) is None
        for each in progress.questions
    )


def _made(each: Promised, message: Message, part: Role) -> Promise:
    return Promise(
        person_id=message.author.id,
        role=part,
        text=shown(each.text),
        message_id=message.id,
        made_at=message.sent_at,
        due=None if each.due is None else each.due.at,
        when="" if each.due is None else each.due.words,
    )


def _ends(promise: Promise, message: Message, found: list[Promised], before: Progress) -> bool:
    """Whether a message of the same side keeps a promise, or puts another in its place."""
    if found:
        return tells(promise.text) and any(each.tells for each in found)
    if _DONE.search(message.text) is not None:
        return True
    if message.sent_at - promise.made_at <= SAME_BREATH or not tells(promise.text):
        return False
    reading = read(message.text)
    if promise.role is Role.ANALYST:
        return analyst_act(reading, before, directed=True) is AnalystAct.ANSWERS
    return not reading.small_talk and not reading.question
