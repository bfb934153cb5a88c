"""The states of an application, the steps between them, and every reason for which one is refused."""

from __future__ import annotations

from datetime import timedelta

from shared.contracts.membership import ApplicationState
from shared.errors import IllegalTransition, Refusal, Words

_State = ApplicationState

STEPS: dict[str, dict[ApplicationState, ApplicationState]] = {
    "revise": {_State.draft: _State.draft, _State.changes_requested: _State.changes_requested},
    "score": {_State.submitted: _State.under_review, _State.under_review: _State.under_review},
    "submit": {_State.draft: _State.submitted, _State.changes_requested: _State.under_review},
    "review": {_State.submitted: _State.under_review},
    "recuse": {
        _State.submitted: _State.submitted,
        _State.under_review: _State.under_review,
        _State.changes_requested: _State.changes_requested,
    },
    "request_changes": {_State.under_review: _State.changes_requested},
    "admit": {_State.under_review: _State.admitted},
    "reject": {_State.under_review: _State.rejected, _State.changes_requested: _State.rejected},
    "withdraw": {
        _State.draft: _State.withdrawn,
        _State.submitted: _State.withdrawn,
        _State.under_review: _State.withdrawn,
        _State.changes_requested: _State.withdrawn,
    },
}
"""What each verb makes of each state; a state that a verb does not name refuses it."""

RUNNING = frozenset({_State.submitted, _State.under_review, _State.changes_requested})
"""Handed in and without an outcome: only these hold their tax code. A forgotten draft stands in nobody's way."""

APPLY_AGAIN_AFTER = timedelta(days=90)
"""How long after a rejection an organisation may apply for affiliation again."""
MOST_DOCUMENTS = 20

_VERBS = {
    "revise": Words("modificare", "changed"),
    "score": Words("valutare", "scored"),
    "recuse": Words("lasciare ad altri valutatori", "left to other reviewers"),
    "submit": Words("presentare", "submitted"),
    "review": Words("prendere in esame", "taken under review"),
    "request_changes": Words("rimandare per modifiche", "sent back for changes"),
    "admit": Words("ammettere", "admitted"),
    "reject": Words("respingere", "rejected"),
    "withdraw": Words("ritirare", "withdrawn"),
}
_STATES = {
    _State.draft: Words("in bozza", "a draft"),
    _State.submitted: Words("presentata", "submitted"),
    _State.under_review: Words("in esame", "under review"),
    _State.changes_requested: Words("in attesa di modifiche", "waiting for changes"),
    _State.admitted: Words("ammessa", "admitted"),
    _State.rejected: Words("respinta", "rejected"),
    _State.withdrawn: Words("ritirata", "withdrawn"),
}


class MembershipStepNotAllowed(IllegalTransition):
    words = Words(
        "Una domanda {state_it} non si può {verb_it}.",
        "An application that is {state_en} cannot be {verb_en}.",
    )


class SeatOutsideRegion(Refusal):
    title = Words("Sede fuori regione", "Seat outside the Region")
    words = Words(
        "L'adesione su domanda è aperta alle organizzazioni con sede in Emilia-Romagna.",
        "Organisations that apply for membership have their seat in Emilia-Romagna.",
    )


class NoSubsectorDeclared(Refusal):
    title = Words("Nessun settore indicato", "No subsector declared")
    words = Words(
        "L'adesione è aperta a chi opera nella cultura e nella creatività: indicare almeno un settore.",
        "Membership is open to those who work in culture and creativity: declare at least one subsector.",
    )


class OwnApplication(Refusal):
    title = Words("Domanda propria", "One's own application")
    words = Words("Nessuno esamina la propria domanda.", "Nobody reviews an application of their own.")


class TooSoonToApplyAgain(Refusal):
    title = Words("Troppo presto per una nuova domanda", "Too soon to apply again")
    words = Words(
        "La domanda precedente è stata respinta: se ne può presentare un'altra dal {again} (ora di Roma).",
        "The earlier application was rejected: another may be submitted from {again} (Europe/Rome).",
    )


class DocumentsMissing(Refusal):
    title = Words("Documenti mancanti", "Documents missing")
    words = Words("Documenti richiesti, almeno: {wanted}.", "Documents required, at least: {wanted}.")


class TooManyDocuments(Refusal):
    title = Words("Troppi documenti", "Too many documents")
    words = Words("Al massimo {most} documenti.", "At most {most} documents.")


class DecidedByOutcome(Refusal):
    title = Words("Decide la graduatoria", "Decided by the outcome")
    words = Words(
        "Le domande di una manifestazione di interesse si decidono insieme, pubblicando l'esito.",
        "Applications to an expression of interest are decided together, by publishing the outcome.",
    )


class NotScored(Refusal):
    title = Words("Senza punteggi", "Not scored")
    words = Words(
        "Una domanda di affiliazione non ha punteggi: si ammette o si respinge.",
        "An application for affiliation is not scored: it is admitted or rejected.",
    )


def step(state: ApplicationState, verb: str) -> ApplicationState:
    """The state this verb leads to. Raises `MembershipStepNotAllowed`."""
    if state not in STEPS[verb]:
        here, wanted = _STATES[state], _VERBS[verb]
        raise MembershipStepNotAllowed(state_it=here.it, state_en=here.en, verb_it=wanted.it, verb_en=wanted.en)
    return STEPS[verb][state]
