"""How a visitor comes into the demo: an account without a password, links that sign a browser in once, and the tour. What happens on the
desk meanwhile is `alive`'s."""

import hmac
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from vigil.app import App
from vigil.demo.play import WORKSPACE
from vigil.domain.account import Part
from vigil.errors import NotFound
from vigil.web.console.customer import COOKIE as CUSTOMER_COOKIE
from vigil.web.console.customer import person_of
from vigil.web.console.tour import Step, Tour
from vigil.web.console.visits import ANYONE, COOKIE, PageRoute, keep, least

NAME: Final = "Robin Vale"
"""Whom the visitor plays; customers see this name."""
STAYS: Final = timedelta(days=1)
"""How long a browser stays signed in to a demo."""


class Visit:
    """A visitor's account, and the links that lead to it. A link is good for one browser; when it is spent there is another.

    Args:
        spent: is told that a link was used.
    """

    def __init__(self, app: App, *, spent: Callable[[], None]) -> None:
        self._app = app
        self._spent = spent
        self._link = secrets.token_urlsafe(24)
        self._mia = secrets.token_urlsafe(32)
        self.room = f"{person_of(self._mia)}-{secrets.token_hex(6)}"
        """The room on the customers' page that is Mia's: the visitor's browser is hers as well."""

    @property
    def path(self) -> str:
        """Where a browser is signed in, once."""
        return f"/demo/{self._link}"

    def router(self) -> APIRouter:
        """The door."""
        router = APIRouter(route_class=PageRoute, include_in_schema=False)

        @router.get("/demo/{link}", openapi_extra=least(ANYONE))
        async def enter(request: Request, link: str) -> Response:  # pyright: ignore[reportUnusedFunction]  # fastapi uses it
            if request.state.visitor is not None and request.state.visitor.workspace == WORKSPACE:
                return RedirectResponse("/desk", status_code=303)
            if not hmac.compare_digest(link.encode(), self._link.encode()):
                raise NotFound("This link was used already. The terminal in which the demo runs shows another.")
            self._link = secrets.token_urlsafe(24)  # before anything is waited for: two at once are one too many
            response = RedirectResponse("/desk", status_code=303)
            keep(request, response, COOKIE, await self._sign_in(), lasts=STAYS)
            keep(request, response, CUSTOMER_COOKIE, self._mia, lasts=STAYS)
            self._spent()
            return response

        return router

    async def _sign_in(self) -> str:
        sign_ins = self._app.sign_ins
        number = len(await sign_ins.people(WORKSPACE)) + 1
        _, secret = await sign_ins.invite(WORKSPACE, Part.ADMIN, note="the demo's visitor", by="demo")
        return await sign_ins.join(secret, login=f"visitor-{number}", name=NAME, password=secrets.token_urlsafe(24))


def tour_of(ticket_id: str, room: str) -> Tour:
    """The tour, over Mia's ticket."""
    ticket, window = f"/tickets/{ticket_id}", f"/help/{WORKSPACE}/{room}"
    return Tour(
        steps=(
            Step(
                words="This desk is alive: people write as you watch. Mia has a question, and an answer lies ready.",
                address=ticket,
                link="Open Mia’s ticket",
                done="#ticket",
            ),
            Step(
                words="Vigil wrote this to you alone. Press v, or click the source, to see the passage that it stands on.",
                address=ticket,
                link="Back to Mia’s ticket",
                done=".evidence[open]",
            ),
            Step(
                words="If it is right, press s: it goes to Mia as it is. With e you would change it first.",
                address=ticket,
                link="Back to Mia’s ticket",
                done=".line.ours .mark",
            ),
            Step(
                words="Now look at it with Mia’s eyes: no suggestion, no notes, only what was sent. You can write there as well.",
                address=window,
                link="Open Mia’s window",
                done="",
                new_window=True,
            ),
            Step(
                words="Mia’s thanks asked for nothing, so Vigil kept quiet. Open “Vigil said nothing” below it for the reason.",
                address=ticket,
                link="Back to Mia’s ticket",
                done=".line:not(.ours) .message .why[open]",
            ),
            Step(
                words="That is Vigil: help with its evidence, silence with its reason. Look around; the desk goes on.",
                address="/desk",
                link="See the desk",
                done="",
            ),
        )
    )
