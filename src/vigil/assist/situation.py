"""What assist sees of the world when it decides about one message, and what it gives back. Loading and saving them is the runtime's."""

from dataclasses import dataclass
from datetime import datetime

from vigil.domain.conversation import Conversation, Message
from vigil.domain.decision import Decision
from vigil.domain.post import Post
from vigil.domain.ticket import Ticket
from vigil.domain.topic import Topic
from vigil.domain.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Something that Vigil already said, or wanted to say, in one of the tickets at hand."""

    decision_id: str
    ticket_id: str | None
    message_id: str
    entry_ids: tuple[str, ...]
    answer: str
    at: datetime
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything that may be known about a message at the moment of deciding. Strictly causal: nothing in it is later than the message."""

    workspace: Workspace
    topics: tuple[Topic, ...]
    conversation: Conversation
    message: Message
    """The message to decide about, not yet on a ticket unless the channel named one."""
    recent: tuple[Message, ...] = ()
    """Messages of the conversation before it, oldest first, deleted ones left out, Vigil's own included; at most some hundred."""
    tickets: tuple[Ticket, ...] = ()
    """Tickets of the conversation that messages may belong to, the most recently touched first; at most some dozen."""
    said: tuple[Said, ...] = ()
    """What Vigil said in these tickets, newest last."""
    turn_continues: bool = False
    """The next event in the inbox is by the same author on the heels of this one: the last one of the burst is decided for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What assist wants done; the runtime commits all of it at once or nothing."""

    decision: Decision
    ticket: Ticket | None = None
    """The ticket that the message belongs to, as it is to stand from now on (new, or changed); None where it belongs to none."""
    posts: tuple[Post, ...] = ()
    supersedes: tuple[str, ...] = ()
    """Ids of earlier decisions whose waiting posts this one replaces."""
