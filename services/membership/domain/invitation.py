"""Invitations: how a person comes to belong to an organisation.

pending → accepted | declined | expired | revoked

The link in the e-mail names the invitation and is good once and for 30 days. It is no secret and holds none: only
somebody whose identity provider vouches for the invited address gets in, so a link that leaks, is passed on or stands
in a log is worth nothing, and there is no token that could be stolen from where it is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.membership.domain.organisation import Organisation
from services.membership.domain.person import Caller, verified_email
from shared.contracts.aggregate import Aggregate
from shared.contracts.membership import InvitationState, PersonInvited
from shared.contracts.vocabulary import PersonRole
from shared.errors import Forbidden, IllegalTransition, Refusal, Words

LASTS = timedelta(days=30)

STEPS: dict[str, dict[InvitationState, InvitationState]] = {
    "accept": {InvitationState.pending: InvitationState.accepted},
    "decline": {InvitationState.pending: InvitationState.declined},
    "expire": {InvitationState.pending: InvitationState.expired},
    "revoke": {InvitationState.pending: InvitationState.revoked},
}
"""What each verb makes of each state; a state that a verb does not name refuses it."""

_STATES = {
    InvitationState.pending: Words("in attesa", "pending"),
    InvitationState.accepted: Words("già accettato", "already accepted"),
    InvitationState.declined: Words("già rifiutato", "already declined"),
    InvitationState.expired: Words("scaduto", "expired"),
    InvitationState.revoked: Words("revocato", "revoked"),
}


class InvitationNotPending(IllegalTransition):
    title = Words("Invito non più valido", "Invitation no longer valid")
    words = Words("L'invito è {state_it}.", "The invitation is {state_en}.")


class AlreadyInvited(Refusal):
    title = Words("Già invitato", "Already invited")
    words = Words(
        "A {email} è già stato mandato un invito che attende risposta.",
        "{email} has an invitation already that waits for an answer.",
    )


@dataclass(kw_only=True)
class Invitation(Aggregate):
    """A role in an organisation, offered to whoever holds an e-mail address; it lasts 30 days."""

    state: InvitationState = InvitationState.pending
    organisation_id: str
    organisation_name: str
    """As it was when the invitation was sent."""
    email: str
    language: str = "it"
    """In which its e-mail is written, as long as the hub does not know who holds the address."""
    role: PersonRole
    invited_at: datetime
    expires_at: datetime

    @classmethod
    def send(
        cls,
        *,
        id: str,
        to: str,
        role: PersonRole,
        organisation: Organisation,
        by: Caller,
        now: datetime,
        language: str | None = None,
    ) -> Invitation:
        organisation.let_invite(role, by=by)
        invitation = cls(
            id=id,
            organisation_id=organisation.id,
            organisation_name=organisation.profile.name,
            email=to,
            language=language or "it",
            role=role,
            invited_at=now,
            expires_at=now + LASTS,
        )
        invitation.record(
            PersonInvited(
                invitation_id=id,
                organisation_id=organisation.id,
                organisation_name=organisation.profile.name,
                email=to,
                role=role,
                expires_at=invitation.expires_at,
                language=invitation.language,
            )
        )
        return invitation

    def state_at(self, now: datetime) -> InvitationState:
        """A pending invitation is over from the instant it expires, whether or not that was written down yet."""
        lapsed = self.state is InvitationState.pending and now >= self.expires_at
        return InvitationState.expired if lapsed else self.state

    def accept(self, *, by: Caller, now: datetime) -> None:
        self._require_invited(by)
        self._step("accept", now)

    def decline(self, *, by: Caller, now: datetime) -> None:
        self._require_invited(by)
        self._step("decline", now)

    def revoke(self, organisation: Organisation, *, by: Caller, now: datetime) -> None:
        organisation.let_administer(by=by)
        self._step("revoke", now)

    def fall_away(self, *, now: datetime) -> None:
        """The membership it was to is over: there is nothing to accept any more."""
        self._step("revoke", now)

    def let_read(self, organisation: Organisation, *, by: Caller) -> None:
        """The person invited sees what the link leads to; others as they see the organisation's people."""
        if not (by.email and by.email.lower() == self.email):
            organisation.let_see_people(by=by)

    def expire(self, *, now: datetime) -> None:
        """Write down that its time is over; before that moment nothing changes."""
        if now >= self.expires_at:
            self.state = STEPS["expire"].get(self.state, self.state)

    def give_way(self, *, now: datetime) -> None:
        """Let another be sent in its place: only once its time is over. Raises `AlreadyInvited`."""
        self.expire(now=now)
        if self.state is InvitationState.pending:
            raise AlreadyInvited(email=self.email)

    def _require_invited(self, by: Caller) -> None:
        if verified_email(by) != self.email:
            raise Forbidden(
                who_it="la persona invitata, con l'indirizzo e-mail dell'invito",
                who_en="the person invited, with the e-mail address of the invitation",
            )

    def _step(self, verb: str, now: datetime) -> None:
        state = self.state_at(now)
        if state not in STEPS[verb]:
            raise InvitationNotPending(state_it=_STATES[state].it, state_en=_STATES[state].en)
        self.state = STEPS[verb][state]
