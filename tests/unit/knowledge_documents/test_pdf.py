"""From PDF to blocks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.knowledge_documents.pdfs import line, locked, pdf
from vigil.errors import InvalidInput, TooLarge, UnreadableDocument
from vigil.knowledge.blocks import BlockKind
from vigil.knowledge.pdf import Pdf, read_pdf


def read(content: bytes) -> Pdf:
    return read_pdf(content, name="guide.pdf", most_pages=100, most_seconds=60)


def page(*middle: tuple[str, int, str], number: int) -> list[tuple[str, int, str]]:
    return [line("Larkspur Cloud handbook", 8), *middle, line(f"Page {number} of 3", 8)]


HANDBOOK = pdf(
    [
        page(
            line("Handbook", 24),
            line("1 Restore", 16),
            line("A restore makes a new database, so that nothing of the old one is over-"),
            line("written. Plan for twice the storage while both of them exist beside each"),
            line("other. It takes an hour."),
            line("Before you start:"),
            line("• stop the application, or it goes on writing to the old"),
            line("database,"),
            line("• write down the time."),
            number=1,
        ),
        page(
            line("Run this", 10, "bold"),
            line("lark db restore prod", 9, "mono"),
            line("  --at 09:00", 9, "mono"),
            line("The console shows how far it is, and the new database appears beside the old"),
            number=2,
        ),
        page(
            line("one when it is done."),
            line("2 Contents . . . . . . . . 7"),
            line("2 Plans", 16),
            line("Small plans keep seven days."),
            number=3,
        ),
    ],
    title="Microsoft Word - handbook.docx",
)


def test_headings_lists_code_and_paragraphs_are_told_apart() -> None:
    found = [(block.kind.value, block.level, block.page, block.text) for block in read(HANDBOOK).blocks]
    assert found == [
        ("heading", 1, 1, "Handbook"),
        ("heading", 2, 1, "1 Restore"),
        (
            "prose",
            0,
            1,
            "A restore makes a new database, so that nothing of the old one is overwritten. Plan for twice the storage while both of them"
            " exist beside each other. It takes an hour.",
        ),
        ("prose", 0, 1, "Before you start:"),
        ("item", 0, 1, "- stop the application, or it goes on writing to the old database,"),
        ("item", 0, 1, "- write down the time."),
        ("heading", 6, 2, "Run this"),
        ("code", 0, 2, "```\nlark db restore prod\n--at 09:00\n```"),
        (
            "prose",
            0,
            2,
            "The console shows how far it is, and the new database appears beside the old one when it is done.",
        ),
        ("heading", 2, 3, "2 Plans"),
        ("prose", 0, 3, "Small plans keep seven days."),
    ]


def test_what_stands_side_by_side_is_a_row_of_a_table_or_an_item_and_its_mark() -> None:
    found = read(pdf([[line("Plan\tKept"), line("small\t7 days"), line("1\tStop it."), line("•\tWait.")]]))
    assert [(block.kind.value, block.text, block.close) for block in found.blocks] == [
        ("prose", "Plan | Kept", False),
        ("prose", "small | 7 days", True),
        ("item", "1. Stop it.", False),
        ("item", "- Wait.", True),
    ]


def test_the_name_of_the_program_that_made_it_is_no_title() -> None:
    assert read(HANDBOOK).title == ""
    assert read(pdf([[line("Words.")]], title="Restore guide")).title == "Restore guide"


def test_items_of_one_list_stand_close() -> None:
    items = [block for block in read(HANDBOOK).blocks if block.kind is BlockKind.ITEM]
    assert [item.close for item in items] == [False, True]


def test_a_file_with_a_password_is_refused_with_the_fix() -> None:
    with pytest.raises(UnreadableDocument, match="password"):
        read(locked(HANDBOOK, "secret"))


def test_a_file_that_only_forbids_printing_is_read() -> None:
    assert read(locked(HANDBOOK, "")).blocks


def test_a_scan_is_refused_with_the_fix() -> None:
    with pytest.raises(UnreadableDocument, match="OCR"):
        read(pdf([[], []], pictures=True))


def test_a_page_that_is_a_picture_is_refused_by_its_number_and_the_others_are_read() -> None:
    found = read(pdf([[line("Words of the first page.")], []], pictures=True))
    assert [block.text for block in found.blocks] == ["Words of the first page."]
    assert [(refused.number, "OCR" in refused.why) for refused in found.refused] == [(2, True)]


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.4", b"%PDF-1.4\n%%EOF", HANDBOOK[:300], HANDBOOK[300:], b"\x00" * 1000]
)
def test_what_is_broken_or_no_pdf_is_refused_with_the_fix(content: bytes) -> None:
    with pytest.raises(UnreadableDocument) as refusal:
        read(content)
    assert "Export it again" in str(refusal.value) or "OCR" in str(refusal.value)


def test_a_blank_page_is_nothing_to_speak_of() -> None:
    assert read(pdf([[line("Words.")], []])).refused == ()


def test_a_file_with_too_many_pages_is_refused_before_they_are_read() -> None:
    with pytest.raises(TooLarge, match="3 pages"):
        read_pdf(HANDBOOK, name="x", most_pages=2, most_seconds=60)


def test_a_file_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(TooLarge, match="seconds"):
        read_pdf(HANDBOOK, name="x", most_pages=100, most_seconds=-1)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, len(HANDBOOK) - 1), st.binary(min_size=1, max_size=6)), min_size=1, max_size=12)
)
def test_a_damaged_file_is_read_as_far_as_it_goes_or_refused(damages: list[tuple[int, bytes]]) -> None:
    content = bytearray(HANDBOOK)
    for place, bytes_there in damages:
        content[place : place + len(bytes_there)] = bytes_there
    try:
        for block in read(bytes(content)).blocks:
            block.text.encode()
    except InvalidInput:
        return
