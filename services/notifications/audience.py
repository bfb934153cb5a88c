"""Whom an event concerns, and why: each of these finds people for one kind of event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from services.notifications.domain import Concerned, reasons_to_hear_of
from shared.contracts import calls, membership
from shared.contracts.shapes import Text

if TYPE_CHECKING:
    from shared.storage.work import Work

CallEvent = (
    calls.CallOpened
    | calls.CallAmended
    | calls.DeadlineExtended
    | calls.CallClosingSoon
    | calls.CallSuspended
    | calls.CallResumed
    | calls.CallWithdrawn
)
ApplicationEvent = membership.ChangesRequested | membership.ApplicationRejected | membership.AffiliateJoined

_WATCHES = (Text("Segui questo bando", "You watch this call"),)
_APPLIED = (Text("Hai presentato la domanda di adesione", "You applied for membership"),)
_INVITED = (Text("L'invito è al tuo indirizzo e-mail", "The invitation is to your e-mail address"),)


def interested(event: CallEvent, work: Work) -> Iterator[Concerned]:
    """Those whose interests the call meets."""
    for preferences in work.preferences.sharing_something_with(event.call):
        if reasons := reasons_to_hear_of(event.call, preferences.interests):
            yield Concerned(preferences.id, reasons)


def watchers(event: CallEvent, work: Work) -> Iterator[Concerned]:
    """Those who watch the call."""
    for person_id in work.watches.watchers_of(event.call_id):
        yield Concerned(person_id, _WATCHES)


def applicant(event: ApplicationEvent, work: Work) -> Iterator[Concerned]:
    """The person who applied for membership."""
    yield Concerned(event.applicant_id, _APPLIED)


def invited(event: membership.PersonInvited, work: Work) -> Iterator[Concerned]:
    """Whoever is registered under the invited address; nobody, if the hub does not know it yet."""
    for person_id in work.people.with_email(event.email):
        yield Concerned(person_id, _INVITED)
