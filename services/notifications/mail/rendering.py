"""Writing an e-mail: a plain and an HTML part, in the person's language, with the headers of one-click unsubscribing.

What people wrote goes into the HTML escaped, whatever it holds; only addresses of the web become links.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address as Mailbox
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from services.notifications.domain.inbox import Message
from services.notifications.mail.unsubscribing import name_of
from services.notifications.wording import one_line
from shared.contracts.notifications import Category
from shared.contracts.shapes import Text
from shared.errors import Words

_TEMPLATES = Path(__file__).with_name("templates")
_URL = re.compile(r"https?://[^\s<>\"'«»“”]+[^\s<>\"'«»“”.,;:!?)\]]")
_NAME = "Hub Cultura e Creatività"

_WHY = Words(
    "Ricevi questo messaggio per le tue preferenze: «{name}».", "You get this because of your preferences: “{name}”."
)
_UNEXPECTED = Words(
    "Ricevi questo messaggio una volta sola, perché qualcuno ha dato il tuo indirizzo. Se non te lo aspetti, ignoralo.",
    "You get this message, only once, because somebody has given your address. If you do not expect it, ignore it.",
)
_STOP = Words("Non ricevere più queste e-mail", "Stop these e-mails")
_MORE = Words("E altri {count} messaggi nella tua casella.", "And {count} more messages in your inbox.")
_ONE_MORE = Words("E un altro messaggio nella tua casella.", "And one more message in your inbox.")
_SUBJECT = Words("{count} novità dall'Hub", "{count} news items from the Hub")
_ONE_SUBJECT = Words("Una novità dall'Hub", "One news item from the Hub")
_INTRO = Words("Quello che si è raccolto per te fino al {day}.", "What has gathered for you until {day}.")


@dataclass(frozen=True, kw_only=True)
class Told:
    """One entry as an e-mail shows it."""

    title: str
    body: str
    reasons: tuple[str, ...]


def told(message: Message, reasons: Sequence[Text], language: str) -> Told:
    return Told(
        title=message.title.in_language(language),
        body=message.body.en if language == "en" and message.body.en else message.body.it,
        reasons=tuple(reason.in_language(language) for reason in reasons),
    )


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Whom an e-mail is written to."""

    person_id: str | None
    """None: the hub does not know who holds the address."""
    name: str
    address: str
    language: str


@dataclass(frozen=True, kw_only=True)
class Letter:
    """Everything an e-mail is made from."""

    id: str
    sender: str
    to: Recipient
    entries: Sequence[Told]
    category: Category | None
    """None: a digest."""
    more: int = 0
    until: str = ""
    """A digest's day, in words."""
    unsubscribe_url: str | None
    """None: it is no part of what one can stop."""
    written_at: datetime

    def write(self) -> EmailMessage:
        subject = self._subject()
        parts = {
            "language": self.to.language,
            "subject": subject,
            "preview": self.entries[0].body[:140],
            "intro": self._words(_INTRO).format(day=self.until) if self.category is None else "",
            "entries": self.entries,
            "more": self._more(),
            "why": self._why(),
            "stop": self._words(_STOP),
            "unsubscribe_url": self.unsubscribe_url,
        }
        message = EmailMessage()
        message["From"] = Mailbox(_NAME, addr_spec=self.sender)
        message["To"] = Mailbox(one_line(_printable(self.to.name))[:100], addr_spec=self.to.address)
        message["Subject"] = subject
        message["Date"] = format_datetime(self.written_at)
        message["Message-ID"] = f"<{self.id}@{self.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        if self.unsubscribe_url:
            message["List-Unsubscribe"] = f"<{self.unsubscribe_url}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(_text.get_template("page.txt.j2").render(parts), cte="quoted-printable")
        html = _html.get_template("page.html.j2").render(parts)
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        message["Content-Language"] = self.to.language  # not before: setting the content takes it away again
        return message

    def _subject(self) -> str:
        if self.category is not None:
            return one_line(_printable(self.entries[0].title))[:200]
        count = len(self.entries) + self.more
        return self._words(_SUBJECT).format(count=count) if count > 1 else self._words(_ONE_SUBJECT)

    def _why(self) -> str:
        if self.unsubscribe_url is None:
            return self._words(_UNEXPECTED)
        return self._words(_WHY).format(name=name_of(self.category).in_language(self.to.language))

    def _more(self) -> str:
        if not self.more:
            return ""
        return self._words(_MORE).format(count=self.more) if self.more > 1 else self._words(_ONE_MORE)

    def _words(self, words: Words) -> str:
        return words.en if self.to.language == "en" else words.it


def _printable(text: str) -> str:
    """Without the signs that would end a header."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _linked(text: str) -> Markup:
    """Escaped, with the web addresses in it as links."""
    parts, at = [], 0
    for found in _URL.finditer(text):
        address = escape(found[0])
        parts += [escape(text[at : found.start()]), Markup(f'<a href="{address}" style="color:#1f3a5f;">{address}</a>')]
        at = found.end()
    return Markup("").join([*parts, escape(text[at:])])


_html = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
_html.filters["linked"] = _linked
_text = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=False, undefined=StrictUndefined)
