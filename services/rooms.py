"""Which services there are: what `./hub up` starts, and what the broker's users and topology are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.errors import Words


@dataclass(frozen=True)
class Room:
    """One service of the platform."""

    name: str
    entry: str
    """`module:Class`, what `python -m shared.runner` is given."""
    title: Words
    faces_the_web: bool = False
    """Whether clients reach it over HTTP: the gateway alone."""
    settings: Mapping[str, str] = field(default_factory=dict, hash=False)
    """What a site may decide for it alone, and what holds where the site says nothing (as compose reads it)."""
    secrets: tuple[str, ...] = ()
    """Settings that it alone may know: `./hub secrets` makes each."""


ROOMS: tuple[Room, ...] = (
    Room("membership", "services.membership.service:MembershipService", Words("Adesioni", "Membership")),
    Room("calls", "services.calls.service:CallsService", Words("Bandi", "Calls")),
    Room("catalogue", "services.catalogue.service:CatalogueService", Words("Catalogo", "Catalogue")),
    Room("policy", "services.policy.service:PolicyService", Words("Politiche", "Policy")),
    Room("support", "services.support.service:SupportService", Words("Supporto", "Support")),
    Room(
        "notifications",
        "services.notifications.service:NotificationsService",
        Words("Notifiche", "Notifications"),
        settings={
            "HUB_PUBLIC_URL": "http://127.0.0.1:${HUB_PORT:-8080}",
            "HUB_MAIL_FROM": "hub@localhost.localdomain",
            "HUB_MAIL_PER_MINUTE": "120",
        },
        secrets=("HUB_SMTP_URI", "HUB_SECRETS_KEY"),
    ),
    Room("gateway", "services.gateway.service:GatewayService", Words("Ingresso", "Gateway"), faces_the_web=True),
)
