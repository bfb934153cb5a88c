"""The files of the incentives' catalogue and of EU Funding & Tenders, whole: in as a file, out as readers get them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from services.calls.prose import plain_text
from shared.contracts.calls import CallState, CallView, ImportOutcome
from shared.contracts.declaration import to_wire
from shared.folding import folded
from tests.integration.calls.hub import Hub
from tests.unit.calls.builders import PROMOTER
from tests.unit.calls.test_eu_funding_tenders import a_row
from tests.unit.calls.test_incentivi_gov_it import a_record as an_incentive

INCENTIVES = {
    "response": {
        "numFound": 3,
        "start": 0,
        "docs": [
            an_incentive(),
            an_incentive(zs_nid="8", id="x-8", zs_title="Serre", zm_field_activity_sector_value=["Agricoltura"])
            | {"tum_X3b_it_body_ft": ["Serre."], "zs_field_ateco": "01", "zs_field_open_date": "", "zs_url": None},
            an_incentive(zs_nid="9", id="x-9", zs_field_close_date="domani"),
        ],
    }
}
TOPICS = {
    "results": [
        a_row("cs", "T-1", deadlineDate=["2026-11-26T23:00:00.000+0000"]), a_row("en", "T-2"),
        a_row("en", "T-1", title=["Cooperation & culture"]), {"metadata": {"language": ["en"]}}, a_row("it", "T-1"),
    ],
    "totalResults": 5,
}  # fmt: skip
"""The languages of a topic are far from each other, one says another deadline, and one row has no topic."""


def every_call(hub: Hub, source: str) -> dict[str, CallView]:
    """What staff and readers get of a source's calls, by the source's own id."""
    pages = (
        hub.calls(by=PROMOTER, source=source, state=s, limit=100) for s in (CallState.published, CallState.set_aside)
    )
    return {call.source.external_id: call for page in pages for call in page.items if call.source}


def same_again(hub: Hub, source: str, written: bytes, calls: int) -> None:
    """The same file a second time changes nothing and tells nothing."""
    before = every_call(hub, source)
    hub.forget_events()
    again = hub.imported_file(written, source=source)
    assert (again.new, again.amended, again.unchanged, again.vanished) == (0, 0, calls, 0)
    assert every_call(hub, source) == before
    hub.await_silence()
    assert hub.heard() == []


def said_of(call: CallView) -> str:
    """All that a reader finds in a call, folded."""
    body = plain_text(call.content.body.it) if call.content.body else ""
    return folded(plain_text(json.dumps(to_wire(call), ensure_ascii=False).replace('\\"', '"')) + " " + body)


def test_a_file_of_incentives_is_imported_whole_and_the_broken_record_reported(hub: Hub) -> None:
    written = json.dumps(INCENTIVES).encode()
    run = hub.imported_file(written, source="incentivi-gov-it")
    assert (run.outcome, run.records, run.new, run.set_aside, run.failed) == (ImportOutcome.partial, 3, 2, 1, 1)
    assert [(failure.position, failure.external_id) for failure in run.failures] == [(2, "9")]
    calls = every_call(hub, "incentivi-gov-it")
    assert calls["7"].state is CallState.published
    assert (calls["8"].state, calls["8"].content.opens_at, calls["8"].content.ateco) == (
        CallState.set_aside,
        None,
        "01",
    )
    assert calls["7"].content.ateco == "Editoria di libri (58.11) e, in parte, librerie"
    same_again(hub, "incentivi-gov-it", written, 2)


def test_a_file_of_topics_is_a_call_for_each_with_the_dispute_flagged(hub: Hub) -> None:
    written = json.dumps(TOPICS).encode()
    run = hub.imported_file(written, source="eu-funding-tenders")
    assert (run.outcome, run.records, run.new, run.failed) == (ImportOutcome.partial, 3, 2, 1)
    calls = every_call(hub, "eu-funding-tenders")
    assert (calls["T-1"].content.title.it, calls["T-1"].content.title.en) == ("Title in it", "Cooperation & culture")
    source = calls["T-1"].source
    assert source and [dispute.field for dispute in source.disputes] == ["closes_at"]
    assert calls["T-2"].source and not calls["T-2"].source.disputes
    same_again(hub, "eu-funding-tenders", written, 2)


def test_the_real_incentives_are_imported_whole_with_all_that_a_reader_needs(hub: Hub, real_calls: Path) -> None:
    written = (real_calls.parent / "incentivi_gov_it.json").read_bytes()
    run = hub.imported_file(written, source="incentivi-gov-it")
    assert (run.outcome, run.records, run.new, run.failed) == (ImportOutcome.ok, 7, 7, 0)
    calls = every_call(hub, "incentivi-gov-it")
    for record in json.loads(written)["response"]["docs"]:
        call = calls[record["zs_nid"]]
        lost = [name for name in record if not _is_kept(record, name, said_of(call))]
        assert not lost
        assert call.content.opens_at and call.content.closes_at
        assert call.content.budget and call.content.budget.cents == round(
            float(record["zs_field_budget_allocation"]) * 100
        )
    same_again(hub, "incentivi-gov-it", written, 7)


def test_the_real_topic_is_imported_whole_with_its_dispute(hub: Hub, real_calls: Path) -> None:
    written = (real_calls.parent / "eu_funding_tenders.json").read_bytes()
    run = hub.imported_file(written, source="eu-funding-tenders")
    assert (run.outcome, run.records, run.new) == (ImportOutcome.ok, 1, 1)
    [call] = every_call(hub, "eu-funding-tenders").values()
    for row in json.loads(written)["results"]:
        for name in ("identifier", "callIdentifier", "title", "deadlineModel"):
            assert folded(row["metadata"][name][0]) in said_of(call), name
    disputes = {dispute.field for dispute in call.source.disputes} if call.source else set()
    assert disputes == {"opens_at", "closes_at"}
    same_again(hub, "eu-funding-tenders", written, 1)


_SOLRS_OWN = ("_", "boost", "ds_", "hash", "id", "sm_", "ss_", "timestamp", "tum_X3b_it_output", "zs_rendered_item")
_READ_OTHERWISE = ("zs_body", "zs_field_budget_allocation", "zs_field_open_date", "zs_field_close_date")
"""The text once more with its footnotes' marks; amounts and dates, which readers get as such."""


def _is_kept(record: dict[str, Any], name: str, said: str) -> bool:
    """Whether what a field says is found. The number of a label is not asked for where the label stands beside it."""
    if name.startswith(_SOLRS_OWN) or name in _READ_OTHERWISE or f"{name}_value" in record:
        return True
    values = record[name] if isinstance(record[name], list) else [record[name]]
    return all(folded(plain_text(str(value))) in said for value in values if value)
