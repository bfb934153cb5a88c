"""Which services there are: what `./hub up` starts, and what the broker's users and topology are made from."""

from __future__ import annotations

from dataclasses import dataclass

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


ROOMS: tuple[Room, ...] = (
    Room("membership", "services.membership.service:MembershipService", Words("Adesioni", "Membership")),
    Room("calls", "services.calls.service:CallsService", Words("Bandi", "Calls")),
    Room("catalogue", "services.catalogue.service:CatalogueService", Words("Catalogo", "Catalogue")),
    Room("policy", "services.policy.service:PolicyService", Words("Politiche", "Policy")),
    Room("support", "services.support.service:SupportService", Words("Supporto", "Support")),
    Room("notifications", "services.notifications.service:NotificationsService", Words("Notifiche", "Notifications")),
    Room("gateway", "services.gateway.service:GatewayService", Words("Ingresso", "Gateway"), faces_the_web=True),
)
