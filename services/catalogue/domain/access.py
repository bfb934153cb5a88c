"""Access requests: a member asks, the owner answers, both write to each other, and the member says how it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.catalogue.domain.item import Item, NotYourItem
from services.catalogue.domain.states import OPEN, REQUEST_STATE_NAMES, REQUEST_STEPS
from shared.contracts.aggregate import Aggregate
from shared.contracts.catalogue import (
    AccessAnswered,
    AccessCancelled,
    AccessCompleted,
    AccessMessageSent,
    AccessRated,
    AccessRequested,
    ItemState,
    Message,
    Rating,
    RequestState,
)
from shared.contracts.rights import STAFF, Caller
from shared.contracts.shapes import Text
from shared.errors import Forbidden, Refusal, Words


class OwnItem(Refusal):
    title = Words("Elemento proprio", "One's own item")
    words = Words("L'elemento è già della propria organizzazione.", "The item is of one's own organisation already.")


class ItemNotOffered(Refusal):
    title = Words("Non disponibile", "Not available")
    words = Words("L'elemento non è nel catalogo in questo momento.", "The item is not in the catalogue at the moment.")


class AlreadyRequested(Refusal):
    title = Words("Già richiesto", "Already requested")
    words = Words(
        "Una richiesta della propria organizzazione per questo elemento è già aperta.",
        "A request of one's own organisation for this item is open already.",
    )


class AlreadyRated(Refusal):
    title = Words("Già valutato", "Already rated")
    words = Words("La valutazione è già stata data.", "It was rated already.")


class TooManyMessages(Refusal):
    title = Words("Troppi messaggi", "Too many messages")
    words = Words("Una richiesta tiene al massimo {most} messaggi.", "A request holds {most} messages at most.")


class NotYourRequest(Forbidden):
    words = Words("La richiesta è tra altre organizzazioni.", "The request is between other organisations.")


LONGEST_THREAD = 200
"""Messages of one request: it is kept whole, with all that both sides have written."""


@dataclass(kw_only=True)
class AccessRequest(Aggregate):
    state: RequestState
    item_id: str
    item_title: Text
    owner_id: str
    owner_name: str
    requester_id: str
    requester_name: str
    person_id: str
    """Who asked."""
    requested_at: datetime
    answered_at: datetime | None = None
    completed_at: datetime | None = None
    reason: str | None = None
    messages: tuple[Message, ...] = ()
    rating: Rating | None = None

    @classmethod
    def make(cls, id: str, item: Item, words: str, *, by: Caller, name: str, now: datetime) -> AccessRequest:
        """A member asks for what a published item offers."""
        assert by.organisation_id is not None
        assert by.person_id is not None
        if by.organisation_id == item.owner.id:
            raise OwnItem()
        if item.state is not ItemState.published:
            raise ItemNotOffered()
        request = cls(
            id=id,
            state=RequestState.requested,
            item_id=item.id,
            item_title=item.content.title,
            owner_id=item.owner.id,
            owner_name=item.owner.name,
            requester_id=by.organisation_id,
            requester_name=name,
            person_id=by.person_id,
            requested_at=now,
        )
        request._say(words, by, now)
        request.record(
            AccessRequested(
                request_id=id,
                item=item.card(),
                requester_id=request.requester_id,
                requester_name=name,
                person_id=request.person_id,
                words=words,
                requested_at=now,
            )
        )
        return request

    # --- who

    def readable_by(self, caller: Caller) -> bool:
        return caller.organisation_id in (self.owner_id, self.requester_id) or STAFF.met_by(caller)

    # --- the owner

    def accept(self, words: str, *, by: Caller, now: datetime) -> None:
        self._answer("accept", by, now)
        self._say(words, by, now)
        self._tell_answer(now, words=words.strip() or None)

    def decline(self, reason: str, *, by: Caller, now: datetime) -> None:
        self._answer("decline", by, now)
        self.reason = reason
        self._tell_answer(now)

    def begin(self, *, by: Caller) -> None:
        self._require_owner(by)
        self._step("begin")

    def complete(self, *, by: Caller, now: datetime) -> None:
        self._require_owner(by)
        self._step("complete")
        self.completed_at = now
        self.record(
            AccessCompleted(
                request_id=self.id,
                item_id=self.item_id,
                item_title=self.item_title,
                owner_id=self.owner_id,
                requester_id=self.requester_id,
                person_id=self.person_id,
                completed_at=now,
            )
        )

    # --- either side

    def cancel(self, reason: str | None, *, by: Caller, now: datetime) -> None:
        """The member that asked at any time before the end; the owner what it has agreed to: before, it declines."""
        self._require_side(by)
        self._step("call_off" if by.organisation_id == self.owner_id else "cancel")
        self.reason = reason
        self.record(
            AccessCancelled(
                request_id=self.id,
                item_id=self.item_id,
                item_title=self.item_title,
                owner_id=self.owner_id,
                requester_id=self.requester_id,
                by_organisation_id=str(by.organisation_id),
                by_organisation_name=self._name_of(by),
                reason=reason,
                cancelled_at=now,
            )
        )

    def write(self, words: str, *, by: Caller, now: datetime) -> None:
        self._require_side(by)
        self._step("write")
        self._say(words, by, now)
        to = self.requester_id if by.organisation_id == self.owner_id else self.owner_id
        self.record(
            AccessMessageSent(
                request_id=self.id,
                item_id=self.item_id,
                item_title=self.item_title,
                from_organisation_id=str(by.organisation_id),
                from_organisation_name=self._name_of(by),
                to_organisation_id=to,
                words=words,
                sent_at=now,
            )
        )

    # --- the member that asked

    def rate(self, stars: int, words: str, *, by: Caller, now: datetime) -> None:
        if by.organisation_id != self.requester_id:
            raise NotYourRequest()
        self._step("rate")
        if self.rating:
            raise AlreadyRated()
        self.rating = Rating(at=now, stars=stars, words=words)
        self.record(
            AccessRated(
                request_id=self.id,
                item_id=self.item_id,
                item_title=self.item_title,
                owner_id=self.owner_id,
                requester_id=self.requester_id,
                requester_name=self.requester_name,
                rating=self.rating,
                rated_at=now,
            )
        )

    # --- within

    @property
    def open(self) -> bool:
        return self.state in OPEN

    def _answer(self, verb: str, by: Caller, now: datetime) -> None:
        self._require_owner(by)
        self._step(verb)
        self.answered_at = now

    def _tell_answer(self, now: datetime, *, words: str | None = None) -> None:
        self.record(
            AccessAnswered(
                request_id=self.id,
                item_id=self.item_id,
                item_title=self.item_title,
                owner_id=self.owner_id,
                owner_name=self.owner_name,
                requester_id=self.requester_id,
                person_id=self.person_id,
                accepted=self.state is RequestState.accepted,
                reason=self.reason,
                words=words,
                answered_at=now,
            )
        )

    def _name_of(self, side: Caller) -> str:
        return self.owner_name if side.organisation_id == self.owner_id else self.requester_name

    def _say(self, words: str, by: Caller, now: datetime) -> None:
        if len(self.messages) >= LONGEST_THREAD:
            raise TooManyMessages(most=LONGEST_THREAD)
        if words.strip():
            said = Message(at=now, organisation_id=str(by.organisation_id), person_id=str(by.person_id), words=words)
            self.messages += (said,)

    def _require_owner(self, by: Caller) -> None:
        if by.organisation_id != self.owner_id:
            raise NotYourItem()

    def _require_side(self, by: Caller) -> None:
        if by.organisation_id not in (self.owner_id, self.requester_id):
            raise NotYourRequest()

    def _step(self, verb: str) -> None:
        step = REQUEST_STEPS[verb]
        if self.state not in step.allowed_from:
            raise step.refusal(**REQUEST_STATE_NAMES[self.state]._asdict())
        if step.leads_to is not None:
            self.state = step.leads_to
