"""What a call sets off in the catalogue: its offers are found when it opens, and anew when it says something else."""

from __future__ import annotations

from services.catalogue.domain import CallMatches
from services.catalogue.domain.matching import offers
from services.catalogue.searching import candidates
from shared.contracts.calls import CallAmended, CallOpened, DeadlineExtended
from shared.search import SearchIndex
from shared.storage.work import Work


def match(event: CallOpened | CallAmended | DeadlineExtended, search: SearchIndex, work: Work) -> None:
    """An amendment of a call that has not opened changes nothing yet: it is matched when it opens."""
    sequence = work.message.sequence
    standing = work.matches.get_or_none(event.call_id)
    if standing is None and not isinstance(event, CallOpened):
        return
    if standing is not None and standing.call_sequence > sequence:
        return
    found = offers(event.call, candidates(event.call, search))
    matches = standing or CallMatches(id=event.call_id, call_sequence=sequence)
    if matches.take(event.call, found, sequence=sequence, now=work.now):
        if standing is None:
            work.matches.add(matches)
        else:
            work.matches.save(matches)
