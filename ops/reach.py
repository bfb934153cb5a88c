"""How a platform is reached, whichever way it runs: processes on this machine, or containers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ops.house import House
from services.rooms import Room


class Servers(Protocol):
    """Broker and database, with the operator's rights."""

    @property
    def rooms(self) -> Sequence[Room]: ...

    @property
    def admin_amqp_uri(self) -> str: ...

    @property
    def mongo_uri(self) -> str: ...


class Door(Protocol):
    """Where clients come in."""

    @property
    def house(self) -> House: ...

    @property
    def running(self) -> bool: ...

    @property
    def url(self) -> str: ...
