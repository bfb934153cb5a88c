"""Calls (bandi): drafted here or aggregated from the sources, published, opened and closed on time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from shared.contracts.declaration import command, event, query
from shared.contracts.replay import Retold
from shared.contracts.rights import DEPARTMENTS, PROMOTER_STAFF, PUBLIC, SERVICES, STAFF
from shared.contracts.shapes import Count, Id, Instant, Line, LongText, Money, PageSize, Prose, SearchWords, Text, Url
from shared.contracts.vocabulary import CallType, PersonRole, Province, Recipient, Subsector, Topic

DRAFTERS = STAFF | DEPARTMENTS.at_least(PersonRole.editor)

# --- shapes -----------------------------------------------------------------------------------------------


class CallState(str, Enum):
    """What is stored."""

    draft = "draft"
    in_review = "in_review"
    set_aside = "set_aside"
    """Imported, found not relevant to culture and creativity: waits for an editor's eye."""
    published = "published"
    suspended = "suspended"
    withdrawn = "withdrawn"
    archived = "archived"


class CallPhase(str, Enum):
    """Where a published call stands in time: derived from its dates, never stored."""

    scheduled = "scheduled"
    open = "open"
    closing_soon = "closing_soon"
    in_evaluation = "in_evaluation"
    concluded = "concluded"
    rolling = "rolling"


class ImportOutcome(str, Enum):
    running = "running"
    ok = "ok"
    partial = "partial"
    failed = "failed"
    empty = "empty"


class CallOrder(str, Enum):
    """How a list of calls is sorted."""

    open_first = "open_first"
    """Open ones by deadline, then those still to open, then those in evaluation and concluded, the latest first."""
    closes_at = "closes_at"
    opens_at = "opens_at"
    newest = "newest"


@dataclass(frozen=True, kw_only=True)
class Document:
    """A document of a call, at its address."""

    title: Line
    url: Url


@dataclass(frozen=True, kw_only=True)
class Contact:
    """Whom to ask about a call."""

    name: Line | None = None
    email: Line | None = None
    phone: Line | None = None


@dataclass(frozen=True, kw_only=True)
class SaidInLanguage:
    """What a source says of a field in one language, as it says it."""

    language: Line
    value: Line


@dataclass(frozen=True, kw_only=True)
class Dispute:
    """A field of which a source says different things in its languages: look at the source before relying on it."""

    field: Line
    said: tuple[SaidInLanguage, ...]


@dataclass(frozen=True, kw_only=True)
class CallSource:
    """Where an imported call came from."""

    system: Line
    """The source's id, see `ListSources`."""
    external_id: Line
    url: Url | None = None
    disputes: tuple[Dispute, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OtherLabel:
    """What a source says in a field that the hub has no word for: kept as it was said."""

    field: Line
    """The field of `CallContent` it was said in."""
    label: Line


@dataclass(frozen=True, kw_only=True)
class Detail:
    """Something else a reader wants to know of a call: what it is, and what is said of it."""

    label: Text
    value: Prose


@dataclass(frozen=True, kw_only=True)
class CallContent:
    """What a call says: everything an editor writes and an amendment may change."""

    type: CallType
    title: Text
    summary: LongText | None = None
    body: LongText | None = None
    """Safe HTML: what is not plain formatting is taken out."""
    issuer: Line
    programme: Line | None = None
    subsectors: tuple[Subsector, ...] = ()
    topics: tuple[Topic, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    provinces: tuple[Province, ...] = ()
    """Empty: the whole Region."""
    budget: Money | None = None
    grant_minimum: Money | None = None
    grant_maximum: Money | None = None
    grant_rate: Count | None = None
    """Share of the costs covered, in percent."""
    documents: tuple[Document, ...] = ()
    contacts: tuple[Contact, ...] = ()
    opens_at: Instant | None = None
    """Absent: from publication."""
    closes_at: Instant | None = None
    """Absent: rolling. 00:00 in Europe/Rome means the end of that day."""
    procedure_ends_at: Instant | None = None
    other_labels: tuple[OtherLabel, ...] = ()
    """Kinds of recipient, topics and types of an imported call that are in none of the hub's lists."""
    costs_minimum: Money | None = None
    costs_maximum: Money | None = None
    """How large the eligible costs of a project may be."""
    ateco: Prose | None = None
    """The economic activities it is meant for: ATECO codes, or in words."""
    details: tuple[Detail, ...] = ()
    """What else there is to know: forms of support, eligible costs, legal basis, places."""
    measure_id: Id | None = None
    """The policy measure it carries out."""


@dataclass(frozen=True, kw_only=True)
class CallCard:
    """A call's public state in brief: what events carry and other services keep."""

    id: Id
    type: CallType
    title: Text
    summary: LongText | None = None
    issuer: Line
    subsectors: tuple[Subsector, ...] = ()
    topics: tuple[Topic, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    provinces: tuple[Province, ...] = ()
    opens_at: Instant | None = None
    closes_at: Instant | None = None
    procedure_ends_at: Instant | None = None
    url: Url | None = None
    budget: Money | None = None
    measure_id: Id | None = None


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """One field of an amended call, as JSON values: `before` → `after`. A text is one field a language, `title.it`."""

    field: Line
    before: Any = None
    after: Any = None


@dataclass(frozen=True, kw_only=True)
class Amendment:
    """One new version of a published call, field by field."""

    version: Count
    at: Instant
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, kw_only=True)
class Relevance:
    """Why an imported call was published or set aside."""

    relevant: bool
    reasons: tuple[Text, ...]
    """The rules that decided, in words; an editor's own words where one decided."""
    decided_at: Instant | None = None
    """When an editor decided: from then on no rule decides on this call."""


@dataclass(frozen=True, kw_only=True)
class CallView:
    """A call as readers see it; drafts and what was set aside are for those who write calls."""

    id: Id
    version: Count
    state: CallState
    phase: CallPhase | None = None
    """Only while published."""
    state_reason: Line | None = None
    """Why it is suspended or was withdrawn."""
    content: CallContent
    source: CallSource | None = None
    relevance: Relevance | None = None
    created_at: Instant
    published_at: Instant | None = None
    vanished_at: Instant | None = None
    """Since when its source no longer lists it."""
    amendments: tuple[Amendment, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CallCount:
    """How many of the calls found have this value."""

    value: Line
    label: Text
    count: Count


@dataclass(frozen=True, kw_only=True)
class CallFacets:
    """The calls found, counted by what they can be narrowed down by: the most frequent first, none that is empty."""

    phase: tuple[CallCount, ...] = ()
    type: tuple[CallCount, ...] = ()
    subsector: tuple[CallCount, ...] = ()
    topic: tuple[CallCount, ...] = ()
    recipient: tuple[CallCount, ...] = ()
    province: tuple[CallCount, ...] = ()
    source: tuple[CallCount, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CallPage:
    items: tuple[CallView, ...]
    next: str | None
    total: Count
    facets: CallFacets | None = None
    """Where they were asked for."""


@dataclass(frozen=True, kw_only=True)
class RecordFailure:
    """One record of an import that could not be taken, and why."""

    position: Count
    """Its place in the document, from 0."""
    external_id: Line | None = None
    reason: Text


@dataclass(frozen=True, kw_only=True)
class ImportView:
    """One run of an import: its health, its counts, and what failed."""

    id: Id
    version: Count
    source: Line
    outcome: ImportOutcome
    started_at: Instant
    finished_at: Instant | None = None
    records: Count = 0
    done: Count = 0
    new: Count = 0
    amended: Count = 0
    unchanged: Count = 0
    set_aside: Count = 0
    """How many of the new ones were found not relevant."""
    vanished: Count = 0
    failed: Count = 0
    failures: tuple[RecordFailure, ...] = ()
    """The first hundred."""
    cause: Text | None = None
    """Why the run as a whole failed."""


@dataclass(frozen=True, kw_only=True)
class ImportPage:
    items: tuple[ImportView, ...]
    next: str | None
    total: Count


# --- events -----------------------------------------------------------------------------------------------


@event(version=1, subject="call_id")
@dataclass(frozen=True, kw_only=True)
class CallPublished:
    """A call is public; it may open later."""

    call_id: Id
    call: CallCard
    published_at: Instant


@event(version=1, subject="call_id")
@dataclass(frozen=True, kw_only=True)
class CallOpened:
    """A published call has reached its opening time: applications may come in."""

    call_id: Id
    call: CallCard
    opened_at: Instant


@event(version=1, subject="call_id")
@dataclass(frozen=True, kw_only=True)
class CallAmended:
    """A published call has changed: the new state, and the difference field by field."""

    call_id: Id
    call: CallCard
    changes: tuple[FieldChange, ...]
    amended_at: Instant


@event(version=1, subject="call_id")
@dataclass(frozen=True, kw_only=True)
class DeadlineExtended:
    """A published call closes later than it said."""

    call_id: Id
    call: CallCard
    before: Instant
    after: Instant
    extended_at: Instant


@event(version=1, subject="call_id")
@dataclass(frozen=True, kw_only=True)
class CallClosingSoon:
    """An open call closes in 7 days or in 1 day."""

    call_id: Id
    call: CallCard
    days_left: Count
    """Days begun until the deadline: 7 or 1, or fewer than 7 when the hub could not tell it on the day."""


@event(version=1, subject="call_id")
@dataclass(frozen=True, kw_only=True)
class CallClosed:
    """A call has reached its deadline."""

    call_id: Id
    call: CallCard
    closed_at: Instant


@event(version=1, subject="call_id")
@dataclass(frozen=True, kw_only=True)
class CallSuspended:
    """A published call is halted for a while, with the reason."""

    call_id: Id
    call: CallCard
    reason: Prose
    suspended_at: Instant


@event(version=1, subject="call_id")
@dataclass(frozen=True, kw_only=True)
class CallResumed:
    """A suspended call is public again."""

    call_id: Id
    call: CallCard
    resumed_at: Instant


@event(version=1, subject="call_id")
@dataclass(frozen=True, kw_only=True)
class CallWithdrawn:
    """A call is taken back for good, with the reason."""

    call_id: Id
    call: CallCard
    reason: Prose
    withdrawn_at: Instant


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
    """Which calls: all that is said must hold. Without `state`: the published ones."""

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
    """Words in Italian or English, in any form: each must be in the call."""
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


# --- imports ----------------------------------------------------------------------------------------------


@command(who=STAFF, answers=ImportView)
@dataclass(frozen=True, kw_only=True)
class ImportCalls:
    """Take in a document of a source, record by record, in the background: the answer is the run to look at."""

    source: Line
    """The source's id, such as `emilia-romagna`: see `ListSources`."""
    document: Any
    """As the source gives it: for `emilia-romagna` its REST search's answer, `{"items": […], "items_total": n}`; for a
    feed its XML as a text.
    """


@query(who=STAFF, answers=ImportView)
@dataclass(frozen=True, kw_only=True)
class GetImport:
    """One run of an import."""

    import_id: Id


@query(who=STAFF, answers=ImportPage)
@dataclass(frozen=True, kw_only=True)
class ListImports:
    """Runs of imports, newest first."""

    source: Line | None = None
    limit: PageSize = 20
    cursor: str | None = None
