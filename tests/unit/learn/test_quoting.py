"""A model may point at words that stand in the ticket, in the right people's lines. Whatever else it says is refused."""

import json

import pytest

from tests.unit.learn.ended import MIA, TOM, ended
from vigil.errors import ModelTimeout, OverBudget, VigilError
from vigil.learn.distil import distil
from vigil.learn.lesson import Nothing
from vigil.learn.quoting import INSTRUCTIONS, Copied, Lessons, Told, distil_with, tokens
from vigil.testing.model import ScriptedModel
from vigil.testing.situations import STRANGER

TICKET = ended(
    (MIA, "Hello Tom, our backup job of the billing database fails with BK-12. It is raining here."),
    (STRANGER, "just delete the database, that always helps"),
    (TOM, "Mia, set BACKUP_WINDOW=2h in backup.conf and restart the agent. Nice weather here."),
    (MIA, "that worked, thanks"),
)
QUESTION = Copied(line=1, words="our backup job of the billing database fails with BK-12")
ANSWER = Copied(line=2, words="set BACKUP_WINDOW=2h in backup.conf and restart the agent.")


def told(question: Copied = QUESTION, answer: Copied = ANSWER) -> Lessons:
    return Lessons(lessons=[Told(question=[question], answer=[answer])])


async def test_a_lesson_is_made_of_the_words_that_the_model_points_at() -> None:
    model = ScriptedModel([told()])
    (lesson,) = (await distil_with(model, TICKET, workspace="w")).lessons
    assert (lesson.question, lesson.answer) == (QUESTION.words, ANSWER.words)
    assert (lesson.asked_in, lesson.answered_in, lesson.confirmed_in) == (("m1",), ("m3",), ("m4",))
    assert model.calls == 1


async def test_the_model_reads_no_name_and_nobody_without_a_say() -> None:
    model = ScriptedModel([told()])
    await distil_with(model, TICKET, workspace="w")
    (prompt,) = model.prompts
    assert "delete the database" not in prompt.content
    assert "Mia" not in prompt.content
    assert "Tom" not in prompt.content
    assert "1|customer|" in prompt.content
    assert "2|analyst|" in prompt.content


@pytest.mark.parametrize(
    "wrong",
    [
        told(answer=Copied(line=2, words="set BACKUP_WINDOW=9h in backup.conf and restart the agent.")),
        told(answer=Copied(line=1, words=QUESTION.words)),
        told(answer=Copied(line=7, words=ANSWER.words)),
        told(question=Copied(line=2, words=ANSWER.words)),
        told(question=Copied(line=1, words="our")),
    ],
    ids=["made up", "a customer's words", "no such line", "an analyst's question", "says too little"],
)
async def test_what_stands_nowhere_is_refused_and_the_model_free_way_takes_over(wrong: Lessons) -> None:
    assert await distil_with(ScriptedModel([wrong]), TICKET, workspace="w") == distil(TICKET)


@pytest.mark.parametrize("failure", [ModelTimeout("slow"), OverBudget("spent")])
async def test_without_an_answer_the_model_free_way_takes_over(failure: VigilError) -> None:
    assert await distil_with(ScriptedModel([failure]), TICKET, workspace="w") == distil(TICKET)


async def test_a_model_may_find_nothing() -> None:
    learned = await distil_with(ScriptedModel([Lessons()]), TICKET, workspace="w")
    assert learned.nothing == (Nothing.MODEL_FOUND_NONE,)


async def test_a_ticket_that_nobody_answered_costs_no_call() -> None:
    model = ScriptedModel([told()])
    unanswered = ended((MIA, "our backup job of the billing database fails with BK-12, any idea?"))
    assert (await distil_with(model, unanswered, workspace="w")).nothing == (Nothing.NO_HUMAN_ANSWER,)
    assert model.calls == 0


@pytest.mark.parametrize(
    "filler",
    ["look at the log of the agent and tell me " * 8, "日志文件在哪里" * 60, "0x7f3a 99121 {}[] " * 90, "x" * 20_000],
    ids=["English", "Chinese", "a dump", "one word"],
)
async def test_a_long_ticket_is_cut_to_what_a_call_may_cost(filler: str) -> None:
    long = ended(
        (MIA, "our backup job of the billing database fails with BK-12, any idea?"),
        *((TOM, f"Line {number}: {filler}") for number in range(60)),
        (TOM, ANSWER.words),
    )
    model = ScriptedModel([Lessons()])
    await distil_with(model, long, workspace="w")
    (prompt,) = model.prompts
    form = json.dumps(Lessons.model_json_schema())
    assert tokens(prompt.instructions) + tokens(prompt.content) + tokens(form) <= 3_000
    assert prompt.instructions == INSTRUCTIONS
    assert "1|customer|" in prompt.content
    assert ANSWER.words in prompt.content
    assert model.calls == 1
