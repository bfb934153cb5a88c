"""A help request: from the question to an answer that settles it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.support.domain.callers import Caller, acts_for
from services.support.domain.help_states import (
    STATE_NAMES,
    STEPS,
    NobodyToAnswer,
    NotTheirAnswer,
    OnlyTheAsker,
    OnlyTheTwoSides,
    OwnQuestion,
    Step,
    ThreadTooLong,
    TooLateToReopen,
)
from services.support.domain.members import Member
from services.support.domain.saying import require_said
from services.support.domain.working_hours import working_minutes
from shared.contracts.aggregate import Aggregate
from shared.contracts.files import StoredFile
from shared.contracts.rights import STAFF, SUPPORT_STAFF
from shared.contracts.support import (
    Assignment,
    HelpAnswered,
    HelpAssigned,
    HelpCard,
    HelpClosed,
    HelpMessage,
    HelpMessageSent,
    HelpReopened,
    HelpRequested,
    HelpState,
)
from shared.contracts.vocabulary import OrganisationKind, Subsector
from shared.errors import Invalid
from shared.rome import day_in_rome

REOPENABLE_FOR = timedelta(days=30)
"""How long after an answer its asker may say that it does not settle the question; then it is closed."""
LONGEST_THREAD = 200
"""Messages, and files, of one request."""


def assignment_for(subsectors: Sequence[Subsector], members: Iterable[Member], *, now: datetime) -> Assignment | None:
    """Who answers by the rules: the Clust-ER that shares most subsectors with the question, or else the support body.

    Of several that share as many, the first by name. None: there is neither.
    """
    helpers = sorted((member for member in members if member.helps), key=lambda member: (member.name, member.id))
    wanted = frozenset(subsectors)
    clusters = [member for member in helpers if member.kind is OrganisationKind.cluster]
    best = max(clusters, key=lambda member: len(wanted & member.subsectors), default=None)
    if best and (shared := wanted & best.subsectors):
        return _assignment(best, tuple(s for s in subsectors if s in shared), now)
    bodies = [member for member in helpers if member.kind is OrganisationKind.support_body]
    return _assignment(bodies[0], (), now) if bodies else None


def assignment_to(member: Member | None, *, now: datetime) -> Assignment:
    """Somebody who was chosen by hand. Raises `NobodyToAnswer`."""
    if member is None or not member.helps:
        raise NobodyToAnswer()
    return _assignment(member, (), now)


def _assignment(member: Member, subsectors: tuple[Subsector, ...], now: datetime) -> Assignment:
    return Assignment(
        organisation_id=member.id,
        organisation_name=member.name,
        kind=member.kind,
        subsectors=subsectors,
        assigned_at=now,
    )


@dataclass(kw_only=True)
class HelpRequest(Aggregate):
    """A question with its thread."""

    state: HelpState
    title: str
    call_id: str | None
    theme: str | None
    subsectors: tuple[Subsector, ...]
    organisation_id: str
    organisation_name: str
    person_id: str
    asked_at: datetime
    assignment: Assignment | None = None
    messages: tuple[HelpMessage, ...] = ()
    attachments: tuple[StoredFile, ...] = ()
    """Brought to the thread; no message speaks of them yet."""
    first_answered_at: datetime | None = None
    first_answer_minutes: int | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    reopenable_until: datetime | None = None

    @classmethod
    def ask(
        cls,
        id_: str,
        *,
        title: str,
        words: str,
        call_id: str | None,
        theme: str | None,
        subsectors: tuple[Subsector, ...],
        by: Caller,
        now: datetime,
    ) -> HelpRequest:
        """Raises `Invalid` where it is about nothing."""
        if call_id is None and theme is None:
            raise Invalid(errors={"theme": ["Say which call or which theme it is about."]})
        request = cls(
            id=id_,
            state=HelpState.open,
            title=title,
            call_id=call_id,
            theme=theme,
            subsectors=subsectors,
            organisation_id=by.organisation_id or "",
            organisation_name=by.organisation_name or "",
            person_id=by.person_id or "",
            asked_at=now,
        )
        request._say(f"{id_}-0", words, (), by=by, now=now)
        request.record(HelpRequested(request_id=id_, request=request.card, words=words, asked_at=now))
        return request

    # --- who answers

    def assign(self, assignment: Assignment, *, now: datetime) -> None:
        """Say who answers; the same again changes nothing. Raises `OwnQuestion`."""
        self._require("assign")
        if assignment.organisation_id == self.organisation_id:
            raise OwnQuestion()
        if self.assignment and self.assignment.organisation_id == assignment.organisation_id:
            return
        self.assignment = assignment
        if self.state is HelpState.open:
            self.state = HelpState.assigned
        self.record(HelpAssigned(request_id=self.id, request=self.card, assignment=assignment, assigned_at=now))

    def lose_assignment(self, *, now: datetime) -> None:
        """Who was to answer is no longer there: it waits for somebody else."""
        self._require("assign")
        self.assignment = None
        if self.state is HelpState.assigned:
            self.state = HelpState.open

    # --- the thread

    def attach(self, file: StoredFile, *, by: Caller) -> None:
        """Take a file into the thread, for one of the two sides."""
        self.require_side(by)
        if len(self.attachments) + sum(len(message.attachments) for message in self.messages) >= LONGEST_THREAD:
            raise ThreadTooLong(most=LONGEST_THREAD)
        self.attachments = (*self.attachments, file)

    def write(self, message_id: str, words: str, attachments: Sequence[str], *, by: Caller, now: datetime) -> None:
        """More on the question, by its asker."""
        self._require_asker(by)
        self._require("write")
        self._say(message_id, words, attachments, by=by, now=now)
        self.record(HelpMessageSent(request_id=self.id, request=self.card, words=words, sent_at=now))

    def answer(self, message_id: str, words: str, attachments: Sequence[str], *, by: Caller, now: datetime) -> None:
        self._require("answer")
        if self.assignment is None or not acts_for(by, self.assignment.organisation_id):
            raise NotTheirAnswer()
        self._say(message_id, words, attachments, by=by, now=now, answer=True)
        first = self.first_answered_at is None
        if self.first_answered_at is None:
            self.first_answered_at = now
            self.first_answer_minutes = working_minutes(self.asked_at, now)
        self.answered_at = now
        self.reopenable_until = now + REOPENABLE_FOR
        self._step("answer")
        self.record(
            HelpAnswered(
                request_id=self.id,
                request=self.card,
                words=words,
                person_id=self.person_id,
                first=first,
                first_answer_minutes=self.first_answer_minutes or 0,
                answered_at=now,
            )
        )

    def reopen(self, message_id: str, words: str, attachments: Sequence[str], *, by: Caller, now: datetime) -> None:
        """The answer did not settle it. Raises `TooLateToReopen`."""
        self._require_asker(by)
        self._require("reopen")
        assert self.reopenable_until  # whatever is answered or closed says until when
        if now > self.reopenable_until:
            raise TooLateToReopen(day=day_in_rome(self.reopenable_until))
        self._say(message_id, words, attachments, by=by, now=now)
        self._step("reopen")
        self.closed_at = None
        self.record(HelpReopened(request_id=self.id, request=self.card, words=words, reopened_at=now))

    # --- the end

    def close(self, *, by: Caller, now: datetime) -> None:
        """It is settled, says its asker, or the support body. It can still be reopened for a while."""
        if not SUPPORT_STAFF.met_by(by):
            self._require_asker(by)
        self._require("close")
        if self.reopenable_until is None:
            self.reopenable_until = now + REOPENABLE_FOR
        self._close(by_asker=acts_for(by, self.organisation_id), now=now)

    def settle(self, *, now: datetime) -> bool:
        """Close it where its answer has stood for as long as it could have been reopened. Whether it was closed."""
        due = self.reopenable_until is not None and now > self.reopenable_until
        if self.state is not HelpState.answered or not due:
            return False
        self._close(by_asker=False, now=now)
        return True

    def _close(self, *, by_asker: bool, now: datetime) -> None:
        self._step("close")
        self.closed_at = now
        until = self.reopenable_until if self.reopenable_until and self.reopenable_until > now else None
        self.record(
            HelpClosed(request_id=self.id, request=self.card, by_asker=by_asker, reopenable_until=until, closed_at=now)
        )

    # --- who sees it

    def readable_by(self, caller: Caller) -> bool:
        return STAFF.met_by(caller) or self._is_side(caller)

    def require_side(self, caller: Caller) -> None:
        """Raises `OnlyTheTwoSides`."""
        if not self._is_side(caller):
            raise OnlyTheTwoSides()

    def has_file(self, file_id: str) -> bool:
        kept = (file for message in self.messages for file in message.attachments)
        return any(file.id == file_id for file in (*kept, *self.attachments))

    @property
    def card(self) -> HelpCard:
        return HelpCard(
            id=self.id,
            title=self.title,
            call_id=self.call_id,
            theme=self.theme,
            subsectors=self.subsectors,
            organisation_id=self.organisation_id,
            organisation_name=self.organisation_name,
            person_id=self.person_id,
            assignment=self.assignment,
        )

    # --- inside

    def _is_side(self, caller: Caller) -> bool:
        answering = self.assignment is not None and acts_for(caller, self.assignment.organisation_id)
        return answering or acts_for(caller, self.organisation_id)

    def _require_asker(self, caller: Caller) -> None:
        if not acts_for(caller, self.organisation_id):
            raise OnlyTheAsker()

    def _require(self, verb: str) -> Step:
        """Raises the verb's refusal."""
        step = STEPS[verb]
        if self.state not in step.allowed_from:
            raise step.refusal(**STATE_NAMES[self.state]._asdict())
        return step

    def _step(self, verb: str) -> None:
        """Go where the verb leads, or refuse in its words."""
        self.state = self._require(verb).leads_to or self.state

    def _say(
        self,
        message_id: str,
        words: str,
        attachments: Sequence[str],
        *,
        by: Caller,
        now: datetime,
        answer: bool = False,
    ) -> None:
        require_said(words)
        if len(self.messages) >= LONGEST_THREAD:
            raise ThreadTooLong(most=LONGEST_THREAD)
        message = HelpMessage(
            id=message_id,
            at=now,
            organisation_id=by.organisation_id or "",
            organisation_name=by.organisation_name or "",
            person_id=by.person_id or "",
            words=words,
            answer=answer,
        )
        self.messages = (*self.messages, replace(message, attachments=self._take(attachments, by)))

    def _take(self, file_ids: Sequence[str], by: Caller) -> tuple[StoredFile, ...]:
        """The files this person has brought for this message. Raises `Invalid`."""
        waiting = {file.id: file for file in self.attachments if file.uploaded_by == by.person_id}
        if any(file_id not in waiting for file_id in file_ids):
            raise Invalid(errors={"attachments": ["Bring the file to the thread first."]})
        self.attachments = tuple(file for file in self.attachments if file.id not in file_ids)
        return tuple(waiting[file_id] for file_id in dict.fromkeys(file_ids))
