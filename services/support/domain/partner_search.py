"""A partner search: what is offered or sought for a call, who answers, and when both sides may reach each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from services.support.domain.callers import Caller, acts_for
from services.support.domain.saying import require_said
from shared.contracts.aggregate import Aggregate
from shared.contracts.shapes import Text
from shared.contracts.support import (
    AnswerState,
    ContactDetails,
    PartnerAnswered,
    PartnerDeclined,
    PartnerFound,
    PartnerMatch,
    PartnerSearchEnded,
    PartnerSearchOpened,
    SearchCard,
    SearchContent,
    SearchState,
)
from shared.errors import Forbidden, IllegalTransition, Invalid, NotFound, Refusal, Words

MOST_ANSWERS = 200
MOST_COMPETENCES = 50
MOST_TOLD = 10
"""Of those who match, how many are told when a search opens."""


class SearchIsOver(IllegalTransition):
    title = Words("Ricerca conclusa", "Search over")
    words = Words("La ricerca di partner è {it}.", "The partner search is {en}.")


class AnswerIsDecided(IllegalTransition):
    title = Words("Risposta già decisa", "Answer already decided")
    words = Words("La risposta è già {it}.", "The answer is already {en}.")


class CallIsOver(Refusal):
    title = Words("Bando chiuso", "Call closed")
    words = Words(
        "Si cercano partner solo per un bando pubblicato e non ancora chiuso.",
        "Partners are sought only for a published call that has not closed.",
    )


class NotYourSearch(Forbidden):
    words = Words("La ricerca è di un'altra organizzazione.", "The search is another organisation's.")


class NotYourAnswer(Forbidden):
    words = Words("La risposta è di un'altra organizzazione.", "The answer is another organisation's.")


class OwnSearch(Refusal):
    title = Words("Ricerca propria", "One's own search")
    words = Words("Non si risponde alla propria ricerca.", "One does not answer one's own search.")


class AlreadyOfferedItself(Refusal):
    title = Words("Risposta già data", "Already answered")
    words = Words("La tua organizzazione ha già risposto.", "Your organisation has answered already.")


class TooManyAnswers(Refusal):
    title = Words("Troppe risposte", "Too many answers")
    words = Words("La ricerca ha già {most} risposte.", "The search has {most} answers already.")


STATE_NAMES = {
    SearchState.open: Words("aperta", "open"),
    SearchState.closed: Words("chiusa da chi l'ha aperta", "closed by its organisation"),
    SearchState.ended: Words("finita con il bando", "ended with its call"),
}
ANSWER_NAMES = {
    AnswerState.proposed: Words("da decidere", "to be decided"),
    AnswerState.accepted: Words("accolta", "accepted"),
    AnswerState.declined: Words("declinata", "declined"),
    AnswerState.withdrawn: Words("ritirata", "withdrawn"),
}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One organisation's answer, with what the other side must not see before both agree."""

    id: str
    organisation_id: str
    organisation_name: str
    person_id: str
    words: str
    contact: ContactDetails | None
    state: AnswerState
    answered_at: datetime
    decided_at: datetime | None = None
    reason: str | None = None


@dataclass(kw_only=True)
class PartnerSearch(Aggregate):
    """One search for one call."""

    state: SearchState
    call_id: str
    call_title: Text
    call_closes_at: datetime | None
    organisation_id: str
    organisation_name: str
    person_id: str
    content: SearchContent
    contact: ContactDetails | None
    opened_at: datetime
    ended_at: datetime | None = None
    answers: tuple[Answer, ...] = ()

    @classmethod
    def open(
        cls,
        id_: str,
        content: SearchContent,
        contact: ContactDetails,
        *,
        call_id: str,
        call_title: Text,
        call_closes_at: datetime | None,
        by: Caller,
        now: datetime,
    ) -> PartnerSearch:
        """Raises `Invalid`, or `CallIsOver`."""
        _check(content)
        if call_closes_at and call_closes_at <= now:
            raise CallIsOver()
        return cls(
            id=id_,
            state=SearchState.open,
            call_id=call_id,
            call_title=call_title,
            call_closes_at=call_closes_at,
            organisation_id=by.organisation_id or "",
            organisation_name=by.organisation_name or "",
            person_id=by.person_id or "",
            content=content,
            contact=contact,
            opened_at=now,
        )

    def announce(self, matches: tuple[PartnerMatch, ...]) -> None:
        """Tell that it is open, and whom it fits best."""
        self.record(
            PartnerSearchOpened(
                search_id=self.id, search=self.card, matches=matches[:MOST_TOLD], opened_at=self.opened_at
            )
        )

    # --- what the searching side does

    def revise(self, content: SearchContent, contact: ContactDetails, *, by: Caller) -> None:
        self.require_own(by)
        self._require_open()
        _check(content)
        self.content, self.contact = content, contact

    def accept(self, answer_id: str, *, by: Caller, now: datetime) -> None:
        """Both sides agree: from now on each sees how to reach the other."""
        answer = self._decide(answer_id, by)
        self._keep(replace(answer, state=AnswerState.accepted, decided_at=now))
        self.record(
            PartnerFound(
                search_id=self.id,
                search=self.card,
                answer_id=answer.id,
                partner_id=answer.organisation_id,
                partner_name=answer.organisation_name,
                person_ids=(self.person_id, answer.person_id),
                found_at=now,
            )
        )

    def decline(self, answer_id: str, reason: str, *, by: Caller, now: datetime) -> None:
        """The contact details of who is declined are forgotten."""
        answer = self._decide(answer_id, by)
        self._keep(replace(answer, state=AnswerState.declined, decided_at=now, reason=reason, contact=None))
        self.record(
            PartnerDeclined(
                search_id=self.id,
                search=self.card,
                answer_id=answer.id,
                person_id=answer.person_id,
                reason=reason,
                declined_at=now,
            )
        )

    def close(self, *, by: Caller, now: datetime) -> None:
        self.require_own(by)
        self._require_open()
        self._end(SearchState.closed, now)

    # --- what others do

    def answer(self, id_: str, words: str, contact: ContactDetails, *, by: Caller, now: datetime) -> None:
        """Offer oneself. Who has withdrawn may answer again, who was declined may not."""
        self._require_open()
        if acts_for(by, self.organisation_id):
            raise OwnSearch()
        require_said(words)
        mine = [a for a in self.answers if a.organisation_id == by.organisation_id]
        if any(a.state is not AnswerState.withdrawn for a in mine):
            raise AlreadyOfferedItself()
        if len(self.answers) - len(mine) >= MOST_ANSWERS:
            raise TooManyAnswers(most=MOST_ANSWERS)
        answer = Answer(
            id=id_,
            organisation_id=by.organisation_id or "",
            organisation_name=by.organisation_name or "",
            person_id=by.person_id or "",
            words=words,
            contact=contact,
            state=AnswerState.proposed,
            answered_at=now,
        )
        self.answers = (*(a for a in self.answers if a.organisation_id != by.organisation_id), answer)
        self.record(
            PartnerAnswered(
                search_id=self.id,
                search=self.card,
                answer_id=answer.id,
                organisation_id=answer.organisation_id,
                organisation_name=answer.organisation_name,
                words=words,
                answered_at=now,
            )
        )

    def withdraw(self, answer_id: str, *, by: Caller, now: datetime) -> None:
        self._require_open()
        answer = self._proposed(answer_id)
        if not acts_for(by, answer.organisation_id):
            raise NotYourAnswer()
        self._keep(replace(answer, state=AnswerState.withdrawn, decided_at=now, contact=None))

    # --- what happens to it

    def end_with_call(self, *, now: datetime) -> bool:
        """Whether it was still open."""
        if self.state is not SearchState.open:
            return False
        self._end(SearchState.ended, now)
        return True

    def call_changed(self, title: Text, closes_at: datetime | None) -> bool:
        """Whether it says something else of its call now."""
        if (self.call_title, self.call_closes_at) == (title, closes_at):
            return False
        self.call_title, self.call_closes_at = title, closes_at
        return True

    def forget_person(self, person_id: str) -> list[ContactDetails]:
        """The contact details this person gave are forgotten. Which they were."""
        given = [a.contact for a in self.answers if a.person_id == person_id]
        if self.person_id == person_id:
            given.append(self.contact)
            self.contact = None
        self.answers = tuple(replace(a, contact=None) if a.person_id == person_id else a for a in self.answers)
        return [contact for contact in given if contact]

    # --- who sees what

    def answers_for(self, caller: Caller) -> tuple[Answer, ...]:
        """All of them for the searching side; for others their own."""
        if acts_for(caller, self.organisation_id):
            return self.answers
        return tuple(answer for answer in self.answers if acts_for(caller, answer.organisation_id))

    def agreed_with(self, caller: Caller) -> bool:
        """Whether the caller may know how the searching side is reached."""
        accepted = [a for a in self.answers if a.state is AnswerState.accepted]
        return acts_for(caller, self.organisation_id) or any(acts_for(caller, a.organisation_id) for a in accepted)

    @property
    def card(self) -> SearchCard:
        return SearchCard(
            id=self.id,
            call_id=self.call_id,
            call_title=self.call_title,
            organisation_id=self.organisation_id,
            organisation_name=self.organisation_name,
            person_id=self.person_id,
            content=self.content,
        )

    def require_own(self, caller: Caller) -> None:
        """Raises `NotYourSearch`."""
        if not acts_for(caller, self.organisation_id):
            raise NotYourSearch()

    # --- inside

    def _decide(self, answer_id: str, by: Caller) -> Answer:
        self.require_own(by)
        self._require_open()
        return self._proposed(answer_id)

    def _proposed(self, answer_id: str) -> Answer:
        answer = next((a for a in self.answers if a.id == answer_id), None)
        if answer is None:
            raise NotFound(detail=Words(f"La risposta {answer_id}: non esiste.", f"Answer {answer_id} does not exist."))
        if answer.state is not AnswerState.proposed:
            raise AnswerIsDecided(**ANSWER_NAMES[answer.state]._asdict())
        return answer

    def _keep(self, answer: Answer) -> None:
        self.answers = tuple(answer if a.id == answer.id else a for a in self.answers)

    def _end(self, state: SearchState, now: datetime) -> None:
        """Those who still wait for a decision are told; their contact details are forgotten with the search."""
        waiting = tuple(a.person_id for a in self.answers if a.state is AnswerState.proposed)
        self.answers = tuple(replace(a, contact=None) if a.state is AnswerState.proposed else a for a in self.answers)
        self.state, self.ended_at = state, now
        self.record(
            PartnerSearchEnded(
                search_id=self.id,
                search=self.card,
                with_call=state is SearchState.ended,
                person_ids=waiting,
                ended_at=now,
            )
        )

    def _require_open(self) -> None:
        if self.state is not SearchState.open:
            raise SearchIsOver(**STATE_NAMES[self.state]._asdict())


def _check(content: SearchContent) -> None:
    require_said(content.words, "content")
    if not content.competences:
        raise Invalid(errors={"content": {"competences": ["Name one at least."]}})
    if len(content.competences) > MOST_COMPETENCES:
        raise Invalid(errors={"content": {"competences": [f"Longer than maximum length {MOST_COMPETENCES}."]}})
