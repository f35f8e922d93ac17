"""Every table. Each row belongs to a workspace, and each key begins with it, so that no query can wander into another's."""

from vigil.store.tables.desk import conversations, decisions, inbox, messages, outbox, outcomes, tickets, timers
from vigil.store.tables.installation import (
    accounts,
    audit,
    budgets,
    integrations,
    invitations,
    people,
    tokens,
    topics,
    visits,
    workspaces,
)
from vigil.store.tables.keys import metadata
from vigil.store.tables.knowledge import (
    entries,
    indexes,
    lessons,
    publications,
    revisions,
    sources,
    uploads,
    uses,
    votes,
)
from vigil.store.tables.tracking import follow_ups, progress, summaries, urgencies

__all__ = [
    "accounts",
    "audit",
    "budgets",
    "conversations",
    "decisions",
    "entries",
    "follow_ups",
    "inbox",
    "indexes",
    "integrations",
    "invitations",
    "lessons",
    "messages",
    "metadata",
    "outbox",
    "outcomes",
    "people",
    "progress",
    "publications",
    "revisions",
    "sources",
    "summaries",
    "tickets",
    "timers",
    "tokens",
    "topics",
    "uploads",
    "urgencies",
    "uses",
    "visits",
    "votes",
    "workspaces",
]
