"""Messages that come in, and messages and tickets as they stand."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import ConfigDict, Field

from vigil.domain.conversation import ConversationKind, Incoming, MessageEvent, Person, Role
from vigil.domain.ticket import TicketState
from vigil.web.api.schemas.common import Answer, Flag, Identifier, Instant, Items, Name, Page, TopicKey, Wish
from vigil.web.problems import Problem

CHANNEL: Final = "api"
"""The channel of whatever comes in here. Other systems have channels of their own, which verify who writes."""


class AuthorIn(Wish):
    """Who wrote a message."""

    id: Identifier
    """The id by which your system knows them; never a display name."""
    name: str = ""
    """Display name: shown, never trusted. Cut at 200 characters."""
    role: Role = Role.CUSTOMER
    """What they are. Only a token with the scope `roles` is believed that somebody is an analyst, or a customer in a channel; without it,
    the workspace's list of people says so."""


class _EventIn(Wish):
    conversation: Identifier
    """Your id of the place where it was written."""
    message_id: Identifier
    """Your id of the message; unique within your system."""
    text: str = ""
    """The words. Longer than `VIGIL_MAX_MESSAGE_CHARS` they are kept, and answered with silence."""
    sent_at: Instant | None = None
    """When it was written, if you know. A time after its arrival isn't believed."""
    kind: ConversationKind = ConversationKind.ROOM
    """`room`: one ticket. `channel`: many interleaved. `private`: one person with Vigil."""
    ticket: Identifier | None = None
    """Your id of the ticket that it belongs to, if you know."""
    thread: Identifier | None = None
    """Your id of the thread that it stands in, if it does."""
    reply_to: Annotated[tuple[Identifier, ...], Field(max_length=20)] = ()
    """Your ids of the messages that it answers."""
    mentions_vigil: Flag = False
    """Vigil itself is addressed."""


class PostedIn(_EventIn):
    """Somebody wrote a message. Sent again, it is taken once."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "event": "posted",
                    "conversation": "T-1042",
                    "message_id": "T-1042/1",
                    "author": {"id": "ada@example.com", "name": "Ada", "role": "customer"},
                    "text": "How do I reset the password of a database user?",
                    "sent_at": "2026-11-20T09:30:00Z",
                }
            ]
        }
    )

    event: Literal["posted"]
    author: AuthorIn


class EditedIn(_EventIn):
    """Somebody changed a message; `text` is what it says now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "event": "edited",
                    "external_id": "T-1042/1/edit-1",
                    "conversation": "T-1042",
                    "message_id": "T-1042/1",
                    "author": {"id": "ada@example.com"},
                    "text": "How do I reset the password of a PostgreSQL user?",
                }
            ]
        }
    )

    event: Literal["edited"]
    external_id: Identifier
    """Your id of the edit itself: sent again, it is taken once."""
    author: AuthorIn


class DeletedIn(_EventIn):
    """Somebody deleted a message."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "event": "deleted",
                    "external_id": "T-1042/1/deletion",
                    "conversation": "T-1042",
                    "message_id": "T-1042/1",
                }
            ]
        }
    )

    event: Literal["deleted"]
    external_id: Identifier
    """Your id of the deletion itself: sent again, it is taken once."""
    author: AuthorIn | None = None


MessageIn: TypeAlias = Annotated[PostedIn | EditedIn | DeletedIn, Field(discriminator="event")]
"""Something that happened to a message."""


def incoming_of(event: PostedIn | EditedIn | DeletedIn) -> Incoming:
    """The same as a value of the house. A posted message is known by its own id, so that it is taken once."""
    author = event.author
    return Incoming(
        channel=CHANNEL,
        conversation=event.conversation,
        external_id=event.message_id if isinstance(event, PostedIn) else event.external_id,
        message_id=event.message_id,
        event=MessageEvent(event.event),
        author=None if author is None else Person(id=author.id, name=author.name, role=author.role),
        text=event.text,
        sent_at=event.sent_at,
        kind=event.kind,
        ticket=event.ticket,
        thread=event.thread,
        reply_to=event.reply_to,
        mentions_vigil=event.mentions_vigil,
    )


class BatchIn(Wish):
    """Messages to be taken one by one, in this order."""

    messages: Annotated[list[Any], Field(max_length=500)]
    """Each as for a single message; at most 500. One that can't be taken holds up none of the others."""


class ReceiptOut(Answer):
    """What became of a message at the door. It is stored by now, and will be decided about."""

    event_id: str
    """Vigil's id of the event."""
    conversation_id: str
    """Vigil's id of the conversation: what decisions name it by."""
    seq: int
    """Its place in the conversation: the order in which messages are decided about."""
    duplicate: bool
    """It had come before; nothing was written."""


class BatchItemOut(Answer):
    """What became of one message of a batch: either a receipt or a problem."""

    receipt: ReceiptOut | None = None
    problem: Problem | None = None


class BatchOut(Answer):
    """What became of each message, in the order in which they were sent."""

    accepted: int
    refused: int
    items: list[BatchItemOut]


class PersonOut(Answer):
    """Somebody, by the id that their channel verifies."""

    id: str
    name: str
    role: Role


class MessageOut(Answer):
    """A message as it stands, after its edits."""

    id: str
    external_id: str
    """The channel's id of it."""
    conversation_id: str
    seq: int
    """Its place in the conversation."""
    author: PersonOut
    text: str
    """Empty where it was deleted."""
    sent_at: datetime
    received_at: datetime
    ticket_id: str | None
    thread: str | None
    reply_to: list[str]
    """The channel's ids of the messages that it answers."""
    mentions_vigil: bool
    by_vigil: bool
    edited_at: datetime | None
    deleted_at: datetime | None


class TranscriptOut(Items[MessageOut]):
    """A ticket's messages, oldest first."""


class TicketOut(Answer):
    """A customer's problem and where it stands."""

    id: str
    external_id: str
    """The id that people see."""
    conversation_id: str
    state: TicketState
    subject: str
    """The opening, shortened."""
    customer_id: str
    """The channel's id of the person whose problem it is."""
    opened_at: datetime
    updated_at: datetime
    topic: str | None
    topic_by_person: bool
    """A person chose the topic; Vigil doesn't change it any more."""
    human_joined_at: datetime | None
    """When the first analyst wrote."""
    assignee_id: str | None
    resolved_at: datetime | None
    muted: bool
    """Vigil keeps quiet in this ticket."""
    product: str | None
    language: str | None


class TicketPageOut(Page[TicketOut]):
    """Tickets, the most recently touched first."""


class TicketChangeIn(Wish):
    """What is to be different; what is left out or null stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"state": "resolved"}, {"muted": True}]})

    state: TicketState | None = None
    """Where it is to stand; not every state can be reached from each."""
    topic: TopicKey | None = None
    """A key of the workspace's topic list. Vigil doesn't change it any more."""
    assignee_id: Name | Literal[""] | None = None
    """Whose ticket it is; an empty string for nobody's."""
    muted: Flag | None = None
    """Whether Vigil is to keep quiet in it."""
