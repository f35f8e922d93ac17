"""Settings of the workspace: the big switch, its name, quiet hours, silent channels, and who changed what. What each does is
`domain.workspace`'s to say."""

from datetime import time
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from vigil.domain.account import Part
from vigil.domain.hours import QuietHours
from vigil.domain.topic import Autonomy
from vigil.errors import InvalidInput
from vigil.web.console import history
from vigil.web.console.pages import page
from vigil.web.console.visits import Form, PageRoute, SignedIn, Visitor, least
from vigil.web.services import Console, Services, Serving

router = APIRouter(prefix="/settings", route_class=PageRoute, include_in_schema=False)

ADMIN = least(Part.ADMIN)
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HISTORY: Final = 200
"""Changes that are shown; the whole trail is `vigil audit`'s."""


@router.get("", openapi_extra=ADMIN)
async def settings_page(request: Request, visitor: SignedIn, services: Serving) -> Response:
    return await _page(request, visitor, services)


@router.post("", openapi_extra=ADMIN)
async def change(request: Request, visitor: SignedIn, form: Form, services: Serving) -> Response:
    """Name, who comes first, and what holds without a topic: only what differs is changed."""
    workspace = await services.administration.workspace(visitor.workspace)
    name = " ".join(form.get("name", "").split())[:200] or workspace.name
    first_line, autonomy = "first_line" in form, autonomy_of(form.get("autonomy", ""))
    await services.administration.change_workspace(
        visitor.workspace,
        by=visitor.account.id,
        name=name if name != workspace.name else None,
        first_line=first_line if first_line is not workspace.first_line else None,
        default_autonomy=autonomy if autonomy is not workspace.default_autonomy else None,
    )
    return await _page(request, visitor, services, done="Kept.")


@router.post("/switch", openapi_extra=ADMIN)
async def switch(request: Request, visitor: SignedIn, form: Form, services: Serving) -> Response:
    """The big switch. Whatever is on its way is looked at again before it is sent, so that nothing leaves after this."""
    wanted = {"off": True, "on": False}.get(form.get("do", ""))
    if wanted is None:
        raise InvalidInput("The switch is `on` or `off`.")
    await services.administration.change_workspace(visitor.workspace, by=visitor.account.id, silenced=wanted)
    request.state.visitor = visitor.seeing(silenced=wanted)
    done = "Vigil is switched off everywhere." if wanted else "Vigil may speak again."
    return await _page(request, visitor, services, done=done)


@router.get("/hours", openapi_extra=ADMIN)
async def hours_page(request: Request, visitor: SignedIn, services: Serving) -> Response:
    return await _hours_page(request, visitor, services)


@router.post("/hours", openapi_extra=ADMIN)
async def set_hours(request: Request, visitor: SignedIn, form: Form, services: Serving) -> Response:
    try:
        hours = _hours_of(form) if form.get("do") != "none" else None
    except InvalidInput as error:
        return await _hours_page(request, visitor, services, form=form, problem=str(error))
    await services.administration.set_quiet_hours(visitor.workspace, hours, by=visitor.account.id)
    done = "There are no quiet hours now." if hours is None else "The quiet hours are kept."
    return await _hours_page(request, visitor, services, done=done)


@router.post("/channels", openapi_extra=ADMIN)
async def set_channels(request: Request, visitor: SignedIn, form: Form, services: Serving) -> Response:
    """A channel is named by a field of the form; the one that is ticked may hear Vigil."""
    known = await services.administration.channels(visitor.workspace)
    silent = [channel for channel in known if f"channel {channel}" not in form]
    await services.administration.set_silent_on(visitor.workspace, silent, by=visitor.account.id)
    return await _hours_page(request, visitor, services, done="Kept.")


@router.get("/history", openapi_extra=ADMIN)
async def history_page(request: Request, visitor: SignedIn, services: Serving, console: Console) -> Response:
    records = await services.administration.history(visitor.workspace, limit=HISTORY)
    tokens = await services.administration.tokens(visitor.workspace)
    webhooks = await services.administration.integrations(visitor.workspace)
    people = await console.sign_ins.people(visitor.workspace)
    names = {each.id: each.name for each in (*tokens, *webhooks, *people)}
    return page(request, "settings_history.html", {"changes": [history.told(record, names) for record in records]})


def autonomy_of(text: str) -> Autonomy:
    """A form's field as a mode. Raises InvalidInput."""
    try:
        return Autonomy(text)
    except ValueError:
        raise InvalidInput(f"A mode is one of {', '.join(Autonomy)}.") from None


async def _page(request: Request, visitor: Visitor, services: Services, *, done: str = "") -> Response:
    workspace = await services.administration.workspace(visitor.workspace)
    values = {"workspace": workspace, "modes": list(Autonomy), "done": done}
    return page(request, "settings.html", values)


async def _hours_page(
    request: Request,
    visitor: Visitor,
    services: Services,
    *,
    form: dict[str, str] | None = None,
    problem: str = "",
    done: str = "",
) -> Response:
    workspace = await services.administration.workspace(visitor.workspace)
    channels = await services.administration.channels(visitor.workspace)
    values: dict[str, Any] = {
        "workspace": workspace,
        "channels": sorted({*channels, *workspace.silent_on}),
        "hours": _shown(workspace.quiet) if form is None else form,
        "days": DAYS,
        "problem": problem,
        "done": done,
    }
    return page(request, "settings_hours.html", values, status=422 if problem else 200)


def _shown(hours: QuietHours | None) -> dict[str, str]:
    """Quiet hours as the form has them."""
    if hours is None:
        return {"zone": "UTC", "start": "18:00", "end": "08:00", "day5": "on", "day6": "on"}
    return {
        "zone": hours.zone,
        "start": hours.start.isoformat("minutes"),
        "end": hours.end.isoformat("minutes"),
        **{f"day{day}": "on" for day in hours.days},
    }


def _hours_of(form: dict[str, str]) -> QuietHours:
    try:
        start, end = time.fromisoformat(form.get("start", "")), time.fromisoformat(form.get("end", ""))
    except ValueError:
        raise InvalidInput("Write both times as hours and minutes, such as 18:00.") from None
    days = frozenset(day for day in range(len(DAYS)) if f"day{day}" in form)
    try:
        return QuietHours(
            zone=form.get("zone", "").strip(), start=start.replace(tzinfo=None), end=end.replace(tzinfo=None), days=days
        )
    except ValueError as error:
        raise InvalidInput(str(error)) from None
