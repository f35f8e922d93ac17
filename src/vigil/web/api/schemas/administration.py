"""A workspace and its people, topics, tokens and webhooks."""

from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field

from vigil.domain.conversation import Role
from vigil.domain.topic import Autonomy
from vigil.guard.access import Scope
from vigil.web.api.schemas.common import Answer, Flag, Items, Name, TopicKey, Wish


def _with_a_port_that_is(address: str) -> str:
    try:
        _ = urlsplit(address).port
    except ValueError:
        raise ValueError("The port must be at most 65535.") from None
    return address


Address = Annotated[
    str,
    AfterValidator(_with_a_port_that_is),
    Field(pattern=r"^https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?(/[!-~]*)?$"),
]
"""An http(s) URL without a user or password in it: what is secret is the signature."""


class WorkspaceOut(Answer):
    """One organisation's desk and how Vigil behaves in it."""

    id: str
    name: str
    silenced: bool
    """The big switch: Vigil reads and learns, and says nothing."""
    default_autonomy: Autonomy
    """For tickets without a topic."""
    first_line: bool
    """Whether Vigil may reply to customers before a human has joined."""
    knowledge_version: int
    topics_version: int


class WorkspaceChangeIn(Wish):
    """What is to be different; what is left out or null stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"silenced": True}]})

    name: Name | None = None
    silenced: Flag | None = None
    default_autonomy: Autonomy | None = None
    first_line: Flag | None = None


class TopicIn(Wish):
    """One kind of problem that customers have."""

    key: TopicKey
    """Short and stable, such as `billing`."""
    name: Name
    description: Annotated[str, Field(max_length=2_000, pattern=r"^[^\x00]*$")] = ""
    examples: Annotated[
        tuple[Annotated[str, Field(max_length=1_000, pattern=r"^[^\x00]*$")], ...], Field(max_length=100)
    ] = ()
    """Openings of tickets on this topic, in customers' words."""
    owner: Name | None = None
    """Who knows about it: named where Vigil doesn't know."""
    autonomy: Autonomy = Autonomy.SUGGEST
    """`shadow`: decides, shows nobody. `suggest`: the analyst sees it. `auto`: the customer sees it."""


class TopicsIn(Wish):
    """The whole list as it is to be."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "topics": [
                        {
                            "key": "billing",
                            "name": "Billing",
                            "examples": ["Why was I charged twice?"],
                            "owner": "the billing team",
                            "autonomy": "suggest",
                        }
                    ]
                }
            ]
        }
    )

    topics: Annotated[list[TopicIn], Field(max_length=500)]


class TopicOut(Answer):
    """One kind of problem that customers have."""

    key: str
    name: str
    description: str
    examples: list[str]
    owner: str | None
    autonomy: Autonomy


class TopicsOut(Answer):
    """The list in force."""

    version: int
    """Raised by each change."""
    topics: list[TopicOut]


class KnownPersonOut(Answer):
    """Who somebody is in this workspace."""

    channel: str
    id: str
    name: str
    role: Role


class PeopleOut(Items[KnownPersonOut]):
    """Everybody of whom the workspace said what they are."""


class KnownPersonIn(Wish):
    """Who somebody is in this workspace."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Grace", "role": "analyst"}]})

    name: Name
    role: Role


class TokenIn(Wish):
    """A token to be made."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Help desk bridge", "scopes": ["write"]}]})

    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=20)]


class TokenOut(Answer):
    """A token, without its secret."""

    id: str
    name: str
    scopes: list[str]
    created_at: datetime
    revoked_at: datetime | None


class TokensOut(Items[TokenOut]):
    """All tokens, the revoked ones too."""


class NewTokenOut(TokenOut):
    """A new token with its secret: it is shown this once, and kept nowhere."""

    secret: str


class WebhookIn(Wish):
    """A webhook to be made."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Help desk", "post_url": "https://desk.example.com/vigil"}]}
    )

    name: Name
    post_url: Annotated[Address, Field(max_length=2_000)] | None = None
    """Where decisions are sent to; null where they are fetched over the API."""
    asserts_roles: Flag = False
    """Whether its word on who is an analyst is taken. Only for systems that verify their people."""


class WebhookOut(Answer):
    """A webhook, without its secret."""

    id: str
    name: str
    post_url: str | None
    asserts_roles: bool
    receive_path: str
    """Where its messages are to be sent: a path on this server."""
    channel: str
    """The channel that its conversations and people live on."""
    created_at: datetime
    disabled_at: datetime | None


class WebhooksOut(Items[WebhookOut]):
    """All webhooks, the disabled ones too."""


class NewWebhookOut(WebhookOut):
    """A new webhook with its signing secret: it is shown this once."""

    secret: str
