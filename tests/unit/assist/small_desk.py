"""What the small desk of these tests knows, and how it is opened: the production pipeline with the weights that ship."""

from collections.abc import Callable
from typing import TypeAlias

from vigil.assist.pipeline import Pipeline, Thresholds
from vigil.clock import CountingIds, ManualClock
from vigil.domain.conversation import ConversationKind
from vigil.domain.topic import Autonomy, Topic
from vigil.domain.workspace import Workspace
from vigil.settings import Settings
from vigil.testing.embedder import HashEmbedder
from vigil.testing.hearing import shipped_hearing
from vigil.testing.knowledge import KnownAnswers, known
from vigil.testing.situations import START, SmallDesk

RUNTIME = "Look at `systemctl status containerd` on the node, and bring it back one node after the other."
INVOICE = "Invoices are under Billing → Documents, as PDF."
QUOTA = "The quota is 20 volumes a project; Limits → Request raises it."
PASSWORD = "Choose “Forgot password” on the sign-in page; the link is valid for an hour."
WIPE = "Run `rm -rf /var/lib/app` on every node."
INTERNAL = "Support may raise it to 200 without asking."

ASKS_PASSWORD = "Hi, how do I reset my password?"
ASKS_INVOICE = "Where do I find the invoice for January?"
ASKS_QUOTA = "How can I raise the quota for volumes?"
ASKS_WIPE = "How do I clean the cache on our nodes?"
ASKS_LIMIT = "What is the hard limit for volumes in a project?"
ASKS_UNKNOWN = "Does your warehouse in Lisbon open on Sundays?"

BILLING = Topic(
    key="billing",
    name="Billing and invoices",
    description="Invoices, payment, prices",
    examples=("where is the invoice for january", "why was my card charged twice"),
    owner="Ana Lopes",
)

OpenDesk: TypeAlias = Callable[..., SmallDesk]


def what_is_known() -> KnownAnswers:
    """A knowledge base that knows five things for everybody and one for colleagues."""
    return KnownAnswers(
        answers={
            "hard limit": known(INTERNAL, entry="internal", title="Limits, for us"),
            "container runtime": known(RUNTIME, entry="runtime", title="Nodes that are NotReady"),
            "invoice": known(INVOICE, entry="invoice", title="Invoices", reference="https://docs.example.com/invoices"),
            "quota": known(QUOTA, entry="quota", title="Quotas", confidence=0.6),
            "password": known(PASSWORD, entry="password", title="Passwords"),
            "clean the cache": known(WIPE, entry="wipe", title="Caches"),
        },
        internal=frozenset({"hard limit"}),
    )


def opener(knowledge: KnownAnswers) -> OpenDesk:
    """Opens desks over `knowledge`; settings that are named replace the defaults."""

    def make(
        kind: ConversationKind = ConversationKind.ROOM,
        *,
        autonomy: Autonomy = Autonomy.SUGGEST,
        first_line: bool = True,
        silenced: bool = False,
        topics: tuple[Topic, ...] = (),
        muted: bool = False,
        **settings: object,
    ) -> SmallDesk:
        clock = ManualClock(START)
        assist = Pipeline(
            knowledge=knowledge,
            embedder=HashEmbedder(dimensions=256),
            clock=clock,
            ids=CountingIds(),
            hearing=shipped_hearing(),
            thresholds=Thresholds.of(
                Settings.model_validate({"suggest_confidence": 0.5, "reply_confidence": 0.7, **settings})
            ),
            timer=lambda: 0.0,
        )
        workspace = Workspace(
            id="w", name="Test", default_autonomy=autonomy, first_line=first_line, silenced=silenced, topics_version=1
        )
        return SmallDesk(assist=assist, clock=clock, kind=kind, workspace=workspace, topics=topics, muted=muted)

    return make
