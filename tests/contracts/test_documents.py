"""The generated documents stand in docs/ as the declarations make them."""

from __future__ import annotations

import pytest

from ops.documents import documents

ALL = documents()


@pytest.mark.parametrize("path", sorted(ALL), ids=lambda path: path.name)
def test_a_generated_document_is_what_the_declarations_say(path):
    assert path.exists(), f"{path.name} is missing: run ./hub documents"
    assert path.read_text() == ALL[path], f"{path.name} is stale: run ./hub documents"
