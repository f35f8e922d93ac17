"""What only a real connection shows: a flood that is cut off, bytes that are no HTTP, and a server that still answers afterwards."""

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.integration.web.serving import Served, serving
from vigil.guard.access import Scope


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("served")
    with serving(folder) as there:
        yield there


def conversation(served: Served, request: bytes) -> bytes:
    """What the server says to these bytes, until it hangs up or has said a whole problem."""
    where = urlsplit(served.url)
    said = b""
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=10) as connection:
        try:
            connection.sendall(request)
            while not said.endswith(b"}") and (chunk := connection.recv(65_536)):
                said += chunk
        except ConnectionError:
            pass  # it hung up in the middle of the flood: what it said before that is what counts
    return said


def head(served: Served, *more: str, token: bool = True) -> bytes:
    lines = ["POST /api/v1/messages HTTP/1.1", "host: vigil", "content-type: application/json", *more]
    if token:
        lines.append(f"authorization: Bearer {served.tokens[Scope.WRITE]}")
    return "\r\n".join([*lines, "", ""]).encode()


def test_a_flood_in_chunks_is_cut_off_with_413(served: Served) -> None:
    chunk = b"4000\r\n" + b" " * 0x4000 + b"\r\n"
    said = conversation(served, head(served, "transfer-encoding: chunked") + chunk * 80)
    assert said.startswith(b"HTTP/1.1 413 ")
    assert b"application/problem+json" in said


def test_a_flood_without_a_token_is_not_even_read(served: Served) -> None:
    said = conversation(served, head(served, "content-length: 10000000", token=False))
    assert said.startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize(
    "nonsense",
    [b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"],
)
def test_what_is_no_http_harms_nobody(served: Served, nonsense: bytes) -> None:
    assert b" 500 " not in conversation(served, nonsense).split(b"\r\n")[0]
    answer = httpx2.get(
        f"{served.url}/api/v1/tickets", headers={"authorization": f"Bearer {served.tokens[Scope.READ]}"}
    )
    assert answer.status_code == 200
