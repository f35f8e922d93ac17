"""Tickets that ended, written by hand: who says what, in order."""

from datetime import timedelta

from vigil.demo.larkspur import Recording
from vigil.domain.conversation import Message, Person, Role
from vigil.domain.ticket import Ticket, TicketState
from vigil.learn.lesson import Ended
from vigil.testing.situations import MIA, START, TOM

EVA = Person(id="ana-2", name="Eva", role=Role.ANALYST)
FAKE_TOM = Person(id="who-9", name="Tom", role=Role.BYSTANDER)


def message(place: int, author: Person, text: str, *, minutes: float = 0, by_vigil: bool = False) -> Message:
    at = START + timedelta(minutes=minutes or 6 * place)
    return Message(
        id=f"m{place}",
        external_id=f"x{place}",
        conversation_id="room",
        seq=place,
        author=author,
        text=text,
        sent_at=at,
        received_at=at,
        by_vigil=by_vigil,
    )


def ended(*said: tuple[Person, str], customer: Person = MIA, ticket_id: str = "t1") -> Ended:
    """A ticket in which these things were said, six minutes apart."""
    messages = [message(place, author, text) for place, (author, text) in enumerate(said, start=1)]
    return Ended(ticket=ticket(customer, ticket_id), messages=messages)


def ticket(customer: Person = MIA, ticket_id: str = "t1") -> Ticket:
    return Ticket(
        id=ticket_id,
        external_id=ticket_id,
        conversation_id="room",
        state=TicketState.RESOLVED,
        subject="",
        customer_id=customer.id,
        opened_at=START,
        updated_at=START,
    )


def recorded(recording: Recording) -> Ended:
    """A ticket of the demo's desk."""
    people = {person.id: person for person in recording.people}
    customer = next((line.by for line in recording.lines if line.by.role is Role.CUSTOMER), recording.lines[0].by)
    messages = [
        message(place, people[line.by.id], line.text, minutes=(line.at - recording.lines[0].at).total_seconds() / 60)
        for place, line in enumerate(recording.lines, start=1)
    ]
    return Ended(ticket=ticket(customer, recording.id), messages=messages)


__all__ = ["EVA", "FAKE_TOM", "MIA", "TOM", "ended", "message", "recorded", "ticket"]
