"""What a saved search may ask for."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from services.notifications.domain.matching import SavedSearch, SearchAsksNothing
from shared.contracts.notifications import SearchCriteria, SearchedKind
from shared.contracts.vocabulary import CallType, Topic
from shared.errors import Invalid

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)


def saved(over: SearchedKind, **asked: Any) -> SavedSearch:
    return SavedSearch.save("search-1", "person-1", "La mia", SearchCriteria(over=over, **asked), now=NOW)


@pytest.mark.parametrize("words", ["", "  ", "…!", "«»", "- / -"])
def test_signs_alone_ask_for_nothing(words: str) -> None:
    with pytest.raises(SearchAsksNothing):
        saved(SearchedKind.calls, words=words)
    standing = saved(SearchedKind.calls, words="teatro")
    with pytest.raises(SearchAsksNothing):
        standing.revise("La mia", SearchCriteria(over=SearchedKind.calls, words=words))


def test_what_a_search_names_twice_it_asks_for_once() -> None:
    search = saved(SearchedKind.calls, topics=(Topic.culture, Topic.sport, Topic.culture))
    assert search.criteria.topics == (Topic.culture, Topic.sport)
    search.revise("La mia", SearchCriteria(over=SearchedKind.calls, call_types=(CallType.funding,) * 3))
    assert search.criteria.call_types == (CallType.funding,)


def test_what_only_calls_have_is_not_sought_in_the_catalogue() -> None:
    of_calls: dict[str, Any] = {"topics": (Topic.culture,), "call_types": (CallType.funding,)}
    assert saved(SearchedKind.calls, **of_calls).criteria.topics
    with pytest.raises(Invalid) as refused:
        saved(SearchedKind.catalogue, words="teatro", **of_calls)
    assert refused.value.errors["criteria"].keys() == {"topics", "call_types"}
