"""Who hears nothing: members that have left, those who have muted a thing, those who wanted to be forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.notifications.domain.matching import topic_of_drafters
from services.notifications.domain.preferences import MUTES_OF_ONE_PERSON, TooManyMutes
from services.notifications.repository.audience import stand_in_lists
from shared import clock
from shared.contracts import calls, catalogue, membership
from shared.contracts.catalogue import Access, ItemCard, ItemKind, OwnerCard, Track
from shared.contracts.membership import EndCause, MembershipState, OrganisationCard
from shared.contracts.notifications import (
    INBOX_ENTRY,
    Category,
    ChooseInterests,
    MuteSubject,
    SavedSearchView,
    SaveSearch,
    SearchCriteria,
    SearchedKind,
    SubjectKind,
    UnmuteSubject,
    Unsubscribe,
)
from shared.contracts.shapes import LongText, Text
from shared.contracts.vocabulary import OrganisationKind, PersonRole, Province, Subsector
from shared.identity import Principal
from shared.telemetry import new_id
from tests.integration.notifications.hub import Hub
from tests.integration.notifications.outside import MailServer, Receiver
from tests.integration.notifications.test_mail import a_person, a_watched_call, extended
from tests.integration.notifications.test_webhooks import an_endpoint
from tests.servers import wait_until
from tests.unit.notifications.builders import a_call, a_member, interests


def a_member_of(hub: Hub, member: OrganisationCard) -> tuple[str, str]:
    """Somebody of this organisation who wants to hear of music: their id and address."""
    person, email = a_person(hub)
    joined = membership.PersonJoined(
        organisation_id=member.id,
        organisation=member,
        person_id=person,
        role=PersonRole.editor,
        joined_at=clock.now(),
    )
    hub.await_handled(hub.publish(joined), "remember_belongings")
    hub.ask(ChooseInterests(expected_version=0, interests=interests(Subsector.music)), by=person)
    return person, email


def left(member: OrganisationCard) -> membership.MemberLeft:
    ended = replace(member, state=MembershipState.ended)
    return membership.MemberLeft(
        organisation_id=member.id,
        organisation=ended,
        cause=EndCause.expired,
        reason="Fine del periodo",
        left_at=clock.now(),
    )


def open_a_call(hub: Hub) -> str:
    call = a_call(id=new_id(), closes_at=clock.now() + timedelta(days=40))
    hub.await_told(hub.publish(calls.CallOpened(call_id=call.id, call=call, opened_at=clock.now())))
    return call.id


def test_a_member_whose_membership_has_ended_hears_no_more_of_what_concerns_everybody(
    hub: Hub, mail_server: MailServer
) -> None:
    member, another = a_member(id=new_id()), a_member(id=new_id())
    gone, gone_email = a_member_of(hub, member)
    stays, _ = a_member_of(hub, another)
    also_elsewhere, _ = a_member_of(hub, member)
    elsewhere = membership.PersonJoined(
        organisation_id=another.id,
        organisation=another,
        person_id=also_elsewhere,
        role=PersonRole.reader,
        joined_at=clock.now(),
    )
    hub.await_handled(hub.publish(elsewhere), "remember_belongings")
    before = open_a_call(hub)
    watched = a_watched_call(hub, gone)
    ended = hub.publish(left(member), sequence=2)
    hub.await_handled(ended, "remember_organisations", "tell_of_membership")

    since = open_a_call(hub)
    hub.await_handled(hub.publish(extended(watched), sequence=2), "tell_of_call")

    def heard(person: str) -> list[str]:
        return [entry.subject_id for entry in hub.inbox(person, category=Category.call_opened).items]

    assert heard(stays) == heard(also_elsewhere) == [since, before]
    assert heard(gone) == [before]
    assert hub.inbox(gone, category=Category.deadline_extended).total == 0
    assert not [letter for letter in mail_server.of(gone_email) if "prorogata" in letter["Subject"]]

    again = membership.MemberReinstated(organisation_id=member.id, organisation=member, reinstated_at=clock.now())
    hub.await_handled(hub.publish(again, sequence=3), "remember_organisations")
    back = open_a_call(hub)
    assert heard(gone) == [back, before]


def test_a_muted_call_is_heard_of_no_more_by_whoever_muted_it_until_they_want_to_again(
    hub: Hub, mail_server: MailServer
) -> None:
    (muting, muting_email), (other, other_email) = a_person(hub), a_person(hub)
    call = a_watched_call(hub, muting, other)
    hub.ask(MuteSubject(subject_kind=SubjectKind.call, subject_id=call.id), by=muting)

    hub.await_told(hub.publish(extended(call), sequence=2))
    wait_until(lambda: mail_server.of(other_email), "the other has it by e-mail", 60)
    assert hub.inbox(other).total == 1 and hub.inbox(muting).total == 0 and mail_server.of(muting_email) == []

    hub.ask(UnmuteSubject(subject_kind=SubjectKind.call, subject_id=call.id), by=muting)
    hub.await_told(hub.publish(extended(call), sequence=3))
    assert hub.inbox(muting).total == 1


def test_nobody_mutes_things_without_end(hub: Hub) -> None:
    person, _ = a_person(hub)
    hub.ask(MuteSubject(subject_kind=SubjectKind.call, subject_id="first"), by=person)
    standing = hub.documents["mutes"].find_one({"person_id": person})
    others = [
        standing | {"_id": f"call:call-{n}:{person}", "subject_id": f"call-{n}"} for n in range(1, MUTES_OF_ONE_PERSON)
    ]
    hub.documents["mutes"].insert_many(others)
    with pytest.raises(TooManyMutes):
        hub.ask(MuteSubject(subject_kind=SubjectKind.call, subject_id="one-too-many"), by=person)
    hub.ask(MuteSubject(subject_kind=SubjectKind.call, subject_id="first"), by=person)
    hub.ask(UnmuteSubject(subject_kind=SubjectKind.call, subject_id="call-1"), by=person)
    hub.ask(MuteSubject(subject_kind=SubjectKind.call, subject_id="another"), by=person)


def an_item(title: str, description: str = "") -> ItemCard:
    owner = OwnerCard(id=new_id(), kind=OrganisationKind.spoke, name="Scuola di liuteria", province=Province.BO)
    return ItemCard(
        id=new_id(),
        track=Track.esk,
        kind=ItemKind.service,
        title=Text(title),
        description=LongText(description or title),
        owner=owner,
        subsectors=(Subsector.crafts,),
        access=Access.open,
    )


def published(item: ItemCard) -> Any:
    return catalogue.ItemPublished(item_id=item.id, item=item, published_at=clock.now())


def updated(item: ItemCard) -> Any:
    return catalogue.ItemUpdated(item_id=item.id, item=item, updated_at=clock.now())


def test_a_search_over_the_catalogue_finds_new_and_changed_items_each_once(hub: Hub) -> None:
    person, word = new_id(), f"liuteria{new_id()[-8:]}"
    criteria = SearchCriteria(over=SearchedKind.catalogue, words=word, subsectors=(Subsector.crafts,))
    saved: SavedSearchView = hub.ask(SaveSearch(name="Liutai", criteria=criteria), by=person)
    found, other, of_music = an_item(f"Corso di {word}"), an_item("Corso di ceramica"), an_item(f"Concerti, {word}")

    hub.await_told(hub.publish(published(found)))
    hub.await_handled(hub.publish(updated(found), sequence=2), "tell_of_catalogue")
    hub.await_handled(hub.publish(published(other)), "tell_of_catalogue")
    unlike = replace(of_music, subsectors=(Subsector.music,))
    hub.await_handled(hub.publish(published(unlike)), "tell_of_catalogue")
    assert [entry.subject_id for entry in hub.inbox(person).items] == [found.id]

    hub.await_told(hub.publish(updated(replace(other, description=LongText(f"Anche {word}"))), sequence=2))

    second, first = hub.inbox(person).items
    assert (first.subject_id, second.subject_id) == (found.id, other.id)
    assert first.title.it.startswith("Nuovo in catalogo: ") and second.title.it.startswith("Nel catalogo: ")
    assert [reason.it for reason in second.reasons] == ["La tua ricerca salvata: Liutai"]
    assert hub.documents.found.count_documents({"search_id": saved.id}) == 2


def test_of_somebody_who_wanted_to_be_forgotten_nothing_is_kept(
    hub: Hub, mail_server: MailServer, receiver: Receiver
) -> None:
    person, email = a_person(hub)
    call = a_watched_call(hub, person)
    hub.ask(ChooseInterests(expected_version=0, interests=interests(Subsector.music)), by=person)
    criteria = SearchCriteria(over=SearchedKind.calls, words=f"parola{person[-8:]}")
    hub.ask(SaveSearch(name="Una ricerca", criteria=criteria), by=person)
    hub.ask(MuteSubject(subject_kind=SubjectKind.call, subject_id=new_id()), by=person)
    stand_in_lists(hub.documents, [person], [topic_of_drafters(call.id)], True)
    an_endpoint(hub, receiver, Principal(person_id=person), "/forgotten", INBOX_ENTRY)
    told = hub.publish(extended(call), sequence=2)
    hub.await_told(told)
    wait_until(lambda: mail_server.of(email) and receiver.at("/forgotten"), "it came by every way", 60)
    settled = {"_id": f"{told}:{person}", "state": "sent"}
    wait_until(lambda: hub.documents.mails.count_documents(settled), "the e-mail is settled", 60)

    erased = membership.PersonErased(person_id=person, erased_at=clock.now())
    hub.await_handled(hub.publish(erased, sequence=9), "forget_person")

    about = {name: kept_of(hub, name, person, email) for name in hub.documents.list_collection_names()}
    places = {name for name, rows in about.items() if rows}
    house = {"house.commands", "house.outbox"}  # answers of the last day, and what is on its way
    assert places - house <= {"rounds", "known_people"}, "an id that stands for nobody now: of an event, of an erasure"
    assert not [row for name in places - house for row in about[name] if email in row or "Anna" in row]
    link = mail_server.of(email)[0]["List-Unsubscribe"].strip("<>")
    assert hub.ask(Unsubscribe(token=link.rpartition("/")[2])), "a link that still lies in a mailbox works"
    assert hub.documents.preferences.count_documents({"_id": person}) == 0, "and has nothing kept again"
    mail_server.received.clear()
    hub.await_handled(hub.publish(extended(call), sequence=3), "tell_of_call")
    named = membership.PersonRoleChanged(
        organisation_id="a",
        organisation=a_member(id="a"),
        person_id=person,
        role=PersonRole.editor,
        changed_at=clock.now(),
    )
    hub.await_handled(hub.publish(named), "tell_of_membership")
    assert hub.documents.entries.count_documents({"person_id": person}) == 0
    receiver.posted.clear()


def kept_of(hub: Hub, collection: str, person: str, email: str) -> list[str]:
    rows = (str(row) for row in hub.documents[collection].find({}))
    return [row for row in rows if person in row or email in row]
