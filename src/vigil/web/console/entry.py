"""An entry's page: what it says, what it rests on, how it became so and how often it helped; and what people do to it: change it, retire
it, bring a former state back. Each is a new revision."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from vigil.domain.account import Part
from vigil.domain.knowledge import Draft, Evidence, EvidenceKind, Revision, RevisionKind, Scope
from vigil.errors import Conflict, InvalidInput, NotFound, VigilError
from vigil.store.browsing import Helped
from vigil.web.console.differ import fields
from vigil.web.console.needs import ConsoleNeeds
from vigil.web.console.pages import page
from vigil.web.console.visits import Form, PageRoute, SignedIn, Visitor, least
from vigil.web.services import Console, Services, Serving

router = APIRouter(prefix="/knowledge", route_class=PageRoute, include_in_schema=False)

READS, WRITES = least(Part.VIEWER), least(Part.ANALYST)
LONGEST: Final = {
    "title": 300,
    "question": 1_000,
    "answer": 20_000,
    "conditions": 2_000,
    "aliases": 2_000,
    "product": 200,
    "language": 35,
}
"""Characters of what is typed: as much as the API takes."""
REVISIONS: Final = 30
"""Latest revisions that are shown with what they changed."""


@router.get("/new", openapi_extra=WRITES)
async def new_page(request: Request, question: str = "") -> Response:
    """A form for an entry written by hand; `question` is what somebody asked and nothing answered."""
    return page(request, "knowledge_edit.html", _form({"question": question[: LONGEST["question"]]}))


@router.post("/new", openapi_extra=WRITES)
async def write(request: Request, visitor: SignedIn, form: Form, console: Console, services: Serving) -> Response:
    """Publish what was written."""
    try:
        draft = _draft(form, by=visitor)
        known = await services.knowledge.publish(
            visitor.workspace, [draft], by=visitor.account.id, summary=f"wrote {draft.title}"
        )
    except InvalidInput as error:
        return page(request, "knowledge_edit.html", _form(form, problem=error), status=422)
    del known
    return RedirectResponse("/knowledge?origin=person", status_code=303)


@router.get("/entries/{entry_id}", openapi_extra=READS)
async def entry_page(
    request: Request, entry_id: str, visitor: SignedIn, console: Console, services: Serving
) -> Response:
    return await _page(request, entry_id, visitor, console, services)


@router.get("/entries/{entry_id}/edit", openapi_extra=WRITES)
async def edit_page(request: Request, entry_id: str, visitor: SignedIn, services: Serving) -> Response:
    """A form for its next revision."""
    latest = await services.knowledge.entry(visitor.workspace, entry_id)
    return page(request, "knowledge_edit.html", _form(_typed(latest), latest=latest))


@router.post("/entries/{entry_id}/edit", openapi_extra=WRITES)
async def edit(request: Request, entry_id: str, visitor: SignedIn, form: Form, services: Serving) -> Response:
    """Publish the next revision, unless somebody else has done so since the form was made."""
    latest = await services.knowledge.entry(visitor.workspace, entry_id)
    try:
        if form.get("revision") != latest.id:
            raise Conflict(
                "Somebody else has changed this entry in the meantime. What you wrote is below; look at what they did, then save it again."
            )
        draft = _draft(form, by=visitor, known=latest.draft)
        await services.knowledge.publish(
            visitor.workspace, [draft], by=visitor.account.id, summary=f"changed {draft.title}"
        )
    except (InvalidInput, Conflict) as error:
        status = 409 if isinstance(error, Conflict) else 422
        return page(request, "knowledge_edit.html", _form(form, latest=latest, problem=error), status=status)
    return RedirectResponse(f"/knowledge/entries/{entry_id}", status_code=303)


@router.post("/entries/{entry_id}/retire", openapi_extra=WRITES)
async def retire(request: Request, entry_id: str, visitor: SignedIn, services: Serving) -> Response:
    """It answers nothing any more. Its history stays."""
    latest = await services.knowledge.entry(visitor.workspace, entry_id)
    await services.knowledge.publish(
        visitor.workspace,
        [],
        retire=[latest.draft.key],
        by=visitor.account.id,
        summary=f"retired {latest.draft.title}",
    )
    return RedirectResponse(f"/knowledge/entries/{entry_id}", status_code=303)


@router.post("/entries/{entry_id}/restore", openapi_extra=WRITES)
async def restore(request: Request, entry_id: str, visitor: SignedIn, form: Form, services: Serving) -> Response:
    """Put in force what it said in a former revision."""
    history = await services.knowledge.history(visitor.workspace, entry_id)
    wanted = next((each for each in history if each.id == form.get("revision")), None)
    if wanted is None:
        raise NotFound("This entry has no such revision.")
    await services.knowledge.publish(
        visitor.workspace,
        [wanted.draft],
        by=visitor.account.id,
        summary=f"{wanted.draft.title}: back to what it said in revision {wanted.number}",
    )
    return RedirectResponse(f"/knowledge/entries/{entry_id}", status_code=303)


@router.post("/entries/{entry_id}/confirm", openapi_extra=WRITES)
async def confirm(request: Request, entry_id: str, visitor: SignedIn, services: Serving) -> Response:
    """What was learned may go to customers."""
    await services.learner.confirm(visitor.workspace, entry_id, by=visitor.account.id)
    return RedirectResponse(f"/knowledge/entries/{entry_id}", status_code=303)


async def _page(
    request: Request, entry_id: str, visitor: Visitor, console: ConsoleNeeds, services: Services
) -> Response:
    workspace = visitor.workspace
    history = await services.knowledge.history(workspace, entry_id)
    latest = history[-1]
    helpings = await console.library.helpings(workspace, entry_id)
    values: dict[str, Any] = {
        "latest": latest,
        "draft": latest.draft,
        "in_force": latest.kind is RevisionKind.PUBLISHED,
        "steps": _steps(history),
        "earlier": max(0, len(history) - REVISIONS),
        "said": await console.library.behind(workspace, latest.draft),
        "trust": (await services.review.trust(workspace, [entry_id])).get(entry_id),
        "helped": (await console.library.helped(workspace, [entry_id])).get(entry_id, Helped()),
        "helpings": helpings,
        "tickets": await _tickets(services, workspace, [each.decision_id for each in helpings]),
        "people": {each.id: each.name for each in await console.sign_ins.people(workspace)},
        "learned": latest.draft.key.startswith(("lesson:", "edit:", "shared:")),
        "now": console.clock.now(),
    }
    return page(request, "knowledge_entry.html", values)


def _steps(history: list[Revision]) -> list[dict[str, Any]]:
    """Revisions with what each changed, the latest first."""
    steps: list[dict[str, Any]] = []
    before: Revision | None = None
    for revision in history:
        old = None if before is None or before.kind is RevisionKind.RETIRED else before.draft
        new = None if revision.kind is RevisionKind.RETIRED else revision.draft
        changed = fields(old, new) if old is not None and new is not None else ()
        steps.append({"revision": revision, "changed": changed, "first": before is None})
        before = revision
    return steps[::-1][:REVISIONS]


async def _tickets(services: Services, workspace: str, decision_ids: list[str]) -> dict[str, str]:
    """In which ticket each of these decisions was made; those that there are."""
    found: dict[str, str] = {}
    for decision_id in decision_ids:
        try:
            record = await services.desk.decision(workspace, decision_id)
        except NotFound:  # forgotten meanwhile
            continue
        found[decision_id] = record.decision.ticket_id or ""
    return found


def _form(
    typed: dict[str, str], *, latest: Revision | None = None, problem: VigilError | None = None
) -> dict[str, Any]:
    names = (*LONGEST, "audience", "valid_from", "valid_until")
    return {
        "typed": {name: typed.get(name, "") for name in names},
        "latest": latest,
        "problem": "" if problem is None else str(problem),
        "longest": LONGEST,
    }


def _typed(revision: Revision) -> dict[str, str]:
    """An entry as its form shows it."""
    draft = revision.draft
    return {
        "title": draft.title,
        "question": draft.question,
        "answer": draft.answer,
        "conditions": draft.conditions,
        "aliases": "\n".join(draft.aliases),
        "product": draft.scope.product or "",
        "language": draft.scope.language or "",
        "audience": draft.scope.audience or "public",
        "valid_from": "" if draft.valid_from is None else f"{draft.valid_from.astimezone(UTC):%Y-%m-%d}",
        "valid_until": "" if draft.valid_until is None else f"{draft.valid_until.astimezone(UTC):%Y-%m-%d}",
    }


def _draft(form: dict[str, str], *, by: Visitor, known: Draft | None = None) -> Draft:
    """What was typed. Raises InvalidInput with what is to be changed."""
    said = {name: form.get(name, "").replace("\r\n", "\n").strip() for name in LONGEST}
    for name, most in LONGEST.items():
        if len(said[name]) > most:
            raise InvalidInput(f"The {name} is longer than {most:,} characters; shorten it.")
    if not said["answer"]:
        raise InvalidInput("Write the answer: it is what people are told.")
    if known is None and not said["question"]:
        raise InvalidInput("Write the question that this answers.")
    wrote = Evidence(kind=EvidenceKind.PERSON, reference=by.account.id, title=by.account.name)
    draft = known or Draft(key=f"hand:{said['question'].casefold()}", title="", answer="")
    return replace(
        draft,
        title=said["title"] or said["question"] or draft.title,
        question=said["question"],
        answer=said["answer"],
        conditions=said["conditions"],
        aliases=tuple(dict.fromkeys(line.strip() for line in said["aliases"].splitlines() if line.strip())),
        scope=Scope(
            product=said["product"] or None,
            language=said["language"] or None,
            audience="internal" if form.get("audience") == "internal" else None,
        ),
        valid_from=_day(form.get("valid_from", "")),
        valid_until=_day(form.get("valid_until", "")),
        evidence=(*(each for each in draft.evidence if each != wrote), wrote),
    )


def _day(typed: str) -> datetime | None:
    if not typed.strip():
        return None
    try:
        return datetime.strptime(typed.strip(), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise InvalidInput("A day is written as 2026-03-31.") from None
