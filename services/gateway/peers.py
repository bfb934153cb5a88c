"""Which address a request comes from: the peer's, or what a proxy we trust says it is."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address, ip_network

from services.gateway.http import Request


class Peers:
    """`trusted`: addresses or networks of the proxies in front, whose `X-Forwarded-For` is believed."""

    def __init__(self, trusted: tuple[str, ...]) -> None:
        self._networks = tuple(ip_network(network, strict=False) for network in trusted)
        self._trusts = lru_cache(maxsize=1024)(self._is_trusted)

    def address(self, request: Request) -> str:
        """The nearest address that is not one of our own proxies."""
        peer: str = request.environ.get("REMOTE_ADDR", "")
        if not self._networks or not self._trusts(peer):
            return peer
        for forwarded in reversed((request.header("x-forwarded-for") or "").split(",")):
            address = forwarded.strip()
            if address and not self._trusts(address):
                return address[:64]
        return peer

    def _is_trusted(self, address: str) -> bool:
        try:
            return any(ip_address(address) in network for network in self._networks)
        except ValueError:
            return False
