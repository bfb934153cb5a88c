"""Sources asked on their schedule: one is taken, asked outside any unit of work, what it said settled in another.

Who takes a source says until when (`Source.begin`): if that process dies, or another replica looks meanwhile, the
source is asked once all the same, or again when its time is over.
"""

from __future__ import annotations

from functools import partial

from pymongo.errors import PyMongoError

from services.calls import importing
from services.calls.domain import Source
from services.calls.fetching import Fetched, Manners, SourceFailed, fetch, unreadable
from services.calls.importers import IMPORTERS
from services.calls.relevance import RULES
from shared.contracts.calls import AddSource
from shared.errors import HubError, Invalid, Refusal, Unavailable, Words
from shared.settings import settings
from shared.storage.work import Units, Work
from shared.telemetry import log


class AlreadyASource(Refusal):
    title = Words("Fonte già presente", "Source already there")
    words = Words("Esiste già una fonte «{id}».", "There is a source “{id}” already.")


def added(command: AddSource, work: Work) -> Source:
    """A new source, asked from now on."""
    if command.format not in IMPORTERS:
        raise Invalid(errors={"format": [f"Must be one of: {', '.join(IMPORTERS)}."]})
    if command.id == "hub" or work.sources.known(command.id):
        raise AlreadyASource(id=command.id)
    source = Source(
        id=command.id,
        format=command.format,
        title=command.title,
        url=command.url,
        every_minutes=command.every_minutes,
        active=True,
        next_run_at=work.now,
    )
    work.sources.keep(source)
    return source


def ask_next(units: Units, manners: Manners) -> int:
    """Ask the source that is due the longest. How many were asked: 0 when none is due."""
    source = units.perform(_take)
    if source is None:
        return 0
    try:
        fetched = fetch(IMPORTERS[source.format], source.url, source.validators, manners)
        units.perform(partial(_settle, source.id, fetched))
    except (PyMongoError, Unavailable):
        raise  # the database's failure, not the source's: it is asked again when its time is over
    except Exception as error:
        units.perform(partial(_note_failure, source.id, _failure(error, source)))
    return 1


def _failure(error: Exception, source: Source) -> SourceFailed:
    """Why a source has failed, also by what nobody foresaw: whatever it answers, it is told how it is doing."""
    if isinstance(error, SourceFailed):
        failure = error
    elif isinstance(error, Invalid):
        failure = unreadable(error)
    elif isinstance(error, HubError):
        failure = SourceFailed(*error.detail)
    else:
        log.error("a source defeats its importer", source=source.id, exc_info=error)
        failure = unreadable(error)
    log.warning("a source failed", source=source.id, cause=str(failure))
    return failure


def manners() -> Manners:
    """Those of this installation: where it is developed and tested, sources may be on its own machine."""
    found = settings()
    return Manners(private_addresses=found.environment != "production", sender=found.founder_email)


def _take(work: Work) -> Source | None:
    source: Source | None = work.sources.due(work.now)
    if source is not None:
        source.begin(read_as=IMPORTERS[source.format].ways(RULES.version), now=work.now)
        work.sources.keep(source)
    return source


def _settle(source_id: str, fetched: Fetched, work: Work) -> None:
    source = work.sources.of(source_id)
    if fetched.pages:
        run = importing.begin(source, IMPORTERS[source.format].open_pages(fetched.pages), work)
        source.has_answered(run.id, fetched.validators, now=work.now)
        if run.is_over:
            source.was_imported(run, now=work.now)
    else:
        source.has_nothing_new(now=work.now)
    work.sources.keep(source)


def _note_failure(source_id: str, failure: SourceFailed, work: Work) -> None:
    source = work.sources.of(source_id)
    source.has_failed(failure.cause, come_back_after=failure.come_back_after, now=work.now)
    work.sources.keep(source)
