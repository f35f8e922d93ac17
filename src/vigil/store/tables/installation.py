"""Who and what an installation has: workspaces, people, keys to its doors, accounts, and what was done."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table, Text

from vigil.store.columns import Counter, Document, Instant
from vigil.store.tables.keys import id_key, metadata, workspace_key

workspaces = Table(
    "workspaces",
    metadata,
    workspace_key(),
    Column("name", String(200), nullable=False),
    Column("silenced", Boolean, nullable=False, default=False),
    Column("default_autonomy", String(16), nullable=False),
    Column("first_line", Boolean, nullable=False, default=True),
    Column("quiet", Document),
    Column("silent_on", Document),
    Column("model", Document),
    Column("knowledge_version", Counter, nullable=False, default=0),
    Column("topics_version", Counter, nullable=False, default=0),
    Column("follow_ups", Document),
    Column("created_at", Instant, nullable=False),
)
"""`quiet`, `silent_on` and `model` are null until somebody says otherwise than an installation comes."""

tokens = Table(
    "tokens",
    metadata,
    workspace_key(),
    id_key(),
    Column("name", String(200), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("scopes", Document, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)
"""API tokens, by the SHA-256 of their secret: the secret itself is shown once and kept nowhere."""

integrations = Table(
    "integrations",
    metadata,
    workspace_key(),
    id_key(),
    Column("name", String(200), nullable=False),
    Column("secret", Text, nullable=False),
    Column("post_url", Text),
    Column("asserts_roles", Boolean, nullable=False, default=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
)
"""Signed webhooks: both directions are signed with the same secret, which therefore has to be kept."""

people = Table(
    "people",
    metadata,
    workspace_key(),
    Column("channel", String(128), primary_key=True),
    Column("person_id", String(256), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("role", String(16), nullable=False),
    Column("updated_at", Instant, nullable=False),
)

topics = Table(
    "topics",
    metadata,
    workspace_key(),
    Column("version", Counter, primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("body", Document, nullable=False),
)
"""The topic list, whole, once a version."""

audit = Table(
    "audit",
    metadata,
    workspace_key(),
    Column("chain", String(160), primary_key=True),
    Column("position", Counter, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", String(256), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(256), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
"""What was done, by whom, to what: ids and hashes, never words. Each conversation has a chain of its own, so that appenders seldom meet."""

budgets = Table(
    "budgets",
    metadata,
    workspace_key(),
    Column("day", String(10), primary_key=True),
    Column("tokens", Counter, nullable=False, default=0),
    Column("money", Float, nullable=False, default=0.0),
)

accounts = Table(
    "accounts",
    metadata,
    workspace_key(),
    id_key(),
    Column("login", String(200), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("role", String(16), nullable=False),
    Column("password", Text, nullable=False),
    Column("subject", String(64)),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
)
"""People who sign in to the console. Of a password its argon2 hash is kept, or nothing where they have none; `subject` is the SHA-256 of
who they are at the identity provider."""
Index("ix_accounts_subject", accounts.c.subject)

invitations = Table(
    "invitations",
    metadata,
    workspace_key(),
    id_key(),
    Column("digest", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("note", String(200), nullable=False),
    Column("account_id", String(128)),
    Column("created_by", String(128), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)
"""Links that make an account, once, or give the account that they name a new password; by the SHA-256 of their secret."""

visits = Table(
    "visits",
    metadata,
    workspace_key(),
    id_key(),
    Column("digest", String(64), nullable=False, unique=True),
    Column("account_id", String(128), nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("ended_at", Instant),
)
"""Browsers that are signed in, by the SHA-256 of what their cookie holds."""
Index("ix_visits_account", visits.c.workspace_id, visits.c.account_id)
