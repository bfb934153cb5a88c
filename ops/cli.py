"""Every command of `./hub`, and how a command ends: well, or with one clear line and a status other than 0."""

from __future__ import annotations

import os
import sys
import time
import traceback
from pathlib import Path
from typing import Annotated, Optional

import typer
from rich.markup import escape

from ops import commands_on_messages, commands_on_safekeeping
from ops.failure import Failure
from ops.house import House
from ops.places import HERE, SITE, Data, house_of, named
from ops.program import ROOT
from ops.screen import answers, progress
from ops.sources import sources

app = typer.Typer(
    name="hub",
    help="The software of the Hub Cultura e Creatività: run it, look at it, fill it, check it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

importing = typer.Typer(help="Take in what others publish.", no_args_is_help=True)
app.add_typer(importing, name="import")

ERROR_LOG = ROOT / ".hub" / "logs" / "hub.log"

Docker = Annotated[bool, typer.Option("--docker", help="In containers, as a deployment; data in deploy/site.")]


@app.command()
def up(
    data: Data = HERE,
    port: Annotated[int, typer.Option(help="Where the gateway listens, on this machine.", min=1, max=65535)] = 8080,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Come back once it is ready, and let it run.")] = False,
    empty: Annotated[bool, typer.Option("--empty", help="Do not load the demo hub into an empty database.")] = False,
    docker: Docker = False,
) -> None:
    """Start the platform: broker, database, every service and the gateway.

    Waits until all are ready, loads a small demo hub where the database is empty, prints the gateway's address and
    streams the logs; Ctrl-C lets running work finish and stops everything. RabbitMQ is installed where it is missing
    (as root, on Debian); a mongod on the PATH is preferred to the embedded database.

    With --docker: secrets are made where there are none, images are built, `docker compose up` starts the containers
    and leaves them running; what .env says of the site (of the port, too) counts.
    """
    if docker:
        from ops.docker import up as start_containers

        start_containers(House(_site(data)), empty=empty)
        return
    from ops.platform import Platform
    from ops.up import up as start

    start(Platform(House(data)), port=port, detach=detach, empty=empty)


@app.command()
def down(data: Data = HERE, docker: Docker = False) -> None:
    """Stop the platform: running work is finished first, and nothing is left running."""
    from ops.docker import is_a_deployment

    house = House(_site(data)) if docker else house_of(data)
    if docker or is_a_deployment(house):
        from ops.docker import down as stop_containers

        stop_containers(house)
        return
    from ops.up import down as stop

    stop(house)


@app.command()
def secrets(
    data: Annotated[
        Path,
        typer.Option("--data", parser=named, metavar="DIR", help="The site's directory.", show_default="deploy/site"),
    ] = SITE,
    rotate: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(metavar="SERVICE", help="Make new passwords for this service (or for operator)."),
    ] = None,
    development: Annotated[
        bool, typer.Option("--development", help="For a try-out: with the development issuer of identities.")
    ] = False,
) -> None:
    """Make what a deployment in containers needs and nobody else may know: passwords, keys, and its .env.

    What is there stays: repeat it after each update of the platform, because a new service has secrets too. Containers
    read what is new when they are created again: `docker compose up --detach --wait`.
    """
    from ops.docker import prepare

    house = House(data, environment="development" if development else None)
    if not house.exists and not development:
        house = House(data, environment=os.environ.get("HUB_ENV") or "production")
    changed = prepare(house, rotate=rotate or [])
    for name in changed:
        answers.print(f"new: {name}")
    if not changed:
        answers.print("Everything is there already.")


@app.command()
def status(
    data: Data = HERE,
    json: Annotated[bool, typer.Option("--json", help="As JSON, one object for each part.")] = False,
) -> None:
    """Show each part of the running platform: state, process, port and memory."""
    from ops.docker import Deployment, is_a_deployment
    from ops.platform import Platform
    from ops.status import as_json, as_table, status_of, status_of_containers

    house = house_of(data)
    found = status_of_containers(Deployment(house)) if is_a_deployment(house) else status_of(Platform(house))
    answers.print_json(as_json(found)) if json else answers.print(as_table(found))


@app.command()
def token(
    email: Annotated[str, typer.Argument(help="Whose token: any e-mail address.")],
    organisation: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(metavar="NAME", help="The organisation they act for, by its name; default: their only one."),
    ] = None,
    name: Annotated[Optional[str], typer.Option(help="The person's name; default: from the address.")] = None,  # noqa: UP045
    data: Data = HERE,
) -> None:
    """Print a bearer token of the development issuer, good for twelve hours.

    It exists only where the platform runs with HUB_ENV=development (what ./hub up does by default):
    `curl -H "Authorization: Bearer $(./hub token anna@example.org)" http://127.0.0.1:8080/v1/people/me`.
    """
    from ops.docker import door_of
    from ops.gateway import Gateway
    from ops.identity import mint, must_be_development

    house = house_of(data)
    must_be_development(house)
    chosen = Gateway(door_of(house)).organisation_named(organisation) if organisation else None
    print(mint(house, email, name=name, organisation_id=chosen))


@app.command()
def demo(data: Data = HERE) -> None:
    """Load the demo hub into the running, still empty platform (what ./hub up does unless --empty)."""
    from ops.demo import load
    from ops.docker import door_of

    load(door_of(house_of(data)))


@importing.command("calls")
def import_calls(
    place: Annotated[str, typer.Argument(metavar="FILE|URL", help="The source's JSON document, or a feed's XML.")],
    source: Annotated[str, typer.Option(help="The source's id: see ./hub sources.")] = "emilia-romagna",
    token: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="A bearer token of the support body's or the promoter's staff; default: a development one."),
    ] = None,
    data: Data = HERE,
) -> None:
    """Import public calls from a source's document into the running platform, and show what came of it.

    Importing the same document again changes nothing; a changed record amends its call; one bad record never stops
    the rest.
    """
    from ops.docker import door_of
    from ops.gateway import Gateway
    from ops.imports import import_calls as run
    from ops.imports import staff_token

    house = house_of(data)
    gateway = Gateway(door_of(house))
    run(gateway, source, place, token or staff_token(house, gateway))


@importing.command("members")
def import_members(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV table (UTF-8) with a heading.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check every line, and import nothing.")] = False,
    token: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="A bearer token of the promoter's staff; default: a development one."),
    ] = None,
    data: Data = HERE,
) -> None:
    """Import members from a table: every line is checked first, and all come in together or none.

    Columns: name, tax_code, kind, municipality, province, email, administrator_email; and street, postal_code, phone,
    website, subsectors, competences (lists by |), description_it, description_en, selected_by,
    term_ends_at (2030-12-31 or 31/12/2030).
    """
    from ops.docker import door_of
    from ops.gateway import Gateway
    from ops.members_import import import_members as run
    from ops.members_import import promoter_token

    house = house_of(data)
    gateway = Gateway(door_of(house))
    run(gateway, file, token or promoter_token(house, gateway), dry_run=dry_run)


@app.command()
def test(
    ctx: typer.Context,
    what: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(help="A folder of tests/ (unit, contracts, integration, journeys, faults …), or checks."),
    ] = None,
) -> None:
    """Check the house: lint, types, import walls, then every test against a real broker and database.

    `./hub test unit` runs the unit and contract tests alone, in seconds and without a server; `./hub test checks` the
    checks without any test. What follows `--` goes to pytest: `./hub test -- -k deadline -x`,
    `./hub test -- tests/unit/gateway`.
    """
    from ops.checks import run

    run(what, ctx.obj)


@app.command()
def bench(
    ctx: typer.Context,
    name: Annotated[Optional[str], typer.Argument(help="Which benchmark; without it, the list.")] = None,  # noqa: UP045
    json: Annotated[Optional[Path], typer.Option(help="Write the figures to this file as well.")] = None,  # noqa: UP045
) -> None:
    """Measure: run one of the benchmarks, on this machine, against servers of its own.

    With `--json FILE` the figures are also written as `{"name": …, "machine": …, "figures": {…}}`. What follows `--`
    goes to the benchmark.
    """
    from ops.benchmarks import run, show

    if name is None:
        show()
    else:
        run(name, json, ctx.obj)


commands_on_messages.add_to(app)
commands_on_safekeeping.add_to(app)
app.add_typer(sources, name="sources")


def main() -> None:
    """Run the command the operator typed."""
    words = sys.argv[1:]
    passed_on: list[str] = []
    if "--" in words:
        cut = words.index("--")
        words, passed_on = words[:cut], words[cut + 1 :]
    sys.exit(_status(words, passed_on))


def _status(words: list[str], passed_on: list[str]) -> int:
    try:
        status = int(app(args=words, obj=passed_on, prog_name="hub", standalone_mode=False) or 0)
    except Failure as failure:
        _complain(str(failure))
        return failure.status
    except typer.TyperException as mistake:
        _complain(f"{mistake.format_message() or 'Which command?'} (see ./hub --help)")
        return 2
    except typer.Abort:
        _complain("not confirmed: nothing was done.")
        return 1
    except BrokenPipeError:
        return 141
    except PermissionError as error:
        _complain(f"{error.filename or 'the platform'} is not yours to use: {error.strerror}.")
        return 1
    except Exception as error:
        _complain(f"unexpected {type(error).__name__}: {error} ({_logged()})")
        return 70
    if status == 130:  # so typer tells of Ctrl-C
        _complain("interrupted.")
    return status


def _site(data: Path) -> Path:
    """Where a deployment's own things are: not where those of processes are, unless told so."""
    return SITE if data == HERE else data


def _complain(line: str) -> None:
    progress.print(f"[bold red]hub:[/bold red] {escape(' '.join(line.split()))}")


def _logged() -> str:
    """Where the details are."""
    told = f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} hub {' '.join(sys.argv[1:])}\n{traceback.format_exc()}\n"
    try:
        ERROR_LOG.parent.mkdir(parents=True, exist_ok=True)
        with ERROR_LOG.open("a") as log:
            log.write(told)
    except OSError:
        return f"the details are lost: {ERROR_LOG} cannot be written"
    return f"the details are in {ERROR_LOG}"
