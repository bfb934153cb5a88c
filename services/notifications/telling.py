"""How one event reaches everyone it concerns: the first people in the unit of work that handles it, the rest after it.

Whom it concerns by name is settled when it begins; those who stand in lists are found place by place. Each unit of
work tells the people of some places, in every way they want, and takes those places away. So a crash at any moment
repeats nobody and leaves out nobody, and a hundred thousand people never stand in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from services.notifications.domain.inbox import Entry, Message
from services.notifications.domain.mail import Addressee, Mail
from services.notifications.domain.telling import (
    AT_ONE_TIME,
    Concerned,
    Dispatch,
    Hits,
    Lists,
    Origin,
    Ways,
    roll,
    unique,
    ways_to,
)
from services.notifications.domain.webhooks import Delivery
from services.notifications.repository.audience import place_of
from services.notifications.table import NOTICES
from services.notifications.table.concerns import InLists, matter_of
from services.notifications.table.notice import message_about
from shared.contracts.declaration import to_json
from shared.contracts.notifications import INBOX_ENTRY, DeliveryOccasion, EntryState
from shared.storage.work import Work
from shared.telemetry import Trail, following

_FEW = 200
"""Entries up to which an event is told to the end in the unit of work that handles it."""


def tell(event: Any, work: Work) -> None:
    """Begin to tell an event; where few are concerned, tell them all now."""
    cause, notice = work.message, NOTICES[type(event)]
    if work.dispatches.get_or_none(cause.id) or work.mails.get_or_none(Mail.id_of_letter(cause.id)):
        return
    by_name = unique(
        concerned
        for concern in notice.concerns
        if not isinstance(concern, InLists)
        for concerned in concern(event, work)
    )
    forgotten = work.people.forgotten(one.person_id for one in by_name)
    by_name = tuple(one for one in by_name if one.person_id not in forgotten)
    topics = tuple(
        topic for concern in notice.concerns if isinstance(concern, InLists) for topic in concern.topics(event)
    )
    places = {place_of(concerned.person_id) for concerned in by_name}.union(work.audience.places(topics))
    if not places and notice.stranger is None:
        return
    message = message_about(event, cause.id, notice, now=work.now)
    if not places:
        _write_to(notice.stranger(event), message, work)
        return
    dispatch = Dispatch(
        id=cause.id,
        message=message,
        origin=Origin(correlation_id=cause.correlation_id, traceparent=cause.traceparent),
        matter=matter_of(event),
        topics=topics,
        named=by_name,
        places=tuple(sorted(places)),
        begun_at=work.now,
    )
    _tell_some(dispatch, work, at_most=_FEW)
    work.dispatches.add(dispatch)


def _write_to(stranger: Addressee, message: Message, work: Work) -> None:
    """Nobody has an inbox for it: one e-mail to the address, in the unit of work that handles the event."""
    work.messages_told.add(message)
    work.mails.add(Mail.letter(message.id, stranger, now=work.now))


def tell_next(work: Work) -> int:
    """Go on with what was begun; how many places were seen to, 0 if nobody is waiting."""
    dispatch = work.dispatches.next_pending()
    if dispatch is None:
        return 0
    with following(Trail(dispatch.origin.correlation_id, dispatch.id, dispatch.origin.traceparent)):
        seen = _tell_some(dispatch, work, at_most=AT_ONE_TIME)
        work.dispatches.save(dispatch)
    return seen


def _tell_some(dispatch: Dispatch, work: Work, *, at_most: int) -> int:
    """Tell the people of the next places, until about so many are told; how many places that were."""
    round_ = _Round(dispatch, work)
    step = max(1, min(8, 24 // (len(dispatch.topics) + 1)))
    for start in range(0, len(dispatch.places), step):
        if round_.told and len(round_.told) * (1 + step / max(start, 1)) > at_most:
            break
        round_.visit(dispatch.places[start : start + step])
    seen = len(round_.places)
    round_.close()
    return seen


class _Round:
    """One unit of work's share of a dispatch."""

    def __init__(self, dispatch: Dispatch, work: Work) -> None:
        self._dispatch = dispatch
        self._work = work
        self.told: list[str] = []
        self.places: list[str] = []
        self._entries: list[dict[str, Any]] = []
        self._mails: list[Mail] = []
        self._posted: list[tuple[str, dict[str, Any]]] = []
        self._reasons: dict[int, tuple[Any, list[dict[str, str]]]] = {}

    def visit(self, places: tuple[str, ...]) -> None:
        dispatch, work = self._dispatch, self._work
        self.places.extend(places)
        lists = work.audience.at(places, dispatch.topics)
        named = [one for one in dispatch.named if place_of(one.person_id) in places]
        concerned = roll(dispatch, named, lists, self._hits(lists))
        for person_id, one in concerned.items():
            ways = ways_to(lists.readers.get(person_id), dispatch)
            if ways.any:
                self._tell(one, ways)

    def _hits(self, lists: Lists) -> Hits:
        """What searches newly find: what they found before counts no more."""
        hits = Hits(lists, self._dispatch.matter)
        if hits.of:
            assert self._dispatch.matter is not None
            before = self._work.found.before(hits.search_ids(), self._dispatch.matter.id)
            self._work.found.note(hits.without(before), self._dispatch.matter.id)
        return hits

    def _tell(self, one: Concerned, ways: Ways) -> None:
        person_id = one.person_id
        entry_id = Entry.id_of(self._dispatch.id, person_id)
        self.told.append(person_id)
        self._entries.append(self._entry(entry_id, one, in_inbox=ways.inbox))
        if ways.email_now:
            self._mails.append(Mail.about(entry_id, person_id, now=self._work.now))
        if ways.webhook_now:
            self._posted.append((person_id, self._entries[-1]))

    def _entry(self, entry_id: str, one: Concerned, *, in_inbox: bool) -> dict[str, Any]:
        """The document of an `Entry`, made by hand: a hundred thousand of them differ in three fields."""
        message = self._dispatch.message
        document: dict[str, Any] = {
            "_id": entry_id,
            "version": 1,
            "person_id": one.person_id,
            "event_id": self._dispatch.id,
            "category": message.category.value,
            "reasons": self._reasons_of(one),
            "created_at": self._work.now,
            "expires_at": message.expires_at,
            "state": EntryState.unseen.value,
        }
        if not in_inbox:
            document["out_of_sight"] = True
        if one.by_name:
            document["by_name"] = True
        return document

    def _reasons_of(self, one: Concerned) -> list[dict[str, str]]:
        """People with the same interests share the very same reasons: they are written out once."""
        known = self._reasons.get(id(one.reasons))
        if known is None:
            written = [{"it": reason.it, "en": reason.en or reason.it} for reason in one.reasons]
            self._reasons[id(one.reasons)] = known = (one.reasons, written)
        return known[1]

    def close(self) -> None:
        work, dispatch = self._work, self._dispatch
        if self.told:
            if not dispatch.people_told:
                work.messages_told.add(dispatch.message)
            work.entries.write(self._entries)
            work.mails.add_many(self._mails)
            work.rounds.note(dispatch.id, dispatch.rounds, self.told, now=work.now)
            for person_id, document in self._posted:
                post_entries(person_id, [work.entries.of_document(document)], {dispatch.id: dispatch.message}, work)
        dispatch.told(len(self.told), self.places, now=work.now)


# --- to a person's own endpoints --------------------------------------------------------------------------


def post_entries(person_id: str, entries: list[Entry], messages: Mapping[str, Message], work: Work) -> None:
    """Have entries posted to the person's own endpoints."""
    for endpoint in work.endpoints.active_of_people([person_id], INBOX_ENTRY).get(person_id, ()):
        for entry in entries:
            view = entry.view(messages[entry.event_id])
            work.deliveries.add(
                Delivery(
                    id=work.new_id(),
                    endpoint_id=endpoint.id,
                    message_id=entry.id,
                    type=INBOX_ENTRY,
                    occasion=DeliveryOccasion.event,
                    body=payload(INBOX_ENTRY, entry.created_at, view),
                    created_at=work.now,
                    due_at=work.now,
                )
            )


def payload(type_: str, at: datetime, said: Any) -> str:
    """The body of a webhook message, as Standard Webhooks has it: `type`, `timestamp`, `data`."""
    shown = orjson.Fragment(to_json(said))
    return orjson.dumps({"type": type_, "timestamp": at, "data": shown}, option=orjson.OPT_UTC_Z).decode()
