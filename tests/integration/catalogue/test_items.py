"""Items: into the catalogue, out of it and back, as the running service has it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.contracts.catalogue import (
    Access,
    ConfirmItem,
    ItemState,
    ListItems,
    PublishItem,
    ReturnItem,
    ReviseItem,
    SearchOrder,
    SuggestItems,
    Track,
    UnpublishItem,
)
from shared.contracts.membership import MemberReinstated, MembershipState, MemberSuspended
from shared.contracts.shapes import LongText
from shared.contracts.vocabulary import Province, Subsector
from shared.errors import Forbidden, NotFound
from tests.integration.catalogue.hub import Hub
from tests.servers import machine_is_busy, wait_until
from tests.unit.catalogue.builders import AFFILIATE, LABORATORY, NOW, SPOKE, SUPPORT_BODY, a_content, a_member


def test_the_first_item_of_an_owner_is_reviewed_and_the_next_is_published_directly(hub: Hub) -> None:
    draft = hub.drafted()
    first = hub.ask(PublishItem(item_id=draft.id, expected_version=draft.version))
    assert first.state is ItemState.pending_review
    assert hub.titles() == []

    back = hub.ask(ReturnItem(item_id=first.id, expected_version=first.version, remarks="Dire dove"), by=SUPPORT_BODY)
    assert hub.item(back.id).remarks == LongText(it="Dire dove")
    assert hub.published().state is ItemState.published

    draft = hub.drafted(a_content("Scansione di film"))
    second = hub.ask(PublishItem(item_id=draft.id, expected_version=draft.version))
    assert second.state is ItemState.published
    hub.await_event("ItemPublished", item_id=second.id)
    assert [type(e).__name__ for e in hub.heard("ItemSubmitted", "ItemReturned")][:2] == [
        "ItemSubmitted",
        "ItemReturned",
    ]


def test_what_a_writer_has_changed_it_finds_at_once_and_another_replica_within_a_second(hub: Hub, twin: object) -> None:
    within = 60.0 if machine_is_busy() else 1.0
    item = hub.published()
    for _ in range(6):  # whichever of the two answers
        wait_until(lambda: hub.titles("pellicole") == ["Restauro di pellicole"], "both replicas find it", within)
    hub.ask(ReviseItem(item_id=item.id, expected_version=item.version, content=a_content("Recupero di bobine")))
    wait_until(
        lambda: all(hub.titles("bobina") == ["Recupero di bobine"] for _ in range(4)), "both find the change", within
    )
    assert hub.titles("pellicole") == []


def test_one_writer_alone_finds_its_change_with_the_next_request(hub: Hub) -> None:
    for i in range(5):
        hub.published(a_content(f"Documentario {i}"))
        assert f"Documentario {i}" in hub.titles("documentari")


def test_the_catalogue_is_searched_by_inflected_and_mistyped_words_with_facets_and_marks(hub: Hub) -> None:
    hub.published()
    hub.published(
        a_content("Sala di registrazione", competences=("mixaggio",), subsectors=(Subsector.music,)), by=AFFILIATE
    )
    hub.published(a_content("Analisi dei pigmenti", province=Province.RA), by=LABORATORY)

    page = hub.search("restaurare pelicola")
    assert [found.item.title.it for found in page.items] == ["Restauro di pellicole"]
    assert page.items[0].highlight
    assert page.items[0].highlight.title == "<mark>Restauro</mark> di <mark>pellicole</mark>"

    everything = hub.search()
    assert {count.value: count.count for count in everything.facets.track} == {"esk": 2, "oltre_i_lab": 1}
    in_track = hub.search(track=Track.esk)
    assert [count.value for count in in_track.facets.province] == ["BO"]
    assert in_track.total == 2
    assert [count.label.it for count in hub.search(subsector=Subsector.music).facets.subsector] == ["Musica"]
    assert hub.ask(SuggestItems(q="regis")).words == ("registrazione",)


def test_pages_go_on_where_the_last_one_ended_whatever_is_published_meanwhile(hub: Hub) -> None:
    for i in range(7):
        hub.published(a_content(f"Coro {i}"))
    for sort in SearchOrder:
        first = hub.search("cori", limit=3, sort=sort)
        hub.published(a_content("Coro in più"))
        seen = [found.item.title.it for found in first.items]
        cursor = first.next
        while cursor:
            page = hub.search("cori", limit=3, sort=sort, cursor=cursor)
            seen += [found.item.title.it for found in page.items]
            cursor = page.next
        assert [title for title in seen if title != "Coro in più"] == sorted(
            {title for title in seen if title != "Coro in più"}, key=seen.index
        )
        assert {f"Coro {i}" for i in range(7)} <= set(seen)


def test_items_are_hidden_while_their_owner_is_suspended_and_come_back(hub: Hub) -> None:
    shown, kept_out = hub.published(), hub.published(a_content("Altro"))
    hub.ask(UnpublishItem(item_id=kept_out.id, expected_version=kept_out.version))
    suspended = a_member(SPOKE, state=MembershipState.suspended)
    hub.publish(
        MemberSuspended(organisation_id="cineteca", organisation=suspended, reason="Verifiche", suspended_at=NOW),
        sequence=2,
    )
    wait_until(lambda: hub.titles() == [], "nothing of a suspended owner is found")
    assert hub.item(shown.id).state is ItemState.suspended
    assert hub.await_event("ItemUnpublished", item_id=shown.id).owner_suspended
    with pytest.raises(NotFound):
        hub.item(shown.id, by=AFFILIATE)

    hub.publish(
        MemberReinstated(organisation_id="cineteca", organisation=a_member(SPOKE), reinstated_at=NOW), sequence=3
    )
    wait_until(lambda: hub.titles() == ["Restauro di pellicole"], "what was shown is back")
    assert hub.item(kept_out.id).state is ItemState.unpublished
    hub.know(a_member(SPOKE), sequence=4)


def test_items_untouched_for_a_year_are_asked_about_once(hub: Hub) -> None:
    item = hub.published()
    hub.set_clock(NOW + timedelta(days=364))
    assert not hub.item(item.id).confirmation_due
    hub.set_clock(NOW + timedelta(days=366))
    wait_until(lambda: hub.item(item.id).confirmation_due, "its owner is asked", seconds=40)
    hub.await_silence()
    [asked] = [event for event in hub.heard("ItemConfirmationDue") if event.item_id == item.id]
    assert asked.item.owner.id == "cineteca"
    [listed] = hub.ask(ListItems(confirmation_due=True)).items
    confirmed = hub.ask(ConfirmItem(item_id=item.id, expected_version=listed.version))
    assert not confirmed.confirmation_due


def test_nobody_writes_another_organisations_items(hub: Hub) -> None:
    item = hub.published()
    revision = ReviseItem(
        item_id=item.id, expected_version=item.version, content=replace(a_content(), access=Access.open)
    )
    with pytest.raises(Forbidden):
        hub.ask(revision, by=AFFILIATE)
    with pytest.raises(NotFound):
        hub.item(hub.drafted().id, by=AFFILIATE)
