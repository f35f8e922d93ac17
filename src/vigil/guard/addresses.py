"""Which addresses are machines on the public internet, and which lead into somebody's own network. Who may be asked at all is decided in
`fetch`."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

_RESERVED: list[Network] = [
    ip_network(block)
    for block in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        *("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"),
    )
]
"""The special-purpose blocks that the IANA lists (RFC 6890, https://www.iana.org/assignments/iana-ipv4-special-registry and its sister for
IPv6), and multicast. 6to4 (2002::/16) and Teredo (in 2001::/23) carry an IPv4 address inside; none of them is taken. Written out since
`ipaddress.is_global` differs between releases of Python; it is asked as well."""
_UNICAST = IPv6Network("2000::/3")
"""All of IPv6 that has been given out for the public internet (RFC 4291)."""
_NAT64 = IPv6Network("64:ff9b::/96")
"""An IPv4 address seen from a network that has only IPv6 (RFC 6052): as good or bad as the address inside."""


def is_public(address: str) -> bool:
    """Whether `address` is a machine on the public internet: not private, loopback, link-local, shared (CGNAT), multicast, reserved or
    for documentation, nor an IPv6 form with such an IPv4 address inside. Text that is no address is not public."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            found = found.ipv4_mapped
        elif found in _NAT64:
            found = IPv4Address(int(found) & 0xFFFF_FFFF)
        elif found not in _UNICAST:
            return False
    return found.is_global and not in_any(found, _RESERVED)


def in_any(address: Address, networks: Iterable[Network]) -> bool:
    """Whether `address` lies in one of `networks`."""
    return any(address.version == network.version and address in network for network in networks)
