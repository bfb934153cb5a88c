"""Where public calls and their imports are found."""

from services.gateway.routes.route import MEGABYTE, Route, Upload
from shared.contracts import calls

_CALL = "/v1/calls/{call_id}"
_SOURCE = "/v1/sources/{source_id}"


def _export(filename: str, operation: type, media_type: str) -> Route:
    return Route("GET", f"/v1/exports/{filename}", operation, media_type=media_type, filename=filename, seconds=30)


ROUTES: tuple[Route, ...] = (
    Route("GET", "/v1/calls", calls.ListCalls),
    Route("POST", "/v1/calls", calls.DraftCall, 201, "/v1/calls/{id}"),
    Route("GET", _CALL, calls.GetCall),
    Route("PUT", _CALL, calls.ReviseCall),
    Route("POST", _CALL + "/review", calls.SubmitCallForReview),
    Route("POST", _CALL + "/publication", calls.PublishCall),
    Route("POST", _CALL + "/relevance", calls.DecideRelevance),
    Route("POST", _CALL + "/deadline", calls.ExtendDeadline),
    Route("POST", _CALL + "/suspension", calls.SuspendCall),
    Route("DELETE", _CALL + "/suspension", calls.ResumeCall),
    Route("POST", _CALL + "/withdrawal", calls.WithdrawCall),
    Route("POST", _CALL + "/archive", calls.ArchiveCall),
    Route("GET", "/v1/imports", calls.ListImports),
    Route("POST", "/v1/imports", calls.ImportCalls, 202, "/v1/imports/{id}", body_limit=8 * MEGABYTE, seconds=60),
    Upload("POST", "/v1/imports/{source}/file", calls.ImportCallsFile, 202, "/v1/imports/{id}", calls.IMPORT_LIMIT),
    Route("GET", "/v1/imports/{import_id}", calls.GetImport),
    Route("GET", "/v1/sources", calls.ListSources),
    Route("POST", "/v1/sources", calls.AddSource, 201, "/v1/sources/{id}"),
    Route("GET", _SOURCE, calls.GetSource),
    Route("PUT", _SOURCE, calls.ChangeSource),
    Route("POST", _SOURCE + "/run", calls.AskSourceNow, 202),
    # --- for other programs
    Route("GET", "/v1/feeds/calls.ics", calls.GetCallCalendar, media_type="text/calendar"),
    Route("GET", "/v1/feeds/calls.atom", calls.GetCallFeed, media_type="application/atom+xml"),
    _export("calls.csv", calls.ExportCallsAsTable, "text/csv"),
    _export("calls-ocds.json", calls.ExportCallsAsReleases, "application/json"),
    _export("awards-360giving.json", calls.ExportAwardsAsGrants, "application/json"),
    _export("awards.csv", calls.ExportAwardsAsTable, "text/csv"),
)
