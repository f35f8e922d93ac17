"""What was published is found at once, what was retired is not, whatever the index says."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.integration.knowledge.shelves import W, answers, document, entry, publish
from vigil.clock import CountingIds, ManualClock
from vigil.domain.knowledge import Scope
from vigil.errors import ModelUnavailable
from vigil.knowledge.base import KnowledgeBase
from vigil.language.embedder import Vectors
from vigil.store.store import Store
from vigil.testing.embedder import HashEmbedder
from vigil.testing.index import MemoryShelf

VPN = entry("vpn", "Install the VPN client and sign in with your card.", title="VPN")
MAIL = entry("mail", "Open the mail settings and add the account.", title="Mail")
PRINTER = entry("printer", "Choose the printer on the third floor.", title="Printer")


async def test_an_entry_is_found_at_once_before_any_index_has_it(kb: KnowledgeBase, shelf: MemoryShelf) -> None:
    await publish(kb, VPN, MAIL, PRINTER)
    result = await kb.search(W, "how do I install the VPN client")
    assert result.candidates[0].text == VPN.answer
    assert result.version == 1
    assert shelf.indexes == {}


async def test_an_entry_is_found_through_the_index(kb: KnowledgeBase, shelf: MemoryShelf) -> None:
    await publish(kb, VPN, MAIL, PRINTER)
    await kb.reindex(W)
    assert (await answers(kb, "how do I install the VPN client"))[0] == VPN.answer
    (index,) = shelf.indexes.values()
    assert index.rows is not None
    assert len(index.rows) == 3


async def test_what_is_published_past_the_index_is_found_beside_what_it_holds(kb: KnowledgeBase) -> None:
    await publish(kb, VPN, MAIL)
    await kb.reindex(W)
    await publish(kb, PRINTER)
    assert (await answers(kb, "which printer on which floor"))[0] == PRINTER.answer
    assert (await answers(kb, "install the VPN client"))[0] == VPN.answer


async def test_a_replaced_entry_is_found_as_it_is_now_and_only_once(kb: KnowledgeBase) -> None:
    await publish(kb, VPN, MAIL)
    await kb.reindex(W)
    await publish(kb, replace(VPN, answer="Install the new VPN client."))
    found = await answers(kb, "install the VPN client")
    assert found[0] == "Install the new VPN client."
    assert VPN.answer not in found


async def test_a_retired_entry_is_not_found_though_the_index_holds_it(kb: KnowledgeBase) -> None:
    await publish(kb, VPN, MAIL)
    await kb.reindex(W)
    await publish(kb, retire=("vpn",))
    assert await answers(kb, "install the VPN client") == [MAIL.answer]


async def test_after_a_rollback_searches_see_what_stood_then(kb: KnowledgeBase) -> None:
    await publish(kb, VPN)
    await kb.reindex(W)
    await publish(kb, replace(VPN, answer="Install the new VPN client."))
    await kb.rollback(W, 1, by="ada")
    assert await answers(kb, "install the VPN client") == [VPN.answer]


async def test_an_entry_is_found_only_while_it_is_valid(kb: KnowledgeBase, clock: ManualClock) -> None:
    start, end = clock.now() + timedelta(hours=1), clock.now() + timedelta(hours=2)
    await publish(kb, replace(VPN, valid_from=start, valid_until=end))
    await kb.reindex(W)
    found = [await answers(kb, "VPN client")]
    for _ in range(2):
        clock.advance(timedelta(hours=1))
        found.append(await answers(kb, "VPN client"))
    assert found == [[], [VPN.answer], []]


@pytest.mark.parametrize("indexed", [False, True])
async def test_scope_decides_who_is_served(kb: KnowledgeBase, indexed: bool) -> None:
    await publish(
        kb,
        VPN,
        replace(VPN, key="internal", answer="VPN: the master password", scope=Scope(audience="internal")),
        replace(VPN, key="storage", answer="VPN for storage", scope=Scope(product="Storage")),
        replace(VPN, key="german", answer="VPN auf Deutsch", scope=Scope(language="de-AT")),
    )
    if indexed:
        await kb.reindex(W)

    async def found(scope: Scope) -> set[str]:
        return {candidate.text for candidate in (await kb.search(W, "VPN", scope=scope)).candidates}

    public = {VPN.answer, "VPN for storage", "VPN auf Deutsch"}
    assert await found(Scope()) == public
    assert await found(Scope(audience="internal")) == {*public, "VPN: the master password"}
    assert await found(Scope(product="compute")) == {VPN.answer, "VPN auf Deutsch"}
    assert await found(Scope(product="STORAGE", language="en")) == {VPN.answer, "VPN for storage"}
    assert await found(Scope(language="DE")) == public
    assert await found(Scope(product="x' OR '1'='1")) == {VPN.answer, "VPN auf Deutsch"}


@pytest.mark.parametrize(
    "text", ["", " \n\t ", "\0", "\ud800", "🙂" * 50, "a" * 100_000, "?!", "' OR 1=1 --", "(AND) *"]
)
async def test_any_text_can_be_searched_for(kb: KnowledgeBase, text: str) -> None:
    await publish(kb, VPN)
    await kb.reindex(W)
    assert (await kb.search(W, text)).version == 1


async def test_an_empty_knowledge_base_finds_nothing(kb: KnowledgeBase) -> None:
    result = await kb.search(W, "how do I install the VPN client")
    assert (result.candidates, result.version) == ((), 0)


async def test_scores_say_what_put_a_candidate_where_it_is(kb: KnowledgeBase) -> None:
    await publish(kb, VPN, MAIL, PRINTER)
    result = await kb.search(W, "how do I install the VPN client")
    best, *others = result.candidates
    parts = dict(best.scores)
    assert parts["cosine"] > 0
    assert parts["bm25"] == 1
    assert parts["naming"] > 0
    assert all(best.score >= other.score for other in others)
    assert "named in the question, best by keywords" in result.reasons[0]


async def test_the_limit_limits(kb: KnowledgeBase) -> None:
    await publish(kb, *(entry(f"vpn {number}", f"VPN number {number}") for number in range(30)))
    assert len((await kb.search(W, "VPN", limit=7)).candidates) == 7


class BrokenEmbedder(HashEmbedder):
    """A remote embedder that stopped answering."""

    broken = False

    def embed_now(self, texts: Sequence[str]) -> Vectors:
        if self.broken:
            raise ModelUnavailable("no answer")
        return super().embed_now(texts)


async def test_without_an_embedder_words_alone_are_searched_for(
    kb: KnowledgeBase, store: Store, shelf: MemoryShelf, clock: ManualClock, ids: CountingIds
) -> None:
    embedder = BrokenEmbedder(dimensions=256)
    base = KnowledgeBase(store=store, embedder=embedder, shelf=shelf, clock=clock, ids=ids)
    await publish(base, VPN, MAIL)
    embedder.broken = True
    result = await base.search(W, "install the VPN client")
    assert result.candidates[0].text == VPN.answer
    assert "words alone" in result.note
    with pytest.raises(ModelUnavailable):
        await publish(base, PRINTER)
    assert await base.version(W) == 1


async def test_a_changed_embedder_makes_its_own_index_and_embeds_again(
    kb: KnowledgeBase, store: Store, shelf: MemoryShelf, clock: ManualClock, ids: CountingIds
) -> None:
    await publish(kb, VPN, MAIL)
    await kb.reindex(W)
    other = HashEmbedder(dimensions=128, version=2)
    base = KnowledgeBase(store=store, embedder=other, shelf=shelf, clock=clock, ids=ids, index_from=0)
    assert (await answers(base, "install the VPN client"))[0] == VPN.answer  # by words, until the vectors are there
    await base.reindex(W)
    assert (await answers(base, "install the VPN client"))[0] == VPN.answer
    assert {key[1] for key in shelf.indexes} == {"hash-256-1", "hash-128-2"}
    before = other.embedded
    await base.reindex(W)
    assert other.embedded == before


async def test_many_new_entries_are_found_as_soon_as_adding_them_returns(kb: KnowledgeBase) -> None:
    passages = [f"passage about topic{number}" for number in range(40)]
    await kb.add(W, [document("a.md", "1", *passages)], by="ada")
    assert (await answers(kb, "what about topic17"))[0] == "passage about topic17"
