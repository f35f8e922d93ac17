"""Every publication is a version; nothing is overwritten; any version can be looked at and brought back. On both databases."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.integration.knowledge.shelves import W, entry, publish, standing, workspace
from vigil.clock import CountingIds, ManualClock
from vigil.domain.knowledge import Draft, Evidence, EvidenceKind, RevisionKind, Scope
from vigil.errors import InvalidInput, NotFound
from vigil.knowledge.base import KnowledgeBase
from vigil.store.store import Store
from vigil.testing.embedder import HashEmbedder
from vigil.testing.index import MemoryShelf


async def test_a_publication_raises_the_version_and_the_same_again_does_not(kb: KnowledgeBase) -> None:
    assert await kb.version(W) == 0
    assert await publish(kb, entry("vpn", "Install the client.")) == 1
    assert await publish(kb, entry("vpn", "Install the client.")) == 1
    assert [publication.version for publication in await kb.log(W)] == [1]


async def test_what_stands_already_is_not_embedded_again(kb: KnowledgeBase, embedder: HashEmbedder) -> None:
    await publish(kb, entry("vpn", "Install the client."), entry("mail", "Open the settings."))
    before = embedder.embedded
    await publish(kb, entry("vpn", "Install the client."), entry("mail", "Open the new settings."))
    assert embedder.embedded == before + 1


async def test_a_changed_draft_is_the_next_revision_of_the_same_entry(kb: KnowledgeBase) -> None:
    await publish(kb, entry("vpn", "Install the client."))
    await publish(kb, entry("vpn", "Install the new client."))
    (only,) = await kb.entries(W)
    history = await kb.history(W, only.entry_id)
    assert [(revision.number, revision.version, revision.draft.answer) for revision in history] == [
        (1, 1, "Install the client."),
        (2, 2, "Install the new client."),
    ]
    assert history[1].created_by == "ada"


async def test_a_draft_comes_back_with_all_that_it_says(kb: KnowledgeBase, clock: ManualClock) -> None:
    draft = Draft(
        key="ü/1",
        title="Zürich · 東京",
        answer="one\n\ttwo 🙂",
        question="why?",
        aliases=("a", "b"),
        conditions="only on Linux",
        scope=Scope(product="compute", audience="internal", language="pt-BR"),
        valid_from=clock.now(),
        valid_until=clock.now() + timedelta(days=1, microseconds=5),
        evidence=(Evidence(kind=EvidenceKind.MESSAGE, reference="msg_1", title="Ada", quote="so it is"),),
        source="docs/a.md",
    )
    await publish(kb, draft)
    assert (await kb.entries(W))[0].draft == draft


async def test_a_retired_entry_keeps_its_history_and_can_come_back(kb: KnowledgeBase) -> None:
    await publish(kb, entry("vpn", "Install the client."))
    assert await publish(kb, retire=("vpn", "no such key")) == 2
    assert await standing(kb) == {}
    (gone,) = await kb.entries(W, retired=True)
    assert gone.kind is RevisionKind.RETIRED
    assert await publish(kb, entry("vpn", "Install the client.")) == 3
    assert [revision.kind for revision in await kb.history(W, gone.entry_id)] == [
        RevisionKind.PUBLISHED,
        RevisionKind.RETIRED,
        RevisionKind.PUBLISHED,
    ]


async def test_rolling_back_is_a_new_version_that_stands_as_the_old_one_stood(kb: KnowledgeBase) -> None:
    await publish(kb, entry("kept", "same"), entry("changed", "old"), entry("retired", "was there"))
    at_one = await standing(kb)
    await publish(kb, entry("changed", "new"), entry("added", "later"), retire=("retired",))
    await publish(kb, entry("changed", "newest"))
    assert await kb.rollback(W, 1, by="ada") == 4
    assert await standing(kb) == at_one
    assert await kb.rollback(W, 3, by="ada") == 5
    assert await standing(kb) == {"kept": "same", "changed": "newest", "added": "later"}
    assert await kb.rollback(W, 0, by="ada") == 6
    assert await standing(kb) == {}


async def test_rolling_back_to_where_everything_stands_already_changes_nothing(kb: KnowledgeBase) -> None:
    await publish(kb, entry("vpn", "old"))
    await publish(kb, entry("vpn", "new"))
    assert await kb.rollback(W, 2, by="ada") == 2


async def test_there_is_no_way_back_to_a_version_that_never_was(kb: KnowledgeBase) -> None:
    await publish(kb, entry("vpn", "old"))
    for version in (-1, 2):
        with pytest.raises(NotFound, match="at version 1"):
            await kb.rollback(W, version, by="ada")
        with pytest.raises(NotFound, match="at version 1"):
            await kb.diff(W, 0, version)


async def test_the_difference_of_two_versions_is_told_by_entry(kb: KnowledgeBase) -> None:
    await publish(kb, entry("kept", "same"), entry("changed", "old"), entry("gone", "was there"))
    await publish(kb, entry("changed", "new"), entry("added", "later"), retire=("gone",))
    told = {
        (change.before.draft.answer if change.before else None, change.after.draft.answer if change.after else None)
        for change in await kb.diff(W, 1, 2)
    }
    assert told == {("old", "new"), (None, "later"), ("was there", None)}
    assert {(after, before) for before, after in told} == {
        (change.before.draft.answer if change.before else None, change.after.draft.answer if change.after else None)
        for change in await kb.diff(W, 2, 1)
    }
    assert await kb.diff(W, 2, 2) == []


async def test_what_was_changed_and_changed_back_is_no_difference(kb: KnowledgeBase) -> None:
    await publish(kb, entry("vpn", "old"))
    await publish(kb, entry("vpn", "new"))
    await publish(kb, entry("vpn", "old"))
    assert await kb.diff(W, 1, 3) == []


async def test_the_log_tells_who_did_what_when(kb: KnowledgeBase, clock: ManualClock) -> None:
    await publish(kb, entry("vpn", "old"), entry("mail", "old"))
    clock.advance(timedelta(hours=1))
    await kb.publish(W, [entry("vpn", "new")], retire=["mail"], by="grace", summary="cleaned up")
    latest, first = await kb.log(W)
    assert (latest.version, latest.by, latest.summary, latest.published, latest.retired) == (
        2,
        "grace",
        "cleaned up",
        1,
        1,
    )
    assert (latest.at, first.published) == (clock.now(), 2)
    assert [publication.version for publication in await kb.log(W, before=2)] == [1]


async def test_publications_at_the_same_time_are_versions_one_after_the_other(kb: KnowledgeBase) -> None:
    versions = await asyncio.gather(*(publish(kb, entry(f"entry {number}", "text")) for number in range(8)))
    assert sorted(versions) == list(range(1, 9))
    assert len(await standing(kb)) == 8


async def test_two_writers_of_one_entry_leave_a_whole_history(kb: KnowledgeBase) -> None:
    await asyncio.gather(*(publish(kb, entry("vpn", f"text {number}")) for number in range(6)))
    (only,) = await kb.entries(W)
    history = await kb.history(W, only.entry_id)
    assert [revision.number for revision in history] == list(range(1, 7))
    assert [revision.version for revision in history] == list(range(1, 7))


async def test_the_knowledge_of_one_workspace_is_not_that_of_another(kb: KnowledgeBase, store: Store) -> None:
    await workspace(store, "globex")
    await publish(kb, entry("vpn", "Install the client."))
    (only,) = await kb.entries(W)
    assert await kb.version("globex") == 0
    assert await kb.entries("globex") == []
    assert (await kb.search("globex", "install the client")).candidates == ()
    with pytest.raises(NotFound):
        await kb.history("globex", only.entry_id)
    with pytest.raises(NotFound):
        await kb.entry("globex", only.entry_id)


async def test_a_workspace_that_does_not_exist_is_an_error(kb: KnowledgeBase) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        await kb.publish("nowhere", [entry("vpn", "text")], by="ada", summary="")
    with pytest.raises(NotFound, match="nowhere"):
        await kb.search("nowhere", "vpn")


@pytest.mark.parametrize(
    ("draft", "complaint"),
    [
        (entry("", "text"), "needs a key"),
        (entry("k" * 2000, "text"), "needs a key"),
        (entry("key", "  \n"), "has no answer"),
        (replace(entry("key", "text"), valid_from=datetime(2026, 1, 1)), "time zone"),  # noqa: DTZ001
        (entry("key", "text", source="s" * 2000), "longer than"),
    ],
)
async def test_what_is_no_entry_is_refused_with_the_reason(kb: KnowledgeBase, draft: Draft, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        await publish(kb, draft)
    assert await kb.version(W) == 0


async def test_an_entry_that_ends_before_it_begins_is_refused(kb: KnowledgeBase, clock: ManualClock) -> None:
    with pytest.raises(InvalidInput, match="before it begins"):
        await publish(kb, replace(entry("key", "text"), valid_from=clock.now(), valid_until=clock.now()))


async def test_the_same_key_twice_in_one_publication_is_refused(kb: KnowledgeBase) -> None:
    with pytest.raises(InvalidInput, match="same key"):
        await publish(kb, entry("vpn", "one"), entry("vpn", "two"))
    assert await standing(kb) == {}


async def test_characters_that_no_database_takes_are_replaced(kb: KnowledgeBase) -> None:
    await publish(kb, entry("vpn", "a\0b \ud800 c"))
    assert await standing(kb) == {"vpn": "a\ufffdb \ufffd c"}


async def test_only_the_latest_revision_in_its_time_is_in_force(kb: KnowledgeBase, clock: ManualClock) -> None:
    await publish(kb, replace(entry("sale", "20 % off."), valid_until=clock.now() + timedelta(days=1)))
    first = (await kb.entries(W))[0].id
    assert await kb.in_force(W, [first, "no such revision"]) == {first}
    clock.advance(timedelta(days=1))
    assert await kb.in_force(W, [first]) == frozenset()
    await publish(kb, entry("sale", "30 % off."))
    assert await kb.in_force(W, [first]) == frozenset()
    assert await kb.in_force(W, [(await kb.entries(W))[0].id]) != frozenset()


async def test_entries_and_counts_come_in_pages(kb: KnowledgeBase, shelf: MemoryShelf, ids: CountingIds) -> None:
    await publish(kb, *(entry(f"key {number}", "text") for number in range(7)))
    await publish(kb, retire=("key 3",))
    first = await kb.entries(W, limit=4)
    second = await kb.entries(W, start=first[-1].entry_id, limit=4)
    assert len({revision.entry_id for revision in (*first, *second)}) == 6
    counts = await kb.counts(W)
    assert (counts.entries, counts.retired, counts.sources) == (6, 1, 0)
