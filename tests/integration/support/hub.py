"""The hub as the tests of support ask it: members, people who enrol, and what was told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shared.contracts.membership import MembershipState, MemberUpdated, OrganisationCard
from shared.contracts.support import (
    Enrol,
    EnrolmentView,
    GetTraining,
    ListEnrolments,
    ScheduleTraining,
    TrainingView,
    WithdrawEnrolment,
)
from shared.contracts.vocabulary import OrganisationKind, Province, Subsector
from shared.identity import Principal
from tests.running import Site, Surroundings
from tests.servers import wait_until
from tests.unit.support.builders import NOW, SUPPORT_BODY, a_training_content, acting_for


class Hub(Surroundings):
    """The platform around the support service, in which the support body asks."""

    def __init__(self, site: Site) -> None:
        super().__init__(site, "support", usually=SUPPORT_BODY)
        self._sequence = 0

    # --- members

    def appoint_helpers(self) -> None:
        self.tell_of_member("art-er", OrganisationKind.support_body)
        self.tell_of_member("create", OrganisationKind.cluster, subsectors=(Subsector.music, Subsector.audiovisual))
        self.tell_of_member("innovate", OrganisationKind.cluster, subsectors=(Subsector.fashion, Subsector.heritage))

    def tell_of_member(
        self, id_: str, kind: OrganisationKind, *, state: MembershipState = MembershipState.active, **more: Any
    ) -> None:
        """Publish a member's present state, and wait until support knows it."""
        card = OrganisationCard(
            id=id_, kind=kind, state=state, name=id_, province=Province.BO, municipality="Bologna", **more
        )
        self._sequence += 1
        event = MemberUpdated(organisation_id=id_, organisation=card, updated_at=NOW)
        self.publish(event, sequence=self._sequence)
        self.await_known("members", id_, self._sequence)

    def await_known(self, collection: str, id_: str, sequence: int) -> None:
        known = {"_id": id_, "sequence": sequence}
        wait_until(lambda: self.documents[collection].count_documents(known), f"{id_} is known")

    # --- sessions

    def training(self, **content: Any) -> TrainingView:
        return self.ask(ScheduleTraining(content=a_training_content(**content)))

    def seen(self, training_id: str, by: Principal = SUPPORT_BODY) -> TrainingView:
        return self.ask(GetTraining(training_id=training_id), by=by)

    def enrol(self, training_id: str, *names: str) -> list[EnrolmentView]:
        """One after the other."""
        return [self.ask(Enrol(training_id=training_id), by=somebody(name)) for name in names]

    def withdraw(self, training_id: str, name: str) -> EnrolmentView:
        return self.ask(WithdrawEnrolment(training_id=training_id), by=somebody(name))

    def roll(self, training_id: str) -> list[EnrolmentView]:
        """Everyone enrolled, in order of arrival."""
        found, cursor = [], None
        while True:
            page = self.ask(ListEnrolments(training_id=training_id, limit=100, cursor=cursor))
            found += page.items
            if page.next is None:
                return found
            cursor = page.next

    def heard(self, *names: str) -> list[Any]:
        """What was published so far, of these kinds."""
        return [event for _, event in self.events() if not names or type(event).__name__ in names]

    def await_event(self, name: str, so_many: int = 1) -> list[Any]:
        wait_until(lambda: len(self.heard(name)) >= so_many, f"{so_many} {name} are published")
        return self.heard(name)


def somebody(name: str) -> Principal:
    return acting_for(f"org-of-{name}", person_id=name)


def people(so_many: int, prefix: str = "p") -> Iterable[str]:
    return (f"{prefix}{number:03d}" for number in range(so_many))
