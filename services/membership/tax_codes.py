"""One tax code, one organisation: in the hub, or on its way in."""

from __future__ import annotations

from services.membership.domain.organisation import TaxCodeTaken
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
