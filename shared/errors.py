"""Every way in which the hub says no.

An error has a `slug` (its stable name), an HTTP `status`, a `title`, and a `detail` in words a person
understands, in Italian and in English. It crosses the wire between services as a plain dictionary
(`to_wire`), comes back as the same class where the class is known on the other side and as a `HubError` of the
same slug and status where it is not (`from_wire`), and leaves the gateway as RFC 9457 problem+json.

A service names its own refusals beside the rule that raises them:

    class AlreadyEndorsed(Refusal):
        title = Words("Fabbisogno già sostenuto", "Need already endorsed")
        words = Words("{organisation} lo sostiene già.", "{organisation} endorses it already.")
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple


class Words(NamedTuple):
    """A text for people, in both languages; `{names}` in it are filled from the error's facts."""

    it: str
    en: str

    def filled(self, facts: dict[str, Any]) -> Words:
        return Words(*(text.format_map(_Facts(facts)) for text in self))


class _Facts(dict):
    def __missing__(self, key: str) -> str:
        return "?"


def _kebab(name: str) -> str:
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")


class HubError(Exception):
    """Root of every error a caller can be told about. Facts given by keyword fill `words`."""

    slug: ClassVar[str] = "internal-error"
    status: ClassVar[int] = 500
    title: ClassVar[Words] = Words("Errore interno", "Internal error")
    words: ClassVar[Words] = Words("Si è verificato un errore inatteso.", "Something unexpected went wrong.")
    permanent: ClassVar[bool] = True
    """Whether trying the same again later is pointless: such an event goes to the dead letters at once."""

    _known: ClassVar[dict[str, type[HubError]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "slug" not in cls.__dict__:
            cls.slug = _kebab(cls.__name__)
        HubError._known.setdefault(cls.slug, cls)

    def __init__(self, *, errors: dict[str, Any] | None = None, detail: Words | None = None, **facts: Any) -> None:
        self.facts = facts
        self.errors = errors or {}
        """What is wrong with each field: `{field: [message, …]}`, nested as the input is."""
        self.detail = detail or self.words.filled(facts)
        super().__init__(f"{self.slug}: {self.detail.en}")

    def to_wire(self) -> dict[str, Any]:
        return {
            "slug": self.slug,
            "status": self.status,
            "title": list(self.title),
            "detail": list(self.detail),
            "errors": self.errors,
        }

    @staticmethod
    def from_wire(wire: dict[str, Any]) -> HubError:
        known = HubError._known.get(wire["slug"])
        error = known.__new__(known) if known else _Foreign.__new__(_Foreign)
        if not known:
            error.__dict__.update(slug=wire["slug"], status=wire["status"], title=Words(*wire["title"]))
        HubError.__init__(error, errors=wire.get("errors"), detail=Words(*wire["detail"]))
        return error

    def problem(self, language: str) -> dict[str, Any]:
        """The RFC 9457 body in the person's language (`it` or `en`)."""
        body: dict[str, Any] = {
            "type": f"urn:hub:problem:{self.slug}",
            "title": getattr(self.title, language),
            "status": self.status,
            "detail": getattr(self.detail, language),
        }
        if self.errors:
            body["errors"] = self.errors
        return body


class _Foreign(HubError):
    """An error another service named, whose class this process does not hold."""


# --- what was sent is not right ---------------------------------------------------------------------------


class Malformed(HubError):
    """The request cannot be read at all."""

    status = 400
    title = Words("Richiesta illeggibile", "Unreadable request")
    words = Words("Il contenuto non è leggibile: {reason}.", "The content cannot be read: {reason}.")


class Invalid(HubError):
    """The request was read, and some of its fields are not what they must be (see `errors`)."""

    slug = "invalid-input"
    status = 422
    title = Words("Dati non validi", "Invalid input")
    words = Words("Alcuni campi non sono validi.", "Some fields are not valid.")


class PayloadTooLarge(HubError):
    status = 413
    title = Words("Contenuto troppo grande", "Content too large")
    words = Words("Il contenuto supera il limite di {limit} byte.", "The content exceeds the limit of {limit} bytes.")


class UnsupportedMediaType(HubError):
    status = 415
    title = Words("Formato non supportato", "Unsupported media type")
    words = Words("Il formato {given} non è accettato: usare {wanted}.", "{given} is not accepted: use {wanted}.")


class IdempotencyKeyReused(HubError):
    status = 422
    title = Words("Chiave di idempotenza già usata", "Idempotency key already used")
    words = Words(
        "La stessa chiave è già stata usata per una richiesta diversa.",
        "The same key was already used for a different request.",
    )


# --- who asks ---------------------------------------------------------------------------------------------


class Unauthenticated(HubError):
    status = 401
    title = Words("Identità mancante o non valida", "Missing or invalid identity")
    words = Words("Accesso non riconosciuto: {reason}.", "Identity not accepted: {reason}.")


class Forbidden(HubError):
    status = 403
    title = Words("Operazione non consentita", "Not allowed")
    words = Words("Può farlo solo: {who_it}.", "Only these may do this: {who_en}.")


class TooManyRequests(HubError):
    status = 429
    permanent = False
    title = Words("Troppe richieste", "Too many requests")
    words = Words("Riprovare tra {seconds} secondi.", "Try again in {seconds} seconds.")


# --- the thing asked about --------------------------------------------------------------------------------


class NotFound(HubError):
    status = 404
    permanent = False  # what an event speaks of may still be on its way
    title = Words("Non trovato", "Not found")
    words = Words("{what} {id}: non esiste.", "{what} {id} does not exist.")


class MethodNotAllowed(HubError):
    status = 405
    title = Words("Metodo non consentito", "Method not allowed")
    words = Words("Metodi consentiti: {allowed}.", "Methods allowed: {allowed}.")


class Refusal(HubError):
    """A rule of the hub says no. The root of the refusals that services name beside their rules."""

    status = 409
    title = Words("Regola non rispettata", "A rule says no")
    words = Words("L'operazione non è possibile.", "This cannot be done.")


class IllegalTransition(Refusal):
    """A verb that the state machine does not allow from the present state."""

    title = Words("Passaggio di stato non ammesso", "Step not allowed from this state")
    words = Words("{verb}: non è possibile dallo stato {state}.", "{verb}: not possible from the state {state}.")


class StaleVersion(HubError):
    """Somebody changed it since the caller read it: an update would be lost."""

    status = 412
    title = Words("Versione superata", "Stale version")
    words = Words(
        "È stato modificato nel frattempo (versione {actual}, non {expected}): rileggere e riprovare.",
        "It was changed meanwhile (version {actual}, not {expected}): read it again and retry.",
    )


class VersionRequired(HubError):
    status = 428
    title = Words("Versione richiesta", "Version required")
    words = Words("Indicare nell'intestazione If-Match l'ETag letto.", "Give the ETag you read in the If-Match header.")


# --- the house itself -------------------------------------------------------------------------------------


class UnknownService(HubError):
    status = 404
    title = Words("Servizio sconosciuto", "Unknown service")
    words = Words("Nessun servizio si chiama {service}.", "No service is named {service}.")


class UnknownOperation(HubError):
    status = 404
    title = Words("Operazione sconosciuta", "Unknown operation")
    words = Words("Nessuna operazione si chiama {operation}.", "No operation is named {operation}.")


class Unavailable(HubError):
    """A part the answer depends on is away for now. Nothing was half done."""

    status = 503
    permanent = False
    title = Words("Servizio momentaneamente non disponibile", "Temporarily unavailable")
    words = Words("Riprovare tra poco ({part}).", "Try again shortly ({part}).")


class NoAnswer(HubError):
    """The answer did not come in time. Whether the command was carried out is unknown: repeat it with its key."""

    status = 504
    permanent = False
    title = Words("Nessuna risposta in tempo", "No answer in time")
    words = Words(
        "{operation} non ha risposto entro {seconds} secondi: ripetere con la stessa Idempotency-Key.",
        "{operation} did not answer within {seconds} seconds: repeat with the same Idempotency-Key.",
    )
