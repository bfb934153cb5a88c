"""One tax code, one organisation: in the hub, or on its way in."""

from __future__ import annotations

from collections.abc import Sequence

from services.membership.domain.organisation import TaxCodeTaken
from shared.storage.repository import in_pieces
from shared.storage.work import Work


def require_free(
    tax_code: str, work: Work, *, organisation_id: str | None = None, application_id: str | None = None
) -> None:
    """Refuse a tax code that a member or a running application holds, other than the one it is asked for.

    Unique indexes hold the same rule against two requests at the same moment. Raises `TaxCodeTaken`.
    """
    if work.organisations.has_tax_code(tax_code, but=organisation_id) or work.applications.has_tax_code(
        tax_code, but=application_id
    ):
        raise TaxCodeTaken(tax_code=tax_code)


def tax_codes_taken(tax_codes: Sequence[str], work: Work) -> set[str]:
    """Those that a member or a running application holds, found a few at a time."""
    taken: set[str] = set()
    for some in in_pieces(tax_codes):
        taken |= work.organisations.tax_codes_among(some) | work.applications.tax_codes_among(some)
    return taken
