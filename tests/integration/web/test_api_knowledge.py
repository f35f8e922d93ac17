"""Knowledge over the API: written and uploaded, searched and asked, and its history with the way back."""

import gzip
from typing import Any

import httpx2

from tests.integration.web.door import OURS, THEIRS, Door, told
from vigil.guard.access import Scope

RESET = {"question": "How do I reset a password?", "answer": "Open Users, choose the user, then Reset password."}
GUIDE = b"# Nodes\n\n## The disk is full\n\nWhen kubectl describe shows DiskPressure, run `crictl rmi --prune` on the node.\n"


async def written(door: Door, **changed: Any) -> int:
    response = await door.call("POST", "/knowledge/entries", json={**RESET, **changed}, scope=Scope.KNOWLEDGE)
    assert response.status_code == 201, response.text
    return response.json()["version"]


async def upload(
    door: Door, content: bytes, name: str = "nodes.md", media_type: str = "text/markdown", workspace: str = OURS
) -> httpx2.Response:
    return await door.call(
        "POST",
        "/knowledge/documents",
        content=content,
        params={"name": name},
        headers={"content-type": media_type},
        scope=Scope.KNOWLEDGE,
        workspace=workspace,
    )


async def test_what_is_written_is_found_and_answers(door: Door) -> None:
    assert await written(door) == 1
    assert await written(door) == 1, "the same words again change nothing"
    found = await door.get("/knowledge/search", text="reset the password")
    (candidate,) = found["candidates"]
    assert (candidate["text"], found["version"]) == (RESET["answer"], 1)
    assert set(candidate["scores"]) >= {"cosine", "bm25"}
    (evidence,) = candidate["evidence"]
    assert evidence["kind"] == "person"
    asked = await door.call("POST", "/knowledge/ask", json={"text": RESET["question"]}, scope=Scope.READ)
    assert asked.status_code == 200
    finding = asked.json()
    assert finding["version"] == 1
    assert finding["cost"]["calls"] == 0
    if finding["answered"]:
        assert finding["citations"][0]["quote"] in RESET["answer"]


async def test_an_empty_knowledge_base_answers_nothing(door: Door) -> None:
    assert (await door.get("/knowledge/search", text="anything"))["candidates"] == []
    finding = (await door.call("POST", "/knowledge/ask", json={"text": "anything?"})).json()
    assert (finding["answered"], finding["reason"]) == (False, "no_evidence")


async def test_what_is_internal_is_not_found_by_who_asks_for_the_public(door: Door) -> None:
    await written(door, audience="internal", product="Databases", language="en")
    assert (await door.get("/knowledge/search", text="password"))["candidates"] == []
    inside = {"text": "password", "audience": "internal"}
    assert len((await door.get("/knowledge/search", **inside))["candidates"]) == 1
    assert len((await door.get("/knowledge/search", **inside, product="databases"))["candidates"]) == 1
    assert (await door.get("/knowledge/search", **inside, product="Mail"))["candidates"] == []
    assert (await door.get("/knowledge/search", **inside, language="de"))["candidates"] == []


async def test_a_document_is_taken_updated_and_removed(door: Door) -> None:
    first = (await upload(door, GUIDE)).json()
    assert first == {"unchanged": False, "published": 1, "retired": 0, "version": 1, "refused": []}
    assert (await upload(door, GUIDE)).json()["unchanged"] is True
    (candidate,) = (await door.get("/knowledge/search", text="DiskPressure"))["candidates"]
    assert "crictl" in candidate["text"]
    changed = (await upload(door, GUIDE.replace(b"DiskPressure", b"MemoryPressure"))).json()
    assert (changed["published"], changed["version"]) == (1, 2)
    (document,) = (await door.get("/knowledge/documents"))["items"]
    assert (document["address"], document["title"]) == ("upload/nodes.md", "Nodes")
    address = {"address": document["address"]}
    assert (await door.call("DELETE", "/knowledge/documents", params=address)).json() == {"version": 3}
    assert await door.get("/knowledge/documents") == {"items": [], "next": None}
    assert (await door.get("/knowledge/search", text="MemoryPressure"))["candidates"] == []
    told(await door.call("DELETE", "/knowledge/documents", params={"address": "upload/none.md"}), 404)


async def test_a_table_tells_which_of_its_rows_it_lacks(door: Door) -> None:
    rows = b"question,answer\nHow do I pay?,By card.\nWho knows?,\nHow do I leave?,Close the account.\n"
    taken = (await upload(door, rows, name="faq.csv", media_type="text/csv; charset=utf-8")).json()
    assert taken["published"] == 2
    assert [refused["number"] for refused in taken["refused"]] == [3]


async def test_a_document_that_can_not_be_read_says_why(door: Door) -> None:
    unreadable = {
        "empty.md": b"",
        "blank.md": b" \n\t\n",
        "report.pdf": b"%PDF-1.7 and nothing more",
        "letter.docx": b"PK\x03\x04rest",
        "cut.md.gz": b"\x1f\x8bhalf",
        "no-text.html": b"<html><body><script>1</script></body></html>",
    }
    for name, content in unreadable.items():
        problem = told(await upload(door, content, name=name, media_type="application/octet-stream"), 422)
        assert problem["code"] in ("unreadable_document", "invalid_input"), name
    assert (await door.get("/workspace"))["knowledge_version"] == 0


async def test_a_document_may_be_larger_than_a_message_but_not_than_a_document(door: Door) -> None:
    large = b"# Words\n\n" + b"All of them stand here.\n\n" * 6_000
    assert (await upload(door, large)).status_code == 200, "150,000 bytes, where a message may have 100,000"
    told(await upload(door, b"x" * 200_001), 413)
    told(await upload(door, gzip.compress(b"bomb " * 100_000), name="bomb.txt.gz", media_type=""), 413)


async def test_a_document_is_sent_as_it_is_under_a_name(door: Door) -> None:
    refused = await upload(door, b"--x\r\n\r\n--x--", media_type="multipart/form-data; boundary=x")
    assert "--data-binary" in told(refused, 415)["detail"]
    for name in ("", "a\x00b", "a\nb", "x" * 201):
        assert [fault["parameter"] for fault in told(await upload(door, GUIDE, name=name), 422)["errors"]] == ["name"]
    assert (await upload(door, GUIDE, name="../../etc/passwd.md")).status_code == 200
    (document,) = (await door.get("/knowledge/documents"))["items"]
    assert document["address"] == "upload/../../etc/passwd.md", "a name, never a path"


async def test_history_is_kept_compared_and_brought_back(door: Door) -> None:
    await written(door, key="reset")
    await written(door, key="reset", answer="Ask your admin.")
    await written(door, key="pay", question="How do I pay?", answer="By card.")
    (entry_id,) = {
        candidate["entry_id"] for candidate in await candidates(door, "reset password") if "admin" in candidate["text"]
    }
    entry = await door.get(f"/knowledge/entries/{entry_id}")
    assert [revision["draft"]["answer"] for revision in entry["revisions"]] == [RESET["answer"], "Ask your admin."]
    assert entry["in_force"] is True

    retired = await door.call("DELETE", f"/knowledge/entries/{entry_id}", scope=Scope.KNOWLEDGE)
    assert retired.json() == {"version": 4}
    assert (await door.get(f"/knowledge/entries/{entry_id}"))["in_force"] is False
    assert all(candidate["entry_id"] != entry_id for candidate in await candidates(door, "reset password"))

    differs = await door.get("/knowledge/diff", first=1, second=4)
    assert differs["total"] == 2
    before_and_after = {
        (change["before"] and change["before"]["draft"]["key"], change["after"] and change["after"]["draft"]["key"])
        for change in differs["changes"]
    }
    assert before_and_after == {("reset", None), (None, "pay")}
    assert len((await door.get("/knowledge/diff", first=1, second=4, limit=1))["changes"]) == 1

    back = await door.call("POST", "/knowledge/rollback", json={"version": 1}, scope=Scope.KNOWLEDGE)
    assert back.json() == {"version": 5}
    assert [candidate["text"] for candidate in await candidates(door, "password")] == [RESET["answer"]]
    page = await door.get("/knowledge/versions", limit=3)
    assert [version["version"] for version in page["items"]] == [5, 4, 3]
    following = await door.get("/knowledge/versions", limit=3, cursor=page["next"])
    assert ([version["version"] for version in following["items"]], following["next"]) == ([2, 1], None)
    assert all(version["by"].startswith("tok_") for version in page["items"])


async def candidates(door: Door, text: str) -> list[dict[str, Any]]:
    return (await door.get("/knowledge/search", text=text))["candidates"]


async def test_a_version_or_an_entry_that_is_not_there_is_said_to_be_missing(door: Door) -> None:
    told(await door.call("GET", "/knowledge/diff", params={"first": 0, "second": 99}), 404)
    told(await door.call("POST", "/knowledge/rollback", json={"version": 2**53 - 1}), 404)
    for wrong in ("1", True, -1, 1.5, 2**53, None):
        told(await door.call("POST", "/knowledge/rollback", json={"version": wrong}), 422)
    for method in ("GET", "DELETE"):
        told(await door.call(method, "/knowledge/entries/none"), 404)


async def test_an_entry_that_says_nothing_is_refused(door: Door) -> None:
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("answer", {"answer": " \n"}),
        ("answer", {"answer": "x" * 20_001}),
        ("answer", {"answer": "a\x00b"}),
        ("question", {"question": ""}),
        ("title", {"title": "two\nlines"}),
        ("language", {"language": "English, please"}),
        ("audience", {"audience": "everybody"}),
        ("valid_until", {"valid_until": "tomorrow"}),
        ("aliases/0", {"aliases": [""]}),
        ("source", {"source": "elsewhere.md"}),
    ]
    for pointer, changed in wrong:
        problem = told(await door.call("POST", "/knowledge/entries", json={**RESET, **changed}), 422)
        assert [fault["pointer"] for fault in problem["errors"]] == [f"/{pointer}"]
    for text in ("", " ", "\x00", "x" * 4_001):
        told(await door.call("GET", "/knowledge/search", params={"text": text}), 422)


async def test_what_another_workspace_knows_is_not_found(door: Door) -> None:
    assert (await upload(door, GUIDE, workspace=THEIRS)).status_code == 200
    (theirs,) = await door.knowledge.entries(THEIRS)
    assert await candidates(door, "DiskPressure") == []
    assert (await door.get("/knowledge/documents"))["items"] == []
    assert (await door.get("/knowledge/versions"))["items"] == []
    for method in ("GET", "DELETE"):
        told(await door.call(method, f"/knowledge/entries/{theirs.entry_id}"), 404)
    told(await door.call("DELETE", "/knowledge/documents", params={"address": "upload/nodes.md"}), 404)
    told(await door.call("GET", "/knowledge/diff", params={"first": 0, "second": 1}), 404)


async def test_any_words_may_be_asked(door: Door) -> None:
    await written(door)
    for text in (
        "\u202eلا أستطيع؟",
        "👩‍👩‍👧‍👦" * 50,
        "'; DROP TABLE entries; --",
        '* OR "',
        "\x07\x1b[31m",
        "%_\\",
        "[" * 500,
    ):
        assert (await door.call("GET", "/knowledge/search", params={"text": text})).status_code == 200
        assert (await door.call("POST", "/knowledge/ask", json={"text": text})).status_code == 200
