"""Unpacking within limits."""

import gzip
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigil.errors import InvalidInput, TooLarge, UnreadableDocument
from vigil.guard.inflate import inflate


def test_gzip_deflate_and_several_members_are_unpacked() -> None:
    assert inflate(gzip.compress(b"abc"), limit=10, name="x") == b"abc"
    assert inflate(zlib.compress(b"abc"), limit=10, name="x") == b"abc"
    assert inflate(gzip.compress(b"abc") + gzip.compress(b"def"), limit=10, name="x") == b"abcdef"


def test_zeros_behind_the_last_member_are_padding() -> None:
    assert inflate(gzip.compress(b"abc") + bytes(512), limit=10, name="x") == b"abc"


def test_a_bomb_is_stopped_at_the_limit() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    with pytest.raises(TooLarge, match="VIGIL_FETCH_MAX_BYTES"):
        inflate(bomb, limit=1000, name="bomb.gz")


def test_the_limit_holds_for_all_members_together() -> None:
    with pytest.raises(TooLarge):
        inflate(gzip.compress(b"abc") * 4, limit=10, name="x")
    assert len(inflate(gzip.compress(b"abc") * 3, limit=9, name="x")) == 9


def test_a_file_that_is_cut_short_or_damaged_is_refused() -> None:
    packed = gzip.compress(b"some text that is long enough")
    with pytest.raises(UnreadableDocument, match="cut short"):
        inflate(packed[:-6], limit=1000, name="x")
    with pytest.raises(UnreadableDocument, match="damaged"):
        inflate(packed[:12] + b"\xff\xff\xff" + packed[15:], limit=1000, name="x")


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_end_in_bytes_or_an_error_of_ours(content: bytes) -> None:
    for packed in (content, b"\x1f\x8b\x08\x00" + content, gzip.compress(content)[: len(content)]):
        try:
            assert len(inflate(packed, limit=200, name="x")) <= 200
        except InvalidInput:
            continue
