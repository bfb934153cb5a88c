"""A source asked over HTTP: page by page, politely, and with a bound on everything it could do to us."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

import eventlet
import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

from services.calls.domain import Validators
from services.calls.importers import Enquiry, Importer, SoFar, what_is_wrong
from services.calls.reaching import NotPublic, PublicOnly
from shared import clock
from shared.contracts.shapes import Text
from shared.errors import Invalid, Words

USER_AGENT = "HubCulturaCreativita/1.0 (calls aggregator of the Hub Cultura e Creativita, Regione Emilia-Romagna)"

_REDIRECTS = (301, 302, 303, 307, 308)
_COME_BACK = (429, 503)
_PIECE = 64 * 1024


@dataclass(frozen=True)
class Manners:
    """How long and how much a source may take, and how it is spared."""

    connect_seconds: float = 10.0
    silent_seconds: float = 30.0
    """Without a byte."""
    seconds: float = 300.0
    """For everything."""
    largest: int = 60_000_000
    """Bytes of all answers together, unpacked."""
    redirects: int = 5
    between_pages: float = 0.3
    """Seconds."""
    patience: float = 10.0
    """Seconds that are waited, twice at most, where a source asks to be left alone for a moment; for longer it is
    asked again another time.
    """
    private_addresses: bool = False
    """Whether sources may be on machines that the internet does not reach."""
    sender: str | None = None
    """An e-mail address to turn to (`From`, RFC 9110)."""


@dataclass(frozen=True)
class Fetched:
    """What a source answered. Without pages: what the hub has already (304)."""

    pages: Sequence[Any]
    validators: Validators = field(default_factory=Validators)


class SourceFailed(Exception):
    """It could not be asked, or its answer not be read: the cause in words, and when it wants to be asked again."""

    def __init__(self, it: str, en: str, come_back_after: timedelta | None = None) -> None:
        super().__init__(en)
        self.cause = Text(it=it[:500], en=en[:500])
        self.come_back_after = come_back_after


def fetch(importer: Importer, url: str, validators: Validators, manners: Manners) -> Fetched:
    """All pages of a source. Raises `SourceFailed`.

    Only a source that answers in one page is asked whether anything has changed: of several, the first may be the same
    while another is not.
    """
    with requests.Session() as session:
        session.trust_env = False
        if not manners.private_addresses:
            session.mount("http://", PublicOnly())
            session.mount("https://", PublicOnly())
        session.headers.update({"User-Agent": USER_AGENT, "Accept-Language": "it, en;q=0.5"})
        if manners.sender:
            session.headers["From"] = manners.sender
        return _Conversation(session, importer, url, manners).carry_on(validators)


class _Pages(Sequence[Any]):
    """A source's answers, packed until each is looked at: together they may be large."""

    def __init__(self, importer: Importer) -> None:
        self._importer = importer
        self._packed: list[bytes] = []
        self.so_far = SoFar()

    def add(self, body: bytes) -> None:
        """Raises `Invalid` or `ValueError` for a body that is no answer."""
        page = self._importer.decode(body)
        self._packed.append(zlib.compress(body, level=1))
        self.so_far = SoFar(len(self._packed), self.so_far.records + self._importer.count(page), page)

    def __len__(self) -> int:
        return len(self._packed)

    def __getitem__(self, place: Any) -> Any:
        return self._importer.decode(zlib.decompress(self._packed[place]))


class _Conversation:
    def __init__(self, session: requests.Session, importer: Importer, url: str, manners: Manners) -> None:
        self._session = session
        self._importer = importer
        self._url = url
        self._manners = manners
        self._give_up = time.monotonic() + manners.seconds
        self._left = manners.largest
        self._waits = 2

    def carry_on(self, known: Validators) -> Fetched:
        pages = _Pages(self._importer)
        found = Validators()
        while (enquiry := self._next(pages.so_far)) is not None:
            if pages:
                eventlet.sleep(self._manners.between_pages)
            response = self._ask(enquiry, known if not pages else Validators())
            with response:
                if response.status_code == 304:
                    return Fetched([], known)
                if not pages:
                    found = Validators(
                        etag=response.headers.get("ETag"), last_modified=response.headers.get("Last-Modified")
                    )
                self._read_into(pages, response)
        return Fetched(pages, found if len(pages) == 1 else Validators())

    def _next(self, so_far: SoFar) -> Enquiry | None:
        try:
            return self._importer.ask(self._url, so_far)
        except (Invalid, ValueError) as error:
            raise unreadable(error) from None

    def _ask(self, enquiry: Enquiry, known: Validators) -> requests.Response:
        url = enquiry.url
        for _ in range(self._manners.redirects + 1):
            response = self._send(enquiry, url, known)
            if response.status_code in _REDIRECTS and "Location" in response.headers:
                response.close()
                url = _followed(url, response.headers["Location"])
            elif response.status_code in _COME_BACK and self._may_wait(response):
                response.close()
                eventlet.sleep(_retry_after(response).total_seconds())
            elif response.status_code in (200, 304):
                return response
            else:
                response.close()
                raise self._refused(response)
        raise SourceFailed(
            "La fonte rimanda di continuo a un altro indirizzo.", "The source redirects again and again."
        )

    def _send(self, enquiry: Enquiry, url: str, known: Validators) -> requests.Response:
        headers = {"Accept": enquiry.accept}
        if known.etag:
            headers["If-None-Match"] = known.etag
        if known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        parts = {name: (None, value, "application/json") for name, value in enquiry.parts.items()}
        try:
            return self._session.request(
                "POST" if parts else "GET",
                url,
                files=parts or None,
                headers=headers,
                timeout=(self._manners.connect_seconds, self._manners.silent_seconds),
                allow_redirects=False,
                stream=True,
            )
        except NotPublic as host:
            raise SourceFailed(f"{host} non è un indirizzo pubblico.", f"{host} is not a public address.") from None
        except ValueError:
            raise _no_address(url) from None
        except requests.Timeout:
            raise _silent() from None
        except requests.RequestException as error:
            raise _unreachable(error) from None

    def _may_wait(self, response: requests.Response) -> bool:
        wait = _retry_after(response)
        if self._waits == 0 or wait is None or wait.total_seconds() > self._manners.patience:
            return False
        self._waits -= 1
        return True

    def _refused(self, response: requests.Response) -> SourceFailed:
        code = response.status_code
        if code in _COME_BACK:
            return SourceFailed(
                f"La fonte chiede di tornare più tardi ({code}).",
                f"The source asks us to come back later ({code}).",
                _retry_after(response),
            )
        return SourceFailed(f"La fonte risponde {code}.", f"The source answers {code}.")

    def _read_into(self, pages: _Pages, response: requests.Response) -> None:
        body = bytearray()
        try:
            for piece in self._pieces(response):
                body += piece
                if len(body) > self._left:
                    raise SourceFailed(
                        f"La risposta supera i {self._manners.largest // 1_000_000} MB.",
                        f"The answer is longer than {self._manners.largest // 1_000_000} MB.",
                    )
                if time.monotonic() > self._give_up:
                    raise SourceFailed(
                        f"La risposta non è arrivata entro {self._manners.seconds:g} secondi.",
                        f"The answer did not arrive within {self._manners.seconds:g} seconds.",
                    )
        except (ReadTimeoutError, TimeoutError):
            raise _silent() from None
        except (requests.RequestException, HTTPError, OSError) as error:
            raise _unreachable(error) from None
        self._left -= len(body)
        try:
            pages.add(bytes(body))
        except (Invalid, ValueError, RecursionError) as error:
            raise unreadable(error) from None

    @staticmethod
    def _pieces(response: requests.Response) -> Iterator[bytes]:
        """What has arrived, as it arrives: one that sends byte by byte must not keep us from looking at the clock."""
        while piece := response.raw.read1(_PIECE, decode_content=True):
            yield piece


def _followed(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise _no_address(location) from None


def _retry_after(response: requests.Response) -> timedelta | None:
    """Seconds, or a date (RFC 9110, section 10.2.3)."""
    said = response.headers.get("Retry-After", "")
    if said.isdigit():
        return timedelta(seconds=min(int(said), 86_400))
    try:
        return max(parsedate_to_datetime(said) - clock.now(), timedelta())
    except (TypeError, ValueError):
        return None


def _no_address(url: str) -> SourceFailed:
    return SourceFailed(f"{url[:200]} non è un indirizzo web.", f"{url[:200]} is not a web address.")


def _silent() -> SourceFailed:
    return SourceFailed("La fonte non risponde in tempo.", "The source does not answer in time.")


def _unreachable(error: Exception) -> SourceFailed:
    return SourceFailed(
        f"La connessione con la fonte non riesce o si interrompe ({type(error).__name__}).",
        f"The source cannot be reached, or the connection breaks off ({type(error).__name__}).",
    )


def unreadable(error: Exception) -> SourceFailed:
    """What a source answered is not what its format says."""
    why = what_is_wrong(error) if isinstance(error, Invalid) else Words(str(error)[:300], str(error)[:300])
    return SourceFailed(
        f"La risposta della fonte non si può leggere: {why.it}", f"The source's answer cannot be read: {why.en}"
    )
