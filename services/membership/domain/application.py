"""Applications for membership: from draft to outcome.

draft → submitted → under_review ⇄ changes_requested → admitted | rejected
and withdrawn by the applicant at any time before the outcome

An application for affiliation is decided by the promoter's staff. One to an expression of interest is scored by its
reviewers and decided with all others when the outcome is published.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from services.membership.domain import scoring, ways_in
from services.membership.domain.application_states import (
    APPLY_AGAIN_AFTER,
    MOST_DOCUMENTS,
    DecidedByOutcome,
    DocumentsMissing,
    NoSubsectorDeclared,
    NotScored,
    OwnApplication,
    SeatOutsideRegion,
    TooManyDocuments,
    TooSoonToApplyAgain,
    step,
)
from services.membership.domain.organisation import Organisation
from services.membership.domain.person import Caller, identified
from services.membership.domain.profile import settled
from services.membership.domain.scoring import Score, Ties
from shared.contracts.aggregate import Aggregate
from shared.contracts.files import StoredFile
from shared.contracts.membership import (
    ApplicationRejected,
    ApplicationState,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    ChangesRequested,
    Criterion,
    Points,
    Profile,
    Recusal,
    Remark,
)
from shared.contracts.rights import PROMOTER_STAFF, STAFF
from shared.contracts.vocabulary import Province
from shared.errors import Forbidden, NotFound
from shared.rome import moment_in_rome


@dataclass(kw_only=True)
class Application(Aggregate):
    """An organisation's request to become a member, made by one person."""

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
    """The member it became; or the affiliate that wants to become a spoke."""
    expression_of_interest_id: str | None = None
    """None: for affiliation."""
    documents: tuple[StoredFile, ...] = ()
    scores: tuple[Score, ...] = ()
    recusals: tuple[Recusal, ...] = ()

    # --- the applicant's verbs ----------------------------------------------------------------------------

    @classmethod
    def draft(
        cls,
        *,
        id: str,
        profile: Profile,
        motivation: str,
        applicant_id: str,
        now: datetime,
        expression_of_interest_id: str | None = None,
        affiliate: Organisation | None = None,
    ) -> Application:
        """`affiliate`: the member that wants to become a spoke; its administrators apply for it."""
        if affiliate:
            affiliate.let_apply_as_spoke()
        return cls(
            id=id,
            profile=settled(profile),
            motivation=motivation,
            applicant_id=applicant_id,
            created_at=now,
            expression_of_interest_id=expression_of_interest_id,
            organisation_id=affiliate.id if affiliate else None,
        )

    def revise(self, *, profile: Profile, motivation: str, by: Caller) -> None:
        self._require_applicant(by)
        self._step("revise")
        self.profile = settled(profile)
        self.motivation = motivation

    def let_attach(self, *, by: Caller) -> None:
        """Whether a document may come: asked before its first byte is kept."""
        self._require_applicant(by)
        self._step("revise")
        if len(self.documents) >= MOST_DOCUMENTS:
            raise TooManyDocuments(most=MOST_DOCUMENTS)

    def attach(self, document: StoredFile, *, by: Caller) -> None:
        self.let_attach(by=by)
        self.documents += (document,)

    def detach(self, file_id: str, *, by: Caller) -> None:
        self._require_applicant(by)
        self._step("revise")
        self.document(file_id)
        self.documents = tuple(document for document in self.documents if document.id != file_id)

    def document(self, file_id: str) -> StoredFile:
        for document in self.documents:
            if document.id == file_id:
                return document
        raise NotFound(what="file", id=file_id)

    @property
    def is_new(self) -> bool:
        """Whether it was never handed in: what comes later than that may come when the window has closed."""
        return self.state is ApplicationState.draft

    def submit(
        self, *, by: Caller, now: datetime, rejected_at: datetime | None = None, required_documents: int = 0
    ) -> None:
        """Hand in, or hand in again after changes. Who applies is of the territory and of the field.

        `rejected_at`: when the organisation was last refused affiliation.
        """
        self._require_applicant(by)
        if rejected_at and self.expression_of_interest_id is None and now < rejected_at + APPLY_AGAIN_AFTER:
            raise TooSoonToApplyAgain(again=moment_in_rome(rejected_at + APPLY_AGAIN_AFTER))
        if len(self.documents) < required_documents:
            raise DocumentsMissing(wanted=required_documents)
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
                expression_of_interest_id=self.expression_of_interest_id,
            )
        )

    def withdraw(self, *, by: Caller, now: datetime) -> None:
        self._require_applicant(by)
        self.lapse(now=now)

    def lapse(self, *, now: datetime) -> None:
        """Withdrawn with the expression of interest it was made to, or with the person who made it."""
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
        if self.scores:
            raise scoring.AlreadyScored()
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
        self._require_affiliation()
        self._step("admit")
        self.decided_at = now
        self.organisation_id = organisation_id
        return ways_in.affiliate(
            id=organisation_id,
            profile=self.profile,
            application_id=self.id,
            applicant_id=self.applicant_id,
            now=now,
        )

    def reject(self, reason: str, *, by: Caller, now: datetime) -> None:
        reviewer = self._reviewer(by)
        self._require_affiliation()
        self._reject(reason, reviewer, now)

    @property
    def may_apply_again_at(self) -> datetime | None:
        """Once affiliation was refused: from when the organisation may ask for it again."""
        if self.state is not ApplicationState.rejected or self.expression_of_interest_id is not None:
            return None
        return self.decided_at and self.decided_at + APPLY_AGAIN_AFTER

    def _reject(self, reason: str, reviewer: str, now: datetime) -> None:
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
                expression_of_interest_id=self.expression_of_interest_id,
                may_apply_again_at=self.may_apply_again_at,
            )
        )

    # --- to an expression of interest ---------------------------------------------------------------------

    def score(
        self,
        points: Sequence[Points],
        words: str,
        *,
        criteria: Sequence[Criterion],
        reviewers: Collection[str],
        ties: Ties,
        by: Caller,
        now: datetime,
    ) -> None:
        """What one of its reviewers gives, once. Raises `ConflictOfInterest` for a reviewer who is tied to it."""
        reviewer = self._reviewer(by)
        self._require_scored()
        if reviewer not in reviewers:
            raise scoring.NotAReviewer()
        if any(recusal.reviewer_id == reviewer for recusal in self.recusals):
            raise scoring.AlreadyRecused()
        if ties.bind(self.profile.tax_code, self.applicant_id):
            raise scoring.ConflictOfInterest()
        if self.score_of(reviewer):
            raise scoring.AlreadyScored()
        given = Score(reviewer_id=reviewer, points=scoring.fitting(points, criteria), words=words, at=now)
        self._step("score")
        self.scores += (given,)

    def recuse(self, reviewer_id: str, reason: str, *, reviewers: Collection[str], by: Caller, now: datetime) -> None:
        """One's own right, or the promoter's staff's for somebody else."""
        self._require_scored()
        if by.person_id != reviewer_id and not PROMOTER_STAFF.met_by(by):
            raise Forbidden(who_it=f"il valutatore, {PROMOTER_STAFF.it}", who_en=f"the reviewer, {PROMOTER_STAFF.en}")
        if reviewer_id not in reviewers:
            raise scoring.NotAReviewer()
        if reviewer_id not in self.scorers(reviewers):
            raise scoring.AlreadyRecused()
        if self.score_of(reviewer_id):
            raise scoring.AlreadyScored()
        if len(self.scorers(reviewers)) == 1:
            raise scoring.NobodyLeftToScore()
        step(self.state, "recuse")
        self.recusals += (Recusal(reviewer_id=reviewer_id, reason=reason, at=now),)

    def scorers(self, reviewers: Collection[str]) -> frozenset[str]:
        return frozenset(reviewers) - {recusal.reviewer_id for recusal in self.recusals}

    def awaited(self, reviewers: Collection[str]) -> frozenset[str]:
        """The reviewers who have not given their score yet."""
        return self.scorers(reviewers) - {score.reviewer_id for score in self.scores}

    def all_scores_are_in(self, reviewers: Collection[str]) -> bool:
        return bool(self.scores) and not self.awaited(reviewers)

    def score_of(self, reviewer_id: str | None) -> Score | None:
        return next((score for score in self.scores if score.reviewer_id == reviewer_id), None)

    @property
    def mean_score(self) -> Fraction:
        return scoring.mean(self.scores)

    def admit_as_spoke(self, *, organisation_id: str, now: datetime) -> None:
        """By the outcome: it has reached the minimum."""
        self._require_scored()
        self._step("admit")
        self.decided_at = now
        self.organisation_id = organisation_id

    def fall_short(self, minimum: int, *, by: Caller, now: datetime) -> None:
        """By the outcome: it has not reached the minimum."""
        self._require_scored()
        got = f"{scoring.written(self.mean_score):.2f}"
        reason = (
            f"Punteggio {got.replace('.', ',')}, inferiore al minimo di {minimum}. / "
            f"Score {got}, below the minimum of {minimum}."
        )
        self._reject(reason, identified(by), now)

    def _require_affiliation(self) -> None:
        if self.expression_of_interest_id is not None:
            raise DecidedByOutcome()

    def _require_scored(self) -> None:
        if self.expression_of_interest_id is None:
            raise NotScored()

    def anonymise(self, person_id: str, pseudonym: str) -> None:
        """What was asked, said and decided stays; who it was is nobody who can be found."""

        def named(somebody: str) -> str:
            return pseudonym if somebody == person_id else somebody

        self.applicant_id = named(self.applicant_id)
        self.remarks = tuple(replace(it, person_id=named(it.person_id)) for it in self.remarks)
        self.scores = tuple(replace(it, reviewer_id=named(it.reviewer_id)) for it in self.scores)
        self.recusals = tuple(replace(it, reviewer_id=named(it.reviewer_id)) for it in self.recusals)
        self.documents = tuple(replace(it, uploaded_by=named(it.uploaded_by)) for it in self.documents)

    def forget_address(self, email: str, instead: str) -> None:
        """The applicant's own address may be the one they gave for the organisation."""
        if self.profile.email == email:
            self.profile = replace(self.profile, email=instead)

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
        self.state = step(self.state, verb)
