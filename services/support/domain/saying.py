"""How much is said at once: a request and a search are kept whole, with all that both sides have written."""

from __future__ import annotations

from shared.errors import Invalid

LONGEST = 10_000
"""Characters of one message or answer: two hundred of them are half of what the database keeps as one document."""


def require_said(words: str, *within: str) -> None:
    """Raises `Invalid` where nothing is said, or more than fits; `within`: the fields around `words`."""
    if words.strip() and len(words) <= LONGEST:
        return
    errors: dict[str, object] = {"words": [f"Length must be between 1 and {LONGEST}."]}
    for field in reversed(within):
        errors = {field: errors}
    raise Invalid(errors=errors)
