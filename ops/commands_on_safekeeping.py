"""`./hub backup` and `./hub restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ops.places import HERE, Data, house_of
from ops.screen import answers


def backup(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new directory for it.")], data: Data = HERE
) -> None:
    """Copy everything the running hub knows into a directory: databases, dead letters, events on their way.

    The hub goes on working meanwhile. The copy holds personal data: keep it as you keep the databases. Secrets are not
    in it: a restored hub has its own.
    """
    from ops import backup as copying
    from ops.docker import Inside, is_inside
    from ops.safekeeping import hub_of, make

    _tell("kept", copying.write(Inside(), directory) if is_inside() else make(hub_of(house_of(data)), directory))


def restore(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The backup.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: Data = HERE,
) -> None:
    """Put a backup in the place of everything the running hub knows. Services are stopped meanwhile."""
    from ops import backup as copying
    from ops.docker import Inside, is_inside
    from ops.safekeeping import bring_back, hub_of

    if not yes:
        typer.confirm("What the hub knows now is replaced by the backup. Go on?", abort=True)
    _tell(
        "restored",
        copying.put_back(Inside(), directory) if is_inside() else bring_back(hub_of(house_of(data)), directory),
    )


def _tell(done: str, documents: dict[str, int]) -> None:
    for database, count in documents.items():
        answers.print(f"{database}: {count} documents {done}")


def add_to(app: typer.Typer) -> None:
    """Give these commands to `./hub`."""
    app.command()(backup)
    app.command()(restore)
