"""A call (bando), from its first draft or its import to the archive: its states, its amendments, what it tells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from services.calls.domain.coherence import check, check_written
from services.calls.domain.difference import difference, fields_of
from services.calls.domain.digests import Digests
from services.calls.domain.states import STATE_NAMES, STEPS
from services.calls.domain.timetable import Milestone, Timetable, days_left, over, phase
from shared.contracts.aggregate import Aggregate
from shared.contracts.calls import (
    DRAFTERS,
    Amendment,
    CallAmended,
    CallCard,
    CallClosed,
    CallClosingSoon,
    CallContent,
    CallOpened,
    CallPhase,
    CallPublished,
    CallResumed,
    CallSource,
    CallState,
    CallSuspended,
    CallWithdrawn,
    DeadlineExtended,
    FieldChange,
    Relevance,
)
from shared.contracts.rights import STAFF, Caller
from shared.contracts.shapes import Text
from shared.errors import Forbidden, Refusal, Words


class NotYourDraft(Forbidden):
    words = Words(
        "Una direzione modifica solo le proprie bozze, finché non sono pubblicate.",
        "A department changes only drafts of its own, until they are published.",
    )


class HasNoDeadline(Refusal):
    title = Words("Bando a sportello", "Rolling call")
    words = Words("Il bando non ha una scadenza da prorogare.", "The call has no deadline to extend.")


class NotLater(Refusal):
    title = Words("Non è una proroga", "Not an extension")
    words = Words(
        "Una proroga sposta la scadenza in avanti: per anticiparla si modifica il bando.",
        "An extension moves the deadline forward: revise the call to bring it closer.",
    )


class AlreadyPast(Refusal):
    title = Words("Scadenza già passata", "Deadline already past")
    words = Words("La nuova scadenza è già passata.", "The new deadline has passed already.")


class NotImported(Refusal):
    title = Words("Bando proprio", "The hub's own call")
    words = Words(
        "Si decide della pertinenza solo dei bandi importati.", "Relevance is decided only of imported calls."
    )


class StillUnderWay(Refusal):
    title = Words("Bando in corso", "Call under way")
    words = Words(
        "Si archivia un bando pubblicato solo quando è concluso.", "A published call is archived once concluded."
    )


# --- the aggregate ----------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class Call(Aggregate):
    state: CallState
    content: CallContent
    created_at: datetime
    drafted_by: str | None = None
    """The organisation that wrote it; None for an imported call."""
    published_at: datetime | None = None
    state_reason: str | None = None
    timetable: Timetable | None = None
    """From publication on."""
    next_step_at: datetime | None = None
    """When `advance` has something to do next: only while published."""
    amendments: tuple[Amendment, ...] = ()
    source: CallSource | None = None
    source_digests: Digests | None = None
    """Of an imported call."""
    edited_fields: tuple[str, ...] = ()
    """Fields of an imported call that an editor has changed: the source no longer decides them."""
    relevance: Relevance | None = None
    relevance_decided_by: str | None = None
    """The editor who decided; None: the rules did."""
    vanished_at: datetime | None = None

    @classmethod
    def draft(cls, id: str, content: CallContent, *, by: Caller, now: datetime) -> Call:
        """Begin a call of the hub's own."""
        check_written(content)
        return cls(id=id, state=CallState.draft, content=content, drafted_by=by.organisation_id, created_at=now)

    @classmethod
    def imported(
        cls, id: str, content: CallContent, source: CallSource, digests: Digests, relevance: Relevance, *, now: datetime
    ) -> Call:
        """Take over a call from a source: published if relevant, else set aside for an editor."""
        check(content)
        call = cls(id=id, state=CallState.set_aside, content=content, created_at=now, source=source)
        call.source_digests, call.relevance = digests, relevance
        if relevance.relevant:
            call.publish(now=now)
        return call

    # --- who

    def readable_by(self, caller: Caller) -> bool:
        """What was public once stays readable; anything else is for those who write calls."""
        return self.published_at is not None or DRAFTERS.met_by(caller)

    def require_writer(self, caller: Caller) -> None:
        """Let staff write any call, and a department its own until it is published."""
        own = self.drafted_by is not None and self.drafted_by == caller.organisation_id
        if not STAFF.met_by(caller) and not (own and self.published_at is None):
            raise NotYourDraft()

    # --- writing

    def submit_for_review(self) -> None:
        self._step("submit_for_review")

    def revise(self, content: CallContent, *, now: datetime) -> tuple[FieldChange, ...]:
        """An editor says it differently. The changes: empty when nothing differs, and then nothing happened."""
        self._step("revise")
        check_written(content)
        changes = self._say(content, now)
        self._remember_edited(changes)
        return changes

    def extend_deadline(self, closes_at: datetime, *, now: datetime) -> None:
        self._step("extend_deadline")
        if self.content.closes_at is None:
            raise HasNoDeadline()
        if closes_at <= self.content.closes_at:
            raise NotLater()
        if over(closes_at, now):
            raise AlreadyPast()
        extended = replace(self.content, closes_at=closes_at)
        check_written(extended)
        self._remember_edited(self._say(extended, now))

    def decide_relevance(self, *, relevant: bool, reason: str, by: Caller, now: datetime) -> None:
        """An editor's word: it is kept, and from then on no rule decides."""
        if self.source is None:
            raise NotImported()
        was_public = self.state is not CallState.set_aside
        if relevant and not was_public:
            self.publish(now=now)
        elif not relevant:
            self._step("set_aside")
            self.timetable = None
            if was_public:
                self.record(CallWithdrawn(call_id=self.id, call=self.card(), reason=reason, withdrawn_at=now))
        said = Text(it=f"Decisione della redazione: {reason}", en=f"An editor's decision: {reason}")
        self.relevance = Relevance(relevant=relevant, reasons=(said,), decided_at=now)
        self.relevance_decided_by = by.person_id

    # --- states

    def publish(self, *, now: datetime) -> None:
        self._step("publish")
        self.published_at = now
        self.timetable = Timetable.of(self.content, now=now)
        self.record(CallPublished(call_id=self.id, call=self.card(), published_at=now))
        self.advance(now)

    def suspend(self, reason: str, *, now: datetime) -> None:
        self._step("suspend", reason)
        self.record(CallSuspended(call_id=self.id, call=self.card(), reason=reason, suspended_at=now))

    def resume(self, *, now: datetime) -> None:
        self._step("resume")
        assert self.timetable is not None
        self.timetable.stands_since = now
        self.record(CallResumed(call_id=self.id, call=self.card(), resumed_at=now))
        self.advance(now)

    def withdraw(self, reason: str, *, now: datetime) -> None:
        self._step("withdraw", reason)
        self.record(CallWithdrawn(call_id=self.id, call=self.card(), reason=reason, withdrawn_at=now))

    def archive(self, *, now: datetime) -> None:
        if self.state is CallState.published and self.phase_at(now) is not CallPhase.concluded:
            raise StillUnderWay()
        self._step("archive")

    # --- time

    def phase_at(self, now: datetime) -> CallPhase | None:
        """Where it stands in time; only a published call stands anywhere."""
        return phase(self.content, now) if self.state is CallState.published else None

    def advance(self, now: datetime) -> None:
        """Tell what has come by now, each once and in order, and note when the next step is due."""
        self.next_step_at = None
        if self.state is not CallState.published or self.timetable is None:
            return
        for milestone in self.timetable.take_due(now):
            self._tell(milestone, self.timetable, now)
        self.next_step_at = self.timetable.next_after(now)

    # --- its source

    def follow_source(
        self, content: CallContent, source: CallSource, digests: Digests, relevance: Relevance, *, now: datetime
    ) -> tuple[FieldChange, ...]:
        """Take over what the source says now, but for the fields an editor has changed.

        Where the source has come to say what the editor says, the field follows the source again. A call set aside is
        judged anew and published if it has become relevant, unless an editor has decided; one that was published stays
        so; one that was withdrawn or archived is left alone. The changes: empty when nothing differs for readers.
        """
        edited = {field: getattr(self.content, field) for field in self.edited_fields}
        disputed = {field: value for field, value in edited.items() if value != getattr(content, field)}
        merged = replace(content, **disputed)
        check(merged)
        self.source, self.source_digests, self.vanished_at = source, digests, None
        if self.state not in STEPS["revise"].allowed_from:
            return ()
        self.edited_fields = tuple(disputed)
        changes = self._say(merged, now)
        if self.state is CallState.set_aside and self.relevance_decided_by is None:
            self.relevance = relevance
            if relevance.relevant:
                self.publish(now=now)
        return changes

    def vanish(self, *, now: datetime) -> None:
        """Its source no longer lists it."""
        self.vanished_at = now

    # --- what it tells

    def card(self) -> CallCard:
        content = self.content
        return CallCard(
            id=self.id,
            type=content.type,
            title=content.title,
            summary=content.summary,
            issuer=content.issuer,
            subsectors=content.subsectors,
            topics=content.topics,
            recipients=content.recipients,
            provinces=content.provinces,
            opens_at=content.opens_at,
            closes_at=content.closes_at,
            procedure_ends_at=content.procedure_ends_at,
            url=self.source.url if self.source else None,
            budget=content.budget,
            measure_id=content.measure_id,
        )

    def _step(self, verb: str, reason: str | None = None) -> None:
        """Go where the verb leads, or refuse in its words."""
        step = STEPS[verb]
        if self.state not in step.allowed_from:
            raise step.refusal(**STATE_NAMES[self.state]._asdict())
        if step.leads_to is not None:
            self.state, self.state_reason = step.leads_to, reason
            self.next_step_at = None

    def _say(self, content: CallContent, now: datetime) -> tuple[FieldChange, ...]:
        """Take this wording; once published, as an amendment that is kept and told."""
        before, changes = self.content, difference(self.content, content)
        if not changes:
            return ()
        self.content = content
        if self.timetable is not None:
            self.amendments += (Amendment(version=self.version + 1, at=now, changes=changes),)
            self._tell_amendment(before, changes, now)
            self.timetable.move(content, now=now)
            self.advance(now)
        return changes

    def _remember_edited(self, changes: tuple[FieldChange, ...]) -> None:
        if self.source is not None:
            self.edited_fields = tuple(sorted({*self.edited_fields, *fields_of(changes)}))

    def _tell_amendment(self, before: CallContent, changes: tuple[FieldChange, ...], now: datetime) -> None:
        old, new = before.closes_at, self.content.closes_at
        if fields_of(changes) == {"closes_at"} and old is not None and new is not None and new > old:
            extended = DeadlineExtended(call_id=self.id, call=self.card(), before=old, after=new, extended_at=now)
            self.record(extended)
        else:
            self.record(CallAmended(call_id=self.id, call=self.card(), changes=changes, amended_at=now))

    def _tell(self, milestone: Milestone, timetable: Timetable, now: datetime) -> None:
        call = self.card()
        if milestone is Milestone.opening and timetable.opened_at is not None:
            self.record(CallOpened(call_id=self.id, call=call, opened_at=timetable.opened_at))
        elif milestone is Milestone.closing_soon and timetable.closes_at is not None:
            self.record(CallClosingSoon(call_id=self.id, call=call, days_left=days_left(timetable.closes_at, now)))
        elif milestone is Milestone.closing and timetable.closed_at is not None:
            self.record(CallClosed(call_id=self.id, call=call, closed_at=timetable.closed_at))
