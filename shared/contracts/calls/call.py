"""Calls (bandi): drafted here or aggregated from the sources, published, opened and closed on time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from shared.contracts.shapes import Count, Id, Instant, Line, LongText, Money, Prose, Text, Url
from shared.contracts.vocabulary import CallType, Province, Recipient, Subsector, Topic


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
