"""Items and access requests: the rules, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalogue.domain import CONFIRMED_FOR, AccessRequest, Item, Laboratory
from services.catalogue.domain.access import (
    LONGEST_THREAD,
    AlreadyRated,
    ItemNotOffered,
    NotYourRequest,
    OwnItem,
    TooManyMessages,
)
from services.catalogue.domain.item import (
    MOST_NAMED,
    NotYourItem,
    OnlyLaboratoriesSayReadiness,
    OwnerNotActive,
    PriceRequired,
)
from services.catalogue.domain.laboratory import ReadinessUpsideDown, by_competence
from services.catalogue.domain.states import AlreadyAnswered, CannotCallOff, CannotRate
from shared.contracts.catalogue import (
    Access,
    Accreditation,
    ItemState,
    LaboratoryProfile,
    Medium,
    RequestAccess,
    RequestState,
    Track,
    WriteMessage,
)
from shared.contracts.declaration import OperationContract, contract_of
from shared.contracts.shapes import LongText
from shared.contracts.vocabulary import Subsector
from shared.errors import HubError, IllegalTransition, Invalid
from shared.field_messages import each_field, in_italian
from tests.unit.catalogue.builders import (
    AFFILIATE,
    DAY,
    LABORATORY,
    NOW,
    SPOKE,
    a_content,
    a_draft,
    a_published_item,
    an_owner,
    kept,
    told,
)


def test_the_track_follows_from_the_kind_of_owner() -> None:
    assert a_draft(SPOKE).track is Track.esk
    assert a_draft(LABORATORY).track is Track.oltre_i_lab


def test_only_laboratories_say_their_readiness_and_paid_access_states_its_price() -> None:
    assert a_draft(LABORATORY, readiness=7).content.readiness == 7
    with pytest.raises(OnlyLaboratoriesSayReadiness):
        a_draft(SPOKE, readiness=7)
    with pytest.raises(PriceRequired):
        a_draft(access=Access.paid)
    assert a_draft(access=Access.paid, conditions=LongText(it="50 euro l'ora"))


def test_a_first_item_waits_for_review_and_what_was_approved_once_needs_none_again() -> None:
    item = a_draft()
    item.publish(owner=an_owner(), trusted=False, now=NOW)
    assert (item.state, told(item)) == (ItemState.pending_review, ["ItemSubmitted"])
    kept(item).approve(now=NOW)
    assert (item.state, told(item)) == (ItemState.published, ["ItemPublished"])
    kept(item).unpublish(now=NOW)
    item.publish(owner=an_owner(), trusted=False, now=NOW)
    assert item.state is ItemState.published


def test_an_item_given_back_is_a_draft_with_remarks_until_it_is_handed_in_again() -> None:
    item = a_draft()
    item.publish(owner=an_owner(), trusted=False, now=NOW)
    item.give_back("Dire dove", now=NOW)
    assert (item.state, item.remarks) == (ItemState.draft, "Dire dove")
    item.publish(owner=an_owner(), trusted=False, now=NOW)
    assert item.remarks is None


def test_nobody_publishes_for_an_owner_that_is_not_active() -> None:
    with pytest.raises(OwnerNotActive):
        a_draft().publish(owner=an_owner(active=False), trusted=True, now=NOW)


def test_a_published_item_tells_what_changes_and_nothing_where_nothing_does() -> None:
    item = a_published_item()
    assert not item.revise(a_content(), now=NOW + DAY)
    assert told(item) == []
    assert item.revise(a_content("Scansione"), now=NOW + DAY)
    assert told(item) == ["ItemUpdated"]


def test_untouched_for_a_year_it_is_to_be_confirmed_once_and_any_touch_starts_the_year_again() -> None:
    item = a_published_item()
    assert item.confirm_by == NOW + CONFIRMED_FOR
    item.ask_for_confirmation(now=NOW + CONFIRMED_FOR)
    assert item.confirm_by is None
    item.confirm(now=NOW + CONFIRMED_FOR + DAY)
    assert (item.asked_at, item.confirm_by) == (None, NOW + 2 * CONFIRMED_FOR + DAY)


def test_what_a_suspended_owner_showed_is_hidden_and_comes_back_as_it_was() -> None:
    shown, waiting, draft = a_published_item(), a_draft(), a_draft()
    waiting.publish(owner=an_owner(), trusted=False, now=NOW)
    for item in (shown, waiting, draft):
        kept(item).follow(an_owner(active=False, sequence=2), now=NOW)
    assert [item.state for item in (shown, waiting, draft)] == [
        ItemState.suspended,
        ItemState.suspended,
        ItemState.draft,
    ]
    assert told(shown) == ["ItemUnpublished"]
    assert told(waiting) == []
    for item in (shown, waiting, draft):
        kept(item).follow(an_owner(sequence=3), now=NOW)
    assert [i.state for i in (shown, waiting, draft)] == [
        ItemState.published,
        ItemState.pending_review,
        ItemState.draft,
    ]
    assert told(shown) == ["ItemPublished"]


def test_a_new_name_of_the_owner_is_told_with_its_items() -> None:
    item = a_published_item()
    item.follow(an_owner(sequence=2, name="Cineteca di Bologna"), now=NOW)
    assert told(item) == ["ItemUpdated"]
    assert item.card().owner.name == "Cineteca di Bologna"


def test_a_card_is_brief() -> None:
    card = a_published_item(description=LongText(it="parola " * 500)).card()
    assert len(card.description.it) <= 502
    assert card.description.it.endswith("parola …")


VERBS = ("revise", "publish", "approve", "give_back", "unpublish", "retire", "confirm", "suspend", "reinstate")


@given(st.lists(st.sampled_from(VERBS), max_size=12))
def test_in_whatever_order_things_happen_only_what_is_published_of_an_active_owner_is_shown(verbs: list[str]) -> None:
    item, active, sequence = a_draft(), True, 1
    deeds = {
        "revise": lambda: item.revise(a_content("Altro"), now=NOW),
        "publish": lambda: item.publish(owner=an_owner(active=active, sequence=sequence), trusted=False, now=NOW),
        "approve": lambda: item.approve(now=NOW),
        "give_back": lambda: item.give_back("No", now=NOW),
        "unpublish": lambda: item.unpublish(now=NOW),
        "retire": lambda: item.retire(now=NOW),
        "confirm": lambda: item.confirm(now=NOW),
    }
    shown = False
    for verb in verbs:
        item.recorded.clear()
        retired = item.state is ItemState.retired
        if verb in ("suspend", "reinstate"):
            active, sequence = verb == "reinstate", sequence + 1
            item.follow(an_owner(active=active, sequence=sequence), now=NOW)
        else:
            try:
                deeds[verb]()
            except HubError:
                assert not item.recorded
        for name in told(item):
            shown = {"ItemPublished": True, "ItemUnpublished": False, "ItemRetired": False}.get(name, shown)
        assert shown is (item.state is ItemState.published)
        assert not (retired and item.state is not ItemState.retired)
        assert (item.suspended_from is not None) is (item.state is ItemState.suspended)
        assert item.state is not ItemState.published or (active and item.approved)


def test_an_item_says_something_names_nothing_twice_and_not_without_end() -> None:
    twice = a_draft(competences=("Taglio laser", "colore", "taglio  Laser"), subsectors=(Subsector.music,) * 2).content
    assert (twice.competences, twice.subsectors) == (("Taglio laser", "colore"), (Subsector.music,))
    many = tuple(f"competenza {n}" for n in range(MOST_NAMED + 1))
    seen = tuple(Medium(title=name, url=f"https://example.org/{name}") for name in many)
    assert len(a_draft(competences=many[1:], media=seen[1:]).content.media) == MOST_NAMED
    item = a_draft()
    for wrong in ({"competences": many}, {"media": seen}, {"description": LongText(it=" \n", en="Something")}):
        with pytest.raises(Invalid) as refused:
            item.revise(a_content(**wrong), now=NOW)
        [(_, said)] = refused.value.errors["content"].items()
        [told] = each_field(said, say=in_italian)
        assert told in ("Più lungo del massimo di 50.", "it: Mancante.")


# --- access requests ----------------------------------------------------------------------------------------


def a_request(item: Item | None = None) -> AccessRequest:
    item = item or a_published_item()
    return AccessRequest.make("request-1", item, "Serve per un film", by=AFFILIATE, name="Note Alte", now=NOW)


def test_a_member_asks_for_what_is_published_and_not_its_own() -> None:
    request = a_request()
    assert (request.state, told(request)) == (RequestState.requested, ["AccessRequested"])
    with pytest.raises(ItemNotOffered):
        a_request(a_draft())
    with pytest.raises(OwnItem):
        AccessRequest.make("r", a_published_item(), "", by=SPOKE, name="x", now=NOW)


def test_a_request_goes_from_the_asking_to_the_rating() -> None:
    request = a_request()
    request.accept("Volentieri", by=SPOKE, now=NOW + DAY)
    request.write("Grazie", by=AFFILIATE, now=NOW + DAY)
    request.begin(by=SPOKE)
    request.complete(by=SPOKE, now=NOW + 2 * DAY)
    request.rate(4, "Bene", by=AFFILIATE, now=NOW + 3 * DAY)
    assert [message.words for message in request.messages] == ["Serve per un film", "Volentieri", "Grazie"]
    assert told(request)[1:] == ["AccessAnswered", "AccessMessageSent", "AccessCompleted", "AccessRated"]
    with pytest.raises(AlreadyRated):
        request.rate(5, "", by=AFFILIATE, now=NOW)


def test_each_side_does_its_own() -> None:
    request = a_request()
    with pytest.raises(NotYourItem):
        request.accept("", by=AFFILIATE, now=NOW)
    with pytest.raises(CannotRate):
        request.rate(5, "", by=AFFILIATE, now=NOW)
    with pytest.raises(NotYourRequest):
        request.rate(5, "", by=SPOKE, now=NOW)
    with pytest.raises(NotYourRequest):
        request.write("?", by=LABORATORY, now=NOW)
    with pytest.raises(CannotCallOff):  # an owner declines what it has not agreed to
        request.cancel("No", by=SPOKE, now=NOW)
    request.decline("Siamo chiusi", by=SPOKE, now=NOW)
    with pytest.raises(AlreadyAnswered):
        request.accept("", by=SPOKE, now=NOW)


def test_what_is_told_of_a_request_says_who_and_in_which_words() -> None:
    request = a_request()
    request.accept("Volentieri, da marzo", by=SPOKE, now=NOW)
    request.write("Grazie", by=AFFILIATE, now=NOW)
    request.write("Prego", by=SPOKE, now=NOW)
    request.cancel("Non serve più", by=AFFILIATE, now=NOW)
    [_, answered, thanks, welcome, cancelled] = request.recorded
    assert answered.words == "Volentieri, da marzo"
    assert (thanks.from_organisation_name, welcome.from_organisation_name) == ("Note Alte", "Cineteca")
    assert cancelled.by_organisation_name == "Note Alte"


def test_a_thread_ends_somewhere() -> None:
    request = a_request()
    for _ in range(LONGEST_THREAD - 1):
        request.write("Ancora", by=AFFILIATE, now=NOW)
    with pytest.raises(TooManyMessages):
        request.write("Ancora", by=SPOKE, now=NOW)


@pytest.mark.parametrize("words", ["", " \n ", "o" * 10_001])
@pytest.mark.parametrize("what", [RequestAccess, WriteMessage])
def test_neither_nothing_nor_more_than_is_kept_is_said(what: type, words: str) -> None:
    shape = contract_of(what, OperationContract).shape
    id_ = "item_id" if what is RequestAccess else "request_id"
    assert shape.load({id_: "i", "words": " " + "o" * 10_000 + "\n"}).words == "o" * 10_000
    with pytest.raises(Invalid) as refused:
        shape.load({id_: "i", "words": words})
    assert in_italian(refused.value.errors["words"][0]) == "La lunghezza deve essere tra 1 e 10000."


@given(st.lists(st.sampled_from(("accept", "decline", "begin", "complete", "cancel", "call_off", "rate")), max_size=9))
def test_a_request_is_answered_completed_and_rated_once_at_most(verbs: list[str]) -> None:
    request = a_request()
    deeds = {
        "accept": lambda: request.accept("", by=SPOKE, now=NOW),
        "decline": lambda: request.decline("No", by=SPOKE, now=NOW),
        "begin": lambda: request.begin(by=SPOKE),
        "complete": lambda: request.complete(by=SPOKE, now=NOW + timedelta(hours=1)),
        "cancel": lambda: request.cancel(None, by=AFFILIATE, now=NOW),
        "call_off": lambda: request.cancel(None, by=SPOKE, now=NOW),
        "rate": lambda: request.rate(3, "", by=AFFILIATE, now=NOW),
    }
    for verb in verbs:
        try:
            deeds[verb]()
        except (IllegalTransition, AlreadyRated):
            continue
    names = told(request)
    for once in ("AccessAnswered", "AccessCompleted", "AccessCancelled", "AccessRated"):
        assert names.count(once) <= 1
    assert ("AccessRated" in names) <= ("AccessCompleted" in names) <= ("AccessAnswered" in names)
    assert not ("AccessCompleted" in names and "AccessCancelled" in names)
    assert request.open is (request.state in (RequestState.requested, RequestState.accepted, RequestState.in_progress))


# --- laboratories -------------------------------------------------------------------------------------------


def test_a_laboratorys_competences_are_gathered_whatever_their_capitals_the_widest_first() -> None:
    one = a_published_item(LABORATORY, competences=("Taglio laser", "colore")).card()
    other = replace(a_published_item(LABORATORY, competences=("taglio  Laser",)).card(), id="item-2")
    offered = by_competence([one, other])
    assert [(found.competence, len(found.items)) for found in offered] == [("Taglio laser", 2), ("colore", 1)]


def test_an_accreditation_ends_after_it_began() -> None:
    accreditations = (
        Accreditation(name="ISO 9001", body="Accredia", since=NOW),
        Accreditation(name="ISO 17025", body="Accredia", since=NOW, until=NOW - DAY),
    )
    profile = LaboratoryProfile(presentation=LongText(it="…"), accreditations=accreditations)
    with pytest.raises(Invalid) as refused:
        Laboratory(id="lab-immagine").describe(profile, by=LABORATORY)
    [told] = each_field(refused.value.errors, say=in_italian)
    assert told == "profile.accreditations.1.until: Deve essere successivo a since."


def test_readiness_goes_upwards() -> None:
    with pytest.raises(ReadinessUpsideDown):
        Laboratory(id="lab-immagine").describe(
            LaboratoryProfile(presentation=LongText(it="…"), readiness_from=8, readiness_to=3), by=LABORATORY
        )
