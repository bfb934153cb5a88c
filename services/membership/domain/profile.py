"""What an organisation says of itself, as the hub keeps it: places by their official name, nothing said twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from shared.contracts.membership import Profile, Seat
from shared.contracts.membership.territory import municipality_named
from shared.contracts.vocabulary import Province, label
from shared.errors import Invalid, Words
from shared.folding import folded


class NotAMunicipality(Invalid):
    words = Words(
        "{name} non è un comune della provincia indicata ({province_it}).",
        "{name} is not a municipality of the province given ({province_en}).",
    )


def settled(profile: Profile) -> Profile:
    """The profile with the municipality as ISTAT writes it, and no competence or subsector twice.

    Raises `NotAMunicipality`, for a seat in the Region whose municipality is not in the list or not in its province.
    """
    return replace(
        profile,
        seat=_settled(profile.seat),
        subsectors=tuple(dict.fromkeys(profile.subsectors)),
        competences=_each_once(profile.competences),
    )


def _settled(seat: Seat) -> Seat:
    if seat.province is Province.outside:
        return seat
    found = municipality_named(seat.municipality)
    if found is None or found.province is not seat.province:
        province = label(seat.province)
        message = f"Not a municipality of {province.en}: see /v1/municipalities."
        raise NotAMunicipality(
            errors={"profile": {"seat": {"municipality": [message]}}},
            name=seat.municipality,
            province_it=province.it,
            province_en=province.en,
        )
    return replace(seat, municipality=found.name)


def _each_once(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple({folded(line): line for line in reversed(tuple(lines)) if folded(line)}.values())[::-1]
