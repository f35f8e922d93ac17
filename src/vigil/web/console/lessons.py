"""What Vigil would learn and asks a person about: conflicts, held lessons, and gaps that nothing fills, each with its tickets. What
is held, and what a decision does, is `learn`'s."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import RedirectResponse

from vigil.domain.account import Part
from vigil.errors import InvalidInput
from vigil.store.lessons import LessonState
from vigil.web.console.differ import fields
from vigil.web.console.pages import page
from vigil.web.console.visits import Form, PageRoute, SignedIn, least
from vigil.web.services import Console, Serving

router = APIRouter(prefix="/knowledge", route_class=PageRoute, include_in_schema=False)

READS, WRITES = least(Part.VIEWER), least(Part.ANALYST)
PAGE: Final = 50

STATES: Final = {
    "waiting": (LessonState.CONFLICT, LessonState.HELD),
    "conflict": (LessonState.CONFLICT,),
    "held": (LessonState.HELD,),
    "rejected": (LessonState.REJECTED,),
}


@router.get("/lessons", openapi_extra=READS)
async def lessons_page(
    request: Request,
    visitor: SignedIn,
    console: Console,
    services: Serving,
    view: str = "waiting",
    before: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Lessons in a state, the latest first."""
    view = view if view in STATES else "waiting"
    found = await services.review.lessons(visitor.workspace, STATES[view], before=_place(before), limit=PAGE + 1)
    last = found[PAGE - 1] if len(found) > PAGE else None
    values: dict[str, Any] = {
        "lessons": found[:PAGE],
        "following": "" if last is None else f"{last.at.isoformat()} {last.id}",
        "view": view,
        "people": {each.id: each.name for each in await console.sign_ins.people(visitor.workspace)},
        "now": console.clock.now(),
    }
    return page(request, "lessons.html", values)


@router.get("/lessons/{lesson_id}", openapi_extra=READS)
async def lesson_page(
    request: Request, lesson_id: str, visitor: SignedIn, console: Console, services: Serving
) -> Response:
    """Both sides with their evidence, what would change, and what may be done."""
    case = await services.review.show(visitor.workspace, lesson_id)
    both = case.new is not None and case.known is not None
    values: dict[str, Any] = {
        "case": case,
        "lesson": case.lesson,
        "waits": case.lesson.state in STATES["waiting"],
        "changed": fields(case.known.draft, case.new.draft) if both and case.known and case.new else (),
        "people": {each.id: each.name for each in await console.sign_ins.people(visitor.workspace)},
        "now": console.clock.now(),
    }
    return page(request, "lesson.html", values)


@router.post("/lessons/{lesson_id}", openapi_extra=WRITES)
async def decide(request: Request, lesson_id: str, visitor: SignedIn, form: Form, services: Serving) -> Response:
    """Accept it, keep what is known, or reject it."""
    by, workspace = visitor.account.id, visitor.workspace
    await services.review.show(workspace, lesson_id)  # what isn't there can't be decided, however it is asked
    match form.get("do"):
        case "accept":
            await services.review.accept(workspace, lesson_id, by=by, to_customers=bool(form.get("to_customers")))
        case "keep":
            await services.review.keep(workspace, lesson_id, by=by, reason=form.get("reason", ""))
        case "reject":
            await services.review.reject(workspace, lesson_id, by=by, reason=form.get("reason", ""))
        case _:
            raise InvalidInput("A lesson is accepted, kept out for what is known, or rejected: accept, keep or reject.")
    return RedirectResponse("/knowledge/lessons", status_code=303)


@router.get("/gaps", openapi_extra=READS)
async def gaps_page(request: Request, visitor: SignedIn, console: Console, services: Serving) -> Response:
    """Questions that recur and that nothing answers, the most expensive first."""
    found = await services.gaps.find(visitor.workspace)
    values: dict[str, Any] = {"found": found, "now": console.clock.now()}
    return page(request, "gaps.html", values)


def _place(before: str) -> tuple[datetime, str] | None:
    at, found, lesson_id = before.partition(" ")
    if not found:
        return None
    try:
        instant = datetime.fromisoformat(at)
    except ValueError:
        return None
    return None if instant.tzinfo is None else (instant, lesson_id)
