"""Where the inbox, what a person wants to hear of, and webhooks are found."""

from services.gateway.routes.route import Route
from shared.contracts import notifications

_SEARCH = "/v1/saved-searches/{search_id}"
_ENDPOINT = "/v1/webhooks/{endpoint_id}"

ROUTES: tuple[Route, ...] = (
    Route("GET", "/v1/inbox", notifications.ListInbox),
    Route("PATCH", "/v1/inbox/{entry_id}", notifications.MarkEntry),
    Route("POST", "/v1/inbox/read-all", notifications.MarkAllRead, 204),
    Route("GET", "/v1/preferences", notifications.GetPreferences),
    Route("PUT", "/v1/preferences", notifications.ChooseInterests),
    Route("PATCH", "/v1/preferences/delivery", notifications.ChooseDelivery),
    Route("POST", "/v1/preferences/address", notifications.TrustAddress),
    Route("GET", "/v1/unsubscriptions/{token}", notifications.GetUnsubscription),
    Route("POST", "/v1/unsubscriptions/{token}", notifications.Unsubscribe),
    Route("GET", "/v1/watches", notifications.ListWatches),
    Route("PUT", "/v1/watches/{call_id}", notifications.WatchCall),
    Route("DELETE", "/v1/watches/{call_id}", notifications.StopWatching, 204),
    Route("GET", "/v1/mutes", notifications.ListMutes),
    Route("PUT", "/v1/mutes/{subject_kind}/{subject_id}", notifications.MuteSubject),
    Route("DELETE", "/v1/mutes/{subject_kind}/{subject_id}", notifications.UnmuteSubject, 204),
    # --- saved searches
    Route("GET", "/v1/saved-searches", notifications.ListSavedSearches),
    Route("POST", "/v1/saved-searches", notifications.SaveSearch, 201, "/v1/saved-searches/{id}"),
    Route("GET", _SEARCH, notifications.GetSavedSearch),
    Route("PUT", _SEARCH, notifications.ReviseSearch),
    Route("DELETE", _SEARCH, notifications.ForgetSearch, 204),
    # --- webhooks
    Route("GET", "/v1/webhooks", notifications.ListEndpoints),
    Route("POST", "/v1/webhooks", notifications.RegisterEndpoint, 201, "/v1/webhooks/{id}"),
    Route("GET", _ENDPOINT, notifications.GetEndpoint),
    Route("PUT", _ENDPOINT, notifications.ReviseEndpoint),
    Route("DELETE", _ENDPOINT, notifications.ForgetEndpoint, 204),
    Route("POST", _ENDPOINT + "/verification", notifications.VerifyEndpoint, 202),
    Route("POST", _ENDPOINT + "/secret", notifications.RotateSecret),
    Route("GET", _ENDPOINT + "/deliveries", notifications.ListDeliveries),
    Route("POST", _ENDPOINT + "/replays", notifications.ReplayPeriod, 202, "/v1/webhook-replays/{id}"),
    Route("GET", "/v1/webhook-replays/{replay_id}", notifications.GetReplay),
    Route("POST", "/v1/webhook-deliveries/{delivery_id}/retry", notifications.RetryDelivery, 202),
)
