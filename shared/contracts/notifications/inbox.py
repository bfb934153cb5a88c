"""The inbox: what a person was told, and how far they got with it; and the events about telling."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from shared.contracts.declaration import command, event, query
from shared.contracts.rights import REGISTERED, SERVICES
from shared.contracts.shapes import Count, Id, Instant, Line, LongText, PageSize, Text

# --- shapes -----------------------------------------------------------------------------------------------


class FormerCategory(str, Enum):
    """The categories version 1 of `notification_delivered` knows."""

    call_opened = "call_opened"
    call_amended = "call_amended"
    deadline_extended = "deadline_extended"
    call_closing_soon = "call_closing_soon"
    call_suspended = "call_suspended"
    call_resumed = "call_resumed"
    call_withdrawn = "call_withdrawn"
    membership = "membership"


class Category(str, Enum):
    """What an entry is about."""

    call_opened = "call_opened"
    call_amended = "call_amended"
    deadline_extended = "deadline_extended"
    call_closing_soon = "call_closing_soon"
    """The reminders before a deadline."""
    call_suspended = "call_suspended"
    call_resumed = "call_resumed"
    call_withdrawn = "call_withdrawn"
    saved_search = "saved_search"
    """Something new that a saved search finds."""
    integration_requested = "integration_requested"
    application = "application"
    """What becomes of an organisation's applications to calls."""
    ranking = "ranking"
    """Rankings and awards."""
    membership = "membership"
    catalogue = "catalogue"
    """What becomes of one's own items."""
    access = "access"
    """Requests for access to services, and their answers."""
    offers = "offers"
    """Offers that match an open call."""
    policy = "policy"
    support = "support"
    operations = "operations"
    """For those who run the hub: sources that fail."""
    delivery = "delivery"
    """How messages reach a person: webhooks and addresses that no longer work."""


class FormerSubjectKind(str, Enum):
    """The kinds of subject version 1 of `notification_delivered` knows."""

    call = "call"
    application = "application"
    organisation = "organisation"
    invitation = "invitation"


class SubjectKind(str, Enum):
    """What kind of thing an entry is about."""

    call = "call"
    application = "application"
    organisation = "organisation"
    invitation = "invitation"
    person = "person"
    expression_of_interest = "expression_of_interest"
    award = "award"
    source = "source"
    item = "item"
    request = "request"
    need = "need"
    measure = "measure"
    training = "training"
    search = "search"
    """A partner search."""
    enrolment = "enrolment"
    endpoint = "endpoint"
    address = "address"


class EntryState(str, Enum):
    """How far a person got with an entry: `unseen` and `seen` count as unread."""

    unseen = "unseen"
    seen = "seen"
    read = "read"
    archived = "archived"


class Channel(str, Enum):
    """A way by which a person is told."""

    inbox = "inbox"
    email = "email"
    webhook = "webhook"


@dataclass(frozen=True, kw_only=True)
class InboxEntry:
    """One message to one person about one event."""

    id: Id
    version: Count
    category: Category
    title: Text
    body: LongText
    subject_kind: SubjectKind
    subject_id: Id
    reasons: tuple[Text, ...] = ()
    """Why this person is told."""
    state: EntryState
    created_at: Instant
    expires_at: Instant | None = None


@dataclass(frozen=True, kw_only=True)
class InboxPage:
    items: tuple[InboxEntry, ...]
    next: str | None
    total: Count
    unread: Count


@dataclass(frozen=True, kw_only=True)
class MarkedRead:
    """How many entries turned from unread to read."""

    entries: Count


# --- for the stream ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class EntryAfter:
    """An entry on its way to a stream, with the mark from which the stream goes on after it."""

    entry: InboxEntry
    mark: str


@dataclass(frozen=True, kw_only=True)
class EntriesAfter:
    """What came into an inbox after a mark, oldest first; `mark`: from where to go on."""

    items: tuple[EntryAfter, ...]
    mark: str


@dataclass(frozen=True, kw_only=True)
class Arrivals:
    """Who of those asked about was told something; `cursor`: from where to ask again."""

    people: tuple[Id, ...]
    cursor: str


# --- events -----------------------------------------------------------------------------------------------


@event(version=1, subject="event_id")
@dataclass(frozen=True, kw_only=True)
class NotificationDelivered:
    """Everyone whom one event concerns was told of it, in the inbox. Only of the first categories: see version 2."""

    event_id: Id
    """The event they were told of."""
    category: FormerCategory
    subject_kind: FormerSubjectKind
    subject_id: Id
    people: Count
    """How many were told."""
    delivered_at: Instant


@event(version=2, subject="event_id")
@dataclass(frozen=True, kw_only=True)
class NotificationDeliveredV2:
    """Everyone whom one event concerns was told of it: categories and kinds of subject may grow."""

    event_id: Id
    """The event they were told of."""
    category: Line
    subject_kind: Line
    subject_id: Id
    people: Count
    """How many were told."""
    delivered_at: Instant


@event(version=1, subject="delivery_id")
@dataclass(frozen=True, kw_only=True)
class DeliveryFailed:
    """A message was given up: refused for good, or not taken for a whole day."""

    delivery_id: Id
    channel: Line
    """`email` or `webhook`."""
    person_id: Id | None = None
    endpoint_id: Id | None = None
    event_id: Id | None = None
    reason: Line
    attempts: Count
    failed_at: Instant


@event(version=1, subject="address_id")
@dataclass(frozen=True, kw_only=True)
class AddressSuppressed:
    """A person's e-mail address was refused for good: nothing is sent to it until they say that it works again."""

    address_id: Id
    person_id: Id
    reason: Line
    suppressed_at: Instant


@event(version=1, subject="call_id")
@dataclass(frozen=True, kw_only=True)
class DeadlineNear:
    """A call closes in 14, 7 or 1 days, or fewer where it could not be told on the day."""

    call_id: Id
    title: Text
    issuer: Line
    closes_at: Instant
    days_left: Count
    url: Line | None = None


# --- inbox ------------------------------------------------------------------------------------------------


@query(who=REGISTERED, answers=InboxPage)
@dataclass(frozen=True, kw_only=True)
class ListInbox:
    """One's own inbox, newest first, archived entries left out unless asked for by state."""

    state: EntryState | None = None
    category: Category | None = None
    limit: PageSize = 20
    cursor: str | None = None


@command(who=REGISTERED, answers=InboxEntry)
@dataclass(frozen=True, kw_only=True)
class MarkEntry:
    """Say that an entry was seen, read, or put away; what was put away may come back as read."""

    entry_id: Id
    state: EntryState


@command(who=REGISTERED, answers=MarkedRead)
@dataclass(frozen=True, kw_only=True)
class MarkAllRead:
    """Say that everything in one's inbox was read; what was archived stays so."""


@query(who=SERVICES, answers=Arrivals, internal=True)
@dataclass(frozen=True, kw_only=True)
class ListArrivals:
    """Who of these people was told something since the cursor (absent: from now on)."""

    people: tuple[Id, ...]
    cursor: str | None = None


@query(who=REGISTERED, answers=EntriesAfter, internal=True)
@dataclass(frozen=True, kw_only=True)
class ListEntriesAfter:
    """What came into one's inbox after a mark (absent: nothing yet, only the mark), at most 100 at a time."""

    mark: str | None = None
