"""What happens between two pieces of an import: it is carried on by hand here, a piece at a time."""

from __future__ import annotations

from collections.abc import Iterable

import bson
import pytest

from services.membership import importing
from services.membership.domain import ways_in
from services.membership.domain.person import Person
from services.membership.erasure import erase
from shared.contracts.membership import ApplicationState, MemberImportState
from shared.contracts.vocabulary import OrganisationKind
from shared.storage.work import Work
from tests.integration.membership.hub import a_tax_code
from tests.unit.membership.builders import NOW, PROMOTER_STAFF, a_person, a_profile, an_application

HEADING = "name,tax_code,kind,municipality,province,email,administrator_email"
LINES = 101
"""One more than are done at once."""


@pytest.mark.parametrize("pieces_before", range(6))
def test_nobody_is_invited_at_an_address_that_was_erased_whatever_the_import_was_doing(
    work: Work, pieces_before: int
) -> None:
    """Before the check, amid it, before and after the decision, amid the telling, and after it."""
    mario, work.caller = a_person("mario"), PROMOTER_STAFF
    work.people.add(Person.register(by=mario, name="Mario Mariotti", language="it", now=NOW))
    emails = [f"a{number}@example.org" for number in range(LINES)]
    emails[7] = emails[-1] = " Mario@Example.org"
    begun = importing.begin(_table((a_tax_code(), email) for email in emails), dry_run=False, work=work)
    for _ in range(pieces_before):
        assert importing.carry_on(work)

    work.caller = mario
    erase(work.people.get("mario"), work)
    while importing.carry_on(work):
        pass

    run = work.imports.get(begun.id)
    assert (run.state, run.told) == (MemberImportState.imported, LINES)
    assert work.organisations.count({}) == LINES
    assert work.invitations.count({}) == LINES - 2, "the others are invited"
    assert _collections_that_say(work, b"mario@example.org") == []


@pytest.mark.parametrize("taken_by", ["a member", "a running application"])
def test_a_tax_code_that_is_taken_after_the_check_keeps_every_line_out(work: Work, taken_by: str) -> None:
    codes, work.caller = [a_tax_code() for _ in range(3)], PROMOTER_STAFF
    begun = importing.begin(_table((code, "anna@example.org") for code in codes), dry_run=False, work=work)
    assert importing.carry_on(work)
    assert work.imports.get(begun.id).may_come_in, "each line is in order"
    if taken_by == "a member":
        profile = a_profile("Quello di prima", tax_code=codes[1])
        work.organisations.add(
            ways_in.appoint(id="first", kind=OrganisationKind.cluster, profile=profile, now=work.now)
        )
    else:
        work.applications.add(an_application(ApplicationState.submitted, tax_code=codes[1]))
    members = work.organisations.count({})

    while importing.carry_on(work):
        pass

    run = work.imports.get(begun.id)
    assert (run.state, run.failed) == (MemberImportState.refused, 1)
    assert [(failure.line, failure.column) for failure in run.failures] == [(3, "tax_code")]
    assert work.organisations.count({}) == members
    assert _collections_that_say(work, b"anna@example.org") == [], "what was sent is not kept"


def _table(lines: Iterable[tuple[str, str]]) -> str:
    """A laboratory a line, by its tax code and the address at which it and its administrator are reached."""
    wanted = (f"Centro {n},{code},laboratory,Cesena,FC,{email},{email}" for n, (code, email) in enumerate(lines))
    return "\n".join([HEADING, *wanted])


def _collections_that_say(work: Work, words: bytes) -> list[str]:
    names = work.mongo.list_collection_names()
    return [name for name in names if any(words in bson.encode(row).lower() for row in work.mongo[name].find())]
