"""What has been published: each event version's fields, kept in `published.json`."""

from __future__ import annotations

import json
import sys
from enum import Enum
from pathlib import Path
from typing import Any

from marshmallow import fields

from shared.contracts.declaration import Shape, all_events

FILE = Path(__file__).with_name("published.json")

Described = dict[str, dict[str, Any]]
"""Dotted field name → its type, whether it is required, the values it may take."""


def published() -> dict[str, Described]:
    found: dict[str, Described] = json.loads(FILE.read_text())
    return found


def described(shape: Shape) -> Described:
    """Every field of a shape, nested ones by dotted name."""
    return _fields(shape.tolerant.fields, "")


def _fields(found: Any, prefix: str) -> Described:
    described: Described = {}
    for name, field in found.items():
        described |= _field(f"{prefix}{name}", field)
    return described


def _field(name: str, field: Any) -> Described:
    if hasattr(field, "inner"):
        return {name: {"type": "list", "required": field.required}} | _field(f"{name}[]", field.inner)
    if isinstance(field, fields.Nested):
        of_itself = {name: {"type": "object", "required": field.required}}
        return of_itself | _fields(field.schema.fields, f"{name}.")
    facts: dict[str, Any] = {"type": _type(field), "required": field.required}
    if isinstance(field, fields.Enum):
        facts["values"] = sorted(_code(member) for member in field.enum)
    return {name: facts}


def _type(field: Any) -> str:
    for kind, name in (
        (fields.DateTime, "instant"),
        (fields.Boolean, "boolean"),
        (fields.Integer, "integer"),
        (fields.Float, "number"),
        (fields.Enum, "enum"),
        (fields.String, "string"),
    ):
        if isinstance(field, kind):
            return name
    return "any"


def _code(member: Enum) -> str:
    return str(member.value)


def broken_promises(before: Described, now: Described) -> list[str]:
    """What a subscriber of the version as it was would stumble over, one line each."""
    broken = []
    for name, was in before.items():
        found = now.get(name)
        if found is None:
            broken.append(f"{name} is gone")
        elif found["type"] != was["type"]:
            broken.append(f"{name} was {was['type']}, is {found['type']}")
        elif found["required"] and not was["required"]:
            broken.append(f"{name} is now required")
        elif added := sorted(set(found.get("values", ())) - set(was.get("values", ()))):
            broken.append(f"{name} may now be {', '.join(added)}")
        elif was["required"] and not found["required"]:
            broken.append(f"{name} may now be missing")
    broken += [
        f"{name} is new and required"
        for name, found in now.items()
        if name not in before and found["required"] and _parent_stood(name, before)
    ]
    return broken


def _parent_stood(name: str, before: Described) -> bool:
    """A required field inside an optional object that is itself new asks nothing of anybody."""
    parent = name.rpartition(".")[0]
    return not parent or parent in before


def main() -> int:
    """Take in what is compatible; refuse, and say why, what is not."""
    before = published() if FILE.exists() else {}
    now = {event.type: described(event.shape) for event in all_events()}
    broken = {type_: broken_promises(was, now[type_]) for type_, was in before.items() if type_ in now}
    for type_, why in broken.items():
        for line in why:
            print(f"{type_}: {line}: publish a new version instead", file=sys.stderr)
    if any(broken.values()):
        return 1
    FILE.write_text(json.dumps(before | now, indent=1, sort_keys=True) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
