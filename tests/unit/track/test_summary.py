"""What a summary says and to whom: nothing without a message behind it, nothing that its reader may not have, and of a model's sentences
only those that their messages bear out."""

from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import MORNING
from tests.unit.track.stands import after, asked, promised, stands, ticket
from vigil.domain.conversation import Message, Person, Role
from vigil.domain.progress import Fact, FactKind, Mood, Noted, Progress, Result, Return, Standing, Turn
from vigil.domain.summary import Audience, Occasion, Part
from vigil.domain.ticket import TicketState
from vigil.errors import ModelTimeout
from vigil.testing.model import Scripted, ScriptedModel
from vigil.track.occasions import occasion_of
from vigil.track.retelling import Sentence, Told, tell
from vigil.track.summary import ALLOWED, lines_of


def noted(text: str, message_id: str) -> Noted:
    return Noted(text=text, message_id=message_id, at=after(0))


def fact(kind: FactKind, text: str, message_id: str, **changed: Any) -> Fact:
    return Fact(kind=kind, text=text, message_id=message_id, at=after(0), role=Role.CUSTOMER, **changed)


LONG = stands(
    wants=noted("The import stops at 90 %", "m1"),
    facts=(
        fact(FactKind.VERSION, "2.1", "m1"),
        fact(FactKind.VERSION, "2.2", "m3"),
        fact(FactKind.TRIED, "cleared the cache", "m3", result=Result.FAILED, result_in="m4"),
    ),
    questions=(asked("m5", 5), asked("m6", 6, Role.ANALYST)),
    promises=(promised("m7", 7, 60), promised("m8", 8, None, Role.CUSTOMER)),
    turn=Turn.ANALYST,
    turn_in="m5",
    turn_since=after(5),
    next_step=noted("We restart the worker", "m7"),
    mood=Mood.ANGRY,
    mood_in="m5",
    standing=Standing.OPEN,
    fix=noted("Raise the limit to 512 MB", "m6"),
    returns=(Return(message_id="m3", at=after(3), last_time=noted("Clear the cache", "m2")),),
)


def told(audience: Audience, progress: Progress = LONG, **changed: Any) -> list[tuple[Part, tuple[str, ...]]]:
    return [(line.part, line.message_ids) for line in lines_of(ticket(**changed), progress, audience, now=after(30))]


def test_each_reader_gets_their_parts_and_each_line_its_messages() -> None:
    assert told(Audience.ANALYST) == [
        (Part.WANTS, ("m1",)),
        (Part.KNOWN, ("m3",)),
        (Part.TRIED, ("m3", "m4")),
        (Part.HELPED, ("m6",)),
        (Part.STANDS, ("m5",)),
        (Part.OPEN, ("m5",)),
        (Part.OPEN, ("m6",)),
        (Part.PROMISED, ("m7",)),
        (Part.PROMISED, ("m8",)),
        (Part.NEXT, ("m7",)),
        (Part.MOOD, ("m5",)),
        (Part.BEFORE, ("m3", "m2")),
    ]
    assert [part for part, _ in told(Audience.LEAD)] == [
        *(Part.WANTS, Part.STANDS, Part.OPEN, Part.OPEN, Part.PROMISED, Part.PROMISED, Part.MOOD, Part.BEFORE)
    ]
    customers = told(Audience.CUSTOMER)
    assert [ids for part, ids in customers if part is Part.PROMISED] == [("m7",)]
    assert {part for part, _ in customers} <= ALLOWED[Audience.CUSTOMER]
    text = " ".join(line.text for line in lines_of(ticket(), LONG, Audience.CUSTOMER, now=after(30)))
    assert "angry" not in text
    assert "came back" not in text


@pytest.mark.parametrize("audience", list(Audience))
def test_nothing_is_told_without_a_message_behind_it(audience: Audience) -> None:
    assert lines_of(ticket(), stands(), audience, now=MORNING) == ()
    assert all(ids for _, ids in told(audience))


def test_what_is_over_asks_the_customer_nothing_more() -> None:
    parts = {part for part, _ in told(Audience.CUSTOMER, state=TicketState.CLOSED)}
    assert parts == {Part.WANTS, Part.TRIED, Part.HELPED, Part.PROMISED}


def message(number: int, role: Role, text: str) -> Message:
    return Message(
        id=f"m{number}",
        external_id=f"x{number}",
        conversation_id="con_1",
        seq=number,
        author=Person(id=role, name="Priya Rao", role=role),
        text=text,
        sent_at=after(number),
        received_at=after(number),
    )


SAID = (
    message(1, Role.CUSTOMER, "The import stops at 90 %"),
    message(5, Role.CUSTOMER, "Why does the import stop?"),
    message(6, Role.BYSTANDER, "The import password is hunter2"),
    message(7, Role.ANALYST, "I'll restart the worker within the hour"),
)


def sentence(part: Part, text: str, *messages: int) -> Sentence:
    return Sentence(part=part, text=text, messages=list(messages))


async def by_model(
    answer: Scripted, audience: Audience = Audience.ANALYST
) -> tuple[list[tuple[str, tuple[str, ...]]], bool]:
    model = ScriptedModel([answer])
    lines, chosen = await tell(model, "acme", ticket(), LONG, SAID, audience, now=after(30))
    return [(line.text, line.message_ids) for line in lines if line.part not in (Part.OPEN, Part.PROMISED)], chosen


async def test_a_models_sentence_is_kept_only_if_its_messages_bear_it_out() -> None:
    good = sentence(Part.WANTS, "The import stops at 90 %.", 1)
    answer = Told(
        sentences=[
            good,
            sentence(Part.KNOWN, "The import stops at 75 %.", 1),
            sentence(Part.KNOWN, "The import is slow.", 9),
            sentence(Part.NEXT, "Buy a larger plan.", 4),
            sentence(Part.NEXT, "The worker is restarted.", 4),
        ]
    )
    kept, chosen = await by_model(answer)
    assert chosen
    assert kept == [("The import stops at 90 %.", ("m1",)), ("The worker is restarted.", ("m7",))]


async def test_what_a_model_leaves_out_of_what_is_owed_is_added() -> None:
    model = ScriptedModel([Told(sentences=[sentence(Part.WANTS, "The import stops.", 1)])])
    lines, _ = await tell(model, "acme", ticket(), LONG, SAID, Audience.ANALYST, now=after(30))
    assert [line.message_ids[0] for line in lines if line.part in (Part.OPEN, Part.PROMISED)] == [
        "m5",
        "m6",
        "m7",
        "m8",
    ]


async def test_without_a_usable_answer_the_plain_summary_stands() -> None:
    plain = [each.text for each in lines_of(ticket(), LONG, Audience.ANALYST, now=after(30))]
    for answer in (ModelTimeout("slow"), Told(sentences=[]), Told(sentences=[sentence(Part.WANTS, "Quite so.", 1)])):
        model = ScriptedModel([answer])
        lines, chosen = await tell(model, "acme", ticket(), LONG, SAID, Audience.ANALYST, now=after(30))
        assert ([each.text for each in lines], chosen) == (plain, False)


async def test_a_customers_summary_is_told_of_what_they_and_the_desk_wrote() -> None:
    model = ScriptedModel([Told(sentences=[sentence(Part.MOOD, "The import customer is angry.", 1)])])
    lines, chosen = await tell(model, "acme", ticket(), LONG, SAID, Audience.CUSTOMER, now=after(30))
    assert not chosen
    assert {line.part for line in lines} <= ALLOWED[Audience.CUSTOMER]
    (prompt,) = model.prompts
    assert "hunter2" not in prompt.content
    assert "90 %" not in prompt.instructions
    assert prompt.names == ["Priya Rao"]


def test_when_a_ticket_is_told_unasked() -> None:
    before = ticket()
    assert occasion_of(None, before) is None
    assert occasion_of(before, replace(before, state=TicketState.ESCALATED)) is Occasion.ESCALATION
    assert occasion_of(before, replace(before, state=TicketState.RESOLVED)) is Occasion.CLOSING
    assert occasion_of(before, replace(before, assignee_id="kim")) is Occasion.HANDOVER
    over = replace(before, state=TicketState.RESOLVED)
    assert occasion_of(over, replace(over, state=TicketState.CLOSED)) is None
