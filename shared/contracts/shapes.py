"""The values contracts are made of, always valid once loaded.

Use them as annotations on contract dataclasses: `marshmallow_dataclass` reads type, limits and format from here,
and the OpenAPI and AsyncAPI documents read them from the same place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Annotated, Any

from marshmallow import ValidationError, fields, validate

_NO_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def legible(text: str) -> str:
    """Without what is no character of a text (XML 1.0, section 2.2): a feed with one of these could not be written."""
    return _NO_CHARACTERS.sub("", text)


class _Identifier(fields.String):
    default_error_messages = {"invalid": "Not a valid identifier."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Regexp(r"^[0-9A-Za-z][0-9A-Za-z._:-]{0,127}$(?!\n)"), **kwargs)


class _Instant(fields.AwareDateTime):
    """ISO 8601 with an offset; kept and sent as UTC in whole milliseconds."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:
        read = super()._deserialize(value, attr, data, **kwargs)
        if not 1900 <= read.year < 3000:
            raise ValidationError("Not between the years 1900 and 2999.")
        instant = read.astimezone(timezone.utc)
        return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


class _Line(fields.String):
    longest = 500

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(min=1, max=self.longest), **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        return legible(super()._deserialize(value, attr, data, **kwargs)).strip()


class _Said(_Line):
    longest = 10_000


class _Prose(fields.String):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(max=100_000), **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        return legible(super()._deserialize(value, attr, data, **kwargs))


class _Email(fields.Email):
    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        return super()._deserialize(value, attr, data, **kwargs).strip().lower()


class _Url(fields.Url):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(schemes={"http", "https"}, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        return legible(super()._deserialize(value, attr, data, **kwargs))


class _SearchWords(fields.String):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(max=200), **kwargs)


class _Count(fields.Integer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(min=0), **kwargs)


class _PageSize(fields.Integer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(min=1, max=100), **kwargs)


class _Currency(fields.String):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Regexp(r"^[A-Z]{3}$(?!\n)", error="Not an ISO 4217 code."), **kwargs)


class _Language(fields.String):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.OneOf(["it", "en"]), **kwargs)


Id = Annotated[str, _Identifier]
"""A UUIDv7 of the hub's own, or another system's identifier: 1–128 letters, digits and `. _ : -`."""
Instant = Annotated[datetime, _Instant]
"""An instant with its offset, turned to UTC."""
Line = Annotated[str, _Line]
"""One line for people: 1–500 characters, trimmed."""
Said = Annotated[str, _Said]
"""What somebody writes to somebody: 1–10,000 characters, trimmed."""
Prose = Annotated[str, _Prose]
"""A longer text: up to 100,000 characters."""
SearchWords = Annotated[str, _SearchWords]
"""What a person types into a search box: up to 200 characters, or nothing."""
Email = Annotated[str, _Email]
Url = Annotated[str, _Url]
Count = Annotated[int, _Count]
"""A whole number, 0 or more: a version, a quantity."""
PageSize = Annotated[int, _PageSize]
Currency = Annotated[str, _Currency]
Language = Annotated[str, _Language]
"""`it` or `en`."""


@dataclass(frozen=True)
class Text:
    """A text for people: Italian always, English where there is one."""

    it: Line
    en: Line | None = None

    def in_language(self, language: str) -> str:
        return self.en if language == "en" and self.en else self.it


@dataclass(frozen=True)
class LongText:
    """As `Text`, of any length up to 100,000 characters a language."""

    it: Prose
    en: Prose | None = None


@dataclass(frozen=True)
class Money:
    """An amount in cents of an ISO 4217 currency."""

    cents: Count
    currency: Currency = "EUR"


@dataclass(frozen=True)
class Done:
    """The answer of a command that has nothing to tell but its success."""

    id: Id
    version: Count


@dataclass(frozen=True)
class TextDocument:
    """The answer of a query whose reader wants a document in another format than JSON: a feed, a table, a page.

    Over HTTP the gateway sends the text alone, as the `media_type` of the route says; by name it comes as it stands.
    """

    text: str
    next: str | None = None
    """The cursor of what follows, where one document does not hold it all."""


@dataclass(frozen=True)
class BinaryDocument:
    """As `TextDocument`, of bytes."""

    base64: str
