"""Recordings are read as they stand, and a fault in a file is named by its line."""

import gzip
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigil.domain.conversation import ConversationKind, Role
from vigil.errors import InvalidInput
from vigil.evaluate.recorded import SYNTHETIC_STEP, Selection, load, shape_of
from vigil.evaluate.recording import Shape


def stream_row(number: int, **changes: Any) -> dict[str, Any]:
    row = {
        "id": f"s#{number}",
        "stream": "s",
        "seq": number,
        "ts": f"2010-05-01T10:{number:02d}:00",
        "author": "ann",
        "text": "hello",
        "annotated": False,
    }
    return {**row, **changes}


def ticket_row(**changes: Any) -> dict[str, Any]:
    row = {
        "ticket_id": "t1",
        "topic": "billing",
        "messages": [
            {"id": "m1", "ts": "2010-05-01T10:00:00", "author": "ann", "role": "customer", "text": "it broke"},
            {"id": "m2", "ts": "2010-05-01T10:05:00", "author": "bob", "role": "analyst", "text": "try again"},
        ],
    }
    return {**row, **changes}


def write(folder: Path, *rows: dict[str, Any] | str, name: str = "file.jsonl") -> Path:
    path = folder / name
    lines = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
    content = lines.encode()
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def test_a_stream_becomes_a_channel_and_people_in_it_are_bystanders(tmp_path: Path) -> None:
    path = write(tmp_path, stream_row(0), stream_row(1, author="ubottu", bot=True))

    recording = load(path)

    assert recording.shape is Shape.STREAM
    first, second = recording.in_order()
    assert first.incoming().kind is ConversationKind.CHANNEL
    assert (first.role, second.role) == (Role.BYSTANDER, Role.BOT)
    assert first.at == datetime(2010, 5, 1, 10, 0, tzinfo=UTC)


def test_a_ticket_becomes_a_room_and_keeps_the_roles_that_the_file_gives(tmp_path: Path) -> None:
    ticket = ticket_row()
    ticket["messages"] += [
        {"author": "cy", "role": "other", "text": "me too"},
        {"author": "robot", "role": "analyst", "text": "beep", "bot": True},
    ]

    recording = load(write(tmp_path, ticket))

    messages = recording.conversations["t1"]
    assert [message.role for message in messages] == [Role.CUSTOMER, Role.ANALYST, Role.BYSTANDER, Role.BOT]
    assert messages[0].incoming().kind is ConversationKind.ROOM
    assert messages[0].incoming().ticket == "t1"
    assert messages[2].id == "t1#2"


def test_what_annotators_said_is_kept_apart_and_never_reaches_an_event(tmp_path: Path) -> None:
    plain, marked = (
        stream_row(0),
        stream_row(0, annotated=True, conv="s#0", reply_to=["s#9"], labels={"opens_answered": True}),
    )

    one, other = load(write(tmp_path, plain)), load(write(tmp_path, marked))

    assert [message.incoming() for message in one.in_order()] == [message.incoming() for message in other.in_order()]
    assert not one.gold
    assert other.gold["s#0"].opens_answered
    assert other.gold["s#0"].reply_to == ("s#9",)


def test_reply_links_in_tickets_are_gold_too(tmp_path: Path) -> None:
    ticket = ticket_row()
    ticket["messages"][1]["reply_to"] = ["m1"]

    recording = load(write(tmp_path, ticket))

    assert all(message.incoming().reply_to == () for message in recording.in_order())
    assert recording.gold["m2"].reply_to == ("m1",)


def test_gzip_is_told_by_the_content_not_by_the_name(tmp_path: Path) -> None:
    packed = write(tmp_path, stream_row(0), name="file.jsonl.gz")
    packed.rename(tmp_path / "plain.jsonl")

    assert load(tmp_path / "plain.jsonl").size == 1


def test_unknown_fields_are_left_alone(tmp_path: Path) -> None:
    assert load(write(tmp_path, stream_row(0, mood="grim", nested={"a": [1]}))).size == 1


def test_messages_of_several_conversations_come_in_the_order_of_time(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        stream_row(0, id="a0", stream="a"),
        stream_row(30, id="a30", stream="a"),
        stream_row(10, id="b10", stream="b"),
        stream_row(30, id="b30", stream="b"),
    )

    assert [message.id for message in load(path).in_order()] == ["a0", "b10", "a30", "b30"]


def test_a_time_that_runs_backwards_is_held_and_said(tmp_path: Path) -> None:
    recording = load(write(tmp_path, stream_row(5), stream_row(2, id="late"), stream_row(6)))

    assert [message.at.minute for message in recording.in_order()] == [5, 5, 6]
    assert any("1 times run backwards" in note for note in recording.notes)


def test_messages_without_a_time_get_one_from_their_order_and_the_notes_say_so(tmp_path: Path) -> None:
    ticket = ticket_row(messages=[{"author": "ann", "role": "customer", "text": str(n)} for n in range(3)])

    recording = load(write(tmp_path, ticket))

    times = [message.at for message in recording.in_order()]
    assert [later - earlier for earlier, later in pairwise(times)] == [SYNTHETIC_STEP] * 2
    assert any("3 messages carry no time" in note for note in recording.notes)


def test_an_offset_is_kept_and_none_counts_as_utc(tmp_path: Path) -> None:
    recording = load(write(tmp_path, stream_row(0, ts="2010-05-01T10:00:00+02:00"), stream_row(1)))

    assert [message.at.hour for message in recording.in_order()] == [8, 10]
    assert any("no time zone" in note for note in recording.notes)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("{not json", "line 2"),
        (stream_row(1, text=None), "line 2: `text`"),
        (stream_row(1, author=""), "line 2: `author`"),
        (stream_row(1, ts="yesterday"), "line 2: `ts`"),
        (stream_row(1, ts="0001-01-01T00:00:00+10:00"), "line 2: the year 1 can't be right"),
        (stream_row(0), "line 2: message id 's#0' stands twice"),
    ],
)
def test_a_bad_line_is_named_by_number_and_field(tmp_path: Path, row: dict[str, Any] | str, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        load(write(tmp_path, stream_row(0), row))


def test_a_complaint_never_repeats_what_people_wrote(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        load(write(tmp_path, stream_row(0), stream_row(1, author=["my secret"])))
    assert "secret" not in str(caught.value)


def test_a_ticket_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="line 2: ticket 't1' stands twice"):
        load(write(tmp_path, ticket_row(), ticket_row(messages=[])))


@pytest.mark.parametrize("content", [b"", b"\n\n", b'{"neither": 1}', b"\x1f\x8bbroken", b"\xff\xfe\x00"])
def test_a_file_that_is_no_recording_says_what_one_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_bytes(content)

    with pytest.raises(InvalidInput):
        shape_of(path)


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="can't be read"):
        load(tmp_path / "nowhere.jsonl")


def test_a_limit_cuts_a_stream_and_leaves_whole_tickets(tmp_path: Path) -> None:
    stream = write(tmp_path, stream_row(0), stream_row(1), stream_row(2))
    tickets = write(
        tmp_path, ticket_row(), ticket_row(ticket_id="t2", messages=[{"author": "a", "text": "x"}] * 2), name="t.jsonl"
    )

    assert load(stream, selection=Selection(limit=2)).size == 2
    assert list(load(tickets, selection=Selection(limit=3)).conversations) == ["t1"]


def test_a_sample_of_streams_is_the_same_each_time_and_part_of_a_larger_one(tmp_path: Path) -> None:
    path = write(tmp_path, *(stream_row(0, id=f"m{n}", stream=f"stream {n}") for n in range(20)))

    def chosen(count: int) -> set[str]:
        return set(load(path, selection=Selection(streams=count)).conversations)

    assert chosen(5) == chosen(5)
    assert chosen(5) < chosen(10)
    assert len(chosen(10)) == 10
    assert len(chosen(99)) == 20


def test_streams_can_be_named_and_an_unknown_name_is_said(tmp_path: Path) -> None:
    path = write(tmp_path, stream_row(0), stream_row(0, id="x", stream="other"))

    assert list(load(path, selection=Selection(streams=("other",))).conversations) == ["other"]
    with pytest.raises(InvalidInput, match="no stream nowhere"):
        load(path, selection=Selection(streams=("nowhere",)))


TEXTS = st.text(max_size=40)
TIMES = st.none() | st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1)).map(datetime.isoformat)  # noqa: DTZ001


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), TEXTS, TIMES), min_size=1, max_size=15))
def test_whatever_was_written_comes_back_word_for_word_in_an_order_that_time_allows(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, str, str | None]]
) -> None:
    rows = [stream_row(0, id=str(n), stream=stream, text=text, ts=ts) for n, (stream, text, ts) in enumerate(said)]

    recording = load(write(tmp_path_factory.mktemp("recording"), *rows))

    fed = list(recording.in_order())
    assert {message.id: message.text for message in fed} == {str(n): text for n, (_, text, _) in enumerate(said)}
    assert all(one.at <= other.at for one, other in pairwise(fed))
    for messages in recording.conversations.values():
        assert [message.position for message in messages] == list(range(len(messages)))
        assert [int(message.id) for message in messages] == sorted(int(message.id) for message in messages)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "file.jsonl"
    path.write_bytes(content)
    with suppress(InvalidInput):
        load(path, shape=Shape.STREAM)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["id", "stream", "author", "text", "ts", "bot", "labels", "conv", "reply_to", "seq"]), JSON
    ),
    st.sampled_from(list(Shape)),
)
def test_a_row_of_any_json_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[str, Any], shape: Shape
) -> None:
    row = (
        {**stream_row(0), **changes}
        if shape is Shape.STREAM
        else {**ticket_row(), "messages": [{**stream_row(0), **changes}]}
    )
    path = write(tmp_path_factory.mktemp("rows"), row)
    with suppress(InvalidInput):
        load(path, shape=shape)


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "conversations", "messages"),
    [
        ("irc_stream_dev.jsonl.gz", 145, 184_276),
        ("tickets_irc_dev.jsonl.gz", 3_567, 47_107),
        ("tickets_abcd_sample.jsonl", 5, 118),
    ],
)
def test_the_evaluation_files_are_read_whole(shared_data: Path, name: str, conversations: int, messages: int) -> None:
    recording = load(shared_data / name)

    assert (len(recording.conversations), recording.size) == (conversations, messages)
    spans = [told[-1].at - told[0].at for told in recording.conversations.values()]
    assert max(spans) < timedelta(days=14)
