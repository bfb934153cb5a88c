"""One tantivy index on disk: opened with proof that it is sound, written in small commits, read by snapshots.

Searching takes milliseconds and runs where it is called. What takes longer (commits, the checks of a start) runs in a
real thread, so that everything else of the process goes on.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import tantivy
from eventlet import tpool

from shared.search.asking import Asked, Counted
from shared.search.beside import Beside
from shared.search.definition import Definition, Entry, prepare
from shared.search.directory import Damaged, Watched, check

_SMALL_HEAP = 15_000_000
"""Bytes: the least tantivy takes; changes come a few at a time."""
_LARGE_HEAP = 60_000_000


class Contents:
    """An index that is being read and written by this process alone."""

    def __init__(self, definition: Definition, directory: Path, *, building: bool) -> None:
        self._definition = definition
        self._schema = definition.schema()
        self._directory = directory
        self._index = prepare(tantivy.Index(self._schema, str(directory), reuse=not building))
        self._writer = self._index.writer(_LARGE_HEAP if building else _SMALL_HEAP, 1)
        self._beside = Beside()
        self._look()

    def _look(self) -> None:
        """See what is committed from now on."""
        self._searcher, self._counted = self._index.searcher(), Counted()
        self._files = Watched(self._directory)

    @staticmethod
    def begin(definition: Definition, directory: Path) -> Contents:
        """An empty index, to be filled at once."""
        return Contents(definition, directory, building=True)

    @staticmethod
    def open(definition: Definition, directory: Path) -> Contents:
        """The index that was left there. Raises `Damaged`."""
        tpool.execute(check, directory)
        try:
            return Contents(definition, directory, building=False)
        except Exception as error:  # tantivy's own, of many kinds
            raise Damaged(repr(error)) from error

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def ask(self) -> Asked:
        """The index as it is now, for one question. Raises `Damaged` where somebody has written to its files."""
        self._files.require_untouched()
        return Asked(self._definition, self._schema, self._searcher, self._counted, self._beside)

    def add(self, entries: Iterable[Entry]) -> None:
        """Entries whose ids the index does not hold."""
        for entry in entries:
            self._writer.add_json(self._definition.document(entry))

    def replace(self, ids: Iterable[str], entries: Iterable[Entry]) -> None:
        """Let these ids stand for these entries and nothing else."""
        for id_ in ids:
            self._writer.delete_documents_by_term("id", id_)
        self.add(entries)

    def commit(self) -> None:
        """Let searches that begin from now on see what was written."""
        tpool.execute(self._writer.commit)
        self._index.reload()
        self._look()

    def close(self) -> None:
        """Commit what waits, let go of the directory."""
        tpool.execute(self._writer.commit)
        tpool.execute(self._writer.wait_merging_threads)
        del self._writer, self._searcher, self._index
