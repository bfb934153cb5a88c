"""The route table: which address carries which operation, a module per service.

A resource of the hub is added by adding a row to its service's module; a service, by adding its module here.
"""

from collections.abc import Iterator

from services.gateway.routes import calls, membership, notifications
from services.gateway.routes.route import BODY_LIMIT, MEGABYTE, VERSION_FIELD, Route

__all__ = ["BODY_LIMIT", "MEGABYTE", "ROUTES", "VERSION_FIELD", "Route", "routed_operations"]

ROUTES: tuple[Route, ...] = (*membership.ROUTES, *calls.ROUTES, *notifications.ROUTES)


def routed_operations() -> Iterator[str]:
    """The full names of the operations that have an address of their own; `/rpc` reaches the others too."""
    yield from {route.contract.full_name for route in ROUTES}
