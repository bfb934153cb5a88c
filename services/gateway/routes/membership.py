"""Where organisations, their people and their applications are found."""

from services.gateway.routes.route import Route
from shared.contracts import membership

_ORGANISATION = "/v1/organisations/{organisation_id}"
_APPLICATION = "/v1/applications-for-membership/{application_id}"

ROUTES: tuple[Route, ...] = (
    # --- organisations and their people
    Route("POST", "/v1/hub", membership.FoundHub, 201, "/v1/organisations/{id}"),
    Route("GET", "/v1/organisations", membership.ListOrganisations),
    Route("POST", "/v1/organisations", membership.AppointMember, 201, "/v1/organisations/{id}"),
    Route("GET", _ORGANISATION, membership.GetOrganisation),
    Route("PUT", _ORGANISATION, membership.UpdateOrganisation),
    Route("GET", _ORGANISATION + "/people", membership.ListPeople),
    Route("PUT", _ORGANISATION + "/people/{person_id}", membership.ChangeRole),
    Route("DELETE", _ORGANISATION + "/people/{person_id}", membership.RemovePerson),
    Route("POST", _ORGANISATION + "/invitations", membership.InvitePerson, 201),
    Route("POST", "/v1/invitations/{invitation_id}/acceptance", membership.AcceptInvitation),
    Route("POST", "/v1/invitations/{invitation_id}/refusal", membership.DeclineInvitation),
    Route("GET", "/v1/people/me", membership.GetMe),
    Route("PUT", "/v1/people/me", membership.RegisterPerson),
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
    Route("POST", _APPLICATION + "/submission", membership.SubmitApplication),
    Route("POST", _APPLICATION + "/review", membership.ReviewApplication),
    Route("POST", _APPLICATION + "/changes-request", membership.RequestChanges),
    Route("POST", _APPLICATION + "/admission", membership.AdmitApplication),
    Route("POST", _APPLICATION + "/rejection", membership.RejectApplication),
    Route("POST", _APPLICATION + "/withdrawal", membership.WithdrawApplication),
)
