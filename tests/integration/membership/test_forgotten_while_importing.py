"""Somebody wants to be forgotten while a table that names them is on its way in."""

from __future__ import annotations

import bson
import pytest

from services.membership import importing
from services.membership.domain.person import Person
from services.membership.erasure import erase
from shared.contracts.membership import MemberImportState
from shared.storage.work import Work
from tests.integration.membership.hub import a_tax_code
from tests.unit.membership.builders import NOW, PROMOTER_STAFF, a_person

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
    lines = [f"Centro {n},{a_tax_code()},laboratory,Cesena,FC,{email},{email}" for n, email in enumerate(emails)]
    begun = importing.begin("\n".join([HEADING, *lines]), dry_run=False, work=work)
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


def _collections_that_say(work: Work, words: bytes) -> list[str]:
    names = work.mongo.list_collection_names()
    return [name for name in names if any(words in bson.encode(row).lower() for row in work.mongo[name].find())]
