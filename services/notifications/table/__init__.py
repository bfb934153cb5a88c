"""The table: every event of the platform, how it is told and to whom, or why it is told to nobody.

To tell another service's events: a module `of_<service>.py` with a row for each, and a line here. A contract test fails
for an event that stands in neither list.
"""

from services.notifications.table import (
    of_applications,
    of_calls,
    of_catalogue,
    of_membership,
    of_notifications,
    of_policy,
    of_support,
)
from services.notifications.table.notice import Notice, Silence

_PARTS = (of_calls, of_applications, of_membership, of_catalogue, of_policy, of_support, of_notifications)

NOTICES: dict[type, Notice] = {event: notice for part in _PARTS for event, notice in part.NOTICES.items()}
SILENT: dict[type, Silence] = {event: silence for part in _PARTS for event, silence in part.SILENT.items()}
