"""Forms with files (multipart/form-data, RFC 7578), read from a body that is here as a whole and was limited before. What becomes of a
file is for whoever asked for it."""

import re
from email.message import Message
from email.parser import HeaderParser
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final

from vigil.errors import InvalidInput
from vigil.runtime.uploads import File

MOST: Final = 64
"""Parts that a form of ours may have."""
_HEAD: Final = 4_096
"""Bytes of a part's headers."""
_BOUNDARY: Final = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
"""RFC 2046, section 5.1.1."""
_BROKEN: Final = "This form can't be read; load the page again."


def parts_of(content_type: str, body: bytes) -> tuple[dict[str, str], list[File]]:
    """The fields and the files of a form. A file without a name was not chosen, and is left out.

    Raises:
        InvalidInput: it is no such form.
    """
    head = Message()
    head["content-type"] = content_type
    boundary = head.get_param("boundary")
    if not isinstance(boundary, str) or not _BOUNDARY.fullmatch(boundary):
        raise InvalidInput(_BROKEN)
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode(), MOST + 2)
    if len(pieces) < 3 or len(pieces) > MOST + 2 or pieces[0] or not pieces[-1].startswith(b"--"):
        raise InvalidInput(_BROKEN)
    fields: dict[str, str] = {}
    files: list[File] = []
    for piece in pieces[1:-1]:
        name, file = _part(piece)
        if file.name:
            files.append(file)
        elif not file.media_type:
            try:
                fields[name] = file.content.decode()
            except UnicodeDecodeError:
                raise InvalidInput(_BROKEN) from None
    return fields, files


def _part(piece: bytes) -> tuple[str, File]:
    """One part by its field's name; a field is a file without a name and a type."""
    head, found, content = piece.partition(b"\r\n\r\n")
    if not found or len(head) > _HEAD or not head.startswith(b"\r\n"):
        raise InvalidInput(_BROKEN)
    try:
        headers = HeaderParser().parsestr(
            head[2:].decode()
        )  # browsers write names in UTF-8, and escape three characters
    except UnicodeDecodeError:
        raise InvalidInput(_BROKEN) from None
    name = headers.get_param("name", header="content-disposition")
    if headers.get_content_disposition() != "form-data" or not isinstance(name, str):
        raise InvalidInput(_BROKEN)
    called = headers.get_filename()
    media_type = headers.get_content_type() if "content-type" in headers else ""
    return name, File(name=_bare(called or ""), media_type=media_type, content=content)


def _bare(name: str) -> str:
    """A file's name without folders: browsers send none, and others may not."""
    return PureWindowsPath(PurePosixPath(name.replace("%22", '"')).name).name.strip()
