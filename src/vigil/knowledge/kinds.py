"""What a document is: told by its first bytes, by what a server says of it, and by its name. Reading it is the business of `documents`."""

import re
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from vigil.errors import UnreadableDocument

MARKDOWN = "text/markdown"
HTML = "text/html"
PLAIN = "text/plain"
PDF = "application/pdf"
CSV = "text/csv"
TSV = "text/tab-separated-values"
JSON = "application/json"
JSONL = "application/x-ndjson"

TABLES = frozenset({CSV, TSV, JSON, JSONL})
"""Kinds that hold rows instead of prose."""

SUFFIXES = {
    **dict.fromkeys((".md", ".markdown", ".mdx"), MARKDOWN),
    **dict.fromkeys((".html", ".htm", ".xhtml"), HTML),
    **dict.fromkeys((".txt", ".text"), PLAIN),
    **dict.fromkeys((".jsonl", ".ndjson"), JSONL),
    ".pdf": PDF,
    ".csv": CSV,
    ".tsv": TSV,
    ".json": JSON,
}
"""What is read, by the end of a file's name; each may also have ``.gz`` behind it."""

_ALSO_CALLED = {
    "text/x-markdown": MARKDOWN,
    "application/xhtml+xml": HTML,
    "application/csv": CSV,
    **dict.fromkeys(("application/jsonl", "application/jsonlines", "application/x-jsonlines"), JSONL),
}
_TELLING = frozenset(SUFFIXES.values()) - {PLAIN}
"""Media types that are believed. Servers call Markdown plain text, and much else a stream of octets; there the name knows better."""
_PAGE = re.compile(rb"<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_OFFICE = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{\\rtf")
_WISH = "Save it as Markdown, HTML, PDF, CSV or plain text and add that."


def kind_of(address: str, media_type: str, content: bytes, *, found_at: str = "") -> str:
    """What to read `content` as: one of the values of `SUFFIXES`.

    Args:
        found_at: the path or URL that it was read from, where the address itself has no telling end.

    Raises:
        UnreadableDocument: it is an office document or an archive, or calls itself PDF and isn't.
    """
    if b"%PDF-" in content[:1024]:
        return PDF
    start = content[:1024].lstrip(b"\xef\xbb\xbf\0 \t\r\n")
    stated = media_type.split(";")[0].strip().casefold()
    stated = _ALSO_CALLED.get(stated, stated)
    by_name = SUFFIXES.get(suffix(_path_of(address))) or SUFFIXES.get(suffix(_path_of(found_at)))
    kind = stated if stated in _TELLING else by_name or (HTML if _PAGE.match(start) else PLAIN)
    if kind == PDF:
        raise UnreadableDocument(f"{address} is no PDF, whatever it is called. {_WISH}")
    if start.startswith(_OFFICE):
        raise UnreadableDocument(f"{address} is an office document or an archive. {_WISH}")
    return kind


def suffix(name: str) -> str:
    """The end of a file's name that tells its kind: ``.csv`` of ``faq.CSV.gz``."""
    return PurePosixPath(name.casefold().removesuffix(".gz")).suffix


def title_of(address: str) -> str:
    """A title from the end of a path or URL: ``reset-password.md`` is "Reset password"."""
    path = PurePosixPath(_path_of(address))
    name = path.name or address
    if suffix(name) in SUFFIXES:
        name = PurePosixPath(re.sub(r"\.gz$", "", name, flags=re.IGNORECASE)).stem
    words = " ".join(re.split(r"[\s_-]+", name)).strip()
    return words[:1].upper() + words[1:]


def _path_of(address: str) -> str:
    """The path of a URL; all of anything else."""
    if not re.match(r"https?://", address):
        return address
    try:
        parts = urlsplit(address)
        return unquote(parts.path.rstrip("/")) or parts.netloc
    except ValueError:
        return address
