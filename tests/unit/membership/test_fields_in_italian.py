"""What membership says of a field is told in Italian as well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.membership.domain import scoring
from services.membership.domain.expression_of_interest import ExpressionOfInterest
from services.membership.domain.profile import settled
from services.membership.importing.table import lines_of
from shared.contracts.membership import Points, Seat
from shared.contracts.vocabulary import Province
from shared.errors import Invalid
from shared.field_messages import in_italian
from tests.unit.membership.builders import LATER, NOW, a_profile, a_window, an_open_interest

HEADING = "name,tax_code,kind,municipality,province,email,administrator_email"


@pytest.mark.parametrize(
    "refused",
    [
        lambda: _drafted(closes_at=NOW, criteria=(), minimum_score=101, reviewer_ids=(), term_months=0),
        lambda: _drafted().publish(now=NOW + timedelta(days=400)),
        lambda: an_open_interest().extend(LATER, now=NOW),
        lambda: scoring.fitting((), a_window().criteria),
        lambda: scoring.fitting([Points(criterion="quality", points=61), _SERVICES], a_window().criteria),
        lambda: settled(a_profile(seat=Seat(municipality="Gotham", province=Province.FC))),
        lambda: list(lines_of(f"{HEADING},colour,name\n")),
        lambda: list(lines_of("name\n")),
        lambda: list(lines_of(f'{HEADING}\n"Alfa\n')),
    ],
)
def test_no_message_about_a_field_stays_english(refused: Callable[[], Any]) -> None:
    with pytest.raises(Invalid) as error:
        refused()
    said = list(_messages(error.value.errors))
    assert said
    assert [message for message in said if in_italian(message) == message] == []


_SERVICES = Points(criterion="services", points=0)


def _drafted(**changes: Any) -> ExpressionOfInterest:
    return ExpressionOfInterest.draft(id="window", content=a_window(**changes), now=NOW)


def _messages(errors: Any) -> Iterator[str]:
    if isinstance(errors, str):
        yield errors
    else:
        for inner in errors.values() if isinstance(errors, dict) else errors:
            yield from _messages(inner)
