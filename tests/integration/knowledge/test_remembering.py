"""What an entry has answered makes it easier to find, until it is taken back."""

from tests.integration.knowledge.shelves import W, answers, entry, publish, workspace
from vigil.clock import ManualClock
from vigil.knowledge.base import KnowledgeBase
from vigil.store.entries import Embedding
from vigil.store.store import Store
from vigil.store.uses import KEPT, Use, Uses

VPN = entry("vpn", "Install the client and sign in with your card.", title="VPN")
PRINTER = entry("printer", "Choose the one on the third floor.", title="Printer")
ODD = "my laptop cannot see the intranet from home"
AGAIN = "cannot see the intranet from home again"


async def _entry_id(kb: KnowledgeBase, title: str) -> str:
    return next(known.entry_id for known in await kb.entries(W, limit=500) if known.draft.title == title)


async def test_a_question_like_one_that_was_answered_finds_the_same_entry(kb: KnowledgeBase) -> None:
    fillers = [entry(f"other-{n}", f"Something about intranet page {n} at home.", title=f"Page {n}") for n in range(60)]
    await publish(kb, VPN, *fillers)
    before = await kb.search(W, AGAIN, limit=100)
    assert "VPN" not in [candidate.title for candidate in before.candidates]
    await kb.answered(W, ODD, [await _entry_id(kb, "VPN")], reference="decision-1")
    after = await kb.search(W, AGAIN, limit=100)
    (told,) = [dict(candidate.scores) for candidate in after.candidates if candidate.title == "VPN"]
    assert told["asked"] > 8
    assert told["used"] > 0


async def test_of_two_that_fit_alike_the_one_that_answered_comes_first(kb: KnowledgeBase) -> None:
    await publish(kb, VPN, entry("vpn-2", VPN.answer.replace("card", "badge"), title="Vpn"))
    for title in ("VPN", "Vpn"):
        entry_id = await _entry_id(kb, title)
        await kb.answered(W, ODD, [entry_id], reference=title)
        assert (await kb.search(W, AGAIN)).candidates[0].title == title
        await kb.not_answered(W, [title])


async def test_an_answer_that_was_none_after_all_is_forgotten(kb: KnowledgeBase) -> None:
    await publish(kb, VPN, PRINTER)
    vpn = await _entry_id(kb, "VPN")
    await kb.answered(W, ODD, [vpn], reference="decision-1")
    await kb.search(W, AGAIN)
    await kb.not_answered(W, ["decision-1", "decision-2"])
    found = await kb.search(W, AGAIN)
    assert all(dict(candidate.scores)["asked"] == 0 for candidate in found.candidates)
    await kb.answered(W, ODD, [vpn], reference="decision-1")
    found = await kb.search(W, AGAIN)
    assert any(dict(candidate.scores)["asked"] > 0 for candidate in found.candidates)


async def test_a_retired_entry_is_not_found_for_what_it_answered(kb: KnowledgeBase) -> None:
    await publish(kb, VPN, PRINTER)
    await kb.answered(W, ODD, [await _entry_id(kb, "VPN")], reference="decision-1")
    await kb.publish(W, [], retire=["vpn"], by="anna", summary="gone")
    assert await answers(kb, AGAIN) == [PRINTER.answer]


async def test_the_same_answer_counts_once_and_only_the_latest_are_kept(store: Store, clock: ManualClock) -> None:
    await workspace(store, W)
    vector = Embedding(embedder_id="e", vector=b"\0\0")
    async with store.write(W) as session:
        for number in range(KEPT + 5):
            use = Use(entry_id="vpn", reference=f"d{number}", question=vector, at=clock.now())
            await Uses(session).add(use)
            await Uses(session).add(use)
        await Uses(session).add(Use(entry_id="mail", reference="d0", question=vector, at=clock.now()))
    async with store.read(W) as session:
        kept = await Uses(session).after(0, limit=1_000)
        assert [use.reference for use in kept] == [*(f"d{number}" for number in range(5, KEPT + 5)), "d0"]
        assert await Uses(session).newest() == kept[-1].number
    async with store.write(W) as session:
        assert await Uses(session).take_back(["d0", "d7"]) == 2
        assert await Uses(session).take_back(["d0", "d7"]) == 0
    async with store.read(W) as session:
        gone = await Uses(session).after(kept[-1].number, limit=10)
        assert {(use.reference, use.weight, use.question.vector) for use in gone} == {
            ("d0", 0.0, b""),
            ("d7", 0.0, b""),
        }
