"""The route table: which address carries which operation, a module per service.

A resource of the hub is added by adding a row to its service's module; a service, by adding its module here.
"""

from collections.abc import Iterator

from services.gateway.routes import calls, calls_applications, catalogue, membership, notifications, policy, support
from services.gateway.routes.route import BODY_LIMIT, MEGABYTE, VERSION_FIELD, Download, Route, Upload

__all__ = [
    "BODY_LIMIT",
    "DOWNLOADS",
    "MEGABYTE",
    "OPERATIONS",
    "ROUTES",
    "UPLOADS",
    "VERSION_FIELD",
    "Download",
    "Route",
    "Upload",
    "routed_operations",
]

ROUTES: tuple[Route, ...] = (
    *membership.ROUTES,
    *calls.ROUTES,
    *calls_applications.ROUTES,
    *catalogue.ROUTES,
    *policy.ROUTES,
    *support.ROUTES,
    *notifications.ROUTES,
)
UPLOADS = tuple(row for row in ROUTES if isinstance(row, Upload))
DOWNLOADS = tuple(row for row in ROUTES if isinstance(row, Download))
OPERATIONS = tuple(row for row in ROUTES if not isinstance(row, (Upload, Download)))


def routed_operations() -> Iterator[str]:
    """The full names of the operations that have an address of their own; `/rpc` reaches the others too."""
    yield from {route.contract.full_name for route in ROUTES}
