"""Where the catalogue is searched and written, access asked for, and offers matched to calls."""

from services.gateway.routes.route import Route
from shared.contracts import catalogue

_ITEMS = "/v1/catalogue/items"
_ITEM = _ITEMS + "/{item_id}"
_REQUEST = "/v1/access-requests/{request_id}"
_LABORATORY = "/v1/laboratories/{organisation_id}"

ROUTES: tuple[Route, ...] = (
    # --- items
    Route("GET", "/v1/catalogue/search", catalogue.SearchItems),
    Route("GET", "/v1/catalogue/suggestions", catalogue.SuggestItems),
    Route("GET", "/v1/catalogue/overview", catalogue.GetOverview),
    Route("POST", "/v1/catalogue/imports", catalogue.ImportItems, seconds=60),
    Route("GET", _ITEMS, catalogue.ListItems),
    Route("POST", _ITEMS, catalogue.DraftItem, 201, _ITEMS + "/{id}"),
    Route("GET", _ITEM, catalogue.GetItem),
    Route("PUT", _ITEM, catalogue.ReviseItem),
    Route("POST", _ITEM + "/publication", catalogue.PublishItem),
    Route("DELETE", _ITEM + "/publication", catalogue.UnpublishItem),
    Route("POST", _ITEM + "/approval", catalogue.ApproveItem),
    Route("POST", _ITEM + "/changes-request", catalogue.ReturnItem),
    Route("POST", _ITEM + "/confirmation", catalogue.ConfirmItem),
    Route("POST", _ITEM + "/retirement", catalogue.RetireItem),
    # --- access requests
    Route("POST", _ITEM + "/access-requests", catalogue.RequestAccess, 201, "/v1/access-requests/{id}"),
    Route("GET", "/v1/access-requests", catalogue.ListAccessRequests),
    Route("GET", _REQUEST, catalogue.GetAccessRequest),
    Route("POST", _REQUEST + "/acceptance", catalogue.AcceptRequest),
    Route("POST", _REQUEST + "/refusal", catalogue.DeclineRequest),
    Route("POST", _REQUEST + "/start", catalogue.BeginAccess),
    Route("POST", _REQUEST + "/completion", catalogue.CompleteAccess),
    Route("POST", _REQUEST + "/cancellation", catalogue.CancelRequest),
    Route("POST", _REQUEST + "/messages", catalogue.WriteMessage),
    Route("POST", _REQUEST + "/rating", catalogue.RateAccess),
    # --- laboratories and matches
    Route("GET", _LABORATORY, catalogue.GetLaboratory),
    Route("PUT", _LABORATORY, catalogue.DescribeLaboratory),
    Route("GET", "/v1/calls/{call_id}/matches", catalogue.ListMatches),
    # --- exports
    Route("GET", "/v1/exports/catalogue.jsonld", catalogue.ExportItemsAsJsonLd, media_type="application/ld+json"),
    Route("GET", "/v1/exports/catalogue.ttl", catalogue.ExportItemsAsDcat, media_type="text/turtle"),
    Route(
        "GET",
        "/v1/exports/catalogue.csv",
        catalogue.ExportItemsAsCsv,
        media_type="text/csv",
        filename="catalogue.csv",
    ),
)
