"""Handing e-mails over by SMTP, over connections that are kept and used again."""

from __future__ import annotations

import re
import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP

import eventlet

from services.notifications.settings import MailServer

_SECONDS = 20.0
_LONGEST = 90.0
"""For a message from first to last word: well within the claim of who sends it, or another would send it as well."""
_IDLE_SECONDS = 45.0
_MESSAGES = 100
"""How many one connection carries: servers end connections that never do."""
_OF_AN_ADDRESS = frozenset({550, 551, 553, 556})
_OF_SOMETHING_ELSE = re.compile(r"5\.(2\.[23]|[3567]\.)")
"""Enhanced codes (RFC 3463) of a mailbox that is full, a server in trouble, a policy: others are written to all the
same, and this one another time."""


class Refused(Exception):
    """The server said no to a message. `for_good`: trying again is pointless; `address`: nobody is reached there."""

    def __init__(self, code: int, reply: str, *, address: bool = False) -> None:
        self.for_good = 500 <= code < 600
        self.address = address
        super().__init__(f"{code} {reply}"[:400])


class Unreachable(Exception):
    """No server that would take any message: it cannot be reached, ends the conversation, or wants none of ours."""


def mailbox(address: str) -> str:
    """The address as servers know it, its domain in ASCII. Raises `Refused` for one that has no such form."""
    name, _, domain = address.rpartition("@")
    try:
        return f"{name.encode('ascii').decode()}@{domain.encode('idna').decode()}"
    except UnicodeError:
        raise Refused(553, "5.6.7 the address has letters that e-mail servers do not know", address=True) from None


class _Connection:
    def __init__(self, server: MailServer) -> None:
        context = ssl.create_default_context()
        if server.tls:
            self.smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=_SECONDS, context=context)
        else:
            self.smtp = smtplib.SMTP(server.host, server.port, timeout=_SECONDS)
        try:
            self._introduce_ourselves(server, context)
        except BaseException:
            self.smtp.close()
            raise
        self.carried = 0
        self.used = time.monotonic()

    def _introduce_ourselves(self, server: MailServer, context: ssl.SSLContext) -> None:
        if server.starttls and not server.tls:
            self.smtp.starttls(context=context)
        if server.user:
            self.smtp.login(server.user, server.password or "")
        self.smtp.ehlo_or_helo_if_needed()

    @property
    def usable(self) -> bool:
        if self.carried >= _MESSAGES or time.monotonic() - self.used > _IDLE_SECONDS:
            return False
        try:
            return self.smtp.noop()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def close(self) -> None:
        with suppress(smtplib.SMTPException, OSError):
            self.smtp.quit()


class SmtpPool:
    """Connections to one server, used again one after the other."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._idle: list[_Connection] = []

    def send(self, message: EmailMessage, sender: str, recipient: str) -> None:
        """Hand one message over: when this returns, the server has taken it. Raises `Refused`, `Unreachable`."""
        too_long = Unreachable(f"the server was not done with a message within {_LONGEST:.0f} s")
        with eventlet.Timeout(_LONGEST, too_long), self._connection() as connection:
            _say(connection.smtp, message, sender, recipient)
            connection.carried += 1

    @contextmanager
    def _connection(self) -> Iterator[_Connection]:
        connection = self._take()
        try:
            yield connection
        except Refused:
            with suppress(smtplib.SMTPException, OSError):
                connection.smtp.rset()
            self._give_back(connection)
            raise
        except smtplib.SMTPResponseException as error:
            connection.close()
            raise Refused(error.smtp_code, _words(error.smtp_error)) from error
        except (smtplib.SMTPException, OSError) as error:
            connection.close()
            raise Unreachable(str(error) or type(error).__name__) from error
        except BaseException:
            connection.smtp.close()  # no word of farewell to a server that has kept us waiting
            raise
        else:
            self._give_back(connection)

    def _take(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                return connection
            connection.close()
        try:
            return _Connection(self._server)
        except smtplib.SMTPResponseException as error:
            raise Unreachable(f"{error.smtp_code} {_words(error.smtp_error)}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(str(error) or type(error).__name__) from error

    def _give_back(self, connection: _Connection) -> None:
        connection.used = time.monotonic()
        self._idle.append(connection)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()


def _say(smtp: smtplib.SMTP, message: EmailMessage, sender: str, recipient: str) -> None:
    """One SMTP transaction, so that it is known at which of its steps the server says no."""
    code, said = smtp.mail(sender)
    if code >= 400:
        raise Unreachable(f"{code} {_words(said)}")  # of who sends: no message's fault, and mended by the operator
    code, said = smtp.rcpt(recipient)
    if code >= 400:
        raise Refused(code, _words(said), address=_is_of_the_address(code, _words(said)))
    code, said = smtp.data(message.as_bytes(policy=SMTP))
    if code != 250:
        raise Refused(code, _words(said))


def _is_of_the_address(code: int, reply: str) -> bool:
    """Whether a recipient is refused because nobody is reached there, rather than for what the server makes of us: else
    one that is set up wrong would have every address of the hub suppressed."""
    return code in _OF_AN_ADDRESS and not _OF_SOMETHING_ELSE.match(reply)


def _words(reply: bytes | str) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
