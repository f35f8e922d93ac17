"""How a turn becomes a question that stands alone."""

from datetime import timedelta

import pytest

from tests.unit.assist.small_desk import ASKS_PASSWORD, OpenDesk
from vigil.assist.people import turn_of
from vigil.assist.rewrite import LONGEST, rewrite
from vigil.knowledge.finding import Question
from vigil.language.sentences import sentences_of
from vigil.testing.situations import MIA, TOM, SmallDesk


def asked(desk: SmallDesk, text: str, after: timedelta = timedelta(minutes=5)) -> tuple[Question, ...]:
    situation = desk.situation(MIA, text, after=after)
    ticket = situation.tickets[0] if situation.tickets else None
    return rewrite(situation, ticket, turn_of(situation, ticket, 90), audience="public")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Hi there, how do I reset my password? Thanks in advance!", ["how do I reset my password?"]),
        ("@tom thanks, and where is the config file?", ["where is the config file?"]),
        ("terraform: the state is locked", ["terraform: the state is locked"]),
        ("web-3, since the maintenance", ["web-3, since the maintenance"]),
        ("Good morning team! Could you help, please?", ["Could you help?"]),
        ("Danke, aber wie kann ich das ändern?", ["wie kann ich das ändern?"]),
        ("Hello!", []),
        ("thanks a lot", []),
    ],
)
def test_greetings_names_and_thanks_are_left_out(sent: str, kept: list[str]) -> None:
    assert sentences_of(sent) == kept


@pytest.mark.parametrize(
    "line",
    [
        'kubectl says "error: You must be logged in to the server (Unauthorized)"',
        "`sudo apt-get install -f` gives exit code 100",
    ],
)
def test_commands_and_error_messages_stay_as_they_are(line: str) -> None:
    assert sentences_of(f"Hello\n{line}\nthanks") == [line]


def test_a_persons_name_in_front_is_left_out() -> None:
    assert sentences_of("Tom: where is the config file?", {"tom"}) == ["where is the config file?"]


async def test_the_last_messages_of_the_customer_stand_together(open_desk: OpenDesk) -> None:
    desk = open_desk(first_line=False)
    await desk.say(MIA, "My server in Frankfurt is gone")
    await desk.say(TOM, "Which one?")
    (question,) = asked(desk, "web-3, since the maintenance")
    assert question.text == "My server in Frankfurt is gone\nweb-3, since the maintenance"


async def test_how_the_ticket_opened_counts_for_long_and_what_came_between_for_a_quarter_of_an_hour(
    open_desk: OpenDesk,
) -> None:
    desk = open_desk(first_line=False)
    await desk.say(MIA, "My server in Frankfurt is gone")
    await desk.say(MIA, "The console shows a red mark", after=timedelta(hours=1))
    (question,) = asked(desk, "What does LKE-4012 mean?", after=timedelta(hours=1))
    assert question.text == "My server in Frankfurt is gone\nWhat does LKE-4012 mean?"


async def test_what_vigil_answered_comes_back_only_where_the_turn_points_at_it(open_desk: OpenDesk) -> None:
    desk = open_desk()
    await desk.say(MIA, ASKS_PASSWORD)
    (fresh,) = asked(desk, "Where do I find my invoices?")
    (pointing,) = asked(desk, "Is it valid for long?")
    assert fresh.text == "Where do I find my invoices?"
    assert pointing.text == "how do I reset my password?\nIs it valid for long?"


async def test_what_is_settled_does_not_come_back(open_desk: OpenDesk) -> None:
    desk = open_desk(first_line=False)
    await desk.say(MIA, "My server in Frankfurt is gone")
    await desk.say(MIA, "thanks, it is back!", after=timedelta(minutes=2))
    (question,) = asked(desk, "Where do I find my invoices?")
    assert question.text == "Where do I find my invoices?"


async def test_another_question_stands_alone(open_desk: OpenDesk) -> None:
    desk = open_desk(first_line=False)
    await desk.say(MIA, "My server in Frankfurt is gone")
    (question,) = asked(desk, "Another question: where do I find my invoices?", after=timedelta(minutes=2))
    assert "Frankfurt" not in question.text


async def test_questions_about_different_things_are_asked_apart_with_what_stands_around_them(
    open_desk: OpenDesk,
) -> None:
    desk = open_desk()
    questions = asked(desk, "We are on the trial plan. How do I invite colleagues? Where is the price list?")
    assert [question.text for question in questions] == [
        "We are on the trial plan. How do I invite colleagues?",
        "We are on the trial plan. Where is the price list?",
    ]


async def test_at_most_three_questions_are_asked(open_desk: OpenDesk) -> None:
    text = "How do I invite colleagues? Where is the price list? Which regions exist? When is the next maintenance?"
    assert len(asked(open_desk(), text)) == 3


async def test_a_question_and_its_echo_are_one(open_desk: OpenDesk) -> None:
    assert len(asked(open_desk(), "Is there a way to resize a volume? How do I do it?")) == 1
    assert len(asked(open_desk(), "Can I resize a volume? How is a volume resized?")) == 1


async def test_a_very_long_turn_is_shortened_to_what_an_embedder_reads(open_desk: OpenDesk) -> None:
    (question,) = asked(open_desk(), "beginning " + "middle " * 2000 + "end")
    assert len(question.text) <= LONGEST + 3
    assert question.text.startswith("beginning")
    assert question.text.endswith("end")


async def test_nothing_said_is_nothing_asked(open_desk: OpenDesk) -> None:
    assert asked(open_desk(), "hello") == ()


async def test_context_is_short_clean_and_names_roles_only(open_desk: OpenDesk) -> None:
    desk = open_desk(first_line=False)
    for number in range(12):
        await desk.say(MIA if number % 2 else TOM, f"line {number} \u202e" + "x" * 600)
    (question,) = asked(desk, "My server in Frankfurt is gone")
    assert len(question.context) == 8
    assert all(line.startswith(("customer: ", "analyst: ")) for line in question.context)
    assert all(len(line) < 260 for line in question.context)
    assert "\u202e" not in "".join(question.context)
