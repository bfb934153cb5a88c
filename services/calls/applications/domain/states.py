"""The states of an application: which verb leads from where to where, and the words of a refusal."""

from __future__ import annotations

from shared.contracts.calls import GrantApplicationState
from shared.errors import IllegalTransition, Words

_S = GrantApplicationState

STEPS: dict[str, dict[GrantApplicationState, GrantApplicationState]] = {
    "revise": {_S.draft: _S.draft},
    "attach": {_S.draft: _S.draft, _S.integration_requested: _S.integration_requested},
    "detach": {_S.draft: _S.draft},
    "submit": {_S.draft: _S.submitted},
    "expire": {_S.draft: _S.expired_draft},
    "register": {_S.submitted: _S.registered},
    "check_eligibility": {_S.registered: _S.eligibility_check},
    "request_integration": {_S.eligibility_check: _S.integration_requested},
    "answer_integration": {_S.integration_requested: _S.eligibility_check},
    "lapse_integration": {_S.integration_requested: _S.eligibility_check},
    "find_ineligible": {_S.eligibility_check: _S.ineligible},
    "admit_to_evaluation": {_S.eligibility_check: _S.under_evaluation},
    "score": {_S.under_evaluation: _S.under_evaluation},
    "rank": {_S.under_evaluation: _S.ranked, _S.ranked: _S.ranked},
    "fund": {_S.ranked: _S.funded, _S.admitted_not_funded: _S.funded},
    "admit_without_funds": {_S.ranked: _S.admitted_not_funded},
    "not_admit": {_S.ranked: _S.not_admitted},
    "revoke": {_S.funded: _S.revoked},
    "complete": {
        _S.funded: _S.completed,
        _S.admitted_not_funded: _S.completed,
        _S.not_admitted: _S.completed,
    },
    "withdraw": {
        _S.draft: _S.withdrawn,
        _S.submitted: _S.withdrawn,
        _S.registered: _S.withdrawn,
        _S.eligibility_check: _S.withdrawn,
        _S.integration_requested: _S.withdrawn,
        _S.under_evaluation: _S.withdrawn,
        _S.ranked: _S.withdrawn,
        _S.funded: _S.withdrawn,
        _S.admitted_not_funded: _S.withdrawn,
    },
}
"""What each verb makes of each state; a state that a verb does not name refuses it."""

UNDECIDED = frozenset(
    {_S.submitted, _S.registered, _S.eligibility_check, _S.integration_requested, _S.under_evaluation}
)
"""Handed in, and without a place in the ranking: none may be left when it is drawn up."""
GIVEN_UP = frozenset({_S.withdrawn, _S.expired_draft})
"""These leave room for another application of the same organisation."""
WITH_OUTCOME = frozenset({_S.funded, _S.admitted_not_funded, _S.not_admitted, _S.completed, _S.revoked})
"""Its place is public."""

_VERBS = {
    "revise": Words("modificarla", "be changed"),
    "attach": Words("aggiungere documenti", "get documents"),
    "detach": Words("togliere documenti", "lose documents"),
    "submit": Words("presentarla", "be handed in"),
    "expire": Words("farla decadere", "expire"),
    "register": Words("protocollarla", "be registered"),
    "check_eligibility": Words("avviare l'istruttoria", "be checked"),
    "request_integration": Words("chiedere integrazioni", "be sent back for an integration"),
    "answer_integration": Words("integrarla", "be integrated"),
    "lapse_integration": Words("chiudere l'integrazione", "let its integration lapse"),
    "find_ineligible": Words("dichiararla inammissibile", "be found ineligible"),
    "admit_to_evaluation": Words("ammetterla alla valutazione", "be admitted to evaluation"),
    "score": Words("valutarla", "be scored"),
    "rank": Words("metterla in graduatoria", "be ranked"),
    "fund": Words("finanziarla", "be funded"),
    "admit_without_funds": Words("ammetterla senza fondi", "be admitted without funds"),
    "not_admit": Words("non ammetterla", "be turned down"),
    "revoke": Words("revocarla", "be revoked"),
    "complete": Words("concluderla", "be completed"),
    "withdraw": Words("ritirarla", "be withdrawn"),
}
_STATES = {
    _S.draft: Words("in bozza", "a draft"),
    _S.submitted: Words("presentata", "submitted"),
    _S.registered: Words("protocollata", "registered"),
    _S.eligibility_check: Words("in istruttoria", "in its eligibility check"),
    _S.integration_requested: Words("in attesa di integrazione", "waiting for an integration"),
    _S.ineligible: Words("inammissibile", "ineligible"),
    _S.under_evaluation: Words("in valutazione", "under evaluation"),
    _S.ranked: Words("in graduatoria", "ranked"),
    _S.funded: Words("finanziata", "funded"),
    _S.admitted_not_funded: Words("ammessa ma non finanziata", "admitted without funds"),
    _S.not_admitted: Words("non ammessa", "not admitted"),
    _S.completed: Words("conclusa", "completed"),
    _S.withdrawn: Words("ritirata", "withdrawn"),
    _S.revoked: Words("revocata", "revoked"),
    _S.expired_draft: Words("decaduta in bozza", "an expired draft"),
}


class NotInThisState(IllegalTransition):
    slug = "application-not-in-this-state"
    words = Words("La domanda è {state_it}: non è possibile {it}.", "The application is {state_en}: it cannot {en}.")


def step(verb: str, state: GrantApplicationState) -> GrantApplicationState:
    """Where the verb leads from this state. Raises `NotInThisState`."""
    leads_to = STEPS[verb].get(state)
    if leads_to is None:
        names = _STATES[state]
        raise NotInThisState(state_it=names.it, state_en=names.en, it=_VERBS[verb].it, en=_VERBS[verb].en)
    return leads_to
