"""Where help requests, training sessions and partner searches are found."""

from services.gateway.routes.route import Download, Route, Upload
from shared.contracts import support

_HELP = "/v1/help-requests/{request_id}"
_TRAINING = "/v1/trainings/{training_id}"
_SEARCH = "/v1/partner-searches/{search_id}"
_ANSWER = _SEARCH + "/answers/{answer_id}"

ROUTES: tuple[Route, ...] = (
    # --- help
    Route("GET", "/v1/help-requests", support.ListHelpRequests),
    Route("POST", "/v1/help-requests", support.AskForHelp, 201, "/v1/help-requests/{id}"),
    Route("GET", "/v1/help-figures", support.GetHelpFigures),
    Route("GET", _HELP, support.GetHelpRequest),
    Route("POST", _HELP + "/messages", support.WriteHelpMessage),
    Route("POST", _HELP + "/answers", support.AnswerHelpRequest),
    Route("POST", _HELP + "/reopening", support.ReopenHelpRequest),
    Route("POST", _HELP + "/closure", support.CloseHelpRequest),
    Route("PUT", _HELP + "/assignment", support.AssignHelpRequest),
    Upload("POST", _HELP + "/attachments", support.UploadHelpAttachment),
    Download("GET", _HELP + "/attachments/{file_id}", support.ReadHelpAttachment),
    # --- training
    Route("GET", "/v1/trainings", support.ListTrainings),
    Route("POST", "/v1/trainings", support.ScheduleTraining, 201, "/v1/trainings/{id}"),
    Route("POST", "/v1/training-series", support.ScheduleTrainingSeries, 201, "/v1/training-series/{id}"),
    Route("GET", "/v1/training-series/{series_id}", support.GetTrainingSeries),
    Route("GET", _TRAINING, support.GetTraining),
    Route("PUT", _TRAINING, support.ReviseTraining),
    Route("POST", _TRAINING + "/cancellation", support.CancelTraining),
    Upload("POST", _TRAINING + "/materials", support.UploadTrainingMaterial),
    Download("GET", _TRAINING + "/materials/{file_id}", support.ReadTrainingMaterial),
    Route("DELETE", _TRAINING + "/materials/{file_id}", support.RemoveTrainingMaterial),
    Route("GET", _TRAINING + "/enrolments", support.ListEnrolments),
    Route("PUT", _TRAINING + "/enrolment", support.Enrol),
    Route("DELETE", _TRAINING + "/enrolment", support.WithdrawEnrolment),
    Route("PUT", _TRAINING + "/attendance", support.RecordAttendance),
    Route(
        "GET",
        _TRAINING + "/calendar.ics",
        support.GetTrainingCalendar,
        media_type="text/calendar",
        filename="training.ics",
    ),
    Route(
        "GET",
        _TRAINING + "/certificate.pdf",
        support.GetAttendanceCertificate,
        media_type="application/pdf",
        filename="certificate.pdf",
    ),
    Route("GET", "/v1/enrolments", support.ListOwnEnrolments),
    Route(
        "GET",
        "/v1/enrolments/calendar.ics",
        support.GetOwnTrainingCalendar,
        media_type="text/calendar",
        filename="trainings.ics",
    ),
    # --- partners
    Route("GET", "/v1/partner-searches", support.ListPartnerSearches),
    Route("POST", "/v1/partner-searches", support.OpenPartnerSearch, 201, "/v1/partner-searches/{id}"),
    Route("GET", _SEARCH, support.GetPartnerSearch),
    Route("PUT", _SEARCH, support.RevisePartnerSearch),
    Route("POST", _SEARCH + "/closure", support.ClosePartnerSearch),
    Route("GET", _SEARCH + "/matches", support.ListPartnerMatches),
    Route("POST", _SEARCH + "/answers", support.AnswerPartnerSearch),
    Route("POST", _ANSWER + "/acceptance", support.AcceptPartner),
    Route("POST", _ANSWER + "/refusal", support.DeclinePartner),
    Route("POST", _ANSWER + "/withdrawal", support.WithdrawPartnerAnswer),
)
