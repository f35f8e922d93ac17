"""Documents that people hand in: each is read, cut and taken in while its progress is kept where every process can read it. How documents
are read is `knowledge.documents`'s."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from vigil.clock import Clock, Ids
from vigil.errors import InvalidInput, VigilError
from vigil.knowledge.base import KnowledgeBase
from vigil.knowledge.chunks import TokenCounter
from vigil.knowledge.documents import Limits, load_content
from vigil.knowledge.kinds import SUFFIXES, suffix
from vigil.knowledge.publishing import SourceDocument, Taken
from vigil.store.store import Store
from vigil.store.uploads import Upload, UploadRows, UploadState

log = logging.getLogger(__name__)

AT_ONCE: Final = 20
"""Documents in one form: a folder's worth; more are added by `vigil knowledge add`."""
LONGEST_NAME: Final = 200
SHOWN: Final = 10
"""Latest uploads that are listed."""
_TOLD: Final = 5
"""Rows or pages that were left out, and that are told one by one."""
_EVERY: Final = 32
"""Entries between two notes of the progress, which is a commit each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file as a browser sent it."""

    name: str
    media_type: str
    content: bytes


class Uploads:
    """Takes documents in for all workspaces, one at a time: embedding has the processor to itself as it is.

    Args:
        count: how many tokens the embedder makes of a text.
        most_bytes: of one document.
    """

    def __init__(
        self,
        *,
        store: Store,
        knowledge: KnowledgeBase,
        count: TokenCounter,
        clock: Clock,
        ids: Ids,
        most_bytes: int,
    ) -> None:
        self._store = store
        self._knowledge = knowledge
        self._count = count
        self._clock = clock
        self._ids = ids
        self.most_bytes = most_bytes
        self._turn = asyncio.Lock()
        self._working: set[asyncio.Task[None]] = set()

    async def begin(self, workspace: str, files: Sequence[File], *, by: str) -> list[Upload]:
        """Note the files and begin to take them in, in the background.

        Raises:
            InvalidInput: there are none or too many, or one can't be a document.
        """
        if not files:
            raise InvalidInput("Choose a file first.")
        if len(files) > AT_ONCE:
            raise InvalidInput(
                f"That is more than {AT_ONCE} files at once; send them in parts, or use `vigil knowledge add`."
            )
        for file in files:
            _check(file, self.most_bytes)
        now = self._clock.now()
        begun = [
            Upload(
                id=self._ids.new("upl"),
                name=file.name,
                by=by,
                state=UploadState.READING,
                begun_at=now,
                changed_at=now,
            )
            for file in files
        ]
        async with self._store.write(workspace) as session:
            for upload in begun:
                await UploadRows(session).add(upload)
        for upload, file in zip(begun, files, strict=True):
            self._start(self._take(workspace, upload, file))
        return begun

    async def get(self, workspace: str, upload_id: str) -> Upload:
        """Raises NotFound."""
        async with self._store.read(workspace, short=True) as session:
            return await UploadRows(session).get(upload_id)

    async def latest(self, workspace: str) -> list[Upload]:
        """The latest first."""
        async with self._store.read(workspace) as session:
            return await UploadRows(session).latest(limit=SHOWN)

    async def close(self) -> None:
        """Wait for what was begun: nothing is cut off in the middle of a commit."""
        await asyncio.gather(*self._working)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _take(self, workspace: str, upload: Upload, file: File) -> None:
        async with self._turn:
            try:
                upload = await self._taken(workspace, upload, file)
            except VigilError as error:
                upload = replace(upload, state=UploadState.FAILED, note=str(error))
            except Exception as error:  # noqa: BLE001  # the outermost frame of this task: whoever waits has to be told
                log.warning("an upload failed (%s)", type(error).__name__, extra={"workspace": workspace})
                note = "Something broke while it was read. Try it again; the server's log says what it was."
                upload = replace(upload, state=UploadState.FAILED, note=note)
            try:
                await self._note(workspace, upload)
            except (SQLAlchemyError, OSError) as error:
                log.warning("an upload's end can't be noted (%s)", type(error).__name__, extra={"workspace": workspace})

    async def _taken(self, workspace: str, upload: Upload, file: File) -> Upload:
        loaded = await load_content(
            f"upload/{file.name}",
            file.media_type,
            file.content,
            count=self._count,
            limits=Limits(most_bytes=self.most_bytes),
        )
        upload = replace(upload, state=UploadState.LEARNING, total=len(loaded.drafts))
        await self._note(workspace, upload)
        noted = 0
        notes: list[asyncio.Task[None]] = []

        def progress(done: int, total: int) -> None:
            nonlocal noted
            if done - noted >= _EVERY:
                noted = done
                at = replace(upload, done=done, total=total)
                notes.append(asyncio.create_task(self._note(workspace, at)))

        read = loaded.document
        source = SourceDocument(
            address=read.address,
            title=read.title,
            media_type=read.media_type,
            digest=read.digest,
            drafts=loaded.drafts,
        )
        try:
            taken = await self._knowledge.add(workspace, [source], by=upload.by, progress=progress)
        finally:
            await asyncio.gather(*notes)
        refused = [f"{each.number}: {each.why}" for each in loaded.refused]
        note = _told(taken, refused)
        return replace(upload, state=UploadState.DONE, done=len(loaded.drafts), total=len(loaded.drafts), note=note)

    async def _note(self, workspace: str, upload: Upload) -> None:
        async with self._store.write(workspace) as session:
            await UploadRows(session).change(replace(upload, changed_at=self._clock.now()))


def _check(file: File, most_bytes: int) -> None:
    name = file.name
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInput(f"A file's name has 1 to {LONGEST_NAME} printable characters; rename it.")
    if suffix(name) not in SUFFIXES:
        raise InvalidInput(f"{name} is of a kind that isn't read here; there are: {', '.join(sorted(SUFFIXES))}.")
    if not file.content:
        raise InvalidInput(f"{name} is empty.")
    if len(file.content) > most_bytes:
        raise InvalidInput(f"{name} is larger than {most_bytes / 1_000_000:.0f} MB; split it.")


def _told(taken: Taken, refused: Sequence[str]) -> str:
    if taken.unchanged:
        return "Nothing has changed in it since it was added."
    told = (
        f"{taken.published} passages are new or changed, {taken.retired} are gone; knowledge version {taken.version}."
    )
    if refused:
        more = f"; and {len(refused) - _TOLD} more" if len(refused) > _TOLD else ""
        told += f" Left out: {'; '.join(refused[:_TOLD])}{more}."
    return told
