"""The gateway: every address clients call, and what it keeps of membership's facts to know who they are."""

from __future__ import annotations

from typing import Any

from services.gateway import files, inviting, jsonrpc, pages, unsubscribing
from services.gateway.affiliations import KEPT
from services.gateway.http import Answer, NotJson, Request, json_answer
from services.gateway.pages import Page
from services.gateway.reading import answered, fields_of
from services.gateway.reception import Caller, Reception
from services.gateway.repository import Affiliation, Organisation, affiliation_id
from services.gateway.routes import BODY_LIMIT, DOWNLOADS, OPERATIONS, UPLOADS, Download, Route, Upload
from services.gateway.server import http
from services.gateway.stream import Streams
from shared.contracts import membership, notifications
from shared.contracts.declaration import OperationContract, contract_of, operation_named
from shared.errors import HubError, UnknownOperation
from shared.messaging.subscribe import subscribe
from shared.storage.work import UnitOfWork, Work


class GatewayService:
    """HTTP on one side, operations on the other."""

    name = "gateway"
    work = UnitOfWork(**KEPT)
    reception = Reception()
    streams = Streams()

    # --- operations ---------------------------------------------------------------------------------------

    @http(*OPERATIONS)
    def call_operation(self, request: Request) -> Answer:
        """Every row of the route table that carries JSON in and an answer out."""
        route: Route = request.route
        caller = self.reception.identify(request)
        if route.body_limit > BODY_LIMIT:  # who may not send so much is told before it is read
            caller = self.reception.admit(route.contract, caller, request)
        fields = fields_of(request, route)
        answer = self.reception.call(route.contract, fields, caller, request, seconds=route.seconds)
        return answered(answer, route, request, anonymous=caller.token is None)

    @http(*UPLOADS)
    def take_in_file(self, request: Request) -> Answer:
        """Every row that carries a file in: the right to send it is asked of each piece."""
        row: Upload = request.route
        caller = self.reception.admit(row.contract, self.reception.identify(request), request)
        given, upload_id = fields_of(request, row), self.reception.upload_id(row.contract, caller, request)

        def ask(fields: dict[str, Any]) -> Any:
            still = self.reception.renewed(caller)
            return self.reception.call(row.contract, given | fields, still, request, key=str(fields["offset"]))

        return answered(files.take_in(request, upload_id, ask), row, request, anonymous=False)

    @http(*DOWNLOADS)
    def give_out_file(self, request: Request) -> Answer:
        """Every row that carries a file out."""
        row: Download = request.route
        caller = self.reception.identify(request)
        given = fields_of(request, row)

        def ask(fields: dict[str, Any]) -> Any:
            return self.reception.call(row.contract, given | fields, self.reception.renewed(caller), request)

        return files.give_out(request, ask, anonymous=caller.token is None)

    @http(Page("POST", "/rpc"))
    def call_by_name(self, request: Request) -> Answer:
        """JSON-RPC 2.0: every operation a contract declares for callers."""
        caller = self.reception.identify(request)
        try:
            message = request.json()
        except NotJson:
            return json_answer(jsonrpc.parse_error())
        if isinstance(message, list) and len(message) > 1:
            self.reception.charge(caller, request, len(message) - 1)
        response = jsonrpc.handle(message, self._by_name(caller, request), request.language)
        return Answer(204, content_type=None) if response is None else json_answer(response)

    def _by_name(self, caller: Caller, request: Request) -> jsonrpc.Call:
        def call(method: str, params: dict[str, Any], place: str) -> Any:
            if method == "rpc.discover":
                return pages.openrpc()
            contract = operation_named(method)
            if contract is None or contract.internal:
                raise UnknownOperation(operation=method)
            return self.reception.call(contract, params, caller, request, key=place)

        return call

    # --- the inbox as it grows ----------------------------------------------------------------------------

    @http(Page("GET", "/v1/stream"))
    def stream(self, request: Request) -> Answer:
        """Server-sent events: each new entry of one's inbox, within a second."""
        caller = self.reception.identify(request)
        contract = contract_of(notifications.ListEntriesAfter, OperationContract)
        contract.who.require(caller.principal)

        def fetch(mark: str | None) -> Any:
            return self.reception.call(contract, {"mark": mark}, self.reception.renewed(caller), request)

        person_id, mark = str(caller.principal.person_id), request.header("last-event-id") or None
        seconds = self.reception.seconds_left(request)
        return self.streams.open(person_id, mark, fetch, self.reception.arrivals, seconds=seconds)

    @http(Page("GET", "/v1/unsubscribe/{token}"), Page("POST", "/v1/unsubscribe/{token}"))
    def unsubscribe(self, request: Request) -> Answer:
        """The link of an e-mail: a look asks, a POST stops it at once (RFC 8058)."""
        asked = notifications.Unsubscribe if request.method == "POST" else notifications.GetUnsubscription
        contract = contract_of(asked, OperationContract)
        nobody = self.reception.anybody(request)
        try:
            found = self.reception.call(contract, dict(request.path_values), nobody, request)
        except HubError as error:
            return unsubscribing.refusal(error, request.language)
        return (unsubscribing.done if request.method == "POST" else unsubscribing.question)(found, request.language)

    @http(Page("GET", "/v1/invitation/{invitation_id}"))
    def invitation(self, request: Request) -> Answer:
        """The link of an invitation: what it offers and how to answer it."""
        contract = contract_of(membership.LookAtInvitation, OperationContract)
        nobody = self.reception.anybody(request)
        try:
            found = self.reception.call(contract, dict(request.path_values), nobody, request)
        except HubError as error:
            return inviting.refusal(error, request.language)
        return inviting.invitation(found, request.language)

    # --- pages --------------------------------------------------------------------------------------------

    @http(Page("GET", "/v1/vocabularies"))
    def vocabularies(self, request: Request) -> Answer:
        self.reception.identify(request)
        return pages.vocabularies()

    @http(Page("GET", "/v1/vocabularies/{list}"))
    def vocabulary(self, request: Request) -> Answer:
        self.reception.identify(request)
        return pages.vocabulary(request.path_values["list"])

    @http(Page("GET", "/openapi.json"))
    def openapi(self, request: Request) -> Answer:
        return pages.openapi_page()

    @http(Page("GET", "/docs"))
    def docs(self, request: Request) -> Answer:
        return pages.docs_page()

    @http(Page("GET", "/docs/{name}"))
    def docs_file(self, request: Request) -> Answer:
        return pages.docs_file(request.path_values["name"])

    @http(Page("GET", "/health/live"))
    def live(self, request: Request) -> Answer:
        return pages.liveness()

    @http(Page("GET", "/health/ready"))
    def ready(self, request: Request) -> Answer:
        return pages.readiness()

    @http(Page("GET", "/metrics"))
    def metrics(self, request: Request) -> Answer:
        return pages.metrics()

    # --- who belongs where --------------------------------------------------------------------------------

    @subscribe(
        membership.MemberAppointed,
        membership.AffiliateJoined,
        membership.SpokeJoined,
        membership.MemberUpdated,
        membership.MemberSuspended,
        membership.MemberReinstated,
        membership.MemberLeft,
        catch_up=membership.RetellOrganisations,
    )
    def keep_organisation(self, event: Any, work: Work) -> None:
        work.organisations.keep(Organisation.of(event.organisation), sequence=work.message.sequence)
        self.reception.affiliations.forget_all()

    @subscribe(membership.PersonJoined, membership.PersonRoleChanged, catch_up=membership.RetellOrganisations)
    def keep_affiliation(self, event: membership.PersonJoined | membership.PersonRoleChanged, work: Work) -> None:
        work.organisations.keep(Organisation.of(event.organisation), sequence=work.message.sequence)
        work.affiliations.keep(
            Affiliation.between(event.person_id, event.organisation_id, event.role), sequence=work.message.sequence
        )
        self.reception.affiliations.forget(event.person_id)

    @subscribe(membership.PersonLeft)
    def forget_affiliation(self, event: membership.PersonLeft, work: Work) -> None:
        work.affiliations.forget(affiliation_id(event.person_id, event.organisation_id), sequence=work.message.sequence)
        self.reception.affiliations.forget(event.person_id)
