"""The knowledge's first page: entries to leaf through, and a search that searches as Vigil does. What is done to an entry is `entry`'s."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from vigil.domain.account import Part
from vigil.domain.knowledge import Scope
from vigil.knowledge.finding import Question
from vigil.store.browsing import BrowseFilter, Origin
from vigil.web.console.pages import page
from vigil.web.console.visits import PageRoute, SignedIn, least
from vigil.web.services import Console, Serving

router = APIRouter(prefix="/knowledge", route_class=PageRoute, include_in_schema=False)

READS = least(Part.VIEWER)
PAGE: Final = 50
FOUND: Final = 12
"""Entries that a search shows: Vigil itself weighs fewer."""
EVERYTHING: Final = Scope(audience="internal")
"""People at the desk see what is for analysts only as well."""

ORIGINS: Final = {
    Origin.DOCUMENT: "From documents",
    Origin.LESSON: "Learned from tickets",
    Origin.PERSON: "Written by hand",
}


@router.get("", openapi_extra=READS)
async def knowledge_page(
    request: Request,
    visitor: SignedIn,
    console: Console,
    services: Serving,
    q: Annotated[str, Query(max_length=4_000)] = "",
    origin: str = "",
    source: Annotated[str, Query(max_length=1_024)] = "",
    retired: str = "",
    after: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Entries by what changed last; with `q` what Vigil would find. `after` is where the page before ended."""
    if q.strip():
        return await _found(request, visitor.workspace, q.strip(), console, services)
    wanted = BrowseFilter(
        origin=Origin(origin) if origin in set(Origin) else None,
        source=source or None,
        retired=bool(retired),
        before=_place(after),
        limit=PAGE + 1,
    )
    entries = await console.library.entries(visitor.workspace, wanted)
    last = entries[PAGE - 1] if len(entries) > PAGE else None
    shown = entries[:PAGE]
    ids = [entry.entry_id for entry in shown]
    values: dict[str, Any] = {
        "entries": shown,
        "trusts": await services.review.trust(visitor.workspace, ids),
        "helped": await console.library.helped(visitor.workspace, ids),
        "following": "" if last is None else f"{last.version}:{last.entry_id}",
        "counts": await services.knowledge.counts(visitor.workspace),
        "origins": ORIGINS,
        "origin": wanted.origin or "",
        "source": source,
        "retired": bool(retired),
        "people": {each.id: each.name for each in await console.sign_ins.people(visitor.workspace)},
        "q": "",
        "now": console.clock.now(),
    }
    return page(request, "knowledge.html", values)


async def _found(request: Request, workspace: str, text: str, console: Console, services: Serving) -> Response:
    """What the search brings up, and what Vigil would say. No model is asked: a look costs nothing."""
    found = await services.knowledge.search(workspace, text, scope=EVERYTHING, limit=FOUND)
    said = await services.knowledge.ask(workspace, Question(text=text, scope=EVERYTHING, use_model=False))
    ids = [each.entry_id for each in found.candidates]
    values: dict[str, Any] = {
        "q": text,
        "found": list(zip(found.candidates, found.reasons or [""] * len(found.candidates), strict=False)),
        "best": max((each.score for each in found.candidates), default=0.0),
        "note": found.note,
        "said": said,
        "least": services.settings.suggest_confidence,
        "helped": await console.library.helped(workspace, ids),
    }
    return page(request, "knowledge_found.html", values)


def _place(after: str) -> tuple[int, str] | None:
    version, found, entry_id = after.partition(":")
    return (int(version), entry_id) if found and version.isdecimal() and len(version) < 16 else None
