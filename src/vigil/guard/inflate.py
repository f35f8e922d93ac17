"""Unpack gzip and deflate without ever holding more than a stated size: a few kilobytes can claim to be gigabytes.
What the bytes mean is for whoever asked."""

import zlib

from vigil.errors import TooLarge, UnreadableDocument

_ANY_WRAPPER = 47
"""zlib's code for "gzip or zlib, look at the first bytes" (32 + 15)."""


def inflate(packed: bytes, *, limit: int, name: str) -> bytes:
    """`packed`, unpacked; several gzip members in a row are one text (RFC 1952, section 2.2).

    Raises:
        TooLarge: it would be more than `limit` bytes; unpacking stops there.
        UnreadableDocument: it is no gzip or deflate, or it is damaged or cut short.
    """
    parts: list[bytes] = []
    room = limit
    rest = packed
    while rest:
        member = zlib.decompressobj(_ANY_WRAPPER)
        try:
            part = member.decompress(rest, room + 1)
        except zlib.error as error:
            if parts and not rest.strip(b"\0"):
                break  # tape archives pad with zeros behind the last member
            raise UnreadableDocument(f"{name} is damaged: {error}. Pack it again with gzip.") from error
        if len(part) > room:
            raise TooLarge(f"{name} unpacks to more than {limit:,} bytes. Split it, or raise VIGIL_FETCH_MAX_BYTES.")
        if not member.eof:
            raise UnreadableDocument(f"{name} is cut short: its end is missing. Copy or download it again.")
        parts.append(part)
        room -= len(part)
        rest = member.unused_data
    return b"".join(parts)
