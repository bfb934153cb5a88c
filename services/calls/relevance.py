"""Whether an imported call matters to culture and creativity, why, and to which subsectors: rules in
`relevance_rules.json`.

A call is relevant by one of the rules' `topics`, or by a word of a rule that `decides`. Words are sought in title and
summary, and in the body too by rules that say `in_body`: a long body mentions culture in passing. They are compared
folded (no capitals, accents or signs); `*` stands for any ending. What is `not_meant` (cultura d'impresa) is passed
over. A rule's `subsector` is given to the call whether the rule decides or only hints; a relevant call without any is
interdisciplinary.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

from services.calls.prose import plain_text
from shared.contracts.calls import CallContent, Relevance
from shared.contracts.shapes import LongText, Text
from shared.contracts.vocabulary import Subsector, Topic, label
from shared.folding import folded


@dataclass(frozen=True)
class Judgement:
    relevance: Relevance
    subsectors: tuple[Subsector, ...]


@dataclass(frozen=True)
class Rule:
    """Words that show what a call is about."""

    name: Text
    words: re.Pattern[str]
    subsector: Subsector | None
    decides: bool
    in_body: bool


_IN = {"title": ("nel titolo", "in the title"), "summary": ("nel sommario", "in the summary")} | {
    "body": ("nel testo", "in the body")
}


class Rules:
    """The rules of one version, ready to be applied."""

    def __init__(self, written: dict) -> None:
        self.version: str = written["version"]
        self._topics = [Topic(code) for code in written["topics"]]
        self._not_meant = _any_of(written["not_meant"])
        self._rules = [
            Rule(
                name=Text(**rule["name"]),
                words=_any_of(rule["words"]),
                subsector=Subsector(rule["subsector"]) if "subsector" in rule else None,
                decides=rule.get("decides", False),
                in_body=rule.get("in_body", False),
            )
            for rule in written["rules"]
        ]

    def judge(self, content: CallContent) -> Judgement:
        """The decision on a call, with every reason for it, and the subsectors its words show."""
        reasons = [_topic_reason(topic) for topic in self._topics if topic in content.topics]
        shown: set[Subsector] = set()
        texts = self._texts(content)
        for rule in self._rules:
            for place, text in texts.items():
                found = rule.words.search(text) if place != "body" or rule.in_body else None
                if found is None:
                    continue
                if rule.subsector is not None:
                    shown.add(rule.subsector)
                if rule.decides:
                    reasons.append(_word_reason(found.group(), place, rule))
                break
        if reasons and not shown:
            shown = {Subsector.interdisciplinary}
        return Judgement(
            relevance=Relevance(relevant=bool(reasons), reasons=tuple(reasons) or (self._no_reason(),)),
            subsectors=tuple(subsector for subsector in Subsector if subsector in shown),
        )

    def _texts(self, content: CallContent) -> dict[str, str]:
        written = {
            "title": content.title.it,
            "summary": content.summary.it if content.summary else "",
            "body": _plain_body(content.body),
        }
        return {place: self._not_meant.sub(" ", folded(text)) for place, text in written.items()}

    def _no_reason(self) -> Text:
        return Text(
            it=f"Nessuna materia e nessuna parola della cultura e della creatività (regole {self.version}).",
            en=f"No topic and no word of culture and creativity (rules {self.version}).",
        )


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Any of these words or phrases, as a whole, in a folded text."""
    return re.compile(r"\b(?:" + "|".join(re.escape(word).replace(r"\*", r"\w*") for word in words) + r")\b")


def _plain_body(body: LongText | None) -> str:
    return plain_text(body.it) if body else ""


def _topic_reason(topic: Topic) -> Text:
    it, en = label(topic)
    return Text(it=f"Materia del bando: {it}.", en=f"Topic of the call: {en}.")


def _word_reason(found: str, place: str, rule: Rule) -> Text:
    it, en = _IN[place]
    return Text(it=f"«{found}» {it} (regola: {rule.name.it}).", en=f"“{found}” {en} (rule: {rule.name.en}).")


RULES = Rules(json.loads(files(__package__).joinpath("relevance_rules.json").read_text("utf-8")))
"""The rules in force."""
