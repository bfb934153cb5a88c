"""Events of one aggregate leave in the order of their sequence, whatever clock wrote their ids."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.messaging.relay import in_order_of_each_aggregate

EVENTS = st.lists(
    st.tuples(st.sampled_from(["calls.events", "membership.events"]), st.sampled_from("abc"), st.integers(1, 9)),
    max_size=30,
)


def rows(events):
    return [
        {"id": str(place), "exchange": exchange, "subject": subject, "sequence": sequence}
        for place, (exchange, subject, sequence) in enumerate(events)
    ]


@given(EVENTS)
def test_nothing_is_added_or_lost_and_each_aggregate_is_in_order(events):
    given_rows = rows(events)
    ordered = in_order_of_each_aggregate(given_rows)
    assert sorted(row["id"] for row in ordered) == sorted(row["id"] for row in given_rows)
    of_each: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for row in ordered:
        of_each.setdefault((row["exchange"], row["subject"]), []).append((row["sequence"], int(row["id"])))
    assert all(found == sorted(found) for found in of_each.values())


@given(EVENTS)
def test_aggregates_keep_their_places_among_each_other(events):
    given_rows = rows(events)
    places = [(row["exchange"], row["subject"]) for row in given_rows]
    assert [(row["exchange"], row["subject"]) for row in in_order_of_each_aggregate(given_rows)] == places
