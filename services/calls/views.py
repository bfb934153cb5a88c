"""Calls and import runs as readers see them."""

from __future__ import annotations

from datetime import datetime

from services.calls.domain import Call, ImportRun, Source
from shared.contracts.calls import CallPage, CallView, ImportPage, ImportView, SourcePage, SourceView
from shared.storage.repository import Page


def call_view(call: Call, now: datetime) -> CallView:
    return CallView(
        id=call.id,
        version=call.version,
        state=call.state,
        phase=call.phase_at(now),
        state_reason=call.state_reason,
        content=call.content,
        source=call.source,
        relevance=call.relevance,
        created_at=call.created_at,
        published_at=call.published_at,
        vanished_at=call.vanished_at,
        amendments=call.amendments,
    )


def call_page(page: Page[Call], now: datetime) -> CallPage:
    return CallPage(items=tuple(call_view(call, now) for call in page.items), next=page.next, total=page.total)


def import_view(run: ImportRun) -> ImportView:
    return ImportView(
        id=run.id,
        version=run.version,
        source=run.source,
        outcome=run.outcome,
        started_at=run.started_at,
        finished_at=run.finished_at,
        records=run.records,
        done=run.done,
        new=run.new,
        amended=run.amended,
        unchanged=run.unchanged,
        set_aside=run.set_aside,
        vanished=run.vanished,
        failed=run.failed,
        failures=run.failures,
        cause=run.cause,
    )


def import_page(page: Page[ImportRun]) -> ImportPage:
    return ImportPage(items=tuple(import_view(run) for run in page.items), next=page.next, total=page.total)


def source_view(source: Source) -> SourceView:
    return SourceView(
        id=source.id,
        version=source.version,
        title=source.title,
        format=source.format,
        url=source.url,
        every_minutes=source.every_minutes,
        active=source.active,
        health=source.health,
        cause=source.cause,
        failures_in_a_row=source.failures_in_a_row,
        last_run_at=source.last_run_at,
        last_success_at=source.last_success_at,
        last_change_at=source.last_change_at,
        next_run_at=source.next_run_at,
        last_import_id=source.last_import_id,
        records=source.records,
        new=source.new,
        amended=source.amended,
        failed=source.failed,
    )


def source_page(sources: list[Source]) -> SourcePage:
    return SourcePage(items=tuple(map(source_view, sources)), next=None, total=len(sources))
