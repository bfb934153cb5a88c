"""Whether an imported call matters: an editor's word wins over the rules, and is remembered."""

from __future__ import annotations

import pytest

from services.calls.domain import Call
from services.calls.domain.call import NotImported
from services.calls.domain.states import CannotSetAside
from shared.contracts.calls import CallState, Relevance
from shared.contracts.shapes import Text
from tests.unit.calls.builders import (
    DAY,
    NOT_RELEVANT,
    NOW,
    PROMOTER,
    RELEVANT,
    a_content,
    a_published_call,
    a_source,
    an_imported_call,
    digests,
    kept,
    told,
)


def decided(call: Call, *, relevant: bool) -> Call:
    call.decide_relevance(relevant=relevant, reason="Riguarda i musei", by=PROMOTER, now=NOW + DAY)
    return call


def says_again(call: Call, relevance: Relevance, title: str = "Musica e danza") -> None:
    content = a_content(title=Text(it=title))
    call.follow_source(content, a_source(), digests(title), relevance, now=NOW + 2 * DAY)


def test_what_the_rules_had_set_aside_is_published_with_the_editors_reason() -> None:
    call = decided(an_imported_call(NOT_RELEVANT), relevant=True)
    assert call.state is CallState.published
    assert told(call) == ["CallPublished", "CallOpened"]
    assert call.relevance and call.relevance.relevant
    assert call.relevance.decided_at == NOW + DAY
    assert [reason.it for reason in call.relevance.reasons] == ["Decisione della redazione: Riguarda i musei"]
    assert call.relevance_decided_by == PROMOTER.person_id


def test_what_the_rules_had_published_is_set_aside_and_the_public_is_told_that_it_is_gone() -> None:
    call = decided(an_imported_call(RELEVANT), relevant=False)
    assert call.state is CallState.set_aside
    assert told(call) == ["CallWithdrawn"]
    assert call.next_step_at is None


def test_the_rules_do_not_overrule_an_editor_whatever_the_source_says_later() -> None:
    call = kept(decided(an_imported_call(NOT_RELEVANT), relevant=False))
    says_again(call, RELEVANT)
    assert call.state is CallState.set_aside
    assert call.relevance and not call.relevance.relevant
    assert told(call) == []
    assert call.content.title.it == "Musica e danza", "it follows its source all the same"


def test_what_an_editor_took_from_the_public_changes_without_a_word_and_comes_back_only_by_an_editor() -> None:
    call = kept(decided(an_imported_call(RELEVANT), relevant=False))
    says_again(call, RELEVANT)
    assert told(call) == []
    call.advance(NOW + 40 * DAY)
    assert told(call) == []
    decided(call, relevant=True)
    assert told(call)[0] == "CallPublished"
    assert call.card().title.it == "Musica e danza"


def test_an_editor_may_confirm_what_the_rules_say() -> None:
    call = decided(an_imported_call(RELEVANT), relevant=True)
    assert told(call) == []
    assert call.relevance and call.relevance.decided_at


def test_the_hubs_own_calls_need_no_decision() -> None:
    with pytest.raises(NotImported):
        decided(a_published_call(), relevant=False)


def test_what_was_withdrawn_is_not_set_aside_again() -> None:
    call = an_imported_call(RELEVANT)
    call.withdraw("Fondi revocati", now=NOW)
    with pytest.raises(CannotSetAside):
        decided(call, relevant=False)
