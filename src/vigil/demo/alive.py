"""The demo desk alive: customers and analysts who act on their cues through the doors that people use. When each acts is `cues`'s; how a
visitor comes in is `visit`'s."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from vigil.app import App
from vigil.clock import ManualClock
from vigil.demo import larkspur
from vigil.demo.cues import MIA, Cue, Use, before_today, from_now_on
from vigil.demo.play import CHANNEL, WORKSPACE
from vigil.domain.conversation import Incoming, Person, Role
from vigil.domain.decision import Decision, OutcomeKind
from vigil.domain.post import PostState, Visibility
from vigil.domain.ticket import OVER, TRANSITIONS, Ticket, TicketState
from vigil.errors import NotFound
from vigil.store.decisions import DecisionFilter
from vigil.web.console.customer import CHANNEL as CUSTOMERS
from vigil.web.console.thread import sent_as

LOOK_S: Final = 0.5
"""Seconds between two looks at what is due: nobody sees half a second."""
THANKS_AFTER: Final = timedelta(seconds=5)
"""Between the visitor's answer to Mia and hers."""
DISMISSED: Final = "Not what was asked"


class DemoClock(ManualClock):
    """Stands still while the day so far is played, and then goes with the machine's."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self._going = False

    def now(self) -> datetime:
        return datetime.now(UTC) if self._going else super().now()

    def go(self) -> None:
        self._going = True


class Alive:
    """Plays the desk.

    Args:
        mia: the room in which Mia's ticket is opened, on the customers' page, so that the visitor can see it with her eyes.
        began: when the demo begins; what was before is played by `catch_up`.
    """

    def __init__(self, app: App, *, mia: str, began: datetime) -> None:
        self._app = app
        self._mia = mia
        self._began = began
        self._cues: Iterator[Cue] = from_now_on()
        self._next: Cue = next(self._cues)
        self._cast = {person.id for each in (*larkspur.tickets(), *larkspur.live()) for person in each.people}
        self._thanked = False
        self._answered_at: datetime | None = None

    async def catch_up(self, clock: ManualClock) -> None:
        """Play the day so far."""
        for cue in before_today():
            clock.move_to(self._began + cue.at - timedelta(seconds=60))
            await self._app.worker.settle()
            clock.move_to(self._began + cue.at)
            await self.act(cue)
            await self._app.worker.drain_once()
            clock.advance(timedelta(seconds=self._app.settings.post_delay_s))
            await self._app.worker.settle()
            await self._app.alarms.fire_due()

    def begin(self) -> None:
        """The day so far took its time to play: the hours to come begin now."""
        self._began = max(self._began, self._app.clock.now())

    async def play_due(self) -> int:
        """Act on every cue that is due by the app's clock; says how many there were."""
        now, acted = self._app.clock.now(), 0
        while self._began + self._next.at <= now:
            await self.act(self._next)
            self._next = next(self._cues)
            acted += 1
        await self._thank(now)
        return acted

    async def run(self, stop: asyncio.Event) -> None:
        """Act on cues as they become due until `stop` is set."""
        while not stop.is_set():
            await self.play_due()
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait({stopped}, timeout=LOOK_S)
            stopped.cancel()

    async def act(self, cue: Cue) -> None:
        """Do what a cue says. An analyst leaves a ticket alone in which somebody who isn't of the cast has answered."""
        if not cue.by_analyst:
            await self._write(cue, cue.text, name=f"{cue.ticket}-{cue.position}")
            return
        ticket = await self.ticket(cue.ticket)
        if ticket is None or await self._taken_over(ticket):
            return
        if not cue.text:
            if ticket.state not in OVER and TicketState.RESOLVED in TRANSITIONS[ticket.state]:
                await self._app.desk.change_ticket(WORKSPACE, ticket.id, by=cue.by.id, state=TicketState.RESOLVED)
            return
        await self._answer(cue, ticket)

    async def ticket(self, name: str) -> Ticket | None:
        """The ticket that was opened by a cue; None before that."""
        channel, room = self._room(name)
        try:
            _, messages = await self._app.desk.room(WORKSPACE, channel, room)
        except NotFound:
            return None
        known = [message.ticket_id for message in messages if message.ticket_id]
        return await self._app.desk.ticket(WORKSPACE, known[-1]) if known else None

    async def _answer(self, cue: Cue, ticket: Ticket) -> None:
        ready = None if cue.use is Use.NOTHING else await self._ready(ticket)
        desk = self._app.desk
        if ready is not None and cue.use is Use.DISMISS:
            await desk.record_outcome(WORKSPACE, ready.id, kind=OutcomeKind.DISMISSED, by=cue.by.id, reason=DISMISSED)
        if ready is None or cue.use is Use.DISMISS:
            await self._write(cue, cue.text, name=f"{cue.ticket}-{cue.position}")
        else:
            sends = cue.use is Use.SEND
            await self._write(cue, ready.answer if sends else cue.text, name=sent_as(ready.id))
            kind = OutcomeKind.ADOPTED if sends else OutcomeKind.EDITED
            await desk.record_outcome(WORKSPACE, ready.id, kind=kind, by=cue.by.id, text="" if sends else cue.text)
        if ticket.assignee_id is None:
            await desk.change_ticket(WORKSPACE, ticket.id, by=cue.by.id, assignee_id=cue.by.id)

    async def _ready(self, ticket: Ticket) -> Decision | None:
        """The latest suggestion that an analyst sees in a ticket and that nobody has judged."""
        desk = self._app.desk
        decisions = await desk.decisions(WORKSPACE, DecisionFilter(ticket_id=ticket.id, limit=20))
        ids = [each.id for each in decisions]
        judged = {each.decision_id for each in await desk.outcomes(WORKSPACE, ids)}
        shown = {
            post.decision_id
            for post in await desk.posts(WORKSPACE, ids)
            if post.visibility is Visibility.PRIVATE and post.state is PostState.SENT
        }
        return next((each for each in decisions if each.answer and each.id in shown - judged), None)

    async def _taken_over(self, ticket: Ticket) -> bool:
        messages = await self._app.desk.transcript(WORKSPACE, ticket.id)
        return any(self._by_visitor(each.author) and not each.by_vigil for each in messages)

    def _by_visitor(self, author: Person) -> bool:
        return author.role is Role.ANALYST and author.id not in self._cast

    async def _thank(self, now: datetime) -> None:
        """Mia says thanks a moment after the visitor has answered her."""
        if self._thanked:
            return
        ticket = await self.ticket(MIA)
        if ticket is None or not await self._taken_over(ticket):
            return
        self._answered_at = self._answered_at or now
        if now - self._answered_at < THANKS_AFTER:
            return
        self._thanked = True
        (mia,) = (each for each in larkspur.live() if each.id == MIA)
        thanks = Cue(at=timedelta(0), ticket=MIA, position=1, by=mia.lines[1].by, text=mia.lines[1].text)
        await self._write(thanks, thanks.text, name=f"{self._mia}-thanks")

    def _room(self, ticket: str) -> tuple[str, str]:
        return (CUSTOMERS, self._mia) if ticket == MIA else (CHANNEL, ticket)

    async def _write(self, cue: Cue, text: str, *, name: str) -> None:
        channel, room = self._room(cue.ticket)
        by = cue.by
        if cue.ticket == MIA:  # on the customers' page somebody is who their browser is
            by = Person(id=room.rpartition("-")[0], name=by.name, role=Role.CUSTOMER)
        await self._app.desk.receive(
            WORKSPACE,
            Incoming(
                channel=channel,
                conversation=room,
                external_id=name,
                message_id=name,
                author=by,
                text=text,
                sent_at=self._app.clock.now(),
            ),
        )
