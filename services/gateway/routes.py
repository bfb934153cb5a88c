"""The route table: which address carries which operation. A resource of the hub is added by adding rows here.

Where an operation's fields come from follows from the row:

    path     the names in braces
    If-Match `expected_version`, wherever the contract has it
    query    everything else, where the operation only reads
    body     everything else, where it changes something

Nothing here says who may call: the contract does, and the service checks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from shared.contracts import calls, membership, notifications
from shared.contracts.declaration import OperationContract, contract_of

MEGABYTE = 1024 * 1024
BODY_LIMIT = MEGABYTE
"""Bytes a body may have, where a row says nothing else."""
VERSION_FIELD = "expected_version"


@dataclass(frozen=True)
class Route:
    """One row: `method` on `path` carries `operation`."""

    method: str
    path: str
    operation: type
    status: int = 200
    """The status of success."""
    location: str | None = None
    """Where the thing that was made is found: a path with the answer's fields in braces."""
    body_limit: int = BODY_LIMIT
    seconds: float | None = None
    """How long the answer may take, where that is longer than the installation says of operations in general."""

    @cached_property
    def contract(self) -> OperationContract:
        return contract_of(self.operation, OperationContract)

    @cached_property
    def path_fields(self) -> tuple[str, ...]:
        return tuple(re.findall(r"{(\w+)}", self.path))

    @cached_property
    def needs_version(self) -> bool:
        return VERSION_FIELD in self.contract.shape.strict.fields

    @cached_property
    def query_fields(self) -> frozenset[str]:
        return frozenset() if self.contract.changes else self._remaining

    @cached_property
    def body_fields(self) -> frozenset[str]:
        return self._remaining if self.contract.changes else frozenset()

    @cached_property
    def needs_body(self) -> bool:
        return any(self.contract.shape.strict.fields[name].required for name in self.body_fields)

    @property
    def tag(self) -> str:
        """The collection it belongs to: the first name in its path after the version."""
        return self.path.split("/")[2]

    @property
    def _remaining(self) -> frozenset[str]:
        return frozenset(self.contract.shape.strict.fields) - {*self.path_fields, VERSION_FIELD}


_ORGANISATION = "/v1/organisations/{organisation_id}"
_APPLICATION = "/v1/applications-for-membership/{application_id}"
_CALL = "/v1/calls/{call_id}"

ROUTES: tuple[Route, ...] = (
    # --- membership: organisations and their people
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
    # --- membership: applications
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
    # --- calls
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
    # --- notifications
    Route("GET", "/v1/inbox", notifications.ListInbox),
    Route("PATCH", "/v1/inbox/{entry_id}", notifications.MarkEntry),
    Route("POST", "/v1/inbox/read-all", notifications.MarkAllRead, 204),
    Route("GET", "/v1/preferences", notifications.GetPreferences),
    Route("PUT", "/v1/preferences", notifications.ChooseInterests),
    Route("GET", "/v1/watches", notifications.ListWatches),
    Route("PUT", "/v1/watches/{call_id}", notifications.WatchCall),
    Route("DELETE", "/v1/watches/{call_id}", notifications.StopWatching, 204),
)


def routed_operations() -> Iterator[str]:
    """The full names of the operations that have an address of their own; `/rpc` reaches the others too."""
    yield from {route.contract.full_name for route in ROUTES}
