"""Where organisations, their people and their applications are found."""

from services.gateway.routes.route import MEGABYTE, Download, Route, Upload
from shared.contracts import membership

_ORGANISATION = "/v1/organisations/{organisation_id}"
_INTEREST = "/v1/expressions-of-interest/{expression_of_interest_id}"
_INVITATION = "/v1/invitations/{invitation_id}"
_APPLICATION = "/v1/applications-for-membership/{application_id}"

ROUTES: tuple[Route, ...] = (
    # --- organisations and their people
    Route("POST", "/v1/hub", membership.FoundHub, 201, "/v1/organisations/{id}"),
    Route("GET", "/v1/organisations", membership.ListOrganisations),
    Route("POST", "/v1/organisations", membership.AppointMember, 201, "/v1/organisations/{id}"),
    Route("GET", _ORGANISATION, membership.GetOrganisation),
    Route("PUT", _ORGANISATION, membership.UpdateOrganisation),
    Route("POST", _ORGANISATION + "/suspension", membership.SuspendMember),
    Route("POST", _ORGANISATION + "/reinstatement", membership.ReinstateMember),
    Route("POST", _ORGANISATION + "/revocation", membership.RevokeMembership),
    Route("POST", _ORGANISATION + "/withdrawal", membership.WithdrawFromHub),
    Route("POST", _ORGANISATION + "/renewal-request", membership.RequestRenewal),
    Route("POST", _ORGANISATION + "/renewal", membership.RenewMembership),
    Route("GET", _ORGANISATION + "/people", membership.ListPeople),
    Route("PUT", _ORGANISATION + "/people/{person_id}", membership.ChangeRole),
    Route("DELETE", _ORGANISATION + "/people/{person_id}", membership.RemovePerson),
    Route("POST", _ORGANISATION + "/invitations", membership.InvitePerson, 201),
    Route("GET", _INVITATION, membership.GetInvitation),
    Route("GET", _INVITATION + "/notice", membership.LookAtInvitation),
    Route("DELETE", _INVITATION, membership.RevokeInvitation),
    Route("POST", _INVITATION + "/acceptance", membership.AcceptInvitation),
    Route("POST", _INVITATION + "/refusal", membership.DeclineInvitation),
    Route("GET", "/v1/people/me", membership.GetMe),
    Route("PUT", "/v1/people/me", membership.RegisterPerson),
    Route("DELETE", "/v1/people/me", membership.EraseMe),
    Route("GET", "/v1/people/me/export", membership.ExportMe),
    Route("GET", "/v1/audit-trail", membership.ListAuditTrail),
    # --- the directory
    Route("GET", "/v1/organisation-counts", membership.CountMembers),
    Route("GET", "/v1/municipalities", membership.ListMunicipalities),
    Route(
        "GET",
        "/v1/exports/organisations.csv",
        membership.ExportMembersAsTable,
        media_type="text/csv",
        filename="organisations.csv",
        seconds=30,
    ),
    Route(
        "GET",
        "/v1/exports/organisations.jsonld",
        membership.ExportMembersAsLinkedData,
        media_type="application/ld+json",
        filename="organisations.jsonld",
        seconds=30,
    ),
    Route(
        "POST",
        "/v1/member-imports",
        membership.ImportMembers,
        202,
        "/v1/member-imports/{id}",
        body_limit=8 * MEGABYTE,
        seconds=30,
    ),
    Route("GET", "/v1/member-imports/{import_id}", membership.GetMemberImport),
    # --- expressions of interest
    Route("GET", "/v1/expressions-of-interest", membership.ListExpressionsOfInterest),
    Route(
        "POST",
        "/v1/expressions-of-interest",
        membership.DraftExpressionOfInterest,
        201,
        "/v1/expressions-of-interest/{id}",
    ),
    Route("GET", _INTEREST, membership.GetExpressionOfInterest),
    Route("PUT", _INTEREST, membership.ReviseExpressionOfInterest),
    Route("POST", _INTEREST + "/publication", membership.PublishExpressionOfInterest),
    Route("POST", _INTEREST + "/extension", membership.ExtendExpressionOfInterest),
    Route("POST", _INTEREST + "/reviewers", membership.AddReviewers),
    Route("POST", _INTEREST + "/withdrawal", membership.WithdrawExpressionOfInterest),
    Route("POST", _INTEREST + "/outcome", membership.PublishOutcome),
    # --- applications
    Route("GET", "/v1/applications-for-membership", membership.ListApplications),
    Route(
        "POST",
        "/v1/applications-for-membership",
        membership.DraftApplication,
        201,
        "/v1/applications-for-membership/{id}",
    ),
    Route("GET", _APPLICATION, membership.GetApplication),
    Route("PUT", _APPLICATION, membership.ReviseApplication),
    Upload("POST", _APPLICATION + "/documents", membership.AttachDocument),
    Download("GET", _APPLICATION + "/documents/{file_id}", membership.ReadDocument),
    Route("DELETE", _APPLICATION + "/documents/{file_id}", membership.DetachDocument),
    Route("POST", _APPLICATION + "/scores", membership.ScoreApplication),
    Route("POST", _APPLICATION + "/recusals", membership.RecuseReviewer),
    Route("POST", _APPLICATION + "/submission", membership.SubmitApplication),
    Route("POST", _APPLICATION + "/review", membership.ReviewApplication),
    Route("POST", _APPLICATION + "/changes-request", membership.RequestChanges),
    Route("POST", _APPLICATION + "/admission", membership.AdmitApplication),
    Route("POST", _APPLICATION + "/rejection", membership.RejectApplication),
    Route("POST", _APPLICATION + "/withdrawal", membership.WithdrawApplication),
)
