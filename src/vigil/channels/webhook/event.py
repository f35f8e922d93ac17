"""The JSON that a webhook carries in, and the event that it means. Whether it is genuine, `signature` has decided by then."""

import json
from datetime import UTC, datetime
from typing import Annotated, Final, Literal, cast

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StrictBool, ValidationError

from vigil.domain.conversation import ConversationKind, Incoming, MessageEvent, Person, Role
from vigil.errors import InvalidInput

MAX_DELIVERY_ID: Final = 180
"""Characters in a ``webhook-id``: with a prefix it still fits the inbox's id of an event."""

_SHOWN_ERRORS: Final = 5
"""Faults named in one refusal: enough to mend a mapping, short enough to read."""


def _in_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("lies outside the years 1 to 9999 in UTC") from None


_Id = Annotated[str, Field(min_length=1, max_length=200)]
_Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Author(_Part):
    id: _Id
    name: str = ""
    role: Role = Role.CUSTOMER


class _Message(_Part):
    conversation: _Id
    message_id: _Id
    author: _Author | None = None
    text: str = ""
    sent_at: _Instant | None = None
    kind: ConversationKind = ConversationKind.ROOM
    ticket: _Id | None = None
    thread: _Id | None = None
    reply_to: tuple[_Id, ...] = Field(default=(), max_length=20)
    mentions_vigil: StrictBool = False


class _Event(_Part):
    type: Literal["message.posted", "message.edited", "message.deleted"]
    timestamp: _Instant | None = None
    """When it happened, as Standard Webhooks has it. Not used: the message's own `sent_at` says when it was written."""
    data: _Message


def read_event(body: bytes, *, channel: str, delivery_id: str) -> Incoming:
    """What `body` says happened.

    A posted message is known by its own id, so that it is taken once however often and by whatever deliveries it comes; an edit or a
    deletion is known by the id of its delivery, which stays the same when the sender repeats it.

    Raises:
        InvalidInput: it is no JSON, or not of the documented shape; the faults are named, the content is not.
    """
    if len(delivery_id) > MAX_DELIVERY_ID:
        raise InvalidInput(f"`webhook-id` must be at most {MAX_DELIVERY_ID} characters long.")
    event = _parsed(body)
    message = event.data
    kind = MessageEvent(event.type.removeprefix("message."))
    if kind is not MessageEvent.DELETED and message.author is None:
        raise InvalidInput("`data.author` is missing; only a deletion may leave it out.")
    author = message.author
    return Incoming(
        channel=channel,
        conversation=message.conversation,
        external_id=message.message_id if kind is MessageEvent.POSTED else f"{kind}:{delivery_id}",
        message_id=message.message_id,
        event=kind,
        author=None if author is None else Person(id=author.id, name=author.name, role=author.role),
        text=message.text,
        sent_at=message.sent_at,
        kind=message.kind,
        ticket=message.ticket,
        thread=message.thread,
        reply_to=message.reply_to,
        mentions_vigil=message.mentions_vigil,
    )


def _parsed(body: bytes) -> _Event:
    try:
        content = cast("object", json.loads(body.decode("utf-8")))
    except (ValueError, RecursionError):
        raise InvalidInput("The body must be one JSON object in UTF-8.") from None
    try:
        return _Event.model_validate(content)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        named = "; ".join(
            f"`{'.'.join(str(part)[:50] for part in fault['loc']) or 'body'}`: {fault['msg']}"
            for fault in faults[:_SHOWN_ERRORS]
        )
        raise InvalidInput(f"The event is not of the documented shape. {named}.") from None
