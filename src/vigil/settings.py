"""Settings of an installation: read from the environment (``VIGIL_...``) and from a ``.env`` file, checked once, then passed around.
What a workspace's people change at run time (topics, autonomy, muting) lives in the store, not here."""

from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    """Everything that an installation can be told. Each field is an environment variable: ``home`` is ``VIGIL_HOME``."""

    model_config = SettingsConfigDict(
        env_prefix="VIGIL_", env_file=".env", extra="ignore", frozen=True, use_attribute_docstrings=True
    )

    home: Path = Path(".vigil")
    """Folder for what Vigil keeps on this machine: the SQLite file and the search index."""
    database_url: str = ""
    """Where the truth lives: empty for an SQLite file in `home`, or ``postgresql://user:password@host/name``."""
    index_uri: str = ""
    """Where the search index lives: empty for a folder in `home`, or a URI that LanceDB can open."""
    host: str = "127.0.0.1"
    """Address that ``vigil serve`` listens on."""
    port: int = Field(default=8321, ge=1, le=65535)
    """Port that ``vigil serve`` listens on."""
    public_url: str = ""
    """Address at which people reach this server, such as ``https://vigil.example.com``: invitations are links to it, and where it is https
    the console's cookies are sent over nothing else. Empty: as each request says, which behind a proxy may be plain http."""
    customer_page: bool = False
    """Let everybody who reaches this server open tickets at ``/help/WORKSPACE``. Off: only who is signed in to the console may, to try it
    out, because a page where strangers write is opened on purpose."""

    oidc_issuer: str = ""
    """Identity provider through which people may sign in (OpenID Connect), exactly as it calls itself, such as
    ``https://login.example.com/realms/desk``. Empty: none, and people have passwords."""
    oidc_client_id: str = ""
    """What this server is called there. Its address to come back to is ``/sign-in/back`` below `public_url`."""
    oidc_client_secret: SecretStr = SecretStr("")
    """What it proves that with; empty for a public client, which PKCE protects."""
    oidc_name: str = "single sign-on"
    """What people call the provider: the sign-in page says *Sign in with* it."""
    oidc_scope: str = "openid profile email"
    """What the provider is asked for; some want ``groups`` as well."""
    oidc_trust_email: bool = False
    """Believe e-mail addresses that the provider doesn't call verified. Only where people can't set their address there themselves."""
    oidc_roles_claim: str = "groups"
    """The claim that `oidc_roles` are looked up in."""
    oidc_roles: Annotated[tuple[str, ...], NoDecode] = ()
    """Who may do what by the provider's word: ``GROUP=PART``, separated by commas, such as ``desk-leads=admin,support=analyst``. Whoever is
    in one of the groups is let in without an invitation, with the highest of their parts at each sign-in; whoever is in none is refused.
    Empty: people are invited by their e-mail address, and admins say what they may do."""
    oidc_workspace: str = "default"
    """Workspace of those who come in by `oidc_roles`."""

    watch_host: str = "127.0.0.1"
    """Address on which a worker without HTTP doors answers ``/healthz``, ``/readyz`` and ``/metrics``; ``0.0.0.0`` in a container."""
    watch_port: int = Field(default=8322, ge=1, le=65535)
    """Port for the same. A process that has the doors answers them on `port`."""
    log_format: Literal["text", "json"] = "text"
    """``text`` for lines that people read, ``json`` for one object a line. Neither holds what anybody wrote."""
    trace_endpoint: str = ""
    """Base URL of an OTLP/HTTP collector, such as ``http://localhost:4318``, for traces; needs ``vigil-oncall[otel]``. Empty: none."""
    trace_content: bool = False
    """Put what a model is asked and answers, redacted as it leaves, into its spans. Off: more people read a trace than a ticket."""

    model: str = ""
    """The language model as ``provider:name``, such as ``openai:gpt-5-mini``; empty for none."""
    model_base_url: str = ""
    """Base URL of an OpenAI-compatible endpoint; empty for the provider's own."""
    model_api_key: SecretStr = SecretStr("")
    """Key for `model_base_url`; the provider's own variable (``OPENAI_API_KEY`` ...) is used where this is empty."""
    model_fallbacks: Annotated[tuple[str, ...], NoDecode] = ()
    """Models to try in order when the first fails, separated by commas."""
    model_timeout_s: float = Field(default=20.0, gt=0)
    """Seconds that one decision may wait for a model, retries and fallbacks included; then the model-free way takes over."""
    model_retries: int = Field(default=1, ge=0, le=5)
    """How often a malformed answer is sent back to the same model."""
    model_daily_tokens: int = Field(default=2_000_000, ge=0)
    """Tokens (in and out) that one workspace may spend in a day (UTC); 0 for no limit."""
    model_daily_money: float = Field(default=5.0, ge=0)
    """US dollars that one workspace may spend in a day (UTC); 0 for no limit."""

    embedder: str = "bundled"
    """``bundled`` (all-MiniLM-L6-v2 on this machine's processor) or ``openai:NAME`` (an OpenAI-compatible endpoint)."""
    embedder_base_url: str = ""
    """Base URL of the embeddings endpoint; needed for ``openai:NAME``."""
    embedder_api_key: SecretStr = SecretStr("")
    """Key for the embeddings endpoint, if it wants one."""

    fetch_allow: Annotated[tuple[str, ...], NoDecode] = ()
    """Host names that documents may be fetched from, separated by commas; ``*.example.com`` admits every host below it. Empty: none."""
    learn_domains: Annotated[tuple[str, ...], NoDecode] = ()
    """Hosts whose pages become knowledge when an analyst links them in a ticket, written as for `fetch_allow`; for analysts only until a
    person says yes. Empty: none."""
    fetch_max_bytes: int = Field(default=20_000_000, gt=0)
    """Largest document that is fetched or read, in bytes."""
    fetch_timeout_s: float = Field(default=20.0, gt=0)
    """Seconds that fetching one document may take, redirects included."""

    max_message_chars: int = Field(default=20_000, gt=0)
    """Longest message that is read for its sense; a longer one is kept, and answered with silence."""
    max_request_bytes: int = Field(default=1_000_000, gt=0)
    """Largest request body that the API takes, in bytes; documents have `fetch_max_bytes`."""

    suggest_confidence: float = Field(default=0.6, ge=0, le=1)
    """Least confidence for a private suggestion. On the demo desk .6 answers .48 of the questions whose answer stands in the documents, and
    .73 of what it says is the right page; docs/explanation/quality.md has the curve and what real chats make of it."""
    reply_confidence: float = Field(default=0.85, ge=0, le=1)
    """Least confidence for an answer that a customer sees. On the demo desk .93 of what is surer than .85 is the right page."""
    wanted_precision: float = Field(default=0.7, gt=0, lt=1)
    """Share of the suggestions that is to be right. Once a workspace's own outcomes can tell, its bar is raised until they bear this out;
    before, `suggest_confidence` holds, at which .73 were right on the demo desk. docs/explanation/quality.md states the promise."""
    auto_precision: float = Field(default=0.9, gt=0, lt=1)
    """Least share of a topic's answers that is right, at the lower end of what its outcomes allow (90 %), before the console lets the topic
    reply by itself. On the demo desk .93 of what is sure enough for a reply was right; .9 takes 22 tickets in a row without a fault."""
    channel_worth: float = Field(default=0.0, ge=0)
    """A brake for busy shared channels: the least worth of an unasked suggestion there, a product of the chances that somebody wants an
    answer and that this is it, raised by how often its entry was the answer before. 0 is none; .96 made 1.4 suggestions per 100 messages in
    the recorded channels (docs/explanation/quality.md)."""
    repeat_window_s: float = Field(default=3600.0, ge=0)
    """Seconds within which the same answer is not given again in one ticket."""
    burst_window_s: float = Field(default=90.0, ge=0)
    """Messages by one author with nobody between them, each at most this many seconds after the one before, are one turn."""
    post_delay_s: float = Field(default=2.0, ge=0)
    """Seconds that a post waits before it is sent: a person who is still typing gets to finish, and a human's answer withdraws it."""
    lease_s: float = Field(default=20.0, gt=1)
    """Seconds that a worker holds a conversation without renewing; after that another may take it."""
    inbox_limit: int = Field(default=10_000, ge=1)
    """Events of one workspace that may wait to be decided about; past it the doors answer 429. One process works them off in minutes."""
    max_attempts: int = Field(default=5, ge=1)
    """How often a message may fail before it is parked."""
    time_zone: str = "UTC"
    """Where the people of the desk are, such as ``Europe/Berlin``: what "tomorrow at nine" means in a message that names no zone."""
    learn_quiet_s: float = Field(default=86_400.0, ge=0)
    """Seconds without a word after which a ticket that a human answered is learned from, though nobody closed it; 0: only when it is over.
    Whom an answer didn't help mostly says so within a day."""
    post_patience_s: float = Field(default=3600.0, gt=0)
    """Seconds for which a post is tried again before it is given up. An hour outlives most outages, and what is older answers nobody."""

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("name a zone of the IANA list, such as Europe/Berlin or UTC") from error
        return value

    @field_validator("model_fallbacks", "fetch_allow", "learn_domains", "oidc_roles", mode="before")
    @classmethod
    def _split_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    def resolved_database_url(self) -> str:
        """`database_url`, or the SQLite file in `home`."""
        return self.database_url or f"sqlite:///{(self.home / 'vigil.sqlite3').absolute()}"

    def resolved_index_uri(self) -> str:
        """`index_uri`, or the folder in `home`."""
        return self.index_uri or str((self.home / "index").absolute())
