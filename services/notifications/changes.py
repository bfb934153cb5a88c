"""What changed in a call, field by field, in words: `Scadenza: venerdì 31 ottobre … → sabato 15 novembre …`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from os.path import commonprefix
from typing import Any

from services.notifications.wording import amount, closing, moment, plain, shortened, verbatim
from shared.contracts.calls import FieldChange
from shared.contracts.vocabulary import CallType, Province, Recipient, Subsector, Topic, label
from shared.errors import Words

Reading = Callable[[Any], Words]

EXCERPT = 160
"""How many characters of a longer text are shown, from where it begins to differ."""

_NOT_GIVEN = Words("non indicato", "not given")
_NONE = Words("nessuno", "none")
_CHANGED = Words("con modifiche", "changed")


def in_words(changes: tuple[FieldChange, ...]) -> Words:
    """One line for each field, as a list."""
    lines = [_line(change) for change in changes]
    return Words("\n".join(f"– {line.it}" for line in lines), "\n".join(f"– {line.en}" for line in lines))


def _line(change: FieldChange) -> Words:
    name, reading = FIELDS.get(change.field, (verbatim(change.field), _unreadable))
    try:
        before, after = reading(change.before), reading(change.after)
    except (ValueError, LookupError, TypeError, AttributeError):
        # A newer publisher may write what we cannot read yet: its watchers are told all the same.
        before = after = _unreadable(change.after)
    return Words(*map(_told, name, before, after, _CHANGED))


def _told(name: str, before: str, after: str, changed: str) -> str:
    """A field with its values; without them where they read the same, such as a document at another address."""
    if before == after:
        return f"{name}: {changed}"
    before, after = _where_they_differ(before, after)
    return f"{name}: {before} → {after}"


def _where_they_differ(before: str, after: str) -> tuple[str, str]:
    """Both texts whole if they are short, or else from some words before they part."""
    if max(len(before), len(after)) <= EXCERPT:
        return before, after
    same = commonprefix([before, after])
    start = same.rfind(" ", 0, max(len(same) - EXCERPT // 4, 0)) + 1
    lead = "…" if start else ""
    return lead + shortened(before[start:], EXCERPT), lead + shortened(after[start:], EXCERPT)


# --- how the value of each kind of field is read ----------------------------------------------------------


def _unreadable(value: Any) -> Words:
    return verbatim("")


def _optional(reading: Reading, absent: Words = _NOT_GIVEN) -> Reading:
    return lambda value: absent if value is None else reading(value)


def _member(vocabulary: type[Enum]) -> Reading:
    return lambda code: label(vocabulary(code))


def _members(vocabulary: type[Enum], none: Words) -> Reading:
    def read(codes: list[str]) -> Words:
        labels = [label(vocabulary(code)) for code in codes]
        return Words(*(", ".join(words) for words in zip(*labels, strict=True))) if labels else none

    return read


def _formatted(html: str) -> Words:
    return verbatim(plain(html))


def _money(value: dict[str, Any]) -> Words:
    return amount(value["cents"], value["currency"])


def _percent(value: int) -> Words:
    return Words(f"{value} %", f"{value}%")


def _instant(show: Callable[[datetime], Words]) -> Reading:
    return lambda value: show(datetime.fromisoformat(value.replace("Z", "+00:00")))


def _documents(documents: list[dict[str, Any]]) -> Words:
    return verbatim(", ".join(document["title"] for document in documents)) if documents else _NONE


def _details(details: list[dict[str, Any]]) -> Words:
    """What is said of each, under its label in the reader's language."""
    if not details:
        return _NONE
    it = "; ".join(f"{detail['label']['it']}: {detail['value']}" for detail in details)
    return Words(it, "; ".join(f"{d['label'].get('en') or d['label']['it']}: {d['value']}" for d in details))


def _other_labels(others: list[dict[str, Any]]) -> Words:
    return verbatim(", ".join(other["label"] for other in others)) if others else _NONE


def _contacts(contacts: list[dict[str, Any]]) -> Words:
    told = ("name", "email", "phone")
    people = [", ".join(contact[part] for part in told if contact.get(part)) for contact in contacts]
    return verbatim("; ".join(people)) if people else _NONE


FIELDS: dict[str, tuple[Words, Reading]] = {
    "type": (Words("Tipo di bando", "Type of call"), _member(CallType)),
    "title.it": (Words("Titolo", "Title in Italian"), verbatim),
    "title.en": (Words("Titolo in inglese", "Title"), _optional(verbatim)),
    "summary.it": (Words("In breve", "In brief in Italian"), _optional(verbatim)),
    "summary.en": (Words("In breve in inglese", "In brief"), _optional(verbatim)),
    "body.it": (Words("Testo", "Text in Italian"), _optional(_formatted)),
    "body.en": (Words("Testo in inglese", "Text"), _optional(_formatted)),
    "issuer": (Words("Ente", "Issuer"), verbatim),
    "programme": (Words("Programma", "Programme"), _optional(verbatim)),
    "subsectors": (Words("Settori", "Subsectors"), _members(Subsector, _NONE)),
    "topics": (Words("Materie", "Topics"), _members(Topic, Words("nessuna", "none"))),
    "recipients": (Words("Destinatari", "Recipients"), _members(Recipient, _NONE)),
    "provinces": (Words("Territorio", "Territory"), _members(Province, Words("tutta la Regione", "the whole Region"))),
    "budget": (Words("Risorse", "Budget"), _optional(_money)),
    "grant_minimum": (Words("Contributo minimo", "Smallest grant"), _optional(_money)),
    "grant_maximum": (Words("Contributo massimo", "Largest grant"), _optional(_money)),
    "grant_rate": (Words("Quota di spesa coperta", "Share of costs covered"), _optional(_percent)),
    "costs_minimum": (Words("Spesa minima", "Smallest costs"), _optional(_money)),
    "costs_maximum": (Words("Spesa massima", "Largest costs"), _optional(_money)),
    "ateco": (Words("Attività economiche", "Economic activities"), _optional(verbatim)),
    "details": (Words("Altre informazioni", "Further details"), _details),
    "measure_id": (Words("Misura attuata", "Measure carried out"), _optional(verbatim)),
    "documents": (Words("Documenti", "Documents"), _documents),
    "contacts": (Words("Contatti", "Contacts"), _contacts),
    "opens_at": (
        Words("Apertura", "Opening"),
        _optional(_instant(moment), Words("alla pubblicazione", "on publication")),
    ),
    "closes_at": (Words("Scadenza", "Deadline"), _optional(_instant(closing), Words("nessuna", "none"))),
    "procedure_ends_at": (Words("Chiusura del procedimento", "End of the procedure"), _optional(_instant(moment))),
    "other_labels": (Words("Altre indicazioni della fonte", "Other labels of the source"), _other_labels),
}
"""Every field of a call's content (a text in two languages is two): its name for people, and how it is read."""
