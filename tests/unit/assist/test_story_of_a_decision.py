"""`vigil why`: a decision told in words."""

from datetime import timedelta

import pytest

from tests.unit.assist.small_desk import ASKS_PASSWORD, ASKS_QUOTA, ASKS_UNKNOWN, PASSWORD, OpenDesk
from vigil.assist.story import explain
from vigil.assist.wording import sources
from vigil.domain.decision import Citation, Decision, DecisionKind, Reason
from vigil.testing.situations import MIA, START, TOM


async def test_an_answer_tells_what_was_asked_found_cited_and_spent(open_desk: OpenDesk) -> None:
    desk = open_desk()
    await desk.say(MIA, "Hi", turn_continues=True)
    told = explain((await desk.say(MIA, ASKS_PASSWORD, after=timedelta(seconds=9))).decision)
    assert told.startswith("Vigil answered: the knowledge base answers this. (no human has joined yet)")
    for part in (
        "m2",
        "m1",
        "thread",
        "gate",
        "policy",
        "how do I reset my password?",
        PASSWORD,
        "← cited",
        "It stands on:",
        "no model call",
    ):
        assert part in told
    assert "below a confidence of 0.70 (it was 0.90)" in told


async def test_a_suggestion_tells_what_kept_it_from_the_customer(open_desk: OpenDesk) -> None:
    told = explain((await open_desk().say(MIA, ASKS_QUOTA)).decision)
    assert told.startswith("Vigil made a suggestion to the analysts")
    assert "a confidence of 0.70 instead of 0.60" in told


async def test_a_silence_tells_how_far_it_was_from_speaking(open_desk: OpenDesk) -> None:
    desk = open_desk()
    await desk.say(MIA, ASKS_UNKNOWN)
    await desk.say(TOM, "Let me see.")
    told = explain((await desk.say(MIA, "the weather is nice over here")).decision)
    assert told.startswith("Vigil stayed silent: nobody asked anything that wants an answer.")
    assert "a gate score of" in told


@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize("kind", list(DecisionKind))
def test_every_reason_can_be_told(reason: Reason, kind: DecisionKind) -> None:
    decision = Decision(
        id="d", conversation_id="c", message_id="m", ticket_id=None, kind=kind, reason=reason, decided_at=START
    )
    told = explain(decision)
    assert "What would have had to be different: " in told
    assert "None" not in told


def _citation(title: str, reference: str) -> Citation:
    return Citation(revision_id="r", entry_id="e", title=title, quote="q", reference=reference)


def test_a_customer_sees_links_and_no_paths() -> None:
    cited = [_citation("Invoices", "https://docs.example.com/i"), _citation("Runbook", "/srv/desk/runbook.md")]
    assert sources(cited, links_only=True) == "Sources:\n- Invoices (https://docs.example.com/i)\n- Runbook"


def test_the_same_source_is_named_once() -> None:
    assert sources([_citation("Invoices", "a.md")] * 3) == "Source: Invoices (a.md)"
