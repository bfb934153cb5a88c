"""Instants, amounts and lengths as people read them."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.wording import amount, closing, days, moment, plain, shortened, spoken
from shared.contracts.shapes import Text
from shared.errors import Words


@pytest.mark.parametrize(
    ("instant", "italian"),
    [
        ((2026, 1, 5, 22, 59), "lunedì 5 gennaio 2026, ore 23:59"),
        ((2026, 7, 4, 22, 30), "domenica 5 luglio 2026, ore 00:30"),
        ((2026, 2, 1, 8, 5), "domenica 1º febbraio 2026, ore 09:05"),
        ((2026, 3, 29, 0, 59), "domenica 29 marzo 2026, ore 01:59"),
        ((2026, 3, 29, 1, 0), "domenica 29 marzo 2026, ore 03:00"),
    ],
)
def test_an_instant_reads_as_the_clock_in_rome_shows_it(instant: tuple[int, ...], italian: str) -> None:
    assert moment(datetime(*instant, tzinfo=timezone.utc)).it == italian  # type: ignore[arg-type, misc]


def test_an_instant_reads_in_english_with_its_time_zone() -> None:
    noon = datetime(2026, 2, 1, 11, 0, tzinfo=timezone.utc)

    assert moment(noon).en == "Sunday 1 February 2026, 12:00 (Rome time)"


def test_a_deadline_at_midnight_is_the_end_of_that_day() -> None:
    midnight_in_rome = datetime(2026, 4, 9, 22, 0, tzinfo=timezone.utc)

    assert closing(midnight_in_rome).it == "venerdì 10 aprile 2026, ore 23:59"


@pytest.mark.parametrize(
    ("cents", "currency", "words"),
    [
        (0, "EUR", Words("0,00 €", "€0.00")),
        (5, "EUR", Words("0,05 €", "€0.05")),
        (123_456_789, "EUR", Words("1.234.567,89 €", "€1,234,567.89")),
        (100, "USD", Words("1,00 USD", "USD 1.00")),
    ],
)
def test_an_amount_reads(cents: int, currency: str, words: Words) -> None:
    assert amount(cents, currency) == words


def test_an_amount_too_great_for_a_float_reads_to_the_cent() -> None:
    assert amount(10**17 + 1, "EUR").it == "1.000.000.000.000.000,01 €"


def test_one_day_is_not_days() -> None:
    assert (days(1), days(7)) == (Words("1 giorno", "1 day"), Words("7 giorni", "7 days"))


def test_italian_stands_in_where_there_is_no_english() -> None:
    assert spoken(Text("Musica")) == Words("Musica", "Musica")
    assert spoken(Text("Musica", "Music")) == Words("Musica", "Music")


def test_formatted_text_reads_without_its_formatting() -> None:
    assert (
        plain("<h2>Chi</h2><p>Enti &amp; imprese,<br>costi &lt; 5&nbsp;000</p>") == "Chi Enti & imprese, costi < 5 000"
    )


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("breve", 5, "breve"),
        ("una frase lunga", 12, "una frase…"),
        ("precipitevolissimevolmente", 10, "precipite…"),
    ],
)
def test_a_text_is_shortened_between_words(text: str, limit: int, short: str) -> None:
    assert shortened(text, limit) == short


@given(text=st.text(alphabet="ab \n", max_size=60), limit=st.integers(2, 40))
def test_a_shortened_text_keeps_its_limit_and_its_beginning(text: str, limit: int) -> None:
    short = shortened(text, limit)

    assert len(short) <= limit
    assert text.startswith(short.removesuffix("…"))
