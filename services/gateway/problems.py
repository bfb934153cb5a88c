"""Errors as clients read them: RFC 9457 `application/problem+json`, in Italian or English, field by field."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import orjson

from services.gateway.http import PROBLEM, Answer
from shared.errors import HubError, TooManyRequests, Unauthenticated, Unavailable

_RETRY_SECONDS = 2
"""When to ask again after "temporarily unavailable"."""


def problem(error: HubError, language: str) -> dict[str, Any]:
    """The problem's body in this language, the messages about fields included."""
    body = error.problem(language)
    if error.errors:
        body["errors"] = _said(error.errors, _italian if language == "it" else str)
    return body


def problem_answer(error: HubError, language: str) -> Answer:
    return Answer(
        status=error.status,
        body=orjson.dumps(problem(error, language)),
        content_type=PROBLEM,
        headers={"Content-Language": language, "Cache-Control": "no-store", **_particular_headers(error)},
    )


def _particular_headers(error: HubError) -> dict[str, str]:
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": 'Bearer realm="hub"'}
    if isinstance(error, TooManyRequests):
        return {"Retry-After": str(error.facts.get("seconds", _RETRY_SECONDS))}
    if isinstance(error, Unavailable):
        return {"Retry-After": str(_RETRY_SECONDS)}
    if error.status == 405 and "allowed" in error.facts:
        return {"Allow": error.facts["allowed"]}
    return {}


# --- what marshmallow says of a field, in Italian ---------------------------------------------------------

_ITALIAN: dict[str, str] = {
    "Missing data for required field.": "Dato obbligatorio mancante.",
    "Unknown field.": "Campo sconosciuto.",
    "Field may not be null.": "Non può essere nullo.",
    "Invalid input type.": "Tipo di dato non valido.",
    "Invalid value.": "Valore non valido.",
    "Invalid type.": "Tipo di dato non valido.",
    "Not a valid string.": "Non è un testo valido.",
    "Not a valid utf-8 string.": "Non è un testo UTF-8 valido.",
    "Not a valid identifier.": "Non è un identificativo valido.",
    "Not a valid integer.": "Non è un numero intero valido.",
    "Not a valid number.": "Non è un numero valido.",
    "Special numeric values (nan or infinity) are not permitted.": "Non sono ammessi valori speciali (nan o infinito).",
    "Number too large.": "Numero troppo grande.",
    "Not a valid boolean.": "Non è un valore vero/falso valido.",
    "Not a valid datetime.": "Non è una data e ora valida.",
    "Not a valid naive datetime.": "La data e ora non deve avere fuso orario.",
    "Not a valid aware datetime.": "La data e ora deve indicare il fuso orario.",
    "Not a valid date.": "Non è una data valida.",
    "Not a valid list.": "Non è un elenco valido.",
    "Not a valid tuple.": "Non è un elenco valido.",
    "Not a valid mapping type.": "Non è un oggetto valido.",
    "Not a valid email address.": "Non è un indirizzo e-mail valido.",
    "Not a valid URL.": "Non è un indirizzo web valido.",
    "Not a valid choice.": "Non è una scelta valida.",
    "Not an ISO 4217 code.": "Non è un codice ISO 4217.",
    "Not a cursor of this list.": "Non è un cursore di questo elenco.",
    "Not a valid partita IVA or codice fiscale.": "Non è una partita IVA o un codice fiscale valido.",
    "String does not match expected pattern.": "Non ha la forma attesa.",
    "Given more than once.": "Indicato più volte.",
    "Missing.": "Mancante.",
    "Not valid base64.": "Non è base64 valido.",
    "Not a file name with an ending.": "Non è un nome di file con estensione.",
    "Not in the call's currency.": "Non è nella valuta del bando.",
    "Must be more than 0, and at most the cost and the call's budget.": (
        "Deve essere maggiore di 0, e al massimo il costo e la dotazione del bando."
    ),
    "Below the smallest grant.": "Inferiore al contributo minimo.",
    "Above the largest grant.": "Superiore al contributo massimo.",
    "Above the share of the cost that is covered.": "Superiore alla quota di costi coperta.",
    "Below the smallest project.": "Inferiore al costo minimo dei progetti.",
    "Above the largest project.": "Superiore al costo massimo dei progetti.",
    "Must be in the future.": "Deve essere nel futuro.",
    "The weights must sum up to 100.": "I pesi devono sommare a 100.",
    "Two criteria have the same code.": "Due criteri hanno lo stesso codice.",
    "A tie-break by criterion names one of the criteria, any other names none.": (
        "Uno spareggio per criterio nomina uno dei criteri, ogni altro non ne nomina."
    ),
    "Not enough different people.": "Non ci sono abbastanza persone diverse.",
    "Every criterion once.": "Ogni criterio una volta.",
    "Not all are on the panel.": "Non tutti fanno parte della commissione.",
    "Must be a list.": "Deve essere un elenco.",
    "Must be a whole number, 0 or more.": "Deve essere un numero intero, 0 o più.",
    "Name every field: positional arguments are not accepted.": "Indicare ogni campo per nome.",
}

_ITALIAN_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(english), italian)
    for english, italian in (
        (r"Must be one of: (.*)\.", r"Deve essere uno tra: \1."),
        (r"Length must be between (\d+) and (\d+)\.", r"La lunghezza deve essere tra \1 e \2."),
        (r"Shorter than minimum length (\d+)\.", r"Più corto del minimo di \1."),
        (r"Longer than maximum length (\d+)\.", r"Più lungo del massimo di \1."),
        (r"Length must be (\d+)\.", r"La lunghezza deve essere \1."),
        (
            r"Must be greater than or equal to (\S+) and less than or equal to (\S+)\.",
            r"Deve essere compreso tra \1 e \2.",
        ),
        (r"Must be greater than or equal to (\S+)\.", r"Deve essere maggiore o uguale a \1."),
        (r"Must be less than or equal to (\S+)\.", r"Deve essere minore o uguale a \1."),
        (r"Must be greater than (\S+)\.", r"Deve essere maggiore di \1."),
        (r"Must be an object with (\w+) and (\w+)\.", r"Deve essere un oggetto con \1 e \2."),
        (r"Must be at most (\w+), in the same currency\.", r"Deve essere al massimo \1, nella stessa valuta."),
        (r"Must be at most (\w+)\.", r"Deve essere al massimo \1."),
        (r"Must come after (\w+)\.", r"Deve venire dopo \1."),
        (r"Every piece but the last has (\d+) bytes\.", r"Ogni parte tranne l'ultima ha \1 byte."),
        (r"Above the maximum: (.*)\.", r"Oltre il massimo: \1."),
        (r"Must be less than (\S+)\.", r"Deve essere minore di \1."),
    )
)


def _said(errors: Any, say: Callable[[str], str]) -> Any:
    """The same tree with every message said this way. The items of a list, which marshmallow numbers, get text keys."""
    if isinstance(errors, dict):
        return {str(name): _said(inner, say) for name, inner in errors.items()}
    if isinstance(errors, list):
        return [_said(inner, say) for inner in errors]
    return say(errors) if isinstance(errors, str) else errors


def _italian(message: str) -> str:
    if message in _ITALIAN:
        return _ITALIAN[message]
    for pattern, italian in _ITALIAN_PATTERNS:
        if found := pattern.fullmatch(message):
            return found.expand(italian)
    return message
