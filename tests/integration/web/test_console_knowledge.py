"""The knowledge in the console, as somebody without a screen would use it: found, read, changed, retired, brought back, added by upload."""

import asyncio
import re
from urllib.parse import quote

import httpx2
import pytest

from tests.integration.web.browser import Browser
from tests.integration.web.door import OURS, THEIRS, Door
from vigil.domain.account import Part
from vigil.domain.knowledge import Draft, Evidence, EvidenceKind, RevisionKind, Scope
from vigil.store.lessons import LessonRecord, Lessons, LessonState

QUESTION, ANSWER = "How do I restore a backup?", "Open *Backups*, choose one, then **Restore**."
BOUNDARY = "----VigilForm7"


def draft(question: str = QUESTION, answer: str = ANSWER) -> Draft:
    return Draft(key=f"hand:{question}", title=question, question=question, answer=answer)


async def known(door: Door, *drafts: Draft, workspace: str = OURS) -> str:
    """Publishes; returns the id of the first entry."""
    await door.knowledge.publish(workspace, list(drafts), by="test", summary="for a test")
    return (await door.knowledge.entries(workspace))[0].entry_id


async def upload(
    browser: Browser, *files: tuple[str, bytes], token: str | None = None, path: str = "/knowledge/documents"
) -> httpx2.Response:
    """Sends a form with files, as a browser without a script would."""
    fields = [f'name="token"\r\n\r\n{browser.token if token is None else token}'.encode()]
    fields += [f'name="files"; filename="{name}"\r\n\r\n'.encode() + content for name, content in files]
    body = b"".join(f"--{BOUNDARY}\r\nContent-Disposition: form-data; ".encode() + field + b"\r\n" for field in fields)
    return await browser.door.client.post(
        path,
        content=body + f"--{BOUNDARY}--\r\n".encode(),
        headers={
            "content-type": f"multipart/form-data; boundary={BOUNDARY}",
            "sec-fetch-site": "same-origin",
            "cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items()),
        },
    )


async def test_it_is_searched_as_vigil_does_and_says_what_vigil_would_say(door: Door) -> None:
    await known(door, draft(), draft("How do I pay?", "By card."))
    viewer = await Browser.of(door, Part.VIEWER)
    listed = (await viewer.get("/knowledge")).text
    assert QUESTION in listed
    assert "Open Backups, choose one, then Restore." in listed
    found = (await viewer.get("/knowledge?q=restore+a+backup")).text
    assert found.index(QUESTION) < found.index("How do I pay?")
    assert "cosine" in found
    assert "Vigil would say" in found
    assert "Write an entry" not in found  # a viewer writes nothing


async def test_an_entry_is_changed_and_shows_how(door: Door) -> None:
    entry = await known(door, draft())
    analyst = await Browser.of(door, Part.ANALYST)
    address = f"/knowledge/entries/{entry}"
    form = (await analyst.get(f"{address}/edit")).text
    (revision,) = re.findall(r'name="revision" value="([^"]+)"', form)
    typed = {"question": QUESTION, "title": QUESTION, "answer": "Open *Backups*, choose one, then **Bring back**."}
    saved = await analyst.send(f"{address}/edit", revision=revision, **typed)
    assert saved.headers["location"] == address
    page = (await analyst.get(address)).text
    assert "<em>Backups</em>" in page
    assert "<del>Restore</del>" in page
    assert "<ins>Bring back</ins>" in page
    assert "Kim analyst" in page
    late = await analyst.send(f"{address}/edit", revision=revision, question="", answer="I was slower.")
    assert late.status_code == 409
    assert "I was slower." in late.text
    empty = await analyst.send(f"{address}/edit", revision=revision, answer=" ")
    assert empty.status_code == 409
    latest = await door.knowledge.entry(OURS, entry)
    assert latest.number == 2
    wrong = await analyst.send(f"{address}/edit", revision=latest.id, answer=" ")
    assert "Write the answer" in wrong.text


async def test_an_entry_is_retired_and_a_former_state_brought_back(door: Door) -> None:
    entry = await known(door, draft())
    first = await door.knowledge.entry(OURS, entry)
    await known(door, draft(answer="Nobody can."))
    analyst = await Browser.of(door, Part.ANALYST)
    address = f"/knowledge/entries/{entry}"
    await analyst.get(address)
    await analyst.send(f"{address}/retire")
    assert (await door.knowledge.entry(OURS, entry)).kind is RevisionKind.RETIRED
    assert QUESTION not in (await analyst.get("/knowledge")).text
    assert QUESTION in (await analyst.get("/knowledge?retired=1")).text
    await analyst.get(address)
    await analyst.send(f"{address}/restore", revision=first.id)
    latest = await door.knowledge.entry(OURS, entry)
    assert (latest.kind, latest.draft.answer, latest.number) == (RevisionKind.PUBLISHED, ANSWER, 4)
    assert (await analyst.send(f"{address}/restore", revision="rev_0")).status_code == 404


async def test_going_back_says_first_what_it_changes(door: Door) -> None:
    entry = await known(door, draft())
    await known(door, draft(answer="Nobody can."), draft("How do I pay?", "By card."))
    admin = await Browser.of(door, Part.ADMIN)
    assert "for a test" in (await admin.get("/knowledge/versions")).text
    second = (await admin.get("/knowledge/versions/2")).text
    assert "1 entry added, 1 changed, 0 retired" in second
    look = (await admin.get("/knowledge/versions/1/back")).text
    assert "0 entries come back, 1 change, 1 go" in look
    assert "Nobody can." in look
    await known(door, draft("Another?", "Yes."))
    assert (await admin.send("/knowledge/versions/1/back", seen="2")).status_code == 409
    await admin.send("/knowledge/versions/1/back", seen="3")
    assert (await door.knowledge.entry(OURS, entry)).draft.answer == ANSWER
    assert await door.knowledge.version(OURS) == 4
    assert (await admin.get("/knowledge/versions/99/back")).status_code == 404


async def test_an_entry_is_written_by_hand(door: Door) -> None:
    analyst = await Browser.of(door, Part.ANALYST)
    assert "Where is it?" in (await analyst.get("/knowledge/new?question=Where+is+it%3F")).text
    bad = await analyst.send("/knowledge/new", question="Where is it?", answer="There.", valid_until="tomorrow")
    assert bad.status_code == 422
    assert "2026-03-31" in bad.text
    await analyst.send(
        "/knowledge/new", question="Where is it?", answer="There.", audience="internal", aliases="a\nb\na"
    )
    (entry,) = await door.knowledge.entries(OURS)
    assert entry.draft.scope == Scope(audience="internal")
    assert entry.draft.aliases == ("a", "b")


async def test_documents_are_added_by_upload_and_removed(door: Door) -> None:
    analyst, admin = await Browser.of(door, Part.ANALYST), await Browser.of(door, Part.ADMIN)
    await analyst.get("/knowledge/documents")
    sent = await upload(analyst, ("guide.md", b"# Guide\n\n## Restore\n\nOpen Backups.\n"), ("faq.csv", b"nonsense"))
    assert (sent.status_code, sent.headers["location"]) == (303, "/knowledge/documents")
    await door.uploads.close()
    page = (await analyst.get("/knowledge/documents")).text
    assert "upload/guide.md" in page
    assert "knowledge version 1" in page
    assert 'class="problem"' in page  # the table has no column that holds answers
    assert [entry.draft.source for entry in await door.knowledge.entries(OURS)] == ["upload/guide.md"]
    look = (await admin.get("/knowledge/documents/remove?address=upload/guide.md")).text
    assert "Open Backups" in look or "Restore" in look
    await admin.send("/knowledge/documents/remove", address="upload/guide.md")
    assert await door.knowledge.entries(OURS) == []
    assert (await admin.get("/knowledge/documents/remove?address=upload/guide.md")).status_code == 404


async def test_an_upload_is_refused_with_the_reason(door: Door) -> None:
    analyst = await Browser.of(door, Part.ANALYST)
    await analyst.get("/knowledge/documents")
    for files, told in (
        ([("x.exe", b"MZ")], "isn't read here"),
        ([("x.md", b"")], "is empty"),
        ([], "Choose a file"),
        ([(f"{number}.md", b"x") for number in range(21)], "more than 20 files"),
    ):
        refused = await upload(analyst, *files)
        assert refused.status_code == 422
        assert told in refused.text.replace("&#39;", "'")
    assert (await upload(analyst, ("big.md", b"x" * 250_000))).status_code == 422
    assert (await upload(analyst, ("big.md", b"x" * 400_000))).status_code == 413
    assert (await upload(analyst, ("x.md", b"# X\n\ny"), token="wrong")).status_code == 403
    assert (await upload(analyst, ("x.md", b"# X\n\ny"), path="/knowledge/new")).status_code == 422
    assert await door.uploads.latest(OURS) == []


async def test_an_open_page_hears_how_far_an_upload_is(door: Door) -> None:
    analyst = await Browser.of(door, Part.ANALYST)
    await analyst.get("/knowledge/documents")
    await upload(analyst, ("guide.md", b"# Guide\n\n## Restore\n\nOpen Backups.\n"))
    await door.uploads.close()
    live = asyncio.create_task(analyst.get("/knowledge/documents/live"))
    await asyncio.sleep(0)
    door.pulse.end()
    assert "retry" in (await live).text


async def lesson(door: Door, state: LessonState, entry_id: str | None, new: Draft) -> str:
    record = LessonRecord(
        id=f"les_{state}",
        ticket_id="tkt_1",
        through="msg_9",
        number=1 if state is LessonState.CONFLICT else 2,
        state=state,
        reason="contradicts" if state is LessonState.CONFLICT else "does_not_answer_itself",
        relation="contradicts" if state is LessonState.CONFLICT else "new",
        entry_id=entry_id,
        draft=new,
        at=door.clock.now(),
    )
    async with door.store.write(OURS) as session:
        await Lessons(session).add([record])
    return record.id


async def test_a_conflict_is_shown_with_both_sides_and_decided(door: Door) -> None:
    entry = await known(door, draft())
    other = Draft(key="lesson:tkt_1:1", title=QUESTION, question=QUESTION, answer="Backups can't be restored.")
    conflict = await lesson(door, LessonState.CONFLICT, entry, other)
    held = await lesson(door, LessonState.HELD, None, draft("Something else?", "Perhaps."))
    analyst, viewer = await Browser.of(door, Part.ANALYST), await Browser.of(door, Part.VIEWER)
    listed = (await analyst.get("/knowledge/lessons")).text
    assert "it says the opposite of what is known" in listed
    assert "Something else?" in listed
    page = (await analyst.get(f"/knowledge/lessons/{conflict}")).text
    assert "Backups can&#39;t be restored." in page
    assert "<strong>Restore</strong>" in page
    assert "/tickets/tkt_1" in page
    assert "Reject it" not in (await viewer.get(f"/knowledge/lessons/{conflict}")).text
    assert (await analyst.send(f"/knowledge/lessons/{conflict}", do="reject")).status_code == 422
    await analyst.send(f"/knowledge/lessons/{conflict}", do="keep")
    assert (await door.knowledge.entry(OURS, entry)).draft.answer == ANSWER
    assert (await analyst.send(f"/knowledge/lessons/{conflict}", do="accept")).status_code == 409
    await analyst.send(f"/knowledge/lessons/{held}", do="accept")
    assert "Something else?" in {each.draft.question for each in await door.knowledge.entries(OURS)}
    assert "Nothing waits" in (await analyst.get("/knowledge/lessons")).text
    assert "Backups can&#39;t be restored." in (await analyst.get("/knowledge/lessons?view=rejected")).text
    assert "again and again" in (await analyst.get("/knowledge/gaps")).text


async def test_nothing_of_another_workspace_is_seen_or_changed(door: Door) -> None:
    theirs = await known(door, draft("Their secret?", "Swordfish."), workspace=THEIRS)
    admin = await Browser.of(door, Part.ADMIN)
    for path in (f"/knowledge/entries/{theirs}", f"/knowledge/entries/{theirs}/edit", "/knowledge/versions/1/back"):
        assert (await admin.get(path)).status_code == 404, path
    for path in ("/knowledge", "/knowledge?q=their+secret", "/knowledge/versions", "/knowledge/versions/1"):
        assert "Swordfish" not in (await admin.get(path)).text
    assert (await admin.send(f"/knowledge/entries/{theirs}/retire")).status_code == 404
    assert (await door.knowledge.entry(THEIRS, theirs)).number == 1


@pytest.mark.parametrize(
    "payload",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        '"><svg onload=alert(1)>',
        "![x](https://evil.example/x.png)",
        "<a href='data:text/html,x'>x</a>",
    ],
)
async def test_what_documents_say_runs_nowhere(door: Door, payload: str) -> None:
    evidence = (Evidence(kind=EvidenceKind.DOCUMENT, reference="javascript:alert(1)", title=payload, quote=payload),)
    entry = await known(
        door,
        Draft(
            key=payload,
            title=payload,
            question=payload,
            answer=payload,
            aliases=(payload,),
            conditions=payload,
            source=f"upload/{payload}",
            evidence=evidence,
        ),
    )
    await known(door, Draft(key=payload, title=payload, question="Now?", answer=f"{payload} {payload}"))
    held = await lesson(door, LessonState.HELD, entry, draft(payload, payload))
    admin = await Browser.of(door, Part.ADMIN)
    for path in (
        "/knowledge",
        f"/knowledge/entries/{entry}",
        f"/knowledge/entries/{entry}/edit",
        "/knowledge/lessons",
        f"/knowledge/lessons/{held}",
        "/knowledge/versions/2",
        "/knowledge/documents",
    ):
        page = (await admin.get(path)).text
        assert not re.search(r"<(script(?! src=\"/static/)|img (?!src=\"/static)|svg onload|a href='data)", page), path
        assert 'href="javascript' not in page
    searched = (await admin.get(f"/knowledge?q={quote(payload)}")).text
    assert not re.search(r"<(script(?! src=\"/static/)|svg onload|a href='data)", searched)
