"""Tickets from elsewhere come onto the desk as they were meant; what can't be taken is named by line, and nothing comes twice."""

import csv
import gzip
import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigil.channels.importer import CHANNEL, arrivals, preview
from vigil.domain.conversation import ConversationKind, Role
from vigil.errors import InvalidInput, UnreadableDocument
from vigil.runtime.ports import Arrival

CSV = """ticket,from,role,body,date
T1,ann@example.org,customer,It broke,2024-03-01 14:05
T1,bob,agent,"Turn it off,
and ""on"" again",2024-03-01 14:10
T2,cy,customer,How much is it?,2024-03-02 09:00
"""


def put(folder: Path, content: str | bytes, name: str = "tickets.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def lines(*rows: Mapping[str, Any]) -> str:
    return "\n".join(json.dumps(row) for row in rows)


async def taken(path: Path, mapping: Mapping[str, str] | None = None, **options: Any) -> list[Arrival]:
    return [arrival async for arrival in arrivals(path, mapping, **options)]


async def test_a_table_with_usual_headings_needs_no_map(tmp_path: Path) -> None:
    path = put(tmp_path, CSV)

    seen = preview(path)
    first, second, third = await taken(path)

    assert (seen.rows, seen.tickets, seen.refused) == (3, 2, ())
    assert seen.mapping == {"ticket": "ticket", "author": "from", "role": "role", "text": "body", "at": "date"}
    assert seen.form == "CSV with commas"
    assert seen.roles == {"customer": 2, "analyst": 1}
    assert first.incoming.channel == CHANNEL
    assert first.incoming.kind is ConversationKind.ROOM
    assert first.incoming.conversation == first.incoming.ticket == "T1"
    assert first.incoming.sent_at == datetime(2024, 3, 1, 14, 5, tzinfo=UTC)
    assert first.trust_role
    assert second.incoming.author is not None
    assert second.incoming.author.role is Role.ANALYST
    assert second.incoming.text == 'Turn it off,\nand "on" again'
    assert third.incoming.conversation == "T2"


async def test_a_map_names_what_the_guess_can_not_know(tmp_path: Path) -> None:
    path = put(tmp_path, "vorgang;wer;was\n7;Ann;Es geht nicht\n")

    with pytest.raises(InvalidInput, match=r"No column was recognised as ticket or author or text.*vorgang, wer, was"):
        preview(path)
    (only,) = await taken(path, {"ticket": "vorgang", "author": "wer", "text": "was"})

    assert only.incoming.text == "Es geht nicht"


@pytest.mark.parametrize(
    ("mapping", "complaint"),
    [({"txt": "body"}, "no field 'txt'"), ({"text": "nachricht"}, "no column 'nachricht' for text")],
)
def test_a_map_that_names_nothing_is_refused(tmp_path: Path, mapping: dict[str, str], complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        preview(put(tmp_path, CSV), mapping)


async def test_what_the_preview_understood_can_be_given_back(tmp_path: Path) -> None:
    path = put(tmp_path, CSV)

    assert await taken(path, preview(path).mapping) == await taken(path)


async def test_simple_json_lines_are_read(tmp_path: Path) -> None:
    path = put(
        tmp_path,
        lines(
            {"ticket": 17, "author": "ann", "role": "customer", "text": "It broke", "at": "2024-03-01T14:05:00Z"},
            {"ticket": 17, "author": "bob", "role": "analyst", "text": "Again?", "at": 1709301960},
        ),
    )

    first, second = await taken(path)

    assert first.incoming.conversation == "17"
    assert second.incoming.sent_at == datetime(2024, 3, 1, 14, 6, tzinfo=UTC)


async def test_tickets_with_their_messages_are_read_without_what_annotators_added(tmp_path: Path) -> None:
    ticket = {
        "ticket_id": "irc:1",
        "labels": {"resolved_weak": True},
        "messages": [
            {"id": "m1", "ts": "2024-03-01T14:05:00", "author": "ann", "role": "customer", "text": "It broke"},
            {"id": "m2", "author": "bob", "role": "analyst", "text": "Again?", "reply_to": ["m1"]},
            {"id": "m3", "author": "robot", "role": "other", "text": "beep", "bot": True},
            {"id": "m4", "author": "cy", "role": "other", "text": "me too"},
        ],
    }

    found = await taken(put(tmp_path, lines(ticket)))

    assert [arrival.incoming.external_id for arrival in found] == ["irc:1/m1", "irc:1/m2", "irc:1/m3", "irc:1/m4"]
    assert [arrival.incoming.author.role.value for arrival in found if arrival.incoming.author] == [
        "customer",
        "analyst",
        "bot",
        "bystander",
    ]
    assert all(arrival.incoming.reply_to == () for arrival in found)


async def test_the_same_row_is_the_same_event_wherever_it_stands(tmp_path: Path) -> None:
    head, *rows = CSV.splitlines(keepends=True)
    grown = put(tmp_path, head + "T0,zed,customer,First of all,2024-02-01 10:00\n" + "".join(rows), name="later.csv")

    before = {arrival.incoming.external_id for arrival in await taken(put(tmp_path, CSV))}
    after = {arrival.incoming.external_id for arrival in await taken(grown)}

    assert before < after
    assert len(after - before) == 1


async def test_somebody_who_says_the_same_twice_is_heard_twice(tmp_path: Path) -> None:
    path = put(tmp_path, "ticket,author,text\nT1,ann,hello\nT1,ann,hello\n")

    found = await taken(path)

    assert len({arrival.incoming.external_id for arrival in found}) == 2


def test_a_message_id_that_stands_twice_is_refused(tmp_path: Path) -> None:
    seen = preview(put(tmp_path, "ticket,author,text,message_id\nT1,ann,one,5\nT1,ann,two,5\nT2,ann,three,5\n"))

    assert seen.rows == 2
    assert seen.refused == ((3, "the same message id stands in line 2"),)


def test_what_can_not_be_taken_is_named_by_the_line_that_it_begins_on(tmp_path: Path) -> None:
    path = put(
        tmp_path,
        'ticket,author,text,at\nT1,ann,"two\nlines",2024-03-01\n,ann,hello,2024-03-01\nT1,,hello,\nT1,ann,,\nT1,ann,hello,someday\nT1,ann,hello,,,too,many\n',
    )

    seen = preview(path)

    assert seen.rows == 1
    assert [line for line, _ in seen.refused] == [4, 5, 6, 7, 8]
    reasons = [reason for _, reason in seen.refused]
    assert reasons[0] == "no ticket: the column 'ticket' is empty"
    assert "author" in reasons[1]
    assert "text" in reasons[2]
    assert "'someday' can't be read" in reasons[3]
    assert "7 cells where the header has 4" in reasons[4]


def test_lines_that_are_no_objects_are_named(tmp_path: Path) -> None:
    good = json.dumps({"ticket": "T1", "author": "ann", "text": "hello"})
    deep = "[" * 100_000
    path = put(tmp_path, f'{good}\n{{broken\n[1]\n\n"words"\n{deep}\n{good}\n')

    seen = preview(path)

    assert seen.rows == 2
    assert [line for line, _ in seen.refused] == [2, 3, 5, 6]


def test_a_fault_inside_a_ticket_names_the_message(tmp_path: Path) -> None:
    path = put(
        tmp_path, lines({"ticket_id": "T1", "messages": [{"author": "ann", "text": "hi"}, "odd", {"author": "ann"}]})
    )

    assert preview(path).refused == (
        (1, "message 2 is no object"),
        (1, "message 3: no text: the column 'text' is empty"),
    )


@pytest.mark.parametrize(("delimiter", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars"), (",", "commas")])
def test_the_delimiter_is_seen_in_the_header(tmp_path: Path, delimiter: str, name: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([["ticket", "author", "text, or body"], ["T1", "ann", "a;b,c|d\te"]])

    seen = preview(put(tmp_path, out.getvalue()), {"text": "text, or body"})

    assert seen.form == f"CSV with {name}"
    assert seen.sample[0].text == "a;b,c|d\te"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_that_spreadsheets_write_are_read(tmp_path: Path, encoding: str) -> None:
    text = "ticket,author,text\nT1,Jürgen,Die Größe wird nicht übernommen – könnten Sie prüfen?\n" * 3

    seen = preview(put(tmp_path, text.encode(encoding)))

    assert seen.sample[0].author == "Jürgen"
    assert "Größe" in seen.sample[0].text


@pytest.mark.parametrize("separator", ["\u2028", "\x85"])
def test_odd_line_separators_inside_a_json_string_belong_to_the_text(tmp_path: Path, separator: str) -> None:
    row = json.dumps({"ticket": "T1", "author": "ann", "text": f"one{separator}two"}, ensure_ascii=False)

    assert preview(put(tmp_path, row)).sample[0].text == f"one{separator}two"


def test_a_packed_file_is_unpacked(tmp_path: Path) -> None:
    assert preview(put(tmp_path, gzip.compress(CSV.encode()))).rows == 3


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", InvalidInput),
        (b"  \n ", InvalidInput),
        (b'[{"ticket": 1}]', InvalidInput),
        (b"just words", InvalidInput),
        (b"\x1f\x8bnot gzip", InvalidInput),
        (bytes(range(256)) * 8, UnreadableDocument),
    ],
)
def test_a_file_that_holds_no_tickets_says_what_to_do(
    tmp_path: Path, content: bytes, error: type[InvalidInput]
) -> None:
    with pytest.raises(error):
        preview(put(tmp_path, content))


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="can't be read"):
        preview(tmp_path / "nowhere.csv")


async def test_without_roles_the_first_to_write_is_the_customer_and_nobody_an_analyst(tmp_path: Path) -> None:
    path = put(tmp_path, "ticket,author,text\nT1,ann,it broke\nT1,bob,again\nT1,ann,yes\n")

    found = await taken(path)

    roles = [arrival.incoming.author.role for arrival in found if arrival.incoming.author]
    assert roles == [Role.CUSTOMER, Role.BYSTANDER, Role.CUSTOMER]
    assert any("No column says who is what" in note for note in preview(path).notes)


def test_roles_that_are_not_known_have_no_authority_and_are_shown(tmp_path: Path) -> None:
    seen = preview(put(tmp_path, "ticket,author,role,text\nT1,ann,Sith Lord,join us\n"))

    assert seen.roles == {"bystander": 1}
    assert any("'sith lord'" in note for note in seen.notes)


async def test_a_ticket_comes_in_the_order_of_time_and_undated_rows_stay_where_they_stood(tmp_path: Path) -> None:
    path = put(
        tmp_path,
        "ticket,author,text,at\nT1,ann,third,2024-03-03\nT1,ann,after third,\nT2,bob,other,2020-01-01\nT1,ann,first,2024-03-01\n",
    )

    assert [arrival.incoming.text for arrival in await taken(path)] == ["first", "third", "after third", "other"]


def test_what_was_taken_for_granted_about_dates_is_said(tmp_path: Path) -> None:
    path = put(tmp_path, "ticket,author,text,at\nT1,ann,hello,03/04/2024\n")

    seen = preview(path, zone="Europe/Berlin")

    assert seen.sample[0].at == datetime(2024, 3, 3, 23, 0, tzinfo=UTC)
    assert any("month first" in note for note in seen.notes)
    assert any("Europe/Berlin" in note for note in seen.notes)
    assert preview(path, day_first=True).sample[0].at == datetime(2024, 4, 3, tzinfo=UTC)


def test_ids_that_no_desk_can_hold_are_refused(tmp_path: Path) -> None:
    rows = [{"ticket": ticket, "author": "ann", "text": "hello"} for ticket in ("x" * 300, "T\u202e1")]

    seen = preview(put(tmp_path, lines(*rows)))

    assert seen.rows == 0
    assert len(seen.refused) == 2


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["T1", "T2"]),
            st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(
                str.strip
            ),
        ),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_whatever_a_spreadsheet_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], delimiter: str
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["ticket", "author", "text"])
    writer.writerows((ticket, "ann", text) for ticket, text in rows)

    seen = preview(put(tmp_path_factory.mktemp("import"), out.getvalue()), sample=99)

    assert [(each.ticket, each.text) for each in seen.sample] == [(ticket, text.strip()) for ticket, text in rows]
    assert len({each.id for each in seen.sample}) == len(rows)


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: f"ticket,author,text\n{text}".encode("utf-8", "replace"))
)
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = put(tmp_path_factory.mktemp("import"), content)
    try:
        seen = preview(path)
    except InvalidInput as error:
        assert str(error)  # noqa: PT017
    else:
        assert seen.rows >= len(seen.sample)


@pytest.mark.shared_data
async def test_the_evaluation_tickets_come_in_whole(shared_data: Path) -> None:
    path = shared_data / "tickets_abcd_sample.jsonl"

    seen = preview(path)

    assert (seen.tickets, seen.rows, seen.refused) == (5, 118, ())
    assert len(await taken(path)) == 118
