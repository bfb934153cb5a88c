"""Members from a table through the running service: checked line by line, taken in together or not at all."""

from __future__ import annotations

import os
import signal
from collections import Counter
from typing import Any

import pytest

from shared.contracts.membership import (
    GetMe,
    GetMemberImport,
    ImportMembers,
    ListAuditTrail,
    ListOrganisations,
    MemberAppointed,
    MemberImportState,
    MemberImportView,
    PersonInvited,
)
from shared.contracts.vocabulary import OrganisationKind
from shared.errors import Forbidden, Invalid
from shared.identity import Principal
from tests.integration.membership.hub import Hub, a_tax_code
from tests.running import ServiceProcess
from tests.servers import wait_until
from tests.unit.membership.builders import staff_of

HEADING = "name,tax_code,kind,municipality,province,email,administrator_email,subsectors,competences,selected_by"


def _line(name: str, **changes: str) -> str:
    values = {
        "name": name,
        "tax_code": a_tax_code(),
        "kind": "laboratory",
        "municipality": "Cesena",
        "province": "fc",
        "email": "INFO@Example.org",
        "administrator_email": f"{name.split()[-1].lower()}@example.org",
        "subsectors": "music|heritage",
        "competences": "restauro",
        "selected_by": "",
    } | changes
    return ",".join(f'"{values[column]}"' for column in HEADING.split(","))


def _table(*lines: str) -> str:
    return "\r\n".join([HEADING, *lines]) + "\r\n"


def _imported(hub: Hub, by: Principal, table: str, *, dry_run: bool = False) -> MemberImportView:
    begun = hub.ask(ImportMembers(table=table, dry_run=dry_run), by=by)
    assert begun.state is MemberImportState.checking
    seen = [begun]

    def over() -> bool:
        seen.append(hub.ask(GetMemberImport(import_id=begun.id), by=by))
        return seen[-1].state is not MemberImportState.checking

    wait_until(over, "the import ends", 120)
    return seen[-1]


def _kept_of(hub: Hub, run: MemberImportView) -> int:
    """How many pieces of this import there still are."""
    return hub.around.documents.import_pieces.count_documents({"_id": {"$regex": f"^{run.id}:"}})


def test_a_table_comes_in_whole_and_every_administrator_is_invited(hub: Hub) -> None:
    fausta = hub.founded()
    act = "Determinazione 12 del 2024"
    spoke = _line("Spoke Zeta", kind="spoke", selected_by=act)
    run = _imported(hub, fausta, _table(_line("Laboratorio Alfa"), _line("Laboratorio Beta"), spoke))
    assert (run.state, run.lines, run.done, run.failed) == (MemberImportState.imported, 3, 3, 0)

    laboratories = hub.ask(ListOrganisations(kind=OrganisationKind.laboratory), by=fausta).items
    assert [(it.name, it.seat.municipality, it.email) for it in laboratories] == [
        ("Laboratorio Alfa", "Cesena", "info@example.org"),
        ("Laboratorio Beta", "Cesena", "info@example.org"),
    ]
    hub.told(laboratories[0].id, MemberAppointed)
    hub.around.await_silence()
    invited = [event.email for _, event in hub.around.events() if isinstance(event, PersonInvited)]
    assert sorted(invited) == ["alfa@example.org", "beta@example.org", "zeta@example.org"]
    alfa = hub.registered("alfa")
    assert [it.organisation_name for it in hub.ask(GetMe(), by=alfa).invitations] == ["Laboratorio Alfa"]
    assert hub.ask(GetMemberImport(import_id=run.id), by=fausta).told == 3
    assert _kept_of(hub, run) == 0
    trail = hub.ask(ListAuditTrail(subject_id=laboratories[0].id), by=fausta).items
    assert [(it.did, it.person_id, it.events) for it in trail] == [
        ("carry_on_imports", fausta.person_id, ("member_appointed",))
    ]
    trail = hub.ask(ListAuditTrail(subject_id=run.id), by=fausta).items
    assert [it.did for it in trail] == ["carry_on_imports", "import_members"], "its end and its beginning, no piece"


def test_one_wrong_line_keeps_every_line_out_and_each_is_told_what_is_wrong(hub: Hub) -> None:
    fausta = hub.founded()
    taken = hub.organisation(fausta.organisation_id, by=fausta).tax_code
    twice = a_tax_code()
    table = _table(
        _line("Laboratorio Alfa"),
        _line("Laboratorio Beta", tax_code="12345678901"),
        _line("Laboratorio Gamma", municipality="Gotham"),
        _line("Laboratorio Delta", tax_code=str(taken)),
        _line("Laboratorio Eta", kind="spoke"),
        _line("Laboratorio Teta", tax_code=twice),
        _line("Laboratorio Iota", tax_code=f"IT {twice}"),
        _line("Laboratorio Kappa", administrator_email="nobody"),
    )
    run = _imported(hub, fausta, table)
    assert (run.state, run.lines, run.failed) == (MemberImportState.refused, 8, 7)
    assert [(failure.line, failure.column) for failure in run.failures] == [
        (3, "tax_code"),
        (4, "municipality"),
        (5, "tax_code"),
        (6, "kind"),
        (7, "tax_code"),
        (8, "tax_code"),
        (9, "administrator_email"),
    ]
    assert all(failure.reason.it and failure.reason.en for failure in run.failures)
    assert hub.ask(ListOrganisations()).total == 1, "not even the line that was right"
    assert _kept_of(hub, run) == 0, "what was sent is not kept"


def test_a_dry_run_checks_everything_and_takes_nothing_in(hub: Hub) -> None:
    fausta = hub.founded()
    table = _table(*(_line(f"Laboratorio N{number}") for number in range(250)))
    run = _imported(hub, fausta, table, dry_run=True)
    assert (run.state, run.done, run.dry_run) == (MemberImportState.checked, 250, True)
    assert hub.ask(ListOrganisations()).total == 1
    run = _imported(hub, fausta, table)
    assert (run.state, run.done) == (MemberImportState.imported, 250)
    assert hub.ask(ListOrganisations()).total == 251


@pytest.mark.parametrize(
    "table", ["", "name\n", "name,tax_code\nA,B\n", HEADING + "\n", HEADING + ",colour\n", HEADING + ",name\n"]
)
def test_what_is_no_table_of_members_is_refused_at_once(hub: Hub, table: str) -> None:
    with pytest.raises(Invalid) as refused:
        hub.ask(ImportMembers(table=table), by=staff_of(OrganisationKind.promoter))
    assert refused.value.errors["table"]


def test_only_the_promoters_staff_import_members(hub: Hub) -> None:
    with pytest.raises(Forbidden):
        hub.ask(ImportMembers(table=_table(_line("Alfa"))), by=staff_of(OrganisationKind.support_body))


def test_semicolons_and_a_byte_order_mark_are_read_as_spreadsheets_write_them(hub: Hub) -> None:
    fausta = hub.founded()
    table = "\ufeff" + _table(_line("Laboratorio Alfa")).replace('","', '";"').replace(",", ";")
    assert _imported(hub, fausta, table, dry_run=True).state is MemberImportState.checked


def test_an_import_that_is_killed_again_and_again_comes_in_whole_and_everybody_is_told_once(
    hub: Hub, membership: ServiceProcess
) -> None:
    """Killed while lines are checked, in the transaction that takes them in, and while they are told."""
    fausta, documents, lines = hub.founded(), hub.around.documents, 600
    hub.around.forget_events()
    begun = hub.ask(ImportMembers(table=_table(*(_line(f"Centro N{n}") for n in range(lines)))), by=fausta)

    def killed_when(progress: dict[str, Any], where: str) -> None:
        wait_until(lambda: documents.imports.count_documents({"_id": begun.id, **progress}), where, 120)
        os.killpg(membership.pid, signal.SIGKILL)
        wait_until(lambda: not membership.running, "it is killed")
        members = documents.organisations.count_documents({})
        assert members in (1, 1 + lines), "never half an import"
        membership.bring_up()

    killed_when({"done": {"$gte": 200}}, "some lines are checked")
    killed_when({"done": lines}, "all are checked: they are being taken in")
    killed_when({"told": {"$gte": 200}}, "some are told")
    wait_until(lambda: documents.imports.count_documents({"_id": begun.id, "is_over": True}), "it ends", 120)

    run = hub.ask(GetMemberImport(import_id=begun.id), by=fausta)
    assert (run.state, run.done, run.told, run.failed) == (MemberImportState.imported, lines, lines, 0)
    wait_until(lambda: documents["house.outbox"].count_documents({}) == 0, "everything is published", 60)
    told = {envelope.id: (type(event), envelope.subject) for envelope, event in hub.around.events()}
    appointed = Counter(subject for kind, subject in told.values() if kind is MemberAppointed)
    ids = {row["_id"] for row in documents.organisations.find({"kind": "laboratory"}, {"_id": 1})}
    assert set(appointed) == ids and len(ids) == lines
    assert set(appointed.values()) == {1}
    invited = [event.email for _, event in hub.around.events() if isinstance(event, PersonInvited)]
    assert len(set(invited)) == lines == documents.invitations.count_documents({"state": "pending"})
    entries = documents.trail.count_documents(
        {"subject": "organisations", "subject_id": {"$ne": fausta.organisation_id}}
    )
    assert entries == lines
    assert hub.ask(ListOrganisations(kind=OrganisationKind.laboratory), by=fausta).total == lines
    assert _kept_of(hub, run) == 0
