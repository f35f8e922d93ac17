"""From a path or a URL to drafts, through the public door."""

import gzip
import json
import os
from pathlib import Path

import pytest

from tests.integration.documents.site import page, serving
from vigil.errors import ForbiddenAddress, InvalidInput, TooLarge
from vigil.guard.fetch import Fetched, Fetcher
from vigil.knowledge.documents import Limits, Loaded, load, load_content
from vigil.testing.fetch import ScriptedFetch, ScriptedResolver

DATA = Path(os.environ.get("VIGIL_DATA", Path(__file__).parents[3] / "../shared/data"))


def words(text: str) -> int:
    return len(text.split())


async def test_a_file_is_loaded_under_its_absolute_path_or_the_address_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "guide.md").write_text("# Guide\n\nHello.")
    monkeypatch.chdir(tmp_path)
    for place in ("guide.md", "./guide.md", tmp_path / "guide.md"):
        found = await load(place, count=words)
        assert found.document.address == found.drafts[0].source == (tmp_path / "guide.md").as_posix()
    renamed = await load("guide.md", count=words, address="The guide")
    assert (renamed.document.media_type, renamed.drafts[0].key) == ("text/markdown", "The guide#")


@pytest.mark.parametrize(
    ("place", "fix"), [("nowhere.md", "not there"), (".", "a folder"), ("a\0b", "not there"), ("x" * 5000, "be read")]
)
async def test_what_is_no_file_is_said_so(
    place: str, fix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInput, match=fix):
        await load(place, count=words)


async def test_neither_devices_nor_pipes_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    for place in (tmp_path / "pipe.md", "/dev/zero"):
        with pytest.raises(InvalidInput, match="no file"):
            await load(place, count=words)


async def test_a_large_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    with (tmp_path / "large.txt").open("wb") as file:
        file.truncate(10_000_000_000)
    with pytest.raises(TooLarge, match="VIGIL_FETCH_MAX_BYTES"):
        await load(tmp_path / "large.txt", count=words, limits=Limits(most_bytes=1000))


async def test_a_page_is_fetched_and_cut_with_its_links_resolved_where_it_was_found() -> None:
    html = b"<title>T</title><main><h1>Guide</h1><p>See <a href=plans>plans</a>.</main>"
    url = "https://docs.example.com/guide"
    fetch = ScriptedFetch(
        {
            f"{url}#part": Fetched(
                address=url,
                url="https://docs.example.com/v2/guide",
                media_type="text/html",
                charset="utf-8",
                content=html,
            )
        }
    )
    found = await load(f"{url}#part", count=words, fetch=fetch)
    assert found.document.address == url
    assert found.drafts[0].answer == "See [plans](https://docs.example.com/v2/plans)."


async def test_a_page_comes_over_the_wire_in_the_encoding_that_the_server_names() -> None:
    async with serving(
        {"/a.md": page("# Сброс\n\nпароля".encode("koi8-r"), media_type="text/plain; charset=koi8-r")}
    ) as site:
        fetcher = Fetcher(
            [f"docs.example.com:{site.port}"],
            resolver=ScriptedResolver({"docs.example.com": [["127.0.0.1"]]}),
            trusted_for_tests=("127.0.0.1/32",),
        )
        found = await load(f"http://docs.example.com:{site.port}/a.md", count=words, fetch=fetcher)
    assert (found.document.title, found.drafts[0].answer) == ("Сброс", "пароля")


async def test_a_url_is_never_taken_for_a_path_and_the_other_way_round() -> None:
    with pytest.raises(InvalidInput, match="VIGIL_FETCH_ALLOW"):
        await load("https://docs.example.com/", count=words)
    with pytest.raises(ForbiddenAddress, match="VIGIL_FETCH_ALLOW"):
        await load("https://docs.example.com/", count=words, fetch=Fetcher([]))
    with pytest.raises(InvalidInput):
        await load("file:///etc/passwd", count=words, fetch=Fetcher([]))


async def test_an_upload_is_loaded_by_its_name_and_media_type() -> None:
    found = await load_content("upload:faq", "text/csv", b"question,answer\nWhy?,So.\n", count=words)
    assert [(draft.key.split("#")[0], draft.answer) for draft in found.drafts] == [("upload:faq", "So.")]


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("factoid_kb.jsonl.gz", 501),
        ("retrieval_stackex_docs.jsonl.gz", 245),
        ("docs_dev.jsonl.gz", 870),
        ("kseek_docs.jsonl.gz", 12_039),
    ],
)
async def test_the_evaluation_files_are_read_as_they_are_one_draft_a_row(name: str, rows: int) -> None:
    if not (DATA / name).is_file():
        pytest.skip(f"no evaluation data at {DATA}: set VIGIL_DATA")
    found: Loaded = await load(DATA / name, count=words, address=name)
    assert found.refused == ()
    ids = [json.loads(line)["doc_id"] for line in gzip.decompress((DATA / name).read_bytes()).splitlines()]
    assert len(ids) == rows
    assert [draft.key for draft in found.drafts] == [f"{name}#{doc_id}" for doc_id in ids]
    assert all(draft.title and draft.answer for draft in found.drafts)
