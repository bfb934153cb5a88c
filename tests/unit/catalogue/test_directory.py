"""Proof that an index on disk is what was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.catalogue.index import CATALOGUE
from shared.search import Wanted
from shared.search.contents import Contents
from shared.search.directory import Damaged, check
from tests.unit.catalogue.test_relevance import document

LINE = "film|service|audiovisual|Restauro di pellicole|Pulizia e scansione|restauro"


@pytest.fixture
def index(tmp_path: Path) -> Path:
    contents = Contents.begin(CATALOGUE, tmp_path)
    contents.add([CATALOGUE.entry(document(1, LINE))])
    contents.close()
    return tmp_path


def test_a_sound_index_is_opened(index: Path) -> None:
    check(index)
    assert len(Contents.open(CATALOGUE, index)) == 1


def test_a_single_bit_that_differs_is_seen_in_every_file(index: Path) -> None:
    meta = index / "meta.json"
    for file in sorted(f for f in index.iterdir() if f.stem in meta.read_text().replace("-", "")):
        sound = file.read_bytes()
        for at in (0, len(sound) // 2, len(sound) - 9, len(sound) - 1):
            file.write_bytes(sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :])
            with pytest.raises(Damaged):
                check(index)
        for shorter in (sound[:-1], sound[:5], b""):
            file.write_bytes(shorter)
            with pytest.raises(Damaged):
                check(index)
        file.write_bytes(sound)
    check(index)


def test_a_missing_file_is_seen(index: Path) -> None:
    (index / "meta.json").rename(index / "elsewhere.json")
    with pytest.raises(Damaged):
        check(index)


def test_what_somebody_has_written_to_is_not_asked_any_more(index: Path) -> None:
    contents = Contents.open(CATALOGUE, index)
    assert contents.ask().find(Wanted(q="pellicola")).total == 1
    with max(index.glob("*.store")).open("ab") as file:
        file.write(b"?")
    with pytest.raises(Damaged):
        contents.ask()


def test_what_was_merged_away_is_no_damage(index: Path) -> None:
    contents = Contents.open(CATALOGUE, index)
    for file in index.glob("*.store"):
        file.unlink()
    assert contents.ask().find(Wanted(q="pellicola")).total == 1
