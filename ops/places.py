"""Which platform a command means: that of the directory it is given, or the one that is there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ops.docker import is_a_deployment
from ops.failure import Failure
from ops.house import House
from ops.program import ROOT

HERE = ROOT / ".hub"
"""Where `./hub up` keeps its things."""

SITE = ROOT / "deploy" / "site"
"""Where a deployment keeps its own."""


def named(directory: str | Path) -> Path:
    """Raises `Failure` for no name at all, which would mean the present directory."""
    if not str(directory).strip():
        raise Failure("--data names no directory.", status=2)
    return Path(directory)


Data = Annotated[
    Path,
    typer.Option(
        "--data",
        parser=named,
        metavar="DIR",
        help="The data directory: one platform each.",
        show_default=".hub, or deploy/site where that is what runs",
    ),
]


def house_of(data: Path) -> House:
    """The platform of this directory. Where none was named, it is what `./hub up` runs; else the deployment in
    containers, where there is one."""
    house = House(data)
    if data != HERE or not is_a_deployment(House(SITE)):
        return house
    from ops.supervision import Supervisor

    return house if Supervisor(house).running else House(SITE)
