"""What was learned and waits for a person: look at it, accept it, keep what is known, reject it; and what nobody has written down."""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query

from vigil.guard import access
from vigil.store.lessons import LessonState
from vigil.web.api.callers import ALWAYS, WITH_BODY, Caller, TokenRoute, needs, problems
from vigil.web.api.cursors import Cursor, Limit, cursor_of, cut, place_of
from vigil.web.api.schemas.common import Identifier
from vigil.web.api.schemas.knowledge import PublishedOut
from vigil.web.api.schemas.learning import (
    AcceptIn,
    CaseOut,
    GapsOut,
    KeepIn,
    LessonOut,
    LessonPageOut,
    RejectIn,
    TrustOut,
    Waiting,
)
from vigil.web.services import Serving

router = APIRouter(prefix="/knowledge", tags=["knowledge"], route_class=TokenRoute, responses=ALWAYS)

LessonId = Annotated[Identifier, Path(description="The lesson's id.")]
EntryId = Annotated[Identifier, Path(description="The entry's id.")]

_READ: Final = needs(access.Scope.READ)
_WRITE: Final = needs(access.Scope.KNOWLEDGE)
_LIST = "lessons"


@router.get("/lessons", openapi_extra=_READ)
async def list_lessons(
    caller: Caller,
    services: Serving,
    state: Annotated[
        list[Waiting] | None, Query(description="Any of these; left out: `held` and `conflict`, what waits.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> LessonPageOut:
    """List lessons.

    What was learned and waits for a person, the latest first.
    """
    states = [LessonState(each) for each in state or ("held", "conflict")]
    found = await services.review.lessons(caller.workspace_id, states, before=place_of(_LIST, cursor), limit=limit + 1)
    items, following = cut(found, limit, lambda lesson: cursor_of(_LIST, lesson.at, lesson.id))
    return LessonPageOut(items=[LessonOut.model_validate(lesson) for lesson in items], next=following)


@router.get("/lessons/{lesson_id}", responses=problems(404), openapi_extra=_READ)
async def read_lesson(lesson_id: LessonId, caller: Caller, services: Serving) -> CaseOut:
    """Read a lesson.

    With both sides' messages where it contradicts or would change something.
    """
    return CaseOut.model_validate(await services.review.show(caller.workspace_id, lesson_id))


@router.post("/lessons/{lesson_id}/accept", responses={**problems(404, 409), **WITH_BODY}, openapi_extra=_WRITE)
async def accept_lesson(lesson_id: LessonId, wanted: AcceptIn, caller: Caller, services: Serving) -> PublishedOut:
    """Accept a lesson.

    It is published, in the place of what it contradicts or would change.
    """
    version = await services.review.accept(
        caller.workspace_id, lesson_id, by=caller.id, to_customers=wanted.to_customers
    )
    return PublishedOut(version=version)


@router.post("/lessons/{lesson_id}/keep", responses={**problems(404, 409), **WITH_BODY}, openapi_extra=_WRITE)
async def keep_known(lesson_id: LessonId, wanted: KeepIn, caller: Caller, services: Serving) -> LessonOut:
    """Keep what is known.

    Against a lesson that contradicts it or would change it. What says the same later is rejected at once.
    """
    await services.review.keep(caller.workspace_id, lesson_id, by=caller.id, reason=wanted.reason)
    return LessonOut.model_validate((await services.review.show(caller.workspace_id, lesson_id)).lesson)


@router.post("/lessons/{lesson_id}/reject", responses={**problems(404, 409), **WITH_BODY}, openapi_extra=_WRITE)
async def reject_lesson(lesson_id: LessonId, wanted: RejectIn, caller: Caller, services: Serving) -> LessonOut:
    """Reject a lesson.

    It doesn't come back by itself: what says the same later is rejected at once.
    """
    await services.review.reject(caller.workspace_id, lesson_id, by=caller.id, reason=wanted.reason)
    return LessonOut.model_validate((await services.review.show(caller.workspace_id, lesson_id)).lesson)


@router.post("/entries/{entry_id}/confirm", responses=problems(404, 413), openapi_extra=_WRITE)
async def confirm_entry(entry_id: EntryId, caller: Caller, services: Serving) -> PublishedOut:
    """Confirm what was learned.

    It may be told to customers from now on; until somebody says so, only analysts are shown it.
    """
    return PublishedOut(version=await services.learner.confirm(caller.workspace_id, entry_id, by=caller.id))


@router.get("/entries/{entry_id}/trust", responses=problems(404), openapi_extra=_READ)
async def read_trust(entry_id: EntryId, caller: Caller, services: Serving) -> TrustOut:
    """Read how far an entry can be trusted.

    A posterior with its interval, out of what became of the answers that stood on it.
    """
    await services.knowledge.entry(caller.workspace_id, entry_id)
    return TrustOut.model_validate((await services.review.trust(caller.workspace_id, [entry_id]))[entry_id])


@router.get("/gaps", openapi_extra=_READ)
async def list_gaps(
    caller: Caller,
    services: Serving,
    days: Annotated[int, Query(ge=1, le=365, description="How far back to look.")] = 90,
    limit: Annotated[int, Query(ge=1, le=100, description="Gaps at most.")] = 20,
) -> GapsOut:
    """List gaps.

    Questions that recur and that nothing answers, by the analysts' minutes that they cost.
    """
    found = await services.gaps.find(caller.workspace_id, span=timedelta(days=days), limit=limit)
    return GapsOut.model_validate(found)
