"""Applications for the grants of the hub's own calls: from a draft to the outcome, with their documents.

Not to be taken for applications for membership (`shared.contracts.membership`): what is shown and asked here bears the
name `GrantApplication`, and stands under `/v1/calls/{call_id}/applications`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from shared.contracts.declaration import event
from shared.contracts.files import StoredFile
from shared.contracts.shapes import Count, Id, Instant, Line, Money, Prose, Text
from shared.contracts.vocabulary import Province, Subsector

# --- shapes -----------------------------------------------------------------------------------------------


class GrantApplicationState(str, Enum):
    draft = "draft"
    submitted = "submitted"
    registered = "registered"
    """It has its protocol number."""
    eligibility_check = "eligibility_check"
    integration_requested = "integration_requested"
    ineligible = "ineligible"
    under_evaluation = "under_evaluation"
    ranked = "ranked"
    """It has its place in a ranking that is not published yet."""
    funded = "funded"
    admitted_not_funded = "admitted_not_funded"
    """Good enough, but the budget ended before it: it moves up when money comes back."""
    not_admitted = "not_admitted"
    """Below the threshold."""
    completed = "completed"
    withdrawn = "withdrawn"
    revoked = "revoked"
    expired_draft = "expired_draft"
    """Still a draft when its call closed."""


@dataclass(frozen=True, kw_only=True)
class ProjectPartner:
    """An organisation that would carry the project out together with the applicant."""

    name: Line
    organisation_id: Id | None = None
    """Where it is a member of the hub."""


@dataclass(frozen=True, kw_only=True)
class GrantApplicationContent:
    """What an application says."""

    title: Line
    summary: Prose
    subsectors: tuple[Subsector, ...] = ()
    provinces: tuple[Province, ...] = ()
    partners: tuple[ProjectPartner, ...] = ()
    total_cost: Money
    requested: Money


@dataclass(frozen=True, kw_only=True)
class ProtocolNumber:
    """The number in the register of incoming documents: for each call and year they go 1, 2, 3 … without a gap."""

    year: Count
    """Of the submission, in Europe/Rome."""
    number: Count


@dataclass(frozen=True, kw_only=True)
class IntegrationView:
    """What staff asked to be added to an application, and what came."""

    message: Prose
    asked_at: Instant
    due_at: Instant
    answer: Prose | None = None
    answered_at: Instant | None = None
    lapsed_at: Instant | None = None
    """When it was found that nothing had come in time."""


@dataclass(frozen=True, kw_only=True)
class GrantApplicationCard:
    """An application in brief: what events carry."""

    id: Id
    call_id: Id
    call_title: Text
    measure_id: Id | None = None
    """The policy measure that the call carries out."""
    organisation_id: Id
    organisation_name: Line
    person_id: Id
    """Who began it."""
    title: Line
    subsectors: tuple[Subsector, ...] = ()
    requested: Money
    protocol: ProtocolNumber | None = None


@dataclass(frozen=True, kw_only=True)
class GrantApplicationView:
    """An application, as its applicant, staff and its evaluators see it."""

    id: Id
    version: Count
    call_id: Id
    state: GrantApplicationState
    state_reason: Prose | None = None
    """Why it is ineligible, revoked or withdrawn."""
    organisation_id: Id
    organisation_name: Line
    content: GrantApplicationContent
    attachments: tuple[StoredFile, ...] = ()
    integrations: tuple[IntegrationView, ...] = ()
    drafted_at: Instant
    submitted_at: Instant | None = None
    protocol: ProtocolNumber | None = None
    position: Count | None = None
    """In the ranking; once published for applicants."""
    score: Count | None = None
    """In hundredths, 0–10000; once the ranking is published for applicants."""
    granted: Money | None = None


@dataclass(frozen=True, kw_only=True)
class GrantApplicationPage:
    items: tuple[GrantApplicationView, ...]
    next: str | None
    total: Count


# --- events -----------------------------------------------------------------------------------------------


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class ApplicationDrafted:
    """An organisation has begun an application: its people want to hear of the call's deadline."""

    application_id: Id
    application: GrantApplicationCard
    drafted_at: Instant


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class ApplicationSubmitted:
    """An application has been handed in, in time."""

    application_id: Id
    application: GrantApplicationCard
    submitted_at: Instant


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class ApplicationRegistered:
    """An application has its protocol number."""

    application_id: Id
    application: GrantApplicationCard
    registered_at: Instant


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class IntegrationRequested:
    """Staff ask the applicant to add something to an application, by a date."""

    application_id: Id
    application: GrantApplicationCard
    message: Prose
    due_at: Instant
    requested_at: Instant


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class IntegrationAnswered:
    """The applicant has added what was asked."""

    application_id: Id
    application: GrantApplicationCard
    answered_at: Instant


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class IntegrationLapsed:
    """What was asked of an applicant did not come in time."""

    application_id: Id
    application: GrantApplicationCard
    lapsed_at: Instant


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class ApplicationFoundIneligible:
    """An application does not meet the call's conditions, with the reason."""

    application_id: Id
    application: GrantApplicationCard
    reason: Prose
    found_at: Instant


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class ApplicationAdmittedToEvaluation:
    """An application meets the call's conditions: its evaluators may score it."""

    application_id: Id
    application: GrantApplicationCard
    evaluator_ids: tuple[Id, ...]
    """The people asked to score it."""
    admitted_at: Instant


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class ApplicationWithdrawn:
    """The applicant has taken an application back, or has renounced its grant."""

    application_id: Id
    application: GrantApplicationCard
    reason: Prose | None = None
    withdrawn_at: Instant


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class DraftExpired:
    """A call has closed before its application was handed in."""

    application_id: Id
    application: GrantApplicationCard
    expired_at: Instant
