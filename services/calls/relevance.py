"""Whether an imported call matters to culture and creativity, why, and to which subsectors: rules in
`relevance_rules.json`.

A call is relevant by one of the rules' `topics`, by a word of a rule that `decides`, or by a sector of activity its
source names: a `sector` decides only where few are named, since a call for every sector is for none in particular.
Words are sought in title, programme and summary, and in the body too by rules that say `in_body`: a long body mentions
culture in passing. `words` are sought in Italian texts, `words_en` in English ones. They are compared folded (no
capitals, accents or signs); `*` stands for any ending. What is `not_meant` (cultura d'impresa) is passed over. A rule's
`subsector` is given to the call whether the rule decides or only hints; a relevant call without any is
interdisciplinary. What is for other regions alone is never relevant.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from services.calls.prose import plain_text
from shared.contracts.calls import CallContent, Relevance
from shared.contracts.shapes import Text
from shared.contracts.vocabulary import Province, Subsector, Topic, label
from shared.folding import folded


@dataclass(frozen=True)
class Judgement:
    relevance: Relevance
    subsectors: tuple[Subsector, ...]


@dataclass(frozen=True)
class Rule:
    """Words that show what a call is about."""

    name: Text
    words: dict[str, re.Pattern[str]]
    """By language."""
    subsector: Subsector | None
    decides: bool
    in_body: bool


_IN = {
    "title": ("nel titolo", "in the title"),
    "programme": ("nel programma", "in the programme"),
    "summary": ("nel sommario", "in the summary"),
    "body": ("nel testo", "in the body"),
}


@dataclass(frozen=True)
class Sector:
    """A sector of activity by the name a source gives it."""

    named: re.Pattern[str]
    subsector: Subsector | None


class Rules:
    """The rules of one version, ready to be applied."""

    def __init__(self, written: dict) -> None:
        self.version: str = written["version"]
        self._topics = [Topic(code) for code in written["topics"]]
        self._not_meant = _any_of(written["not_meant"])
        self._rules = [
            Rule(
                name=Text(**rule["name"]),
                words={"it": _any_of(rule["words"]), "en": _any_of(rule.get("words_en", []))},
                subsector=Subsector(rule["subsector"]) if "subsector" in rule else None,
                decides=rule.get("decides", False),
                in_body=rule.get("in_body", False),
            )
            for rule in written["rules"]
        ]
        self._few_sectors: int = written["few_sectors"]
        self._sectors = [
            Sector(_any_of([sector["named"]]), Subsector(sector["subsector"]) if "subsector" in sector else None)
            for sector in written["sectors"]
        ]

    def judge(self, content: CallContent, sectors: Sequence[str] = ()) -> Judgement:
        """The decision on a call, with every reason for it, and the subsectors its words show. `sectors`: those of
        activity that its source names.
        """
        reasons = [_topic_reason(topic) for topic in self._topics if topic in content.topics]
        shown: set[Subsector] = set()
        for name, sector in self._named(sectors):
            reasons.append(_sector_reason(name))
            shown |= {sector.subsector} if sector.subsector else set()
        texts = self._texts(content)
        for rule in self._rules:
            for place, language, text in texts:
                found = rule.words[language].search(text) if place != "body" or rule.in_body else None
                if found is None:
                    continue
                if rule.subsector is not None:
                    shown.add(rule.subsector)
                if rule.decides:
                    reasons.append(_word_reason(found.group(), place, rule))
                break
        if content.provinces == (Province.outside,):
            reasons, refusal = [], _ELSEWHERE
        else:
            refusal = self._no_reason()
        if reasons and not shown:
            shown = {Subsector.interdisciplinary}
        return Judgement(
            relevance=Relevance(relevant=bool(reasons), reasons=tuple(reasons) or (refusal,)),
            subsectors=tuple(subsector for subsector in Subsector if subsector in shown),
        )

    def _named(self, sectors: Sequence[str]) -> Iterator[tuple[str, Sector]]:
        """The sectors that decide, where few are named."""
        if len(sectors) <= self._few_sectors:
            for name in sectors:
                yield from ((name, sector) for sector in self._sectors if sector.named.fullmatch(folded(name)))

    def _texts(self, content: CallContent) -> list[tuple[str, str, str]]:
        """Where, in which language, and what is written, folded and without what is not meant. An English text that
        stands for the Italian one too is read as English.
        """
        long = [("summary", content.summary), ("body", content.body)]
        written = [
            ("title", "it", content.title.it if content.title.it != content.title.en else ""),
            ("title", "en", content.title.en or ""),
            ("programme", "it", content.programme or ""),
            ("programme", "en", content.programme or ""),
            *((place, "it", _plain(place, text.it)) for place, text in long if text and text.it != text.en),
            *((place, "en", _plain(place, text.en)) for place, text in long if text and text.en),
        ]
        return [(place, language, self._not_meant.sub(" ", folded(text))) for place, language, text in written if text]

    def _no_reason(self) -> Text:
        return Text(
            it=f"Nessuna materia e nessuna parola della cultura e della creatività (regole {self.version}).",
            en=f"No topic and no word of culture and creativity (rules {self.version}).",
        )


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Any of these words or phrases, as a whole, in a folded text; of none: nothing."""
    choices = "|".join(re.escape(word).replace(r"\*", r"\w*") for word in words)
    return re.compile(rf"\b(?:{choices or '(?!)'})\b")


def _plain(place: str, text: str | None) -> str:
    return plain_text(text or "") if place == "body" else text or ""


def _topic_reason(topic: Topic) -> Text:
    it, en = label(topic)
    return Text(it=f"Materia del bando: {it}.", en=f"Topic of the call: {en}.")


def _sector_reason(name: str) -> Text:
    return Text(it=f"Settore di attività: {name}.", en=f"Sector of activity: {name}.")


_ELSEWHERE = Text(it="Riservato a territori di altre regioni.", en="For places in other regions alone.")


def _word_reason(found: str, place: str, rule: Rule) -> Text:
    it, en = _IN[place]
    return Text(it=f"«{found}» {it} (regola: {rule.name.it}).", en=f"“{found}” {en} (rule: {rule.name.en}).")


RULES = Rules(json.loads(files(__package__).joinpath("relevance_rules.json").read_text("utf-8")))
"""The rules in force."""
