"""The directory as a table."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import datetime, timezone

from services.membership.exports import as_table
from tests.unit.membership.builders import an_affiliate


def test_a_member_belongs_to_the_hub_since_a_day_in_rome() -> None:
    after_midnight = datetime(2026, 6, 30, 22, 30, tzinfo=timezone.utc)
    [line] = csv.DictReader(as_table([replace(an_affiliate(), member_since=after_midnight)]).splitlines())
    assert line["member_since"] == "2026-07-01"


def test_what_a_spreadsheet_would_calculate_is_shown_as_text() -> None:
    affiliate = an_affiliate()
    named = replace(affiliate, profile=replace(affiliate.profile, name="=1+1"))
    [line] = csv.DictReader(as_table([named]).splitlines())
    assert line["name"] == "'=1+1"
