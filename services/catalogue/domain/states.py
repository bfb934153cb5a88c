"""The states of items and of access requests: which verb leads from where to where, and the words of each refusal."""

from __future__ import annotations

from typing import NamedTuple

from shared.contracts.catalogue import ItemState, RequestState
from shared.errors import IllegalTransition, Words


class CannotReviseItem(IllegalTransition):
    words = Words("Un elemento {it} non si può modificare.", "An item that is {en} cannot be changed.")


class CannotPublishItem(IllegalTransition):
    words = Words("Un elemento {it} non si può pubblicare.", "An item that is {en} cannot be published.")


class NotUnderReview(IllegalTransition):
    words = Words(
        "Si esamina solo un elemento in revisione: questo è {it}.",
        "Only an item under review can be decided on: this one is {en}.",
    )


class CannotUnpublish(IllegalTransition):
    words = Words(
        "Si ritira dal catalogo solo un elemento pubblicato: questo è {it}.",
        "Only a published item is taken out of the catalogue: this one is {en}.",
    )


class CannotRetire(IllegalTransition):
    words = Words("Un elemento {it} non si può dismettere.", "An item that is {en} cannot be retired.")


class CannotConfirm(IllegalTransition):
    words = Words(
        "Si conferma solo un elemento pubblicato: questo è {it}.",
        "Only a published item is confirmed: this one is {en}.",
    )


class AlreadyAnswered(IllegalTransition):
    words = Words("A questa richiesta, {it}, è già stato risposto.", "This request, {en}, has its answer already.")


class CannotBegin(IllegalTransition):
    words = Words(
        "Si avvia solo una richiesta accettata: questa è {it}.", "Only an accepted request begins, not: {en}."
    )


class CannotComplete(IllegalTransition):
    words = Words(
        "Si conclude solo una richiesta accettata o avviata: questa è {it}.",
        "Only a request that was accepted or has begun is completed, not: {en}.",
    )


class CannotCancel(IllegalTransition):
    words = Words("Una richiesta {it} non si può annullare.", "A request that is {en} cannot be called off.")


class CannotCallOff(IllegalTransition):
    words = Words(
        "Chi offre annulla solo una richiesta che ha accettato: questa è {it}.",
        "An owner calls off only a request it has accepted: this one is {en}.",
    )


class CannotRate(IllegalTransition):
    words = Words(
        "Si valuta solo una richiesta conclusa: questa è {it}.", "Only a completed request is rated, not: {en}."
    )


class CannotWrite(IllegalTransition):
    words = Words("Una richiesta {it} è chiusa.", "A request that is {en} is closed.")


class ItemStep(NamedTuple):
    """What a verb does to an item: from where it is allowed, where it leads (None: nowhere else), and its refusal."""

    allowed_from: frozenset[ItemState]
    leads_to: ItemState | None
    refusal: type[IllegalTransition]


class RequestStep(NamedTuple):
    """The same of an access request."""

    allowed_from: frozenset[RequestState]
    leads_to: RequestState | None
    refusal: type[IllegalTransition]


_UNSEEN = frozenset({ItemState.draft, ItemState.unpublished})
_LIVE = _UNSEEN | {ItemState.pending_review, ItemState.published}
SUSPENDABLE = frozenset({ItemState.pending_review, ItemState.published})
"""What of an owner is hidden while it is not an active member; nobody sees the rest anyway."""

ITEM_STEPS = {
    "revise": ItemStep(_LIVE, None, CannotReviseItem),
    "submit": ItemStep(_UNSEEN, ItemState.pending_review, CannotPublishItem),
    "publish": ItemStep(_UNSEEN, ItemState.published, CannotPublishItem),
    "approve": ItemStep(frozenset({ItemState.pending_review}), ItemState.published, NotUnderReview),
    "give_back": ItemStep(frozenset({ItemState.pending_review}), ItemState.draft, NotUnderReview),
    "unpublish": ItemStep(frozenset({ItemState.published}), ItemState.unpublished, CannotUnpublish),
    "retire": ItemStep(_LIVE | {ItemState.suspended}, ItemState.retired, CannotRetire),
    "confirm": ItemStep(frozenset({ItemState.published}), None, CannotConfirm),
}

OPEN = frozenset({RequestState.requested, RequestState.accepted, RequestState.in_progress})
_AGREED = frozenset({RequestState.accepted, RequestState.in_progress})

REQUEST_STEPS = {
    "accept": RequestStep(frozenset({RequestState.requested}), RequestState.accepted, AlreadyAnswered),
    "decline": RequestStep(frozenset({RequestState.requested}), RequestState.declined, AlreadyAnswered),
    "begin": RequestStep(frozenset({RequestState.accepted}), RequestState.in_progress, CannotBegin),
    "complete": RequestStep(_AGREED, RequestState.completed, CannotComplete),
    "cancel": RequestStep(OPEN, RequestState.cancelled, CannotCancel),
    "call_off": RequestStep(_AGREED, RequestState.cancelled, CannotCallOff),
    "write": RequestStep(OPEN | {RequestState.completed}, None, CannotWrite),
    "rate": RequestStep(frozenset({RequestState.completed}), None, CannotRate),
}

ITEM_STATE_NAMES = {
    ItemState.draft: Words("in bozza", "a draft"),
    ItemState.pending_review: Words("in revisione", "under review"),
    ItemState.published: Words("pubblicato", "published"),
    ItemState.unpublished: Words("non pubblicato", "unpublished"),
    ItemState.suspended: Words("sospeso", "suspended"),
    ItemState.retired: Words("dismesso", "retired"),
}

REQUEST_STATE_NAMES = {
    RequestState.requested: Words("in attesa", "waiting"),
    RequestState.accepted: Words("accettata", "accepted"),
    RequestState.declined: Words("rifiutata", "declined"),
    RequestState.in_progress: Words("in corso", "in progress"),
    RequestState.completed: Words("conclusa", "completed"),
    RequestState.cancelled: Words("annullata", "cancelled"),
}
