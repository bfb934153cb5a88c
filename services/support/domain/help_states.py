"""The states of a help request: which verb leads from where to where, and the words of each refusal."""

from __future__ import annotations

from typing import NamedTuple

from shared.contracts.support import HelpState
from shared.errors import Forbidden, IllegalTransition, Refusal, Words


class CannotAssign(IllegalTransition):
    words = Words(
        "Si assegna solo una richiesta che attende risposta: questa è {it}.",
        "Only a request that waits for an answer is assigned: this one is {en}.",
    )


class CannotAnswer(IllegalTransition):
    words = Words("Una richiesta {it} non attende risposta.", "A request that is {en} waits for no answer.")


class CannotWriteOn(IllegalTransition):
    words = Words(
        "La richiesta è {it}: per scrivere ancora va riaperta.", "The request is {en}: to write on, reopen it."
    )


class CannotReopen(IllegalTransition):
    words = Words(
        "Si riapre solo una richiesta con risposta o chiusa: questa è {it}.",
        "Only an answered or closed request is reopened: this one is {en}.",
    )


class CannotClose(IllegalTransition):
    words = Words("La richiesta è già {it}.", "The request is already {en}.")


class TooLateToReopen(Refusal):
    title = Words("Troppo tardi per riaprire", "Too late to reopen")
    words = Words(
        "Si riapre entro 30 giorni: il termine era il {day}. Si può fare una nuova richiesta.",
        "A request is reopened within 30 days: this one until {day}. A new one can be made.",
    )


class NotTheirAnswer(Forbidden):
    title = Words("Risponde un'altra organizzazione", "Another organisation answers")
    words = Words("La richiesta è affidata ad altri.", "The request is assigned to others.")


class OnlyTheAsker(Forbidden):
    words = Words("Può farlo solo chi ha chiesto aiuto.", "Only those who asked for help may do this.")


class OnlyTheTwoSides(Forbidden):
    words = Words(
        "Può farlo solo chi ha chiesto aiuto o chi deve rispondere.",
        "Only those who asked for help, or are to answer, may do this.",
    )


class OwnQuestion(Refusal):
    title = Words("Richiesta propria", "One's own request")
    words = Words("Nessuno risponde a una propria richiesta.", "Nobody answers a request of their own.")


class NobodyToAnswer(Refusal):
    title = Words("Non può rispondere", "Cannot answer")
    words = Words(
        "Risponde un Clust-ER o l'ente di supporto, se è membro attivo.",
        "A Clust-ER or the support body answers, if it is an active member.",
    )


class ThreadTooLong(Refusal):
    title = Words("Conversazione troppo lunga", "Thread too long")
    words = Words("Una richiesta tiene al massimo {most} messaggi.", "A request holds {most} messages at most.")


class Step(NamedTuple):
    """From which states a verb is allowed, where it leads (None: not always elsewhere), and its refusal."""

    allowed_from: frozenset[HelpState]
    leads_to: HelpState | None
    refusal: type[IllegalTransition]


_UNANSWERED = frozenset({HelpState.open, HelpState.assigned, HelpState.reopened})

STEPS = {
    "assign": Step(_UNANSWERED, None, CannotAssign),
    "answer": Step(_UNANSWERED - {HelpState.open}, HelpState.answered, CannotAnswer),
    "write": Step(_UNANSWERED, None, CannotWriteOn),
    "reopen": Step(frozenset({HelpState.answered, HelpState.closed}), HelpState.reopened, CannotReopen),
    "close": Step(_UNANSWERED | {HelpState.answered}, HelpState.closed, CannotClose),
}

STATE_NAMES = {
    HelpState.open: Words("aperta", "open"),
    HelpState.assigned: Words("assegnata", "assigned"),
    HelpState.answered: Words("con risposta", "answered"),
    HelpState.reopened: Words("riaperta", "reopened"),
    HelpState.closed: Words("chiusa", "closed"),
}
