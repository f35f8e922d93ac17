"""What Vigil knows: search it, ask it, write to it, and go back to an earlier version of it."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.exceptions import HTTPException

from vigil.domain.knowledge import Draft, Evidence, EvidenceKind, RevisionKind, Scope
from vigil.guard import access
from vigil.knowledge.documents import Limits, load_content
from vigil.knowledge.finding import Question
from vigil.knowledge.publishing import SourceDocument
from vigil.web.api.callers import ALWAYS, WITH_BODY, Caller, TokenRoute, needs, problems
from vigil.web.api.cursors import Limit, cut
from vigil.web.api.schemas.common import MAX_COUNT, Identifier, Name
from vigil.web.api.schemas.knowledge import (
    Address,
    Audience,
    ChangeOut,
    DiffOut,
    DocumentAddedOut,
    DocumentOut,
    DocumentPageOut,
    EntryIn,
    EntryOut,
    FindingOut,
    Language,
    PublishedOut,
    QuestionIn,
    RefusedOut,
    RevisionOut,
    RollbackIn,
    SearchOut,
    Text,
    VersionOut,
    VersionPageOut,
)
from vigil.web.services import Serving

router = APIRouter(prefix="/knowledge", tags=["knowledge"], route_class=TokenRoute, responses=ALWAYS)

EntryId = Annotated[Identifier, Path(description="The entry's id.")]
Version = Annotated[int, Query(ge=0, le=MAX_COUNT, description="A knowledge version.")]

_READ: Final = needs(access.Scope.READ)
_WRITE: Final = needs(access.Scope.KNOWLEDGE)
_UPLOAD: Final = {
    **_WRITE,
    "requestBody": {
        "required": True,
        "description": "The document's bytes: Markdown, HTML, plain text, PDF, or questions and answers as CSV or JSONL.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    },
}


@router.get("/search", openapi_extra=_READ)
async def search_knowledge(
    caller: Caller,
    services: Serving,
    text: Annotated[Text, Query(max_length=4_000, description="What to look for.")],
    product: Annotated[Name | None, Query(description="Only what holds for this product.")] = None,
    language: Annotated[Language | None, Query(description="Only what is in this language, such as `en`.")] = None,
    audience: Annotated[Audience, Query(description="`internal`: what only analysts may see, too.")] = "public",
    limit: Annotated[int, Query(ge=1, le=50, description="Entries at most.")] = 10,
) -> SearchOut:
    """Search the knowledge.

    As Vigil searches: with the scores, and what they are made of.
    """
    scope = Scope(product=product, language=language, audience=audience)
    return SearchOut.model_validate(
        await services.knowledge.search(caller.workspace_id, text, scope=scope, limit=limit)
    )


@router.post("/ask", responses=WITH_BODY, openapi_extra=_READ)
async def ask_knowledge(question: QuestionIn, caller: Caller, services: Serving) -> FindingOut:
    """Ask a question.

    Answered from the evidence alone, with the words that carry the answer, or not at all.
    """
    scope = Scope(product=question.product, language=question.language, audience=question.audience)
    asked = Question(text=question.text, scope=scope, use_model=question.use_model)
    return FindingOut.model_validate(await services.knowledge.ask(caller.workspace_id, asked))


@router.post("/entries", status_code=201, responses=WITH_BODY, openapi_extra=_WRITE)
async def write_entry(entry: EntryIn, caller: Caller, services: Serving) -> PublishedOut:
    """Write an entry by hand.

    The same key again is a new revision; the same words again change nothing.
    """
    draft = Draft(
        key=entry.key or f"hand:{entry.question.casefold()}",
        title=entry.title or entry.question,
        question=entry.question,
        answer=entry.answer,
        aliases=entry.aliases,
        conditions=entry.conditions,
        scope=Scope(product=entry.product, language=entry.language, audience=entry.audience),
        valid_from=entry.valid_from,
        valid_until=entry.valid_until,
        evidence=(Evidence(kind=EvidenceKind.PERSON, reference=caller.id, title="written over the API"),),
    )
    version = await services.knowledge.publish(
        caller.workspace_id, [draft], by=caller.id, summary="written over the API"
    )
    return PublishedOut(version=version)


@router.post("/documents", responses=problems(413, 415), openapi_extra=_UPLOAD)
async def add_document(
    request: Request,
    caller: Caller,
    services: Serving,
    name: Annotated[
        Name,
        Query(description="The document's name with its ending, such as `guide.md`: the same name again updates it."),
    ],
) -> DocumentAddedOut:
    """Add a document.

    The bytes as they are, not a form: `curl --data-binary @guide.md ".../documents?name=guide.md"`. At most `VIGIL_FETCH_MAX_BYTES`.
    """
    media_type = request.headers.get("content-type", "")
    if media_type.startswith("multipart/"):
        raise HTTPException(
            415, "Send the document's bytes as the body, not as a form: `curl --data-binary @guide.md`."
        )
    loaded = await load_content(
        f"upload/{name}",
        media_type,
        await request.body(),
        count=services.count_tokens,
        limits=Limits(most_bytes=services.settings.fetch_max_bytes),
    )
    read = loaded.document
    source = SourceDocument(
        address=read.address,
        title=read.title,
        media_type=read.media_type,
        digest=read.digest,
        drafts=loaded.drafts,
    )
    taken = await services.knowledge.add(caller.workspace_id, [source], by=caller.id)
    return DocumentAddedOut(
        unchanged=taken.unchanged == 1,
        published=taken.published,
        retired=taken.retired,
        version=taken.version,
        refused=[RefusedOut.model_validate(refused) for refused in loaded.refused],
    )


@router.get("/documents", openapi_extra=_READ)
async def list_documents(
    caller: Caller,
    services: Serving,
    cursor: Annotated[
        Address | None, Query(description="`next` of the answer before; leave it out for the first.")
    ] = None,
    limit: Limit = 50,
) -> DocumentPageOut:
    """List documents.

    Those that entries in force came from, by address.
    """
    found = await services.knowledge.sources(caller.workspace_id, start=cursor or "", limit=limit + 1)
    items, following = cut(found, limit, lambda source: source.address)
    return DocumentPageOut(items=[DocumentOut.model_validate(source) for source in items], next=following)


@router.delete("/documents", responses=problems(404), openapi_extra=_WRITE)
async def remove_document(
    address: Annotated[Address, Query(description="The document's address, as the list has it.")],
    caller: Caller,
    services: Serving,
) -> PublishedOut:
    """Remove a document.

    All its entries retire; their history stays, and a rollback brings them back.
    """
    version = await services.knowledge.forget_source(caller.workspace_id, address, by=caller.id)
    return PublishedOut(version=version)


@router.get("/entries/{entry_id}", responses=problems(404), openapi_extra=_READ)
async def read_entry(entry_id: EntryId, caller: Caller, services: Serving) -> EntryOut:
    """Read an entry.

    With all its revisions.
    """
    revisions = await services.knowledge.history(caller.workspace_id, entry_id)
    return EntryOut(
        id=entry_id,
        in_force=revisions[-1].kind is RevisionKind.PUBLISHED,
        revisions=[RevisionOut.model_validate(revision) for revision in revisions],
    )


@router.delete("/entries/{entry_id}", responses=problems(404), openapi_extra=_WRITE)
async def retire_entry(entry_id: EntryId, caller: Caller, services: Serving) -> PublishedOut:
    """Retire an entry.

    It answers nothing any more; its history stays, and a rollback brings it back.
    """
    latest = (await services.knowledge.history(caller.workspace_id, entry_id))[-1]
    version = await services.knowledge.publish(
        caller.workspace_id, [], retire=[latest.draft.key], by=caller.id, summary=f"retired {latest.draft.title}"
    )
    return PublishedOut(version=version)


@router.get("/versions", openapi_extra=_READ)
async def list_versions(
    caller: Caller,
    services: Serving,
    cursor: Annotated[
        int | None, Query(ge=0, le=MAX_COUNT, description="`next` of the answer before; leave it out for the first.")
    ] = None,
    limit: Limit = 50,
) -> VersionPageOut:
    """List knowledge versions.

    The latest first.
    """
    found = await services.knowledge.log(caller.workspace_id, before=cursor, limit=limit + 1)
    items, following = cut(found, limit, lambda publication: str(publication.version))
    return VersionPageOut(items=[VersionOut.model_validate(publication) for publication in items], next=following)


@router.get("/diff", responses=problems(404), openapi_extra=_READ)
async def compare_versions(
    first: Version, second: Version, caller: Caller, services: Serving, limit: Limit = 50
) -> DiffOut:
    """Compare two knowledge versions.

    Which entries differ, and how each of them stood.
    """
    changes = await services.knowledge.diff(caller.workspace_id, first, second)
    return DiffOut(total=len(changes), changes=[ChangeOut.model_validate(change) for change in changes[:limit]])


@router.post("/rollback", responses={**problems(404), **WITH_BODY}, openapi_extra=_WRITE)
async def roll_back(wanted: RollbackIn, caller: Caller, services: Serving) -> PublishedOut:
    """Bring back an earlier version.

    As a new version that stands as that one stood; nothing is lost.
    """
    version = await services.knowledge.rollback(caller.workspace_id, wanted.version, by=caller.id)
    return PublishedOut(version=version)
