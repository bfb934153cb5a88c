"""`./hub dead-letters`, `./hub outbox`, `./hub documents`: the operator's commands on what did not go through, and on
what is made from the declarations."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from ops.docker import Deployment, Inside, is_a_deployment, is_inside
from ops.failure import Failure
from ops.places import HERE, Data, house_of
from ops.platform import Platform
from ops.program import ROOT
from ops.reach import Servers
from ops.screen import answers

Service = Annotated[Optional[str], typer.Argument(help="One service; default: all.")]  # noqa: UP045
Letter = Annotated[Optional[str], typer.Option("--letter", metavar="ID", help="One letter; default: all.")]  # noqa: UP045

dead_letters = typer.Typer(help="Messages that were set aside: look, replay, discard.", no_args_is_help=True)
outbox = typer.Typer(help="Events on their way out: what waits, and what found no queue.", no_args_is_help=True)


@dead_letters.command("list")
def list_letters(service: Service = None, data: Data = HERE) -> None:
    """A line for each dead letter."""
    from ops import letters

    letters.show_all(_platform(data), service)


@dead_letters.command("show")
def show_letter(letter: Annotated[str, typer.Argument(help="The letter's id.")], data: Data = HERE) -> None:
    """One dead letter whole: why it was set aside, and its body."""
    from ops import letters

    letters.show(_platform(data), letter)


@dead_letters.command("replay")
def replay_letters(service: Service = None, letter: Letter = None, data: Data = HERE) -> None:
    """Send letters back to the subscriptions that gave up on them, once the cause is gone."""
    from ops import letters

    letters.replay(_platform(data), service, letter)


@dead_letters.command("discard")
def discard_letters(
    service: Service = None,
    letter: Letter = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: Data = HERE,
) -> None:
    """Throw letters away for good."""
    from ops import letters

    platform = _platform(data)
    if not yes:
        typer.confirm("Discarded letters cannot be brought back. Go on?", abort=True)
    letters.discard(platform, service, letter)


@outbox.command("list")
def list_outboxes(data: Data = HERE) -> None:
    """How much waits to be published, for how long, and how much found no queue, service by service."""
    from ops import letters

    letters.show_outboxes(_platform(data))


@outbox.command("republish")
def republish_unrouted(service: Service = None, data: Data = HERE) -> None:
    """Publish again what found no queue: whoever listens by now receives it."""
    from ops import letters

    letters.republish(_platform(data), service)


def documents() -> None:
    """Make the generated documents in docs/ anew from the declarations."""
    from ops.documents import write

    written = write()
    for path in written:
        answers.print(f"written: {path.relative_to(ROOT)}")
    if not written:
        answers.print("All documents are what the declarations say.")


def add_to(app: typer.Typer) -> None:
    """Give these commands to `./hub`."""
    app.add_typer(dead_letters, name="dead-letters")
    app.add_typer(outbox, name="outbox")
    app.command()(documents)


def _platform(data: Path) -> Servers:
    """The platform of this directory. Where it is one in containers, nothing but its own reach its servers: the command
    is carried out inside, and ends there."""
    if is_inside():
        return Inside()
    house = house_of(data)
    if is_a_deployment(house):
        raise SystemExit(Deployment(house).carry_out(sys.argv[1:]))
    platform = Platform(house)
    if not platform.running:
        raise Failure(f"it is not running in {house.directory}: start it with ./hub up.")
    return platform
