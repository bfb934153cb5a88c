"""Expressions of interest as the public sees them: not before they are published, and to the end of their last day."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from shared.contracts.membership import (
    DraftExpressionOfInterest,
    ExtendExpressionOfInterest,
    GetExpressionOfInterest,
    InterestContent,
    InterestState,
    InterestView,
    ListExpressionsOfInterest,
    PublishExpressionOfInterest,
    ReviseExpressionOfInterest,
    WithdrawExpressionOfInterest,
)
from shared.errors import NotFound
from shared.identity import Principal
from tests.integration.membership.hub import Hub
from tests.unit.membership.builders import a_window

MIDNIGHT = datetime(2999, 6, 14, 22, 0, tzinfo=timezone.utc)
"""In Rome, where it is summer: the beginning of 15 June."""
END_OF_DAY = datetime(2999, 6, 15, 21, 59, 59, tzinfo=timezone.utc)


def _content(promoter: Principal) -> InterestContent:
    """It opens after this test: so the clock changes nothing meanwhile."""
    return a_window(reviewer_ids=(str(promoter.person_id),), opens_at=MIDNIGHT.replace(day=1), closes_at=MIDNIGHT)


def _drafted(hub: Hub, promoter: Principal) -> InterestView:
    return hub.ask(DraftExpressionOfInterest(content=_content(promoter)), by=promoter)


def _withdrawn(hub: Hub, window: InterestView, promoter: Principal) -> InterestView:
    return hub.ask(
        WithdrawExpressionOfInterest(
            expression_of_interest_id=window.id, expected_version=window.version, reason="Non serve più."
        ),
        by=promoter,
    )


def _published(hub: Hub, window: InterestView, promoter: Principal) -> InterestView:
    return hub.ask(
        PublishExpressionOfInterest(expression_of_interest_id=window.id, expected_version=window.version), by=promoter
    )


def test_one_that_was_withdrawn_as_a_draft_is_seen_by_staff_alone(hub: Hub) -> None:
    fausta = hub.founded()
    unseen = _withdrawn(hub, _drafted(hub, fausta), fausta)
    seen = _withdrawn(hub, _published(hub, _drafted(hub, fausta), fausta), fausta)
    assert unseen.state is seen.state is InterestState.withdrawn
    with pytest.raises(NotFound):
        hub.ask(GetExpressionOfInterest(expression_of_interest_id=unseen.id))
    assert [it.id for it in hub.ask(ListExpressionsOfInterest()).items] == [seen.id]
    assert [it.id for it in hub.ask(ListExpressionsOfInterest(), by=fausta).items] == [seen.id, unseen.id]


def test_a_deadline_at_midnight_is_the_end_of_that_day(hub: Hub) -> None:
    fausta = hub.founded()
    drafted = _drafted(hub, fausta)
    assert drafted.closes_at == END_OF_DAY
    revised = hub.ask(
        ReviseExpressionOfInterest(
            expression_of_interest_id=drafted.id,
            expected_version=drafted.version,
            content=_content(fausta),
        ),
        by=fausta,
    )
    assert revised.closes_at == END_OF_DAY
    window = _published(hub, revised, fausta)
    later = MIDNIGHT.replace(month=7)
    extended = hub.ask(
        ExtendExpressionOfInterest(
            expression_of_interest_id=window.id, expected_version=window.version, closes_at=later
        ),
        by=fausta,
    )
    assert extended.closes_at == END_OF_DAY.replace(month=7)
