"""Partner search: for a call, an organisation offers or seeks a role and competences, and others answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from shared.contracts.declaration import command, event, query
from shared.contracts.rights import MEMBERS
from shared.contracts.shapes import Count, Email, Id, Instant, Line, PageSize, Prose, SearchWords, Text
from shared.contracts.support.rights import MEMBER_EDITORS
from shared.contracts.vocabulary import Province, Subsector

# --- shapes -------------------------------------------------------------------------------------------------


class Purpose(str, Enum):
    offers = "offers"
    seeks = "seeks"


class PartnerRole(str, Enum):
    """What a partner is in a project."""

    lead = "lead"
    partner = "partner"
    associate = "associate"
    """Takes part without a budget of its own."""
    supplier = "supplier"


class SearchState(str, Enum):
    open = "open"
    closed = "closed"
    """By its organisation."""
    ended = "ended"
    """With the call."""


class AnswerState(str, Enum):
    proposed = "proposed"
    accepted = "accepted"
    declined = "declined"
    withdrawn = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class ContactDetails:
    """How to reach somebody: shown to the other side once both agree, never before."""

    name: Line
    email: Email
    phone: Line | None = None


@dataclass(frozen=True, kw_only=True)
class SearchContent:
    """What a search says."""

    purpose: Purpose
    role: PartnerRole
    """The role that is offered, or sought."""
    title: Line
    words: Prose
    """10,000 characters at most."""
    competences: tuple[Line, ...]
    subsectors: tuple[Subsector, ...] = ()
    province: Province | None = None


@dataclass(frozen=True, kw_only=True)
class PartnerAnswer:
    """One organisation's answer: seen by the two sides."""

    id: Id
    organisation_id: Id
    organisation_name: Line
    words: Prose
    state: AnswerState
    reason: Prose | None = None
    """Why it was declined."""
    answered_at: Instant
    decided_at: Instant | None = None
    contact: ContactDetails | None = None
    """Of who answered: for the searching side, once accepted."""


@dataclass(frozen=True, kw_only=True)
class PartnerSearchView:
    """A search as a member sees it."""

    id: Id
    version: Count
    state: SearchState
    call_id: Id
    call_title: Text
    call_closes_at: Instant | None = None
    organisation_id: Id
    organisation_name: Line
    content: SearchContent
    opened_at: Instant
    ended_at: Instant | None = None
    answers: tuple[PartnerAnswer, ...] = ()
    """All of them to the searching organisation; to others their own."""
    contact: ContactDetails | None = None
    """Of the searching organisation: for itself, and for those it has accepted."""


@dataclass(frozen=True, kw_only=True)
class PartnerSearchPage:
    items: tuple[PartnerSearchView, ...]
    next: str | None
    total: Count


@dataclass(frozen=True, kw_only=True)
class PartnerMatch:
    """An organisation that could be the partner, and why."""

    organisation_id: Id
    organisation_name: Line
    province: Province | None = None
    competences: tuple[Line, ...]
    """Of those of the search, the ones it has."""
    subsectors: tuple[Subsector, ...] = ()
    item_ids: tuple[Id, ...] = ()
    """Its items of the catalogue that say so."""
    search_id: Id | None = None
    """Its own search for the same call that fits."""
    reasons: tuple[Text, ...]
    score: Count


@dataclass(frozen=True, kw_only=True)
class PartnerMatches:
    """The best first, fifty at most."""

    search_id: Id
    items: tuple[PartnerMatch, ...]


@dataclass(frozen=True, kw_only=True)
class SearchCard:
    """A search in brief: what events carry, without contact details."""

    id: Id
    call_id: Id
    call_title: Text
    organisation_id: Id
    organisation_name: Line
    person_id: Id
    """Who opened it."""
    content: SearchContent


# --- events -------------------------------------------------------------------------------------------------


@event(version=1, subject="search_id")
@dataclass(frozen=True, kw_only=True)
class PartnerSearchOpened:
    """An organisation offers or seeks a part in a project. Concerns the organisations it matches."""

    search_id: Id
    search: SearchCard
    matches: tuple[PartnerMatch, ...] = ()
    """The ten that fit best."""
    opened_at: Instant


@event(version=1, subject="search_id")
@dataclass(frozen=True, kw_only=True)
class PartnerAnswered:
    """Somebody answers a search. Concerns the person who opened it."""

    search_id: Id
    search: SearchCard
    answer_id: Id
    organisation_id: Id
    organisation_name: Line
    words: Prose
    answered_at: Instant


@event(version=1, subject="search_id")
@dataclass(frozen=True, kw_only=True)
class PartnerFound:
    """Both sides agree: each now sees how to reach the other. Concerns the two persons."""

    search_id: Id
    search: SearchCard
    answer_id: Id
    partner_id: Id
    partner_name: Line
    person_ids: tuple[Id, ...]
    """Who opened the search, and who answered."""
    found_at: Instant


@event(version=1, subject="search_id")
@dataclass(frozen=True, kw_only=True)
class PartnerDeclined:
    """An answer was declined, with the reason. Concerns `person_id`."""

    search_id: Id
    search: SearchCard
    answer_id: Id
    person_id: Id
    """Who had answered."""
    reason: Prose
    declined_at: Instant


@event(version=1, subject="search_id")
@dataclass(frozen=True, kw_only=True)
class PartnerSearchEnded:
    """A search is over: closed by its organisation, or with the call. Concerns those whose answer was still open."""

    search_id: Id
    search: SearchCard
    with_call: bool
    person_ids: tuple[Id, ...] = ()
    ended_at: Instant


# --- operations ---------------------------------------------------------------------------------------------


@command(who=MEMBER_EDITORS, answers=PartnerSearchView)
@dataclass(frozen=True, kw_only=True)
class OpenPartnerSearch:
    """Offer or seek a part in a project for a call that is still to close."""

    call_id: Id
    content: SearchContent
    contact: ContactDetails


@command(who=MEMBER_EDITORS, answers=PartnerSearchView)
@dataclass(frozen=True, kw_only=True)
class RevisePartnerSearch:
    """Change what one's own open search says, or how one is reached."""

    search_id: Id
    expected_version: Count
    content: SearchContent
    contact: ContactDetails


@command(who=MEMBER_EDITORS, answers=PartnerSearchView)
@dataclass(frozen=True, kw_only=True)
class ClosePartnerSearch:
    """End one's own search."""

    search_id: Id
    expected_version: Count


@command(who=MEMBER_EDITORS, answers=PartnerSearchView)
@dataclass(frozen=True, kw_only=True)
class AnswerPartnerSearch:
    """Answer another's search; one's contact details are shown only if it is accepted."""

    search_id: Id
    words: Prose
    """10,000 characters at most."""
    contact: ContactDetails


@command(who=MEMBER_EDITORS, answers=PartnerSearchView)
@dataclass(frozen=True, kw_only=True)
class AcceptPartner:
    """Agree to an answer: both sides now see how to reach each other."""

    search_id: Id
    expected_version: Count
    answer_id: Id


@command(who=MEMBER_EDITORS, answers=PartnerSearchView)
@dataclass(frozen=True, kw_only=True)
class DeclinePartner:
    """Decline an answer, saying why."""

    search_id: Id
    expected_version: Count
    answer_id: Id
    reason: Line


@command(who=MEMBER_EDITORS, answers=PartnerSearchView)
@dataclass(frozen=True, kw_only=True)
class WithdrawPartnerAnswer:
    """Take back one's own answer while it is not decided."""

    search_id: Id
    answer_id: Id


@query(who=MEMBERS, answers=PartnerSearchView)
@dataclass(frozen=True, kw_only=True)
class GetPartnerSearch:
    """One search."""

    search_id: Id


@query(who=MEMBERS, answers=PartnerSearchPage)
@dataclass(frozen=True, kw_only=True)
class ListPartnerSearches:
    """Searches, newest first: the open ones, or one's own in every state."""

    own: bool = False
    """Those of one's own organisation, and those it has answered."""
    call_id: Id | None = None
    purpose: Purpose | None = None
    role: PartnerRole | None = None
    subsector: Subsector | None = None
    competence: SearchWords | None = None
    limit: PageSize = 20
    cursor: str | None = None


@query(who=MEMBER_EDITORS, answers=PartnerMatches)
@dataclass(frozen=True, kw_only=True)
class ListPartnerMatches:
    """Who could be the partner, by the competences of their items in the catalogue: for the searching organisation."""

    search_id: Id
