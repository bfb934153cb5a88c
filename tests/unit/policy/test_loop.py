"""The loop from need to intervention is closed by events: nobody waits for another service."""

from __future__ import annotations

import inspect

from services.policy.service import PolicyService
from shared.messaging.ask import Ask


def test_policy_asks_no_other_service():
    assert not inspect.getmembers(PolicyService, lambda member: isinstance(member, Ask))
