"""Raw records in blocks: none so large that one unit of work could not take it in."""

from __future__ import annotations

import pytest

from services.calls.records import BLOCK_BYTES, BLOCK_RECORDS, RawRecord, in_blocks


def records_of(*sizes: int) -> list[RawRecord]:
    return [
        RawRecord(position=position, external_id=f"uid-{position}", json=b"x" * size)
        for position, size in enumerate(sizes)
    ]


@pytest.mark.parametrize(
    ("sizes", "blocks"),
    [
        ([], []),
        ([1_000], [1]),
        ([1_000] * BLOCK_RECORDS, [BLOCK_RECORDS]),
        ([1_000] * (2 * BLOCK_RECORDS + 1), [BLOCK_RECORDS, BLOCK_RECORDS, 1]),
        ([BLOCK_BYTES // 4] * 9, [4, 4, 1]),
        ([1_000, 2 * BLOCK_BYTES, 1_000], [1, 1, 1]),
        ([2 * BLOCK_BYTES, 2 * BLOCK_BYTES], [1, 1]),
    ],
)
def test_a_block_is_bounded_in_records_and_in_bytes_and_holds_at_least_one(sizes: list[int], blocks: list[int]) -> None:
    records = records_of(*sizes)
    made = list(in_blocks(records))
    assert [len(block) for block in made] == blocks
    assert [record for block in made for record in block] == records
