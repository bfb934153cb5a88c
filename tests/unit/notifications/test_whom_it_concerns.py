"""Whom an event concerns, and for which reasons they are told."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from services.notifications.domain.matching import topic_of_drafters, topic_of_watchers
from services.notifications.table import NOTICES
from services.notifications.table.concerns import (
    AT_A_FIRST_SESSION,
    asker_of_what_others_closed,
    owners_to_tell,
    partners_matched,
)
from shared.contracts import catalogue, support
from shared.contracts.declaration import EventContract, contract_of
from shared.contracts.shapes import Text
from shared.contracts.vocabulary import Subsector
from tests.contracts.test_declarations import example
from tests.unit.notifications.builders import NOW

EDITORS = {"teatro": ["anna"], "cineteca": ["bruno", "carla"]}
WORK: Any = SimpleNamespace(
    belongings=SimpleNamespace(people_of=lambda organisation_id, *roles: EDITORS.get(organisation_id, []))
)


def an_event(kind: type) -> Any:
    return example(contract_of(kind, EventContract).shape, whole=True)


def an_offer(like: Any, owner: str, title: str) -> Any:
    item = replace(like.item, owner=replace(like.item.owner, id=owner), title=Text(title))
    return replace(like, item=item)


def test_each_owner_is_told_which_offers_are_theirs() -> None:
    matched = an_event(catalogue.OffersMatched)
    [like] = matched.offers
    offers = tuple(
        an_offer(like, owner, title)
        for owner, title in (("teatro", "Sala"), ("cineteca", "Restauro"), ("teatro", "Costumi"))
    )
    told = owners_to_tell(replace(matched, offers=offers, owners_to_tell=("teatro", "cineteca")), WORK)
    reasons = {one.person_id: [reason.it for reason in one.reasons] for one in told}
    assert reasons == {
        "anna": ["La vostra offerta: «Sala»", "La vostra offerta: «Costumi»"],
        "bruno": ["La vostra offerta: «Restauro»"],
        "carla": ["La vostra offerta: «Restauro»"],
    }


def test_whom_a_partner_search_fits_is_told_why() -> None:
    opened = an_event(support.PartnerSearchOpened)
    why = (Text("Stessa provincia", "Same province"),)
    [match] = opened.matches
    opened = replace(opened, matches=(replace(match, organisation_id="teatro", reasons=why),))
    assert [(one.person_id, one.reasons) for one in partners_matched(opened, WORK)] == [("anna", why)]


def test_a_recurring_session_is_told_once_with_its_first_one() -> None:
    scheduled = an_event(support.TrainingScheduled)
    card = replace(scheduled.training, subsectors=(Subsector.music,), call_id="call-1")
    first = AT_A_FIRST_SESSION.topics(replace(scheduled, training=card, nth=1, times=4))
    assert {"interest:subsector=music", topic_of_watchers("call-1"), topic_of_drafters("call-1")} <= set(first)
    assert AT_A_FIRST_SESSION.topics(replace(scheduled, training=card, nth=2, times=4)) == ()
    assert AT_A_FIRST_SESSION in NOTICES[support.TrainingScheduled].concerns


def test_who_asked_is_told_when_somebody_else_closes_it_and_not_of_their_own_doing() -> None:
    closed = replace(an_event(support.HelpClosed), by_asker=False, reopenable_until=NOW)
    asker = closed.request.person_id
    assert [one.person_id for one in asker_of_what_others_closed(closed, WORK)] == [asker]
    for silent in (replace(closed, by_asker=True), replace(closed, reopenable_until=None)):
        assert list(asker_of_what_others_closed(silent, WORK)) == []
