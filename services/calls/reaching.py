"""Where the hub serves the public, its sources lead to the public internet alone.

The name is resolved here, every address it has must be public, and the connection is made to an address that was
looked at: a name that resolves to something else a moment later gains nothing. Each redirect is looked at anew.
"""

from __future__ import annotations

import socket
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

from shared.addresses import is_public


class NotPublic(Exception):
    """The host (its argument) has an address that the internet does not reach."""


class PublicOnly(HTTPAdapter):
    """Carries requests to public addresses. Raises `NotPublic`, besides what any adapter raises."""

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = _Secure if pool.scheme == "https" else _Plain
        return pool


class _Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        """As any, to an address that was looked at; certificate and `Host` go by the name all the same."""
        name, failed = self._dns_host, NewConnectionError(self, "the name has no address")
        try:
            for address in _public_addresses_of(self.host.strip("[]"), self.port):
                self._dns_host = address
                try:
                    return super()._new_conn()
                except NewConnectionError as error:
                    failed = error
        finally:
            self._dns_host = name
        raise failed


class _Secure(_Plain, HTTPSConnection):
    pass


def _public_addresses_of(host: str, port: int | None) -> list[str]:
    try:
        found = [str(address[0]) for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except OSError:
        return []
    if not all(map(is_public, found)):
        raise NotPublic(host)
    return found
