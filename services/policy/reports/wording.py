"""The synthesis in words and figures, as Italian and English readers write them."""

from __future__ import annotations

from dataclasses import dataclass

from babel.dates import format_datetime
from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent

from shared.clock import ROME
from shared.contracts.policy import Figures, Synthesis, SynthesisFilter, SynthesisRow
from shared.contracts.shapes import Money, Text
from shared.contracts.vocabulary import label
from shared.errors import Words

SECONDS_A_DAY = 86_400

TITLE = Words(
    "Dal fabbisogno all'intervento: sintesi per settore e provincia",
    "From need to intervention: synthesis by subsector and province",
)
HUB = Words("Hub Cultura e Creatività – Regione Emilia-Romagna", "Hub Cultura e Creatività – Emilia-Romagna Region")
EVERYTHING = Words("Tutti i settori, tutte le province", "All subsectors, all provinces")
NOTE = Words(
    "Un fabbisogno o una misura di più settori o province conta in ciascuna riga, e una volta sola nel totale. "
    "I fabbisogni uniti ad altri portano lì le loro adesioni. Copertura: fabbisogni con risposta sul totale di quelli "
    "accolti. Bandi e contributi contano dove conta la loro misura.",
    "A need or measure of several subsectors or provinces counts in each row, and once in the total. "
    "Needs merged into others take their endorsements there. Coverage: needs answered of all those accepted. "
    "Calls and grants count where their measure does.",
)
SECTIONS = {
    "total": Words("In totale", "In total"),
    "by_subsector": Words("Per settore", "By subsector"),
    "by_province": Words("Per provincia", "By province"),
    "by_both": Words("Per settore e provincia", "By subsector and province"),
}
MADE = Words("Situazione al {at}", "As of {at}")
SUBSECTOR = Words("Settore", "Subsector")
PROVINCE = Words("Provincia", "Province")
NOTHING_YET = Words("Ancora nessun dato.", "Nothing yet.")

COLUMNS: dict[str, Words] = {
    "submitted": Words("Fabbisogni presentati", "Needs submitted"),
    "under_analysis": Words("Fabbisogni in esame", "Needs under analysis"),
    "accepted": Words("Fabbisogni accolti", "Needs accepted"),
    "answered": Words("Fabbisogni con risposta", "Needs answered"),
    "declined": Words("Fabbisogni respinti", "Needs declined"),
    "merged": Words("Fabbisogni uniti ad altri", "Needs merged"),
    "endorsements": Words("Adesioni", "Endorsements"),
    "measures": Words("Misure", "Measures"),
    "measures_adopted": Words("Misure adottate", "Measures adopted"),
    "calls": Words("Bandi", "Calls"),
    "budgeted": Words("Risorse stanziate", "Money budgeted"),
    "awards": Words("Contributi", "Grants"),
    "awarded": Words("Risorse assegnate", "Money awarded"),
    "coverage": Words("Copertura", "Coverage"),
    "days_to_answer": Words("Giorni fino alla risposta (media)", "Days to an answer (mean)"),
    "median_days_to_answer": Words("Giorni fino alla risposta (mediana)", "Days to an answer (median)"),
}
"""What a line of a table shows, in this order."""


@dataclass(frozen=True)
class Writing:
    """How a reader of one language writes."""

    language: str

    def say(self, words: Words | Text) -> str:
        if isinstance(words, Text):
            return words.in_language(self.language)
        said: str = getattr(words, self.language)
        return said

    @property
    def locale(self) -> str:
        return {"it": "it_IT", "en": "en_GB"}[self.language]

    def number(self, value: float) -> str:
        return str(format_decimal(value, locale=self.locale))

    def in_short(self, value: float) -> str:
        """For the axis of a picture: 900.000, 1,5 Mln."""
        if abs(value) < 1_000_000:
            return self.number(value)
        return str(format_compact_decimal(value, locale=self.locale, fraction_digits=1))

    def money(self, money: Money) -> str:
        return str(format_currency(money.cents / 100, money.currency, locale=self.locale))

    def share(self, value: float | None) -> str:
        return "–" if value is None else str(format_percent(value, "#,##0.0 %", locale=self.locale))

    def days(self, seconds: int | None) -> str:
        return "–" if seconds is None else self.number(round(seconds / SECONDS_A_DAY, 1))

    def made(self, synthesis: Synthesis) -> str:
        at = format_datetime(synthesis.made_at, "d MMMM y, HH:mm", tzinfo=ROME, locale=self.locale)
        return self.say(MADE).format(at=at)

    def columns(self) -> list[str]:
        return [self.say(words) for words in COLUMNS.values()]

    def line(self, figures: Figures) -> list[str]:
        """A line of a table for people, in the order of `COLUMNS`."""
        needs, measures = figures.needs, figures.measures
        counts = (needs.submitted, needs.under_analysis, needs.accepted, needs.answered, needs.declined, needs.merged)
        drafted = sum(vars(measures).values())
        shown = [*counts, figures.endorsements, drafted, adopted_of(figures), figures.calls]
        return [
            *map(self.number, shown),
            self.money(figures.budgeted),
            self.number(figures.awards),
            self.money(figures.awarded),
            self.share(figures.coverage),
            self.days(figures.mean_seconds_to_answer),
            self.days(figures.median_seconds_to_answer),
        ]

    def name(self, row: SynthesisRow) -> str:
        """Of what a row is."""
        names = [self.say(words) for words in (row.subsector_label, row.province_label) if words]
        return ", ".join(names)

    def scope(self, wanted: SynthesisFilter) -> str:
        """What a synthesis was asked about."""
        said = [self.say(label(member)) for member in (wanted.subsector, wanted.province) if member]
        return ", ".join(said) or self.say(EVERYTHING)


def adopted_of(figures: Figures) -> int:
    """Measures that were adopted, whatever became of them since."""
    found = figures.measures
    return found.adopted + found.implemented + found.concluded + found.evaluated
