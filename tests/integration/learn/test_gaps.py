"""Questions that recur and that nothing answers are told of, the most expensive first, until somebody answers them."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.learn.school import EVA, MIA, OTTO, TOM, School, W
from vigil.domain.conversation import Person, Role
from vigil.domain.knowledge import Draft
from vigil.learn.gaps import GapFinder, minutes_of
from vigil.store.conversations import Written

EXPORT = "How do I export the audit log of our project as a CSV file?"
EXPORT_TOO = "how can I export the audit log of our project as CSV file please?"
COLOUR = "Where do I change the colour of the status page for our customers?"
ONCE = "Does the mobile app of yours support fingerprint login on old tablets?"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
IDA = Person(id="cust-3", name="Ida Novak", role=Role.CUSTOMER)


def finder(school: School, least: float = 0.99) -> GapFinder:
    return GapFinder(
        store=school.store, knowledge=school.knowledge, embedder=school.embedder, clock=school.clock, least=least
    )


async def asked(school: School) -> None:
    await school.talk("room-1", (MIA, EXPORT), (TOM, "Let me see."), (TOM, "Not yet."))
    await school.talk("room-2", (OTTO, EXPORT_TOO), (EVA, "I'll ask."), (EVA, "Sorry, no."), (EVA, "Still no."))
    await school.talk("room-3", (MIA, COLOUR))
    await school.talk("room-4", (OTTO, COLOUR), (EVA, "No idea, sorry."))
    await school.talk("room-5", (IDA, ONCE), (TOM, "I'll find out."))


async def test_gaps_come_with_their_tickets_the_most_expensive_first(school: School) -> None:
    await asked(school)
    found = await finder(school).find(W)
    assert [gap.asked for gap in found.gaps] == [2, 2]
    assert found.read == 5
    first, second = found.gaps
    assert "audit log" in first.question
    assert "colour" in second.question
    assert set(first.tickets) == {(await school.ticket(room)).id for room in ("room-1", "room-2")}
    assert (first.minutes, second.minutes) == (25.0, 5.0), (
        "each of the analysts' messages came five minutes after another"
    )
    assert first.first < first.latest


async def test_a_gap_that_was_closed_is_none_any_more(school: School) -> None:
    await asked(school)
    page = Draft(key="hand:1", title=EXPORT, question=EXPORT, answer="Audit log, then Export, then CSV.")
    await school.knowledge.publish(W, [page], by="ada", summary="x")
    found = await finder(school, least=0.5).find(W)
    assert all("audit log" not in gap.question for gap in found.gaps)


async def test_only_what_was_asked_lately_and_only_so_many(school: School) -> None:
    await asked(school)
    assert len((await finder(school).find(W, limit=1)).gaps) == 1
    school.clock.advance(timedelta(days=100))
    found = await finder(school).find(W)
    assert (found.gaps, found.read) == ((), 0)


async def test_nobodys_name_stands_in_a_gap(school: School) -> None:
    text = "I am Ida Novak, ida@novak.example: how do I merge two invoices of last month into one?"
    await school.talk("room-1", (IDA, text))
    await school.talk("room-2", (IDA, text))
    (gap,) = (await finder(school).find(W)).gaps
    assert "Novak" not in gap.question
    assert "Ida" not in gap.question
    assert "example" not in gap.question
    assert "merge two invoices" in gap.question


async def test_another_workspace_has_gaps_of_its_own(school: School) -> None:
    await asked(school)
    assert (await finder(school).find("elsewhere")).gaps == ()


@pytest.mark.parametrize(
    ("gaps", "minutes"),
    [([("analyst", 0)], 1.0), ([("customer", 0), ("analyst", 0.1)], 1.0), ([("customer", 0), ("analyst", 240)], 10.0)],
    ids=["out of nothing", "at once", "after a long wait"],
)
def test_waiting_is_no_work(gaps: list[tuple[str, float]], minutes: float) -> None:
    written = [Written(role=Role(role), at=NOON + timedelta(minutes=at), by_vigil=False) for role, at in gaps]
    assert minutes_of(written) == minutes


def test_vigils_own_messages_cost_nobody_anything() -> None:
    assert minutes_of([Written(role=Role.ANALYST, at=NOON, by_vigil=True)]) == 0.0
