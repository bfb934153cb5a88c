"""Secrets at rest, those of webhooks and the key of unsubscribe links: sealed with a key that the database never sees,
opened only to sign or to be shown once.

`HUB_SECRETS_KEY` may hold several keys: the first seals, all open. To change it, put a new one before the others; the
service seals anew what stands under another (`seal_anew`) and says so in its log, then the former key may go.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from services.notifications.settings import secrets_keys
from shared.telemetry import log

if TYPE_CHECKING:
    from shared.storage.work import Work

_IN_CLEAR = "whsec_"
_AT_ONCE = 25


class Unreadable(Exception):
    """It was sealed with a key that is not here any more. Says so in the words an endpoint's owner reads."""


class Vault:
    """Seals and opens short texts with the keys of an installation."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._fernet = MultiFernet([Fernet(urlsafe_b64encode(key)) for key in keys])
        self.ring = blake2b(b"".join(keys), digest_size=8, person=b"hub-vault").hexdigest()
        """Which keys these are: it changes with any of them, and tells nothing of them."""

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises `Unreadable`. What an earlier release has kept in clear is read as it is."""
        if sealed.startswith(_IN_CLEAR):
            return sealed
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise Unreadable("its secret cannot be read with the keys the hub has: rotate it") from None


@cache
def vault() -> Vault:
    """This installation's. Raises `SettingsError`."""
    return Vault(secrets_keys())


def with_secret_shown(answer: bytes) -> bytes:
    """An `EndpointView` on its way to its owner, with the secret in clear, which the database has sealed."""
    view = orjson.loads(answer)
    return orjson.dumps({**view, "secret": vault().open(view["secret"])})


def seal_anew(work: Work) -> int:
    """Seal with the first key what was sealed with others, or not at all; how many were looked at."""
    keys, links = vault(), work.keys.seal_anew()
    found = work.endpoints.sealed_otherwise(keys.ring, limit=_AT_ONCE)
    for endpoint in found:
        secrets = {"secret": endpoint.secret, "former_secret": endpoint.former_secret}
        try:
            anew = {name: keys.seal(keys.open(sealed)) for name, sealed in secrets.items() if sealed}
        except Unreadable as error:
            log.warning("a webhook cannot be signed", endpoint=endpoint.id, reason=str(error))
            anew = {}
        work.endpoints.keep_sealed(endpoint.id, anew, keys.ring)
    if found or links:
        log.info("secrets were sealed with the first key", endpoints=len(found), keys_of_links=links)
    return len(found) + links
