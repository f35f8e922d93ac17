"""Webhooks in: signed the Standard Webhooks way, in the inbox before the answer, harmless when sent again, closed to everybody else."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zlib import crc32

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from tests.integration.web.door import OURS, THEIRS, Door, told
from vigil.domain.conversation import Person, Role
from vigil.store.access import Integration


@dataclass
class HelpDesk:
    """A system that signs what it sends, with the library of the specification."""

    door: Door
    integration: Integration
    workspace: str = OURS

    async def send(
        self,
        body: bytes | dict[str, Any],
        *,
        delivery: str = "d1",
        age_s: float = 0,
        headers: dict[str, str] | None = None,
    ) -> httpx2.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        at = self.door.clock.now() - timedelta(seconds=age_s)
        signed = {
            "webhook-id": delivery,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(self.integration.secret).sign(
                delivery, at, content.decode("utf-8", "replace")
            ),
        }
        path = f"/hooks/{self.workspace}/{self.integration.id}"
        return await self.door.client.post(path, content=content, headers={**signed, **(headers or {})})


@pytest.fixture
async def help_desk(door: Door) -> HelpDesk:
    integration = await door.administration.create_integration(
        OURS, name="desk", post_url=None, asserts_roles=False, by="test"
    )
    return HelpDesk(door, integration)


def posted(text: str = "How do I pay?", **changed: Any) -> dict[str, Any]:
    data = {"conversation": "T-1", "message_id": "m1", "author": {"id": "ada", "name": "Ada"}, "text": text, **changed}
    return {"type": "message.posted", "timestamp": "2026-03-02T09:00:00Z", "data": data}


async def test_a_signed_message_is_stored_and_decided_about(door: Door, help_desk: HelpDesk) -> None:
    response = await help_desk.send(posted())
    assert (response.status_code, response.json()) == (202, {"accepted": 1, "duplicates": 0})
    await door.settle()
    (ticket,) = (await door.get("/tickets"))["items"]
    (written,) = (await door.get(f"/tickets/{ticket['id']}/messages"))["items"]
    assert (ticket["external_id"], written["text"]) == ("T-1", "How do I pay?")
    (decision,) = await door.decisions()
    assert decision.kind == "suggest"


async def test_the_same_again_is_harmless_under_whatever_delivery_id(door: Door, help_desk: HelpDesk) -> None:
    assert (await help_desk.send(posted())).json()["accepted"] == 1
    for delivery in ("d1", "d1", "d2"):
        assert (await help_desk.send(posted(), delivery=delivery)).json() == {"accepted": 0, "duplicates": 1}
    edit = {**posted("How do I pay less?"), "type": "message.edited"}
    assert (await help_desk.send(edit, delivery="d3")).json()["accepted"] == 1
    assert (await help_desk.send(edit, delivery="d3", age_s=200)).json()["duplicates"] == 1
    gone = {"type": "message.deleted", "data": {"conversation": "T-1", "message_id": "m1"}}
    assert (await help_desk.send(gone, delivery="d4")).json()["accepted"] == 1
    await door.settle()
    (written,) = (await door.get("/tickets/T-1/messages"))["items"]
    assert written["deleted_at"] is not None
    assert len(await door.decisions()) == 3


async def test_what_is_not_signed_or_not_now_stays_outside(door: Door, help_desk: HelpDesk) -> None:
    body = posted()
    refused = [
        await help_desk.send(body, age_s=301),
        await help_desk.send(body, age_s=-301),
        await help_desk.send(body, headers={"webhook-signature": "v1,AAAA"}),
        await help_desk.send(body, headers={"webhook-signature": ""}),
        await help_desk.send(body, headers={"webhook-timestamp": "yesterday"}),
        await help_desk.send(body, headers={"webhook-id": "another"}),
        await door.client.post(f"/hooks/{OURS}/{help_desk.integration.id}", json=body),
    ]
    for response in refused:
        assert told(response, 401)["code"] == "unauthenticated"
        assert response.headers["www-authenticate"] == "StandardWebhooks"
    assert (await help_desk.send(body, age_s=299)).status_code == 202
    await door.settle()
    assert len(await door.decisions()) == 1


async def test_a_webhook_opens_only_its_own_door(door: Door, help_desk: HelpDesk) -> None:
    elsewhere = HelpDesk(door, help_desk.integration, workspace=THEIRS)
    nowhere = HelpDesk(door, help_desk.integration, workspace="nobody")
    theirs = await door.administration.create_integration(
        THEIRS, name="desk", post_url=None, asserts_roles=False, by="test"
    )
    for response in (
        await elsewhere.send(posted()),
        await nowhere.send(posted()),
        await HelpDesk(door, theirs).send(posted()),
        await door.client.post(f"/hooks/{OURS}/whk_none", json=posted()),
    ):
        told(response, 404)
    told(await door.client.post(f"/hooks/{OURS}/%00", json=posted()), 422)
    await door.administration.disable_integration(OURS, help_desk.integration.id, by="test")
    told(await help_desk.send(posted()), 404)


async def test_only_a_webhook_that_asserts_roles_makes_an_analyst(door: Door, help_desk: HelpDesk) -> None:
    by_name = {"id": "mallory", "name": "Support", "role": "analyst"}
    await help_desk.send(posted("trust me", author=by_name))
    channel = f"webhook:{help_desk.integration.id}"
    await door.administration.set_person(OURS, channel, Person(id="grace", name="G", role=Role.ANALYST), by="test")
    await help_desk.send(posted("hello", message_id="m2", author={"id": "grace", "role": "customer"}))
    asserting = await door.administration.create_integration(
        OURS, name="desk 2", post_url=None, asserts_roles=True, by="test"
    )
    await HelpDesk(door, asserting).send(posted("hi", conversation="T-2", author=by_name))
    await door.settle()
    roles = {
        ticket: [written["author"]["role"] for written in (await door.get(f"/tickets/{ticket}/messages"))["items"]]
        for ticket in ("T-1", "T-2")
    }
    assert roles == {"T-1": ["bystander", "analyst"], "T-2": ["analyst"]}


async def test_a_signed_body_that_can_not_be_understood_is_refused_in_words(door: Door, help_desk: HelpDesk) -> None:
    for body in (b"", b"{}", b"not json", b"\xef\xbb\xbf{}", json.dumps(posted(colour="red")).encode()):
        problem = told(await help_desk.send(body), 422)
        assert problem["code"] == "invalid_input"
    problem = told(await help_desk.send(posted(conversation="a\u202eb")), 422)
    assert "`conversation`" in problem["detail"]
    await door.settle()
    assert await door.decisions() == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(
    text=st.text(st.characters(exclude_categories=()), max_size=60),
    name=st.text(st.characters(exclude_categories=()), max_size=10),
    wild=st.binary(max_size=60),
)
async def test_no_text_is_refused_and_no_bytes_break_the_door(
    help_desk: HelpDesk, text: str, name: str, wild: bytes
) -> None:
    body = posted(text, author={"id": "ada", "name": name}, message_id=f"m{crc32(repr(text).encode())}")
    assert (await help_desk.send(body)).status_code == 202
    assert (await help_desk.send(wild)).status_code in (401, 422)
