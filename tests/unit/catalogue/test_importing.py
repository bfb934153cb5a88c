"""Lists in one column of a CSV file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalogue.importing import joined, parts

_PARTS = st.lists(st.text(st.sampled_from("ab;\\ ,")).map(str.strip).filter(bool))


@given(_PARTS)
def test_what_is_written_is_read(several: list[str]) -> None:
    assert parts(joined(several)) == several


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("restauro; stampa 3D;;", ["restauro", "stampa 3D"]),
        (r"luci\; suoni;scene", ["luci; suoni", "scene"]),
        (r"C:\archivio;altro", [r"C:\archivio", "altro"]),
        ("", []),
    ],
)
def test_what_people_write_is_read_as_they_mean_it(written: str, read: list[str]) -> None:
    assert parts(written) == read
