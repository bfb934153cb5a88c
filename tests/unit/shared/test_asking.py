"""A service asks others for what it declares: anything else is a mistake in its code, and is named at once."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from shared.contracts import calls, membership
from shared.messaging.ask import Ask


def test_what_is_asked_and_not_declared_never_leaves_the_service() -> None:
    ask = Ask(membership.GetOrganisation)
    assert ask.asks == ("membership.get_organisation",)
    asking = ask.get_dependency(SimpleNamespace(data={}))
    with pytest.raises(TypeError, match=r"calls\.get_call is asked and not declared: ask = Ask\(GetCall\)"):
        asking(calls.GetCall(call_id="01a2044f-e27d-74d9-9c9d-f1e14dc06b78"))
