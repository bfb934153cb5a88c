"""Which events leave the hub by webhook, and whose endpoints may have them.

What names people is taken out: an endpoint gets what its organisation may know, and everyone what is public.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.notifications.domain.webhooks import Posting
from services.notifications.telling import payload
from shared.contracts import calls, catalogue, membership, notifications, policy, support
from shared.contracts.declaration import EventContract, contract_of, to_wire

Organisations = Callable[[Any], tuple[str, ...]]


@dataclass(frozen=True)
class Exposed:
    """Whose an event is: everyone's, or that of some organisations."""

    organisations: Organisations | None = None


PUBLIC = Exposed()


def _member(event: Any) -> tuple[str, ...]:
    return (event.organisation_id,)


def _applicant(event: Any) -> tuple[str, ...]:
    return (event.application.organisation_id,)


def _both_sides(event: Any) -> tuple[str, ...]:
    return event.owner_id, event.requester_id


EXPOSED: dict[type, Exposed] = {
    **dict.fromkeys(
        (
            calls.CallPublished,
            calls.CallOpened,
            calls.CallAmended,
            calls.DeadlineExtended,
            calls.CallClosingSoon,
            calls.CallClosed,
            calls.CallSuspended,
            calls.CallResumed,
            calls.CallWithdrawn,
            calls.RankingPublished,
            membership.MemberAppointed,
            membership.AffiliateJoined,
            membership.SpokeJoined,
            membership.MemberUpdated,
            membership.ExpressionOfInterestOpened,
            membership.ExpressionOfInterestExtended,
            membership.ExpressionOfInterestClosed,
            membership.ExpressionOfInterestWithdrawn,
            membership.OutcomePublished,
            catalogue.ItemPublished,
            catalogue.ItemUpdated,
            catalogue.ItemUnpublished,
            catalogue.ItemRetired,
            policy.ConsultationOpened,
            policy.ConsultationExtended,
            policy.ConsultationClosed,
            policy.MeasureAdopted,
            policy.MeasureImplemented,
            policy.MeasureConcluded,
            policy.MeasureEvaluated,
            support.TrainingScheduled,
            support.TrainingChanged,
            support.TrainingCancelled,
            notifications.DeadlineNear,
        ),
        PUBLIC,
    ),
    **dict.fromkeys(
        (
            calls.ApplicationDrafted,
            calls.ApplicationSubmitted,
            calls.ApplicationRegistered,
            calls.IntegrationRequested,
            calls.IntegrationAnswered,
            calls.IntegrationLapsed,
            calls.ApplicationFoundIneligible,
            calls.ApplicationAdmittedToEvaluation,
            calls.ApplicationWithdrawn,
            calls.DraftExpired,
            calls.AwardGranted,
            calls.AwardRevoked,
            calls.AwardRenounced,
        ),
        Exposed(_applicant),
    ),
    **dict.fromkeys(
        (
            membership.MemberSuspended,
            membership.MemberReinstated,
            membership.MemberLeft,
            membership.TermExpiring,
            membership.RenewalRequested,
            membership.TermRenewed,
        ),
        Exposed(_member),
    ),
    **dict.fromkeys(
        (
            catalogue.AccessAnswered,
            catalogue.AccessCompleted,
            catalogue.AccessCancelled,
            catalogue.AccessRated,
        ),
        Exposed(_both_sides),
    ),
    catalogue.AccessRequested: Exposed(lambda event: (event.item.owner.id, event.requester_id)),
    catalogue.AccessMessageSent: Exposed(lambda event: (event.from_organisation_id, event.to_organisation_id)),
    catalogue.ItemReturned: Exposed(lambda event: (event.item.owner.id,)),
    catalogue.ItemConfirmationDue: Exposed(lambda event: (event.item.owner.id,)),
}
"""Every event that may be posted; the others stay in the house."""

TYPES = frozenset(contract_of(event, EventContract).type for event in EXPOSED)

ALSO_TO_THE_PAUSED = frozenset(
    contract_of(event, EventContract).type
    for event in (membership.MemberSuspended, membership.MemberReinstated, membership.MemberLeft)
)
"""What pauses endpoints and has them go on: posted whether it is heard here before the pause or after it."""

_PERSONAL = frozenset(
    {
        *("person_id", "person_ids", "applicant_id", "author_ids", "requester_person_id"),
        *("administrator_ids", "reviewer_ids", "evaluator_ids"),
    }
)


def posting_of(event: Any, event_id: str, at: Any) -> Posting:
    """The event as endpoints get it."""
    exposed = EXPOSED[type(event)]
    type_ = contract_of(type(event), EventContract).type
    return Posting(
        id=event_id,
        type=type_,
        body=payload(type_, at, _without_people(to_wire(event))),
        at=at,
        public=exposed.organisations is None,
        organisations=tuple(dict.fromkeys(exposed.organisations(event))) if exposed.organisations else (),
    )


def _without_people(said: Any) -> Any:
    if isinstance(said, dict):
        return {name: _without_people(value) for name, value in said.items() if name not in _PERSONAL}
    return [_without_people(value) for value in said] if isinstance(said, list) else said
