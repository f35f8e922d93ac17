"""A ticket and how it stands, for rules that are tried without a desk."""

from datetime import datetime, timedelta
from typing import Any

from tests.conftest import MORNING
from vigil.domain.conversation import Conversation, ConversationKind, Role
from vigil.domain.progress import Progress, Promise, Question
from vigil.domain.ticket import Ticket, TicketState

ROOM = Conversation(id="con_1", channel="chat:1", external_id="room-1", kind=ConversationKind.ROOM)


def after(minutes: float) -> datetime:
    return MORNING + timedelta(minutes=minutes)


def ticket(**changed: Any) -> Ticket:
    values: dict[str, Any] = {
        "id": "tkt_1",
        "external_id": "T-1",
        "conversation_id": "con_1",
        "state": TicketState.PENDING_ANALYST,
        "subject": "It is broken",
        "customer_id": "cust-1",
        "opened_at": MORNING,
        "updated_at": MORNING,
    }
    return Ticket(**values | changed)


def stands(**values: Any) -> Progress:
    return Progress(ticket_id="tkt_1", seq=1, **values)


def asked(message_id: str, minutes: float, role: Role = Role.CUSTOMER) -> Question:
    return Question(asked_by=role, role=role, text="Why is it so?", message_id=message_id, at=after(minutes))


def promised(message_id: str, minutes: float, due: float | None, role: Role = Role.ANALYST) -> Promise:
    return Promise(
        person_id=role,
        role=role,
        text="I'll get back to you",
        message_id=message_id,
        made_at=after(minutes),
        due=None if due is None else after(due),
    )
