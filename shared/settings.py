"""What an installation decides: read once, from the environment, at start.

Every variable may also be given as `NAME_FILE`, the path of a file that holds the value (compose and Kubernetes
secrets). A value that is missing or wrong stops the process with one line that names the variable.

| variable | what it is |
|---|---|
| `HUB_ENV` | `development`, `test` or `production` (default: the strictest) |
| `HUB_AMQP_URI` | the broker, with this service's user: `amqp://user:password@host:5672/hub` |
| `HUB_MONGO_URI` | the database, with this service's user; the database's name is `hub_<service>` |
| `HUB_HTTP_BIND` | where the gateway listens, `host:port` |
| `HUB_HEALTH_BIND` | where the process answers `/health/live`, `/health/ready` and `/metrics`, `host:port` |
| `HUB_LOG_FORMAT`, `HUB_LOG_LEVEL` | `json` or `console`; `debug`, `info`, `warning`, `error` |
| `HUB_PRINCIPAL_PUBLIC_KEY` | Ed25519 public key (PEM) by which every service checks who calls |
| `HUB_PRINCIPAL_PRIVATE_KEY` | its private half: the gateway's alone |
| `HUB_OIDC_ISSUER`, `HUB_OIDC_AUDIENCE`, `HUB_OIDC_JWKS` | the identity provider: its keys by URL or file |
| `HUB_FOUNDER_EMAIL` | who may found the hub in an empty installation |
| `HUB_REQUEST_TIMEOUT`, `HUB_DRAIN_SECONDS` | seconds to wait for an answer; seconds to drain at shutdown |
| `HUB_CORS_ORIGINS`, `HUB_RATE_PER_MINUTE` | gateway: browser clients' origins; requests a minute per caller |
| `HUB_TRUSTED_PROXIES` | gateway: addresses or networks whose `X-Forwarded-For` is believed |
| `HUB_SEARCH_DIRECTORY` | where search indexes are kept between starts (default: nowhere, they are made anew) |
| `HUB_CLOCK_FILE` | development and test only: see `shared.clock` |
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from ipaddress import ip_network
from typing import Any, cast

from environs import EnvError, EnvValidationError, FileAwareEnv
from marshmallow import validate


class SettingsError(Exception):
    """The configuration is wrong: the message names every variable that is, and why."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    environment: str
    amqp_uri: str
    mongo_uri: str
    http_bind: tuple[str, int]
    health_bind: tuple[str, int] | None
    log_format: str
    log_level: str
    principal_public_key: str
    principal_private_key: str | None
    oidc_issuer: str | None
    oidc_audience: str | None
    oidc_jwks: str | None
    founder_email: str | None
    request_timeout: float
    drain_seconds: float
    cors_origins: tuple[str, ...]
    rate_per_minute: int
    trusted_proxies: tuple[str, ...]
    clock_file: str | None
    search_directory: str | None

    @property
    def movable_clock(self) -> str | None:
        return None if self.environment == "production" else self.clock_file


@cache
def settings() -> Settings:
    """The settings of this process. Raises `SettingsError` with one line for each variable that is wrong."""
    try:
        return _read(FileAwareEnv(eager=False, strip_whitespace=True))
    except EnvValidationError as error:
        wrong = dict(cast(Any, error.error_messages))
        raise SettingsError("; ".join(f"{name}: {_words(why)}" for name, why in wrong.items())) from None
    except (EnvError, ValueError) as error:
        raise SettingsError(str(error)) from None


def _read(env: FileAwareEnv) -> Settings:
    one_of = validate.OneOf
    found: dict[str, Any] = {
        "environment": env.str("HUB_ENV", "production", validate=one_of(["development", "test", "production"])),
        "amqp_uri": env.str("HUB_AMQP_URI", validate=_uri("amqp://", "amqps://")),
        "mongo_uri": env.str("HUB_MONGO_URI", validate=_uri("mongodb://", "mongodb+srv://")),
        "http_bind": env.str("HUB_HTTP_BIND", "0.0.0.0:8080", validate=_address),
        "health_bind": env.str("HUB_HEALTH_BIND", None, validate=_address),
        "log_format": env.str("HUB_LOG_FORMAT", "json", validate=one_of(["json", "console"])),
        "log_level": env.str("HUB_LOG_LEVEL", "info", validate=one_of(["debug", "info", "warning", "error"])),
        "principal_public_key": env.str("HUB_PRINCIPAL_PUBLIC_KEY", validate=_pem("PUBLIC KEY")),
        "principal_private_key": env.str("HUB_PRINCIPAL_PRIVATE_KEY", None, validate=_pem("PRIVATE KEY")),
        "oidc_issuer": env.str("HUB_OIDC_ISSUER", None),
        "oidc_audience": env.str("HUB_OIDC_AUDIENCE", None),
        "oidc_jwks": env.str("HUB_OIDC_JWKS", None),
        "founder_email": env.str("HUB_FOUNDER_EMAIL", None, validate=validate.Email()),
        "request_timeout": env.float("HUB_REQUEST_TIMEOUT", 10.0, validate=validate.Range(min=0.1, max=300)),
        "drain_seconds": env.float("HUB_DRAIN_SECONDS", 30.0, validate=validate.Range(min=0, max=600)),
        "cors_origins": env.list("HUB_CORS_ORIGINS", []),
        "rate_per_minute": env.int("HUB_RATE_PER_MINUTE", 6000, validate=validate.Range(min=1)),
        "trusted_proxies": env.list("HUB_TRUSTED_PROXIES", [], validate=_networks),
        "clock_file": env.str("HUB_CLOCK_FILE", None),
        "search_directory": env.str("HUB_SEARCH_DIRECTORY", None),
    }
    env.seal()
    found["http_bind"] = _split(found["http_bind"])
    found["health_bind"] = _split(found["health_bind"]) if found["health_bind"] else None
    for name in ("cors_origins", "trusted_proxies"):
        found[name] = tuple(found[name])
    return Settings(**found)


def _words(why: Any) -> str:
    return " ".join(str(line) for line in why) if isinstance(why, list) else str(why)


def _uri(*schemes: str) -> Any:
    def check(value: str) -> None:
        if not value.startswith(schemes):
            raise validate.ValidationError(f"must begin with {' or '.join(schemes)}")

    return check


def _address(value: str) -> None:
    try:
        _split(value)
    except ValueError:
        raise validate.ValidationError("must be host:port") from None


def _networks(values: list[str]) -> None:
    for value in values:
        try:
            ip_network(value, strict=False)
        except ValueError as error:
            raise validate.ValidationError(str(error)) from None


def _split(value: str) -> tuple[str, int]:
    host, _, port = value.rpartition(":")
    return host or "0.0.0.0", int(port)


def _pem(kind: str) -> Any:
    def check(value: str) -> None:
        if f"-----BEGIN {kind}-----" not in value:
            raise validate.ValidationError(f"must be a PEM block: -----BEGIN {kind}-----")

    return check
