"""What the audit trail's records say, in words. The trail itself is the store's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vigil.store.audit import AuditRecord

ACTIONS: Final[Mapping[str, str]] = {
    "workspace.created": "made the workspace",
    "workspace.named": "renamed the workspace",
    "workspace.silenced": "switched Vigil off",
    "workspace.unsilenced": "switched Vigil on",
    "workspace.first_line": "let Vigil be the first line",
    "workspace.no_first_line": "let people be the first line",
    "workspace.shadow": "put tickets without a topic in shadow",
    "workspace.suggest": "let Vigil suggest in tickets without a topic",
    "workspace.auto": "let Vigil reply by itself in tickets without a topic",
    "workspace.quiet_hours": "set the quiet hours",
    "workspace.quiet_hours.none": "took the quiet hours away",
    "channel.silenced": "silenced Vigil on",
    "channel.unsilenced": "let Vigil speak on",
    "followups.rules": "changed the rules for follow-ups",
    "followups.paused": "paused follow-ups of the kind",
    "model.on": "switched the language model on",
    "model.off": "switched the language model off",
    "model.budget": "changed the budget",
    "topics.changed": "put a new list of topics in force:",
    "topic.added": "added the topic",
    "topic.changed": "changed the topic",
    "topic.removed": "removed the topic",
    "topic.shadow": "put in shadow:",
    "topic.suggest": "let Vigil suggest in",
    "topic.auto": "let Vigil reply by itself in",
    "token.created": "made the token",
    "token.revoked": "revoked the token",
    "webhook.created": "made the webhook",
    "webhook.rotated": "changed the secret of the webhook",
    "webhook.disabled": "disabled the webhook",
    "invited.viewer": "invited a viewer",
    "invited.analyst": "invited an analyst",
    "invited.admin": "invited an admin",
    "invited.withdrawn": "withdrew an invitation",
    "account.viewer": "made a viewer of",
    "account.analyst": "made an analyst of",
    "account.admin": "made an admin of",
    "account.disabled": "disabled",
    "account.named": "changed the name of",
    "account.password": "changed the password of",
    "account.no_password": "took the password away from",
    "account.reset_link": "made a link for a new password for",
    "account.signed_out": "signed out everywhere:",
    "account.linked": "came through the identity provider for the first time:",
    "person.customer": "called a customer:",
    "person.analyst": "called an analyst:",
    "person.bot": "called a bot:",
    "person.bystander": "called a bystander:",
}
JOINED: Final[Mapping[str, str]] = {
    "account.viewer": "joined as a viewer",
    "account.analyst": "joined as an analyst",
    "account.admin": "joined as an admin",
    "account.named": "changed their name",
    "account.password": "changed their password",
    "account.signed_out": "signed out everywhere",
    "account.linked": "came through the identity provider for the first time",
}
"""The same where somebody did it to themselves."""
_BY: Final[Mapping[str, str]] = {
    "cli": "The server’s terminal",
    "vigil": "Vigil",
    "provider": "The identity provider",
}
_WITHOUT: Final = ("workspace.", "model.", "invited.", "followups.rules")
"""What they are done to is the workspace itself, or an id that tells nobody anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that somebody did."""

    at: datetime
    by: str
    what: str
    to: str


def told(record: AuditRecord, names: Mapping[str, str]) -> Change:
    """A record for people; `names` are those of accounts, tokens and webhooks by id."""
    subject = names.get(record.subject, record.subject)
    what = ACTIONS.get(record.action, record.action)
    if record.subject == record.actor and record.action in JOINED:
        return Change(
            at=record.at,
            by=_BY.get(record.actor) or names.get(record.actor, record.actor),
            what=JOINED[record.action],
            to="",
        )
    same = record.subject == record.actor or record.action.startswith(_WITHOUT)
    return Change(
        at=record.at,
        by=_BY.get(record.actor) or names.get(record.actor, record.actor),
        what=what,
        to="" if same and record.subject != record.actor else "themselves" if same else subject,
    )
