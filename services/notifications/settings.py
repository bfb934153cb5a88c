"""What an installation decides about what leaves the hub: read once, from the environment, at start.

| variable | what it is |
|---|---|
| `HUB_SMTP_URI` | the mail server, `smtp://user:password@host:587?starttls` or `smtps://host`; without: no e-mail |
| `HUB_MAIL_FROM` | the address e-mails come from |
| `HUB_PUBLIC_URL` | where people reach the gateway, `https://hub.example`: the links in e-mails begin with it |
| `HUB_MAIL_PER_MINUTE` | e-mails a minute to one domain (default 120) |
| `HUB_SECRETS_KEY` | what seals secrets in the database (see `sealing`): 32 bytes in base64; several: newest first |
| `HUB_WEBHOOK_LOCAL` | development and test only: `host:port` on internal networks that webhooks may reach |

Each may also be given as `NAME_FILE` (see `shared.settings`).
"""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qs, unquote, urlsplit

from environs import EnvError, FileAwareEnv
from marshmallow import validate

from shared.settings import SettingsError

_PORTS = {"smtp": 587, "smtps": 465}
_KEY_BYTES = 32
_TO_STANDARD = str.maketrans("-_", "+/")


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """Where e-mails are handed over."""

    host: str
    port: int
    tls: bool
    starttls: bool
    user: str | None
    password: str | None


@dataclass(frozen=True, kw_only=True)
class OutgoingSettings:
    mail_server: MailServer | None
    mail_from: str
    public_url: str
    mail_per_minute: int
    webhook_local: frozenset[str]


@cache
def outgoing_settings() -> OutgoingSettings:
    """Raises `SettingsError`, which names the variable that is wrong."""
    env = FileAwareEnv(strip_whitespace=True)
    try:
        local = frozenset(env.list("HUB_WEBHOOK_LOCAL", []))
        if local and env.str("HUB_ENV", "production") == "production":
            raise SettingsError("HUB_WEBHOOK_LOCAL: not in production")
        uri = env.str("HUB_SMTP_URI", None)
        return OutgoingSettings(
            mail_server=_mail_server(uri) if uri else None,
            mail_from=env.str("HUB_MAIL_FROM", "hub@localhost.localdomain", validate=validate.Email()),
            public_url=env.str("HUB_PUBLIC_URL", "http://127.0.0.1:8080").rstrip("/"),
            mail_per_minute=env.int("HUB_MAIL_PER_MINUTE", 120, validate=validate.Range(min=1)),
            webhook_local=local,
        )
    except EnvError as error:
        raise SettingsError(str(error)) from None


@cache
def secrets_keys() -> tuple[bytes, ...]:
    """The keys secrets are sealed with: the first seals, all open. Raises `SettingsError`."""
    said = FileAwareEnv(strip_whitespace=True).str("HUB_SECRETS_KEY", "").replace(",", " ").split()
    try:
        keys = tuple(b64decode(key.translate(_TO_STANDARD), validate=True) for key in said)
    except ValueError:
        raise SettingsError("HUB_SECRETS_KEY: not base64") from None
    if not keys or any(len(key) != _KEY_BYTES for key in keys):
        raise SettingsError(
            "HUB_SECRETS_KEY: must be 32 bytes in base64 (./hub secrets makes it); several: newest first"
        )
    return keys


def _mail_server(uri: str) -> MailServer:
    parts = urlsplit(uri)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise SettingsError("HUB_SMTP_URI: must be smtp://… or smtps://…")
    try:
        port = parts.port or _PORTS[parts.scheme]
    except ValueError:
        raise SettingsError("HUB_SMTP_URI: the port is not a number") from None
    return MailServer(
        host=parts.hostname,
        port=port,
        tls=parts.scheme == "smtps",
        starttls="starttls" in parse_qs(parts.query, keep_blank_values=True),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )
