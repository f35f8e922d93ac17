"""Small things that the tests of the knowledge base share."""

from datetime import UTC, datetime

from vigil.domain.knowledge import Draft
from vigil.domain.workspace import Workspace
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.publishing import SourceDocument
from vigil.store.store import Store
from vigil.store.workspaces import Workspaces

W = "acme"


async def workspace(store: Store, name: str) -> None:
    async with store.write(name) as session:
        await Workspaces(session).create(Workspace(id=name, name=name), at=datetime(2026, 1, 1, tzinfo=UTC))


def entry(key: str, answer: str, *, title: str = "", source: str | None = None) -> Draft:
    return Draft(key=key, title=title or key, answer=answer, source=source)


def document(address: str, digest: str, *passages: str) -> SourceDocument:
    drafts = tuple(
        entry(f"{address}#{number}", passage, title=address, source=address) for number, passage in enumerate(passages)
    )
    return SourceDocument(address=address, title=address, media_type="text/markdown", digest=digest, drafts=drafts)


async def publish(base: KnowledgeBase, *drafts: Draft, retire: tuple[str, ...] = ()) -> int:
    return await base.publish(W, drafts, retire=retire, by="ada", summary="a change")


async def answers(base: KnowledgeBase, text: str) -> list[str]:
    """What a search finds, best first."""
    return [candidate.text for candidate in (await base.search(W, text)).candidates]


async def standing(base: KnowledgeBase) -> dict[str, str]:
    """What every entry in force says, by key."""
    return {revision.draft.key: revision.draft.answer for revision in await base.entries(W, limit=1000)}
