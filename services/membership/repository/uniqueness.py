"""Rules that unique indexes hold against two requests at the same moment: the second gets the rule's refusal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo.errors import BulkWriteError, DuplicateKeyError

from shared.errors import Refusal


@contextmanager
def unique(refusals: dict[str, Refusal]) -> Iterator[None]:
    """`refusals`: by the name of the index that is broken."""
    try:
        yield
    except (BulkWriteError, DuplicateKeyError) as error:
        for index, refusal in refusals.items():
            if f"index: {index} " in str(error):
                raise refusal from error
        raise
