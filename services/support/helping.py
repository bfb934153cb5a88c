"""Help requests with the facts they need: the call asked about, who can answer, the files of the thread."""

from __future__ import annotations

from datetime import timedelta
from statistics import median

from services.support.domain.help_request import HelpRequest, assignment_for, assignment_to
from services.support.domain.members import Member
from services.support.domain.working_hours import MINUTES_A_DAY
from shared.contracts import calls
from shared.contracts import support as contracts
from shared.contracts.files import FileReceipt
from shared.contracts.rights import STAFF, SUPPORT_BODY
from shared.contracts.shapes import Instant
from shared.contracts.support import HelpFigures, HelpSide
from shared.contracts.vocabulary import Subsector
from shared.messaging.ask import Asking
from shared.storage.work import Work

AT_ONCE = 50
FIGURES_OF = timedelta(days=90)


def asked(command: contracts.AskForHelp, work: Work, ask: Asking) -> HelpRequest:
    """A new request, given to who answers by the rules."""
    subsectors = command.subsectors or _subsectors_of(command.call_id, work, ask)
    request = HelpRequest.ask(
        work.new_id(),
        title=command.title,
        words=command.words,
        call_id=command.call_id,
        theme=command.theme,
        subsectors=subsectors,
        by=work.caller,
        now=work.now,
    )
    give_to_helper(request, work)
    work.requests.add(request)
    return request


def _subsectors_of(call_id: str | None, work: Work, ask: Asking) -> tuple[Subsector, ...]:
    if call_id is None:
        return ()
    known = work.calls.get_or_none(call_id)
    # A call published this moment may not have reached us: its own service says whether there is one.
    return known.card.subsectors if known else ask(calls.GetCall(call_id=call_id)).content.subsectors


def give_to_helper(request: HelpRequest, work: Work) -> bool:
    """Assign it by the rules: nobody answers a question of their own. Whether there is somebody."""
    others = [member for member in work.members.helpers() if member.id != request.organisation_id]
    assignment = assignment_for(request.subsectors, others, now=work.now)
    if assignment:
        request.assign(assignment, now=work.now)
    return assignment is not None


def assigned_by_hand(command: contracts.AssignHelpRequest, work: Work) -> HelpRequest:
    request: HelpRequest = work.requests.get(command.request_id, expected_version=command.expected_version)
    member = work.members.get_or_none(command.organisation_id)
    request.assign(assignment_to(member, now=work.now), now=work.now)
    work.requests.save(request)
    return request


def reopened(command: contracts.ReopenHelpRequest, work: Work) -> HelpRequest:
    """Open again; who answered may have left meanwhile, then somebody else is to answer."""
    request: HelpRequest = work.requests.get(command.request_id, expected_version=command.expected_version)
    request.reopen(work.new_id(), command.words, command.attachments, by=work.caller, now=work.now)
    if request.assignment:
        helper = work.members.get_or_none(request.assignment.organisation_id)
        if helper is None or not helper.helps:
            _pass_on(request, work)
    work.requests.save(request)
    return request


def assign_what_waits(work: Work) -> int:
    """Give requests that had nobody to answer them to who is there now."""
    waiting = work.requests.with_nobody_to_answer(AT_ONCE)
    given = [request for request in waiting if give_to_helper(request, work)]
    work.requests.save_many(given)
    return len(given)


def helper_left(member: Member, work: Work) -> None:
    """What it was to answer goes to somebody else."""
    left = work.requests.waiting_for(member.id)
    for request in left:
        _pass_on(request, work)
    work.requests.save_many(left)


def _pass_on(request: HelpRequest, work: Work) -> None:
    """From somebody who is no longer there to somebody who is, by the rules."""
    request.lose_assignment(now=work.now)
    give_to_helper(request, work)


def settle_what_stands(work: Work) -> int:
    due = work.requests.to_settle(work.now, AT_ONCE)
    settled = [request for request in due if request.settle(now=work.now)]
    work.requests.save_many(settled)
    return len(settled)


def received_attachment(piece: contracts.UploadHelpAttachment, work: Work) -> FileReceipt:
    request = readable(piece.request_id, work)
    request.require_side(work.caller)
    receipt: FileReceipt = work.files.receive(piece)
    if receipt.file and not request.has_file(receipt.file.id):
        request.attach(receipt.file, by=work.caller)
        work.requests.save(request)
    return receipt


def readable(request_id: str, work: Work) -> HelpRequest:
    """The request, if the caller may read it; otherwise `NotFound`, as if there were none."""
    request: HelpRequest = work.requests.get(request_id)
    if not request.readable_by(work.caller):
        raise work.requests.missing(request_id)
    return request


def page(query: contracts.ListHelpRequests, work: Work) -> contracts.HelpRequestPage:
    if query.side is HelpSide.all:
        STAFF.require(work.caller)
    found = work.requests.seen_from(query, work.caller.organisation_id)
    return contracts.HelpRequestPage(items=tuple(map(view, found.items)), next=found.next, total=found.total)


def figures(query: contracts.GetHelpFigures, work: Work) -> HelpFigures:
    """Of one's own for a Clust-ER; the support body may ask for anybody's, or for all."""
    whose = query.organisation_id if SUPPORT_BODY.met_by(work.caller) else work.caller.organisation_id
    since = query.since or work.now - FIGURES_OF
    return _figures(since, work.requests.asked_since(since, whose))


def _figures(since: Instant, requests: list[HelpRequest]) -> HelpFigures:
    minutes = [r.first_answer_minutes for r in requests if r.first_answer_minutes is not None]
    waiting = [r.asked_at for r in requests if r.first_answered_at is None and r.closed_at is None]
    return HelpFigures(
        since=since,
        asked=len(requests),
        waiting=len(waiting),
        oldest_waiting_since=min(waiting, default=None),
        answered=len(minutes),
        median_first_answer_hours=median(minutes) / 60 if minutes else None,
        longest_first_answer_hours=max(minutes) / 60 if minutes else None,
        within_a_day=sum(m <= MINUTES_A_DAY for m in minutes) / len(minutes) if minutes else None,
    )


def view(request: HelpRequest) -> contracts.HelpRequestView:
    return contracts.HelpRequestView(
        id=request.id,
        version=request.version,
        state=request.state,
        title=request.title,
        call_id=request.call_id,
        theme=request.theme,
        subsectors=request.subsectors,
        organisation_id=request.organisation_id,
        organisation_name=request.organisation_name,
        person_id=request.person_id,
        assignment=request.assignment,
        messages=request.messages,
        attachments=request.attachments,
        asked_at=request.asked_at,
        first_answered_at=request.first_answered_at,
        first_answer_minutes=request.first_answer_minutes,
        answered_at=request.answered_at,
        closed_at=request.closed_at,
        reopenable_until=request.reopenable_until,
    )
