"""The process that `learning_faults.py` kills: it brings tickets in, learns from them, publishes, and rolls back, as fast as it can.

python benchmarks/_pupil.py DATABASE FOLDER CONVERSATION SEED
"""

import asyncio
import contextlib
import random
import sys
from pathlib import Path

from _house import House, open_house
from sqlalchemy.exc import DBAPIError

from vigil.domain.conversation import Person, Role
from vigil.domain.knowledge import Draft
from vigil.errors import VigilError
from vigil.store.conversations import Conversations, TicketFilter
from vigil.store.lessons import Lessons

W = "default"
SYLLABLES = (
    "ba",
    "cor",
    "dul",
    "fen",
    "gra",
    "hil",
    "jo",
    "kam",
    "lor",
    "mi",
    "nep",
    "ost",
    "pra",
    "qui",
    "ros",
    "ste",
    "tov",
    "ul",
)
LAST = 25
"""Tickets that a process looks through when it starts, for those that one before it left unlearned."""


async def catch_up(house: House, *, limit: int = LAST) -> None:
    """Learn from the tickets that were left."""
    async with house.store.read(W) as session:
        tickets = await Conversations(session).tickets(TicketFilter(limit=limit))
    for ticket in tickets:
        await house.learner.learn(W, ticket.id)


async def study(house: House, conversation: str, chance: random.Random) -> None:
    """One thing of those that change what is known."""
    roll = chance.random()
    if roll < 0.5:
        await house.learner.learn(W, await new_ticket(house, conversation, chance))
    elif roll < 0.6:
        if (ticket := await reopened(house, conversation, chance)) is not None:
            await house.learner.learn(W, ticket)
    elif roll < 0.8:
        pair = word(chance)
        drafts = [
            Draft(
                key=f"pair:{pair}:{side}",
                title=f"{side} {pair}",
                question=f"How is the {side} {pair} set?",
                answer=word(chance),
            )
            for side in ("left", "right")
        ]
        await house.knowledge.publish(W, drafts, by="pupil", summary=f"a pair of {pair}")
    else:
        version = await house.knowledge.version(W)
        await house.knowledge.rollback(W, max(0, version - chance.randint(1, 3)), by="pupil")


async def new_ticket(house: House, room: str, chance: random.Random) -> str:
    """A ticket that a human resolved; its id."""
    one, two, three, four = (word(chance) for _ in range(4))
    mia = Person(id=f"customer-{one}", name=f"Mia {two}", role=Role.CUSTOMER)
    tom = Person(id=f"analyst-{one}", name=f"Tom {three}", role=Role.ANALYST)
    return await house.ticket(
        W,
        room,
        (
            (mia, f"How can I make the {one} {two} of our {three} work again? It fails with error {four.upper()}-7."),
            (tom, f"Set {one.upper()}_{two.upper()}=2h in {three}.conf and restart the {four}."),
            (mia, "that worked, thanks!"),
        ),
    )


async def reopened(house: House, room: str, chance: random.Random) -> str | None:
    """A ticket in which somebody has written once more; its id."""
    async with house.store.read(W) as session:
        tickets = await Conversations(session).tickets(TicketFilter(limit=LAST))
    if not tickets:
        return None
    ticket = chance.choice(tickets)
    customer = Person(id=ticket.customer_id, name="Mia", role=Role.CUSTOMER)
    await house.more(W, room, ticket.id, ((customer, "thanks again"),))
    return ticket.id


def word(chance: random.Random) -> str:
    return "".join(chance.choice(SYLLABLES) for _ in range(4))


async def learned_through(house: House, ticket_id: str) -> tuple[str, list[tuple[str, int]]]:
    """The last message of a ticket, and up to which message each of its lessons was learned, with its number."""
    async with house.store.read(W) as session:
        messages = await Conversations(session).of_ticket(ticket_id)
        records = await Lessons(session).of_ticket(ticket_id)
    return messages[-1].id, [(each.through, each.number) for each in records]


async def main(url: str, folder: Path, conversation: str, seed: int) -> None:
    chance = random.Random(seed)
    house = await open_house(url, folder)
    print("ready", flush=True)
    await catch_up(house)
    while True:
        with contextlib.suppress(
            VigilError, DBAPIError
        ):  # somebody else changed the same; what must hold is looked at in the end
            await study(house, conversation, chance)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
