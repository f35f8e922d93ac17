"""The last look before a post is sent: is it still wanted? A reason to withdraw it, or none. Sending is `sender`'s."""

from collections.abc import Sequence
from dataclasses import dataclass

from vigil.domain.conversation import Conversation, ConversationKind, Message, Role
from vigil.domain.decision import Decision, Reason
from vigil.domain.post import Post, Visibility
from vigil.domain.ticket import OVER, Ticket
from vigil.domain.topic import Autonomy, Topic
from vigil.domain.workspace import Workspace
from vigil.language.embedder import Embedder

SAME_ANSWER = 0.5
"""Cosine between a human's message and a suggestion from which the two count as the same answer. On the recorded support chats of
docs/explanation/quality.md this is the level at which a reply speaks about the suggested entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The world as it stands just before a post is sent."""

    workspace: Workspace
    topics: Sequence[Topic]
    conversation: Conversation
    ticket: Ticket | None
    decision: Decision
    post: Post
    covered: Sequence[Message]
    """The messages that the decision is about, as they stand now."""
    later: Sequence[Message]
    """What was written in the conversation after them, deleted messages left out."""
    standing: bool
    """Every revision that the answer cites is still in force."""


class LastLook:
    """Looks at the world again."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    async def reason_to_withdraw(self, view: View) -> str | None:
        """Why the post must not go out any more, in words; None where it may."""
        return _by_settings(view) or _by_messages(view) or _by_takeover(view) or await self._by_an_answer(view)

    async def _by_an_answer(self, view: View) -> str | None:
        """A human's reply withdraws only what it answers: by pointing at the question, or by saying the same."""
        if not view.decision.citations:
            return None
        humans = [message for message in view.later if _is_answering_human(message, view)]
        asked = {message.external_id for message in view.covered}
        for message in humans:
            if asked.intersection(message.reply_to):
                return "a human has answered this very message"
        if not humans:
            return None
        vectors = await self._embedder.embed([view.decision.answer, *(message.text for message in humans)])
        if float((vectors[1:] @ vectors[0]).max()) >= SAME_ANSWER:
            return "a human has said the same"
        return None


def _by_settings(view: View) -> str | None:
    if view.workspace.silenced:
        return "Vigil is switched off in this workspace"
    if view.conversation.channel in view.workspace.silent_on:
        return "Vigil is switched off on this channel"
    if view.conversation.muted or (view.ticket is not None and view.ticket.muted):
        return "Vigil is muted here"
    if not view.standing:
        return "an entry that the answer rests on was changed or retired"
    if view.decision.citations and _autonomy(view) is Autonomy.SHADOW:
        return "the topic was put in shadow"
    return None


def _by_messages(view: View) -> str | None:
    if any(message.deleted_at is not None for message in view.covered):
        return "the message was deleted"
    decided_at = view.decision.decided_at
    if any(message.edited_at is not None and message.edited_at > decided_at for message in view.covered):
        return "the message was edited"
    if view.ticket is not None and view.ticket.state in OVER:
        return "the ticket is over"
    if view.decision.reason is Reason.FOLLOW_UP and any(_went_on(message, view) for message in view.later):
        return "the ticket went on"
    return None


def _by_takeover(view: View) -> str | None:
    """Nothing goes to a customer over the head of a human who joined after the decision, unless the topic is set to reply."""
    if view.post.visibility is not Visibility.PUBLIC or view.conversation.kind is ConversationKind.PRIVATE:
        return None
    asked_directly = any(message.mentions_vigil for message in view.covered)
    if asked_directly or _autonomy(view) is Autonomy.AUTO:
        return None
    if view.ticket is not None and view.ticket.human_joined_at is not None:
        return "a human has joined the ticket"
    if any(message.author.role is Role.ANALYST and not message.by_vigil for message in view.later):
        return "a human has joined the ticket"
    return None


def _went_on(message: Message, view: View) -> bool:
    """Somebody has written in the ticket since it was decided to look at it again."""
    mine = message.ticket_id is not None and message.ticket_id == view.decision.ticket_id
    return mine and not message.by_vigil and message.received_at > view.decision.decided_at


def _is_answering_human(message: Message, view: View) -> bool:
    """Somebody else than the asker, not a bot, and in this ticket or pointing at it."""
    if message.by_vigil or message.author.role is Role.BOT:
        return False
    if message.author.id in {asked.author.id for asked in view.covered}:
        return False
    if view.ticket is None or message.ticket_id == view.ticket.id:
        return True
    return bool({asked.external_id for asked in view.covered}.intersection(message.reply_to))


def _autonomy(view: View) -> Autonomy:
    key = None if view.ticket is None else view.ticket.topic
    for topic in view.topics:
        if topic.key == key:
            return topic.autonomy
    return view.workspace.default_autonomy
