"""Five thousand calls that open in the same second, before three replicas."""

from __future__ import annotations

from itertools import islice

from tests.integration.calls.hub import Hub
from tests.integration.calls.openings import opened_at_once
from tests.running import Site

MANY = 5_000


def test_five_thousand_calls_that_open_in_one_second_are_each_opened_once_by_three_replicas(
    hub: Hub, site: Site
) -> None:
    seconds = opened_at_once(hub, site, MANY, replicas=3)

    print(f"\n{MANY:,} calls were opened and told of in {seconds:.1f} s by three replicas")
    told = hub.told_of_each()
    otherwise = {call: said for call, said in told.items() if said != ["CallOpened"]}
    assert not otherwise, dict(islice(otherwise.items(), 3))
    assert len(told) == MANY
