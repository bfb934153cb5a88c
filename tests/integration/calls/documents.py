"""Documents in the shape of the Region's answer: the project's own file, and small ones made up by a test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FIXTURE = Path(__file__).parents[2] / "fixtures" / "emilia_romagna.json"


def the_fixture() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(FIXTURE.read_text("utf-8"))
    return document


def a_record(uid: str, **changes: Any) -> dict[str, Any]:
    return {
        "UID": uid,
        "@id": f"https://cultura.example.org/bandi/{uid}",
        "title": f"Musica {uid}",
        "apertura_bando": "2026-11-01T10:00:00",
        "scadenza_bando": "2027-02-01T12:00:00+00:00",
        "tipologia_bando": "Agevolazioni, finanziamenti, contributi",
        "destinatari": ["PMI"],
        "materie": ["Cultura"],
    } | changes


def a_document(*records: Any, total: int | None = None) -> dict[str, Any]:
    return {"items": list(records), "items_total": len(records) if total is None else total}
