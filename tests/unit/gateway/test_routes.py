"""The route table: complete, without contradictions, and built as its rule says."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields

import pytest

from services.gateway.documents import reachable_operations
from services.gateway.routes import BODY_LIMIT, OPERATIONS, ROUTES, Route, Upload, routed_operations
from shared.contracts.declaration import all_operations
from shared.contracts.files import StoredFile
from tests.unit.gateway.making import route

BY_NAME_ONLY: set[str] = set()
"""Operations that on purpose have no address of their own: `/rpc` alone reaches them."""


def test_every_operation_for_callers_has_an_address_or_is_by_name_on_purpose() -> None:
    assert {contract.full_name for contract in reachable_operations()} == set(routed_operations()) | BY_NAME_ONLY


def test_no_internal_operation_has_an_address() -> None:
    internal = {contract.full_name for contract in all_operations() if contract.internal}
    assert internal
    assert not internal & set(routed_operations())


def test_an_address_has_one_operation_for_each_method() -> None:
    assert [address for address, rows in Counter((r.method, r.path) for r in ROUTES).items() if rows > 1] == []


@pytest.mark.parametrize("row", ROUTES, ids=lambda row: f"{row.method} {row.path}")
def test_a_row_can_give_its_operation_every_field(row: Route) -> None:
    known = set(row.contract.shape.strict.fields)
    assert set(row.path_fields) <= known
    sources = [set(row.path_fields), set(row.query_fields), set(row.body_fields)]
    sources.append({"expected_version"} if row.takes_version else set())
    assert set.union(*sources) == known
    assert sum(map(len, sources)) == len(known)


@pytest.mark.parametrize("row", ROUTES, ids=lambda row: f"{row.method} {row.path}")
def test_what_changes_nothing_is_a_get_and_what_changes_something_is_not(row: Route) -> None:
    assert (row.method == "GET") is not row.contract.changes


@pytest.mark.parametrize("row", [row for row in ROUTES if row.location], ids=lambda row: row.path)
def test_what_was_made_is_found_where_the_answer_says(row: Route) -> None:
    assert row.status in (201, 202)
    assert row.location and row.contract.answers
    parent, _, field = row.location.rpartition("/")
    told = {one.name for one in fields(StoredFile)} if isinstance(row, Upload) else row.contract.answers.tolerant.fields
    assert field.strip("{}") in told
    depth = row.location.count("/")
    assert [r for r in ROUTES if r.method == "GET" and r.path.startswith(parent + "/{") and r.path.count("/") == depth]


def test_only_imports_and_files_may_be_large() -> None:
    large = {row.path for row in OPERATIONS if row.body_limit > BODY_LIMIT}
    assert large == {"/v1/imports", "/v1/member-imports"}


def test_a_row_knows_whether_it_needs_a_body() -> None:
    assert route("POST", "/v1/calls/{call_id}/suspension").needs_body
    assert not route("POST", "/v1/calls/{call_id}/publication").needs_body
