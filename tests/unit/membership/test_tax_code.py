"""A tax code is right as soon as a contract holds it."""

from __future__ import annotations

from typing import Any

import pytest

from shared.contracts.declaration import OperationContract, contract_of
from shared.contracts.membership import DraftApplication, ListOrganisations, RejectApplication, RequestChanges
from shared.errors import Invalid


def _draft_with(tax_code: Any) -> Any:
    profile = {
        "name": "Teatro",
        "tax_code": tax_code,
        "seat": {"municipality": "Imola", "province": "BO"},
        "email": "Info@Teatro.example",
    }
    return contract_of(DraftApplication, OperationContract).shape.load({"profile": profile})


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("03786281208", "03786281208"),
        ("IT 03786281208", "03786281208"),
        ("800 625 90379", "80062590379"),
        ("rssmra85t10a562s", "RSSMRA85T10A562S"),
    ],
)
def test_a_tax_code_is_kept_in_one_form_however_it_is_written(written: str, kept: str) -> None:
    assert _draft_with(written).profile.tax_code == kept


@pytest.mark.parametrize("written", ["03786281209", "RSSMRA85T10A562T", "123", "", "teatro", 3786281208, None])
def test_a_wrong_tax_code_is_an_error_of_its_field(written: Any) -> None:
    with pytest.raises(Invalid) as refused:
        _draft_with(written)
    assert list(refused.value.errors) == ["profile"]
    assert list(refused.value.errors["profile"]) == ["tax_code"]


@pytest.mark.parametrize(("command", "words"), [(RequestChanges, "message"), (RejectApplication, "reason")])
def test_a_reviewer_cannot_send_back_or_reject_without_words(command: type, words: str) -> None:
    wire = {"application_id": "a", "expected_version": 1}
    shape = contract_of(command, OperationContract).shape
    for given in ({}, {words: ""}, {words: "   "}):
        with pytest.raises(Invalid) as refused:
            shape.load(wire | given)
        assert list(refused.value.errors) == [words]


def test_a_search_of_the_directory_is_bounded() -> None:
    shape = contract_of(ListOrganisations, OperationContract).shape
    assert shape.load({"q": ""}).q == ""
    with pytest.raises(Invalid):
        shape.load({"q": "a " * 101})
