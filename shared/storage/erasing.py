"""What the house itself keeps of somebody who wants to be forgotten, in the database of a service.

Answers of commands are kept a day for repeats, events that no queue took for a month: both may say a name or address.
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from shared.storage.work import Work

NO_ADDRESS = "erased@hub.invalid"
"""Stands where an e-mail address was that must not be empty (RFC 2606: nothing is ever delivered there)."""
NO_NAME = "–"


def erase_from_records(said: Mapping[str, str], work: Work) -> None:
    """Put other words in the place of these, wherever a record has them as a whole value.

    The day's answers are all looked at: somebody's name may stand in what was answered to anybody.
    """
    places = [(orjson.dumps(old), orjson.dumps(new)) for old, new in said.items() if old]
    if not places:
        return
    for collection, field in (("house.commands", "answer"), ("house.unrouted", "body")):
        records = work.mongo[collection]
        for row in records.find({}, {field: 1}, session=work.session):
            kept = erased = bytes(row[field])
            for old, new in places:
                erased = erased.replace(old, new)
            if erased != kept:
                records.update_one({"_id": row["_id"]}, {"$set": {field: erased}}, session=work.session)
