"""Where needs, measures and the synthesis of policy are found."""

from services.gateway.routes.route import Route
from shared.contracts import policy

_NEED = "/v1/needs/{need_id}"
_COMMENT = _NEED + "/comments/{comment_id}"
_MEASURE = "/v1/measures/{measure_id}"
_CONTRIBUTIONS = _MEASURE + "/contributions"

ROUTES: tuple[Route, ...] = (
    # --- needs
    Route("GET", "/v1/needs", policy.ListNeeds),
    Route("POST", "/v1/needs", policy.SubmitNeed, 201, "/v1/needs/{id}"),
    Route("GET", "/v1/similar-needs", policy.FindSimilarNeeds),
    Route("GET", _NEED, policy.GetNeed),
    Route("PUT", _NEED, policy.ReviseNeed),
    Route("PUT", _NEED + "/endorsement", policy.EndorseNeed),
    Route("DELETE", _NEED + "/endorsement", policy.WithdrawEndorsement),
    Route("GET", _NEED + "/comments", policy.ListNeedComments),
    Route("POST", _NEED + "/comments", policy.CommentOnNeed, 201),
    Route("POST", _COMMENT + "/moderation", policy.HideNeedComment),
    Route("DELETE", _COMMENT + "/moderation", policy.ShowNeedComment),
    Route("POST", _NEED + "/analysis", policy.AnalyseNeed),
    Route("POST", _NEED + "/acceptance", policy.AcceptNeed),
    Route("POST", _NEED + "/refusal", policy.DeclineNeed),
    Route("POST", _NEED + "/merger", policy.MergeNeed),
    # --- measures
    Route("GET", "/v1/measures", policy.ListMeasures),
    Route("POST", "/v1/measures", policy.DraftMeasure, 201, "/v1/measures/{id}"),
    Route("GET", _MEASURE, policy.GetMeasure),
    Route("PUT", _MEASURE, policy.ReviseMeasure),
    Route("PUT", _MEASURE + "/needs/{need_id}", policy.LinkNeed),
    Route("DELETE", _MEASURE + "/needs/{need_id}", policy.UnlinkNeed),
    Route("POST", _MEASURE + "/consultation", policy.ScheduleConsultation),
    Route("POST", _MEASURE + "/consultation/extension", policy.ExtendConsultation),
    Route("GET", _CONTRIBUTIONS, policy.ListContributions),
    Route("POST", _CONTRIBUTIONS, policy.ContributeToMeasure, 201),
    Route("PUT", _CONTRIBUTIONS + "/{contribution_id}/answer", policy.AnswerContribution),
    Route("POST", _MEASURE + "/adoption", policy.AdoptMeasure),
    Route("POST", _MEASURE + "/withdrawal", policy.DropMeasure),
    Route("POST", _MEASURE + "/measurements", policy.RecordMeasurement),
    Route("POST", _MEASURE + "/conclusion", policy.ConcludeMeasure),
    Route("POST", _MEASURE + "/evaluation", policy.EvaluateMeasure),
    # --- the synthesis
    Route("GET", "/v1/synthesis", policy.GetSynthesis),
    Route("GET", "/v1/synthesis/charts/{chart}", policy.DrawSynthesis, media_type="image/svg+xml", seconds=30),
    Route("GET", "/v1/synthesis/report", policy.PrintSynthesis, media_type="text/html", seconds=30),
    Route(
        "GET",
        "/v1/exports/synthesis.csv",
        policy.ExportSynthesisAsTable,
        media_type="text/csv",
        filename="synthesis.csv",
        seconds=30,
    ),
)
