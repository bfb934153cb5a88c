"""The states of a call: which verb leads from where to where, and the words of each refusal."""

from __future__ import annotations

from typing import NamedTuple

from shared.contracts.calls import CallState
from shared.errors import IllegalTransition, Words


class CannotSubmitForReview(IllegalTransition):
    words = Words("Va in revisione solo una bozza: il bando è {it}.", "Only a draft goes to review: the call is {en}.")


class CannotPublish(IllegalTransition):
    words = Words("Un bando {it} non si può pubblicare.", "A call that is {en} cannot be published.")


class CannotSetAside(IllegalTransition):
    words = Words("Un bando {it} non si può mettere da parte.", "A call that is {en} cannot be set aside.")


class CannotRevise(IllegalTransition):
    words = Words("Un bando {it} non si può modificare.", "A call that is {en} cannot be changed.")


class CannotExtend(IllegalTransition):
    words = Words("Non si può prorogare un bando {it}.", "The deadline of a call that is {en} cannot be extended.")


class CannotSuspend(IllegalTransition):
    words = Words(
        "Si sospende solo un bando pubblicato: questo è {it}.", "Only a published call is suspended: this one is {en}."
    )


class CannotResume(IllegalTransition):
    words = Words(
        "Si riattiva solo un bando sospeso: questo è {it}.", "Only a suspended call is resumed: this one is {en}."
    )


class CannotWithdraw(IllegalTransition):
    words = Words("Un bando {it} non si può ritirare.", "A call that is {en} cannot be withdrawn.")


class CannotArchive(IllegalTransition):
    words = Words("Un bando {it} non si può archiviare.", "A call that is {en} cannot be archived.")


class Step(NamedTuple):
    """What a verb does to the state: from where it is allowed, where it leads (None: nowhere else), and its refusal."""

    allowed_from: frozenset[CallState]
    leads_to: CallState | None
    refusal: type[IllegalTransition]


_UNPUBLISHED = frozenset({CallState.draft, CallState.in_review, CallState.set_aside})
_STANDING = frozenset({CallState.published, CallState.suspended})

STEPS = {
    "submit_for_review": Step(frozenset({CallState.draft}), CallState.in_review, CannotSubmitForReview),
    "revise": Step(_UNPUBLISHED | _STANDING, None, CannotRevise),
    "publish": Step(_UNPUBLISHED, CallState.published, CannotPublish),
    "set_aside": Step(
        frozenset({CallState.set_aside, CallState.published, CallState.suspended}), CallState.set_aside, CannotSetAside
    ),
    "extend_deadline": Step(_STANDING, None, CannotExtend),
    "suspend": Step(frozenset({CallState.published}), CallState.suspended, CannotSuspend),
    "resume": Step(frozenset({CallState.suspended}), CallState.published, CannotResume),
    "withdraw": Step(_STANDING, CallState.withdrawn, CannotWithdraw),
    "archive": Step(
        frozenset({CallState.published, CallState.withdrawn, CallState.set_aside}), CallState.archived, CannotArchive
    ),
}

STATE_NAMES = {
    CallState.draft: Words("in bozza", "a draft"),
    CallState.in_review: Words("in revisione", "in review"),
    CallState.set_aside: Words("messo da parte", "set aside"),
    CallState.published: Words("pubblicato", "published"),
    CallState.suspended: Words("sospeso", "suspended"),
    CallState.withdrawn: Words("ritirato", "withdrawn"),
    CallState.archived: Words("archiviato", "archived"),
}
