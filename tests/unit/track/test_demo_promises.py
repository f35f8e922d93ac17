"""The promises in the demo desk's tickets, each with its due time, and none besides.
Labelled by docs/explanation/tracking-guideline.md."""

from datetime import datetime

from vigil.demo.larkspur import Recording, live, tickets
from vigil.domain.conversation import Message, Role
from vigil.domain.progress import Progress
from vigil.domain.ticket import Ticket, TicketState
from vigil.track.advance import advance
from vigil.track.circumstances import heard_of

PROMISED: dict[tuple[str, int], str | None] = {
    ("LS-0087", 11): None,
    ("LS-0106", 6): "2026-03-03T16:10:00+00:00",
    ("LS-0121", 3): None,
    ("LS-0133", 1): "2026-03-16T10:40:00+00:00",
    ("LS-0145", 1): "2026-03-20T07:38:00+00:00",
    ("LS-0148", 5): "2026-03-23T16:00:00+00:00",
    ("LS-0152", 1): "2026-03-25T12:00:00+00:00",
}
"""By ticket and message, counted from 0. The desk's people are read as if they lived in UTC."""


def promises_of(recording: Recording) -> dict[tuple[str, int], datetime | None]:
    customer = next(
        (person.id for person in recording.people if person.role is Role.CUSTOMER), recording.lines[0].by.id
    )
    ticket = Ticket(
        id=recording.id,
        external_id=recording.id,
        conversation_id=recording.id,
        state=TicketState.OPEN,
        subject="",
        customer_id=customer,
        opened_at=recording.lines[0].at,
        updated_at=recording.lines[0].at,
    )
    progress: Progress | None = None
    before: list[Message] = []
    found: dict[tuple[str, int], datetime | None] = {}
    for place, line in enumerate(recording.lines):
        message = Message(
            id=str(place),
            external_id=str(place),
            conversation_id=recording.id,
            seq=place + 1,
            author=line.by,
            text=line.text,
            sent_at=line.at,
            received_at=line.at,
        )
        heard = heard_of(message, ticket, recording.kind, before)
        progress = advance(progress, message, heard, ticket_id=recording.id)
        before.append(message)
        new = [promise for promise in progress.promises if promise.message_id == message.id]
        assert len(new) <= 1, (recording.id, place, new)
        if new:
            found[recording.id, place] = new[0].due
    return found


def test_what_is_promised_on_the_demo_desk() -> None:
    found: dict[tuple[str, int], datetime | None] = {}
    for recording in (*tickets(), *live()):
        found |= promises_of(recording)
    assert {place: due and due.isoformat() for place, due in found.items()} == PROMISED
