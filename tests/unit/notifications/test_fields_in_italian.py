"""What is wrong with an endpoint or a digest's hour is told in Italian as well."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.notifications.domain.webhooks import Owner
from services.notifications.webhooks.desk import checked
from services.notifications.webhooks.posting import Poster
from shared.contracts.declaration import Shape
from shared.contracts.notifications import INBOX_ENTRY, DigestTime
from shared.errors import Invalid
from shared.field_messages import each_field, in_italian

_ORGANISATION = Owner(organisation_id="org-1")
_OPENED = ("calls.call_opened.v1",)


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (lambda: checked("http://a.example", _OPENED, _ORGANISATION, Poster()), "Si consegna solo a indirizzi https."),
        (
            lambda: checked("https://127.0.0.1/", _OPENED, _ORGANISATION, Poster()),
            "Non si consegna a indirizzi interni.",
        ),
        (
            lambda: checked("https://a:b@c.example", _OPENED, _ORGANISATION, Poster()),
            "L'indirizzo deve nominare un host, e nessun utente.",
        ),
        (lambda: checked("https://a.example:99999", _OPENED, _ORGANISATION, Poster()), "La porta non è un numero."),
        (lambda: checked("https://a.example", (), _ORGANISATION, Poster()), "Indicarne almeno uno."),
        (
            lambda: checked("https://a.example", (INBOX_ENTRY,), _ORGANISATION, Poster()),
            f"Non è un tipo che si consegna qui: {INBOX_ENTRY}.",
        ),
        (lambda: Shape(DigestTime).load({"hour": 24}), "Non è un'ora, da 0 a 23."),
        (lambda: Shape(DigestTime).load({"time_zone": "Mars/X"}), "Non è un fuso orario della base dati IANA."),
    ],
)
def test_no_message_about_a_field_stays_english(refused: Callable[[], object], said: str) -> None:
    with pytest.raises(Invalid) as error:
        refused()
    [told] = each_field(error.value.errors, say=in_italian)
    assert told.endswith(said)
