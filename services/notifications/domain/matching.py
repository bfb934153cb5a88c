"""What interests whom: a call or an item beside the interests and the saved searches of people."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from functools import cache

from shared.contracts.aggregate import Aggregate
from shared.contracts.notifications import Interests, SavedSearchView, SearchCriteria, SearchedKind
from shared.contracts.shapes import Text
from shared.contracts.vocabulary import CallType, Province, Subsector, Topic, label
from shared.errors import Invalid, Refusal, Words
from shared.folding import folded

SEARCHES_OF_ONE_PERSON = 50


class TooManySearches(Refusal):
    title = Words("Troppe ricerche salvate", "Too many saved searches")
    words = Words("Si possono salvare al massimo {limit} ricerche.", "At most {limit} searches can be saved.")


class SearchAsksNothing(Refusal):
    title = Words("La ricerca non chiede nulla", "The search asks for nothing")
    words = Words("Indica almeno una parola o un filtro.", "Give at least a word or a filter.")


@dataclass(frozen=True, kw_only=True)
class Matter:
    """What a call or an item is about."""

    over: SearchedKind
    id: str
    subsectors: tuple[Subsector, ...] = ()
    topics: tuple[Topic, ...] = ()
    provinces: tuple[Province, ...] = ()
    call_type: CallType | None = None
    words: str = ""
    """Title, summary and competences in every language, folded (see `shared.folding`), with a space before each."""


def reasons_to_hear_of(matter: Matter, interests: Interests) -> tuple[Text, ...]:
    """Why this call interests somebody, in words; nothing, where it does not (see `Interests` for the rule)."""
    themes: list[Enum] = [
        *(subsector for subsector in interests.subsectors if subsector in matter.subsectors),
        *(topic for topic in interests.topics if topic in matter.topics),
        *(call_type for call_type in interests.call_types if call_type == matter.call_type),
    ]
    places: list[Enum] = [province for province in interests.provinces if province in matter.provinces]
    elsewhere = interests.provinces and matter.provinces and not places
    chose_themes = interests.subsectors or interests.topics or interests.call_types
    if elsewhere or (chose_themes and not themes):
        return ()
    return tuple(_among_interests(match) for match in themes + places)


@cache
def _among_interests(choice: Enum) -> Text:
    it, en = label(choice)
    return Text(f"Tra i tuoi interessi: {it}", f"Among your interests: {en}")


@dataclass(kw_only=True)
class SavedSearch(Aggregate):
    """One person's search, asked again of everything that is new or has changed."""

    person_id: str
    name: str
    criteria: SearchCriteria
    saved_at: datetime
    found: int = 0

    @classmethod
    def save(cls, id_: str, person_id: str, name: str, criteria: SearchCriteria, *, now: datetime) -> SavedSearch:
        """Raises `SearchAsksNothing`, `Invalid`."""
        return cls(id=id_, person_id=person_id, name=name, criteria=_settled(criteria), saved_at=now)

    def revise(self, name: str, criteria: SearchCriteria) -> None:
        """Raises `SearchAsksNothing`, `Invalid`."""
        self.name, self.criteria = name, _settled(criteria)

    def view(self, found: int) -> SavedSearchView:
        return SavedSearchView(
            id=self.id,
            version=self.version,
            name=self.name,
            criteria=self.criteria,
            saved_at=self.saved_at,
            found=found,
        )


def _settled(criteria: SearchCriteria) -> SearchCriteria:
    """The criteria with nothing named twice. Raises `SearchAsksNothing` (signs alone are no words: such a search would
    find whatever there is) and `Invalid` (what only calls have finds no item)."""
    asked = (
        folded(criteria.words or ""),
        criteria.subsectors,
        criteria.topics,
        criteria.provinces,
        criteria.call_types,
    )
    if not any(asked):
        raise SearchAsksNothing()
    if criteria.over is SearchedKind.catalogue and (
        of_calls := [name for name in ("topics", "call_types") if getattr(criteria, name)]
    ):
        raise Invalid(errors={"criteria": {name: ["Only calls have it."] for name in of_calls}})
    return replace(
        criteria,
        subsectors=tuple(dict.fromkeys(criteria.subsectors)),
        topics=tuple(dict.fromkeys(criteria.topics)),
        provinces=tuple(dict.fromkeys(criteria.provinces)),
        call_types=tuple(dict.fromkeys(criteria.call_types)),
    )


@dataclass(frozen=True, kw_only=True)
class Search:
    """A saved search as it is asked: its words folded."""

    id: str
    name: str
    words: tuple[str, ...] = ()
    subsectors: tuple[Subsector, ...] = ()
    topics: tuple[Topic, ...] = ()
    provinces: tuple[Province, ...] = ()
    call_types: tuple[CallType, ...] = ()

    @classmethod
    def of(cls, saved: SavedSearch) -> Search:
        asked = saved.criteria
        return cls(
            id=saved.id,
            name=saved.name,
            words=tuple(folded(asked.words or "").split()),
            subsectors=asked.subsectors,
            topics=asked.topics,
            provinces=asked.provinces,
            call_types=asked.call_types,
        )

    def finds(self, matter: Matter) -> bool:
        """Whether every criterion is met, each by any of its values."""
        return (
            _meet(self.subsectors, matter.subsectors)
            and _meet(self.topics, matter.topics)
            and (not self.call_types or matter.call_type in self.call_types)
            and (not matter.provinces or _meet(self.provinces, matter.provinces))
            and all(f" {word}" in matter.words for word in self.words)
        )

    @property
    def reason(self) -> Text:
        return Text(f"La tua ricerca salvata: {self.name}"[:500], f"Your saved search: {self.name}"[:500])


def _meet(wanted: tuple[Enum, ...], given: tuple[Enum, ...]) -> bool:
    return not wanted or any(each in given for each in wanted)


# --- where the interested are looked for ------------------------------------------------------------------


def topics_of_interests(interests: Interests) -> tuple[str, ...]:
    """Where somebody with these interests is found."""
    return (
        *(f"interest:subsector={each.value}" for each in interests.subsectors),
        *(f"interest:topic={each.value}" for each in interests.topics),
        *(f"interest:province={each.value}" for each in interests.provinces),
        *(f"interest:type={each.value}" for each in interests.call_types),
    )


def topics_of_the_interested(matter: Matter) -> tuple[str, ...]:
    """Where those are found whom a matter may interest."""
    types = (matter.call_type,) if matter.call_type else ()
    return topics_of_interests(
        Interests(subsectors=matter.subsectors, topics=matter.topics, provinces=matter.provinces, call_types=types)
    )


def topics_of_search(over: SearchedKind, search: Search) -> tuple[str, ...]:
    """Where a search is found: by the first criterion it has of subsector, topic and type, or else among the rest."""
    for kind, values in (("subsector", search.subsectors), ("topic", search.topics), ("type", search.call_types)):
        if values:
            return tuple(f"search:{over.value}:{kind}={value.value}" for value in values)
    return (f"search:{over.value}:any",)


def topics_of_searches(matter: Matter) -> tuple[str, ...]:
    """Where the searches are found that may find a matter."""
    start = f"search:{matter.over.value}:"
    return (
        f"{start}any",
        *(f"{start}subsector={each.value}" for each in matter.subsectors),
        *(f"{start}topic={each.value}" for each in matter.topics),
        *((f"{start}type={matter.call_type.value}",) if matter.call_type else ()),
    )


def topic_of_watchers(call_id: str) -> str:
    return f"watch:call={call_id}"


def topic_of_drafters(call_id: str) -> str:
    """Those who hold a draft application to a call."""
    return f"draft:call={call_id}"
