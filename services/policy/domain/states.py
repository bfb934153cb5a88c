"""The states of needs and measures: which verb leads from where to where, and the words of each refusal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from shared.contracts.policy import MeasureState, NeedState
from shared.errors import IllegalTransition, Words

S = TypeVar("S", bound=Enum)


@dataclass(frozen=True)
class Step(Generic[S]):
    """What a verb does to the state: from where it is allowed, where it leads (None: nowhere else), and its refusal."""

    allowed_from: frozenset[S]
    leads_to: S | None
    refusal: type[IllegalTransition]

    def taken_from(self, state: S, names: dict[S, Words]) -> S:
        """The state it leads to from here. Raises its refusal."""
        if state not in self.allowed_from:
            raise self.refusal(it=names[state].it, en=names[state].en)
        return self.leads_to or state


# --- needs ------------------------------------------------------------------------------------------------


class CannotReviseNeed(IllegalTransition):
    words = Words(
        "Un fabbisogno si modifica finché non è preso in esame: questo è {it}.",
        "A need is changed until it is taken in hand: this one is {en}.",
    )


class CannotAnalyse(IllegalTransition):
    words = Words(
        "Si prende in esame un fabbisogno presentato: questo è {it}.",
        "A need is taken in hand once submitted: this one is {en}.",
    )


class CannotAccept(IllegalTransition):
    words = Words(
        "Si accoglie un fabbisogno in esame: questo è {it}.", "A need under analysis is accepted: this one is {en}."
    )


class CannotDecline(IllegalTransition):
    words = Words(
        "Si respinge un fabbisogno in esame: questo è {it}.", "A need under analysis is declined: this one is {en}."
    )


class CannotMerge(IllegalTransition):
    words = Words(
        "Si unisce ad altri un fabbisogno in esame: questo è {it}.",
        "A need under analysis is merged into another: this one is {en}.",
    )


class CannotTakeIn(IllegalTransition):
    words = Words("Un fabbisogno {it} non può riceverne un altro.", "A need that is {en} cannot take another in.")


class CannotEndorse(IllegalTransition):
    words = Words("Un fabbisogno {it} non riceve più adesioni.", "A need that is {en} takes no endorsements any more.")


class CannotComment(IllegalTransition):
    words = Words("Un fabbisogno {it} non si commenta più.", "A need that is {en} takes no comments any more.")


class CannotAnswerNeed(IllegalTransition):
    words = Words(
        "Una misura risponde a un fabbisogno accolto: questo è {it}.",
        "A measure answers a need that was accepted: this one is {en}.",
    )


_STATED = frozenset({NeedState.submitted, NeedState.under_analysis})
_IN_HAND = frozenset({NeedState.under_analysis})
_STANDING = _STATED | {NeedState.accepted}

NEED_STEPS: dict[str, Step[NeedState]] = {
    "revise": Step(frozenset({NeedState.submitted}), None, CannotReviseNeed),
    "analyse": Step(frozenset({NeedState.submitted}), NeedState.under_analysis, CannotAnalyse),
    "accept": Step(_IN_HAND, NeedState.accepted, CannotAccept),
    "decline": Step(_IN_HAND, NeedState.declined, CannotDecline),
    "merge": Step(_IN_HAND, NeedState.merged, CannotMerge),
    "take_in": Step(_STANDING | {NeedState.answered}, None, CannotTakeIn),
    "endorse": Step(_STANDING, None, CannotEndorse),
    "comment": Step(_STANDING | {NeedState.answered}, None, CannotComment),
    "be_answered": Step(frozenset({NeedState.accepted, NeedState.answered}), NeedState.answered, CannotAnswerNeed),
}

NEED_STATE_NAMES = {
    NeedState.submitted: Words("presentato", "submitted"),
    NeedState.under_analysis: Words("in esame", "under analysis"),
    NeedState.accepted: Words("accolto", "accepted"),
    NeedState.declined: Words("respinto", "declined"),
    NeedState.merged: Words("unito a un altro", "merged into another"),
    NeedState.answered: Words("con risposta", "answered"),
}

# --- measures ---------------------------------------------------------------------------------------------


class CannotReviseMeasure(IllegalTransition):
    words = Words("Una misura {it} non si modifica più.", "A measure that is {en} is not changed any more.")


class CannotLink(IllegalTransition):
    words = Words(
        "I fabbisogni si collegano a una misura finché non è decisa: questa è {it}.",
        "Needs are linked to a measure until it is decided on: this one is {en}.",
    )


class CannotConsult(IllegalTransition):
    words = Words(
        "Si consulta su una misura non ancora decisa: questa è {it}.",
        "A consultation is about a measure not yet decided on: this one is {en}.",
    )


class CannotAnswerContribution(IllegalTransition):
    words = Words(
        "Si risponde ai contributi di una misura non adottata: questa è {it}.",
        "Contributions to a measure are answered until it is adopted: this one is {en}.",
    )


class CannotAdopt(IllegalTransition):
    words = Words(
        "Si adotta una misura dopo la consultazione: questa è {it}.",
        "A measure is adopted after its consultation: this one is {en}.",
    )


class CannotDrop(IllegalTransition):
    words = Words("Una misura {it} non si abbandona più.", "A measure that is {en} cannot be dropped any more.")


class CannotBeCarriedOut(IllegalTransition):
    words = Words(
        "Un bando attua una misura adottata: questa è {it}.",
        "A call carries out a measure that was adopted: this one is {en}.",
    )


class CannotMeasure(IllegalTransition):
    words = Words(
        "Gli indicatori si misurano dopo l'adozione e prima della valutazione: la misura è {it}.",
        "Indicators are measured after adoption and before evaluation: the measure is {en}.",
    )


class CannotConclude(IllegalTransition):
    words = Words(
        "Si conclude una misura attuata: questa è {it}.", "A measure is concluded once carried out: this one is {en}."
    )


class CannotEvaluate(IllegalTransition):
    words = Words(
        "Si valuta una misura conclusa: questa è {it}.", "A measure is evaluated once concluded: this one is {en}."
    )


_UNDECIDED = frozenset({MeasureState.draft, MeasureState.in_consultation})
_DECIDED = frozenset({MeasureState.adopted, MeasureState.implemented})

MEASURE_STEPS: dict[str, Step[MeasureState]] = {
    "revise": Step(_UNDECIDED, None, CannotReviseMeasure),
    "link": Step(_UNDECIDED, None, CannotLink),
    "consult": Step(_UNDECIDED, None, CannotConsult),
    "open_consultation": Step(_UNDECIDED, MeasureState.in_consultation, CannotConsult),
    "answer": Step(_UNDECIDED | {MeasureState.dropped}, None, CannotAnswerContribution),
    "adopt": Step(frozenset({MeasureState.in_consultation}), MeasureState.adopted, CannotAdopt),
    "drop": Step(_UNDECIDED, MeasureState.dropped, CannotDrop),
    "carry_out": Step(_DECIDED, MeasureState.implemented, CannotBeCarriedOut),
    "measure": Step(_DECIDED | {MeasureState.concluded}, None, CannotMeasure),
    "conclude": Step(frozenset({MeasureState.implemented}), MeasureState.concluded, CannotConclude),
    "evaluate": Step(frozenset({MeasureState.concluded}), MeasureState.evaluated, CannotEvaluate),
}

MEASURE_STATE_NAMES = {
    MeasureState.draft: Words("in bozza", "a draft"),
    MeasureState.in_consultation: Words("in consultazione", "in consultation"),
    MeasureState.adopted: Words("adottata", "adopted"),
    MeasureState.dropped: Words("abbandonata", "dropped"),
    MeasureState.implemented: Words("in attuazione", "being carried out"),
    MeasureState.concluded: Words("conclusa", "concluded"),
    MeasureState.evaluated: Words("valutata", "evaluated"),
}
