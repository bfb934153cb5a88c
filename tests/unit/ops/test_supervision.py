"""What the supervisor is told."""

from __future__ import annotations

import shlex
from configparser import RawConfigParser
from pathlib import Path

import pytest
from supervisor.datatypes import dict_of_key_value_pairs

from ops.failure import Failure
from ops.house import House
from ops.program import Program, inherited_environment
from ops.supervision import Group, Supervisor, configured


def read(house: House, *groups: Group) -> RawConfigParser:
    found = RawConfigParser(inline_comment_prefixes=(";", "#"))
    found.read_string(configured(house, groups, Path("/tmp/hub-x/supervisor")))
    return found


@pytest.fixture
def house(tmp_path: Path) -> House:
    opened = House(tmp_path / "a place")
    opened.open()
    return opened


def test_a_command_and_its_environment_arrive_as_they_were_meant(house: House) -> None:
    command = ("/opt/a place/python", "-c", "print('100%')")
    environment = {"HUB_MONGO_URI": "mongodb://127.0.0.1:1/?a=b&c=d", "ODD": "50% {1,2} a, b"}
    section = read(house, Group("rooms", (Program("calls", command, environment),)))["program:calls"]
    assert tuple(shlex.split(section["command"].replace("%%", "%"))) == command
    assert dict_of_key_value_pairs(section["environment"].replace("%%", "%")) == environment


def test_a_value_that_cannot_be_said_is_refused(house: House) -> None:
    with pytest.raises(Failure, match="both kinds of quotes"):
        read(house, Group("rooms", (Program("calls", ("true",), {"ODD": "'\""}),)))


def test_the_last_group_is_the_first_to_leave(house: House) -> None:
    program = Program("calls", ("true",), stop_seconds=35)
    found = read(house, Group("servers", ()), Group("rooms", (program,)), Group("door", ()))
    priorities = [int(found[f"group:{name}"]["priority"]) for name in ("servers", "rooms", "door")]
    assert priorities == sorted(priorities)
    assert found["program:calls"]["stopsignal"] == "TERM"
    assert found["program:calls"]["stopwaitsecs"] == "35"


def test_nobody_supervises_a_directory_that_was_never_started(house: House) -> None:
    assert not Supervisor(house).running
    assert Supervisor(house).pid is None


def test_the_operators_own_broker_settings_do_not_reach_the_private_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RABBITMQ_NODENAME", "rabbit@elsewhere")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    found = inherited_environment("id")
    assert "RABBITMQ_NODENAME" not in found
    assert "PYTHONPATH" not in found
    assert found["HTTPS_PROXY"] == "http://proxy.example:3128"
