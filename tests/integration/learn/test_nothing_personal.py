"""What was learned holds nobody's name, host, number or key: not in an entry, the index, a prompt, a held lesson or a log."""

import logging
from typing import Any

import pytest

from tests.integration.learn.school import School, W
from vigil.clock import CountingIds, ManualClock
from vigil.domain.conversation import Person, Role
from vigil.domain.knowledge import Scope
from vigil.learn.loop import Learner
from vigil.learn.quoting import Lessons as Told
from vigil.store.lessons import LessonState
from vigil.store.store import Store
from vigil.testing.learn import Repetition
from vigil.testing.model import ScriptedModel

PRIYA = Person(id="cust-9", name="Priya Raman", role=Role.CUSTOMER)
GREGOR = Person(id="ana-9", name="Gregor Lindqvist", role=Role.ANALYST)
TICKET = (
    (
        PRIYA,
        "Hello, Priya Raman here. My colleague Mr Oswald Brennan at Halvorsen Logistics says that our backup job of the billing database"
        " on db-07.prod.internal (10.31.4.17) fails with BK-12. Write to priya.raman@halvorsen.example or call +44 20 7946 0958.",
    ),
    (
        GREGOR,
        "Hi Priya, Gregor Lindqvist here. Please tell Oswald Brennan: set BACKUP_WINDOW=2h in backup.conf and restart the agent."
        " Your token sk-abcdefghijklmnopqrstuvwxyz123456 was in the log, account number: 88213345 too.",
    ),
    (PRIYA, "that worked, thanks Gregor!"),
)
PRIVATE = (
    "Priya", "Raman", "Gregor", "Lindqvist", "Oswald", "Brennan", "Halvorsen", "db-07", "prod.internal", "10.31.4.17", "halvorsen.example",
    "7946", "sk-abcdef", "88213345",
)  # fmt: skip


def clean(text: object) -> None:
    found = [each for each in PRIVATE if each.casefold() in str(text).casefold()]
    assert not found, f"{found} in {str(text)[:400]}"


async def test_entries_index_and_log_hold_nothing_of_it(school: School, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="vigil")
    record = await school.taught("room-1", *TICKET)
    assert record.state is LessonState.PUBLISHED
    (entry,) = await school.knowledge.entries(W)
    assert "BACKUP_WINDOW=2h in backup.conf" in entry.draft.answer
    assert "backup job of the billing database" in entry.draft.question
    clean(entry.draft)
    clean(await school.knowledge.log(W))
    await school.knowledge.reindex(W)
    found = await school.knowledge.search(
        W, "backup job of the billing database BK-12", scope=Scope(audience="internal")
    )
    assert found.candidates
    clean(found)
    clean(record)
    clean([each.getMessage() for each in caplog.records if each.name.startswith("vigil.learn")])


async def test_neither_does_what_is_held(store: Store, clock: ManualClock, ids: CountingIds, school: School) -> None:
    desk = School(store=store, clock=clock, ids=ids, suspects=lambda _: True)
    record = await desk.taught("room-1", *TICKET)
    assert record.draft is not None
    clean(record.draft)
    await desk.knowledge.close()


async def test_neither_does_a_prompt_which_is_one_a_ticket(school: School) -> None:
    ticket = await school.talk("room-1", *TICKET)
    model: Any = ScriptedModel([Told()])
    learner = Learner(
        store=school.store,
        knowledge=school.knowledge,
        reconciles=Repetition(),
        clock=school.clock,
        ids=school.ids,
        least_confidence=0.0,
        model=model,
    )
    await learner.learn(W, ticket.id)
    await learner.learn(W, ticket.id)
    (prompt,) = model.prompts
    assert "backup job of the billing database" in prompt.content
    clean(prompt.content)
    clean(prompt.instructions)
