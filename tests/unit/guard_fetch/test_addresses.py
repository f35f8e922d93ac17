"""Which addresses count as public."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigil.guard.addresses import is_public


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "93.184.215.14", "2606:4700::1111", "2a00:1450:4001:830::200e"]
)
def test_machines_on_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "0.1.2.3", "::1", "::"),
        *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd12:3456::1"),
        *("169.254.169.254", "fe80::1", "fe80::1%eth0", "fec0::1"),
        *("100.64.0.1", "100.127.255.255"),
        *("224.0.0.1", "239.255.255.255", "ff02::1", "255.255.255.255", "240.0.0.1"),
        *(
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "192.88.99.1",
            "2001:db8::1",
            "3fff::1",
        ),
    ],
)
def test_private_local_shared_and_reserved_addresses_are_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1", "::ffff:0:10.0.0.1"),
        *("64:ff9b::10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::10.0.0.1"),
        *("2002:7f00:1::", "2002:a00:1::1", "2002:808:808::", "2001:0:53aa:64c:0:fbff:80ff:fffe"),
    ],
)
def test_a_private_address_inside_an_ipv6_one_is_still_private(address: str) -> None:
    assert not is_public(address)


def test_a_public_address_seen_through_a_translator_is_public() -> None:
    assert is_public("64:ff9b::8.8.8.8")
    assert is_public("::ffff:8.8.8.8")


@pytest.mark.parametrize(
    "text", ["", "localhost", "2130706433", "0x7f000001", "127.1", "010.0.0.1", "1.1.1.1 ", "[::1]"]
)
def test_what_is_no_plain_address_is_not_public(text: str) -> None:
    assert not is_public(text)


@settings(deadline=None)
@given(st.ip_addresses(v=4, network="10.0.0.0/8") | st.ip_addresses(v=4, network="169.254.0.0/16"))
def test_no_ipv6_dress_makes_a_private_address_public(inside: object) -> None:
    for dress in ("{}", "::ffff:{}", "64:ff9b::{}", "::{}"):
        assert not is_public(dress.format(inside))
