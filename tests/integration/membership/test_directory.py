"""The public directory through the running service: found by words and filters, page by page, nothing private in it."""

from __future__ import annotations

import pytest

from shared.contracts.membership import ListOrganisations, MembershipState, OrganisationPage, Seat
from shared.contracts.vocabulary import OrganisationKind, Province, Subsector
from shared.errors import Invalid
from shared.identity import ANYBODY, Principal
from tests.integration.membership.hub import Hub
from tests.unit.membership.builders import a_person, staff_of

NAMES = ("Teatro dell'Osservanza", "Città di Carta", "Àltera Danza", "altro Teatro", "Museo Bàrberi")


@pytest.fixture
def directory(hub: Hub) -> Hub:
    """A promoter, a laboratory and five affiliates."""
    fausta = hub.founded()
    hub.appointed(fausta)
    seats = [Seat(municipality="Imola", province=Province.BO), Seat(municipality="Faenza", province=Province.RA)]
    for number, name in enumerate(NAMES):
        subsectors = (Subsector.heritage,) if "Museo" in name else (Subsector.performing_arts, Subsector.music)
        hub.affiliated(
            hub.registered(f"person{number}"), fausta, name=name, seat=seats[number % 2], subsectors=subsectors
        )
    return hub


def _found(hub: Hub, by: Principal = ANYBODY, **wanted: object) -> OrganisationPage:
    return hub.ask(ListOrganisations(**wanted), by=by)


def _names(hub: Hub, **wanted: object) -> list[str]:
    return [organisation.name for organisation in _found(hub, **wanted).items]


def test_members_are_found_by_words_filters_and_pages(directory: Hub) -> None:
    affiliates = {"kind": OrganisationKind.affiliate}
    in_order = ["Àltera Danza", "altro Teatro", "Città di Carta", "Museo Bàrberi", "Teatro dell'Osservanza"]
    assert _names(directory, **affiliates) == in_order, "by name, whatever the accents and capitals"
    assert len(_names(directory)) == 7

    assert _names(directory, q="TEATRO") == ["altro Teatro", "Teatro dell'Osservanza"]
    assert _names(directory, q="osserv teatr") == ["Teatro dell'Osservanza"], "words in any order, begun"
    assert _names(directory, q="citta") == ["Città di Carta"]
    assert _names(directory, q="barberì") == ["Museo Bàrberi"]
    assert _names(directory, q="eatro") == [], "a word is found from its beginning"
    assert _names(directory, q=".*") == _names(directory, q="") == _names(directory), "signs are no words"

    assert _names(directory, subsector=Subsector.heritage) == ["Museo Bàrberi"]
    assert _names(directory, province=Province.RA) == ["altro Teatro", "Città di Carta"]
    assert _names(directory, province=Province.RA, q="teatro") == ["altro Teatro"]

    first = _found(directory, **affiliates, limit=2)
    second = _found(directory, **affiliates, limit=2, cursor=first.next)
    third = _found(directory, **affiliates, limit=2, cursor=second.next)
    assert [it.name for page in (first, second, third) for it in page.items] == in_order
    assert (third.next, {page.total for page in (first, second, third)}) == (None, {5})
    with pytest.raises(Invalid):
        _found(directory, cursor="elsewhere")


def test_what_is_private_is_shown_to_its_people_and_to_staff_only(directory: Hub) -> None:
    for caller in (ANYBODY, a_person("mallory"), staff_of(OrganisationKind.cluster)):
        for shown in _found(directory, by=caller).items:
            assert (shown.tax_code, shown.email, shown.phone) == (None, None, None)
    assert all(shown.tax_code for shown in _found(directory, by=staff_of(OrganisationKind.support_body)).items)
    own = {shown.name for shown in _found(directory, by=a_person("person0")).items if shown.tax_code}
    assert own == {NAMES[0]}


@pytest.mark.parametrize("state", [MembershipState.suspended, MembershipState.ended])
def test_only_active_members_are_in_the_directory(hub: Hub, state: MembershipState) -> None:
    laboratory = hub.appointed(hub.founded())
    assert _names(hub) == ["Laboratorio Larix", "Settore Attività culturali"]
    hub.around.documents.organisations.update_one({"_id": laboratory.id}, {"$set": {"state": state.value}})
    assert _names(hub) == ["Settore Attività culturali"]
    assert hub.organisation(laboratory.id).state is state
