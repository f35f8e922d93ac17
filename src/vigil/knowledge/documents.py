"""From a path or a URL to drafts: find out what a document is, read it, and cut it into what the knowledge base keeps. The formats have
rooms of their own (`blocks`, `webpage`, `pdf`, `faq`); publishing drafts is done by the knowledge base."""

import asyncio
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from vigil.domain.knowledge import Draft, Evidence, EvidenceKind
from vigil.errors import InvalidInput, TooLarge, UnreadableDocument
from vigil.guard.fetch import Fetched
from vigil.guard.inflate import inflate
from vigil.knowledge import faq, kinds
from vigil.knowledge.blocks import Block, BlockKind, Refused, from_markdown, from_plain
from vigil.knowledge.chunks import PASSAGE_TOKENS, Passage, TokenCounter, passages
from vigil.knowledge.encoding import decode
from vigil.knowledge.kinds import SUFFIXES, kind_of, suffix, title_of
from vigil.knowledge.particulars import NOTHING_SAID, Particulars, front_matter, particulars
from vigil.knowledge.pdf import read_pdf
from vigil.knowledge.webpage import read_webpage

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_ARROW = " › "
_EMPTY = "Put text below its headings, or leave it out."
_EMPTY_PAGE = "If a script draws the page, save what the browser shows as PDF and add that."


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one document may ask for."""

    most_bytes: int = 20_000_000
    """Of the file, and of what it unpacks to. `Settings.fetch_max_bytes`."""
    most_pages: int = 2_000
    """Of a PDF: 2,000 dense pages take half a minute."""
    most_seconds: float = 60.0
    """For reading a PDF."""
    passage_tokens: int = PASSAGE_TOKENS


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What was read, before it is cut."""

    address: str
    """Path or URL: the identity under which the same document comes again."""
    title: str
    media_type: str
    """What it turned out to be, such as ``text/markdown``."""
    digest: str
    """SHA-256 of its bytes as they came, in hex: the same digest again means that nothing changed."""
    text: str
    """All of it, clean: Markdown for what was Markdown or HTML, the rows as they stand for a table."""
    blocks: tuple[Block, ...] = ()
    """Its pieces in order, without front matter and title; empty for a table."""
    particulars: Particulars = NOTHING_SAID
    refused: tuple[Refused, ...] = ()
    """Pages that could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A document and what it brings to the knowledge base."""

    document: Document
    drafts: tuple[Draft, ...]
    """In the order of the document, each with a key of its own."""
    refused: tuple[Refused, ...]
    """Rows or pages that could not be taken; the others were."""


class Fetch(Protocol):
    """Gets a document from the web. `vigil.guard.fetch.Fetcher` is the one that goes out."""

    async def fetch(self, url: str) -> Fetched: ...


async def load(
    place: str | Path,
    *,
    count: TokenCounter,
    fetch: Fetch | None = None,
    limits: Limits = Limits(),
    address: str = "",
) -> Loaded:
    """Read the file or the URL at `place` and cut it into drafts. Off the event loop.

    Args:
        count: how many tokens the embedder makes of a text.
        fetch: fetches URLs; without one they are refused.
        address: the identity that the document is to have; a URL's own, or a file's absolute path, where it is empty.

    Raises:
        InvalidInput: there is no such file, or what it says of itself can't be taken.
        TooLarge: it is beyond `limits`.
        UnreadableDocument: no text could be read out of it.
        ForbiddenAddress: the URL must not be fetched.
    """
    if isinstance(place, str) and re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", place):
        if fetch is None:
            raise InvalidInput(
                f"{place} is a URL, and fetching is off. Name its host in VIGIL_FETCH_ALLOW, or add a file."
            )
        fetched = await fetch.fetch(place)
        media_type = f"{fetched.media_type}; charset={fetched.charset}" if fetched.charset else fetched.media_type
        return await load_content(
            address or fetched.address, media_type, fetched.content, count=count, limits=limits, found_at=fetched.url
        )
    own, content = await asyncio.to_thread(_read_file, Path(place), limits.most_bytes)
    return await load_content(address or own, "", content, count=count, limits=limits, found_at=own)


async def load_content(
    address: str,
    media_type: str,
    content: bytes,
    *,
    count: TokenCounter,
    limits: Limits = Limits(),
    found_at: str = "",
) -> Loaded:
    """`load` for bytes that are here already, such as an upload.

    Args:
        found_at: the path or URL that they came from, if it differs from the address: its end may tell what they are, and relative links
            of a page start there.
    """

    def work() -> Loaded:
        return cut(read(address, media_type, content, limits=limits, found_at=found_at), count, limits=limits)

    return await asyncio.to_thread(work)


def read(
    address: str,
    media_type: str,
    content: bytes,
    *,
    limits: Limits = Limits(),
    found_at: str = "",
) -> Document:
    """Read `content` as what it is: by `media_type` if it says something, by the end of `address`, and by its first bytes.

    Raises:
        TooLarge, UnreadableDocument, InvalidInput: as for `load`.
    """
    if len(content) > limits.most_bytes:
        raise _too_large(address, limits.most_bytes)
    digest = sha256(content).hexdigest()
    if content.startswith(b"\x1f\x8b"):
        content = inflate(content, limit=limits.most_bytes, name=address)
    if not content.strip():
        raise UnreadableDocument(f"{address} is empty. Put text into it, or leave it out.")
    kind = kind_of(address, media_type, content, found_at=found_at)
    if kind == kinds.PDF:
        return _from_pdf(address, digest, content, limits)
    declared = _CHARSET.search(media_type) or (
        _CHARSET.search(content[:2048].decode("latin-1")) if kind == kinds.HTML else None
    )
    text = decode(content, name=address, declared=declared[1] if declared else "")
    if kind in kinds.TABLES:
        return Document(address=address, title=title_of(address), media_type=kind, digest=digest, text=text)
    said, page_title = NOTHING_SAID, ""
    match kind:
        case kinds.MARKDOWN:
            fields, text = front_matter(text)
            said = _said(fields, address)
            blocks = from_markdown(text)
        case kinds.HTML:
            page = read_webpage(text, name=address, base=found_at or address)
            text, page_title = page.markdown, page.title
            blocks = from_markdown(text, html=False)
        case _:
            blocks = from_plain(text)
    heading, blocks = _without_title(blocks)
    if not any(block.kind is not BlockKind.HEADING for block in blocks):
        raise UnreadableDocument(f"{address} holds no text. {_EMPTY_PAGE if kind == kinds.HTML else _EMPTY}")
    return Document(
        address=address,
        title=said.title or heading or page_title or title_of(address),
        media_type=kind,
        digest=digest,
        text=text,
        blocks=tuple(blocks),
        particulars=said,
    )


def cut(document: Document, count: TokenCounter, *, limits: Limits = Limits()) -> Loaded:
    """A document's drafts: its rows, or its passages."""
    if document.media_type in kinds.TABLES:
        rows = faq.read_rows(document.text, document.media_type, address=document.address, title=document.title)
        return Loaded(document=document, drafts=rows.drafts, refused=rows.refused)
    found = passages(document.blocks, count, limit=limits.passage_tokens)
    drafts = tuple(_draft(document, passage) for passage in found)
    return Loaded(document=document, drafts=drafts, refused=document.refused)


def walk(folder: Path) -> list[Path]:
    """The files below `folder` that can be read, sorted; hidden ones, and links that lead out of it, are left out. A file is itself.

    Raises:
        InvalidInput: there is nothing at `folder`.
    """
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise InvalidInput(f"There is no folder {folder}. Check the path.")
    top = folder.resolve()
    return sorted(
        path
        for path in folder.rglob("*")
        if suffix(path.name) in SUFFIXES
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
        and path.resolve().is_relative_to(top)
    )


def _read_file(path: Path, most: int) -> tuple[str, bytes]:
    try:
        if not path.is_file():
            what = "a folder" if path.is_dir() else "no file" if path.exists() else "not there"
            raise InvalidInput(f"{path} is {what}. Name a file, or a folder where folders are taken.")
        with path.open("rb") as file:
            content = file.read(most + 1)
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{path} can't be read: {error}. Check its name and permissions.") from error
    if len(content) > most:
        raise _too_large(str(path), most)
    return path.absolute().as_posix(), content


def _too_large(name: str, most: int) -> TooLarge:
    return TooLarge(f"{name} is larger than {most:,} bytes. Split it, or raise VIGIL_FETCH_MAX_BYTES.")


def _from_pdf(address: str, digest: str, content: bytes, limits: Limits) -> Document:
    pdf = read_pdf(content, name=address, most_pages=limits.most_pages, most_seconds=limits.most_seconds)
    heading, blocks = _without_title(pdf.blocks)
    return Document(
        address=address,
        title=heading or pdf.title or title_of(address),
        media_type=kinds.PDF,
        digest=digest,
        text="\n\n".join(block.text for block in pdf.blocks),
        blocks=tuple(blocks),
        refused=pdf.refused,
    )


def _said(fields: dict[str, object], address: str) -> Particulars:
    try:
        return particulars(fields)
    except InvalidInput as error:
        raise InvalidInput(f"The front matter of {address} can't be taken: {error}") from error


def _without_title(blocks: list[Block] | tuple[Block, ...]) -> tuple[str, list[Block]]:
    """The document's own title (the first heading, if it is the only one of the highest level), and the blocks without it."""
    headings = [block for block in blocks if block.kind is BlockKind.HEADING]
    highest = min((block.level for block in headings), default=0)
    if not headings or headings[0].level != highest or sum(block.level == highest for block in headings) > 1:
        return "", list(blocks)
    return headings[0].text, [block for block in blocks if block is not headings[0]]


def _draft(document: Document, passage: Passage) -> Draft:
    said = document.particulars
    title = _ARROW.join((document.title, *passage.headings))
    part = f"~{passage.ordinal}" if passage.ordinal > 1 else ""
    place = f"page={passage.page}" if passage.page else passage.anchor
    return Draft(
        key=f"{document.address}#{passage.path}{part}",
        title=title,
        question=passage.headings[-1] if passage.asks else "",
        answer=passage.text,
        aliases=said.aliases,
        scope=said.scope,
        valid_from=said.valid_from,
        valid_until=said.valid_until,
        evidence=(
            Evidence(
                kind=EvidenceKind.DOCUMENT,
                reference=f"{document.address}#{place}" if place else document.address,
                title=title,
            ),
        ),
        source=document.address,
    )
