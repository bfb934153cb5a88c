"""Which addresses are of the public internet: whoever is asked to reach out for others reaches no internal one."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_UNICAST = ip_network("2000::/3")
"""All of IPv6 that is given out for the internet: nothing site-local, hardly anything that stands for IPv4."""
_SPECIAL = tuple(ip_network(each) for each in ("2001::/23", "2002::/16", "3fff::/20", "192.88.99.0/24"))
"""What lies among the others and is not of the internet, or stands for IPv4, whatever this Python's own list says."""


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet. Raises `ValueError` for what is no address."""
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return is_public(str(found.ipv4_mapped))
        if found not in _UNICAST:
            return False
    special = found.is_multicast or found.is_reserved or any(found in network for network in _SPECIAL)
    return found.is_global and not special
