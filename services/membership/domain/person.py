"""People: who asks, and what the hub knows of somebody who has registered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.contracts import rights
from shared.contracts.aggregate import Aggregate
from shared.contracts.membership import PersonErased, PersonRegistered
from shared.errors import Refusal, Unauthenticated, Words


class NotRegistered(Refusal):
    title = Words("Persona non registrata", "Person not registered")
    words = Words(
        "Occorre prima registrarsi, con il proprio nome e la propria lingua.",
        "Register first, with your name and your language.",
    )


class EmailNotVerified(Refusal):
    title = Words("E-mail non verificata", "E-mail not verified")
    words = Words(
        "Il servizio di accesso non conferma un indirizzo e-mail: verificarlo e accedere di nuovo.",
        "The identity provider vouches for no e-mail address: verify it and sign in again.",
    )


class Caller(rights.Caller, Protocol):
    """Who asks, with the e-mail address their identity provider vouches for."""

    @property
    def email(self) -> str | None: ...


def identified(by: Caller) -> str:
    """The person who asks. Raises `Unauthenticated` where nobody stands behind the request."""
    if by.person_id is None:
        raise Unauthenticated(detail=rights.NO_TOKEN)
    return by.person_id


def verified_email(by: Caller) -> str:
    """The address of the person who asks, in lower case as contracts keep it. Raises `EmailNotVerified`."""
    if not by.email:
        raise EmailNotVerified()
    return by.email.lower()


@dataclass(kw_only=True)
class Person(Aggregate):
    """Somebody who uses the hub; which organisations they belong to, the organisations know."""

    name: str
    email: str
    language: str
    registered_at: datetime
    erased_at: datetime | None = None
    """Since when nothing is known of them but that there was somebody: kept so that whoever comes back by the same
    identity is told in order."""

    @classmethod
    def register(cls, *, by: Caller, name: str, language: str, now: datetime) -> Person:
        person = cls(id=identified(by), name=name, email=verified_email(by), language=language, registered_at=now)
        person._record_present_state()
        return person

    def present_anew(self, *, by: Caller, name: str, language: str) -> None:
        """Take a new name, language or e-mail address, or come back. What is the same as before is not told again."""
        presented = (name, verified_email(by), language)
        if presented == (self.name, self.email, self.language) and self.erased_at is None:
            return
        self.name, self.email, self.language = presented
        self.erased_at = None
        self._record_present_state()

    def erase(self, *, now: datetime) -> None:
        """Forget who they are; every service that keeps something personal is told to do the same."""
        self.name = self.email = ""
        self.erased_at = now
        self.record(PersonErased(person_id=self.id, erased_at=now))

    def _record_present_state(self) -> None:
        self.record(
            PersonRegistered(
                person_id=self.id,
                name=self.name,
                email=self.email,
                language=self.language,
                registered_at=self.registered_at,
            )
        )
