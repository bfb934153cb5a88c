"""Help requests: a member asks about a call or a theme, a Clust-ER or the support body answers, in one thread."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from shared.contracts.declaration import command, event, query
from shared.contracts.files import FileAsked, FileChunk, FilePiece, FileReceipt, StoredFile
from shared.contracts.rights import MEMBERS, SUPPORT_STAFF
from shared.contracts.shapes import Count, Id, Instant, Line, PageSize, Prose
from shared.contracts.support.rights import HELPERS
from shared.contracts.vocabulary import OrganisationKind, Subsector

# --- shapes -------------------------------------------------------------------------------------------------


class HelpState(str, Enum):
    open = "open"
    """Asked, and nobody is there yet who could answer."""
    assigned = "assigned"
    answered = "answered"
    reopened = "reopened"
    closed = "closed"


class HelpSide(str, Enum):
    """From which side one looks at help requests."""

    asked = "asked"
    assigned = "assigned"
    all = "all"
    """For staff."""


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """Who is to answer, since when, and why they."""

    organisation_id: Id
    organisation_name: Line
    kind: OrganisationKind
    subsectors: tuple[Subsector, ...] = ()
    """The subsectors by which it went to this Clust-ER. None: it is the support body's, or was given by hand."""
    assigned_at: Instant


@dataclass(frozen=True, kw_only=True)
class HelpMessage:
    """One message of the thread."""

    id: Id
    at: Instant
    organisation_id: Id
    organisation_name: Line
    person_id: Id
    words: Prose
    attachments: tuple[StoredFile, ...] = ()
    answer: bool = False
    """Whether it is an answer of those it was assigned to."""


@dataclass(frozen=True, kw_only=True)
class HelpCard:
    """A help request in brief: what events carry."""

    id: Id
    title: Line
    call_id: Id | None = None
    theme: Line | None = None
    subsectors: tuple[Subsector, ...] = ()
    organisation_id: Id
    """Who asks."""
    organisation_name: Line
    person_id: Id
    """The person who asked."""
    assignment: Assignment | None = None


@dataclass(frozen=True, kw_only=True)
class HelpRequestView:
    """A request as the two sides and staff see it."""

    id: Id
    version: Count
    state: HelpState
    title: Line
    call_id: Id | None = None
    theme: Line | None = None
    subsectors: tuple[Subsector, ...] = ()
    organisation_id: Id
    organisation_name: Line
    person_id: Id
    assignment: Assignment | None = None
    messages: tuple[HelpMessage, ...] = ()
    attachments: tuple[StoredFile, ...] = ()
    """Files brought to the thread that no message speaks of yet."""
    asked_at: Instant
    first_answered_at: Instant | None = None
    first_answer_minutes: Count | None = None
    """Working minutes from the question to the first answer: Monday to Friday, 9 to 18 in Rome, no public holidays."""
    answered_at: Instant | None = None
    closed_at: Instant | None = None
    reopenable_until: Instant | None = None


@dataclass(frozen=True, kw_only=True)
class HelpRequestPage:
    items: tuple[HelpRequestView, ...]
    next: str | None
    total: Count


@dataclass(frozen=True, kw_only=True)
class HelpFigures:
    """How requests are answered, over those asked since a moment."""

    since: Instant
    asked: Count
    waiting: Count
    """Without any answer yet."""
    oldest_waiting_since: Instant | None = None
    answered: Count
    median_first_answer_hours: float | None = None
    """Working hours."""
    longest_first_answer_hours: float | None = None
    within_a_day: float | None = None
    """The share answered within nine working hours, 0 to 1."""


# --- events -------------------------------------------------------------------------------------------------


@event(version=1, subject="request_id")
@dataclass(frozen=True, kw_only=True)
class HelpRequested:
    """A member asks for help."""

    request_id: Id
    request: HelpCard
    words: Prose
    asked_at: Instant


@event(version=1, subject="request_id")
@dataclass(frozen=True, kw_only=True)
class HelpAssigned:
    """It is said who answers a request: by the rules, or by the support body. Concerns who is to answer."""

    request_id: Id
    request: HelpCard
    assignment: Assignment
    assigned_at: Instant


@event(version=1, subject="request_id")
@dataclass(frozen=True, kw_only=True)
class HelpAnswered:
    """A request has an answer. Concerns the person who asked."""

    request_id: Id
    request: HelpCard
    words: Prose
    person_id: Id
    """Who is told: the person who asked."""
    first: bool
    first_answer_minutes: Count
    """Working minutes until the first answer."""
    answered_at: Instant


@event(version=1, subject="request_id")
@dataclass(frozen=True, kw_only=True)
class HelpMessageSent:
    """The one who asked has written again. Concerns who is to answer."""

    request_id: Id
    request: HelpCard
    words: Prose
    sent_at: Instant


@event(version=1, subject="request_id")
@dataclass(frozen=True, kw_only=True)
class HelpReopened:
    """The answer did not settle it. Concerns who is to answer."""

    request_id: Id
    request: HelpCard
    words: Prose
    reopened_at: Instant


@event(version=1, subject="request_id")
@dataclass(frozen=True, kw_only=True)
class HelpClosed:
    """A request is settled: its asker has said so, or the support body, or an answer has stood for thirty days.
    Concerns the person who asked, where somebody else has closed it and it can still be reopened."""

    request_id: Id
    request: HelpCard
    by_asker: bool
    reopenable_until: Instant | None = None
    """Absent: it cannot be reopened any more."""
    closed_at: Instant


# --- operations ---------------------------------------------------------------------------------------------


@command(who=MEMBERS, answers=HelpRequestView)
@dataclass(frozen=True, kw_only=True)
class AskForHelp:
    """Ask about a call or a theme: it goes to the Clust-ER of its subsectors, or else to the support body."""

    title: Line
    words: Prose
    """10,000 characters at most."""
    call_id: Id | None = None
    theme: Line | None = None
    subsectors: tuple[Subsector, ...] = ()
    """Absent: those of the call, or else none."""


@command(who=MEMBERS, answers=FileReceipt)
@dataclass(frozen=True, kw_only=True)
class UploadHelpAttachment(FilePiece):
    """Bring a file to the thread; a message then speaks of it."""

    request_id: Id


@query(who=MEMBERS, answers=FileChunk)
@dataclass(frozen=True, kw_only=True)
class ReadHelpAttachment(FileAsked):
    """A file of the thread: for the two sides and for staff."""

    request_id: Id


@command(who=MEMBERS, answers=HelpRequestView)
@dataclass(frozen=True, kw_only=True)
class WriteHelpMessage:
    """Write on in the thread, for the organisation that asked: more on a question that has no answer yet."""

    request_id: Id
    expected_version: Count
    words: Prose
    """10,000 characters at most."""
    attachments: tuple[Id, ...] = ()
    """Files brought to the thread that this message speaks of."""


@command(who=HELPERS, answers=HelpRequestView)
@dataclass(frozen=True, kw_only=True)
class AnswerHelpRequest:
    """Answer, for the organisation it is assigned to."""

    request_id: Id
    expected_version: Count
    words: Prose
    """10,000 characters at most."""
    attachments: tuple[Id, ...] = ()


@command(who=MEMBERS, answers=HelpRequestView)
@dataclass(frozen=True, kw_only=True)
class ReopenHelpRequest:
    """Say that the answer does not settle it: within thirty days of it."""

    request_id: Id
    expected_version: Count
    words: Prose
    """10,000 characters at most."""
    attachments: tuple[Id, ...] = ()


@command(who=MEMBERS, answers=HelpRequestView)
@dataclass(frozen=True, kw_only=True)
class CloseHelpRequest:
    """Say that it is settled: the organisation that asked, or the support body."""

    request_id: Id
    expected_version: Count


@command(who=SUPPORT_STAFF, answers=HelpRequestView)
@dataclass(frozen=True, kw_only=True)
class AssignHelpRequest:
    """Give a request to a Clust-ER or take it to the support body, by hand."""

    request_id: Id
    expected_version: Count
    organisation_id: Id


@query(who=MEMBERS, answers=HelpRequestView)
@dataclass(frozen=True, kw_only=True)
class GetHelpRequest:
    """One request with its thread: for the two sides and for staff."""

    request_id: Id


@query(who=MEMBERS, answers=HelpRequestPage)
@dataclass(frozen=True, kw_only=True)
class ListHelpRequests:
    """Requests one's own organisation has asked or is to answer, newest first; all of them for staff."""

    side: HelpSide = HelpSide.asked
    state: HelpState | None = None
    call_id: Id | None = None
    limit: PageSize = 20
    cursor: str | None = None


@query(who=HELPERS, answers=HelpFigures)
@dataclass(frozen=True, kw_only=True)
class GetHelpFigures:
    """How fast requests are answered: one's own for a Clust-ER; all, or those of one organisation, for staff."""

    since: Instant | None = None
    """Absent: the last 90 days."""
    organisation_id: Id | None = None
