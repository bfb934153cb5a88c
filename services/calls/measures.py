"""What a call says at first that carries a policy measure out: staff complete the draft."""

from __future__ import annotations

from html import escape

from shared.contracts.calls import CallContent
from shared.contracts.policy import MeasureAdopted
from shared.contracts.shapes import LongText, Text
from shared.contracts.vocabulary import CallType, Topic
from shared.errors import Words

_OBJECTIVES = Words("Obiettivi", "Objectives")
_INSTRUMENTS = Words("Strumenti", "Instruments")


def content_for(event: MeasureAdopted) -> CallContent:
    """In the name of who adopted the measure; its dates and terms are still to be written."""
    measure = event.measure
    return CallContent(
        type=CallType.funding,
        title=measure.title,
        summary=measure.summary,
        body=LongText(*(_body_of(event, language) for language in ("it", "en"))),
        issuer=event.by.organisation_name,
        subsectors=measure.subsectors,
        topics=(Topic.culture,),
        recipients=measure.beneficiaries,
        provinces=measure.provinces,
        budget=measure.budget,
        measure_id=measure.id,
    )


def _body_of(event: MeasureAdopted, language: str) -> str:
    parts = ((_OBJECTIVES, event.measure.objectives), (_INSTRUMENTS, event.measure.instruments))
    return "".join(_list_of(getattr(name, language), texts, language) for name, texts in parts if texts)


def _list_of(name: str, texts: tuple[Text, ...], language: str) -> str:
    items = "".join(f"<li>{escape(text.in_language(language))}</li>" for text in texts)
    return f"<h3>{escape(name)}</h3><ul>{items}</ul>"
