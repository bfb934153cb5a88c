"""Amending a published call: a version of its own, told field by field; extending a deadline is told as what it is."""

from __future__ import annotations

from typing import Any

import pytest

from services.calls.domain.call import AlreadyPast, HasNoDeadline, NotLater
from services.calls.domain.coherence import EndsBeforeItCloses
from services.calls.domain.difference import difference
from shared.contracts.calls import CallAmended, Contact, DeadlineExtended, Document, FieldChange
from shared.contracts.declaration import to_wire
from shared.contracts.shapes import LongText, Money, Text
from shared.contracts.vocabulary import Subsector
from tests.unit.calls.builders import DAY, NOW, a_content, a_draft, a_published_call, an_imported_call, kept, told


def changes_of(**content: Any) -> dict[str, tuple[Any, Any]]:
    changes = difference(a_content(), a_content(**content))
    return {change.field: (change.before, change.after) for change in changes}


def test_what_is_the_same_has_no_difference() -> None:
    assert difference(a_content(), a_content()) == ()


def test_a_text_differs_by_language() -> None:
    assert changes_of(title=Text(it="Musica dal vivo", en="Live concerts")) == {
        "title.en": ("Live music", "Live concerts")
    }
    assert changes_of(summary=LongText(it="Contributi a festival e rassegne", en="Grants to festivals")) == {
        "summary.en": (None, "Grants to festivals")
    }


def test_a_text_that_comes_or_goes_is_a_difference_too() -> None:
    assert changes_of(body=LongText(it="<p>Testo</p>")) == {"body.it": (None, "<p>Testo</p>")}
    assert changes_of(summary=None) == {"summary.it": ("Contributi a festival e rassegne", None)}


def test_other_fields_differ_as_a_whole_in_json_values() -> None:
    assert changes_of(
        subsectors=(Subsector.music, Subsector.performing_arts),
        budget=Money(cents=100_000_00),
        documents=(Document(title="Modulo", url="https://example.org/modulo.pdf"),),
        contacts=(Contact(email="musica@example.org"),),
        grant_rate=80,
    ) == {
        "subsectors": (["music"], ["music", "performing_arts"]),
        "budget": (None, {"cents": 100_000_00, "currency": "EUR"}),
        "grant_rate": (None, 80),
        "documents": ([], [{"title": "Modulo", "url": "https://example.org/modulo.pdf"}]),
        "contacts": ([], [{"name": None, "email": "musica@example.org", "phone": None}]),
    }


def test_instants_differ_in_utc() -> None:
    assert changes_of(closes_at=NOW + 31 * DAY) == {"closes_at": ("2026-04-01T09:00:00Z", "2026-04-02T09:00:00Z")}


def test_a_difference_is_json_through_and_through() -> None:
    changes = difference(a_content(), a_content(closes_at=None, budget=Money(cents=1), subsectors=()))
    assert to_wire(changes) == [vars(change) for change in changes]


def test_an_amendment_is_kept_with_its_version_and_told_with_the_difference() -> None:
    call = a_published_call()
    call.revise(a_content(title=Text(it="Musica dal vivo 2026", en="Live music")), now=NOW + DAY)
    assert told(call) == ["CallAmended"]
    amended = call.recorded[0]
    assert isinstance(amended, CallAmended)
    expected = (FieldChange(field="title.it", before="Musica dal vivo", after="Musica dal vivo 2026"),)
    assert amended.changes == expected
    assert amended.call.title.it == "Musica dal vivo 2026"
    [amendment] = call.amendments
    assert (amendment.version, amendment.at, amendment.changes) == (call.version + 1, NOW + DAY, expected)


def test_saying_the_same_again_is_no_amendment() -> None:
    call = a_published_call()
    assert call.revise(a_content(), now=NOW + DAY) == ()
    assert told(call) == []
    assert call.amendments == ()


def test_changing_a_draft_is_no_amendment() -> None:
    call = a_draft()
    assert call.revise(a_content(issuer="Comune di Imola"), now=NOW)
    assert call.amendments == ()
    assert told(call) == []


def test_a_suspended_call_may_be_amended_and_its_watchers_hear_of_it() -> None:
    call = a_published_call()
    call.suspend("Ricorso al TAR", now=NOW)
    kept(call)
    call.revise(a_content(issuer="Comune di Imola"), now=NOW)
    assert told(call) == ["CallAmended"]
    assert call.next_step_at is None


def test_an_extension_is_told_as_one_and_kept_among_the_amendments() -> None:
    call = a_published_call()
    call.extend_deadline(NOW + 45 * DAY, now=NOW + DAY)
    [extended] = call.recorded
    assert isinstance(extended, DeadlineExtended)
    assert (extended.before, extended.after) == (NOW + 30 * DAY, NOW + 45 * DAY)
    assert extended.call.closes_at == NOW + 45 * DAY
    assert [change.field for change in call.amendments[0].changes] == ["closes_at"]


def test_revising_nothing_but_a_later_deadline_is_an_extension_too() -> None:
    call = a_published_call()
    call.revise(a_content(closes_at=NOW + 45 * DAY), now=NOW)
    assert told(call) == ["DeadlineExtended"]


@pytest.mark.parametrize(
    "content",
    [
        {"closes_at": NOW + 20 * DAY},
        {"closes_at": None},
        {"closes_at": NOW + 45 * DAY, "issuer": "Comune di Imola"},
    ],
    ids=["earlier", "no deadline any more", "later, and something else"],
)
def test_any_other_change_of_the_deadline_is_an_amendment(content: dict[str, Any]) -> None:
    call = a_published_call()
    call.revise(a_content(**content), now=NOW)
    assert told(call) == ["CallAmended"]


def test_giving_a_rolling_call_a_deadline_is_an_amendment() -> None:
    call = a_published_call(closes_at=None)
    call.revise(a_content(), now=NOW)
    assert told(call) == ["CallAmended"]


def test_an_extension_moves_forward() -> None:
    for not_later in (NOW + 30 * DAY, NOW + 29 * DAY):
        with pytest.raises(NotLater):
            a_published_call().extend_deadline(not_later, now=NOW)


def test_an_extension_ends_in_the_future() -> None:
    call = a_published_call()
    with pytest.raises(AlreadyPast):
        call.extend_deadline(NOW + 40 * DAY, now=NOW + 50 * DAY)
    assert call.content == a_content()


def test_a_procedure_that_an_editor_writes_ends_after_the_deadline() -> None:
    call = a_published_call(procedure_ends_at=NOW + 60 * DAY)
    with pytest.raises(EndsBeforeItCloses):
        call.extend_deadline(NOW + 61 * DAY, now=NOW)
    with pytest.raises(EndsBeforeItCloses):
        call.revise(a_content(procedure_ends_at=NOW + 29 * DAY), now=NOW)
    with pytest.raises(EndsBeforeItCloses):
        a_draft(procedure_ends_at=NOW + 29 * DAY)
    assert told(call) == []
    imported = an_imported_call(procedure_ends_at=NOW + 29 * DAY)
    assert imported.content.procedure_ends_at == NOW + 29 * DAY, "a source's dates are taken as it gives them"


def test_a_rolling_call_has_no_deadline_to_extend() -> None:
    with pytest.raises(HasNoDeadline):
        a_published_call(closes_at=None).extend_deadline(NOW + DAY, now=NOW)


def test_amendments_follow_one_another() -> None:
    call = a_published_call()
    call.revise(a_content(issuer="Comune di Imola"), now=NOW + DAY)
    kept(call)
    call.extend_deadline(NOW + 45 * DAY, now=NOW + 2 * DAY)
    kept(call)
    assert [amendment.version for amendment in call.amendments] == [call.version - 1, call.version]
