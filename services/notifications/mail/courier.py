"""The mail courier: takes what is due in hand, hands it over, notes what came of it.

A message is claimed in one unit of work, sent, and settled in another. A process killed before the server has taken the
message loses nothing: the claim lapses and another attempt follows. Killed after the server has said yes and before
that is noted, it will send the message again, with the same Message-ID: the one window in which an e-mail can go out
twice, `hub_mail_doubt_seconds` long.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import eventlet
from nameko.extensions import DependencyProvider
from prometheus_client import Counter, Histogram
from pymongo.errors import PyMongoError

from services.notifications.domain.inbox import UNREAD, Entry, Message
from services.notifications.domain.mail import Address, Mail, MailKind, MailState
from services.notifications.domain.telling import is_still_wanted
from services.notifications.mail.rendering import Letter, Recipient, told
from services.notifications.mail.smtp import Refused, SmtpPool, Unreachable, mailbox
from services.notifications.mail.unsubscribing import token_for
from services.notifications.rounds import Crew
from services.notifications.settings import outgoing_settings
from services.notifications.wording import day
from shared.contracts.notifications import Cadence, Channel
from shared.errors import NoAnswer, Unavailable
from shared.storage.work import Units, Work
from shared.telemetry import log, new_id

_AT_ONCE = 8
_LOOKED_AT = 32
_UNTIL_NOTED_AGAIN = 0.5
_ADDRESS = re.compile(r"[^\s<>(),;:]+@[^\s<>(),;:]+")
_GRACE = timedelta(seconds=1)
"""Mails that domains have room for within this time need no slot of their own."""

MAILS = Counter("hub_mails_total", "E-mails, by what became of an attempt", ["outcome"])
DOUBT = Histogram(
    "hub_mail_doubt_seconds",
    "From the server's yes to the moment it is noted: killed in between, the e-mail is sent again",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
)


class MailCourier(DependencyProvider):
    """Sends the e-mails of one service. One replica at a time is at it, so the rates hold for all of them."""

    def setup(self) -> None:
        self._settings = outgoing_settings()
        server = self._settings.mail_server
        self._pool = SmtpPool(server) if server else None
        self._crew = Crew(_AT_ONCE, to_one=_AT_ONCE)
        self._in_hand: set[str] = set()
        self._slots: dict[str, datetime] = {}
        """By domain: when it takes the next message; no longer than that is to come."""
        if server is None:
            log.warning("no mail server is named (HUB_SMTP_URI): no e-mail is sent")

    def stop(self) -> None:
        self._crew.leave()
        if self._pool:
            self._pool.close()

    def get_dependency(self, worker_ctx: object) -> MailCourier:
        return self

    # --- taking in hand

    def round(self, units: Units) -> int:
        """Take in hand what is due, as far as there are hands; how much was in hand, held back or dropped."""
        if self._crew.await_hands() == 0:
            return 0
        if self._pool is None:
            return units.perform(_drop_all)
        claimed, others, self._slots = units.perform(self._claim)
        for mail, to in claimed:
            self._in_hand.add(mail.id)
            self._crew.take("mail server", self._send, units, mail, to)
        return len(claimed) + others

    def _claim(self, work: Work) -> tuple[list[tuple[Mail, Recipient]], int, dict[str, datetime]]:
        """What may go now, how much else was looked at (what its domain has no room for gets the moment at which it
        has), and those moments."""
        claimed: list[tuple[Mail, Recipient]] = []
        slots = {domain: slot for domain, slot in self._slots.items() if slot > work.now}
        changed: list[Mail] = []
        free = self._crew.free
        for mail in work.mails.due(work.now, limit=_LOOKED_AT):
            if len(claimed) == free:
                break
            if mail.id in self._in_hand:
                continue  # its claim has lapsed, but not for this process: what came of it is not noted yet
            to = _recipient(mail, work)
            if to is None and mail.person_id and not work.people.forgotten([mail.person_id]):
                mail.await_address(now=work.now)
                changed.append(mail)
            elif to is None or work.addresses.get_or_none(to.address):
                mail.drop("no address" if to is None else "the address was refused")
                changed.append(mail)
            elif mail.slot is None and (slot := self._slot(slots, to, work.now)) > work.now + _GRACE:
                mail.hold(slot)
                changed.append(mail)
            else:
                mail.claim(now=work.now)
                changed.append(mail)
                claimed.append((mail, to))
        work.mails.save_many(changed)
        if claimed:
            work.keys.make()
        return claimed, len(changed) - len(claimed), slots

    def _slot(self, slots: dict[str, datetime], to: Recipient, now: datetime) -> datetime:
        """The next moment at which the address's domain takes a message."""
        domain = to.address.rpartition("@")[2]
        slot = slots.get(domain, now)
        slots[domain] = slot + timedelta(minutes=1) / self._settings.mail_per_minute
        return slot

    # --- sending

    def _send(self, units: Units, mail: Mail, to: Recipient) -> None:
        try:
            self._hand_over(units, mail, to)
        finally:
            self._in_hand.discard(mail.id)

    def _hand_over(self, units: Units, mail: Mail, to: Recipient) -> None:
        assert self._pool is not None
        try:
            known = replace(to, address=mailbox(to.address))
            letter = units.read(partial(self._letter, mail, known))
            if letter is None:
                self._settle(units, mail, lambda mail, work: mail.drop("nothing left to tell"), "dropped")
                return
            self._pool.send(letter.write(), self._settings.mail_from, known.address)
        except Refused as refusal:
            self._refused(units, mail, to, refusal)
        except Unreachable as error:
            self._put_off(units, mail, _without_addresses(str(error)))
        except Exception as error:  # or else what cannot be written would be claimed again for ever
            log.exception("an e-mail could not be written or handed over", mail=mail.id)
            self._put_off(units, mail, type(error).__name__)
        else:
            said_yes = time.perf_counter()
            self._settle(units, mail, lambda mail, work: mail.accepted(), "sent")
            DOUBT.observe(time.perf_counter() - said_yes)

    def _put_off(self, units: Units, mail: Mail, reason: str) -> None:
        self._settle(units, mail, lambda mail, work: mail.put_off(reason, now=work.now), "put_off")

    def _refused(self, units: Units, mail: Mail, to: Recipient, refusal: Refused) -> None:
        reason = _without_addresses(str(refusal))
        if not refusal.for_good:
            self._put_off(units, mail, reason)
            return

        def refuse(mail: Mail, work: Work) -> None:
            mail.refuse(reason, now=work.now)
            known = to.person_id is not None and refusal.address
            if known and not work.addresses.get_or_none(to.address):
                work.addresses.add(Address.suppress(to.address, new_id(), to.person_id, reason, now=work.now))

        self._settle(units, mail, refuse, "refused")

    def _settle(self, units: Units, claimed: Mail, settle: Callable[[Mail, Work], None], outcome: str) -> None:
        def note(work: Work) -> None:
            mail = work.mails.get_or_none(claimed.id)
            if mail and mail.state is MailState.sending and mail.attempts == claimed.attempts:
                settle(mail, work)
                work.mails.save(mail)

        while not self._noted(units, note):
            eventlet.sleep(_UNTIL_NOTED_AGAIN)
        MAILS.labels(outcome).inc()

    def _noted(self, units: Units, note: Callable[[Work], None]) -> bool:
        """However long the database is away: what the server has said is known here alone, and is not forgotten."""
        try:
            units.perform(note, seconds=5)
            return True
        except (Unavailable, NoAnswer, PyMongoError):
            log.warning("what came of an e-mail waits for the database to be noted")
            return False

    def _letter(self, mail: Mail, to: Recipient, work: Work) -> Letter | None:
        """None where nothing of it is worth telling any more."""
        if mail.kind is MailKind.letter:
            return self._letter_to_stranger(mail, to, work)
        worth_telling = _worth_telling(mail, work)
        if not worth_telling:
            return None
        category = worth_telling[0][0].category if mail.kind is MailKind.notice else None
        key = work.keys.unsubscribing()
        assert key is not None, "what claims a message sees that there is one"
        token = token_for(key, mail.person_id, category)
        until = day(mail.created_at, work.preferences.of(mail.person_id).digest.time_zone)
        return Letter(
            id=mail.message_id,
            sender=self._settings.mail_from,
            to=to,
            entries=[told(message, entry.reasons, to.language) for entry, message in worth_telling],
            category=category,
            more=mail.more,
            until=until.en if to.language == "en" else until.it,
            unsubscribe_url=f"{self._settings.public_url}/v1/unsubscribe/{token}",
            written_at=work.now,
        )

    def _letter_to_stranger(self, mail: Mail, to: Recipient, work: Work) -> Letter | None:
        """Said once and asked for by somebody: there is nothing to unsubscribe from. None when its time is over."""
        message = work.messages_told.get_or_none(mail.entries[0])
        if message is None or (message.expires_at and message.expires_at <= work.now):
            return None
        return Letter(
            id=mail.message_id,
            sender=self._settings.mail_from,
            to=to,
            entries=[told(message, (), to.language)],
            category=message.category,
            unsubscribe_url=None,
            written_at=work.now,
        )


def _worth_telling(mail: Mail, work: Work) -> list[tuple[Entry, Message]]:
    """All but what is gone, was read meanwhile (of a digest), or is wanted no more."""
    reader = work.audience.reader(mail.person_id)
    entries = [entry for id_ in mail.entries if (entry := work.entries.get_or_none(id_))]
    messages = work.messages_told.by_id(entry.event_id for entry in entries)
    return [
        (entry, message)
        for entry in entries
        if (message := messages.get(entry.event_id))
        and is_still_wanted(entry, message, reader)
        and reader.cadence(entry.category, Channel.email) is not Cadence.never
        and (mail.kind is MailKind.notice or entry.state in UNREAD)
    ]


def _without_addresses(reply: str) -> str:
    """What a server has said: events tell it, and it is kept when the address is not any more."""
    return _ADDRESS.sub("…", reply)


def _recipient(mail: Mail, work: Work) -> Recipient | None:
    """Where it goes; None: nobody is known to whom it could."""
    if mail.to is not None:
        return Recipient(person_id=None, name="", address=mail.to.address, language=mail.to.language)
    person = work.people.get_or_none(mail.person_id)
    return person and Recipient(person_id=person.id, name=person.name, address=person.email, language=person.language)


def _drop_all(work: Work) -> int:
    due = work.mails.due(work.now, limit=_LOOKED_AT)
    for mail in due:
        mail.drop("no mail server")
    work.mails.save_many(due)
    return len(due)
