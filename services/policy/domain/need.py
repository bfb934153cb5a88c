"""A need: stated by a member, endorsed by others, decided on with a reason, merged without losing a voice, answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypedDict

from services.policy.domain.content import require_said
from services.policy.domain.states import NEED_STATE_NAMES, NEED_STEPS
from shared.contracts.aggregate import Aggregate
from shared.contracts.policy import (
    AnswerStep,
    NeedAccepted,
    NeedAnswer,
    NeedAnswerAdvanced,
    NeedAnswered,
    NeedCard,
    NeedContent,
    NeedDecision,
    NeedDeclined,
    NeedEndorsed,
    NeedEndorsementWithdrawn,
    NeedMerged,
    NeedRevised,
    NeedState,
    NeedSubmitted,
    NeedTakenInHand,
    NeedWidened,
    StepTaken,
    Voice,
)
from shared.contracts.shapes import Money, Text
from shared.errors import Forbidden, Invalid, Refusal, Words


class NeedsASubsector(Invalid):
    words = Words("Indicare almeno un settore.", "Name one subsector at least.")


class NotYourNeed(Forbidden):
    words = Words("Un fabbisogno è modificato da chi lo ha presentato.", "A need is changed by whoever stated it.")


class OwnNeed(Refusal):
    title = Words("Fabbisogno proprio", "One's own need")
    words = Words(
        "La tua organizzazione ha presentato questo fabbisogno: non serve che vi aderisca.",
        "Your organisation stated this need: it does not endorse it as well.",
    )


class MergedIntoItself(Refusal):
    title = Words("Stesso fabbisogno", "The same need")
    words = Words("Un fabbisogno non si unisce a se stesso.", "A need is not merged into itself.")


class _Told(TypedDict):
    """What every event of a need carries."""

    need_id: str
    need: NeedCard


@dataclass(kw_only=True)
class Need(Aggregate):
    state: NeedState
    content: NeedContent
    authors: tuple[Voice, ...]
    endorsements: tuple[Voice, ...] = ()
    decision: NeedDecision | None = None
    merged_into: str | None = None
    merged_from: tuple[str, ...] = ()
    """Every need it has taken in, also by way of another."""
    answers: tuple[NeedAnswer, ...] = ()
    submitted_at: datetime
    accepted_at: datetime | None = None

    @classmethod
    def submit(cls, id: str, content: NeedContent, *, by: Voice) -> Need:
        need = cls(id=id, state=NeedState.submitted, content=_settled(content), authors=(by,), submitted_at=by.at)
        need.record(NeedSubmitted(**need._told, submitted_at=by.at))
        return need

    # --- its authors

    def revise(self, content: NeedContent, *, organisation_id: str | None, now: datetime) -> bool:
        """Whether it says something else now."""
        if organisation_id not in {author.organisation_id for author in self.authors}:
            raise NotYourNeed()
        self._step("revise")
        content = _settled(content)
        if content == self.content:
            return False
        self.content = content
        self.record(NeedRevised(**self._told, revised_at=now))
        return True

    # --- other members

    def endorse(self, by: Voice) -> bool:
        """Whether this is a new voice: an organisation endorses once, however often it says so."""
        self._step("endorse")
        if by.organisation_id in {author.organisation_id for author in self.authors}:
            raise OwnNeed()
        if by.organisation_id in self.endorsing:
            return False
        self.endorsements += (by,)
        self.record(NeedEndorsed(**self._told, by=by))
        return True

    def withdraw_endorsement(self, organisation_id: str, *, now: datetime) -> bool:
        """Whether there was one."""
        self._step("endorse")
        if organisation_id not in self.endorsing:
            return False
        self.endorsements = tuple(v for v in self.endorsements if v.organisation_id != organisation_id)
        self.record(NeedEndorsementWithdrawn(**self._told, organisation_id=organisation_id, withdrawn_at=now))
        return True

    def require_open_to_comments(self) -> None:
        self._step("comment")

    @property
    def endorsing(self) -> frozenset[str]:
        """The organisations that endorse it."""
        return frozenset(voice.organisation_id for voice in self.endorsements)

    def voiced_by(self, organisation_id: str | None) -> bool:
        return organisation_id in self.endorsing | {author.organisation_id for author in self.authors}

    # --- staff

    def analyse(self, *, now: datetime) -> None:
        self._step("analyse")
        self.record(NeedTakenInHand(**self._told, taken_at=now))

    def accept(self, reason: str, *, now: datetime) -> None:
        self._step("accept")
        self.accepted_at = now
        self._decide(reason, now)
        self.record(NeedAccepted(**self._told, reason=reason, accepted_at=now))

    def decline(self, reason: str, *, now: datetime) -> None:
        self._step("decline")
        self._decide(reason, now)
        self.record(NeedDeclined(**self._told, reason=reason, declined_at=now))

    def merge_into(self, other: Need, reason: str, *, now: datetime) -> None:
        """Go on within another, which takes in authors, endorsements and what was merged here before."""
        if other.id == self.id:
            raise MergedIntoItself()
        other._step("take_in")
        self._step("merge")
        other._take_in(self, now)
        self.merged_into = other.id
        self._decide(reason, now)
        self.record(NeedMerged(**self._told, into=other.card(), reason=reason, merged_at=now))

    def _take_in(self, other: Need, now: datetime) -> None:
        self.authors = _union(self.authors, other.authors, by_person=True)
        self.endorsements = _union(self.endorsements, other.endorsements)
        self.merged_from += (*other.merged_from, other.id)
        self.record(NeedWidened(**self._told, merged_from=other.id, widened_at=now))

    def _decide(self, reason: str, now: datetime) -> None:
        self.decision = NeedDecision(state=self.state, reason=reason, decided_at=now)

    # --- what becomes of it

    def be_answered(
        self, measure_id: str, measure_title: Text, *, steps: tuple[StepTaken, ...] = (), now: datetime
    ) -> bool:
        """A measure that covers it was adopted, and may have come some `steps` further. Whether that is new."""
        if self.answered_by(measure_id):
            return False
        self._step("be_answered")
        self.answers += (NeedAnswer(measure_id=measure_id, measure_title=measure_title, answered_at=now, steps=steps),)
        self.record(
            NeedAnswered(
                **self._told,
                measure_id=measure_id,
                measure_title=measure_title,
                answered_at=now,
            )
        )
        return True

    def advance_answer(self, measure_id: str, taken: StepTaken, *, granted: Money | None = None) -> bool:
        """What answers it has come a step further. Whether that is new: a step of a call is taken once."""
        answer = self.answered_by(measure_id)
        if answer is None or (taken.step, taken.call_id) in {(step.step, step.call_id) for step in answer.steps}:
            return False
        advanced = replace(answer, steps=(*answer.steps, taken))
        self.answers = tuple(advanced if a is answer else a for a in self.answers)
        self.record(
            NeedAnswerAdvanced(
                **self._told,
                measure_id=measure_id,
                measure_title=answer.measure_title,
                step=AnswerStep(taken.step),
                call_id=taken.call_id,
                call_title=taken.call_title,
                granted=granted,
                advanced_at=taken.at,
            )
        )
        return True

    def answered_by(self, measure_id: str) -> NeedAnswer | None:
        return next((answer for answer in self.answers if answer.measure_id == measure_id), None)

    # --- people

    def forget(self, person_id: str) -> None:
        """Keep what was said for an organisation, and no longer who said it."""
        self.authors = tuple(_nameless(voice, person_id) for voice in self.authors)
        self.endorsements = tuple(_nameless(voice, person_id) for voice in self.endorsements)

    # --- what it is now

    def card(self) -> NeedCard:
        return NeedCard(
            id=self.id,
            state=self.state,
            title=self.content.title,
            subsectors=self.content.subsectors,
            province=self.content.province,
            urgency=self.content.urgency,
            authors=self.authors,
            endorsements=len(self.endorsements),
            submitted_at=self.submitted_at,
            accepted_at=self.accepted_at,
            answered_at=min((answer.answered_at for answer in self.answers), default=None),
            merged_into=self.merged_into,
        )

    @property
    def _told(self) -> _Told:
        return {"need_id": self.id, "need": self.card()}

    def _step(self, verb: str) -> None:
        self.state = NEED_STEPS[verb].taken_from(self.state, NEED_STATE_NAMES)


def _settled(content: NeedContent) -> NeedContent:
    """The content with no subsector twice. Raises `NeedsASubsector`, `NothingSaid`."""
    if not content.subsectors:
        raise NeedsASubsector(errors={"content": {"subsectors": ["Name one at least."]}})
    require_said(content.missing, "content", "missing")
    return replace(content, subsectors=tuple(dict.fromkeys(content.subsectors)))


def _union(ours: tuple[Voice, ...], theirs: tuple[Voice, ...], *, by_person: bool = False) -> tuple[Voice, ...]:
    """Each organisation's voice once, the earlier one; `by_person`: each person's of each organisation."""
    kept: dict[tuple[str, str | None], Voice] = {}
    for voice in sorted((*ours, *theirs), key=lambda voice: voice.at):
        kept.setdefault((voice.organisation_id, voice.person_id if by_person else None), voice)
    return tuple(kept.values())


def _nameless(voice: Voice, person_id: str) -> Voice:
    return replace(voice, person_id=None) if voice.person_id == person_id else voice
