"""What the fetcher turns away before it connects to anything."""

import pytest

from vigil.errors import ForbiddenAddress, InvalidInput, Misconfigured, UnreadableDocument
from vigil.guard.fetch import Fetcher
from vigil.testing.fetch import ScriptedResolver

PUBLIC = "93.184.215.14"


def nowhere(*hosts: str) -> ScriptedResolver:
    """Every host leads to a private address, so that a fetch which gets past the allow-list ends there."""
    return ScriptedResolver({host: [["10.0.0.1"]] for host in hosts})


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "docs.example.com",
            "//docs.example.com/a",
            "file:///etc/passwd",
            "ftp://docs.example.com/a",
            "gopher://docs.example.com",
        ),
        *("http://", "https:///path", "http://[::1", "http://docs..example.com/", "javascript:alert(1)"),
        *("http://exa\x00mple.com/", "https://.docs.example.com/", "data:text/html,hello"),
    ],
)
async def test_what_is_no_web_address_is_refused(url: str) -> None:
    resolver = nowhere("docs.example.com")
    with pytest.raises(InvalidInput):
        await Fetcher(["docs.example.com", "*.docs.example.com"], resolver=resolver).fetch(url)
    assert resolver.asked == []


@pytest.mark.parametrize("url", ["https://user:secret@docs.example.com/", "https://token@docs.example.com/a"])
async def test_credentials_in_a_url_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(InvalidInput, match="no credentials") as refusal:
        await Fetcher(["docs.example.com"], resolver=nowhere()).fetch(url)
    assert "secret" not in str(refusal.value)
    assert "token" not in str(refusal.value)


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ("docs.example.com", "https://example.com/"),
        ("docs.example.com", "https://docs.example.com.evil.org/"),
        ("docs.example.com", "https://evildocs.example.com/"),
        ("docs.example.com", "https://evil.org/docs.example.com"),
        ("docs.example.com", "https://evil.org\\docs.example.com/"),
        ("docs.example.com", "https://evil.org#docs.example.com"),
        ("docs.example.com", "https://docs.example.com:8443/"),
        ("docs.example.com", "https://docs.example.com:99999/"),
        ("docs.example.com", "http://127.0.0.1/"),
        ("*.example.com", "https://example.com/"),
        ("*.example.com", "https://notexample.com/"),
        ("wiki.example.com:8443", "https://wiki.example.com/"),
        ("wiki.example.com:8443", "https://wiki.example.com:9000/"),
    ],
)
async def test_hosts_and_ports_outside_the_list_are_forbidden_and_not_looked_up(entry: str, url: str) -> None:
    resolver = nowhere("example.com")
    with pytest.raises((ForbiddenAddress, InvalidInput)):
        await Fetcher([entry], resolver=resolver).fetch(url)
    assert resolver.asked == []


async def test_an_empty_list_allows_nothing_and_the_message_names_the_setting() -> None:
    with pytest.raises(ForbiddenAddress, match="VIGIL_FETCH_ALLOW"):
        await Fetcher([], resolver=nowhere()).fetch("https://docs.example.com/")


@pytest.mark.parametrize(
    ("entry", "url", "host"),
    [
        ("docs.example.com", "https://docs.example.com/a?b#c", "docs.example.com"),
        ("DOCS.example.com", "HTTP://Docs.Example.COM:80/", "docs.example.com"),
        ("docs.example.com", "https://docs.example.com./", "docs.example.com"),
        ("*.example.com", "https://a.b.example.com/", "a.b.example.com"),
        ("wiki.example.com:8443", "https://wiki.example.com:8443/", "wiki.example.com"),
        ("bücher.example", "https://bücher.example/", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "https://bücher.example/", "xn--bcher-kva.example"),
    ],
)
async def test_an_allowed_host_is_looked_up_and_still_refused_where_it_leads_inside(
    entry: str, url: str, host: str
) -> None:
    resolver = nowhere(host)
    with pytest.raises(ForbiddenAddress, match="not a public address"):
        await Fetcher([entry], resolver=resolver).fetch(url)
    assert resolver.asked == [host]


async def test_one_private_answer_among_public_ones_is_enough_to_refuse() -> None:
    resolver = ScriptedResolver({"docs.example.com": [[PUBLIC, "2606:4700::1111", "::ffff:169.254.169.254"]]})
    with pytest.raises(ForbiddenAddress, match=r"169\.254"):
        await Fetcher(["docs.example.com"], resolver=resolver).fetch("https://docs.example.com/")


@pytest.mark.parametrize("literal", ["127.0.0.1", "[::1]", "169.254.169.254", "[::ffff:10.0.0.1]"])
async def test_listing_a_private_address_does_not_make_it_public(literal: str) -> None:
    resolver = ScriptedResolver({literal.strip("[]"): [[literal.strip("[]")]], "::ffff:a00:1": [["::ffff:a00:1"]]})
    with pytest.raises(ForbiddenAddress, match="not a public address"):
        await Fetcher([literal], resolver=resolver).fetch(f"http://{literal}/latest/meta-data")


async def test_a_name_that_does_not_exist_or_has_no_address_is_said_so() -> None:
    fetcher = Fetcher(["*.example.com"], resolver=ScriptedResolver({"empty.example.com": [[]]}))
    for url in ("https://gone.example.com/", "https://empty.example.com/"):
        with pytest.raises(UnreadableDocument, match="no host"):
            await fetcher.fetch(url)


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "*",
        "*.",
        "https://docs.example.com",
        "docs.example.com/path",
        "docs.*.com",
        "a b",
        "host:0",
        "host:70000",
        "u@host",
    ],
)
def test_an_entry_that_cannot_be_understood_is_a_misconfiguration(entry: str) -> None:
    with pytest.raises(Misconfigured, match="VIGIL_FETCH_ALLOW"):
        Fetcher([entry])
