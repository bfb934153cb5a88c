"""The page behind the link of an invitation: who invites whoever follows it, until when, and how to answer.

Looking changes nothing: one answers signed in, as the holder of the address that was invited.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from babel.dates import format_date

from services.gateway.http import Answer
from services.gateway.leaflet import leaflet
from shared.clock import ROME
from shared.contracts.vocabulary import PersonRole, label
from shared.errors import HubError, Words

_TITLE = Words("Invito all'Hub", "Invitation to the Hub")
_INVITES = Words(
    "{organisation} ti invita a farne parte. Ruolo: {role}.", "{organisation} invites you to join. Role: {role}."
)
_HOW = Words(
    "Per rispondere, accedi all'Hub con l'indirizzo e-mail a cui è arrivato l'invito: lo trovi nel tuo profilo. "
    "Vale una volta sola, fino al {until}.",
    "To answer, sign in to the Hub with the e-mail address the invitation came to: it waits in your profile. "
    "It is good once, until {until}.",
)
_OVER = {
    "accepted": Words("L'invito è già stato accettato.", "The invitation has been accepted already."),
    "declined": Words("L'invito è stato rifiutato.", "The invitation has been declined."),
    "expired": Words(
        "L'invito è scaduto: chiedine un altro a {organisation}.",
        "The invitation has expired: ask {organisation} for another.",
    ),
    "revoked": Words("L'invito è stato ritirato.", "The invitation has been taken back."),
}


def invitation(found: dict[str, Any], language: str) -> Answer:
    """`found`: an `InvitationNotice`, as JSON has it."""
    facts = {
        "organisation": found["organisation_name"],
        "role": getattr(label(PersonRole(found["role"])), language),
        "until": format_date(_instant(found["expires_at"]), "d MMMM y", locale=language),
    }
    over = _OVER.get(found["state"])
    words = [over] if over else [_INVITES, _HOW]
    paragraphs = [getattr(each, language).format(**facts) for each in words]
    return leaflet(getattr(_TITLE, language), paragraphs, language, status=410 if over else 200)


def _instant(written: str) -> datetime:
    """In Rome. Python 3.10 does not read the `Z` that JSON ends with."""
    return datetime.fromisoformat(written.replace("Z", "+00:00")).astimezone(ROME)


def refusal(error: HubError, language: str) -> Answer:
    return leaflet(getattr(_TITLE, language), [getattr(error.detail, language)], language, status=error.status)
