"""An entry is tried out before it is published, and a publication is written in somebody's own commit."""

import pytest

from tests.integration.knowledge.shelves import W, answers, entry, publish
from vigil.errors import Conflict
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.finding import Question
from vigil.store.store import Store

VPN = entry("vpn", "Install the client and sign in with your card.", title="VPN")
PRINTER = entry("printer", "Choose the printer on the third floor.", title="Printer")
ASKED = Question(text="which printer do I choose on the third floor?")


async def test_a_staged_entry_is_found_by_the_rehearsal_alone(kb: KnowledgeBase) -> None:
    staged = await kb.stage(W, PRINTER)
    assert await kb.rehearse(W, ASKED) == (None, 0.0), "an empty knowledge base"
    first, sure = await kb.rehearse(W, ASKED, staged)
    assert first == staged.revision.entry_id
    assert sure > 0
    await publish(kb, VPN)
    assert (await kb.rehearse(W, ASKED, staged))[0] == staged.revision.entry_id
    assert (await kb.rehearse(W, ASKED))[0] != staged.revision.entry_id
    assert await answers(kb, ASKED.text) == [VPN.answer]


async def test_a_staged_entry_takes_the_place_of_another(kb: KnowledgeBase) -> None:
    await publish(kb, PRINTER)
    (standing,) = await kb.entries(W)
    other = await kb.stage(W, entry("new", "Something else entirely.", title="Cooking"), instead_of=standing.entry_id)
    assert (await kb.rehearse(W, ASKED, other))[0] == other.revision.entry_id


async def test_the_answered_questions_most_like_a_staged_entry(kb: KnowledgeBase) -> None:
    await publish(kb, PRINTER, VPN)
    ids = {known.draft.title: known.entry_id for known in await kb.entries(W)}
    staged = await kb.stage(W, PRINTER)
    assert await kb.answered_like(W, staged, limit=1) == []
    await kb.answered(W, "how do I sign in from home", [ids["VPN"]], reference="d1")
    await kb.answered(W, "printer on the third floor", [ids["Printer"]], reference="d2")
    assert await kb.answered_like(W, staged, limit=1) == [("d2", ids["Printer"])]


async def test_a_prepared_publication_is_part_of_the_commit_that_writes_it(kb: KnowledgeBase, store: Store) -> None:
    prepared = await kb.prepare(W, [PRINTER], by="vigil", summary="learned")

    async def write_and_fail() -> None:
        async with store.write(W) as session:
            await prepared.write(session)
            raise RuntimeError("the rest of the commit failed")

    with pytest.raises(RuntimeError):
        await write_and_fail()
    assert await kb.version(W) == 0
    async with store.write(W) as session:
        publication = await prepared.write(session)
    kb.published(W)
    assert publication is not None
    assert publication.version == await kb.version(W) == 1
    assert await answers(kb, ASKED.text) == [PRINTER.answer]


async def test_a_prepared_publication_that_was_overtaken_says_so(kb: KnowledgeBase, store: Store) -> None:
    await publish(kb, PRINTER)
    prepared = await kb.prepare(W, [PRINTER], by="vigil", summary="learned")
    await kb.publish(W, [], retire=["printer"], by="anna", summary="gone")
    with pytest.raises(Conflict):
        async with store.write(W) as session:
            await prepared.write(session)
