"""Where applications for the hub's own calls are found, how they are judged, and what was granted."""

from services.gateway.routes.route import Download, Route, Upload
from shared.contracts import calls

_CALL = "/v1/calls/{call_id}"
_APPLICATIONS = _CALL + "/applications"
_APPLICATION = _APPLICATIONS + "/{application_id}"
_EVALUATION = _APPLICATION + "/evaluation"
_RANKING = _CALL + "/ranking"
_AWARD = "/v1/awards/{award_id}"

ROUTES: tuple[Route, ...] = (
    # --- how a call chooses
    Route("GET", _CALL + "/selection", calls.GetSelection),
    Route("PUT", _CALL + "/selection", calls.DeclareSelectionTerms),
    Route("PUT", _CALL + "/selection/panel", calls.AppointEvaluators),
    # --- applications
    Route("GET", "/v1/grant-applications", calls.ListOwnGrantApplications),
    Route("GET", _APPLICATIONS, calls.ListGrantApplications),
    Route("POST", _APPLICATIONS, calls.DraftGrantApplication, 201, "/v1/calls/{call_id}/applications/{id}"),
    Route("GET", _APPLICATION, calls.GetGrantApplication),
    Route("PUT", _APPLICATION, calls.ReviseGrantApplication),
    Upload("POST", _APPLICATION + "/attachments", calls.AttachToGrantApplication),
    Download("GET", _APPLICATION + "/attachments/{file_id}", calls.ReadGrantApplicationAttachment),
    Route("DELETE", _APPLICATION + "/attachments/{file_id}", calls.DetachFromGrantApplication),
    Route("POST", _APPLICATION + "/submission", calls.SubmitGrantApplication),
    Route("POST", _APPLICATION + "/withdrawal", calls.WithdrawGrantApplication),
    Route("POST", _APPLICATION + "/eligibility-check", calls.CheckEligibility),
    Route("POST", _APPLICATION + "/integration-request", calls.RequestIntegration),
    Route("POST", _APPLICATION + "/integration", calls.AnswerIntegration),
    Route("POST", _APPLICATION + "/ineligibility", calls.FindIneligible),
    Route("POST", _APPLICATION + "/admission", calls.AdmitToEvaluation),
    Route("POST", _APPLICATION + "/completion", calls.CompleteGrantApplication),
    # --- evaluation
    Route("GET", "/v1/evaluations", calls.ListOwnEvaluations),
    Route("GET", _EVALUATION, calls.GetEvaluation),
    Route("PUT", _EVALUATION + "/evaluators", calls.AssignEvaluators),
    Route("PUT", _EVALUATION + "/scores", calls.ScoreApplication),
    # --- ranking and awards
    Route("GET", _RANKING, calls.GetRanking),
    Route("POST", _RANKING, calls.DrawUpRanking, seconds=60),
    Route("POST", _RANKING + "/check", calls.CheckRanking),
    Route("POST", _RANKING + "/approval", calls.ApproveRanking),
    Route("POST", _RANKING + "/return", calls.SendRankingBack),
    Route("POST", _RANKING + "/publication", calls.PublishRanking, seconds=60),
    Route("GET", "/v1/awards", calls.ListAwards),
    Route("GET", _AWARD, calls.GetAward),
    Route("POST", _AWARD + "/revocation", calls.RevokeAward),
)
