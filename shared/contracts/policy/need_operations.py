"""What members, staff and readers may ask of needs."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.declaration import command, query
from shared.contracts.policy.need import (
    SPEAKERS,
    NeedCommentPage,
    NeedCommentView,
    NeedContent,
    NeedPage,
    NeedState,
    NeedView,
    SimilarNeeds,
    Statement,
    Urgency,
)
from shared.contracts.rights import MEMBERS, STAFF
from shared.contracts.shapes import Count, Id, PageSize, SearchWords
from shared.contracts.vocabulary import Province, Subsector

# --- members -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _OfNeed:
    need_id: Id


@dataclass(frozen=True, kw_only=True)
class _ChangeOfNeed(_OfNeed):
    expected_version: Count


@command(who=SPEAKERS, answers=NeedView)
@dataclass(frozen=True, kw_only=True)
class SubmitNeed:
    """State a need for the organisation one acts for."""

    content: NeedContent


@command(who=SPEAKERS, answers=NeedView)
@dataclass(frozen=True, kw_only=True)
class ReviseNeed(_ChangeOfNeed):
    """Change what a need of one's own organisation says, until staff take it in hand."""

    content: NeedContent


@command(who=SPEAKERS, answers=NeedView)
@dataclass(frozen=True, kw_only=True)
class EndorseNeed(_OfNeed):
    """Say that one's organisation has this need too. Once per organisation: twice is once."""


@command(who=SPEAKERS, answers=NeedView)
@dataclass(frozen=True, kw_only=True)
class WithdrawEndorsement(_OfNeed):
    """Say so no longer."""


@command(who=SPEAKERS, answers=NeedCommentView)
@dataclass(frozen=True, kw_only=True)
class CommentOnNeed(_OfNeed):
    """Say something about a need."""

    text: Statement


# --- staff ---------------------------------------------------------------------------------------------------


@command(who=STAFF, answers=NeedView)
@dataclass(frozen=True, kw_only=True)
class AnalyseNeed(_ChangeOfNeed):
    """Take a need in hand."""


@command(who=STAFF, answers=NeedView)
@dataclass(frozen=True, kw_only=True)
class AcceptNeed(_ChangeOfNeed):
    """Recognise a need, with the reason."""

    reason: Statement


@command(who=STAFF, answers=NeedView)
@dataclass(frozen=True, kw_only=True)
class DeclineNeed(_ChangeOfNeed):
    """Do not recognise a need, with the reason."""

    reason: Statement


@command(who=STAFF, answers=NeedView)
@dataclass(frozen=True, kw_only=True)
class MergeNeed(_ChangeOfNeed):
    """Let a need go on within another, with the reason: authors, endorsements and comments move there."""

    into_id: Id
    reason: Statement


@command(who=STAFF, answers=NeedCommentView)
@dataclass(frozen=True, kw_only=True)
class HideNeedComment(_OfNeed):
    """Hide a comment, with the reason."""

    comment_id: Id
    expected_version: Count
    reason: Statement


@command(who=STAFF, answers=NeedCommentView)
@dataclass(frozen=True, kw_only=True)
class ShowNeedComment(_OfNeed):
    """Show a hidden comment again."""

    comment_id: Id
    expected_version: Count


# --- reading -------------------------------------------------------------------------------------------------


@query(who=MEMBERS, answers=NeedView)
@dataclass(frozen=True, kw_only=True)
class GetNeed(_OfNeed):
    """One need."""


@query(who=MEMBERS, answers=NeedPage)
@dataclass(frozen=True, kw_only=True)
class ListNeeds:
    """Needs, newest first."""

    state: NeedState | None = None
    subsector: Subsector | None = None
    province: Province | None = None
    """Needs of the whole Region are among those of each of its provinces."""
    urgency: Urgency | None = None
    organisation_id: Id | None = None
    """Stated by this organisation."""
    chain: bool = False
    """Only those of the subsectors of the organisation one acts for: what a Clust-ER looks after."""
    limit: PageSize = 20
    cursor: str | None = None


@query(who=MEMBERS, answers=SimilarNeeds)
@dataclass(frozen=True, kw_only=True)
class FindSimilarNeeds:
    """Needs that resemble what is being written, to endorse one instead of stating it again."""

    q: SearchWords
    subsector: Subsector | None = None


@query(who=MEMBERS, answers=NeedCommentPage)
@dataclass(frozen=True, kw_only=True)
class ListNeedComments(_OfNeed):
    """What was said about a need, oldest first; with what was said about those merged into it."""

    limit: PageSize = 20
    cursor: str | None = None
