"""Small recordings that a person can hold in their head."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from vigil.domain.conversation import ConversationKind, Role
from vigil.evaluate.recording import Gold, RecordedMessage, Recording, Shape

NOON = datetime(2020, 6, 1, 12, 0, tzinfo=UTC)
ROLES = {"customer": Role.CUSTOMER, "analyst": Role.ANALYST, "robot": Role.BOT}


def recording(
    said: Sequence[tuple[str, float, str, str]],
    *,
    shape: Shape = Shape.STREAM,
    gold: dict[str, Gold] | None = None,
    topics: dict[str, str] | None = None,
) -> Recording:
    """From (conversation, minutes after noon, author, text); ids are the conversation and the place in it, such as ``room/0``.

    In tickets the author's name is the role; in streams everybody but `robot` is a bystander.
    """
    conversations: dict[str, list[RecordedMessage]] = {}
    for conversation, minutes, author, text in said:
        messages = conversations.setdefault(conversation, [])
        room = shape is Shape.TICKETS
        role = ROLES.get(author, Role.BYSTANDER) if room or author == "robot" else Role.BYSTANDER
        messages.append(
            RecordedMessage(
                id=f"{conversation}/{len(messages)}",
                conversation=conversation,
                kind=ConversationKind.ROOM if room else ConversationKind.CHANNEL,
                position=len(messages),
                author=author,
                role=role,
                text=text,
                at=NOON + timedelta(minutes=minutes),
            )
        )
    return Recording(
        name="small.jsonl",
        shape=shape,
        conversations={name: tuple(messages) for name, messages in conversations.items()},
        topics=topics or dict.fromkeys(conversations, "same"),
        gold=gold or {},
    )
