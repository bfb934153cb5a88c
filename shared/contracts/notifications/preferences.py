"""What a person wants to hear of, by which way and how often; what they watch, and what they want no more of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any
from zoneinfo import available_timezones

from marshmallow import ValidationError, fields

from shared.contracts.declaration import command, query
from shared.contracts.notifications.inbox import Category, Channel, SubjectKind
from shared.contracts.rights import PUBLIC, REGISTERED
from shared.contracts.shapes import Count, Done, Email, Id, Instant, Line, PageSize, Text
from shared.contracts.vocabulary import CallType, Province, Subsector, Topic


class Cadence(str, Enum):
    """How often: each message at once, or what has gathered once a day or a week, or never."""

    at_once = "at_once"
    daily = "daily"
    weekly = "weekly"
    never = "never"


class _TimeZone(fields.String):
    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        name = super()._deserialize(value, attr, data, **kwargs)
        if name not in available_timezones():
            raise ValidationError("Not a time zone of the IANA database.")
        return name


class _Hour(fields.Integer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=_is_hour, **kwargs)


def _is_hour(value: int) -> None:
    if not 0 <= value <= 23:
        raise ValidationError("Not an hour, 0 to 23.")


TimeZone = Annotated[str, _TimeZone]
"""A name of the IANA database, `Europe/Rome`."""
Hour = Annotated[int, _Hour]


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
class Choice:
    """How often one category comes by one channel. The inbox takes `at_once` and `never` alone."""

    category: Category
    channel: Channel
    cadence: Cadence


@dataclass(frozen=True, kw_only=True)
class DigestTime:
    """When what has gathered is sent: every day at this hour, and weekly on Mondays."""

    hour: Hour = 8
    time_zone: TimeZone = "Europe/Rome"


@dataclass(frozen=True, kw_only=True)
class PreferencesView:
    person_id: Id
    version: Count
    interests: Interests
    matrix: tuple[Choice, ...] = ()
    """Every category by every channel."""
    digest: DigestTime = DigestTime()
    email: Email | None = None
    """Where messages go; absent while the person is not registered."""
    email_refused: Line | None = None
    """Why nothing is sent there any more."""


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


@dataclass(frozen=True, kw_only=True)
class MuteView:
    """One thing a person wants to hear nothing more about."""

    subject_kind: SubjectKind
    subject_id: Id
    since: Instant


@dataclass(frozen=True, kw_only=True)
class MutePage:
    items: tuple[MuteView, ...]
    next: str | None
    total: Count


@dataclass(frozen=True, kw_only=True)
class Unsubscribed:
    """What comes no more by e-mail; with no category: no digests."""

    category: Category | None = None
    name: Text


# --- preferences ------------------------------------------------------------------------------------------


@query(who=REGISTERED, answers=PreferencesView)
@dataclass(frozen=True, kw_only=True)
class GetPreferences:
    """One's own interests and choices; version 0 while none were made."""


@command(who=REGISTERED, answers=PreferencesView)
@dataclass(frozen=True, kw_only=True)
class ChooseInterests:
    """Choose what to hear of."""

    expected_version: Count
    interests: Interests


@command(who=REGISTERED, answers=PreferencesView)
@dataclass(frozen=True, kw_only=True)
class ChooseDelivery:
    """Choose how and how often to be told: only what is named changes."""

    expected_version: Count
    choices: tuple[Choice, ...] = ()
    digest: DigestTime | None = None


@command(who=REGISTERED, answers=PreferencesView)
@dataclass(frozen=True, kw_only=True)
class TrustAddress:
    """Say that one's e-mail address works again after it was refused."""


@query(who=PUBLIC, answers=Unsubscribed)
@dataclass(frozen=True, kw_only=True)
class GetUnsubscription:
    """What the link of a message would stop."""

    token: Line


@command(who=PUBLIC, answers=Unsubscribed)
@dataclass(frozen=True, kw_only=True)
class Unsubscribe:
    """Stop what a message's link names, without signing in (RFC 8058). Twice is once."""

    token: Line


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


# --- mutes ------------------------------------------------------------------------------------------------


@command(who=REGISTERED, answers=MuteView)
@dataclass(frozen=True, kw_only=True)
class MuteSubject:
    """Hear nothing more about one thing, by any channel."""

    subject_kind: SubjectKind
    subject_id: Id


@command(who=REGISTERED, answers=Done)
@dataclass(frozen=True, kw_only=True)
class UnmuteSubject:
    """Hear of it again."""

    subject_kind: SubjectKind
    subject_id: Id


@query(who=REGISTERED, answers=MutePage)
@dataclass(frozen=True, kw_only=True)
class ListMutes:
    """What one wants to hear nothing about, newest first."""

    limit: PageSize = 20
    cursor: str | None = None
