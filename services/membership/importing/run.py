"""An import on its way, a piece in each unit of work: a process killed anywhere loses nothing and repeats nothing.

check   piece by piece: what is in order is staged, as the documents of the members it will become
decide  one unit of work puts all of them among the members, or none: from now on everybody sees them
tell    piece by piece: the events of the new members leave, and their administrators are invited
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from services.membership.domain import ways_in
from services.membership.domain.invitation import Invitation
from services.membership.domain.member_import import MemberImport
from services.membership.importing.checking import Reading, failures_of, read, taken_meanwhile
from services.membership.importing.staging import PIECE, StagedMember
from services.membership.importing.table import given_twice, lines_of
from services.membership.tax_codes import tax_codes_taken
from shared.contracts.membership import LINES_LIMIT, LineFailure, MemberImportState, MembershipState
from shared.contracts.vocabulary import OrganisationKind, PersonRole
from shared.errors import Invalid
from shared.identity import Principal
from shared.storage.erasing import NO_ADDRESS
from shared.storage.work import Work


def begin(table: str, *, dry_run: bool, work: Work) -> MemberImport:
    """Take a table to be checked. Raises `Invalid`: no heading, columns missing or unknown, too many lines or none."""
    lines = list(islice(lines_of(table), LINES_LIMIT + 1))  # not the millions that a table of its size could have
    if not 0 < len(lines) <= LINES_LIMIT:
        raise Invalid(errors={"table": [f"From 1 to {LINES_LIMIT} lines, beside the heading."]})
    caller = work.caller
    run = MemberImport(
        id=work.new_id(),
        dry_run=dry_run,
        person_id=caller.person_id,
        organisation_id=caller.organisation_id,
        begun_at=work.now,
        lines=len(lines),
    )
    work.imports.add(run)
    work.staging.keep(run.id, lines, given_twice(lines))
    return run


def carry_on(work: Work) -> int:
    """Do the next piece of the oldest import that is not over. How much was done."""
    run = work.imports.oldest_unfinished()
    if run is None:
        return 0
    work.caller = _promoter(run)
    if run.state is MemberImportState.checking and run.is_checked:
        _decide(run, work)
        work.imports.save(run)
    else:
        next_piece = _check if run.state is MemberImportState.checking else _tell
        next_piece(run, work)
        work.imports.keep_progress(run)
    if run.is_over:
        work.staging.forget(run.id)
    return 1


def forget_address(email: str, work: Work) -> None:
    """Take somebody's address out of the tables that are on their way in: nobody is invited by it any more."""
    work.imports.interrupt()
    work.staging.forget_address(email)


def _promoter(run: MemberImport) -> Principal:
    """Who asked for the import stands behind what it does."""
    return Principal(
        person_id=run.person_id,
        organisation_id=run.organisation_id,
        organisation_kind=OrganisationKind.promoter,
        organisation_active=True,
        role=PersonRole.editor,
    )


# --- check ------------------------------------------------------------------------------------------------


def _check(run: MemberImport, work: Work) -> None:
    piece = run.done // PIECE
    lines, twice = work.staging.lines(run.id, piece), work.staging.given_twice(run.id)
    readings = [read(line) for line in lines]
    taken = tax_codes_taken([reading.wanted.profile.tax_code for reading in readings], work)
    run.checked(
        len(lines),
        [
            failure
            for reading in readings
            for failure in failures_of(reading, twice=twice, taken=taken, now=run.begun_at)
        ],
    )
    if run.may_come_in:
        work.staging.stage(run.id, piece, _staged(run, readings, work))


def _staged(run: MemberImport, readings: Iterable[Reading], work: Work) -> Iterator[StagedMember]:
    for each in readings:
        member = ways_in.appoint(
            id=work.new_id(),
            kind=each.wanted.kind,
            profile=each.wanted.profile,
            selected_by=each.wanted.selected_by,
            term_ends_at=each.wanted.term_ends_at,
            now=run.begun_at,
        )
        yield StagedMember(
            line=each.line.number,
            document=work.organisations.document_of_new(member),
            email=each.wanted.administrator_email,
            language=each.wanted.language,
        )


# --- decide -----------------------------------------------------------------------------------------------


def _decide(run: MemberImport, work: Work) -> None:
    if run.may_come_in:
        late = _taken_meanwhile(run, work)
        run.checked(0, late)
        if not late:
            for members in work.staging.all_members(run.id, run.lines):
                work.organisations.take_in([member.document for member in members])
    run.end(now=work.now)


def _taken_meanwhile(run: MemberImport, work: Work) -> list[LineFailure]:
    """The lines whose tax code somebody took since they were looked at."""
    taken = work.organisations.tax_codes_since(run.id) | work.applications.tax_codes_running()
    if not taken:
        return []
    return [
        taken_meanwhile(member.line, member.tax_code)
        for members in work.staging.all_members(run.id, run.lines)
        for member in members
        if member.tax_code in taken
    ]


# --- tell -------------------------------------------------------------------------------------------------


def _tell(run: MemberImport, work: Work) -> None:
    members = work.staging.members(run.id, run.told // PIECE)
    newcomers = [work.organisations.of_document(member.document) for member in members]
    work.organisations.tell_of_new(newcomers)
    present = work.organisations.by_id(newcomer.id for newcomer in newcomers)
    invited = work.invitations.pending_in(list(present))
    work.invitations.add_many(
        Invitation.send(
            id=work.new_id(),
            to=member.email,
            language=member.language,
            role=PersonRole.administrator,
            organisation=present[newcomer.id],
            by=work.caller,
            now=work.now,
        )
        for member, newcomer in zip(members, newcomers, strict=True)
        if present[newcomer.id].state is MembershipState.active
        and (newcomer.id, member.email) not in invited
        and member.email != NO_ADDRESS
    )
    run.tell(len(members))
