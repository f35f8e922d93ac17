"""How tickets stand comes back from the database as it was written, and is gone when it is dropped."""

from datetime import UTC, datetime, timedelta

from vigil.domain.conversation import Role
from vigil.domain.progress import (
    Fact,
    FactKind,
    Mood,
    Noted,
    Progress,
    Promise,
    Question,
    Result,
    Return,
    Standing,
    Turn,
)
from vigil.store.progress import ProgressOfTickets
from vigil.store.store import Store
from vigil.track.stored import StoredProgress

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FULL = Progress(
    ticket_id="tkt-1",
    seq=7,
    wants=Noted(text="a refund", message_id="msg-1", at=AT),
    facts=(
        Fact(kind=FactKind.VERSION, text="2.1", message_id="msg-1", at=AT, role=Role.CUSTOMER),
        Fact(
            kind=FactKind.TRIED,
            text="restarted it",
            message_id="msg-2",
            at=AT,
            role=Role.CUSTOMER,
            result=Result.FAILED,
            result_in="msg-2",
        ),
    ),
    questions=(
        Question(asked_by="mia", role=Role.CUSTOMER, text="why?", message_id="msg-1", at=AT),
        Question(
            asked_by="tom",
            role=Role.ANALYST,
            text="which version?",
            message_id="msg-3",
            at=AT,
            answered_in="msg-4",
            answered_at=AT,
        ),
    ),
    promises=(
        Promise(
            person_id="tom",
            role=Role.ANALYST,
            text="back in an hour",
            message_id="msg-5",
            made_at=AT,
            due=AT + timedelta(hours=1),
            when="in an hour",
        ),
    ),
    turn=Turn.ANALYST,
    turn_in="msg-6",
    turn_since=AT,
    next_step=Noted(text="back in an hour", message_id="msg-5", at=AT),
    mood=Mood.WORRIED,
    mood_in="msg-6",
    standing=Standing.FIX_ANNOUNCED,
    standing_in="msg-5",
    standing_since=AT,
    fix=Noted(text="clear the cache", message_id="msg-5", at=AT),
    returns=(Return(message_id="msg-6", at=AT, last_time=Noted(text="clear the cache", message_id="msg-5", at=AT)),),
    customer_wrote_at=AT,
    analyst_wrote_at=AT,
)


async def test_it_comes_back_as_it_was_written(store: Store) -> None:
    async with store.write("w") as session:
        await ProgressOfTickets(session).save(Progress(ticket_id="tkt-1", seq=1))
        await ProgressOfTickets(session).save(FULL)
        await ProgressOfTickets(session).save(Progress(ticket_id="tkt-2", seq=2))
    stored = StoredProgress(store)
    assert await stored.of("w", "tkt-1") == FULL
    assert set(await stored.of_all("w", ["tkt-1", "tkt-2", "tkt-3"])) == {"tkt-1", "tkt-2"}
    assert await stored.of("another", "tkt-1") is None


async def test_what_is_dropped_is_gone(store: Store) -> None:
    async with store.write("w") as session:
        await ProgressOfTickets(session).save(FULL)
        await ProgressOfTickets(session).drop(["tkt-1"])
    assert await StoredProgress(store).of("w", "tkt-1") is None
