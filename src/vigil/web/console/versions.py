"""The knowledge's versions: what each changed, and going back to one, after a look at what that would change."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import RedirectResponse

from vigil.domain.account import Part
from vigil.errors import Conflict, NotFound
from vigil.web.console.differ import fields
from vigil.web.console.pages import page
from vigil.web.console.visits import Form, PageRoute, SignedIn, least
from vigil.web.services import Console, Serving

router = APIRouter(prefix="/knowledge/versions", route_class=PageRoute, include_in_schema=False)

READS, MANAGES = least(Part.VIEWER), least(Part.ADMIN)
PAGE: Final = 50
NEWEST: Final = 2**53
"""Above any version that there can be."""


@router.get("", openapi_extra=READS)
async def versions_page(
    request: Request,
    visitor: SignedIn,
    console: Console,
    services: Serving,
    before: Annotated[int, Query(ge=0, le=NEWEST)] = NEWEST,
) -> Response:
    log = await services.knowledge.log(visitor.workspace, before=before, limit=PAGE + 1)
    values: dict[str, Any] = {
        "log": log[:PAGE],
        "following": log[PAGE - 1].version if len(log) > PAGE else 0,
        "present": await services.knowledge.version(visitor.workspace),
        "people": {each.id: each.name for each in await console.sign_ins.people(visitor.workspace)},
        "now": console.clock.now(),
    }
    return page(request, "knowledge_versions.html", values)


@router.get("/{wanted}", openapi_extra=READS)
async def version_page(
    request: Request, wanted: str, visitor: SignedIn, console: Console, services: Serving
) -> Response:
    """What this version changed."""
    version = max(1, _version(wanted))
    compared = await console.library.compare(visitor.workspace, version - 1, version)
    published = await services.knowledge.log(visitor.workspace, before=version + 1, limit=1)
    values: dict[str, Any] = {
        "version": version,
        "publication": published[0] if published and published[0].version == version else None,
        "compared": compared,
        "changes": [
            (each, fields(each.before and each.before.draft, each.after and each.after.draft))
            for each in compared.changes
        ],
        "present": await services.knowledge.version(visitor.workspace),
        "people": {each.id: each.name for each in await console.sign_ins.people(visitor.workspace)},
        "back": False,
        "now": console.clock.now(),
    }
    return page(request, "knowledge_version.html", values)


@router.get("/{wanted}/back", openapi_extra=MANAGES)
async def back_page(request: Request, wanted: str, visitor: SignedIn, console: Console, services: Serving) -> Response:
    """What going back would change, and the button that does it."""
    version, present = _version(wanted), await services.knowledge.version(visitor.workspace)
    compared = await console.library.compare(visitor.workspace, present, version)
    values: dict[str, Any] = {
        "version": version,
        "compared": compared,
        "changes": [
            (each, fields(each.before and each.before.draft, each.after and each.after.draft))
            for each in compared.changes
        ],
        "present": present,
        "back": True,
        "publication": None,
        "people": {},
        "now": console.clock.now(),
    }
    return page(request, "knowledge_version.html", values)


@router.post("/{wanted}/back", openapi_extra=MANAGES)
async def go_back(request: Request, wanted: str, visitor: SignedIn, form: Form, services: Serving) -> Response:
    """Make it so, unless the knowledge has changed since the look."""
    version, present = _version(wanted), await services.knowledge.version(visitor.workspace)
    if form.get("seen") != str(present):
        raise Conflict("The knowledge has changed since you looked. Look again at what going back would change.")
    await services.knowledge.rollback(visitor.workspace, version, by=visitor.account.id)
    return RedirectResponse("/knowledge/versions", status_code=303)


def _version(wanted: str) -> int:
    """The number in an address. Raises NotFound where it is none."""
    if not wanted.isdecimal() or len(wanted) > 15:
        raise NotFound("There is no such knowledge version.")
    return int(wanted)
