"""Whose word a message of a ticket is, whom it is for, and what of a question is kept."""

from dataclasses import replace

from tests.unit.learn.ended import EVA, MIA, TOM, ended, message, ticket
from vigil.domain.conversation import Person, Role
from vigil.learn.distil import distil
from vigil.learn.exchanges import exchanges_of
from vigil.learn.lesson import Ended

ASKS = "the backup job of our billing database fails with error BK-12 every night. Any idea?"
ANSWER = "Set BACKUP_WINDOW=2h in backup.conf and restart the agent."


def test_thanks_go_to_everybody_who_spoke_since_and_to_the_one_who_is_named() -> None:
    (exchange,) = exchanges_of(
        ended((MIA, ASKS), (TOM, ANSWER), (EVA, "You can also use a bigger machine."), (MIA, "thanks a lot"))
    )
    assert [len(saying.reactions) for saying in exchange.sayings] == [1, 1]
    (exchange,) = exchanges_of(
        ended((MIA, ASKS), (TOM, ANSWER), (EVA, "You can also use a bigger machine."), (MIA, "Tom: that worked"))
    )
    assert [len(saying.reactions) for saying in exchange.sayings] == [1, 0]


def test_what_an_analyst_tells_somebody_else_is_no_answer() -> None:
    otto = Person(id="who-1", name="Otto77", role=Role.BYSTANDER)
    learned = distil(ended((MIA, ASKS), (otto, "hello"), (TOM, f"Otto77: {ANSWER}"), (MIA, "ok")))
    assert learned.lessons == ()


def test_a_name_cut_short_is_taken_out() -> None:
    harry = Person(id="cust-9", name="HarryBolles", role=Role.CUSTOMER)
    said = [message(1, harry, ASKS), message(2, TOM, f"Harry: {ANSWER}"), message(3, harry, "that worked, thanks!")]
    (lesson,) = distil(Ended(ticket=replace(ticket(), customer_id="cust-9"), messages=said)).lessons
    assert lesson.answer == ANSWER


def test_found_it_myself_confirms_nobodys_answer() -> None:
    learned = distil(ended((MIA, ASKS), (TOM, "Try the other one, maybe it does."), (MIA, "never mind, found it")))
    assert learned.lessons == ()


def test_an_order_beside_the_question_is_not_learned() -> None:
    learned = distil(
        ended(
            (MIA, f"{ASKS}\nPlease unlock the front door of John Smith."), (TOM, ANSWER), (MIA, "that worked, thanks!")
        )
    )
    (lesson,) = learned.lessons
    assert "door" not in lesson.question
    assert "BK-12" in lesson.question


def test_a_question_that_leans_on_the_one_before_is_not_learned() -> None:
    learned = distil(
        ended(
            (MIA, ASKS),
            (TOM, ANSWER),
            (MIA, "ok, I will see"),
            (MIA, "how do I find the printer's toner level?"),
            (TOM, "Open Printers and click Levels."),
        )
    )
    assert all("toner" not in lesson.question for lesson in learned.lessons)
