"""Notifications: what matters to each person, told once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from shared.contracts.declaration import command, event, query
from shared.contracts.rights import REGISTERED
from shared.contracts.shapes import Count, Done, Id, Instant, LongText, PageSize, Text
from shared.contracts.vocabulary import CallType, Province, Subsector, Topic

# --- shapes -----------------------------------------------------------------------------------------------


class Category(str, Enum):
    """What an entry is about."""

    call_opened = "call_opened"
    call_amended = "call_amended"
    deadline_extended = "deadline_extended"
    call_closing_soon = "call_closing_soon"
    call_suspended = "call_suspended"
    call_resumed = "call_resumed"
    call_withdrawn = "call_withdrawn"
    membership = "membership"


class SubjectKind(str, Enum):
    """What kind of thing an entry is about."""

    call = "call"
    application = "application"
    organisation = "organisation"
    invitation = "invitation"


class EntryState(str, Enum):
    """How far a person got with an entry: `unseen` and `seen` count as unread."""

    unseen = "unseen"
    seen = "seen"
    read = "read"
    archived = "archived"


@dataclass(frozen=True, kw_only=True)
class Interests:
    """What a person wants to hear of. A call interests them when a theme and the place fit:

    - theme: any of its subsectors, any of its topics or its type is among the chosen ones;
    - place: no province was chosen, or the call is for the whole Region, or it names one of the chosen ones.

    Who chose provinces and no theme at all hears of every call that names one of them.
    """

    subsectors: tuple[Subsector, ...] = ()
    topics: tuple[Topic, ...] = ()
    provinces: tuple[Province, ...] = ()
    call_types: tuple[CallType, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PreferencesView:
    person_id: Id
    version: Count
    interests: Interests


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


@dataclass(frozen=True, kw_only=True)
class WatchView:
    """A watched call; the title is absent until this service has heard of the call."""

    call_id: Id
    title: Text | None = None
    since: Instant


@dataclass(frozen=True, kw_only=True)
class WatchPage:
    items: tuple[WatchView, ...]
    next: str | None
    total: Count


# --- events -----------------------------------------------------------------------------------------------


@event(version=1, subject="event_id")
@dataclass(frozen=True, kw_only=True)
class NotificationDelivered:
    """Everyone whom one event concerns was told of it, in the inbox."""

    event_id: Id
    """The event they were told of."""
    category: Category
    subject_kind: SubjectKind
    subject_id: Id
    people: Count
    """How many were told."""
    delivered_at: Instant


# --- preferences ------------------------------------------------------------------------------------------


@query(who=REGISTERED, answers=PreferencesView)
@dataclass(frozen=True, kw_only=True)
class GetPreferences:
    """One's own interests; version 0 while none were chosen."""


@command(who=REGISTERED, answers=PreferencesView)
@dataclass(frozen=True, kw_only=True)
class ChooseInterests:
    """Choose what to hear of."""

    expected_version: Count
    interests: Interests


# --- watches ----------------------------------------------------------------------------------------------


@command(who=REGISTERED, answers=WatchView)
@dataclass(frozen=True, kw_only=True)
class WatchCall:
    """Be told of everything that happens to a call. Watching twice is watching."""

    call_id: Id


@command(who=REGISTERED, answers=Done)
@dataclass(frozen=True, kw_only=True)
class StopWatching:
    """No longer be told about a call."""

    call_id: Id


@query(who=REGISTERED, answers=WatchPage)
@dataclass(frozen=True, kw_only=True)
class ListWatches:
    """The calls one watches, newest first."""

    limit: PageSize = 20
    cursor: str | None = None


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
