"""Calls written, published, ended and read: what may be asked of them."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.calls.call import (
    CallContent,
    CallOrder,
    CallPage,
    CallPhase,
    CallState,
    CallView,
)
from shared.contracts.declaration import command, query
from shared.contracts.replay import Retold
from shared.contracts.rights import DEPARTMENTS, PROMOTER_STAFF, PUBLIC, SERVICES, STAFF
from shared.contracts.shapes import Count, Id, Instant, Line, PageSize, SearchWords
from shared.contracts.vocabulary import CallType, PersonRole, Province, Recipient, Subsector, Topic

DRAFTERS = STAFF | DEPARTMENTS.at_least(PersonRole.editor)

# --- writing calls ----------------------------------------------------------------------------------------


@command(who=DRAFTERS, answers=CallView)
@dataclass(frozen=True, kw_only=True)
class DraftCall:
    """Begin a call of the hub's own."""

    content: CallContent


@command(who=DRAFTERS, answers=CallView)
@dataclass(frozen=True, kw_only=True)
class ReviseCall:
    """Change what a call says: a draft simply, a published call as an amendment that its watchers are told."""

    call_id: Id
    expected_version: Count
    content: CallContent


@command(who=DRAFTERS, answers=CallView)
@dataclass(frozen=True, kw_only=True)
class SubmitCallForReview:
    """Hand a draft to those who publish."""

    call_id: Id
    expected_version: Count


@command(who=STAFF, answers=CallView)
@dataclass(frozen=True, kw_only=True)
class PublishCall:
    """Make a call public: a draft, one in review, or one the import had set aside."""

    call_id: Id
    expected_version: Count


@command(who=STAFF, answers=CallView)
@dataclass(frozen=True, kw_only=True)
class DecideRelevance:
    """An editor decides whether an imported call concerns culture and creativity; the rules never overrule it.

    A relevant one is published; one that is not is set aside, also where it was public.
    """

    call_id: Id
    expected_version: Count
    relevant: bool
    reason: Line


@command(who=STAFF, answers=CallView)
@dataclass(frozen=True, kw_only=True)
class ExtendDeadline:
    """Let a published call close later."""

    call_id: Id
    expected_version: Count
    closes_at: Instant


@command(who=PROMOTER_STAFF, answers=CallView)
@dataclass(frozen=True, kw_only=True)
class SuspendCall:
    """Halt a published call for a while."""

    call_id: Id
    expected_version: Count
    reason: Line


@command(who=PROMOTER_STAFF, answers=CallView)
@dataclass(frozen=True, kw_only=True)
class ResumeCall:
    """Make a suspended call public again."""

    call_id: Id
    expected_version: Count


@command(who=PROMOTER_STAFF, answers=CallView)
@dataclass(frozen=True, kw_only=True)
class WithdrawCall:
    """Take a published or suspended call back for good."""

    call_id: Id
    expected_version: Count
    reason: Line


@command(who=STAFF, answers=CallView)
@dataclass(frozen=True, kw_only=True)
class ArchiveCall:
    """Put away a concluded or withdrawn call, or one that was set aside."""

    call_id: Id
    expected_version: Count


# --- reading calls ----------------------------------------------------------------------------------------


@query(who=PUBLIC, answers=CallView)
@dataclass(frozen=True, kw_only=True)
class GetCall:
    """One call, with its amendments."""

    call_id: Id


@dataclass(frozen=True, kw_only=True)
class CallFilter:
    """Which calls: all that is said must hold. Without `state`: the published ones. A `state` is for staff to ask
    for, and for a department among the calls it has drafted.
    """

    state: CallState | None = None
    phase: CallPhase | None = None
    type: CallType | None = None
    subsector: Subsector | None = None
    topic: Topic | None = None
    recipient: Recipient | None = None
    province: Province | None = None
    """Calls for the whole Region are among those of each of its provinces."""
    source: Line | None = None
    """A source's id; `hub`: the hub's own calls."""
    q: SearchWords | None = None
    """Words in Italian or English, in any form: each that says something must be in the call."""
    budget_from: Count | None = None
    """In cents."""
    budget_to: Count | None = None
    closes_after: Instant | None = None
    closes_before: Instant | None = None


@query(who=PUBLIC, answers=CallPage)
@dataclass(frozen=True, kw_only=True)
class ListCalls(CallFilter):
    """Calls by words, phase, type, subsector, topic, recipient, province, budget and deadline; open ones first."""

    facets: bool = False
    sort: CallOrder = CallOrder.open_first
    limit: PageSize = 20
    cursor: str | None = None


@query(who=SERVICES, answers=Retold, internal=True)
@dataclass(frozen=True, kw_only=True)
class RetellCalls:
    """The present state of every call that was published, as events, for a service that came late."""

    cursor: str | None = None
