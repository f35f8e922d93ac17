"""From places to the knowledge base: files, folders and URLs are read and taken in, and what a folder no longer holds retires. How
documents are read is `documents`' affair, publishing `publishing`'s."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vigil.errors import Denied, InvalidInput
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.chunks import TokenCounter
from vigil.knowledge.documents import Fetch, Limits, Loaded, load, walk
from vigil.knowledge.publishing import SourceDocument

PAGE = 500
"""Documents of a folder that are looked at together for what is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What came of adding places."""

    documents: int
    """That were read."""
    unchanged: int
    """Of these, those that stood already as they are."""
    published: int
    """Entries new or changed."""
    retired: int
    """Entries that their documents, or documents that their folder, no longer hold."""
    version: int
    """The knowledge version that now is."""
    refused: tuple[str, ...]
    """What was left out, each with the reason: a document of a folder, a row, a page."""


class Intake:
    """Reads places into the knowledge base.

    Args:
        fetch: fetches URLs.
        count: how many tokens the embedder makes of a text.
    """

    def __init__(self, *, knowledge: KnowledgeBase, fetch: Fetch, count: TokenCounter, limits: Limits) -> None:
        self._knowledge = knowledge
        self._fetch = fetch
        self._count = count
        self._limits = limits

    async def add(
        self,
        workspace: str,
        places: Sequence[str | Path],
        *,
        by: str,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
        root: Path | None = None,
    ) -> Added:
        """Read files, folders and URLs; the same place again updates it.

        Args:
            progress: is told how many entries of how many are done.
            root: the folder from which documents are named; their absolute paths where it is None.

        Raises:
            InvalidInput: a place isn't there, or can't be read. In a folder such a document is left out and told of.
            ForbiddenAddress: a URL must not be fetched.
            NotFound: there is no such workspace.
        """
        loaded: list[Loaded] = []
        refused: list[str] = []
        gone: list[str] = []
        for place in places:
            if isinstance(place, Path) and place.is_dir():
                found, left_out = await self._folder(place, root)
                gone += await self._gone(workspace, place, root, {each.document.address for each in found}, left_out)
                loaded += found
                refused += left_out.values()
            else:
                loaded.append(await self._one(place, root))
        refused += [f"{each.document.address}, {row.number}: {row.why}" for each in loaded for row in each.refused]
        taken = await self._knowledge.add(workspace, [_source(each) for each in loaded], by=by, progress=progress)
        retired = 0
        for address in gone:
            retired += len(await self._knowledge.entries(workspace, source=address, limit=10_000))
            await self._knowledge.forget_source(workspace, address, by=by)
        return Added(
            documents=taken.documents,
            unchanged=taken.unchanged,
            published=taken.published,
            retired=taken.retired + retired,
            version=await self._knowledge.version(workspace),
            refused=tuple(refused),
        )

    async def _folder(self, folder: Path, root: Path | None) -> tuple[list[Loaded], dict[str, str]]:
        """What could be read, and by address why the rest could not."""
        loaded: list[Loaded] = []
        left_out: dict[str, str] = {}
        for path in walk(folder):
            try:
                loaded.append(await self._one(path, root))
            except (InvalidInput, Denied) as error:
                left_out[_address(path, root)] = str(error)
        return loaded, left_out

    async def _one(self, place: str | Path, root: Path | None) -> Loaded:
        address = _address(place, root) if isinstance(place, Path) else ""
        return await load(place, count=self._count, fetch=self._fetch, limits=self._limits, address=address)

    async def _gone(
        self, workspace: str, folder: Path, root: Path | None, found: set[str], left_out: dict[str, str]
    ) -> list[str]:
        """Documents that came from this folder and are no longer in it; one that can't be read just now is not gone."""
        prefix, start, gone = _address(folder, root) + "/", "", list[str]()
        while page := await self._knowledge.sources(workspace, start=start, limit=PAGE):
            start = page[-1].address
            gone += [
                each.address
                for each in page
                if each.address.startswith(prefix) and each.address not in found and each.address not in left_out
            ]
        return gone


def _address(path: Path, root: Path | None) -> str:
    whole = path.absolute()
    return (whole.relative_to(root.absolute()) if root is not None else whole).as_posix()


def _source(loaded: Loaded) -> SourceDocument:
    document = loaded.document
    return SourceDocument(
        address=document.address,
        title=document.title,
        media_type=document.media_type,
        digest=document.digest,
        drafts=loaded.drafts,
    )
