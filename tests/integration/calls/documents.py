"""Documents in the shape of the Region's answer: the project's own file, and small ones made up by a test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from shared.contracts.calls import ImportCallsFile
from shared.contracts.files import PIECE, FileReceipt, as_text
from shared.telemetry import new_id
from tests.running import Surroundings

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


def sent_in_pieces(around: Surroundings, source: str, content: bytes, name: str = "bandi.json", **acting: Any) -> str:
    """A file handed over as the gateway does: the id of its import."""
    import_id = new_id()
    receipt = FileReceipt(received=0)
    for offset in range(0, max(len(content), 1), PIECE):
        piece = ImportCallsFile(
            source=source,
            upload_id=import_id,
            name=name,
            offset=offset,
            content=as_text(content[offset : offset + PIECE]),
            last=offset + PIECE >= len(content),
        )
        receipt = around.ask(piece, **acting)
    assert receipt.file and receipt.file.id == import_id
    return import_id
