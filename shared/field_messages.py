"""What is wrong with a field, in Italian: messages are written in English where the rule is, and told here once more.

Those of marshmallow and of the contracts are all here; so are those of domains, which a reader meets as often.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

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
    "Not between the years 1900 and 2999.": "Non è tra gli anni 1900 e 2999.",
    "Must be later than it is.": "Deve essere successivo a quello attuale.",
    "At least one, each with its own id and a maximum above 0.": (
        "Almeno uno, ciascuno con un id proprio e un massimo superiore a 0."
    ),
    "More than the criteria give.": "Più di quanto danno i criteri.",
    "Name one at least.": "Indicarne almeno uno.",
    "Not after the opening.": "Non è successiva all'apertura.",
    "Not after the present date.": "Non è successiva alla data attuale.",
    "Each code once.": "Ogni codice una volta.",
    "A target is not the same as its baseline.": "Un valore atteso è diverso da quello di partenza.",
    "Not one of this measure's.": "Non è tra quelli di questa misura.",
    "Later than now.": "È successivo a questo momento.",
    "Say which call or which theme it is about.": "Indicare quale bando o quale tema riguarda.",
    "Bring the file to the thread first.": "Prima va caricato il file nella conversazione.",
    "Give a place, a link, or both.": "Indicare un luogo, un collegamento o entrambi.",
    "Must come after the start, by 31 days at most.": "Deve venire dopo l'inizio, al massimo di 31 giorni.",
    "Must not come after the start.": "Non deve venire dopo l'inizio.",
    "Only laboratories say it.": "Lo indicano solo i laboratori.",
    "Required where access is paid.": "Obbligatorio dove l'accesso è a pagamento.",
    "Must not be below readiness_from.": "Non deve essere inferiore a readiness_from.",
    "1 to 100 characters.": "Da 1 a 100 caratteri.",
    "Twice in this file.": "Due volte in questo file.",
    "There is no such source: see ListSources.": "Non esiste questa fonte: vedi ListSources.",
    "Must be the feed's XML, as a text.": "Deve essere l'XML del feed, come testo.",
    "Is neither an RSS nor an Atom feed.": "Non è un feed RSS né Atom.",
    "Is not JSON.": "Non è JSON.",
    "Not a mark of this stream.": "Non è un segno di questo flusso.",
    "More values than columns.": "Più valori che colonne.",
    "The item belongs to another organisation.": "L'elemento è di un'altra organizzazione.",
    "Not a time zone of the IANA database.": "Non è un fuso orario della base dati IANA.",
    "Not an hour, 0 to 23.": "Non è un'ora, da 0 a 23.",
    "The port is not a number.": "La porta non è un numero.",
    "The address must name a host, and no user.": "L'indirizzo deve nominare un host, e nessun utente.",
    "Only https addresses are posted to.": "Si consegna solo a indirizzi https.",
    "Internal addresses are not posted to.": "Non si consegna a indirizzi interni.",
    "Only calls have it.": "Lo hanno solo i bandi.",
    "There is no such call.": "Questo bando non esiste.",
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
        (r"Must be after (\w+)\.", r"Deve essere successivo a \1."),
        (r"From (\d+) to (\d+)\.", r"Da \1 a \2."),
        (r"From (\d+) to (\d+) different people\.", r"Da \1 a \2 persone diverse."),
        (r"From (\d+) to (\d+) lines, beside the heading\.", r"Da \1 a \2 righe, oltre all'intestazione."),
        (r"Line (\d+): (.*)\.", r"Riga \1: non è CSV valido (\2)."),
        (r"Columns missing: (.*)\.", r"Colonne mancanti: \1."),
        (r"Unknown columns: (.*)\.", r"Colonne sconosciute: \1."),
        (r"Columns given twice: (.*)\.", r"Colonne indicate due volte: \1."),
        (r"Must be in (\S+)\.", r"Deve essere in \1."),
        (r"Not a type that is posted here: (.*)\.", r"Non è un tipo che si consegna qui: \1."),
        (r"Without a seat: (.*)\.", r"Non ha un posto: \1."),
        (
            r"Not within the last (\d+) days, or after `until`\.",
            r"Non è negli ultimi \1 giorni, oppure è dopo `until`.",
        ),
        (r"Each criterion once: (.*)\.", r"Ogni criterio una volta: \1."),
        (r"(\S+): at most (\d+)\.", r"\1: al massimo \2."),
        (r"Not a municipality of (.*): see (\S+)\.", r"Non è un comune di \1: vedi \2."),
        (
            r"Not of the promoter's or the support body's staff: (.*)\.",
            r"Non fa parte dello staff del promotore o dell'ente di supporto: \1.",
        ),
    )
)


def in_italian(message: str) -> str:
    """The message as Italian readers get it; one that is not known stays as it is."""
    if message in _ITALIAN:
        return _ITALIAN[message]
    for pattern, italian in _ITALIAN_PATTERNS:
        if found := pattern.fullmatch(message):
            return found.expand(italian)
    return message


def each_said(errors: Any, say: Callable[[str], str]) -> Any:
    """The same tree with every message said this way. The items of a list, which marshmallow numbers, get text keys."""
    if isinstance(errors, dict):
        return {str(name): each_said(inner, say) for name, inner in errors.items()}
    if isinstance(errors, list):
        return [each_said(inner, say) for inner in errors]
    return say(errors) if isinstance(errors, str) else errors


def each_field(errors: Any, path: str = "", *, say: Callable[[str], str] = str) -> Iterator[str]:
    """`field.of.field: what is wrong with it`, for each of a tree of errors; `say` tells a message in a language."""
    if isinstance(errors, dict):
        for name, inner in errors.items():
            yield from each_field(inner, f"{path}.{name}" if path else str(name), say=say)
    else:
        words = " ".join(say(str(message)) for message in (errors if isinstance(errors, list) else [errors]))
        yield f"{path}: {words}" if path else words
