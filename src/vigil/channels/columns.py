"""Which column of an exported table is what: the names under which other systems write a message's parts, and their words for roles.
What follows from them for a message is `importer`'s affair."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from vigil.domain.conversation import Role
from vigil.errors import InvalidInput

FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ticket": (
            "ticket",
            "ticket_id",
            "ticketid",
            "case",
            "case_id",
            "case_number",
            "issue",
            "issue_id",
            "conversation",
            "conversation_id",
            "request_id",
            "thread_id",
        ),
        "author": (
            "author",
            "author_id",
            "from",
            "sender",
            "user",
            "username",
            "created_by",
            "writer",
            "email",
            "author_name",
            "name",
        ),
        "role": ("role", "author_role", "author_type", "sender_type", "sender_role", "user_type", "type"),
        "text": ("text", "body", "message", "content", "comment", "plain_body", "message_text", "description"),
        "at": ("at", "ts", "time", "timestamp", "date", "datetime", "created_at", "created", "sent_at", "date_created"),
        "id": ("message_id", "comment_id", "event_id", "id", "uuid"),
        "name": ("display_name", "author_name", "full_name", "name"),
    }
)
"""What a message is made of, and the names under which other systems write it. `ticket`, `author` and `text` must be there."""

NEEDED = ("ticket", "author", "text")

_WORDS_FOR: Mapping[Role, str] = MappingProxyType(
    {
        Role.CUSTOMER: "customer user end-user enduser client requester reporter visitor contact consumer",
        Role.ANALYST: "analyst agent support staff operator engineer admin assignee employee helpdesk teammate",
        Role.BOT: "bot system automation action workflow",
        Role.BYSTANDER: "bystander other guest cc",
    }
)
ROLES: Mapping[str, Role] = MappingProxyType(
    {word: role for role, words in _WORDS_FOR.items() for word in words.split()}
)
"""What other systems call people, in lower case with hyphens."""


def map_columns(columns: Sequence[str], wanted: Mapping[str, str]) -> dict[str, str]:
    """The wanted columns, and for the other fields the first column with one of their names that nobody else has."""
    for field, column in wanted.items():
        if field not in FIELDS:
            raise InvalidInput(f"There is no field {field!r} to map; there are: {', '.join(FIELDS)}.")
        if column not in columns:
            raise InvalidInput(
                f"There is no column {column!r} for {field}; the file has: {', '.join(columns) or 'none'}."
            )
    plain = {_plain(column): column for column in reversed(columns)}
    mapping = dict(wanted)
    for field, names in FIELDS.items():
        if field in mapping:
            continue
        column = next((plain[name] for name in names if name in plain and plain[name] not in mapping.values()), None)
        if column is not None:
            mapping[field] = column
    missing = [field for field in NEEDED if field not in mapping]
    if missing:
        raise InvalidInput(
            f"No column was recognised as {' or '.join(missing)}; the file has: {', '.join(columns) or 'none'}. "
            f"Say which is which, such as --map {missing[0]}=COLUMN."
        )
    return {field: mapping[field] for field in FIELDS if field in mapping}


def _plain(column: str) -> str:
    return column.strip().casefold().replace(" ", "_").replace("-", "_")
