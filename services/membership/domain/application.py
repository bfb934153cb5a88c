"""Applications for affiliation: from draft to outcome.

draft → submitted → under_review ⇄ changes_requested → admitted | rejected
and withdrawn by the applicant at any time before the outcome
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.membership.domain.organisation import Organisation
from services.membership.domain.person import Caller, identified
from shared.contracts.aggregate import Aggregate
from shared.contracts.membership import (
    ApplicationRejected,
    ApplicationState,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    ChangesRequested,
    Profile,
    Remark,
)
from shared.contracts.rights import STAFF
from shared.contracts.vocabulary import Province
from shared.errors import Forbidden, IllegalTransition, Refusal, Words

_State = ApplicationState

STEPS: dict[str, dict[ApplicationState, ApplicationState]] = {
    "revise": {_State.draft: _State.draft, _State.changes_requested: _State.changes_requested},
    "submit": {_State.draft: _State.submitted, _State.changes_requested: _State.under_review},
    "review": {_State.submitted: _State.under_review},
    "request_changes": {_State.under_review: _State.changes_requested},
    "admit": {_State.under_review: _State.admitted},
    "reject": {_State.under_review: _State.rejected, _State.changes_requested: _State.rejected},
    "withdraw": {
        _State.draft: _State.withdrawn,
        _State.submitted: _State.withdrawn,
        _State.under_review: _State.withdrawn,
        _State.changes_requested: _State.withdrawn,
    },
}
"""What each verb makes of each state; a state that a verb does not name refuses it."""

RUNNING = frozenset({_State.submitted, _State.under_review, _State.changes_requested})
"""Handed in and without an outcome: only these hold their tax code. A forgotten draft stands in nobody's way."""

_VERBS = {
    "revise": Words("modificare", "changed"),
    "submit": Words("presentare", "submitted"),
    "review": Words("prendere in esame", "taken under review"),
    "request_changes": Words("rimandare per modifiche", "sent back for changes"),
    "admit": Words("ammettere", "admitted"),
    "reject": Words("respingere", "rejected"),
    "withdraw": Words("ritirare", "withdrawn"),
}
_STATES = {
    _State.draft: Words("in bozza", "a draft"),
    _State.submitted: Words("presentata", "submitted"),
    _State.under_review: Words("in esame", "under review"),
    _State.changes_requested: Words("in attesa di modifiche", "waiting for changes"),
    _State.admitted: Words("ammessa", "admitted"),
    _State.rejected: Words("respinta", "rejected"),
    _State.withdrawn: Words("ritirata", "withdrawn"),
}


class MembershipStepNotAllowed(IllegalTransition):
    words = Words(
        "Una domanda {state_it} non si può {verb_it}.",
        "An application that is {state_en} cannot be {verb_en}.",
    )


class SeatOutsideRegion(Refusal):
    title = Words("Sede fuori regione", "Seat outside the Region")
    words = Words(
        "L'affiliazione è aperta alle organizzazioni con sede in Emilia-Romagna.",
        "Affiliation is open to organisations with their seat in Emilia-Romagna.",
    )


class NoSubsectorDeclared(Refusal):
    title = Words("Nessun sottosettore indicato", "No subsector declared")
    words = Words(
        "L'affiliazione è aperta a chi opera nella cultura e nella creatività: indicare almeno un sottosettore.",
        "Affiliation is open to those who work in culture and creativity: declare at least one subsector.",
    )


class OwnApplication(Refusal):
    title = Words("Domanda propria", "One's own application")
    words = Words("Nessuno esamina la propria domanda.", "Nobody reviews an application of their own.")


@dataclass(kw_only=True)
class Application(Aggregate):
    """An organisation's request to become an affiliate, made by one person."""

    state: ApplicationState = ApplicationState.draft
    profile: Profile
    motivation: str
    applicant_id: str
    created_at: datetime
    submitted_at: datetime | None = None
    decided_at: datetime | None = None
    remarks: tuple[Remark, ...] = ()
    """What the reviewers said, oldest first; the reason of a rejection is the last."""
    organisation_id: str | None = None
    """The member it became."""

    # --- the applicant's verbs ----------------------------------------------------------------------------

    @classmethod
    def draft(cls, *, id: str, profile: Profile, motivation: str, applicant_id: str, now: datetime) -> Application:
        return cls(id=id, profile=profile, motivation=motivation, applicant_id=applicant_id, created_at=now)

    def revise(self, *, profile: Profile, motivation: str, by: Caller) -> None:
        self._require_applicant(by)
        self._step("revise")
        self.profile = profile
        self.motivation = motivation

    def submit(self, *, by: Caller, now: datetime) -> None:
        """Hand in, or hand in again after changes. Who applies is of the territory and of the field."""
        self._require_applicant(by)
        if self.profile.seat.province is Province.outside:
            raise SeatOutsideRegion()
        if not self.profile.subsectors:
            raise NoSubsectorDeclared()
        self._step("submit")
        self.submitted_at = now
        self.record(
            ApplicationSubmitted(
                application_id=self.id,
                applicant_id=self.applicant_id,
                organisation_name=self.profile.name,
                submitted_at=now,
            )
        )

    def withdraw(self, *, by: Caller, now: datetime) -> None:
        self._require_applicant(by)
        self._step("withdraw")
        self.record(
            ApplicationWithdrawn(
                application_id=self.id,
                applicant_id=self.applicant_id,
                organisation_name=self.profile.name,
                withdrawn_at=now,
            )
        )

    # --- the reviewers' verbs -----------------------------------------------------------------------------

    def review(self, *, by: Caller) -> None:
        self._reviewer(by)
        self._step("review")

    def request_changes(self, message: str, *, by: Caller, now: datetime) -> None:
        reviewer = self._reviewer(by)
        self._step("request_changes")
        self.remarks += (Remark(at=now, person_id=reviewer, words=message),)
        self.record(
            ChangesRequested(
                application_id=self.id,
                applicant_id=self.applicant_id,
                organisation_name=self.profile.name,
                message=message,
                requested_at=now,
            )
        )

    def admit(self, *, organisation_id: str, by: Caller, now: datetime) -> Organisation:
        """The organisation becomes an affiliate: the answer is the new member, with the applicant in it."""
        self._reviewer(by)
        self._step("admit")
        self.decided_at = now
        self.organisation_id = organisation_id
        return Organisation.affiliate(
            id=organisation_id,
            profile=self.profile,
            application_id=self.id,
            applicant_id=self.applicant_id,
            now=now,
        )

    def reject(self, reason: str, *, by: Caller, now: datetime) -> None:
        reviewer = self._reviewer(by)
        self._step("reject")
        self.decided_at = now
        self.remarks += (Remark(at=now, person_id=reviewer, words=reason),)
        self.record(
            ApplicationRejected(
                application_id=self.id,
                applicant_id=self.applicant_id,
                organisation_name=self.profile.name,
                reason=reason,
                rejected_at=now,
            )
        )

    # --- who may ------------------------------------------------------------------------------------------

    def let_read(self, *, by: Caller) -> None:
        if by.person_id != self.applicant_id and not STAFF.met_by(by):
            raise Forbidden(who_it=f"chi ha presentato la domanda, {STAFF.it}", who_en=f"the applicant, {STAFF.en}")

    def _require_applicant(self, by: Caller) -> None:
        if by.person_id != self.applicant_id:
            raise Forbidden(who_it="chi ha presentato la domanda", who_en="the applicant")

    def _reviewer(self, by: Caller) -> str:
        reviewer = identified(by)
        if reviewer == self.applicant_id:
            raise OwnApplication()
        return reviewer

    def _step(self, verb: str) -> None:
        if self.state not in STEPS[verb]:
            state, wanted = _STATES[self.state], _VERBS[verb]
            raise MembershipStepNotAllowed(state_it=state.it, state_en=state.en, verb_it=wanted.it, verb_en=wanted.en)
        self.state = STEPS[verb][self.state]
