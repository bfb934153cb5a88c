"""An application for the grant of a call, from its draft to its outcome."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from services.calls.applications.domain.admission import check_request, require_open, too_late
from services.calls.applications.domain.states import GIVEN_UP, WITH_OUTCOME, step
from services.calls.domain import Call, over
from shared.contracts.aggregate import Aggregate
from shared.contracts.calls import (
    APPLICANTS,
    ApplicationAdmittedToEvaluation,
    ApplicationDrafted,
    ApplicationFoundIneligible,
    ApplicationRegistered,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    DraftExpired,
    GrantApplicationCard,
    GrantApplicationContent,
    GrantApplicationState,
    IntegrationAnswered,
    IntegrationLapsed,
    IntegrationRequested,
    IntegrationView,
    ProtocolNumber,
    SelectionTerms,
)
from shared.contracts.files import StoredFile
from shared.contracts.rights import STAFF, Caller
from shared.contracts.shapes import Money, Text
from shared.errors import Forbidden, Invalid, Refusal, Words

MOST_ATTACHMENTS = 50


class NotYourApplication(Forbidden):
    words = Words(
        "La domanda è di un'altra organizzazione.",
        "The application is another organisation's.",
    )


class OwnGrantApplication(Refusal):
    title = Words("Conflitto di interessi", "Conflict of interest")
    words = Words(
        "Nessuno decide su una domanda della propria organizzazione.",
        "Nobody decides on an application of their own organisation.",
    )


class TooManyAttachments(Refusal):
    title = Words("Troppi allegati", "Too many attachments")
    words = Words(
        f"Una domanda ha al massimo {MOST_ATTACHMENTS} allegati.",
        f"An application has at most {MOST_ATTACHMENTS} attachments.",
    )


class DueInThePast(Invalid):
    title = Words("Termine già passato", "Due date in the past")
    words = Words("Il termine per integrare è già passato.", "The date by which to integrate has passed.")


class Applicant(Caller, Protocol):
    """Who applies: a person in the name of an organisation."""

    @property
    def organisation_name(self) -> str | None: ...


@dataclass(kw_only=True)
class GrantApplication(Aggregate):
    call_id: str
    call_title: Text
    measure_id: str | None
    organisation_id: str
    organisation_name: str
    person_id: str
    """Who began it."""
    state: GrantApplicationState
    state_reason: str | None = None
    content: GrantApplicationContent
    attachments: tuple[StoredFile, ...] = ()
    integrations: tuple[IntegrationView, ...] = ()
    integration_due_at: datetime | None = None
    """While one is requested."""
    drafted_at: datetime
    submitted_at: datetime | None = None
    registered_at: datetime | None = None
    protocol: ProtocolNumber | None = None
    place: int | None = None
    """Which of the applications that its organisation may have for the call it is, from 0; given up, it has none."""
    position: int | None = None
    score: int | None = None
    granted: Money | None = None

    @classmethod
    def draft(
        cls, id: str, call: Call, content: GrantApplicationContent, *, place: int, by: Applicant, now: datetime
    ) -> GrantApplication:
        """Begin an application while the call is open. Raises `TooLate`, `CallTakesNoApplications`."""
        require_open(call, now)
        assert by.organisation_id is not None and by.person_id is not None
        application = cls(
            id=id,
            call_id=call.id,
            call_title=call.content.title,
            measure_id=call.content.measure_id,
            organisation_id=by.organisation_id,
            organisation_name=by.organisation_name or by.organisation_id,
            person_id=by.person_id,
            state=GrantApplicationState.draft,
            content=content,
            drafted_at=now,
            place=place,
        )
        application.record(ApplicationDrafted(application_id=id, application=application.card(), drafted_at=now))
        return application

    # --- who

    @property
    def organisations(self) -> frozenset[str]:
        """The organisations whose application it is: the applicant and its partners. Their people do not judge it."""
        partners = (partner.organisation_id for partner in self.content.partners)
        return frozenset({self.organisation_id, *(id for id in partners if id)})

    @property
    def outcome_is_public(self) -> bool:
        return self.state in WITH_OUTCOME

    def belongs_to(self, caller: Caller) -> bool:
        return caller.organisation_id == self.organisation_id and caller.organisation_active

    def readable_by(self, caller: Caller) -> bool:
        """Its organisation's people read it always; staff, once it was handed in."""
        return self.belongs_to(caller) or (self.submitted_at is not None and STAFF.met_by(caller))

    def require_applicant(self, caller: Caller) -> None:
        if not self.belongs_to(caller) or not APPLICANTS.met_by(caller):
            raise NotYourApplication()

    # --- the applicant's part

    def revise(self, content: GrantApplicationContent) -> None:
        self._step("revise")
        self.content = content

    def require_attachable(self) -> None:
        """Refuse a document, also before the first of its bytes is kept."""
        step("attach", self.state)
        if len(self.attachments) >= MOST_ATTACHMENTS:
            raise TooManyAttachments()

    def attach(self, file: StoredFile) -> None:
        self.require_attachable()
        self.attachments = (*(kept for kept in self.attachments if kept.id != file.id), file)

    def has_attachment(self, file_id: str) -> bool:
        return any(file.id == file_id for file in self.attachments)

    def detach(self, file_id: str) -> None:
        self._step("detach")
        self.attachments = tuple(kept for kept in self.attachments if kept.id != file_id)

    def submit(self, call: Call, terms: SelectionTerms, *, now: datetime) -> None:
        """Hand it in. Raises `TooLate` from the second after the deadline on, `CannotBeGranted`."""
        step("submit", self.state)
        require_open(call, now)
        check_request(self.content, call.content, terms)
        self._step("submit")
        self.submitted_at = now
        self.record(ApplicationSubmitted(application_id=self.id, application=self.card(), submitted_at=now))

    def answer_integration(self, answer: str, *, now: datetime) -> None:
        if self.integration_due_at is not None and over(self.integration_due_at, now):
            raise too_late(self.integration_due_at)
        self._step("answer_integration")
        self._end_integration(answer=answer, answered_at=now)
        self.record(IntegrationAnswered(application_id=self.id, application=self.card(), answered_at=now))

    def withdraw(self, reason: str | None, *, now: datetime) -> None:
        self._step("withdraw", reason)
        self.integration_due_at = None
        card = self.card()
        self.record(ApplicationWithdrawn(application_id=self.id, application=card, reason=reason, withdrawn_at=now))

    # --- the office's part

    def expire(self, *, now: datetime) -> None:
        self._step("expire")
        self.record(DraftExpired(application_id=self.id, application=self.card(), expired_at=now))

    def register(self, protocol: ProtocolNumber, *, now: datetime) -> None:
        self._step("register")
        self.protocol, self.registered_at = protocol, now
        self.record(ApplicationRegistered(application_id=self.id, application=self.card(), registered_at=now))

    def check_eligibility(self) -> None:
        self._step("check_eligibility")

    def request_integration(self, message: str, due_at: datetime, *, now: datetime) -> None:
        step("request_integration", self.state)
        if due_at <= now:
            raise DueInThePast(errors={"due_at": ["Must be in the future."]})
        self._step("request_integration")
        self.integrations += (IntegrationView(message=message, asked_at=now, due_at=due_at),)
        self.integration_due_at = due_at
        self.record(
            IntegrationRequested(
                application_id=self.id, application=self.card(), message=message, due_at=due_at, requested_at=now
            )
        )

    def lapse_integration(self, *, now: datetime) -> None:
        """Nothing has come in time: the check goes on without it."""
        self._step("lapse_integration")
        self._end_integration(lapsed_at=now)
        self.record(IntegrationLapsed(application_id=self.id, application=self.card(), lapsed_at=now))

    def find_ineligible(self, reason: str, *, now: datetime) -> None:
        self._step("find_ineligible", reason)
        card = self.card()
        self.record(ApplicationFoundIneligible(application_id=self.id, application=card, reason=reason, found_at=now))

    def admit_to_evaluation(self, evaluator_ids: tuple[str, ...], *, now: datetime) -> None:
        self._step("admit_to_evaluation")
        self.record(
            ApplicationAdmittedToEvaluation(
                application_id=self.id, application=self.card(), evaluator_ids=evaluator_ids, admitted_at=now
            )
        )

    def require_scorable(self) -> None:
        step("score", self.state)

    # --- its outcome

    def rank(self, position: int, score: int) -> None:
        self._step("rank")
        self.position, self.score = position, score

    def fund(self, amount: Money) -> None:
        self._step("fund")
        self.granted = amount

    def admit_without_funds(self) -> None:
        self._step("admit_without_funds")

    def not_admit(self) -> None:
        self._step("not_admit")

    def revoke(self, reason: str) -> None:
        self._step("revoke", reason)

    def complete(self) -> None:
        self._step("complete")

    # --- inside

    def card(self) -> GrantApplicationCard:
        return GrantApplicationCard(
            id=self.id,
            call_id=self.call_id,
            call_title=self.call_title,
            measure_id=self.measure_id,
            organisation_id=self.organisation_id,
            organisation_name=self.organisation_name,
            person_id=self.person_id,
            title=self.content.title,
            subsectors=self.content.subsectors,
            requested=self.content.requested,
            protocol=self.protocol,
        )

    def _step(self, verb: str, reason: str | None = None) -> None:
        """Go where the verb leads, or refuse in its words."""
        leads_to = step(verb, self.state)
        if leads_to is not self.state:
            self.state, self.state_reason = leads_to, reason
            self.place = None if leads_to in GIVEN_UP else self.place

    def _end_integration(
        self, *, answer: str | None = None, answered_at: datetime | None = None, lapsed_at: datetime | None = None
    ) -> None:
        *earlier, last = self.integrations
        ended = replace(last, answer=answer, answered_at=answered_at, lapsed_at=lapsed_at)
        self.integrations = (*earlier, ended)
        self.integration_due_at = None
