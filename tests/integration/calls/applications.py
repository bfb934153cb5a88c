"""The hub as the tests of applications ask it: calls to apply for, applicants, panels, documents in pieces."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from shared.contracts.calls import (
    AdmitToEvaluation,
    AppointEvaluators,
    ApproveRanking,
    AttachToGrantApplication,
    AwardPage,
    CallContent,
    CallView,
    CheckEligibility,
    CheckRanking,
    CriterionPoints,
    DeclareSelectionTerms,
    DraftCall,
    DraftGrantApplication,
    DrawUpRanking,
    EvaluationView,
    ExtendDeadline,
    GetEvaluation,
    GetGrantApplication,
    GetRanking,
    GetSelection,
    GrantApplicationState,
    GrantApplicationView,
    ListAwards,
    PanelMember,
    PublishCall,
    PublishRanking,
    RankingView,
    ReadGrantApplicationAttachment,
    ScoreApplication,
    SelectionTerms,
    SelectionView,
    SubmitGrantApplication,
)
from shared.contracts.files import PIECE, FileChunk, FileReceipt, as_text
from shared.contracts.shapes import Money
from shared.identity import ANYBODY, Principal
from shared.telemetry import new_id
from tests.integration.calls.hub import Hub
from tests.servers import wait_until
from tests.unit.calls.applying import APPLICANT, EVALUATORS, an_applicant, asks, points, terms
from tests.unit.calls.builders import PROMOTER, SUPPORT_BODY, a_content

SECOND_PROMOTER = replace(PROMOTER, person_id="a-second-promoter", name="Bruna")
OPENING = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)
DEADLINE = datetime(2026, 11, 30, 12, 0, tzinfo=timezone.utc)
"""13:00 in Rome."""
KEPT = (
    "applications", "selections", "evaluations", "rankings", "awards", "registers", "belongings",
    "fs.files", "fs.chunks", "fs.uploads",
)  # fmt: skip


class Office:
    """The part of the hub that takes applications."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    # --- calls

    def call(self, *, declared: SelectionTerms | None = None, **content: Any) -> CallView:
        """An open call that takes applications until 30 November 2026 at 13:00:00, with its panel."""
        said: CallContent = a_content(**{"opens_at": OPENING, "closes_at": DEADLINE, **content})
        draft = self.hub.ask(DraftCall(content=said))
        declared = declared or terms()
        selection = self.hub.ask(DeclareSelectionTerms(call_id=draft.id, terms=declared))
        self.appoint(draft.id, EVALUATORS[: max(declared.evaluators, 2)], version=selection.version)
        return self.hub.ask(PublishCall(call_id=draft.id, expected_version=draft.version))

    def declares(self, call: CallView, terms: SelectionTerms) -> SelectionView:
        """Other terms than were declared before."""
        version = self.hub.ask(GetSelection(call_id=call.id)).version
        return self.hub.ask(DeclareSelectionTerms(call_id=call.id, terms=terms, expected_version=version))

    def appoint(self, call_id: str, panel: tuple[PanelMember, ...], *, version: int) -> None:
        self.hub.ask(AppointEvaluators(call_id=call_id, expected_version=version, panel=panel))

    def closes(self, call: CallView) -> None:
        """Let the call's deadline pass."""
        assert call.content.closes_at
        self.hub.set_clock(call.content.closes_at + timedelta(seconds=2))

    def extended(self, call: CallView, closes_at: datetime) -> CallView:
        """A closed call, open again."""
        version = self.noted_as_closed(call).version
        return self.hub.ask(ExtendDeadline(call_id=call.id, expected_version=version, closes_at=closes_at))

    def noted_as_closed(self, call: CallView) -> CallView:
        """A closed call, once it was told of: no step of its own changes it any more."""
        wait_until(lambda: "CallClosed" in self.hub.heard(call.id), "the call is closed")
        return self.hub.call(call.id)

    # --- applications

    def drafted(self, call: CallView, by: Principal = APPLICANT, **content: Any) -> GrantApplicationView:
        return self.hub.ask(DraftGrantApplication(call_id=call.id, content=asks(**content)), by=by)

    def submitted(self, call: CallView, by: Principal = APPLICANT, **content: Any) -> GrantApplicationView:
        draft = self.drafted(call, by, **content)
        return self.does(SubmitGrantApplication, draft, by=by)

    def registered(self, call: CallView, by: Principal = APPLICANT, **content: Any) -> GrantApplicationView:
        """One with its protocol number."""
        return self.awaited(self.submitted(call, by, **content), GrantApplicationState.registered)

    def in_evaluation(self, call: CallView, by: Principal = APPLICANT, **content: Any) -> GrantApplicationView:
        return self.admitted(self.submitted(call, by, **content))

    def admitted(self, application: GrantApplicationView) -> GrantApplicationView:
        """One that was handed in, once it is admitted to evaluation."""
        registered = self.awaited(application, GrantApplicationState.registered)
        checked = self.does(CheckEligibility, registered, by=SUPPORT_BODY)
        return self.does(AdmitToEvaluation, checked, by=SUPPORT_BODY)

    def scored(self, application: GrantApplicationView, quality: int, impact: int) -> GrantApplicationView:
        """The same scores by each of its evaluators."""
        for evaluator in EVALUATORS[:2]:
            self.score(application, evaluator, points(quality, impact))
        return application

    def score(
        self, application: GrantApplicationView, by: PanelMember, given: tuple[CriterionPoints, ...], **acting: Any
    ) -> Any:
        command = ScoreApplication(call_id=application.call_id, application_id=application.id, points=given)
        return self.hub.ask(command, by=replace(Principal(person_id=by.person_id), **acting))

    def does(
        self, command: type, application: GrantApplicationView, *, by: Principal = APPLICANT, **fields: Any
    ) -> GrantApplicationView:
        """A command about an application as it was last seen."""
        return self.hub.ask(
            command(
                call_id=application.call_id,
                application_id=application.id,
                expected_version=application.version,
                **fields,
            ),
            by=by,
        )

    def seen(self, application: GrantApplicationView, *, by: Principal = SUPPORT_BODY) -> GrantApplicationView:
        return self.hub.ask(GetGrantApplication(call_id=application.call_id, application_id=application.id), by=by)

    def awaited(
        self, application: GrantApplicationView, state: GrantApplicationState, *, by: Principal = SUPPORT_BODY
    ) -> GrantApplicationView:
        """An application, once it is in this state."""
        found: list[GrantApplicationView] = []

        def there() -> bool:
            found[:] = [self.seen(application, by=by)]
            return found[0].state is state

        wait_until(there, f"the application is {state.value}")
        return found[0]

    def evaluation(self, application: GrantApplicationView, *, by: Principal) -> EvaluationView:
        return self.hub.ask(GetEvaluation(call_id=application.call_id, application_id=application.id), by=by)

    # --- rankings

    def closed_with(self, *projects: tuple[int, int, int]) -> tuple[CallView, list[GrantApplicationView]]:
        """A closed call with an evaluated application for each: quality, impact, euros asked for."""
        call = self.call()
        applications = []
        for n, (quality, impact, euros) in enumerate(projects):
            content = {"requested": Money(euros * 100), "total_cost": Money(euros * 200)}
            application = self.in_evaluation(call, by=an_applicant(f"org-{n}"), **content)
            applications.append(self.scored(application, quality, impact))
        self.closes(call)
        return call, applications

    def ranking(self, call: CallView, *, by: Principal = PROMOTER) -> RankingView:
        return self.hub.ask(GetRanking(call_id=call.id), by=by)

    def draws_up(self, call: CallView) -> RankingView:
        return self.hub.ask(DrawUpRanking(call_id=call.id), by=SUPPORT_BODY)

    def decides(self, command: type, ranking: RankingView, *, by: Principal = PROMOTER) -> RankingView:
        """A command about a ranking as it was last seen."""
        return self.hub.ask(command(call_id=ranking.id, expected_version=ranking.version), by=by)

    def approved(self, call: CallView) -> RankingView:
        """A ranking drawn up, checked and approved."""
        return self.decides(ApproveRanking, self.decides(CheckRanking, self.draws_up(call), by=SUPPORT_BODY))

    def published(self, call: CallView) -> RankingView:
        return self.decides(PublishRanking, self.approved(call))

    def awards(self, call: CallView, **wanted: Any) -> AwardPage:
        return self.hub.ask(ListAwards(call_id=call.id, **wanted), by=ANYBODY)

    # --- hearing

    def told(self) -> list[str]:
        """The names of what was told so far, in the order it came."""
        return [type(event).__name__ for _, event in self.hub.events()]

    def told_as(self, kind: type) -> list[Any]:
        """What was told of this kind."""
        return [event for _, event in self.hub.events() if isinstance(event, kind)]

    # --- documents

    def sends(
        self,
        application: GrantApplicationView,
        name: str,
        content: bytes,
        *,
        by: Principal = APPLICANT,
        upload_id: str | None = None,
    ) -> FileReceipt:
        """A whole file, piece after piece: the last receipt."""
        upload_id = upload_id or new_id()
        receipt = FileReceipt(received=0)
        for offset in range(0, max(len(content), 1), PIECE):
            receipt = self.sends_piece(application, name, content, offset, by=by, upload_id=upload_id)
        return receipt

    def sends_piece(
        self,
        application: GrantApplicationView,
        name: str,
        content: bytes,
        offset: int,
        *,
        upload_id: str,
        by: Principal = APPLICANT,
    ) -> FileReceipt:
        piece = AttachToGrantApplication(
            call_id=application.call_id,
            application_id=application.id,
            upload_id=upload_id,
            name=name,
            offset=offset,
            content=as_text(content[offset : offset + PIECE]),
            last=offset + PIECE >= len(content),
        )
        return self.hub.ask(piece, by=by)

    def read(self, application: GrantApplicationView, file_id: str, *, by: Principal = APPLICANT) -> bytes:
        """A whole file, read piece after piece."""
        content = b""
        while True:
            query = ReadGrantApplicationAttachment(
                call_id=application.call_id, application_id=application.id, file_id=file_id, offset=len(content)
            )
            chunk: FileChunk = self.hub.ask(query, by=by)
            piece = b64decode(chunk.content)
            content += piece
            if not piece or len(content) >= chunk.file.size:
                return content
