"""A webhook's JSON becomes an incoming event, or a refusal that names the fault and repeats nothing."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.channels.webhook.event import MAX_DELIVERY_ID, read_event
from vigil.domain.conversation import ConversationKind, Incoming, MessageEvent, Person, Role
from vigil.errors import InvalidInput

WORDS = "hunter2"


def body(type_: str = "message.posted", **changed: Any) -> bytes:
    data = {"conversation": "T-1", "message_id": "m1", "author": {"id": "ada"}, "text": "Help", **changed}
    return json.dumps(
        {"type": type_, "data": {name: value for name, value in data.items() if value is not ...}}
    ).encode()


def read(content: bytes, delivery_id: str = "d1") -> Incoming:
    return read_event(content, channel="webhook:w1", delivery_id=delivery_id)


def test_everything_that_can_be_said_is_understood() -> None:
    incoming = read(
        body(
            author={"id": "grace", "name": "Grace", "role": "analyst"},
            sent_at="2026-11-20T10:30:00+01:00",
            kind="channel",
            ticket="77",
            thread="t9",
            reply_to=["m0"],
            mentions_vigil=True,
        )
    )
    assert incoming == Incoming(
        channel="webhook:w1",
        conversation="T-1",
        external_id="m1",
        message_id="m1",
        event=MessageEvent.POSTED,
        author=Person(id="grace", name="Grace", role=Role.ANALYST),
        text="Help",
        sent_at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
        kind=ConversationKind.CHANNEL,
        ticket="77",
        thread="t9",
        reply_to=("m0",),
        mentions_vigil=True,
    )


def test_a_posted_message_is_known_by_its_id_and_an_edit_by_its_delivery() -> None:
    assert read(body(), "d1").external_id == read(body(), "d2").external_id == "m1"
    edits = {read(body("message.edited"), delivery_id).external_id for delivery_id in ("d1", "d1", "d2")}
    assert edits == {"edited:d1", "edited:d2"}
    assert (
        read(body("message.edited", message_id="d1"), "d1").external_id != read(body(message_id="d1"), "d1").external_id
    )


def test_a_deletion_needs_no_author() -> None:
    deleted = read(body("message.deleted", author=..., text=...))
    assert (deleted.event, deleted.author, deleted.text) == (MessageEvent.DELETED, None, "")


@pytest.mark.parametrize(
    ("fault", "content"),
    [
        ("data.author", body(author=...)),
        ("data.author", body("message.edited", author=None)),
        ("data.author.id", body(author={"name": WORDS})),
        ("data.author.role", body(author={"id": "x", "role": WORDS})),
        ("data.colour", body(colour=WORDS)),
        ("data.text", body(text=[WORDS])),
        ("data.conversation", body(conversation="")),
        ("data.sent_at", body(sent_at=WORDS)),
        ("data.sent_at", body(sent_at="0001-01-01T00:00:00+14:00")),
        ("data.mentions_vigil", body(mentions_vigil="true")),
        ("type", body("message.liked")),
        ("body", b"[]"),
        ("body", f'"{WORDS}"'.encode()),
        ("JSON", b""),
        ("JSON", b"{"),
        ("JSON", b"\xff\xfe{}"),
        ("JSON", b"[" * 100_000),
        ("JSON", b'{"type":' + b"9" * 5_000 + b"}"),
        ("JSON", WORDS.encode()),
    ],
)
def test_a_fault_is_named_and_nothing_repeated(fault: str, content: bytes) -> None:
    with pytest.raises(InvalidInput) as raised:
        read(content)
    assert fault in str(raised.value)
    assert WORDS not in str(raised.value)
    assert len(str(raised.value)) < 2_000


def test_a_delivery_id_that_no_column_holds_is_refused() -> None:
    with pytest.raises(InvalidInput, match="webhook-id"):
        read(body(), "d" * (MAX_DELIVERY_ID + 1))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
almost = st.fixed_dictionaries(
    {"type": st.sampled_from(["message.posted", "message.edited", "message.deleted"])},
    optional={
        "timestamp": anything,
        "data": st.fixed_dictionaries(
            {"conversation": st.text(max_size=9) | anything, "message_id": st.text(max_size=9) | anything},
            optional={
                "author": st.fixed_dictionaries({"id": st.text(max_size=9)}, optional={"name": anything}) | anything,
                "text": anything,
                "sent_at": st.datetimes().map(lambda at: at.isoformat() + "Z") | anything,
                "reply_to": anything,
            },
        )
        | anything,
    },
)


@given(st.binary(max_size=200) | (anything | almost).map(lambda value: json.dumps(value).encode()))
def test_whatever_comes_is_an_event_or_a_refusal(content: bytes) -> None:
    try:
        incoming = read(content)
    except InvalidInput:
        return
    assert incoming.message_id
    assert incoming.sent_at is None or incoming.sent_at.utcoffset() == UTC.utcoffset(None)
