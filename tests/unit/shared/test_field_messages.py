"""What any service says of a field is known in Italian: found in the code, wherever it says what is wrong."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.field_messages import each_field, in_italian

SERVICES = Path(__file__).resolve().parents[3] / "services"
COLLECTED_IN = {"errors", "wrong", "faults"}
"""What the services call the messages they gather before they refuse."""


def _said_in(tree: ast.AST) -> Iterator[ast.expr]:
    """Every message in a list: in what is given as `errors`, or put into what is gathered."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "errors":
            yield from _listed(node.value)
        if isinstance(node, ast.Assign) and any(_gathers(target) for target in node.targets):
            yield from _listed(node.value)


def _gathers(target: ast.expr) -> bool:
    return isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name) and target.value.id in COLLECTED_IN


def _listed(value: ast.expr) -> Iterator[ast.expr]:
    for node in ast.walk(value):
        if isinstance(node, ast.List):
            yield from (said for said in node.elts if isinstance(said, ast.Constant | ast.JoinedStr))


def _example(said: ast.expr) -> str:
    """The message as somebody might read it: facts are numbers."""
    if isinstance(said, ast.Constant):
        return str(said.value)
    assert isinstance(said, ast.JoinedStr)
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "1" for part in said.values)


MESSAGES = sorted(
    {
        (str(path.relative_to(SERVICES)), _example(said))
        for path in SERVICES.rglob("*.py")
        for said in _said_in(ast.parse(path.read_text()))
    }
)


def test_each_field_is_told_by_its_path_in_the_readers_language() -> None:
    errors = {"items": {"0": {"title": ["Missing.", "Unknown field."]}}, "total": "Missing."}
    assert list(each_field(errors)) == ["items.0.title: Missing. Unknown field.", "total: Missing."]
    assert list(each_field(["Is not JSON."], say=in_italian)) == ["Non è JSON."]


def test_there_are_messages_of_many_services() -> None:
    assert len({path.partition("/")[0] for path, _ in MESSAGES}) > 4


@pytest.mark.parametrize(("path", "message"), MESSAGES, ids=[f"{path}: {said}" for path, said in MESSAGES])
def test_no_message_about_a_field_stays_english(path: str, message: str) -> None:
    assert in_italian(message) != message
