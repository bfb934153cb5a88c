"""A measure: designed from needs, consulted on, adopted or dropped, carried out by calls, judged by its indicators."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from services.policy.domain.consultation import Consultation, Contribution, NoOpenConsultation, require_heard
from services.policy.domain.content import require_ready, require_said, settled
from services.policy.domain.indicators import IndicatorNotMeasured, MeasuredInTheFuture, UnknownIndicator, results_of
from services.policy.domain.states import MEASURE_STATE_NAMES, MEASURE_STEPS
from shared.contracts.aggregate import Aggregate
from shared.contracts.policy import (
    AnswerStep,
    ConsultationClosed,
    ConsultationExtended,
    ConsultationOpened,
    ContributionAnswered,
    ContributionKind,
    ContributionMade,
    Decider,
    IndicatorResult,
    MeasureAdopted,
    MeasureCard,
    MeasureConcluded,
    MeasureContent,
    MeasureDrafted,
    MeasureDropped,
    MeasureEvaluated,
    MeasureImplemented,
    Measurement,
    MeasureRevised,
    MeasureState,
    MeasureVersion,
    StepTaken,
    Voice,
)
from shared.contracts.shapes import LongText

DECIDED = frozenset({MeasureState.adopted, MeasureState.implemented, MeasureState.concluded, MeasureState.evaluated})
"""The states of a measure that answers needs and that calls may carry out."""


class _Told(TypedDict):
    """What every event of a measure carries."""

    measure_id: str
    measure: MeasureCard


@dataclass(kw_only=True)
class Measure(Aggregate):
    state: MeasureState
    content: MeasureContent
    text_version: int = 1
    former_versions: tuple[MeasureVersion, ...] = ()
    need_ids: tuple[str, ...] = ()
    consultations: list[Consultation]
    """Round by round."""
    next_step_at: datetime | None = None
    """When a consultation opens or closes."""
    steps: tuple[StepTaken, ...] = ()
    """How far it has come, as far as the needs' authors were told."""
    measurements: tuple[Measurement, ...] = ()
    state_reason: str | None = None
    conclusion: LongText | None = None
    findings: LongText | None = None
    drafted_at: datetime
    adopted_at: datetime | None = None
    concluded_at: datetime | None = None
    evaluated_at: datetime | None = None

    # --- designing

    @classmethod
    def draft(cls, id: str, content: MeasureContent, need_ids: Iterable[str], *, now: datetime) -> Measure:
        measure = cls(
            id=id,
            state=MeasureState.draft,
            content=settled(content),
            need_ids=tuple(dict.fromkeys(need_ids)),
            consultations=[],
            drafted_at=now,
        )
        measure.record(MeasureDrafted(**measure._told, drafted_at=now))
        return measure

    def revise(self, content: MeasureContent, *, now: datetime) -> bool:
        """Whether it says something else now: a new version, if the text before was consulted on."""
        self._require("revise")
        self._require_no_open_window(now)
        content = settled(content)
        if content == self.content:
            return False
        if any(round.text_version == self.text_version for round in self.consultations):
            former = MeasureVersion(number=self.text_version, content=self.content, until=now)
            self.former_versions += (former,)
            self.text_version += 1
        self.content = content
        self._revised(now)
        return True

    def link(self, need_id: str, *, now: datetime) -> bool:
        return self._design_from((*self.need_ids, need_id), now)

    def unlink(self, need_id: str, *, now: datetime) -> bool:
        return self._design_from((id for id in self.need_ids if id != need_id), now)

    def _design_from(self, need_ids: Iterable[str], now: datetime) -> bool:
        """Whether these are others than before."""
        self._require("link")
        linked = tuple(dict.fromkeys(need_ids))
        if linked == self.need_ids:
            return False
        self.need_ids = linked
        self._revised(now)
        return True

    def follow_merge(self, need_id: str, into_id: str, *, now: datetime) -> None:
        """A need it is designed from goes on within another: so does the link, whatever the measure's state."""
        self.need_ids = tuple(dict.fromkeys(into_id if id == need_id else id for id in self.need_ids))
        self._revised(now)

    def _revised(self, now: datetime) -> None:
        self.record(MeasureRevised(**self._told, revised_at=now))

    # --- consultation

    @property
    def consultation(self) -> Consultation | None:
        """The last round."""
        return self.consultations[-1] if self.consultations else None

    def schedule_consultation(
        self, opens_at: datetime | None, closes_at: datetime, *, author_ids: tuple[str, ...], now: datetime
    ) -> None:
        """Say when; a round that is due opens at once, one that has not opened is replaced."""
        self._require("consult")
        self._require_no_open_window(now)
        held = self._held()
        self.consultations = [*held, Consultation.scheduled(len(held) + 1, max(opens_at or now, now), closes_at)]
        self.advance(author_ids=author_ids, now=now)

    def extend_consultation(self, closes_at: datetime, *, now: datetime) -> None:
        round = self._open_round(now)
        before = round.extend(closes_at)
        self.next_step_at = closes_at
        self.record(
            ConsultationExtended(**self._told, round=round.round, before=before, after=closes_at, extended_at=now)
        )

    def advance(self, *, author_ids: tuple[str, ...], now: datetime) -> None:
        """Open and close on time, and say when to look again."""
        round = self.consultation
        if round and round.opened_at is None and now >= round.opens_at:
            self._open(round, author_ids, now)
        self._close_on_time(now)
        self.next_step_at = round.next_step_at if round else None

    def _close_on_time(self, now: datetime) -> None:
        round = self.consultation
        if round and round.under_way and now >= round.closes_at:
            self._close(round, now)

    def _open(self, round: Consultation, author_ids: tuple[str, ...], now: datetime) -> None:
        self._step("open_consultation")
        round.opened_at, round.text_version = now, self.text_version
        self.record(
            ConsultationOpened(
                **self._told,
                round=round.round,
                closes_at=round.closes_at,
                author_ids=author_ids,
                opened_at=now,
            )
        )

    def _close(self, round: Consultation, now: datetime) -> None:
        round.closed_at, self.next_step_at = now, None
        self.record(
            ConsultationClosed(
                **self._told,
                round=round.round,
                supports=round.supports,
                objections=round.objections,
                comments=round.comments,
                closed_at=now,
            )
        )

    def take_contribution(self, id: str, kind: ContributionKind, text: str, *, by: Voice) -> Contribution:
        """What a member says, while the window is open."""
        round = self._open_round(by.at)
        round.count(kind)
        self.record(
            ContributionMade(
                **self._told,
                contribution_id=id,
                kind=kind,
                organisation_id=by.organisation_id,
                organisation_name=by.organisation_name,
                made_at=by.at,
            )
        )
        return Contribution(id=id, measure_id=self.id, round=round.round, kind=kind, text=text, by=by)

    def answer(self, contribution: Contribution, answer: str, *, now: datetime) -> None:
        """Answered again, the later word holds."""
        self._require("answer")
        if contribution.answered_at is None:
            self.consultations[contribution.round - 1].unanswered -= 1
        contribution.answer, contribution.answered_at = answer, now
        self.record(
            ContributionAnswered(
                **self._told,
                contribution_id=contribution.id,
                person_id=contribution.by.person_id,
                answer=answer,
                answered_at=now,
            )
        )

    def _open_round(self, now: datetime) -> Consultation:
        round = self.consultation
        if round is None:
            raise NoOpenConsultation()
        round.require_open_at(now)
        return round

    def _held(self) -> list[Consultation]:
        """The rounds that were opened: one that is only scheduled can still be put off or given up."""
        return [round for round in self.consultations if round.opened_at]

    def _require_no_open_window(self, now: datetime) -> None:
        """One whose time is up is closed here, if nobody has noticed yet."""
        self._close_on_time(now)
        if self.consultation:
            self.consultation.require_not_under_way()

    # --- deciding

    def adopt(self, by: Decider, *, covers_accepted_need: bool, now: datetime) -> None:
        self._require("adopt")
        self._require_no_open_window(now)
        require_heard(self.consultations)
        require_ready(self.content, covers_accepted_need=covers_accepted_need)
        self._step("adopt")
        self.adopted_at = now
        self.record(MeasureAdopted(**self._told, by=by, adopted_at=now))

    def drop(self, reason: str, *, author_ids: tuple[str, ...], now: datetime) -> None:
        """Give it up; a consultation that is open or scheduled ends with it."""
        self._step("drop")
        self.state_reason = reason
        if self.consultation and self.consultation.under_way:
            self._close(self.consultation, now)
        self.consultations, self.next_step_at = self._held(), None
        self.record(MeasureDropped(**self._told, reason=reason, author_ids=author_ids, dropped_at=now))

    # --- what becomes of it

    def take_step(self, taken: StepTaken) -> bool:
        """A call that carries it out has come a step further. Whether that is new, and a step of an adopted measure.

        Whichever step is heard of first shows that it is being carried out: events of calls come in any order.
        """
        if self.state not in DECIDED or (taken.step, taken.call_id) in {(s.step, s.call_id) for s in self.steps}:
            return False
        self.steps += (taken,)
        if self.state is MeasureState.adopted and taken.call_id and taken.call_title:
            self._step("carry_out")
            self.record(
                MeasureImplemented(
                    **self._told,
                    call_id=taken.call_id,
                    call_title=taken.call_title,
                    implemented_at=taken.at,
                )
            )
        return True

    def measure(self, measurement: Measurement, *, now: datetime) -> None:
        """Say what an indicator was found to be."""
        self._require("measure")
        if measurement.indicator not in {indicator.code for indicator in self.content.indicators}:
            raise UnknownIndicator(errors={"indicator": ["Not one of this measure's."]})
        if measurement.measured_at > now:
            raise MeasuredInTheFuture(errors={"measured_at": ["Later than now."]})
        self.measurements = tuple(sorted((*self.measurements, measurement), key=lambda m: m.measured_at))

    def conclude(self, conclusion: LongText, *, now: datetime) -> StepTaken:
        require_said(conclusion, "conclusion")
        self._step("conclude")
        self.conclusion, self.concluded_at = conclusion, now
        self.record(MeasureConcluded(**self._told, conclusion=conclusion, concluded_at=now))
        return self._own_step(AnswerStep.measure_concluded, now)

    def evaluate(self, findings: LongText, *, now: datetime) -> StepTaken:
        """Judge it, once each indicator was measured."""
        require_said(findings, "findings")
        self._require("evaluate")
        results = self.results
        if any(not result.measurements for result in results):
            raise IndicatorNotMeasured()
        self._step("evaluate")
        self.findings, self.evaluated_at = findings, now
        self.record(MeasureEvaluated(**self._told, findings=findings, results=results, evaluated_at=now))
        return self._own_step(AnswerStep.measure_evaluated, now)

    @property
    def results(self) -> tuple[IndicatorResult, ...]:
        return results_of(self.content.indicators, self.measurements)

    def _own_step(self, step: AnswerStep, now: datetime) -> StepTaken:
        taken = StepTaken(step=step, at=now)
        self.steps += (taken,)
        return taken

    # --- what it is now

    @property
    def public(self) -> bool:
        """From its first consultation on."""
        return bool(self._held())

    def card(self) -> MeasureCard:
        said = self.content
        return MeasureCard(
            id=self.id,
            state=self.state,
            title=said.title,
            summary=said.summary,
            subsectors=said.subsectors,
            provinces=said.provinces,
            objectives=said.objectives,
            instruments=said.instruments,
            beneficiaries=said.beneficiaries,
            budget=said.budget,
            text_version=self.text_version,
            need_ids=self.need_ids,
            adopted_at=self.adopted_at,
        )

    @property
    def _told(self) -> _Told:
        return {"measure_id": self.id, "measure": self.card()}

    def _require(self, verb: str) -> None:
        MEASURE_STEPS[verb].taken_from(self.state, MEASURE_STATE_NAMES)

    def _step(self, verb: str) -> None:
        self.state = MEASURE_STEPS[verb].taken_from(self.state, MEASURE_STATE_NAMES)
