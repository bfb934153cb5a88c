"""Needs on the running service: stated, found while one is written, discussed, decided on, merged."""

from __future__ import annotations

import pytest

from shared.contracts.membership import PersonErased
from shared.contracts.policy import (
    CommentOnNeed,
    DeclineNeed,
    EndorseNeed,
    FindSimilarNeeds,
    HideNeedComment,
    ListNeedComments,
    ListNeeds,
    MergeNeed,
    NeedState,
    ShowNeedComment,
    WithdrawEndorsement,
)
from shared.contracts.shapes import LongText, Text
from shared.contracts.vocabulary import Province, Subsector
from shared.errors import Forbidden, Unauthenticated
from shared.identity import ANYBODY
from tests.integration.policy.hub import MUSEUM, ORCHESTRA, SUPPORT_BODY, THEATRE, Hub
from tests.servers import wait_until


def test_similar_needs_are_shown_while_one_is_written_whatever_the_inflection(hub: Hub) -> None:
    rooms = hub.submitted()
    hub.submitted(
        title=Text("Restauratori di pellicole"),
        subsectors=(Subsector.audiovisual,),
        missing=LongText("Servono tecnici per gli archivi"),
    )
    found = hub.ask(FindSimilarNeeds(q="una sala prova insonorizzata"), by=THEATRE)
    assert [item.need.id for item in found.items] == [rooms.id]
    assert found.items[0].endorsed is False

    hub.ask(EndorseNeed(need_id=rooms.id), by=THEATRE)
    [similar] = hub.ask(FindSimilarNeeds(q="sale prove"), by=THEATRE).items
    assert (similar.endorsed, similar.need.endorsements) == (True, 1)
    assert hub.ask(FindSimilarNeeds(q="sale prove", subsector=Subsector.fashion), by=THEATRE).items == ()
    assert hub.ask(FindSimilarNeeds(q=" "), by=THEATRE).items == ()


def test_a_need_that_was_declined_or_merged_is_not_offered_as_similar(hub: Hub) -> None:
    declined, merged, standing = hub.under_analysis(), hub.under_analysis(THEATRE), hub.submitted(MUSEUM)
    hub.ask(DeclineNeed(need_id=declined.id, expected_version=declined.version, reason="No"))
    hub.ask(MergeNeed(need_id=merged.id, expected_version=merged.version, into_id=standing.id, reason="È lo stesso"))
    assert [item.need.id for item in hub.ask(FindSimilarNeeds(q="sale prova")).items] == [standing.id]


def test_merging_keeps_endorsements_authors_comments_and_links(hub: Hub) -> None:
    need, other = hub.under_analysis(ORCHESTRA), hub.submitted(THEATRE)
    hub.ask(EndorseNeed(need_id=need.id), by=MUSEUM)
    hub.ask(EndorseNeed(need_id=other.id), by=MUSEUM)
    hub.ask(CommentOnNeed(need_id=need.id, text="Anche da noi"), by=MUSEUM)
    measure = hub.drafted(need)

    need = hub.need(need.id)
    merged = hub.ask(
        MergeNeed(need_id=need.id, expected_version=need.version, into_id=other.id, reason="È lo stesso"),
        by=SUPPORT_BODY,
    )

    assert (merged.state, merged.merged_into) == (NeedState.merged, other.id)
    assert merged.decision.reason == "È lo stesso"
    left = hub.need(other.id)
    assert {voice.organisation_id for voice in left.authors} == {"orchestra", "theatre"}
    assert [voice.organisation_id for voice in left.endorsements] == ["museum"]
    assert (left.comments, hub.need(need.id).comments) == (1, 0)
    assert hub.measure(measure.id).need_ids == (other.id,)
    event = hub.await_event("NeedMerged", need_id=need.id)
    assert event.into.id == other.id
    assert len(event.into.authors) == 2


def test_organisations_that_endorse_at_once_are_each_counted_once(hub: Hub) -> None:
    need = hub.submitted()
    answers = hub.ask_at_once(*[(EndorseNeed(need_id=need.id), who) for who in (THEATRE, MUSEUM) for _ in range(3)])
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert len(hub.need(need.id).endorsements) == 2
    assert hub.ask(WithdrawEndorsement(need_id=need.id), by=THEATRE).endorsements[0].organisation_id == "museum"


def test_a_hidden_comment_is_seen_by_staff_and_its_author_alone(hub: Hub) -> None:
    need = hub.submitted()
    comment = hub.ask(CommentOnNeed(need_id=need.id, text="Parole fuori luogo"), by=THEATRE)
    hidden = hub.ask(
        HideNeedComment(
            need_id=need.id, comment_id=comment.id, expected_version=comment.version, reason="Offende qualcuno"
        ),
        by=SUPPORT_BODY,
    )

    def seen_by(who):
        [seen] = hub.ask(ListNeedComments(need_id=need.id), by=who).items
        return seen.hidden, seen.text, seen.hidden_reason

    assert seen_by(MUSEUM) == (True, None, None)
    assert seen_by(THEATRE) == (True, "Parole fuori luogo", "Offende qualcuno")
    assert seen_by(SUPPORT_BODY) == (True, "Parole fuori luogo", "Offende qualcuno")
    told = hub.await_event("NeedCommentHidden", need_id=need.id)
    assert told.person_id == THEATRE.person_id

    asked = ShowNeedComment(need_id=need.id, comment_id=comment.id, expected_version=hidden.version)
    with pytest.raises(Forbidden):
        hub.ask(asked, by=THEATRE)
    hub.ask(asked)
    assert seen_by(MUSEUM) == (False, "Parole fuori luogo", None)


def test_needs_are_listed_by_state_place_theme_and_author(hub: Hub) -> None:
    here = hub.submitted(province=Province.BO)
    everywhere = hub.accepted(THEATRE, province=None, subsectors=(Subsector.performing_arts, Subsector.music))
    hub.submitted(MUSEUM, province=Province.RN, subsectors=(Subsector.heritage,))

    def listed(**wanted):
        return {need.id for need in hub.ask(ListNeeds(**wanted), by=MUSEUM).items}

    assert listed(province=Province.BO) == {here.id, everywhere.id}
    assert listed(subsector=Subsector.performing_arts) == {everywhere.id}
    assert listed(state=NeedState.accepted) == {everywhere.id}
    assert listed(organisation_id="orchestra") == {here.id}
    page = hub.ask(ListNeeds(limit=2), by=MUSEUM)
    assert page.total == 3
    assert len(hub.ask(ListNeeds(limit=2, cursor=page.next), by=MUSEUM).items) == 1


def test_needs_are_for_members(hub: Hub) -> None:
    with pytest.raises(Unauthenticated):
        hub.ask(ListNeeds(), by=ANYBODY)
    with pytest.raises(Forbidden):
        hub.ask(ListNeeds(), by="somebody")


def test_a_person_who_is_forgotten_is_named_nowhere_and_the_voices_stay(hub: Hub) -> None:
    need = hub.submitted(ORCHESTRA)
    hub.ask(EndorseNeed(need_id=need.id), by=THEATRE)
    hub.ask(CommentOnNeed(need_id=need.id, text="Anche da noi"), by=THEATRE)
    hub.publish(PersonErased(person_id=THEATRE.person_id, erased_at=hub.now()))
    wait_until(lambda: hub.need(need.id).endorsements[0].person_id is None, "the person is forgotten")
    assert hub.need(need.id).endorsements[0].organisation_id == "theatre"
    [comment] = hub.ask(ListNeedComments(need_id=need.id)).items
    assert (comment.person_id, comment.organisation_id) == (None, "theatre")
