"""Decisions out by webhook: signed, once under one key, and every way in which a receiver may misbehave ends as it should."""

import gzip
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from standardwebhooks import Webhook

from tests.integration.channels.receiver import LoopbackReceiver, http, listening
from vigil.channels.desk import BUILT_IN, DeskChannel
from vigil.channels.webhook.channel import WebhookChannel
from vigil.clock import CountingIds, SystemClock
from vigil.domain.conversation import Conversation, ConversationKind
from vigil.domain.decision import Citation, Decision, DecisionKind, Reason, Risk
from vigil.domain.post import Visibility
from vigil.domain.ticket import Ticket, TicketState
from vigil.domain.workspace import Workspace
from vigil.errors import DeliveryFailed, InvalidInput
from vigil.runtime.administration import Administration
from vigil.runtime.ports import Delivery
from vigil.store.access import Integration
from vigil.store.store import Store

W = "acme"
NOW = SystemClock().now()
DECISION = Decision(
    id="dec_1",
    conversation_id="cnv_1",
    message_id="msg_1",
    ticket_id="tkt_1",
    kind=DecisionKind.SUGGEST,
    reason=Reason.ANSWERED,
    question="How is a password reset?",
    answer="Open Users. ✓",
    confidence=0.83,
    risk=Risk.LOW,
    citations=(
        Citation(revision_id="rev_1", entry_id="ent_1", title="Users", quote="Open Users.", reference="users.md"),
    ),
    knowledge_version=4,
    decided_at=NOW,
)
TICKET = Ticket(
    id="tkt_1",
    external_id="T-1",
    conversation_id="cnv_1",
    state=TicketState.OPEN,
    subject="Password",
    customer_id="ada",
    opened_at=NOW,
    updated_at=NOW,
    topic="accounts",
)


def delivery(channel: str, *, ticket: Ticket | None = TICKET) -> Delivery:
    return Delivery(
        key="pst_1",
        conversation=Conversation(id="cnv_1", channel=channel, external_id="room-1", kind=ConversationKind.ROOM),
        visibility=Visibility.PRIVATE,
        text="Open Users. ✓ \ud83d",
        decision=DECISION,
        ticket=ticket,
        reply_to="m1",
    )


class Outlet:
    """A webhook channel, and integrations made for receivers."""

    def __init__(self, administration: Administration, stack: AsyncExitStack) -> None:
        self.administration = administration
        self.channel = WebhookChannel(administration=administration, clock=SystemClock(), timeout_s=5)
        self.hasty = WebhookChannel(administration=administration, clock=SystemClock(), timeout_s=0.2)
        self._stack = stack

    async def integration(self, post_url: str | None) -> Integration:
        return await self.administration.create_integration(
            W, name="desk", post_url=post_url, asserts_roles=False, by="test"
        )

    async def receiver(self, *answers: bytes, hold: bool = False) -> LoopbackReceiver:
        return await self._stack.enter_async_context(listening(*answers, hold=hold))

    async def post(self, *answers: bytes) -> str | None:
        """Post to a receiver that gives these answers."""
        return await self.post_to((await self.receiver(*answers)).url)

    async def post_to(self, url: str | None, *, hasty: bool = False) -> str | None:
        integration = await self.integration(url)
        channel = self.hasty if hasty else self.channel
        return await channel.post(W, delivery(f"webhook:{integration.id}"))


@pytest.fixture
async def outlet(store: Store, ids: CountingIds) -> AsyncIterator[Outlet]:
    administration = Administration(store=store, clock=SystemClock(), ids=ids)
    await administration.create_workspace(Workspace(id=W, name="Acme"), by="test")
    async with AsyncExitStack() as stack:
        opened = Outlet(administration, stack)
        yield opened
        await opened.channel.close()
        await opened.hasty.close()


async def test_a_post_arrives_signed_so_that_the_specifications_library_takes_it(outlet: Outlet) -> None:
    receiver = await outlet.receiver(http(200, b'{"id": "their-7"}'))
    integration = await outlet.integration(receiver.url)
    posted = await outlet.channel.post(W, delivery(f"webhook:{integration.id}"))
    assert posted == "their-7"
    (got,) = receiver.got
    assert got.line == "POST /vigil?team=1 HTTP/1.1"
    assert got.headers["content-type"] == "application/json"
    assert got.headers["webhook-id"] == "pst_1"
    event = Webhook(integration.secret).verify(got.body, got.headers)
    assert event == {
        "type": "decision.suggest",
        "timestamp": NOW.isoformat(),
        "data": {
            "id": "pst_1",
            "workspace": W,
            "conversation": "room-1",
            "reply_to": "m1",
            "visibility": "private",
            "text": "Open Users. ✓ \ud83d",
            "decision": {
                "id": "dec_1",
                "reason": "answered",
                "question": "How is a password reset?",
                "confidence": 0.83,
                "risk": "low",
                "knowledge_version": 4,
                "citations": [{"entry_id": "ent_1", "title": "Users", "quote": "Open Users.", "reference": "users.md"}],
            },
            "ticket": {"id": "tkt_1", "external_id": "T-1", "state": "open", "topic": "accounts"},
        },
    }


async def test_the_same_post_again_carries_the_same_key(outlet: Outlet) -> None:
    receiver = await outlet.receiver(http(500), http(204))
    integration = await outlet.integration(receiver.url)
    out = delivery(f"webhook:{integration.id}", ticket=None)
    with pytest.raises(DeliveryFailed, match="500"):
        await outlet.channel.post(W, out)
    assert await outlet.channel.post(W, out) is None
    assert [got.headers["webhook-id"] for got in receiver.got] == ["pst_1", "pst_1"]
    assert json.loads(receiver.got[0].body) == json.loads(receiver.got[1].body)
    assert json.loads(receiver.got[0].body)["data"]["ticket"] is None


@pytest.mark.parametrize("status", [301, 302, 307, 308, 304, 408, 425, 429, 500, 502, 503, 599])
async def test_what_is_not_now_is_worth_another_try(outlet: Outlet, status: int) -> None:
    elsewhere = await outlet.receiver(http(200))
    with pytest.raises(DeliveryFailed):
        await outlet.post(http(status, location=elsewhere.url))
    assert elsewhere.got == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 413, 418, 422])
async def test_what_is_refused_for_good_is_not_tried_again(outlet: Outlet, status: int) -> None:
    with pytest.raises(InvalidInput, match=str(status)):
        await outlet.post(http(status, b"secrets of the other side"))


async def test_a_receiver_that_says_nothing_or_nonsense_or_is_away_is_worth_another_try(outlet: Outlet) -> None:
    silent = await outlet.receiver(b"", hold=True)
    with pytest.raises(DeliveryFailed, match="within"):
        await outlet.post_to(silent.url, hasty=True)
    for answer in (b"", b"HTTP", b"SSH-2.0-OpenSSH_9.2\r\n", http(200)[:20]):
        with pytest.raises(DeliveryFailed):
            await outlet.post(answer)
    with pytest.raises(DeliveryFailed):
        await outlet.post_to("http://127.0.0.1:1/")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"thanks!",
        b"[]",
        b'"id"',
        b'{"id": 7}',
        b'{"id": ""}',
        b'{"id": "a\\u0000b"}',
        b'{"id": "' + b"x" * 257 + b'"}',
        b"[" * 10_000,
        b"\xff\xfe",
        b'{"id": "' + b"x" * 20_000_000 + b'"}',
        gzip.compress(b" " * 20_000_000),
    ],
    ids=lambda body: f"{body[:12]!r} of {len(body)} bytes",
)
async def test_a_post_is_delivered_whatever_the_answer_says(outlet: Outlet, body: bytes) -> None:
    assert (
        await outlet.post(http(200, body, content_encoding="gzip" if body[:2] == b"\x1f\x8b" else "identity")) is None
    )


async def test_a_post_is_delivered_even_if_the_answer_breaks_off_or_never_ends(outlet: Outlet) -> None:
    begun = b'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"id": "7'
    assert await outlet.post(begun) is None
    unfinished = await outlet.receiver(begun, hold=True)
    assert await outlet.post_to(unfinished.url, hasty=True) is None
    assert len(unfinished.got) == 1


async def test_what_one_receiver_sets_is_not_sent_to_another(outlet: Outlet) -> None:
    receiver = await outlet.receiver(http(200, set_cookie="who=first; Path=/"))
    await outlet.post_to(receiver.url)
    await outlet.post_to(receiver.url)
    assert [got.headers.get("cookie") for got in receiver.got] == [None, None]


async def test_an_integration_without_an_address_fetches_by_itself(outlet: Outlet) -> None:
    assert await outlet.post_to(None) is None


@pytest.mark.parametrize("url", ["http://", "http://[::1/"])
async def test_an_address_that_is_none_is_refused_for_good(outlet: Outlet, url: str) -> None:
    with pytest.raises(InvalidInput, match="post_url"):
        await outlet.post_to(url)


async def test_a_webhook_that_was_disabled_gets_nothing_more(outlet: Outlet) -> None:
    receiver = await outlet.receiver(http(200))
    integration = await outlet.integration(receiver.url)
    await outlet.administration.disable_integration(W, integration.id, by="test")
    for channel in (f"webhook:{integration.id}", "webhook:none"):
        with pytest.raises(InvalidInput, match="disabled"):
            await outlet.channel.post(W, delivery(channel))
    assert receiver.got == []


async def test_at_the_desk_nothing_is_sent_anywhere() -> None:
    for name in BUILT_IN:
        assert await DeskChannel().post(W, delivery(name)) == "pst_1"
