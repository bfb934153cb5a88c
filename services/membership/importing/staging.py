"""What an import keeps until it is over: its lines as they came, piece by piece, then the members they will become."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import IndexModel

from services.membership.importing.table import Line
from shared.storage.erasing import NO_ADDRESS
from shared.storage.work import Work

PIECE = 100
"""Lines that are checked, or told, by one unit of work."""


@dataclass(frozen=True)
class StagedMember:
    """A member that waits to be one: its document, and who is invited to administer it."""

    line: int
    document: dict[str, Any]
    email: str
    language: str | None

    @property
    def tax_code(self) -> str:
        return str(self.document["profile"]["tax_code"])


class Staging:
    """The pieces of imports that are not over, numbered from 0. Nobody but the import looks at them."""

    collection = "import_pieces"
    indexes: Sequence[IndexModel] = ()

    def __init__(self, work: Work) -> None:
        self._work = work

    def keep(self, import_id: str, lines: Sequence[Line], twice: set[str]) -> None:
        """All the lines of a table, and which tax codes stand in several of them."""
        pieces = [
            {
                "_id": _name(import_id, number),
                "lines": [
                    {"number": line.number, "values": line.values, "surplus": line.surplus}
                    for line in lines[number * PIECE : (number + 1) * PIECE]
                ],
            }
            for number in range(-(-len(lines) // PIECE))
        ]
        self._mongo.insert_many(pieces, session=self._work.session)
        self._mongo.insert_one({"_id": _name(import_id, "twice"), "codes": sorted(twice)}, session=self._work.session)

    def lines(self, import_id: str, piece: int) -> list[Line]:
        return [Line(row["number"], row["values"], row["surplus"]) for row in self._read(import_id, piece)["lines"]]

    def given_twice(self, import_id: str) -> set[str]:
        return set(self._read(import_id, "twice")["codes"])

    def stage(self, import_id: str, piece: int, members: Iterable[StagedMember]) -> None:
        """In the place of the lines: what they become."""
        staged = {"_id": _name(import_id, piece), "members": [vars(member) for member in members]}
        self._mongo.replace_one({"_id": staged["_id"]}, staged, session=self._work.session)

    def members(self, import_id: str, piece: int) -> list[StagedMember]:
        return [StagedMember(**row) for row in self._read(import_id, piece)["members"]]

    def all_members(self, import_id: str, lines: int) -> Iterator[list[StagedMember]]:
        return (self.members(import_id, piece) for piece in range(-(-lines // PIECE)))

    def forget_address(self, email: str) -> None:
        """Put none in its place, in what came and in what it becomes."""
        for piece in list(self._mongo.find({}, session=self._work.session)):
            places = [line["values"] for line in piece.get("lines", ())]
            for member in piece.get("members", ()):
                places += [member, member["document"]["profile"]]
            found = [
                (place, name)
                for place in places
                for name in ("email", "administrator_email")
                if place.get(name, "").strip().lower() == email
            ]
            for place, name in found:
                place[name] = NO_ADDRESS
            if found:
                self._mongo.replace_one({"_id": piece["_id"]}, piece, session=self._work.session)

    def forget(self, import_id: str) -> None:
        whole = {"$gte": f"{import_id}:", "$lt": f"{import_id};"}
        self._mongo.delete_many({"_id": whole}, session=self._work.session)

    def _read(self, import_id: str, piece: int | str) -> dict[str, Any]:
        found: dict[str, Any] = self._mongo.find_one({"_id": _name(import_id, piece)}, session=self._work.session)
        return found

    @property
    def _mongo(self) -> Any:
        return self._work.mongo[self.collection]


def _name(import_id: str, piece: int | str) -> str:
    return f"{import_id}:{piece}"
