"""The fetcher against a real server on loopback."""

import gzip
import zlib

import pytest

from tests.integration.documents.site import Site, moved, page, serving, trusted
from vigil.errors import ForbiddenAddress, InvalidInput, TooLarge, UnreadableDocument
from vigil.guard.fetch import Fetcher
from vigil.testing.fetch import ScriptedResolver

HERE = [["127.0.0.1"]]


def fetcher(
    site: Site, *, resolver: ScriptedResolver | None = None, max_bytes: int = 10_000, timeout_s: float = 10
) -> Fetcher:
    return Fetcher(
        [f"docs.example.com:{site.port}", f"other.example.com:{site.port}"],
        resolver=resolver or ScriptedResolver({"docs.example.com": HERE, "other.example.com": HERE}),
        max_bytes=max_bytes,
        timeout_s=timeout_s,
        tls=trusted(),
        trusted_for_tests=("127.0.0.1/32",),
    )


async def test_a_document_comes_with_what_the_server_says_of_it() -> None:
    async with serving({"/guide?v=2": page(b"hello", media_type="Text/Markdown; charset=ISO-8859-1")}) as site:
        found = await fetcher(site).fetch(f"http://docs.example.com:{site.port}/guide?v=2#part")
    assert found.content == b"hello"
    assert found.media_type == "text/markdown"
    assert found.charset == "ISO-8859-1"
    assert found.address == found.url == f"http://docs.example.com:{site.port}/guide?v=2"


async def test_the_connection_goes_to_the_address_that_was_checked_under_the_name_that_was_asked_for() -> None:
    resolver = ScriptedResolver({"docs.example.com": [["127.0.0.1"], ["10.0.0.1"]]})
    async with serving({"/a": page(b"hello")}) as site:
        found = await fetcher(site, resolver=resolver).fetch(f"http://docs.example.com:{site.port}/a")
    assert found.content == b"hello"
    assert resolver.asked == ["docs.example.com"], "a second look-up could have another answer"
    assert f"Host: docs.example.com:{site.port}\r\n" in site.requests[0]


async def test_a_name_that_changes_to_a_private_address_before_the_redirect_is_refused() -> None:
    resolver = ScriptedResolver({"docs.example.com": [["127.0.0.1"], ["169.254.169.254"]]})
    async with serving({"/a": moved("/b"), "/b": page(b"secret")}) as site:
        with pytest.raises(ForbiddenAddress, match=r"169\.254\.169\.254"):
            await fetcher(site, resolver=resolver).fetch(f"http://docs.example.com:{site.port}/a")
    assert len(site.requests) == 1


async def test_the_next_address_is_tried_where_the_first_does_not_answer() -> None:
    resolver = ScriptedResolver({"docs.example.com": [["127.0.0.2", "127.0.0.1"]]})
    async with serving({"/a": page(b"hello")}) as site:
        allowed = Fetcher([f"docs.example.com:{site.port}"], resolver=resolver, trusted_for_tests=("127.0.0.0/8",))
        assert (await allowed.fetch(f"http://docs.example.com:{site.port}/a")).content == b"hello"


async def test_redirects_are_followed_and_keep_the_address_that_was_asked_for() -> None:
    async with serving({"/a": moved("b"), "/b": moved("//other.example.com:PORT/c"), "/c": page(b"here")}) as site:
        site.pages = {path: answer.replace(b"PORT", str(site.port).encode()) for path, answer in site.pages.items()}
        found = await fetcher(site).fetch(f"http://docs.example.com:{site.port}/a")
    assert found.content == b"here"
    assert found.address == f"http://docs.example.com:{site.port}/a"
    assert found.url == f"http://other.example.com:{site.port}/c"


async def test_neither_cookies_nor_credentials_are_ever_sent() -> None:
    async with serving({"/a": moved("/b"), "/b": page(b"here")}) as site:
        await fetcher(site).fetch(f"http://docs.example.com:{site.port}/a")
    for request in site.requests:
        assert "cookie" not in request.lower()
        assert "authorization" not in request.lower()


@pytest.mark.parametrize(
    ("location", "error"),
    [
        ("http://evil.example.org/", ForbiddenAddress),
        ("http://127.0.0.1:PORT/b", ForbiddenAddress),
        ("http://docs.example.com/b", ForbiddenAddress),
        ("http://me:secret@docs.example.com:PORT/b", InvalidInput),
        ("file:///etc/passwd", InvalidInput),
        ("http://[::1", InvalidInput),
    ],
)
async def test_a_redirect_is_checked_like_the_first_address(location: str, error: type[Exception]) -> None:
    async with serving({"/a": moved("X"), "/b": page(b"secret")}) as site:
        site.pages = {**site.pages, "/a": moved(location.replace("PORT", str(site.port)))}
        with pytest.raises(error):
            await fetcher(site).fetch(f"http://docs.example.com:{site.port}/a")
    assert len(site.requests) == 1


async def test_five_redirects_are_followed_and_a_circle_is_not() -> None:
    pages = {f"/{number}": moved(f"/{number + 1}", status="308 Permanent Redirect") for number in range(7)}
    async with serving({**pages, "/7": page(b"here")}) as site:
        assert (await fetcher(site).fetch(f"http://docs.example.com:{site.port}/2")).content == b"here"
        with pytest.raises(UnreadableDocument, match="redirects more than 5 times"):
            await fetcher(site).fetch(f"http://docs.example.com:{site.port}/1")


async def test_a_body_that_is_too_large_is_stopped_by_what_it_says_or_by_what_it_sends() -> None:
    streamed = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + b"x" * 200_000
    lying = page(b"x").replace(b"Content-Length: 1", b"Content-Length: 10001")
    async with serving({"/said": lying, "/sent": streamed, "/fits": page(b"x" * 10_000)}) as site:
        for path in ("/said", "/sent"):
            with pytest.raises(TooLarge, match="VIGIL_FETCH_MAX_BYTES"):
                await fetcher(site).fetch(f"http://docs.example.com:{site.port}{path}")
        assert len((await fetcher(site).fetch(f"http://docs.example.com:{site.port}/fits")).content) == 10_000


async def test_a_packed_body_is_unpacked_within_the_same_limit() -> None:
    pages = {
        "/gzip": page(gzip.compress(b"hello"), "Content-Encoding: gzip"),
        "/deflate": page(zlib.compress(b"hello"), "Content-Encoding: deflate"),
        "/bomb": page(gzip.compress(bytes(5_000_000)), "Content-Encoding: gzip"),
        "/broken": page(b"hello", "Content-Encoding: gzip"),
        "/odd": page(b"hello", "Content-Encoding: br"),
    }
    async with serving(pages) as site:
        base = f"http://docs.example.com:{site.port}"
        assert (await fetcher(site).fetch(f"{base}/gzip")).content == b"hello"
        assert (await fetcher(site).fetch(f"{base}/deflate")).content == b"hello"
        with pytest.raises(TooLarge):
            await fetcher(site).fetch(f"{base}/bomb")
        for path in ("/broken", "/odd"):
            with pytest.raises(UnreadableDocument):
                await fetcher(site).fetch(f"{base}{path}")


async def test_what_does_not_arrive_in_time_is_given_up() -> None:
    async with serving({}) as site:
        with pytest.raises(UnreadableDocument, match="VIGIL_FETCH_TIMEOUT_S"):
            await fetcher(site, timeout_s=0.2).fetch(f"http://docs.example.com:{site.port}/never")


@pytest.mark.parametrize(
    "media_type", ["image/png", "application/zip", "video/mp4", "application/javascript", "text/css"]
)
async def test_what_nobody_can_read_is_turned_away_by_its_media_type(media_type: str) -> None:
    async with serving({"/a": page(b"x", media_type=media_type)}) as site:
        with pytest.raises(UnreadableDocument, match=media_type):
            await fetcher(site).fetch(f"http://docs.example.com:{site.port}/a")


@pytest.mark.parametrize("media_type", ["", "application/octet-stream", "binary/octet-stream", "application/pdf"])
async def test_what_file_stores_say_of_everything_is_left_to_the_reader(media_type: str) -> None:
    async with serving({"/a": page(b"x", media_type=media_type)}) as site:
        assert (await fetcher(site).fetch(f"http://docs.example.com:{site.port}/a")).media_type == media_type


@pytest.mark.parametrize(
    ("status", "advice"), [("404 Not Found", "Check"), ("503 Busy", "later"), ("304 Not Modified", "Check")]
)
async def test_an_answer_without_a_document_says_what_to_do(status: str, advice: str) -> None:
    async with serving({"/a": page(b"", status=status)}) as site:
        with pytest.raises(UnreadableDocument, match=f"{status[:3]}.*{advice}"):
            await fetcher(site).fetch(f"http://docs.example.com:{site.port}/a")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00\xff",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: nine\r\n\r\n",
        page(b"x" * 50)[:-20],
    ],
)
async def test_a_server_that_talks_nonsense_or_hangs_up_is_no_document(answer: bytes) -> None:
    async with serving({"/a": answer or b" "}) as site:
        with pytest.raises(UnreadableDocument, match="can't be fetched"):
            await fetcher(site).fetch(f"http://docs.example.com:{site.port}/a")


async def test_nobody_listening_is_no_document() -> None:
    async with serving({}) as site:
        pass
    with pytest.raises(UnreadableDocument, match="can't be fetched"):
        await fetcher(site).fetch(f"http://docs.example.com:{site.port}/a")


async def test_tls_is_asked_for_by_name_and_checked_against_the_name() -> None:
    async with serving({"/a": page(b"hello")}, secure=True) as site:
        found = await fetcher(site).fetch(f"https://docs.example.com:{site.port}/a")
        assert found.content == b"hello"
        assert site.names == ["docs.example.com"]
        with pytest.raises(UnreadableDocument, match="certificate"):
            await fetcher(site).fetch(f"https://other.example.com:{site.port}/a")
    assert len(site.requests) == 1, "nothing is asked of a server whose name doesn't hold"


async def test_a_certificate_of_an_unknown_authority_is_refused() -> None:
    async with serving({"/a": page(b"hello")}, secure=True) as site:
        strict = Fetcher(
            [f"docs.example.com:{site.port}"],
            resolver=ScriptedResolver({"docs.example.com": HERE}),
            trusted_for_tests=("127.0.0.1/32",),
        )
        with pytest.raises(UnreadableDocument, match="certificate"):
            await strict.fetch(f"https://docs.example.com:{site.port}/a")
    assert site.requests == []
