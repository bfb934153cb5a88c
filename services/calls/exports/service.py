"""What calls answers to other programs: feeds and exports."""

from __future__ import annotations

from services.calls.applications.domain import Award
from services.calls.domain import Call
from services.calls.exports.atom import feed
from services.calls.exports.calendar import calendar
from services.calls.exports.grants import grants_package
from services.calls.exports.releases import release_package
from services.calls.exports.table import awards_table, calls_table
from shared.contracts import calls as contracts
from shared.contracts.calls import AwardState, CallFilter, CallState
from shared.contracts.rights import STAFF
from shared.contracts.shapes import TextDocument
from shared.errors import NotFound, Words
from shared.messaging.operations import operation
from shared.storage.repository import Page, in_pieces
from shared.storage.work import Work

AT_ONCE = 1000
"""Calls, or awards, in one document; what follows has an address of its own."""
IN_FEED = 100


class NothingToExport(NotFound):
    title = Words("Niente da esportare", "Nothing to export")
    words = Words(
        "Non c'è ancora niente da esportare: il formato non ammette un documento vuoto.",
        "There is nothing to export yet: the format admits no empty document.",
    )


class ExportsPart:
    """The operations that answer documents."""

    @operation(contracts.GetCallCalendar)
    def get_call_calendar(self, query: contracts.GetCallCalendar, work: Work) -> TextDocument:
        _require_right_to(query, work)
        taken_back = () if query.state else (CallState.suspended, CallState.withdrawn)
        calls = work.calls.with_deadline(query, *taken_back, now=work.now, limit=AT_ONCE)
        return TextDocument(calendar(calls, query.language))

    @operation(contracts.GetCallFeed)
    def get_call_feed(self, query: contracts.GetCallFeed, work: Work) -> TextDocument:
        return TextDocument(feed(_calls(query, work, limit=IN_FEED).items, query.language))

    @operation(contracts.ExportCallsAsTable)
    def export_calls_as_table(self, query: contracts.ExportCallsAsTable, work: Work) -> TextDocument:
        page = _calls(query, work, cursor=query.cursor)
        return TextDocument(calls_table(page.items, work.now), page.next)

    @operation(contracts.ExportCallsAsReleases)
    def export_calls_as_releases(self, query: contracts.ExportCallsAsReleases, work: Work) -> TextDocument:
        no_longer = () if query.state else (CallState.suspended, CallState.withdrawn, CallState.archived)
        page = _calls(query, work, *no_longer, cursor=query.cursor)
        if not page.items:
            raise NothingToExport()
        awards = _awards_by_call([call.id for call in page.items if call.source is None], work)
        return TextDocument(release_package(page.items, awards, work.now), page.next)

    @operation(contracts.ExportAwardsAsGrants)
    def export_awards_as_grants(self, query: contracts.ExportAwardsAsGrants, work: Work) -> TextDocument:
        page = _awards(work, query.cursor, state=AwardState.granted)
        if not page.items:
            raise NothingToExport()
        issuers = work.calls.issuers_of({award.application.call_id for award in page.items})
        return TextDocument(grants_package(page.items, issuers), page.next)

    @operation(contracts.ExportAwardsAsTable)
    def export_awards_as_table(self, query: contracts.ExportAwardsAsTable, work: Work) -> TextDocument:
        page = _awards(work, query.cursor)
        return TextDocument(awards_table(page.items), page.next)


def _require_right_to(wanted: CallFilter, work: Work) -> None:
    """What is not published is for staff."""
    if wanted.state is not None:
        STAFF.require(work.caller)


def _calls(
    wanted: CallFilter, work: Work, *also: CallState, limit: int = AT_ONCE, cursor: str | None = None
) -> Page[Call]:
    _require_right_to(wanted, work)
    page: Page[Call] = work.calls.newest(wanted, *also, now=work.now, limit=limit, cursor=cursor)
    return page


def _awards_by_call(call_ids: list[str], work: Work) -> dict[str, list[Award]]:
    found: dict[str, list[Award]] = {}
    for some in in_pieces(call_ids):
        for award in work.awards.find({"application.call_id": {"$in": some}}, sort=[("granted_at", 1)]):
            found.setdefault(award.application.call_id, []).append(award)
    return found


def _awards(work: Work, cursor: str | None, *, state: AwardState | None = None) -> Page[Award]:
    asked = {"state": state.value} if state else {}
    page: Page[Award] = work.awards.page(asked, sort=[("granted_at", -1)], limit=AT_ONCE, cursor=cursor)
    return page
