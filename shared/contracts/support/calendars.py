"""What those enrolled take along: entries for their calendars, and the certificate of attendance."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.declaration import query
from shared.contracts.rights import REGISTERED
from shared.contracts.shapes import BinaryDocument, Id, Language, TextDocument


@query(who=REGISTERED, answers=TextDocument)
@dataclass(frozen=True, kw_only=True)
class GetTrainingCalendar:
    """One session for the calendar of a person enrolled (iCalendar, RFC 5545).

    The UID stays the same when it is moved or cancelled, the SEQUENCE rises: calendars update the entry they have.
    """

    training_id: Id


@query(who=REGISTERED, answers=TextDocument)
@dataclass(frozen=True, kw_only=True)
class GetOwnTrainingCalendar:
    """All sessions one is enrolled in, as one calendar (iCalendar): those of the last year and those to come."""


@query(who=REGISTERED, answers=BinaryDocument)
@dataclass(frozen=True, kw_only=True)
class GetAttendanceCertificate:
    """The certificate of attendance of somebody who was there (PDF): one's own, or for the organiser anybody's."""

    training_id: Id
    language: Language = "it"
    person_id: Id | None = None
    """Absent: one's own."""
