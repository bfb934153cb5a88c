"""What other programs get, read back by other programs: calendars, feeds, tables, and the open data standards."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from io import StringIO
from pathlib import Path
from typing import Any

import feedparser
import pytest
import vobject
from jsonschema import Draft4Validator, Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT4, DRAFT202012

from services.calls.applications.domain import Award
from services.calls.domain import Call
from services.calls.exports.atom import feed
from services.calls.exports.calendar import calendar
from services.calls.exports.grants import grants_package
from services.calls.exports.releases import release_package
from services.calls.exports.table import awards_table, calls_table
from services.calls.prose import as_kept
from shared.contracts.calls import AwardState, CallContent, Document, GrantApplicationCard
from shared.contracts.declaration import Shape
from shared.contracts.shapes import LongText, Money, Text
from shared.contracts.vocabulary import Recipient, Subsector
from tests.unit.calls.builders import DAY, NOW, a_published_call, kept


def a_call(**content: Any) -> Call:
    said: dict[str, Any] = {
        "title": Text(it='Musica, danza; "e altro"', en="Music, dance & more"),
        "body": LongText(it="<p>Per <strong>tutti</strong></p>"),
        "budget": Money(cents=12_345_678),
        "recipients": (Recipient.third_sector,),
        "documents": (Document(title="Modulo", url="https://hub.example.org/modulo.pdf"),),
        "procedure_ends_at": NOW + 90 * DAY,
    }
    return a_published_call(**said | content)


def an_award(state: AwardState = AwardState.granted) -> Award:
    card = GrantApplicationCard(
        id="application-1",
        call_id="call-1",
        call_title=Text(it="Musica"),
        organisation_id="note-alte",
        organisation_name="Note Alte",
        person_id="anna",
        title="Festival",
        subsectors=(Subsector.music,),
        requested=Money(cents=500_000),
    )
    return Award(
        id="award-1",
        version=1,
        state=state,
        application=card,
        summary="Un festival",
        amount=Money(cents=450_000),
        total_cost=Money(cents=900_000),
        granted_at=NOW + 80 * DAY,
        ended_at=None if state is AwardState.granted else NOW + 100 * DAY,
    )


def amended(call: Call, **content: Any) -> Call:
    call.revise(replace(call.content, **content), now=NOW + DAY)
    return kept(call)


# --- calendar


def test_another_library_reads_the_calendar() -> None:
    [event] = vobject.readOne(calendar([a_call()], "it")).vevent_list
    assert event.summary.value == 'Scade: Musica, danza; "e altro"'
    assert event.dtstart.value == NOW + 30 * DAY
    assert event.status.value == "CONFIRMED"
    assert event.uid.value.startswith("call-1@")


def test_a_deadline_that_moves_is_the_same_event_with_a_higher_sequence() -> None:
    call = a_call()
    [before] = vobject.readOne(calendar([call], "it")).vevent_list
    amended(call, closes_at=NOW + 40 * DAY)
    [after] = vobject.readOne(calendar([call], "it")).vevent_list
    assert after.uid.value == before.uid.value
    assert int(after.sequence.value) > int(before.sequence.value)
    assert after.dtstart.value == NOW + 40 * DAY


def test_what_is_taken_back_is_cancelled_in_calendars() -> None:
    call = a_call()
    call.suspend("Ricorso", now=NOW + DAY)
    [event] = vobject.readOne(calendar([kept(call)], "en")).vevent_list
    assert event.status.value == "CANCELLED"
    assert event.summary.value == "Closes: Music, dance & more"


def test_a_deadline_after_the_change_of_the_clock_is_the_same_instant_in_a_calendar() -> None:
    closes = datetime(2026, 3, 29, 21, 59, 59, tzinfo=timezone.utc)  # the end of a day of 23 hours in Rome
    [event] = vobject.readOne(calendar([a_call(closes_at=closes)], "it")).vevent_list
    assert event.dtstart.value == closes


def test_a_calendar_without_calls_and_a_rolling_call_are_no_events() -> None:
    assert "VEVENT" not in calendar([], "it")
    assert "VEVENT" not in calendar([a_call(closes_at=None)], "it")


# --- Atom


def test_another_library_reads_the_feed() -> None:
    parsed = feedparser.parse(feed([a_call()], "en").encode())
    assert not parsed.bozo
    [entry] = parsed.entries
    assert entry.title == "Music, dance & more"
    assert "Closes on 01/04/2026 at 11:00." in entry.summary
    assert entry.content[0].value == "<p>Per <strong>tutti</strong></p>"
    assert [tag.term for tag in entry.tags] == ["music"]
    assert entry.published == NOW.isoformat()


def test_the_feed_is_as_new_as_its_newest_call_and_the_same_until_something_changes() -> None:
    call = a_call()
    assert feed([call], "it") == feed([call], "it")
    before = feedparser.parse(feed([call], "it").encode()).feed.updated
    amended(call, issuer="Altri")
    assert feedparser.parse(feed([call], "it").encode()).feed.updated > before
    assert not feedparser.parse(feed([], "it").encode()).bozo


def test_a_feed_can_be_written_of_whatever_characters_a_call_came_with() -> None:
    said = {
        "type": "funding",
        "title": {"it": "Musica\x00 e \x0bdanza"},
        "issuer": "Regione\x1f",
        "summary": {"it": "Uno\x08\ndue"},
        "body": {"it": "<p>&#8;Per\ufffe tutti&#xffff;</p>"},
        "documents": [{"title": "\x01Modulo", "url": "https://hub.example.org/\x01modulo.pdf"}],
    }
    call = a_published_call()
    call.content = as_kept(Shape(CallContent).load(said))
    parsed = feedparser.parse(feed([call], "it").encode())
    assert not parsed.bozo
    [entry] = parsed.entries
    assert (entry.title, entry.author) == ("Musica e danza", "Regione")
    assert entry.content[0].value == "<p>Per tutti</p>"


# --- tables


def test_a_table_says_a_call_in_a_line() -> None:
    [row] = csv.DictReader(StringIO(calls_table([a_call()], NOW)))
    assert row["title_it"] == 'Musica, danza; "e altro"'
    assert (row["budget_eur"], row["phase"], row["source"]) == ("123456.78", "open", "hub")
    assert row["closes_at"] == "2026-04-01T11:00:00+02:00"
    [award] = csv.DictReader(StringIO(awards_table([an_award()])))
    assert (award["amount_eur"], award["organisation"], award["state"]) == ("4500.00", "Note Alte", "granted")


@pytest.mark.parametrize("title", ["=1+1", "+39 051", "-meno", "@SUM(A1)"])
def test_no_cell_is_a_formula(title: str) -> None:
    [row] = csv.DictReader(StringIO(calls_table([a_call(title=Text(it=title))], NOW)))
    assert row["title_it"] == f"'{title}"


# --- the standards


@pytest.fixture
def schemas(real_calls: Path) -> Path:
    return real_calls.parents[1] / "schemas"


def checked(package: str, schema: Path, *others: Path, draft: Any) -> Any:
    """The package, if its published schema has nothing to say against it."""
    found = json.loads(package)
    known = [json.loads(other.read_text("utf-8")) for other in others]
    whole = json.loads(schema.read_text("utf-8"))
    dialect = DRAFT4 if draft is Draft4Validator else DRAFT202012
    references = _references(whole)
    registry: Registry[Any] = Registry().with_resources(
        [(address, dialect.create_resource(one)) for address in references for one in known]
    )
    errors = draft(whole, registry=registry, format_checker=FormatChecker()).iter_errors(found)
    assert [f"{list(error.absolute_path)}: {error.message[:200]}" for error in errors] == []
    return found


def _references(schema: Any) -> set[str]:
    """The addresses of other schemas that this one names."""
    if isinstance(schema, dict):
        own = {schema["$ref"]} if str(schema.get("$ref", "")).startswith("http") else set()
        return own.union(*(_references(value) for value in schema.values())) if schema else own
    return set().union(*(_references(value) for value in schema)) if isinstance(schema, list) else set()


def ocds(calls: list[Call], awards: dict[str, list[Award]], schemas: Path, now: datetime = NOW) -> Any:
    return checked(
        release_package(calls, awards, now),
        schemas / "ocds-1.1.5-release-package-schema.json",
        schemas / "ocds-1.1.5-release-schema.json",
        draft=Draft4Validator,
    )


def test_releases_are_what_the_standard_says(schemas: Path) -> None:
    withdrawn = a_call()
    withdrawn.id = "call-2"
    withdrawn.withdraw("Fondi revocati", now=NOW + DAY)
    rolling = a_call(opens_at=None, closes_at=None, procedure_ends_at=None, budget=None, documents=())
    rolling.id = "call-3"
    calls = [amended(a_call(), budget=Money(cents=100)), kept(withdrawn), rolling]
    package = ocds(calls, {"call-1": [an_award(), replace_id(an_award(AwardState.revoked))]}, schemas)
    with_awards, taken_back, without_end = package["releases"]
    assert with_awards["tag"] == ["tenderAmendment", "award", "awardCancellation"]
    assert with_awards["tender"]["value"] == {"amount": 1.0, "currency": "EUR"}
    assert with_awards["tender"]["amendments"][0]["description"] == "budget"
    assert [award["status"] for award in with_awards["awards"]] == ["active", "cancelled"]
    assert {role for party in with_awards["parties"] for role in party["roles"]} == {
        "buyer",
        "procuringEntity",
        "supplier",
    }
    assert (taken_back["tag"], taken_back["tender"]["status"]) == (["tenderCancellation"], "cancelled")
    assert "endDate" not in without_end["tender"]["tenderPeriod"]


def replace_id(award: Award) -> Award:
    award.id = "award-2"
    return award


@pytest.mark.parametrize(("days", "status"), [(-1, "planned"), (0, "active"), (31, "active"), (91, "complete")])
def test_a_tenders_status_is_where_the_call_stands(schemas: Path, days: int, status: str) -> None:
    now = NOW + timedelta(days=days)
    call = a_call()
    assert ocds([call], {}, schemas, now=now)["releases"][0]["tender"]["status"] == status


def test_a_tender_is_complete_once_its_awards_are_made_and_not_while_it_is_suspended(schemas: Path) -> None:
    closed = NOW + 81 * DAY
    assert (
        ocds([a_call()], {"call-1": [an_award()]}, schemas, now=closed)["releases"][0]["tender"]["status"] == "complete"
    )
    suspended = a_call()
    suspended.suspend("Ricorso", now=NOW + DAY)
    assert ocds([suspended], {}, schemas)["releases"][0]["tender"]["status"] == "active"


def test_a_release_that_tells_something_else_has_another_id_and_a_later_date(schemas: Path) -> None:
    told = [
        ocds([a_call()], {"call-1": awards}, schemas, now=NOW + days * DAY)["releases"][0]
        for days, awards in (
            (1, []),
            (81, [an_award()]),
            (89, [an_award(AwardState.revoked)]),
            (89, [an_award(AwardState.revoked), replace_id(an_award())]),
            (200, [an_award(AwardState.revoked), replace_id(an_award())]),
        )
    ]
    assert len({release["id"] for release in told}) == len(told)
    dates = [release["date"] for release in told]
    assert dates == sorted(dates)


def test_grants_are_what_the_standard_says(schemas: Path) -> None:
    package = checked(
        grants_package([an_award()], {"call-1": "Regione Emilia-Romagna"}),
        schemas / "360-giving-package-schema.json",
        schemas / "360-giving-schema.json",
        draft=Draft202012Validator,
    )
    [grant] = package["grants"]
    assert (grant["amountAwarded"], grant["amountAppliedFor"], grant["currency"]) == (4500.0, 5000.0, "EUR")
    assert grant["recipientOrganization"][0]["name"] == "Note Alte"


def test_the_schema_has_something_to_say_against_a_grant_without_recipient(schemas: Path) -> None:
    """So that the tests above mean something."""
    package = json.loads(grants_package([an_award()], {"call-1": "Regione"}))
    del package["grants"][0]["recipientOrganization"]
    with pytest.raises(AssertionError):
        checked(
            json.dumps(package),
            schemas / "360-giving-package-schema.json",
            schemas / "360-giving-schema.json",
            draft=Draft202012Validator,
        )


def test_what_an_export_says_does_not_depend_on_when_it_is_made() -> None:
    call: Call = a_call()
    assert release_package([call], {}, NOW) == release_package([call], {}, NOW + timedelta(hours=1))
