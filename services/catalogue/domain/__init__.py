"""The rules of the catalogue: items and their owners, access requests, laboratories, matching. Pure: no I/O."""

from services.catalogue.domain.access import AccessRequest
from services.catalogue.domain.item import CONFIRMED_FOR, Item
from services.catalogue.domain.laboratory import Laboratory
from services.catalogue.domain.matching import CallMatches, Candidate

__all__ = ["CONFIRMED_FOR", "AccessRequest", "CallMatches", "Candidate", "Item", "Laboratory"]
