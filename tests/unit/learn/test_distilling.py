"""What a ticket teaches: the question in words that stand alone, what resolved it, and nothing personal; or a reason why nothing."""

from dataclasses import replace

import pytest

from tests.unit.learn.ended import EVA, FAKE_TOM, MIA, TOM, ended, message, recorded, ticket
from vigil.demo.larkspur import tickets
from vigil.domain.conversation import Person, Role
from vigil.learn.distil import distil
from vigil.learn.lesson import Ended, Nothing
from vigil.testing.situations import STRANGER, VIGIL

ASKS = "Hi all, the backup job of our billing database fails with error BK-12 every night. Any idea? Thanks"
ANSWER = "Set BACKUP_WINDOW=2h in backup.conf and restart the agent."


def test_the_question_and_what_resolved_it_in_the_peoples_own_words() -> None:
    learned = distil(ended((MIA, ASKS), (TOM, f"Hello Mia, {ANSWER}"), (MIA, "that worked, thanks!")))
    (lesson,) = learned.lessons
    assert lesson.question.startswith("the backup job of our billing database fails with error BK-12")
    assert lesson.answer == ANSWER
    assert (lesson.asked_in, lesson.answered_in, lesson.confirmed_in) == (("m1",), ("m2",), ("m3",))
    draft = lesson.draft(ticket())
    assert draft.key == "lesson:t1:1"
    assert [each.reference for each in draft.evidence] == ["m1", "m2", "m3"]


def test_of_two_answers_the_one_that_helped_counts() -> None:
    learned = distil(
        ended(
            (MIA, ASKS),
            (TOM, "Try to restart the agent with systemctl restart vigil-agent, you can do that any time."),
            (MIA, "same error, still not working"),
            (EVA, "You need more time: set BACKUP_WINDOW=2h in backup.conf."),
            (MIA, "that fixed it"),
        )
    )
    (lesson,) = learned.lessons
    assert "BACKUP_WINDOW" in lesson.answer
    assert "systemctl" not in lesson.answer
    assert lesson.answered_in == ("m4",)


@pytest.mark.parametrize("author", [STRANGER, FAKE_TOM, VIGIL, Person(id="cust-7", name="Rolf", role=Role.CUSTOMER)])
def test_only_a_verified_analyst_can_answer(author: Person) -> None:
    learned = distil(ended((MIA, ASKS), (author, ANSWER), (MIA, "that worked, thanks!")))
    assert learned.lessons == ()
    assert learned.nothing == (Nothing.NO_HUMAN_ANSWER,)


def test_what_vigil_said_is_no_lesson_even_from_an_analysts_account() -> None:
    said = [message(1, MIA, ASKS), message(2, TOM, ANSWER, by_vigil=True), message(3, MIA, "that worked")]
    assert distil(Ended(ticket=ticket(), messages=said)).lessons == ()


def test_an_analyst_who_asks_is_a_customer_in_this_ticket() -> None:
    learned = distil(ended((TOM, ASKS), (TOM, ANSWER), (TOM, "that worked"), customer=TOM))
    assert learned.lessons == ()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("Which version of the agent is that, and since when?", Nothing.ASKED_BACK),
        ("I'll look into it and get back to you this afternoon.", Nothing.PROMISE),
        ("There is an outage of the backup service, it should be back within the hour.", Nothing.OUTAGE),
        ("I've reset the password of your account and raised the limit for you.", Nothing.ACCOUNT),
        ("That will be available in the next release, it is planned for May.", Nothing.PLAN),
        ("Good morning!", Nothing.NO_HUMAN_ANSWER),
    ],
)
def test_what_nobody_else_is_helped_by_is_not_learned_and_says_why(said: str, reason: Nothing) -> None:
    learned = distil(ended((MIA, ASKS), (TOM, said), (MIA, "ok")))
    assert learned.lessons == ()
    assert learned.nothing == (reason,)


def test_an_answer_that_the_customer_says_was_no_help_is_not_learned() -> None:
    learned = distil(ended((MIA, ASKS), (TOM, ANSWER), (MIA, "same error, that didn't help")))
    assert learned.lessons == ()


def test_a_question_that_cannot_stand_alone_is_not_learned() -> None:
    learned = distil(ended((MIA, "can you help me with it?"), (TOM, ANSWER), (MIA, "that worked")))
    assert learned.lessons == ()
    assert learned.nothing == (Nothing.NOT_ALONE,)


def test_two_questions_become_two_lessons() -> None:
    learned = distil(
        ended(
            (MIA, ASKS),
            (TOM, ANSWER),
            (MIA, "works now. Another question: how can we export the list of invoices as a spreadsheet?"),
            (TOM, "Open Billing → Invoices and click Export; you can choose CSV there."),
            (MIA, "perfect, thanks"),
        )
    )
    assert [lesson.number for lesson in learned.lessons] == [1, 2]
    first, second = learned.lessons
    assert "BK-12" in first.question
    assert "invoices" in second.question
    assert "Export" in second.answer
    assert first.confirmed_in == ("m3",)


@pytest.mark.parametrize(
    ("after", "sure"),
    [
        (((MIA, "that worked, thanks!"),), True),
        (((MIA, "thank you"),), True),
        (((MIA, "thank you"), (MIA, "it says the file is not found")), False),
        (((EVA, "no, that is wrong, it takes longer"), (MIA, "thank you")), False),
        (((TOM, "oops, I meant the other agent"), (MIA, "thank you")), False),
    ],
)
def test_only_what_the_customer_took_up_and_nobody_spoke_against_needs_no_person(
    after: tuple[tuple[Person, str], ...], sure: bool
) -> None:
    learned = distil(ended((MIA, ASKS), (TOM, ANSWER), *after))
    assert any(lesson.sure for lesson in learned.lessons) is sure


def test_what_does_damage_where_it_does_not_fit_waits_for_a_person() -> None:
    told = "Run rm -rf /var/lib/backup and restart the agent."
    (lesson,) = distil(ended((MIA, ASKS), (TOM, told), (MIA, "that worked, thanks!"))).lessons
    assert not lesson.sure


def test_two_analysts_halves_make_no_answer() -> None:
    learned = distil(
        ended((MIA, ASKS), (TOM, ANSWER), (EVA, "You can run the backup job in the morning instead."), (MIA, "thanks!"))
    )
    (lesson,) = learned.lessons
    assert len(lesson.answered_in) == 1


def test_what_the_analyst_asked_back_becomes_a_condition() -> None:
    learned = distil(
        ended(
            (MIA, ASKS),
            (TOM, "Which version of the agent do you run?"),
            (MIA, "agent 4.2 on Debian"),
            (TOM, ANSWER),
            (MIA, "that did it"),
        )
    )
    (lesson,) = learned.lessons
    assert lesson.conditions == "Which version of the agent do you run? agent 4.2 on Debian"


def test_nothing_personal_is_kept() -> None:
    learned = distil(
        ended(
            (
                MIA,
                "Our backup of mia@acme.example fails on 203.0.113.7, error BK-12. My card 4111 1111 1111 1111 was charged?",
            ),
            (
                TOM,
                f"Mia, {ANSWER} Write to tom.secret@vendor.example with token=hunter2hunter2 if it comes back, says Tom.",
            ),
            (MIA, "that worked"),
        )
    )
    (lesson,) = learned.lessons
    kept = f"{lesson.title} {lesson.question} {lesson.answer} {lesson.conditions}"
    for personal in ("Mia", "Tom", "mia@", "203.0.113.7", "4111", "tom.secret", "hunter2"):
        assert personal not in kept, personal
    assert "<EMAIL_1>" in kept


def test_the_same_ticket_teaches_the_same_twice() -> None:
    said = ended((MIA, ASKS), (TOM, ANSWER), (MIA, "that worked"))
    assert distil(said) == distil(said)


def test_a_deleted_message_teaches_nothing() -> None:
    said = ended((MIA, ASKS), (TOM, ANSWER))
    gone = [said.messages[0], replace(said.messages[1], deleted_at=said.messages[1].sent_at)]
    assert distil(Ended(ticket=said.ticket, messages=gone)).nothing == (Nothing.NO_HUMAN_ANSWER,)


def test_the_demo_desk_teaches_what_its_analysts_said() -> None:
    learned = {recording.id: distil(recorded(recording)) for recording in tickets()}
    answers = {name: " ".join(lesson.answer for lesson in each.lessons) for name, each in learned.items()}
    assert "AWS_DEFAULT_REGION" in answers["LS-0103"]
    assert "1450" in answers["LS-0108"]
    assert "abort_multipart_days" in answers["LS-0159"]
    assert "ALIAS" in answers["LS-0123"]
    assert not learned["LS-0162"].lessons, "a thank-you teaches nothing"
    assert not learned["LS-0155"].lessons, "nor does a pitch"
    names = {
        person.name.split()[0] for recording in tickets() for person in recording.people if person.role is Role.ANALYST
    }
    for answer in answers.values():
        assert not any(f"{name} " in f"{answer} " for name in names)
