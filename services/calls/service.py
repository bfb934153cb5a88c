"""The calls service: what it is asked, and what it does by the clock."""

from __future__ import annotations

from dataclasses import replace

from services.calls import importing, measures, retelling, sources
from services.calls.applications import procedure
from services.calls.applications.choosing import SelectionPart
from services.calls.applications.repository import KEPT as APPLICATIONS
from services.calls.applications.service import ApplicationsPart
from services.calls.domain import Call, Source
from services.calls.exports.service import ExportsPart
from services.calls.importers import IMPORTERS
from services.calls.prose import as_kept
from services.calls.records import RecordRepository
from services.calls.repository import CallRepository, ImportRepository, SourceRepository
from services.calls.views import call_page, call_view, import_page, import_view, source_page, source_view
from shared import clock
from shared.contracts import calls as contracts
from shared.contracts import policy
from shared.contracts.files import FileReceipt
from shared.contracts.replay import Retold
from shared.contracts.rights import STAFF
from shared.errors import IdempotencyKeyReused, Invalid
from shared.identity import Principal
from shared.messaging.operations import operation
from shared.messaging.replay import retell
from shared.messaging.schedule import Every, every
from shared.messaging.subscribe import subscribe
from shared.storage.media_types import RECORDS
from shared.storage.work import UnitOfWork, Work

AT_ONCE = 500
"""Calls opened, warned of and closed in one unit of work: a second's work, a third of what the lease on it lasts. Where
that is not enough another replica begins the same, and one of the two starts over.
"""


class CallsService(ApplicationsPart, SelectionPart, ExportsPart):
    """Public calls, from first draft or import to the archive."""

    name = "calls"
    work = UnitOfWork(
        calls=CallRepository,
        imports=ImportRepository,
        records=RecordRepository,
        sources=SourceRepository,
        **APPLICATIONS,
    )

    # --- writing calls ------------------------------------------------------------------------------------

    @operation(contracts.DraftCall)
    def draft_call(self, command: contracts.DraftCall, work: Work) -> contracts.CallView:
        call = Call.draft(work.new_id(), as_kept(command.content), by=work.caller, now=work.now)
        work.calls.add(call)
        return call_view(call, work.now)

    @subscribe(policy.MeasureAdopted)
    def draft_call_for_measure(self, event: policy.MeasureAdopted, work: Work) -> None:
        adopter = Principal(organisation_id=event.by.organisation_id)
        content = as_kept(measures.content_for(event))
        work.calls.add(Call.draft(work.new_id(), content, by=adopter, now=work.now))

    @operation(contracts.ReviseCall)
    def revise_call(self, command: contracts.ReviseCall, work: Work) -> contracts.CallView:
        call = work.calls.get(command.call_id, expected_version=command.expected_version)
        call.require_writer(work.caller)
        content = as_kept(command.content)
        procedure.require_sayable(call, content, work)
        if call.revise(content, now=work.now):
            work.calls.save(call)
        return call_view(call, work.now)

    @operation(contracts.SubmitCallForReview)
    def submit_call_for_review(self, command: contracts.SubmitCallForReview, work: Work) -> contracts.CallView:
        call = work.calls.get(command.call_id, expected_version=command.expected_version)
        call.require_writer(work.caller)
        call.submit_for_review()
        work.calls.save(call)
        return call_view(call, work.now)

    @operation(contracts.PublishCall)
    def publish_call(self, command: contracts.PublishCall, work: Work) -> contracts.CallView:
        call = work.calls.get(command.call_id, expected_version=command.expected_version)
        call.publish(now=work.now)
        work.calls.save(call)
        return call_view(call, work.now)

    @operation(contracts.DecideRelevance)
    def decide_relevance(self, command: contracts.DecideRelevance, work: Work) -> contracts.CallView:
        call = work.calls.get(command.call_id, expected_version=command.expected_version)
        call.decide_relevance(relevant=command.relevant, reason=command.reason, by=work.caller, now=work.now)
        work.calls.save(call)
        return call_view(call, work.now)

    @operation(contracts.ExtendDeadline)
    def extend_deadline(self, command: contracts.ExtendDeadline, work: Work) -> contracts.CallView:
        call = work.calls.get(command.call_id, expected_version=command.expected_version)
        procedure.require_reopenable(call, work)
        call.extend_deadline(clock.deadline(command.closes_at), now=work.now)
        work.calls.save(call)
        return call_view(call, work.now)

    @operation(contracts.SuspendCall)
    def suspend_call(self, command: contracts.SuspendCall, work: Work) -> contracts.CallView:
        call = work.calls.get(command.call_id, expected_version=command.expected_version)
        call.suspend(command.reason, now=work.now)
        work.calls.save(call)
        return call_view(call, work.now)

    @operation(contracts.ResumeCall)
    def resume_call(self, command: contracts.ResumeCall, work: Work) -> contracts.CallView:
        call = work.calls.get(command.call_id, expected_version=command.expected_version)
        call.resume(now=work.now)
        work.calls.save(call)
        return call_view(call, work.now)

    @operation(contracts.WithdrawCall)
    def withdraw_call(self, command: contracts.WithdrawCall, work: Work) -> contracts.CallView:
        call = work.calls.get(command.call_id, expected_version=command.expected_version)
        call.withdraw(command.reason, now=work.now)
        work.calls.save(call)
        return call_view(call, work.now)

    @operation(contracts.ArchiveCall)
    def archive_call(self, command: contracts.ArchiveCall, work: Work) -> contracts.CallView:
        call = work.calls.get(command.call_id, expected_version=command.expected_version)
        procedure.require_all_answered(call, work)
        call.archive(now=work.now)
        work.calls.save(call)
        return call_view(call, work.now)

    # --- reading calls ------------------------------------------------------------------------------------

    @operation(contracts.GetCall)
    def get_call(self, query: contracts.GetCall, work: Work) -> contracts.CallView:
        return call_view(work.calls.readable(query.call_id, caller=work.caller), work.now)

    @operation(contracts.ListCalls)
    def list_calls(self, query: contracts.ListCalls, work: Work) -> contracts.CallPage:
        drafted_by = None
        if query.state is not None and not STAFF.met_by(work.caller):
            contracts.DRAFTERS.require(work.caller)
            drafted_by = work.caller.organisation_id
        page = call_page(work.calls.matching(query, now=work.now, drafted_by=drafted_by), work.now)
        if not query.facets:
            return page
        return replace(page, facets=work.calls.facets(query, now=work.now, drafted_by=drafted_by))

    @operation(contracts.RetellCalls)
    def retell_calls(self, query: contracts.RetellCalls, work: Work) -> Retold:
        return retell(work.calls, query.cursor, retelling.call_again, among=retelling.TOLD)

    # --- time ---------------------------------------------------------------------------------------------

    @every(seconds=0.5)
    def open_and_close_calls_on_time(self, work: Work) -> int:
        calls = work.calls.due(work.now, limit=AT_ONCE)
        for call in calls:
            call.advance(work.now)
        work.calls.save_advanced(calls)
        return len(calls)

    # --- imports ------------------------------------------------------------------------------------------

    @operation(contracts.ImportCalls)
    def import_calls(self, command: contracts.ImportCalls, work: Work) -> contracts.ImportView:
        source = self._source_to_import(command.source, work)
        run = importing.begin(source, IMPORTERS[source.format].open_pages([command.document]), work)
        if run.is_over:
            source.was_imported(run, now=work.now)
            work.sources.keep(source)
        return import_view(run)

    @operation(contracts.ImportCallsFile)
    def import_calls_file(self, piece: contracts.ImportCallsFile, work: Work) -> FileReceipt:
        source, known = self._source_to_import(piece.source, work), work.imports.get_or_none(piece.upload_id)
        if known and not known.unread:
            raise IdempotencyKeyReused()  # its file is gone: it would come in once more
        receipt: FileReceipt = work.files.receive(piece, accepted=RECORDS, limit=contracts.IMPORT_LIMIT)
        if receipt.file and known is None:
            importing.begin_with_file(source, receipt.file.id, work)
        return receipt

    @operation(contracts.GetImport)
    def get_import(self, query: contracts.GetImport, work: Work) -> contracts.ImportView:
        return import_view(work.imports.get(query.import_id))

    @operation(contracts.ListImports)
    def list_imports(self, query: contracts.ListImports, work: Work) -> contracts.ImportPage:
        return import_page(work.imports.newest(query))

    @every(seconds=0.3)
    def carry_out_imports(self, work: Work) -> int:
        return importing.carry_out(work)

    @staticmethod
    def _source_to_import(id_: str, work: Work) -> Source:
        source: Source | None = work.sources.known(id_)
        if source is None:
            raise Invalid(errors={"source": ["There is no such source: see ListSources."]})
        return source

    # --- sources ------------------------------------------------------------------------------------------

    @operation(contracts.ListSources)
    def list_sources(self, query: contracts.ListSources, work: Work) -> contracts.SourcePage:
        return source_page(work.sources.all())

    @operation(contracts.GetSource)
    def get_source(self, query: contracts.GetSource, work: Work) -> contracts.SourceView:
        return source_view(work.sources.of(query.source_id))

    @operation(contracts.AddSource)
    def add_source(self, command: contracts.AddSource, work: Work) -> contracts.SourceView:
        return source_view(sources.added(command, work))

    @operation(contracts.ChangeSource)
    def change_source(self, command: contracts.ChangeSource, work: Work) -> contracts.SourceView:
        source = work.sources.of(command.source_id, expected_version=command.expected_version)
        source.change(url=command.url, every_minutes=command.every_minutes, active=command.active, now=work.now)
        work.sources.keep(source)
        return source_view(source)

    @operation(contracts.AskSourceNow)
    def ask_source_now(self, command: contracts.AskSourceNow, work: Work) -> contracts.SourceView:
        source = work.sources.of(command.source_id)
        source.ask_now(now=work.now)
        work.sources.keep(source)
        return source_view(source)

    @Every.decorator(seconds=1)
    def ask_sources_on_schedule(self) -> int:
        """Outside any unit of work: a source may take its time."""
        return sources.ask_next(self.work, sources.manners())
