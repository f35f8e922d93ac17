"""From bytes to a document, and from a document to drafts."""

import gzip
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from tests.unit.knowledge_documents.pdfs import line, pdf
from vigil.domain.knowledge import EvidenceKind, Scope
from vigil.errors import InvalidInput, TooLarge, UnreadableDocument
from vigil.knowledge.documents import Limits, Loaded, cut, read, walk


def words(text: str) -> int:
    return len(text.split())


def loaded(address: str, content: bytes | str, media_type: str = "") -> Loaded:
    content = content if isinstance(content, bytes) else content.encode()
    return cut(read(address, media_type, content), words)


GUIDE = """---
title: Backups of databases
product: databases
audience: public
language: en
aliases: dump, point in time
valid_until: 2026-12-31
---
# Backups

Every database is backed up each night.

## How long are they kept?

Seven days.

## Restore

### By hand

Press it.
"""


def test_a_draft_carries_all_that_holds_for_its_document() -> None:
    first, question, restore = loaded("docs/backups.md", GUIDE).drafts
    assert first.title == "Backups of databases"
    assert question.title == "Backups of databases › How long are they kept?"
    assert question.question == "How long are they kept?"
    assert question.answer == "Seven days."
    assert (first.question, restore.question) == ("", "")
    assert restore.key == "docs/backups.md#restore/by-hand"
    assert restore.title == "Backups of databases › Restore › By hand"
    assert restore.aliases == ("dump", "point in time")
    assert restore.scope == Scope(product="databases", audience="public", language="en")
    assert restore.valid_until == datetime(2027, 1, 1, tzinfo=UTC)
    assert restore.source == "docs/backups.md"
    (evidence,) = restore.evidence
    assert evidence.kind is EvidenceKind.DOCUMENT
    assert evidence.reference == "docs/backups.md#by-hand"
    assert evidence.title == restore.title


def test_the_only_highest_heading_is_the_title_and_not_a_topic() -> None:
    found = loaded("a.md", "# Guide\n\nHello.\n\n## One\n\na\n\n## Two\n\nb")
    assert [draft.title for draft in found.drafts] == ["Guide", "Guide › One", "Guide › Two"]
    assert [draft.key for draft in found.drafts] == ["a.md#", "a.md#one", "a.md#two"]
    assert found.drafts[0].evidence[0].reference == "a.md"


def test_a_heading_that_says_the_same_as_the_front_matter_is_not_said_twice() -> None:
    (draft,) = loaded("a.md", "---\ntitle: Guide\n---\n# Guide\n\nHello.").drafts
    assert draft.title == "Guide"


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("docs/reset_my-password.md", "Reset my password"),
        ("C:/docs/FAQ.Markdown", "FAQ"),
        ("https://docs.example.com/db/restore-a-backup/?v=2", "Restore a backup"),
        ("https://docs.example.com/", "Docs.example.com"),
        ("https://docs.example.com/r%C3%A9sum%C3%A9.txt", "Résumé"),
        ("notes.txt.gz", "Notes"),
        ("x", "X"),
    ],
)
def test_a_document_without_a_title_is_called_by_its_name(address: str, title: str) -> None:
    assert read(address, "text/plain", b"words").title == title


@pytest.mark.parametrize(
    ("address", "media_type", "content", "kind"),
    [
        ("a.md", "", b"# A\n\nb", "text/markdown"),
        ("a.md", "text/plain; charset=utf-8", b"# A\n\nb", "text/markdown"),
        ("a.MD", "application/octet-stream", b"# A\n\nb", "text/markdown"),
        ("a", "text/x-markdown", b"# A\n\nb", "text/markdown"),
        ("https://x.example/a.php?b=.pdf", "text/html", b"<p>b", "text/html"),
        ("https://x.example/a", "", b"\xef\xbb\xbf <!DOCTYPE HTML><p>b", "text/html"),
        ("a", "", b"<p>b", "text/plain"),
        ("a.txt", "", b"<html>b", "text/plain"),
        ("a.csv", "application/csv", b"q,a\nx,y", "text/csv"),
        ("a.csv.gz", "application/gzip", gzip.compress(b"q,a\nx,y"), "text/csv"),
        ("a", "application/jsonl", b'{"a": "b"}', "application/x-ndjson"),
        ("a.json", "text/plain", b'[{"a": "b"}]', "application/json"),
        ("a.txt", "text/plain", pdf([[line("b")]]), "application/pdf"),
        ("a", "", pdf([[line("b")]]), "application/pdf"),
    ],
)
def test_what_it_is_is_told_by_its_bytes_its_media_type_and_its_name(
    address: str, media_type: str, content: bytes, kind: str
) -> None:
    assert read(address, media_type, content).media_type == kind
    assert loaded(address, content, media_type).drafts


def test_a_document_knows_the_digest_of_its_bytes_and_its_text() -> None:
    packed = gzip.compress(b"# A\r\n\r\nb")
    document = read("a.md.gz", "", packed)
    assert document.digest == sha256(packed).hexdigest()
    assert document.text == "# A\n\nb"


def test_a_page_says_in_which_encoding_it_is() -> None:
    page = '<html><head><meta charset="koi8-r"></head><body><p>день'.encode("koi8-r")
    assert loaded("a.html", page).drafts[0].answer == "день"
    assert loaded("a.html", "<p>день".encode("koi8-r"), "text/html; charset=koi8-r").drafts[0].answer == "день"


def test_a_page_carries_its_anchors_and_a_pdf_its_pages() -> None:
    page = loaded("https://x.example/a", "<title>T</title><main><h1>Top<h2 id=two>Two</h2><p>b</main>", "text/html")
    assert page.drafts[0].evidence[0].reference == "https://x.example/a#two"
    assert page.drafts[0].title == "Top › Two"
    file = loaded(
        "a.pdf", pdf([[line("Guide", 20), line("Words of the first page.")], [line("Second", 16), line("b c.")]])
    )
    assert [draft.evidence[0].reference for draft in file.drafts] == ["a.pdf#page=1", "a.pdf#page=2"]
    assert [draft.title for draft in file.drafts] == ["Guide", "Guide › Second"]


def test_relative_links_of_a_page_lead_to_where_it_was_found() -> None:
    found = cut(read("https://x.example/a", "text/html", b"<a href=b>c</a>", found_at="https://y.example/d/"), words)
    assert found.drafts[0].answer == "[c](https://y.example/d/b)"


def test_front_matter_that_would_be_misunderstood_names_the_document_and_the_fix() -> None:
    with pytest.raises(InvalidInput, match=r"(?s)a\.md.*audience.*internal"):
        read("a.md", "", b"---\naudience: staff\n---\n# A\n\nb")


@pytest.mark.parametrize(
    ("address", "content", "fix"),
    [
        ("a.md", b"", "empty"),
        ("a.md", b" \n ", "empty"),
        ("a.txt", gzip.compress(b""), "empty"),
        ("a.md", b"# Only\n\n## Headings\n", "no text"),
        ("a.html", b"<div id=app></div><script>x</script>", "script draws"),
        ("a.docx", b"PK\x03\x04rest", "office document"),
        ("a.doc", b"\xd0\xcf\x11\xe0rest", "office document"),
        ("a.rtf", rb"{\rtf1 hello}", "office document"),
        ("a.pdf", b"hello", "no PDF"),
        ("a.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d", "not text"),
        ("a.txt", gzip.compress(b"hello")[:-4], "cut short"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_name_and_the_fix(address: str, content: bytes, fix: str) -> None:
    with pytest.raises(UnreadableDocument, match=fix) as refusal:
        read(address, "", content)
    assert address in str(refusal.value)


def test_limits_hold_for_the_file_and_for_what_it_unpacks_to() -> None:
    small = Limits(most_bytes=1000)
    for content in (b"x " * 501, gzip.compress(b"x " * 501)):
        with pytest.raises(TooLarge, match="VIGIL_FETCH_MAX_BYTES"):
            read("a.txt", "", content, limits=small)
    assert read("a.txt", "", b"x " * 500, limits=small).text


def test_refused_rows_and_pages_come_along() -> None:
    assert [refused.number for refused in loaded("a.jsonl", '{"a": "b"}\nx\n').refused] == [2]
    pages = pdf([[line("Words.")], []], pictures=True)
    assert [refused.number for refused in loaded("a.pdf", pages).refused] == [2]


def test_a_folder_is_walked_in_order_without_what_is_hidden_foreign_or_outside(tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text("secret")
    top = tmp_path / "docs"
    for name in (
        "b.md",
        "a.TXT",
        "sub/c.jsonl.gz",
        ".hidden.md",
        ".git/d.md",
        "sub/.e/f.md",
        "g.png",
        "h.docx",
        "README",
    ):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text("x")
    (top / "leaves.md").symlink_to(outside)
    (top / "stays.md").symlink_to(top / "b.md")
    (top / "gone.md").symlink_to(top / "nowhere.md")
    (top / "loop").symlink_to(top)
    (top / "folder.md").mkdir()
    assert [path.relative_to(top).as_posix() for path in walk(top)] == ["a.TXT", "b.md", "stays.md", "sub/c.jsonl.gz"]
    assert walk(top / "README") == [top / "README"]
    with pytest.raises(InvalidInput, match="no folder"):
        walk(tmp_path / "nowhere")
