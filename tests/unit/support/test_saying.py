"""What is said at once: something, and not more than is kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.support.domain.saying import LONGEST
from shared.errors import Invalid
from shared.field_messages import in_italian
from tests.unit.support.builders import ASKER, CREATE, NOW, a_request, a_search, contact_of

SAID: dict[str, Callable[[str], object]] = {
    "a message": lambda words: a_request().write("m", words, (), by=ASKER, now=NOW),
    "an answer": lambda words: a_search().answer("a", words, contact_of("Bruno"), by=CREATE, now=NOW),
    "a search": lambda words: a_search(words=words),
}


@pytest.mark.parametrize("say", SAID.values(), ids=list(SAID))
def test_neither_nothing_nor_more_than_is_kept_is_said(say: Callable[[str], object]) -> None:
    say("o" * LONGEST)
    for words in ("", " \n", "o" * (LONGEST + 1)):
        with pytest.raises(Invalid) as refused:
            say(words)
        errors = refused.value.errors.get("content", refused.value.errors)
        assert in_italian(errors["words"][0]) == "La lunghezza deve essere tra 1 e 10000."
