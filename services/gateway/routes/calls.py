"""Where public calls and their imports are found."""

from services.gateway.routes.route import MEGABYTE, Route
from shared.contracts import calls

_CALL = "/v1/calls/{call_id}"

ROUTES: tuple[Route, ...] = (
    Route("GET", "/v1/calls", calls.ListCalls),
    Route("POST", "/v1/calls", calls.DraftCall, 201, "/v1/calls/{id}"),
    Route("GET", _CALL, calls.GetCall),
    Route("PUT", _CALL, calls.ReviseCall),
    Route("POST", _CALL + "/review", calls.SubmitCallForReview),
    Route("POST", _CALL + "/publication", calls.PublishCall),
    Route("POST", _CALL + "/deadline", calls.ExtendDeadline),
    Route("POST", _CALL + "/suspension", calls.SuspendCall),
    Route("DELETE", _CALL + "/suspension", calls.ResumeCall),
    Route("POST", _CALL + "/withdrawal", calls.WithdrawCall),
    Route("POST", _CALL + "/archive", calls.ArchiveCall),
    Route("GET", "/v1/imports", calls.ListImports),
    Route("POST", "/v1/imports", calls.ImportCalls, 202, "/v1/imports/{id}", body_limit=32 * MEGABYTE, seconds=60),
    Route("GET", "/v1/imports/{import_id}", calls.GetImport),
)
