"""A process the platform is made of, as a value: what to run, and what it must be told."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The project's own directory."""

PYTHON = sys.executable

HOUSE_ID = "HUB_HOUSE_ID"
"""Every process of one platform carries its data directory's id in this variable: so none is ever left behind."""

_NOT_INHERITED = ("RABBITMQ_", "ERL_", "PYTHON")
_PLAIN = {"LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
_SPARING = {"MALLOC_ARENA_MAX": "2"}
"""Threads share the places where memory is taken from, instead of each keeping what it once had: 10 MB a process."""


@dataclass(frozen=True)
class Program:
    """One process under supervision."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path = ROOT
    stop_seconds: int = 10
    """How long it may take to leave after SIGTERM before it is killed."""


def inherited_environment(house_id: str) -> dict[str, str]:
    """What every process of the platform is started with: the operator's own environment (proxies, certificates,
    `HUB_LOG_LEVEL`), without what could turn the private broker or interpreter into another one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)}
    return {"PATH": os.defpath, "HOME": "/", **_SPARING, **kept, **_PLAIN, HOUSE_ID: house_id}
