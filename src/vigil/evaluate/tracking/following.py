"""Recorded tickets, followed message by message as the runtime does it, and what stands after each."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from vigil.domain.conversation import ConversationKind, Message, Person, Role
from vigil.domain.progress import OVER, Progress, Promise, Turn
from vigil.domain.ticket import Ticket, TicketState
from vigil.evaluate.recording import RecordedMessage
from vigil.track.advance import advance
from vigil.track.circumstances import heard_of
from vigil.track.judging import Judge

LETTERS = {Turn.ANALYST: "a", Turn.CUSTOMER: "c", Turn.NOBODY: "n"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """One ticket, followed to its end."""

    id: str
    open: str
    """As `labels.Reading.open`."""
    turn: str
    resolved: bool
    promises: tuple[tuple[int, Promise], ...]
    """With the place of the message that made each, from 1."""
    last: Progress
    seconds: float
    """That reading its messages took."""


def follow(
    name: str,
    messages: Sequence[RecordedMessage],
    kind: ConversationKind,
    zone: tzinfo = UTC,
    *,
    judge_at: Callable[[int], Judge] | None = None,
) -> Followed:
    """Follow a ticket. In a channel whoever isn't the customer is somebody who helps; in a room the roles decide.

    Args:
        judge_at: who judges the message at a place, from 0, instead of what ships.
    """
    customer = next((each.author for each in messages if each.role is Role.CUSTOMER), messages[0].author)
    ticket = Ticket(
        id=name,
        external_id=name,
        conversation_id=name,
        state=TicketState.OPEN,
        subject="",
        customer_id=customer,
        opened_at=messages[0].at,
        updated_at=messages[0].at,
    )
    progress = Progress(ticket_id=name, seq=0)
    before: list[Message] = []
    opened, turns = "", ""
    promises: list[tuple[int, Promise]] = []
    began = time.perf_counter()
    for place, recorded in enumerate(messages, start=1):
        message = Message(
            id=recorded.id,
            external_id=recorded.id,
            conversation_id=name,
            seq=place,
            author=Person(id=recorded.author, name=recorded.author, role=recorded.role),
            text=recorded.text,
            sent_at=recorded.at,
            received_at=recorded.at,
        )
        heard = heard_of(message, ticket, kind, before, zone=zone)
        judge = None if judge_at is None else judge_at(place - 1)
        progress = advance(progress, message, heard, ticket_id=name, judge=judge)
        before.append(message)
        opened += str(int(any(each.role is Role.CUSTOMER for each in progress.open_questions)))
        turns += LETTERS[progress.turn]
        promises += [(place, each) for each in progress.promises if each.message_id == message.id]
    return Followed(
        id=name,
        open=opened,
        turn=turns,
        resolved=progress.standing in OVER,
        promises=tuple(promises),
        last=progress,
        seconds=time.perf_counter() - began,
    )
