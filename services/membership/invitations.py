"""How an invitation is sent: by appointment to the first administrator, by an organisation to anybody it wants. Those
that wait when the membership ends are taken back.
"""

from __future__ import annotations

from services.membership.domain.colleagues import AlreadyBelongs
from services.membership.domain.invitation import Invitation
from services.membership.domain.organisation import Organisation
from shared.contracts.membership import MembershipState
from shared.contracts.vocabulary import PersonRole
from shared.storage.work import Work


def invite(email: str, role: PersonRole, organisation: Organisation, work: Work, *, language: str | None) -> Invitation:
    """Send it, unless whoever holds the address belongs to the organisation or has an invitation that waits.

    Raises `Forbidden`, `AdministratorFirst`, `AlreadyBelongs`, `AlreadyInvited`.
    """
    invitation = Invitation.send(
        id=work.new_id(),
        to=email,
        language=language,
        role=role,
        organisation=organisation,
        by=work.caller,
        now=work.now,
    )
    if any(organisation.role_of(person.id) for person in work.people.with_email(email)):
        raise AlreadyBelongs(organisation=organisation.profile.name)
    earlier = work.invitations.pending_to(email, organisation.id)
    if earlier:
        earlier.give_way(now=work.now)
        work.invitations.save(earlier)
    work.invitations.add(invitation)
    return invitation


def end_with(organisation: Organisation, work: Work) -> None:
    """Take back the invitations that wait, if the membership is over: nobody could accept them."""
    if organisation.state is not MembershipState.ended:
        return
    waiting = work.invitations.waiting_in(organisation.id, work.now)
    for invitation in waiting:
        invitation.fall_away(now=work.now)
    work.invitations.save_many(waiting)
