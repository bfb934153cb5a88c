"""The published catalogue in the formats of the outside world: schema.org as JSON-LD, DCAT-AP as Turtle, CSV.

Each is given in parts, so that no reader, and no other request, waits long for one.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import orjson
from rdflib import DCAT, DCTERMS, FOAF, RDF, XSD, Graph, Literal, Namespace, URIRef

from services.catalogue.domain import Item
from services.catalogue.importing import ADDED_BY_EXPORT, COLUMNS, row_of
from shared.contracts.catalogue import Access, Track
from shared.contracts.shapes import LongText, Text, TextDocument
from shared.contracts.vocabulary import Province, label
from shared.storage.work import Work

IN_A_PART = 250
_SCHEMA = Namespace("https://schema.org/")
_RESOURCE = URIRef(f"{DCAT}resource")
"""What DCAT 3 has, and this version of rdflib does not know yet."""
_LANGUAGES = {
    "it": URIRef("http://publications.europa.eu/resource/authority/language/ITA"),
    "en": URIRef("http://publications.europa.eu/resource/authority/language/ENG"),
}
_CULTURE = URIRef("http://publications.europa.eu/resource/authority/data-theme/EDUC")
"""Education, culture and sport: the theme of the EU's list that culture belongs to."""
_TITLES = {
    None: Text(it="Catalogo dell'Hub Cultura e Creatività", en="Catalogue of the Hub for Culture and Creativity"),
    Track.esk: Text(it="Catalogo E.S.K.", en="E.S.K. catalogue"),
    Track.oltre_i_lab: Text(it="Catalogo OLTRE I LAB", en="OLTRE I LAB catalogue"),
}
_ABOUT = Text(
    it="Servizi, competenze ed esperienze per le industrie culturali e creative dell'Emilia-Romagna.",
    en="Services, competences and experiences for the cultural and creative industries of Emilia-Romagna.",
)
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def part(track: Track | None, cursor: str | None, work: Work) -> tuple[list[Item], str | None]:
    """The items of one part, and the cursor of the next."""
    items = work.items.published_after(cursor, track.value if track else None, IN_A_PART + 1)
    more = len(items) > IN_A_PART
    items = items[:IN_A_PART]
    return items, items[-1].id if more else None


def as_json_ld(items: list[Item], next: str | None) -> TextDocument:
    """schema.org: a service and the offer by which one comes to it, for each item."""
    graph = [_service(item) for item in items]
    document = {"@context": "https://schema.org", "@graph": graph}
    return TextDocument(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode(), next)


def _service(item: Item) -> dict[str, Any]:
    content = item.content
    service: dict[str, Any] = {
        "@id": _urn("item", item.id),
        "@type": "Service",
        "additionalType": content.kind.value,
        "name": _json_texts(content.title),
        "description": _json_texts(content.description),
        "provider": {"@id": _urn("organisation", item.owner.id), "@type": "Organization", "name": item.owner.name},
        "category": [label(subsector).it for subsector in content.subsectors],
        "keywords": list(content.competences),
        "availableLanguage": list(content.languages),
        "areaServed": _place(item),
        "dateModified": item.changed_at.date().isoformat(),
        "offers": _offer(item),
    }
    if item.owner.website:
        service["provider"]["url"] = item.owner.website
    if content.media:
        service["subjectOf"] = [{"@type": "CreativeWork", "name": m.title, "url": m.url} for m in content.media]
    return {name: value for name, value in service.items() if value not in ([], None)}


def _offer(item: Item) -> dict[str, Any]:
    content = item.content
    offer: dict[str, Any] = {"@type": "Offer", "availability": "https://schema.org/InStock"}
    if content.access is Access.open:
        offer |= {"price": 0, "priceCurrency": "EUR"}
    if content.conditions:
        offer["description"] = _json_texts(content.conditions)
    offer["category"] = content.access.value
    return offer


def _place(item: Item) -> dict[str, Any] | None:
    if not item.place:
        return {"@type": "VirtualLocation", "url": item.owner.website} if item.owner.website else None
    address = {"@type": "PostalAddress", "addressRegion": label(Province(item.place)).it, "addressCountry": "IT"}
    if item.content.municipality:
        address["addressLocality"] = item.content.municipality
    return {"@type": "Place", "address": address}


def _json_texts(text: Text | LongText) -> Any:
    said = [{"@value": text.it, "@language": "it"}]
    if text.en:
        said.append({"@value": text.en, "@language": "en"})
    return said


def as_dcat(items: list[Item], track: Track | None, next: str | None) -> TextDocument:
    """DCAT-AP: the catalogue, the data set it is with its other forms, and each item as a resource of it.

    The other forms stand beside this one, wherever the hub is reached: their addresses are relative to its own.
    """
    graph = Graph()
    for prefix, namespace in (("dcat", DCAT), ("dct", DCTERMS), ("foaf", FOAF), ("schema", _SCHEMA)):
        graph.bind(prefix, namespace)
    catalogue = URIRef(_urn("catalogue", track.value if track else "all"))
    publisher = URIRef(_urn("organisation", "hub"))
    graph.add((catalogue, RDF.type, DCAT.Catalog))
    _add_texts(graph, catalogue, DCTERMS.title, _TITLES[track])
    _add_texts(graph, catalogue, DCTERMS.description, _ABOUT)
    for language in _LANGUAGES.values():
        graph.add((catalogue, DCTERMS.language, language))
    graph.add((catalogue, DCTERMS.publisher, publisher))
    graph.add((publisher, RDF.type, FOAF.Agent))
    graph.add((publisher, FOAF.name, Literal("Hub Cultura e Creatività", lang="it")))
    _add_data_set(graph, catalogue, publisher, track)
    for item in items:
        _add_resource(graph, catalogue, item)
    return TextDocument(graph.serialize(format="turtle"), next)


def _add_data_set(graph: Graph, catalogue: URIRef, publisher: URIRef, track: Track | None) -> None:
    data_set = URIRef(f"{catalogue}:items")
    graph.add((catalogue, DCAT.dataset, data_set))
    graph.add((data_set, RDF.type, DCAT.Dataset))
    _add_texts(graph, data_set, DCTERMS.title, _TITLES[track])
    _add_texts(graph, data_set, DCTERMS.description, _ABOUT)
    graph.add((data_set, DCTERMS.publisher, publisher))
    graph.add((data_set, DCAT.theme, _CULTURE))
    for name, media_type in (("jsonld", "application/ld+json"), ("csv", "text/csv")):
        form = URIRef(f"{data_set}:{name}")
        graph.add((data_set, DCAT.distribution, form))
        graph.add((form, RDF.type, DCAT.Distribution))
        graph.add((form, DCTERMS.title, Literal(f"catalogue.{name}")))
        beside = URIRef(f"catalogue.{name}" + (f"?track={track.value}" if track else ""))
        graph.add((form, DCAT.accessURL, beside))
        graph.add((form, DCAT.downloadURL, beside))
        graph.add((form, DCAT.mediaType, URIRef(f"http://www.iana.org/assignments/media-types/{media_type}")))


def _add_resource(graph: Graph, catalogue: URIRef, item: Item) -> None:
    content = item.content
    resource, owner = URIRef(_urn("item", item.id)), URIRef(_urn("organisation", item.owner.id))
    graph.add((catalogue, _RESOURCE, resource))
    graph.add((resource, RDF.type, DCAT.Resource))
    graph.add((resource, RDF.type, _SCHEMA.Service))
    graph.add((resource, DCTERMS.identifier, Literal(item.id)))
    _add_texts(graph, resource, DCTERMS.title, content.title)
    _add_texts(graph, resource, DCTERMS.description, content.description)
    graph.add((resource, DCTERMS.publisher, owner))
    graph.add((owner, RDF.type, FOAF.Agent))
    graph.add((owner, FOAF.name, Literal(item.owner.name, lang="it")))
    graph.add((resource, DCTERMS.modified, Literal(item.changed_at.date().isoformat(), datatype=XSD.date)))
    graph.add((resource, DCAT.theme, _CULTURE))
    for competence in content.competences:
        graph.add((resource, DCAT.keyword, Literal(competence, lang="it")))
    for language in content.languages:
        graph.add((resource, DCTERMS.language, _LANGUAGES[language]))
    for medium in content.media:
        graph.add((resource, DCAT.landingPage, URIRef(_safe(medium.url))))


def _add_texts(graph: Graph, subject: URIRef, predicate: URIRef, text: Text | LongText) -> None:
    graph.add((subject, predicate, Literal(text.it, lang="it")))
    if text.en:
        graph.add((subject, predicate, Literal(text.en, lang="en")))


def as_csv(items: list[Item], next: str | None) -> TextDocument:
    """The columns of the import, and whose each item is."""
    written = io.StringIO()
    table = csv.DictWriter(written, [*COLUMNS, *ADDED_BY_EXPORT])
    table.writeheader()
    for item in items:
        row = row_of(item) | {"id": item.id, "track": item.track.value, "owner_id": item.owner.id}
        row["owner"] = item.owner.name
        table.writerow({name: _cell(value) for name, value in row.items()})
    return TextDocument(written.getvalue(), next)


def _cell(value: Any) -> str:
    """What a spreadsheet would take for a formula is kept from being one."""
    said = str(value)
    return f"'{said}" if said.startswith(_FORMULAS) else said


def _urn(kind: str, id_: str) -> str:
    return f"urn:hub:{kind}:{id_}"


def _safe(url: str) -> str:
    """An address without the characters Turtle does not take."""
    return "".join(f"%{ord(c):02X}" if c in '<>"{}|^`\\ ' else c for c in url)
