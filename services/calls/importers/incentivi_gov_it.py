"""The national catalogue of incentives (incentivi.gov.it), as its Solr index answers.

`select?q=…&wt=json&start=…&rows=…` gives `{"response": {"numFound", "start", "docs": [record, …]}}`. Multi-valued
fields are `zm_…`, single ones `zs_…`; dates are local time without an offset, amounts are euros as text. Open data
under IODL 2.0.
"""

from __future__ import annotations

import html
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from services.calls.importers.fields import (
    CONTENT,
    SOURCE,
    cents,
    external_id,
    in_italian,
    instant,
    labels,
    line,
    loaded,
    money,
    translated,
)
from services.calls.importers.listing import Listing
from services.calls.importers.reading import Enquiry, Importer, MissingId, Reading, SoFar
from services.calls.prose import as_kept, plain_text
from shared.contracts.vocabulary import CallType, Province, Recipient
from shared.errors import Words
from shared.folding import folded

FORMAT = "incentivi-gov-it"
SITE = "https://www.incentivi.gov.it"
OUR_REGION = "emilia romagna"

_LISTING = Listing(records=("response", "docs"), total_at=("response", "numFound"))
_ROWS = 100

_RECIPIENTS = {
    "microimpresa": Recipient.micro_enterprises.value,
    "piccola impresa": Recipient.small_medium_enterprises.value,
    "media impresa": Recipient.small_medium_enterprises.value,
    "grande impresa": Recipient.large_enterprises.value,
    "impresa su pmi innovativa": Recipient.small_medium_enterprises.value,
    "cooperative associazioni non profit": Recipient.third_sector.value,
    "ente pubblico": Recipient.public_bodies.value,
    "pubblica amministrazione": Recipient.public_bodies.value,
    "ente di ricerca": Recipient.research_bodies.value,
    "universita": Recipient.schools_universities_training.value,
    "libero professionista": Recipient.professionals.value,
    "professionista": Recipient.professionals.value,
    "persona fisica": Recipient.citizens.value,
    "cittadino": Recipient.citizens.value,
}
"""By folded label of a company's size or a kind of applicant."""

_DETAILS = (
    ("zs_field_close_date_descriptor", "Sulla scadenza", "On the deadline"),
    ("zm_field_scopes_value", "Finalità", "Purposes"),
    ("zm_field_support_form_value", "Forma dell'agevolazione", "Form of support"),
    ("zm_field_granted_costs_value", "Spese ammesse", "Eligible costs"),
    ("zm_field_activity_sector_value", "Settori di attività", "Sectors of activity"),
    ("zm_field_subject_type_value", "Soggetti", "Kinds of applicant"),
    ("zm_field_dimensions_value", "Dimensioni d'impresa", "Company sizes"),
    ("zm_field_regions_value", "Regioni", "Regions"),
    ("zs_field_comuni", "Comuni", "Municipalities"),
    ("zs_field_primary_ruleset", "Norma istitutiva", "Founding act"),
    ("zs_field_implementation_ruleset", "Norma attuativa", "Implementing act"),
    ("zs_field_secondary_ruleset", "Norma secondaria", "Secondary act"),
    ("zs_field_official_references", "Riferimenti ufficiali", "Official references"),
    ("zs_field_other_characteristic", "Altre caratteristiche", "Other characteristics"),
)
"""What readers are told that no field of the hub's own holds: the source's field, and what it is called."""

_AMOUNTS = (("zs_field_budget_allocation", "Dotazione", "Budget"),)
_HEADINGS = {"cos e", "a chi si rivolge", "cosa prevede", "come funziona", "come fare domanda", "scadenza", "requisiti"}
_LONGEST_SUMMARY = 1000


def identify(record: Any) -> str | None:
    """The number of its page; Solr's own id changes with each index."""
    return external_id(record.get("zs_nid")) or external_id(record.get("id")) if isinstance(record, dict) else None


def read(record: Any) -> Reading:
    nid = identify(record)
    if nid is None:
        raise MissingId(errors={"zs_nid": ["Missing."]})
    path = line(record, "zs_url")
    source = loaded(SOURCE, {"system": FORMAT, "external_id": nid, "url": urljoin(SITE, path) if path else None})
    said = labels(record, "zm_field_dimensions_value") + labels(record, "zm_field_subject_type_value")
    recipients, others = translated(said, _RECIPIENTS)
    sections = _sections(record)
    costs, grants = (
        _range(record, "zs_field_cost", "zm_field_costs"),
        _range(record, "zs_field_support_grant_type", "zm_field_support_grant_type_min_max"),
    )
    link = line(record, "zs_field_link")
    wire = {
        "type": CallType.funding.value,
        "title": {"it": line(record, "zs_title")},
        "summary": in_italian(_summary(sections)),
        "body": in_italian(_body(sections)),
        "issuer": line(record, "zs_field_subject_grant") or "Ministero delle Imprese e del Made in Italy",
        "recipients": recipients,
        "provinces": _provinces(labels(record, "zm_field_regions_value")),
        "budget": money(_number(record, "zs_field_budget_allocation")),
        "grant_minimum": grants[0],
        "grant_maximum": grants[1],
        "costs_minimum": costs[0],
        "costs_maximum": costs[1],
        "opens_at": instant(record, "zs_field_open_date"),
        "closes_at": instant(record, "zs_field_close_date"),
        "ateco": plain_text(line(record, "zs_field_ateco")) or None,
        "documents": [{"title": "Pagina dell'ente che concede l'incentivo", "url": link}] if link else [],
        "details": _details(record),
        "other_labels": [{"field": "recipients", "label": label} for label in others],
    }
    content = as_kept(loaded(CONTENT, wire))
    return Reading(source, content, sectors=tuple(labels(record, "zm_field_activity_sector_value")))


def ask(url: str, so_far: SoFar) -> Enquiry | None:
    """Page by page, until all that Solr has found are there."""
    if so_far.pages and not _LISTING.goes_on(so_far):
        return None
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True)) | {"start": str(so_far.records)}
    query.setdefault("rows", str(_ROWS))
    return Enquiry(urlunsplit(parts._replace(query=urlencode(query))))


IMPORTER = Importer(
    format=FORMAT,
    version=1,
    title=Words("Incentivi nazionali (incentivi.gov.it)", "National incentives (incentivi.gov.it)"),
    open_pages=_LISTING.read_pages,
    open_file=_LISTING.read,
    count=_LISTING.count,
    identify=identify,
    read=read,
    ask=ask,
    url=f"{SITE}/solr/coredrupal/select?q=*:*&fq=index_id:incentivi&wt=json&sort=ss_search_api_id+asc",
    every_minutes=12 * 60,
)


def _sections(record: dict[str, Any]) -> list[str]:
    """The text, heading and paragraph by turns."""
    pieces = labels(record, "tum_X3b_it_body_ft")
    return [plain_text(piece) for piece in pieces] or [
        piece for piece in [plain_text(line(record, "zs_body"))] if piece
    ]


def _summary(sections: list[str]) -> str:
    """What it is, in the catalogue's own words."""
    first = next((section for section in sections if folded(section) not in _HEADINGS), "")
    if len(first) <= _LONGEST_SUMMARY:
        return first
    return first[:_LONGEST_SUMMARY].rsplit(" ", 1)[0] + " …"


def _body(sections: list[str]) -> str:
    return "".join(
        f"<h2>{html.escape(section, quote=False)}</h2>"
        if folded(section) in _HEADINGS
        else f"<p>{html.escape(section, quote=False)}</p>"
        for section in sections
    )


def _provinces(regions: list[str]) -> list[str]:
    """None where it is for our Region, among others or alone; `outside` where it is only for others."""
    ours = not regions or any(OUR_REGION in folded(region) or "tutte" in folded(region) for region in regions)
    return [] if ours else [Province.outside.value]


def _number(record: dict[str, Any], field: str) -> str:
    return plain_text(line(record, field))


def _range(record: dict[str, Any], field: str, both: str) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The least and the most: each in its own field, or both in one list."""
    least, most = (_number(record, f"{field}_{end}") for end in ("min", "max"))
    listed = sorted(filter(None, map(cents, labels(record, both))))
    found = (
        money(least) or ({"cents": listed[0]} if len(listed) == 2 else None),
        money(most) or ({"cents": listed[-1]} if listed else None),
    )
    return found if not (found[0] and found[1]) or found[0]["cents"] <= found[1]["cents"] else (found[1], found[0])


def _details(record: dict[str, Any]) -> list[dict[str, Any]]:
    found = [(it, en, "; ".join(map(plain_text, labels(record, field)))) for field, it, en in _DETAILS]
    for field, it, en in _AMOUNTS:
        said = _number(record, field)
        if said and cents(said) is None:
            found.append((it, en, said))
    return [{"label": {"it": it, "en": en}, "value": value} for it, en, value in found if value]
