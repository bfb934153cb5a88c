"""What a file is, told from its content: its name only says what it claims to be, and both must agree.

Taken are the kinds that people send each other with a call, none of which runs by being opened: no programs, no pages
with scripts, no documents with macros.
"""

from __future__ import annotations

import zipfile
from pathlib import PurePath
from typing import IO

import puremagic

from shared.errors import UnsupportedMediaType, Words

_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."

IMAGES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
}
DOCUMENTS = IMAGES | {
    "pdf": "application/pdf",
    "p7m": "application/pkcs7-mime",
    "docx": _OOXML + "wordprocessingml.document",
    "xlsx": _OOXML + "spreadsheetml.sheet",
    "pptx": _OOXML + "presentationml.presentation",
    "odt": _ODF + "text",
    "ods": _ODF + "spreadsheet",
    "odp": _ODF + "presentation",
    "zip": "application/zip",
    "txt": "text/plain",
    "csv": "text/csv",
}
"""Media types by the ending of a name. p7m: a document in its digital signature (CAdES), of any kind."""

RECORDS = {
    "json": "application/json",
    "xml": "application/xml",
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
}
"""What a source of records is taken from."""

_TEXTS = ("text/plain", "text/csv", *RECORDS.values())
_ZIPPED = (_OOXML, _ODF, "application/zip")
_ZIP = b"PK\x03\x04"
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
"""The object identifier of PKCS #7 signed data (RFC 2315), by which a p7m begins."""
_LONGEST_DECLARATION = 1024 * 1024
_SHORTEST_MARK = 3
"""Bytes of a mark by which a kind is told: shorter ones are met by chance."""


class ContentNotAccepted(UnsupportedMediaType):
    title = Words("Tipo di file non accettato", "File type not accepted")
    words = Words(
        "Il contenuto di {name} non è di un tipo accettato, o non è quello che dice il nome. Tipi accettati: {wanted}.",
        "The content of {name} is of no accepted type, or not what its name says. Accepted types: {wanted}.",
    )


def media_type(name: str, head: bytes, accepted: dict[str, str]) -> str:
    """The media type of a file called so that begins so. Raises `ContentNotAccepted`.

    What is zipped shows only in its whole what it is: see `check_whole`.
    """
    claimed = accepted.get(PurePath(name).suffix.lower().lstrip("."))
    if claimed is None or not _begins_as(claimed, head):
        raise not_accepted(name, accepted)
    return claimed


def check_whole(name: str, claimed: str, content: IO[bytes], accepted: dict[str, str]) -> None:
    """Look into a zipped document: it must say of itself what its name says. Raises `ContentNotAccepted`."""
    if not claimed.startswith(_ZIPPED):
        return
    try:
        with zipfile.ZipFile(content) as archive:
            if claimed.startswith((_OOXML, _ODF)) and not _declares(archive, claimed):
                raise not_accepted(name, accepted)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, EOFError, ValueError, OSError):
        raise not_accepted(name, accepted) from None


def not_accepted(name: str, accepted: dict[str, str]) -> ContentNotAccepted:
    return ContentNotAccepted(name=name, wanted=", ".join(sorted(accepted)))


def _begins_as(claimed: str, head: bytes) -> bool:
    if claimed in _TEXTS:
        return _is_text(head)
    if claimed.startswith(_ZIPPED):
        return head.startswith(_ZIP)
    if claimed == "application/pkcs7-mime":
        return head[:1] == b"\x30" and _SIGNED_DATA in head[:24]
    return claimed in _marks(head)


def _marks(head: bytes) -> set[str]:
    """The media types whose mark these bytes bear."""
    try:
        found = puremagic.magic_string(head)
        return {match.mime_type for match in found if len(match.byte_match or b"") >= _SHORTEST_MARK}
    except (puremagic.PureError, ValueError):
        return set()


def _is_text(head: bytes) -> bool:
    """Whether it reads as text, in whatever encoding, and bears the mark of no other kind that is taken."""
    control_characters = any(byte < 0x20 and byte not in b"\t\n\r\f" for byte in head)
    return not control_characters and not _marks(head) & (set(DOCUMENTS.values()) - {*_TEXTS})


def _declares(archive: zipfile.ZipFile, claimed: str) -> bool:
    if claimed.startswith(_ODF):
        return _member(archive, "mimetype").strip() == claimed.encode()
    return f"{claimed}.main+xml".encode() in _member(archive, "[Content_Types].xml")


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        return member.read(_LONGEST_DECLARATION)
