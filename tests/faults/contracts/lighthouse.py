"""What the lighthouse of the tests publishes and answers. Only service processes import this, never pytest."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.declaration import command, event, query
from shared.contracts.rights import PUBLIC, REGISTERED, STAFF
from shared.contracts.shapes import Count, Id, Line, PageSize

# --- shapes -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class LampView:
    id: Id
    version: Count
    flashes: Count
    oil: Count


@dataclass(frozen=True, kw_only=True)
class LampPage:
    items: tuple[LampView, ...]
    next: str | None
    total: Count


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What another service answered to a signal."""

    answer: Line


@dataclass(frozen=True, kw_only=True)
class Whoever:
    """Who the service believes is calling."""

    person_id: Id | None = None
    organisation_id: Id | None = None


# --- events -----------------------------------------------------------------------------------------------


@event(version=1, subject="lamp_id")
@dataclass(frozen=True, kw_only=True)
class LampLit:
    """A lamp has flashed once more."""

    lamp_id: Id
    number: Count
    """The flash's own number, by which a test finds its effects."""
    then: Line = "succeed"
    """What its subscribers shall do (see `behaviour`)."""


@event(version=1, subject="lamp_id")
@dataclass(frozen=True, kw_only=True)
class LampPutOut:
    """A lamp is dark. Nobody subscribes to this."""

    lamp_id: Id


# --- operations -------------------------------------------------------------------------------------------


@command(who=PUBLIC, answers=LampView)
@dataclass(frozen=True, kw_only=True)
class Light:
    """Flash a lamp once."""

    lamp_id: Id
    number: Count
    then: Line = "succeed"
    """What the lighthouse shall do after its writes, before it answers."""
    event_then: Line = "succeed"


@command(who=PUBLIC, answers=LampView)
@dataclass(frozen=True, kw_only=True)
class Fill:
    """Fill a lamp with oil, read at this version."""

    lamp_id: Id
    expected_version: Count
    oil: Count


@command(who=PUBLIC, answers=LampView)
@dataclass(frozen=True, kw_only=True)
class PutOut:
    """Put a lamp out."""

    lamp_id: Id


@command(who=STAFF, answers=LampView)
@dataclass(frozen=True, kw_only=True)
class Polish:
    """Polish a lamp: the staff's business."""

    lamp_id: Id


@query(who=PUBLIC, answers=LampView)
@dataclass(frozen=True, kw_only=True)
class Look:
    """Look at a lamp."""

    lamp_id: Id
    then: Line = "succeed"


@query(who=PUBLIC, answers=LampPage)
@dataclass(frozen=True, kw_only=True)
class ListLamps:
    """The lamps whose id begins so, by oil."""

    prefix: Id
    limit: PageSize = 20
    cursor: str | None = None


@query(who=PUBLIC, answers=Heard)
@dataclass(frozen=True, kw_only=True)
class Signal:
    """Ask another service something about a lamp, and wait so long for its answer."""

    operation: Line
    lamp_id: Id
    then: Line = "succeed"
    deciseconds: Count = 100


@query(who=REGISTERED, answers=Whoever)
@dataclass(frozen=True, kw_only=True)
class Greet:
    """Say who is calling."""
