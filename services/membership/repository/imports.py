"""Imports of members, from the first line to the last invitation."""

from __future__ import annotations

from typing import Any

from pymongo import IndexModel

from services.membership.domain.member_import import MemberImport
from services.membership.trail import Traced
from shared.errors import Words
from shared.storage.repository import Repository


class MemberImportRepository(Traced[MemberImport]):
    collection = "imports"
    aggregate = MemberImport
    called = Words("L'importazione", "Import")
    indexes = (IndexModel([("is_over", 1), ("begun_at", 1)]),)

    def also_stored(self, aggregate: MemberImport) -> dict[str, Any]:
        return {"is_over": aggregate.is_over}

    def anonymise(self, person_id: str, pseudonym: str) -> None:
        """Those a person asked for go on; who asked is nobody who can be found."""
        self.mongo.update_many({"person_id": person_id}, {"$set": {"person_id": pseudonym}}, session=self.session)

    def keep_progress(self, run: MemberImport) -> None:
        """Keep what another piece has changed: the audit trail tells how an import began and how it ended."""
        Repository.save_many(self, [run])

    def interrupt(self) -> None:
        """Let those on their way find that something has changed: the piece in hand is done again."""
        self.mongo.update_many({"is_over": False}, {"$inc": {"version": 1}}, session=self.session)

    def oldest_unfinished(self) -> MemberImport | None:
        found = self.find({"is_over": False}, sort=[("begun_at", 1)], limit=1)
        return found[0] if found else None
