"""Ports of what listens on this machine only."""

from __future__ import annotations

import socket

from ops.ports import LOOPBACK, RANGE, choose, is_free


def test_a_port_is_kept_from_one_start_to_the_next() -> None:
    first = choose(["broker", "database"], {})
    assert choose(["broker", "database"], first) == first


def test_a_port_that_somebody_took_meanwhile_is_replaced() -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        taken = other.getsockname()[1]
        assert not is_free(taken)
        chosen = choose(["broker"], {"broker": taken})
    assert chosen["broker"] != taken
    assert chosen["broker"] in RANGE


def test_no_two_parts_share_a_port() -> None:
    names = [f"part-{number}" for number in range(50)]
    chosen = choose(names, {})
    assert len(set(chosen.values())) == len(names)


def test_a_new_part_gets_a_port_beside_the_ones_that_are_kept() -> None:
    first = choose(["broker"], {})
    assert choose(["broker", "database"], first)["broker"] == first["broker"]
