"""An imported call and what its source says later: followed, but never over the head of an editor."""

from __future__ import annotations

from typing import Any

import pytest

from services.calls.domain import Call
from services.calls.domain.coherence import ClosesBeforeItOpens
from shared.contracts.calls import CallState, FieldChange, Relevance
from shared.contracts.shapes import LongText, Text
from tests.unit.calls.builders import (
    DAY,
    NOT_RELEVANT,
    NOW,
    PROMOTER,
    RELEVANT,
    a_content,
    a_source,
    an_imported_call,
    digests,
    kept,
    told,
)


def says(call: Call, *, relevance: Relevance = RELEVANT, of: str = "2", **content: Any) -> tuple[FieldChange, ...]:
    """The source says this a day later."""
    return call.follow_source(a_content(**content), a_source(), digests(of), relevance, now=NOW + DAY)


def test_a_relevant_call_is_published_at_once() -> None:
    call = Call.imported("call-1", a_content(), a_source(), digests("1"), RELEVANT, now=NOW)
    assert call.state is CallState.published
    assert told(call) == ["CallPublished", "CallOpened"]
    assert call.card().url == "https://cultura.example.org/musica"


def test_a_call_that_is_not_relevant_is_set_aside_without_a_word_to_the_public() -> None:
    call = Call.imported("call-1", a_content(), a_source(), digests("1"), NOT_RELEVANT, now=NOW)
    assert call.state is CallState.set_aside
    assert told(call) == []
    assert call.relevance == NOT_RELEVANT


def test_what_the_source_changes_amends_the_call() -> None:
    call = an_imported_call()
    assert [change.field for change in says(call, title=Text(it="Musica"))] == ["title.it", "title.en"]
    assert told(call) == ["CallAmended"]
    assert call.source_digests == digests("2")


def test_a_deadline_the_source_moves_later_is_an_extension() -> None:
    call = an_imported_call()
    says(call, closes_at=NOW + 40 * DAY)
    assert told(call) == ["DeadlineExtended"]


def test_a_field_an_editor_has_changed_stays_as_the_editor_wrote_it() -> None:
    call = an_imported_call()
    call.revise(a_content(summary=LongText(it="Scritto meglio")), now=NOW)
    kept(call)
    changes = says(call, summary=LongText(it="Contributi a rassegne"), title=Text(it="Musica", en="Live music"))
    assert [change.field for change in changes] == ["title.it"]
    assert call.content.summary == LongText(it="Scritto meglio")
    assert call.edited_fields == ("summary",)


def test_a_deadline_an_editor_has_extended_is_not_drawn_back_by_the_source() -> None:
    call = an_imported_call()
    call.extend_deadline(NOW + 60 * DAY, now=NOW)
    kept(call)
    assert says(call, closes_at=NOW + 35 * DAY) == ()
    assert call.content.closes_at == NOW + 60 * DAY
    assert told(call) == []


def test_where_the_source_has_come_to_agree_with_the_editor_it_decides_again() -> None:
    call = an_imported_call()
    call.extend_deadline(NOW + 60 * DAY, now=NOW)
    kept(call)
    assert says(call, of="2", closes_at=NOW + 60 * DAY) == ()
    assert call.edited_fields == ()
    assert says(call, of="3", closes_at=NOW + 90 * DAY)
    assert told(call) == ["DeadlineExtended"]


def test_what_the_source_says_is_refused_where_it_contradicts_what_the_editor_wrote() -> None:
    call = an_imported_call()
    call.revise(a_content(closes_at=NOW + 10 * DAY), now=NOW)
    kept(call)
    with pytest.raises(ClosesBeforeItOpens):
        says(call, opens_at=NOW + 20 * DAY, closes_at=NOW + 40 * DAY)
    assert call.content == a_content(closes_at=NOW + 10 * DAY)
    assert call.source_digests == digests("1")


def test_editing_a_call_of_the_hubs_own_marks_no_field() -> None:
    call = Call.draft("call-1", a_content(), by=PROMOTER, now=NOW)
    call.revise(a_content(issuer="Comune di Imola"), now=NOW)
    assert call.edited_fields == ()


def test_a_call_set_aside_is_published_when_its_source_makes_it_relevant() -> None:
    call = an_imported_call(NOT_RELEVANT)
    says(call, relevance=RELEVANT, title=Text(it="Musica!"))
    assert call.state is CallState.published
    assert call.relevance == RELEVANT
    assert told(call) == ["CallPublished", "CallOpened"]
    assert call.amendments == ()


def test_a_call_set_aside_stays_so_while_it_is_not_relevant() -> None:
    call = an_imported_call(NOT_RELEVANT)
    assert says(call, relevance=NOT_RELEVANT, title=Text(it="Irrigazione"))
    assert call.state is CallState.set_aside
    assert told(call) == []


def test_a_call_an_editor_has_published_stays_published_whatever_the_rules_say() -> None:
    call = an_imported_call(NOT_RELEVANT)
    call.publish(now=NOW)
    kept(call)
    says(call, relevance=NOT_RELEVANT, title=Text(it="Irrigazione"))
    assert call.state is CallState.published
    assert told(call) == ["CallAmended"]


def test_a_call_that_was_withdrawn_is_left_alone() -> None:
    call = an_imported_call()
    call.withdraw("Non è per noi", now=NOW)
    kept(call)
    assert says(call, title=Text(it="Musica")) == ()
    assert call.content.title.it == "Musica dal vivo"
    assert call.source_digests == digests("2")
    assert told(call) == []


def test_a_call_set_aside_and_archived_does_not_come_back() -> None:
    call = an_imported_call(NOT_RELEVANT)
    call.archive(now=NOW)
    kept(call)
    assert says(call, relevance=RELEVANT, title=Text(it="Musica!")) == ()
    assert call.state is CallState.archived


def test_a_call_that_vanished_from_its_source_is_flagged_and_stays() -> None:
    call = an_imported_call()
    call.vanish(now=NOW + DAY)
    assert call.vanished_at == NOW + DAY
    assert call.state is CallState.published
    assert told(call) == []


def test_a_call_that_reappears_is_unflagged() -> None:
    call = an_imported_call()
    call.vanish(now=NOW + DAY)
    assert says(call, of="1") == ()
    assert call.vanished_at is None
    assert told(call) == []
