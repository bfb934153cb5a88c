"""The public directory through the running service: found by words and filters, page by page, nothing private in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

import eventlet
import pytest
from pymongo.errors import AutoReconnect
from rdflib import RDF, Graph, Literal, Namespace

from services.membership.directory import Directory
from services.membership.domain import ways_in
from services.membership.domain.organisation import Organisation
from services.membership.repository import OrganisationRepository
from shared.contracts.membership import (
    CountMembers,
    ExportMembersAsLinkedData,
    ExportMembersAsTable,
    ListMunicipalities,
    ListOrganisations,
    MembershipState,
    OrganisationPage,
    ReinstateMember,
    RevokeMembership,
    Seat,
    SuspendMember,
)
from shared.contracts.shapes import LongText
from shared.contracts.vocabulary import OrganisationKind, Province, Subsector
from shared.errors import Invalid
from shared.identity import ANYBODY, Principal
from shared.storage.work import Work
from tests.integration.membership.hub import Hub, a_new_profile
from tests.servers import wait_until
from tests.unit.membership.builders import NOW, a_person, staff_of

SCHEMA = Namespace("https://schema.org/")
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


def test_the_directory_shows_active_members_only_from_the_moment_on(hub: Hub) -> None:
    fausta = hub.founded()
    laboratory = hub.appointed(fausta)
    assert _names(hub) == ["Laboratorio Larix", "Settore Attività culturali"]

    suspended = hub.ask(
        SuspendMember(organisation_id=laboratory.id, expected_version=laboratory.version, reason="Verifica."), by=fausta
    )
    assert _names(hub) == ["Settore Attività culturali"]
    assert hub.organisation(laboratory.id).state is MembershipState.suspended

    back = hub.ask(ReinstateMember(organisation_id=laboratory.id, expected_version=suspended.version), by=fausta)
    assert _names(hub, q="larix") == ["Laboratorio Larix"]

    hub.ask(RevokeMembership(organisation_id=laboratory.id, expected_version=back.version, reason="Chiuso."), by=fausta)
    assert _names(hub) == ["Settore Attività culturali"]
    assert hub.organisation(laboratory.id).state is MembershipState.ended


def test_members_are_counted_by_kind_subsector_and_province(directory: Hub) -> None:
    counts = directory.ask(CountMembers())
    assert [(it.value, it.count) for it in counts.kind] == [("affiliate", 5), ("laboratory", 1), ("promoter", 1)]
    assert {(it.value, it.count) for it in counts.subsector} == {("performing_arts", 6), ("music", 4), ("heritage", 1)}
    assert [(it.value, it.count) for it in counts.province] == [("BO", 5), ("RA", 2)]
    assert (counts.kind[0].label.it, counts.kind[0].label.en) == ("Affiliato", "Affiliate")

    narrowed = _found(directory, q="teatro", facets=True)
    assert narrowed.facets == directory.ask(CountMembers(q="teatro"))
    assert [(it.value, it.count) for it in narrowed.facets.province] == [("BO", 1), ("RA", 1)]


def test_members_are_found_by_what_they_can_do_where_they_are_and_what_they_say(hub: Hub) -> None:
    fausta = hub.founded()
    described = LongText(it="Restauriamo antichi manoscritti.", en="We restore ancient manuscripts.")
    hub.affiliated(
        hub.registered("anna"),
        fausta,
        name="Bottega Aldina",
        seat=Seat(municipality="forli", province=Province.FC),
        competences=("Legatoria d'arte", "restauro", "Restauro"),
        description=described,
    )
    assert _names(hub, competence="LEGATORIA D'ARTE") == ["Bottega Aldina"]
    assert _names(hub, competence="legatoria") == [], "a competence is meant as a whole"
    assert _names(hub, q="legat forlì") == ["Bottega Aldina"], "words of competences and municipality"
    assert _names(hub, q="restaurare manoscritto") == ["Bottega Aldina"], "in Italian, whatever the ending"
    assert _names(hub, q="manuscript restoring") == ["Bottega Aldina"], "in English, whatever the ending"
    [shown] = _found(hub, q="aldina").items
    assert shown.seat.municipality == "Forlì", "as ISTAT writes it"
    assert shown.competences == ("Legatoria d'arte", "restauro"), "nothing twice"


def test_a_seat_in_no_municipality_of_its_province_is_refused(hub: Hub) -> None:
    anna = hub.registered("anna")
    for municipality, province in (("Gotham", Province.BO), ("Faenza", Province.BO)):
        with pytest.raises(Invalid) as refused:
            hub.drafted(anna, seat=Seat(municipality=municipality, province=province))
        assert refused.value.errors["profile"]["seat"]["municipality"]
    assert hub.drafted(anna, seat=Seat(municipality="Gotham", province=Province.outside))
    found = hub.ask(ListMunicipalities(q="san la", province=Province.BO)).items
    assert [(it.code, it.name) for it in found] == [("037054", "San Lazzaro di Savena")]
    assert len(hub.ask(ListMunicipalities()).items) == 330


def test_other_programs_read_the_directory_as_a_table_and_as_linked_data(directory: Hub) -> None:
    table = list(csv.DictReader(io.StringIO(directory.ask(ExportMembersAsTable()).text)))
    assert [row["name"] for row in table] == _names(directory)
    [museum] = [row for row in table if row["name"] == "Museo Bàrberi"]
    assert (museum["municipality"], museum["province"], museum["subsectors"]) == ("Imola", "BO", "heritage")
    assert not {"tax_code", "email", "phone"} & set(museum), "nothing private"

    document = directory.ask(ExportMembersAsLinkedData(kind=OrganisationKind.affiliate))
    graph = Graph().parse(data=_without_network(document.text), format="json-ld")
    names = {str(name) for name in graph.objects(None, SCHEMA.name)}
    assert set(NAMES) <= names
    [theatre] = graph.subjects(SCHEMA.name, Literal("Teatro dell'Osservanza"))
    assert (theatre, RDF.type, SCHEMA.Organization) in graph
    [address] = graph.objects(theatre, SCHEMA.address)
    assert graph.value(address, SCHEMA.addressLocality) == Literal("Imola")


def _without_network(document: str) -> str:
    """schema.org's context, as far as it matters here, instead of its address."""
    return document.replace('"https://schema.org"', '{"@vocab": "https://schema.org/"}')


def test_a_value_that_a_spreadsheet_would_run_is_shown_as_text(hub: Hub) -> None:
    fausta = hub.founded()
    hub.affiliated(hub.registered("anna"), fausta, name='=HYPERLINK("http://evil.example")')
    [row] = csv.DictReader(io.StringIO(hub.ask(ExportMembersAsTable(kind=OrganisationKind.affiliate)).text))
    assert row["name"].startswith("'=")


def test_searches_that_wait_together_look_once_for_what_changed(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = Directory()
    directory.setup()
    index = directory.get_dependency(None)
    looks: list[str] = []

    def search() -> int:
        return int(index.page(ListOrganisations(), work, limit=20, cursor=None)[1].total)

    for look in ("_all", "_changed"):
        whole = getattr(index, look)
        monkeypatch.setattr(index, look, lambda *given, whole=whole, look=look: looks.append(look) or whole(*given))
    with index._turn:
        waiting = [eventlet.spawn(search) for _ in range(5)]

        def all_wait() -> bool:
            eventlet.spawn(lambda: None).wait()  # whoever has not begun begins
            return bool(index._turn.balance == -len(waiting))

        wait_until(all_wait, "each waits for its turn")
        work.organisations.add(
            ways_in.appoint(id="late", kind=OrganisationKind.cluster, profile=a_new_profile(), now=NOW)
        )
    assert [each.wait() for each in waiting] == [1] * 5
    assert looks == ["_all"]
    assert (search(), looks) == (1, ["_all", "_changed"]), "whoever comes later looks again"


def test_an_index_that_was_broken_off_half_way_holds_nothing_twice(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        profile = a_new_profile(f"Teatro {number}")
        work.organisations.add(
            ways_in.appoint(id=f"t{number}", kind=OrganisationKind.cluster, profile=profile, now=NOW)
        )
    directory = Directory()
    directory.setup()
    index = directory.get_dependency(None)
    whole = OrganisationRepository.as_stored

    def broken_off(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[Organisation, str]]:
        yield next(whole(rows))
        raise AutoReconnect("gone")

    monkeypatch.setattr(OrganisationRepository, "as_stored", staticmethod(broken_off))
    with pytest.raises(AutoReconnect):
        index.page(ListOrganisations(), work, limit=20, cursor=None)
    monkeypatch.undo()
    organisations, found = index.page(ListOrganisations(), work, limit=20, cursor=None)
    assert ([it.id for it in organisations], found.total) == (["t0", "t1", "t2"], 3)

    work.organisations.mongo.delete_many({})  # another database in its place
    organisations, found = index.page(ListOrganisations(), work, limit=20, cursor=None)
    assert (organisations, found.total) == ([], 0)
