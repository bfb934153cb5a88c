"""A consultation: a window in which members say what they think of a measure, and what each of them was answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.contracts.aggregate import Aggregate
from shared.contracts.policy import ConsultationPhase, ContributionKind, Voice
from shared.errors import Invalid, Refusal, Words
from shared.rome import ROME, day_in_rome

POSITIONS = (ContributionKind.support, ContributionKind.objection)
"""What an organisation says once in a round; it comments as often as it likes."""


class ClosesBeforeItOpens(Invalid):
    slug = "consultation-closes-before-it-opens"
    title = Words("Date non valide", "Invalid dates")
    words = Words(
        "La consultazione deve chiudere dopo l'apertura e nel futuro.",
        "A consultation closes after it opens, and in the future.",
    )


class ConsultationUnderWay(Refusal):
    title = Words("Consultazione in corso", "Consultation under way")
    words = Words(
        "La consultazione è aperta fino al {day} alle {hour}: attenderne la fine.",
        "The consultation is open until {day} at {hour} (Europe/Rome): wait for its end.",
    )


class NoOpenConsultation(Refusal):
    title = Words("Consultazione non aperta", "No open consultation")
    words = Words("Su questa misura non è aperta una consultazione.", "No consultation on this measure is open.")


class ExtendsNothing(Invalid):
    title = Words("Data non valida", "Invalid date")
    words = Words("La nuova data è dopo la precedente.", "The new date is after the one before.")


class NotConsultedOn(Refusal):
    title = Words("Consultazione mancante", "Consultation missing")
    words = Words(
        "Una misura si adotta dopo una consultazione conclusa.",
        "A measure is adopted after a consultation that is over.",
    )


class ContributionsUnanswered(Refusal):
    title = Words("Contributi senza risposta", "Contributions without an answer")
    words = Words(
        "Ogni contributo riceve una risposta prima dell'adozione. Senza risposta: {count}.",
        "Every contribution gets an answer before adoption. Without one: {count}.",
    )


class PositionTaken(Refusal):
    title = Words("Posizione già espressa", "Position already taken")
    words = Words(
        "La tua organizzazione si è già espressa in questa consultazione: può ancora commentare.",
        "Your organisation has taken its position in this consultation: it may still comment.",
    )


@dataclass(kw_only=True)
class Consultation:
    """One round."""

    round: int
    opens_at: datetime
    closes_at: datetime
    text_version: int | None = None
    """Which text is consulted on: known once it opens."""
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    supports: int = 0
    objections: int = 0
    comments: int = 0
    unanswered: int = 0

    @classmethod
    def scheduled(cls, round: int, opens_at: datetime, closes_at: datetime) -> Consultation:
        if closes_at <= opens_at:
            raise ClosesBeforeItOpens(errors={"closes_at": ["Not after the opening."]})
        return cls(round=round, opens_at=opens_at, closes_at=closes_at)

    @property
    def next_step_at(self) -> datetime | None:
        if self.opened_at is None:
            return self.opens_at
        return self.closes_at if self.closed_at is None else None

    @property
    def under_way(self) -> bool:
        """Opened, and not found closed yet."""
        return self.opened_at is not None and self.closed_at is None

    def require_open_at(self, now: datetime) -> None:
        """To the second, whether or not somebody has noticed that it is over."""
        if not (self.under_way and now < self.closes_at):
            raise NoOpenConsultation()

    def require_not_under_way(self) -> None:
        if self.under_way:
            hour = f"{self.closes_at.astimezone(ROME):%H:%M}"
            raise ConsultationUnderWay(day=day_in_rome(self.closes_at), hour=hour)

    def extend(self, closes_at: datetime) -> datetime:
        """Close later. When it would have closed."""
        before = self.closes_at
        if closes_at <= before:
            raise ExtendsNothing(errors={"closes_at": ["Not after the present date."]})
        self.closes_at = closes_at
        return before

    def phase_at(self, now: datetime) -> ConsultationPhase:
        if self.closed_at or now >= self.closes_at:
            return ConsultationPhase.closed
        return ConsultationPhase.open if now >= self.opens_at else ConsultationPhase.scheduled

    def count(self, kind: ContributionKind) -> None:
        self.unanswered += 1
        if kind is ContributionKind.support:
            self.supports += 1
        elif kind is ContributionKind.objection:
            self.objections += 1
        else:
            self.comments += 1


def require_heard(rounds: Sequence[Consultation]) -> None:
    """Let pass once members could speak, and everybody who did was answered.

    Raises `NotConsultedOn`, `ContributionsUnanswered`.
    """
    if not rounds or rounds[-1].closed_at is None:
        raise NotConsultedOn()
    if unanswered := sum(round.unanswered for round in rounds):
        raise ContributionsUnanswered(count=unanswered)


@dataclass(kw_only=True)
class Contribution(Aggregate):
    """What a member says of a measure, and the answer."""

    measure_id: str
    round: int
    kind: ContributionKind
    text: str
    by: Voice
    answer: str | None = None
    answered_at: datetime | None = None
