"""Handing e-mails over by SMTP, over connections that are kept and used again."""

from __future__ import annotations

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


class Refused(Exception):
    """The server said no. `for_good`: trying again is pointless; `address`: because of the recipient's address."""

    def __init__(self, code: int, reply: str, *, address: bool = False) -> None:
        self.for_good = 500 <= code < 600
        self.address = address
        super().__init__(f"{code} {reply}"[:400])


class Unreachable(Exception):
    """The server cannot be reached, or ended the conversation before it took the message."""


class _Connection:
    def __init__(self, server: MailServer) -> None:
        context = ssl.create_default_context()
        if server.tls:
            self.smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=_SECONDS, context=context)
        else:
            self.smtp = smtplib.SMTP(server.host, server.port, timeout=_SECONDS)
            if server.starttls:
                self.smtp.starttls(context=context)
        if server.user:
            self.smtp.login(server.user, server.password or "")
        self.carried = 0
        self.used = time.monotonic()

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
    smtp.ehlo_or_helo_if_needed()
    code, said = smtp.mail(sender)
    if code >= 400:
        raise Refused(code, _words(said))
    code, said = smtp.rcpt(recipient)
    if code >= 400:
        raise Refused(code, _words(said), address=True)
    code, said = smtp.data(message.as_bytes(policy=SMTP))
    if code != 250:
        raise Refused(code, _words(said))


def _words(reply: bytes | str) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
