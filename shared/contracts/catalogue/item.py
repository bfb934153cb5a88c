"""Items: what an owner writes, how it comes into the catalogue and leaves it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

from marshmallow import fields, validate

from shared.contracts.catalogue.owners import OWNERS
from shared.contracts.declaration import command, event, query
from shared.contracts.replay import Retold
from shared.contracts.rights import MEMBERS, PUBLIC, SERVICES, SUPPORT_STAFF
from shared.contracts.shapes import Count, Id, Instant, Language, Line, LongText, PageSize, Prose, Text, Url
from shared.contracts.vocabulary import OrganisationKind, Province, Subsector

# --- shapes -------------------------------------------------------------------------------------------------


class Track(str, Enum):
    """Which of the hub's two catalogues an item stands in: decided by its owner's kind."""

    esk = "esk"
    oltre_i_lab = "oltre_i_lab"


class ItemKind(str, Enum):
    service = "service"
    competence = "competence"
    experience = "experience"


class Access(str, Enum):
    """How one comes to use what an item offers."""

    open = "open"
    on_request = "on_request"
    paid = "paid"


class ItemState(str, Enum):
    draft = "draft"
    pending_review = "pending_review"
    published = "published"
    unpublished = "unpublished"
    suspended = "suspended"
    """Hidden for as long as its owner is not an active member; it comes back as it was."""
    retired = "retired"


class MediaKind(str, Enum):
    image = "image"
    video = "video"
    audio = "audio"
    document = "document"
    page = "page"


class _Readiness(fields.Integer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(min=1, max=9), **kwargs)


Readiness = Annotated[int, _Readiness]
"""A technology readiness level, 1 to 9 (Horizon Europe, general annex B)."""


@dataclass(frozen=True, kw_only=True)
class Medium:
    """Something to look at or to go to, at its address."""

    kind: MediaKind = MediaKind.page
    title: Line
    url: Url


@dataclass(frozen=True, kw_only=True)
class ItemContent:
    """What an item says: everything its owner writes."""

    kind: ItemKind
    title: Text
    description: LongText
    subsectors: tuple[Subsector, ...] = ()
    competences: tuple[Line, ...] = ()
    languages: tuple[Language, ...] = ()
    """In which it is offered."""
    online: bool = False
    province: Province | None = None
    """Where it takes place. Absent: where its owner has its seat, unless it is online."""
    municipality: Line | None = None
    access: Access = Access.on_request
    conditions: LongText | None = None
    """Prices, times, what is asked in return."""
    readiness: Readiness | None = None
    """Only laboratories say it."""
    media: tuple[Medium, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OwnerCard:
    """Whose an item is."""

    id: Id
    kind: OrganisationKind
    name: Line
    province: Province
    website: Url | None = None


@dataclass(frozen=True, kw_only=True)
class ItemCard:
    """An item's public state in brief: what events carry and search results show."""

    id: Id
    track: Track
    kind: ItemKind
    title: Text
    description: LongText
    owner: OwnerCard
    subsectors: tuple[Subsector, ...] = ()
    competences: tuple[Line, ...] = ()
    province: Province | None = None
    online: bool = False
    access: Access
    readiness: Readiness | None = None


@dataclass(frozen=True, kw_only=True)
class ItemView:
    """An item as its readers see it; what is not published is for its owner and for those who review."""

    id: Id
    version: Count
    state: ItemState
    track: Track
    owner: OwnerCard
    content: ItemContent
    remarks: LongText | None = None
    """What the reviewer asked to change: only to the owner and to staff."""
    created_at: Instant
    changed_at: Instant
    """When it was last written or confirmed."""
    published_at: Instant | None = None
    confirmation_due: bool = False
    """Whether its owner is asked to confirm that it still holds."""
    rating: float | None = None
    """The mean of its ratings, 1 to 5."""
    ratings: Count = 0


@dataclass(frozen=True, kw_only=True)
class ItemPage:
    items: tuple[ItemView, ...]
    next: str | None
    total: Count


# --- events -------------------------------------------------------------------------------------------------


@event(version=1, subject="item_id")
@dataclass(frozen=True, kw_only=True)
class ItemSubmitted:
    """An owner's first item waits for the support body to look at it."""

    item_id: Id
    item: ItemCard
    submitted_at: Instant


@event(version=1, subject="item_id")
@dataclass(frozen=True, kw_only=True)
class ItemReturned:
    """The reviewer has given an item back to its owner, saying what to change."""

    item_id: Id
    item: ItemCard
    remarks: Prose
    returned_at: Instant


@event(version=1, subject="item_id")
@dataclass(frozen=True, kw_only=True)
class ItemPublished:
    """An item is in the catalogue, for the first time or again."""

    item_id: Id
    item: ItemCard
    published_at: Instant


@event(version=1, subject="item_id")
@dataclass(frozen=True, kw_only=True)
class ItemUpdated:
    """A published item says something else now."""

    item_id: Id
    item: ItemCard
    updated_at: Instant


@event(version=1, subject="item_id")
@dataclass(frozen=True, kw_only=True)
class ItemUnpublished:
    """An item is no longer in the catalogue: its owner took it out, or is not an active member for now."""

    item_id: Id
    item: ItemCard
    owner_suspended: bool
    unpublished_at: Instant


@event(version=1, subject="item_id")
@dataclass(frozen=True, kw_only=True)
class ItemRetired:
    """An item is put away for good."""

    item_id: Id
    item: ItemCard
    retired_at: Instant


@event(version=1, subject="item_id")
@dataclass(frozen=True, kw_only=True)
class ItemConfirmationDue:
    """A published item was not touched for a year: its owner is asked whether it still holds."""

    item_id: Id
    item: ItemCard
    untouched_since: Instant


# --- operations ---------------------------------------------------------------------------------------------


@command(who=OWNERS, answers=ItemView)
@dataclass(frozen=True, kw_only=True)
class DraftItem:
    """Begin an item of one's own organisation: its track follows from the kind of organisation."""

    content: ItemContent


@command(who=OWNERS, answers=ItemView)
@dataclass(frozen=True, kw_only=True)
class ReviseItem:
    """Change what an item says; a published one changes in the catalogue at once."""

    item_id: Id
    expected_version: Count
    content: ItemContent


@command(who=OWNERS, answers=ItemView)
@dataclass(frozen=True, kw_only=True)
class PublishItem:
    """Put an item in the catalogue: an owner's first one goes to the support body for review."""

    item_id: Id
    expected_version: Count


@command(who=SUPPORT_STAFF, answers=ItemView)
@dataclass(frozen=True, kw_only=True)
class ApproveItem:
    """Publish an owner's first item; later ones are then published directly."""

    item_id: Id
    expected_version: Count


@command(who=SUPPORT_STAFF, answers=ItemView)
@dataclass(frozen=True, kw_only=True)
class ReturnItem:
    """Give an item under review back to its owner, saying what to change."""

    item_id: Id
    expected_version: Count
    remarks: Line


@command(who=OWNERS, answers=ItemView)
@dataclass(frozen=True, kw_only=True)
class UnpublishItem:
    """Take an item out of the catalogue for a while."""

    item_id: Id
    expected_version: Count


@command(who=OWNERS, answers=ItemView)
@dataclass(frozen=True, kw_only=True)
class RetireItem:
    """Put an item away for good."""

    item_id: Id
    expected_version: Count


@command(who=OWNERS, answers=ItemView)
@dataclass(frozen=True, kw_only=True)
class ConfirmItem:
    """Say that a published item still holds."""

    item_id: Id
    expected_version: Count


@query(who=PUBLIC, answers=ItemView)
@dataclass(frozen=True, kw_only=True)
class GetItem:
    """One item of the catalogue."""

    item_id: Id


@query(who=MEMBERS, answers=ItemPage)
@dataclass(frozen=True, kw_only=True)
class ListItems:
    """The items of one's own organisation in every state, the last changed first; staff: of any, or of all."""

    owner_id: Id | None = None
    state: ItemState | None = None
    confirmation_due: bool | None = None
    limit: PageSize = 20
    cursor: str | None = None


@query(who=SERVICES, answers=Retold, internal=True)
@dataclass(frozen=True, kw_only=True)
class RetellItems:
    """The present state of published items, as events, for a service that came late."""

    cursor: str | None = None
