"""Where the inbox and what a person wants to hear of are found."""

from services.gateway.routes.route import Route
from shared.contracts import notifications

ROUTES: tuple[Route, ...] = (
    Route("GET", "/v1/inbox", notifications.ListInbox),
    Route("PATCH", "/v1/inbox/{entry_id}", notifications.MarkEntry),
    Route("POST", "/v1/inbox/read-all", notifications.MarkAllRead, 204),
    Route("GET", "/v1/preferences", notifications.GetPreferences),
    Route("PUT", "/v1/preferences", notifications.ChooseInterests),
    Route("GET", "/v1/watches", notifications.ListWatches),
    Route("PUT", "/v1/watches/{call_id}", notifications.WatchCall),
    Route("DELETE", "/v1/watches/{call_id}", notifications.StopWatching, 204),
)
