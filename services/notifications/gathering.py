"""What gathers: digests at each person's hour, and reminders before deadlines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.notifications.domain.digests import Digest, Reminders
from services.notifications.domain.inbox import Entry
from services.notifications.domain.mail import GATHERED_AT_MOST, Mail, MailKind
from services.notifications.domain.preferences import DEFAULTS, Way
from services.notifications.domain.telling import is_still_wanted
from services.notifications.telling import post_entries
from shared import clock
from shared.contracts import calls
from shared.contracts.notifications import Cadence, Channel
from shared.storage.work import Work

_DIGESTS_AT_ONCE = 25
_OVER = (calls.CallClosed, calls.CallSuspended, calls.CallWithdrawn)


def make_digests(work: Work) -> int:
    """Make the digests whose hour has come, of some people; how many people."""
    due = work.digests.due(work.now, limit=_DIGESTS_AT_ONCE)
    for digest in due:
        _make(digest, work)
        work.digests.save(digest)
    return len(due)


def _make(digest: Digest, work: Work) -> None:
    preferences = work.preferences.of(digest.id)
    for cadence, until in digest.due(now=work.now):
        begins = {way: digest.begins(way, cadence) for way in DEFAULTS if preferences.cadence(*way) is cadence}
        if begins:
            _tell_of_period(digest.id, cadence, begins, until, work)
        digest.made(cadence, until, begins)
    digest.plan(preferences.digest, now=work.now)


def _tell_of_period(
    person_id: str, cadence: Cadence, begins: Mapping[Way, datetime], until: datetime, work: Work
) -> None:
    """Tell what has gathered up to an instant of what comes by these ways, by each from an instant of its own."""
    gathered = work.entries.gathered(person_id, after=min(begins.values()), until=until)
    messages = work.messages_told.by_id(entry.event_id for entry in gathered)
    reader = work.audience.reader(person_id)

    def worth_telling(channel: Channel) -> list[Entry]:
        return [
            entry
            for entry in gathered
            if entry.created_at > begins.get((entry.category, channel), until)
            and entry.event_id in messages
            and is_still_wanted(entry, messages[entry.event_id], reader)
        ]

    if by_mail := worth_telling(Channel.email):
        work.mails.add(_mail(person_id, by_mail, cadence, work))
    if posted := worth_telling(Channel.webhook):
        post_entries(person_id, posted, messages, work)


def _mail(person_id: str, entries: list[Entry], cadence: Cadence, work: Work) -> Mail:
    shown = entries[-GATHERED_AT_MOST:]
    return Mail(
        id=f"{cadence.value}:{person_id}:{work.now:%Y%m%dT%H%M%S}",
        person_id=person_id,
        kind=MailKind.digest,
        entries=tuple(entry.id for entry in shown),
        more=len(entries) - len(shown),
        created_at=work.now,
        due_at=work.now,
    )


# --- reminders --------------------------------------------------------------------------------------------


def plan_reminders(event: Any, sequence: int, work: Work) -> None:
    """What a call says now decides when its watchers are reminded."""
    card: calls.CallCard = event.call
    standing = work.reminders.get_or_none(card.id)
    plan = standing or Reminders(id=card.id, title=card.title, issuer=card.issuer)
    if isinstance(event, _OVER):
        plan.stop(sequence=sequence)
    else:
        closes_at = clock.deadline(card.closes_at) if card.closes_at else None
        plan.plan(
            title=card.title, issuer=card.issuer, url=card.url, closes_at=closes_at, sequence=sequence, now=work.now
        )
    if standing:
        work.reminders.save(plan)
    else:
        work.reminders.add(plan)


def remind(work: Work) -> int:
    """Tell the reminders whose time has come; how many calls."""
    due = work.reminders.due(work.now, limit=50)
    for reminders in due:
        reminders.tell(now=work.now)
        work.reminders.save(reminders)
    return len(due)
