"""The hub as the tests of calls ask it: calls drafted, published and imported, and what was told of each."""

from __future__ import annotations

from typing import Any

from shared.contracts.calls import (
    CallContent,
    CallPage,
    CallView,
    DraftCall,
    GetCall,
    GetImport,
    ImportCalls,
    ImportOutcome,
    ImportView,
    ListCalls,
    PublishCall,
)
from shared.identity import ANYBODY, Principal
from tests.running import Site, Surroundings
from tests.servers import wait_until
from tests.unit.calls.builders import PROMOTER, SUPPORT_BODY


class Hub(Surroundings):
    """The platform around the calls service, in which the promoter asks."""

    def __init__(self, site: Site) -> None:
        super().__init__(site, "calls", usually=PROMOTER)

    def published(self, content: CallContent) -> CallView:
        draft = self.ask(DraftCall(content=content))
        return self.ask(PublishCall(call_id=draft.id, expected_version=draft.version))

    def call(self, call_id: str, *, by: Principal = PROMOTER) -> CallView:
        return self.ask(GetCall(call_id=call_id), by=by)

    def calls(self, *, by: Principal = ANYBODY, **wanted: Any) -> CallPage:
        return self.ask(ListCalls(**wanted), by=by)

    def titles(self, **wanted: Any) -> list[str]:
        return [call.content.title.it for call in self.calls(**wanted).items]

    def imported(self, document: Any, *, by: Principal = SUPPORT_BODY) -> ImportView:
        """The finished run of an import of this document."""
        run = self.ask(ImportCalls(source="emilia-romagna", document=document), by=by)
        return self.finished(run.id)

    def finished(self, import_id: str, seconds: float = 60) -> ImportView:
        """A run, once it is over."""
        runs: list[ImportView] = []

        def over() -> bool:
            runs.append(self.ask(GetImport(import_id=import_id)))
            return runs[-1].outcome is not ImportOutcome.running

        wait_until(over, "the import ends", seconds)
        return runs[-1]

    # --- hearing

    def heard(self, call_id: str | None = None) -> list[str]:
        """The names of what was published so far (about this call), in the order it came."""
        return [type(event).__name__ for _, event in self.events() if call_id in (None, event.call_id)]

    def told_of_each(self) -> dict[str, list[str]]:
        """As `heard`, of every call by its id."""
        told: dict[str, list[str]] = {}
        for _, event in self.events():
            told.setdefault(event.call_id, []).append(type(event).__name__)
        return told

    def await_event(self, call_id: str, name: str, seconds: float = 10.0) -> Any:
        """The first event of this name about this call, once it has come."""
        wait_until(lambda: name in self.heard(call_id), f"{name} is published", seconds)
        return next(e for _, e in self.events() if e.call_id == call_id and type(e).__name__ == name)
