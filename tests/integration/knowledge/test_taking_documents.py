"""Documents come, come again changed or unchanged, and go."""

import pytest

from tests.integration.knowledge.shelves import W, document, entry, publish, standing
from vigil.errors import NotFound
from vigil.knowledge.base import KnowledgeBase
from vigil.testing.embedder import HashEmbedder


async def test_a_document_is_taken_in_as_its_passages(kb: KnowledgeBase) -> None:
    taken = await kb.add(W, [document("a.md", "1", "first", "second"), document("b.md", "1", "third")], by="ada")
    assert (taken.documents, taken.unchanged, taken.published, taken.retired, taken.version) == (2, 0, 3, 0, 1)
    assert sorted((await standing(kb)).values()) == ["first", "second", "third"]
    assert [source.address for source in await kb.sources(W)] == ["a.md", "b.md"]


async def test_an_unchanged_document_costs_nothing(kb: KnowledgeBase, embedder: HashEmbedder) -> None:
    await kb.add(W, [document("a.md", "1", "first")], by="ada")
    before = embedder.embedded
    taken = await kb.add(W, [document("a.md", "1", "first")], by="ada")
    assert (taken.unchanged, taken.published, taken.version) == (1, 0, 1)
    assert embedder.embedded == before


async def test_of_a_changed_document_what_is_gone_retires_and_what_is_new_is_published(kb: KnowledgeBase) -> None:
    await kb.add(W, [document("a.md", "1", "first", "second", "third")], by="ada")
    taken = await kb.add(W, [document("a.md", "2", "first", "second, changed")], by="ada")
    assert (taken.published, taken.retired, taken.version) == (1, 1, 2)
    assert await standing(kb) == {"a.md#0": "first", "a.md#1": "second, changed"}


async def test_another_document_and_a_hand_written_entry_are_left_alone(kb: KnowledgeBase) -> None:
    await publish(kb, entry("by hand", "kept"))
    await kb.add(W, [document("a.md", "1", "first"), document("b.md", "1", "other")], by="ada")
    await kb.add(W, [document("a.md", "2", "changed")], by="ada")
    assert sorted((await standing(kb)).values()) == ["changed", "kept", "other"]


async def test_a_document_that_is_removed_retires_with_all_its_entries(kb: KnowledgeBase) -> None:
    await kb.add(W, [document("a.md", "1", "first", "second"), document("b.md", "1", "other")], by="ada")
    assert await kb.forget_source(W, "a.md", by="ada") == 2
    assert list((await standing(kb)).values()) == ["other"]
    assert [source.address for source in await kb.sources(W)] == ["b.md"]
    with pytest.raises(NotFound, match="knowledge list"):
        await kb.forget_source(W, "c.md", by="ada")


async def test_a_removed_document_can_come_back_as_it_was(kb: KnowledgeBase) -> None:
    await kb.add(W, [document("a.md", "1", "first")], by="ada")
    await kb.forget_source(W, "a.md", by="ada")
    taken = await kb.add(W, [document("a.md", "1", "first")], by="ada")
    assert (taken.published, taken.version) == (1, 3)
    assert [source.address for source in await kb.sources(W)] == ["a.md"]


async def test_after_a_rollback_the_same_document_is_read_again(kb: KnowledgeBase) -> None:
    await kb.add(W, [document("a.md", "1", "old")], by="ada")
    await kb.add(W, [document("a.md", "2", "new")], by="ada")
    await kb.rollback(W, 1, by="ada")
    assert await standing(kb) == {"a.md#0": "old"}
    taken = await kb.add(W, [document("a.md", "2", "new")], by="ada")
    assert (taken.unchanged, taken.published) == (0, 1)
    assert await standing(kb) == {"a.md#0": "new"}


async def test_a_rollback_to_before_a_document_takes_it_off_the_list(kb: KnowledgeBase) -> None:
    await kb.add(W, [document("a.md", "1", "first")], by="ada")
    await kb.rollback(W, 0, by="ada")
    assert await kb.sources(W) == []


async def test_a_document_with_nothing_in_it_is_remembered_and_publishes_nothing(kb: KnowledgeBase) -> None:
    taken = await kb.add(W, [document("a.md", "1")], by="ada")
    assert (taken.published, taken.version) == (0, 0)
    assert (await kb.add(W, [document("a.md", "1")], by="ada")).unchanged == 1


async def test_progress_reaches_the_number_of_entries(kb: KnowledgeBase) -> None:
    told: list[tuple[int, int]] = []
    documents = [document(f"{number}.md", "1", "first", "second") for number in range(3)]
    await kb.add(W, documents, by="ada", progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (6, 6)
    assert told == sorted(told)
