"""Words as they are compared: without accents, capitals and signs."""

from __future__ import annotations

import re
import unicodedata

_ACCENTS = re.compile(r"[\u0300-\u036f]+")
_SIGNS = re.compile(r"[\W_]+")


def folded(text: str) -> str:
    """Lower-case words without accents and signs, one space between them: `L'Età è` → `l eta e`."""
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return _SIGNS.sub(" ", bare).strip()
