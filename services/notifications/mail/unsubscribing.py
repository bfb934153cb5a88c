"""The links by which a person stops e-mails without signing in: signed, so that nobody can make one for another."""

from __future__ import annotations

import hmac
import secrets
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any

from services.notifications.sealing import Unreadable, vault
from shared.contracts.notifications import Category
from shared.contracts.shapes import Text
from shared.errors import NotFound, Words
from shared.telemetry import log

if TYPE_CHECKING:
    from shared.storage.work import Work

NAMES: dict[Category, Text] = {
    Category.call_opened: Text("Bandi che si aprono", "Calls that open"),
    Category.call_amended: Text("Bandi modificati", "Calls that are amended"),
    Category.deadline_extended: Text("Proroghe", "Deadline extensions"),
    Category.call_closing_soon: Text("Promemoria delle scadenze", "Reminders of deadlines"),
    Category.call_suspended: Text("Bandi sospesi", "Calls that are suspended"),
    Category.call_resumed: Text("Bandi che riprendono", "Calls that are resumed"),
    Category.call_withdrawn: Text("Bandi ritirati", "Calls that are withdrawn"),
    Category.saved_search: Text("Ricerche salvate", "Saved searches"),
    Category.integration_requested: Text("Richieste di integrazione", "Requests for additions"),
    Category.application: Text("Domande ai bandi", "Applications to calls"),
    Category.ranking: Text("Graduatorie e contributi", "Rankings and grants"),
    Category.membership: Text("Adesione all'Hub", "Membership of the Hub"),
    Category.catalogue: Text("Le tue voci del catalogo", "Your catalogue items"),
    Category.access: Text("Richieste di accesso", "Requests for access"),
    Category.offers: Text("Offerte per i bandi", "Offers for calls"),
    Category.policy: Text("Fabbisogni e misure", "Needs and measures"),
    Category.support: Text("Aiuto e formazione", "Help and training"),
    Category.operations: Text("Gestione dell'Hub", "Running the Hub"),
    Category.delivery: Text("Consegna dei messaggi", "Delivery of messages"),
}
DIGESTS = Text("Riepiloghi", "Digests")
_UNSUBSCRIBING = {"_id": "unsubscribing"}


class Keys:
    """The key the links are signed with: made once, kept sealed in the service's own database, so that links go on to
    work when the sealing key is changed."""

    collection = "keys"
    indexes = ()

    def __init__(self, work: Work) -> None:
        self._work = work
        self.session = work.session
        self.mongo = work.mongo[self.collection]

    def unsubscribing(self) -> bytes | None:
        """The key; None where there is none, or none that can be read."""
        found = self.mongo.find_one(_UNSUBSCRIBING, session=self.session)
        return _opened(found) if found else None

    def make(self) -> None:
        """See that there is one."""
        if self.unsubscribing() is None:
            self._keep(secrets.token_bytes(32))

    def seal_anew(self) -> int:
        """Seal it with the first of the keys there are now; how many keys were not."""
        found = self.mongo.find_one({**_UNSUBSCRIBING, "sealed_with": {"$ne": vault().ring}}, session=self.session)
        if found is None:
            return 0
        self._keep(_opened(found) or secrets.token_bytes(32))
        return 1

    def _keep(self, key: bytes) -> None:
        sealed = {"sealed": vault().seal(b64encode(key).decode()), "sealed_with": vault().ring}
        change = {"$set": sealed, "$unset": {"key": ""}}
        self.mongo.update_one(_UNSUBSCRIBING, change, upsert=True, session=self.session)


def _opened(kept: dict[str, Any]) -> bytes | None:
    if "key" in kept:  # as an earlier release has kept it
        return bytes(kept["key"])
    try:
        return b64decode(vault().open(kept["sealed"]))
    except Unreadable:
        log.warning("the links of the e-mails sent so far are signed with a key that nobody can read any more")
        return None


def token_for(key: bytes, person_id: str, category: Category | None) -> str:
    """`category` None: digests."""
    said = f"{person_id}|{category.value if category else ''}".encode()
    return _text(said) + "." + _text(_mark(key, said))


def read_token(key: bytes | None, token: str) -> tuple[str, Category | None]:
    """Who wants to stop what. Raises `NotFound` for a link that is not ours."""
    try:
        said, mark = (urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split("."))
        if key is not None and hmac.compare_digest(mark, _mark(key, said)):
            person_id, _, category = said.decode().rpartition("|")
            return person_id, Category(category) if category else None
    except ValueError:
        pass
    raise NotFound(detail=Words("Questo collegamento non è valido.", "This link is not valid."))


def name_of(category: Category | None) -> Text:
    return NAMES[category] if category else DIGESTS


def _mark(key: bytes, said: bytes) -> bytes:
    return hmac.digest(key, said, "sha256")[:18]


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
