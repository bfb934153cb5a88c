"""What is told again of applications to a service that came late: drafts, published rankings, grants."""

from __future__ import annotations

from collections.abc import Iterator

from services.calls.applications.domain import Award, GrantApplication, Ranking
from shared.contracts.calls import (
    ApplicationDrafted,
    AwardGranted,
    AwardRenounced,
    AwardRevoked,
    AwardState,
    GrantApplicationState,
    RankingPublished,
    RankingState,
)

DRAFTS = {"state": GrantApplicationState.draft.value}
PUBLISHED = {"state": RankingState.published.value}


def draft_again(application: GrantApplication) -> Iterator[ApplicationDrafted]:
    card = application.card()
    yield ApplicationDrafted(application_id=application.id, application=card, drafted_at=application.drafted_at)


def ranking_again(ranking: Ranking) -> Iterator[RankingPublished]:
    assert ranking.published_at is not None
    yield ranking.as_told(ranking.published_at)


def award_again(award: Award) -> Iterator[AwardGranted | AwardRevoked | AwardRenounced]:
    """That it was granted, and then how it ended, if it has."""
    yield award.as_granted()
    if award.state is not AwardState.granted:
        yield award.as_ended()
