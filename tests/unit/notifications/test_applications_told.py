"""Who is told of applications to calls."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.notifications.table import NOTICES
from shared.contracts import calls
from shared.contracts.declaration import all_events
from tests.contracts.test_declarations import example


def test_a_draft_that_is_taken_back_is_nobodys_business_but_its_organisations() -> None:
    [shape] = [event.shape for event in all_events() if event.shape.type is calls.ApplicationWithdrawn]
    withdrawn: Any = example(shape, whole=True)
    draft = replace(withdrawn, application=replace(withdrawn.application, protocol=None))
    [concern] = NOTICES[calls.ApplicationWithdrawn].concerns
    assert callable(concern)
    assert list(concern(draft, None)) == []
