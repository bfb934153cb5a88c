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
from tests.integration.calls.documents import sent_in_pieces
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

    def imported_file(self, content: bytes, *, source: str = "emilia-romagna", name: str = "bandi.json") -> ImportView:
        """The finished run of an import of a file with these bytes."""
        return self.finished(sent_in_pieces(self, source, content, name, by=SUPPORT_BODY))

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
        return [type(event).__name__ for event in self._heard_once() if call_id in (None, _call_of(event))]

    def heard_of_sources(self) -> list[str]:
        return [type(event).__name__ for event in self._heard_once() if hasattr(event, "source_id")]

    def await_event_of_source(self, source_id: str, name: str, seconds: float = 60.0) -> Any:
        """The first event of this name about this source, once it has come."""
        found: list[Any] = []

        def there() -> bool:
            about = (event for _, event in self.events() if getattr(event, "source_id", None) == source_id)
            found[:] = [event for event in about if type(event).__name__ == name]
            return bool(found)

        wait_until(there, f"{name} is published", seconds)
        return found[0]

    def told_of_each(self) -> dict[str, list[str]]:
        """As `heard`, of every call by its id."""
        told: dict[str, list[str]] = {}
        for event in self._heard_once():
            told.setdefault(_call_of(event), []).append(type(event).__name__)
        return told

    def await_event(self, call_id: str, name: str, seconds: float = 60.0) -> Any:
        """The first event of this name about this call, once it has come."""
        wait_until(lambda: name in self.heard(call_id), f"{name} is published", seconds)
        return next(e for _, e in self.events() if _call_of(e) == call_id and type(e).__name__ == name)

    def _heard_once(self) -> list[Any]:
        """What was published, each message once: the relay may bring one again."""
        return list({envelope.id: event for envelope, event in self.events()}.values())


def _call_of(event: Any) -> Any:
    """The call an event speaks of; None where it speaks of something else."""
    return getattr(event, "call_id", None)
