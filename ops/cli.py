"""Every command of `./hub`, and how a command ends: well, or with one clear line and a status other than 0."""

from __future__ import annotations

import sys
import time
import traceback
from pathlib import Path
from typing import Annotated, Optional

import typer
from rich.markup import escape

from ops.failure import Failure
from ops.program import ROOT
from ops.screen import progress

app = typer.Typer(
    name="hub",
    help="The software of the Hub Cultura e Creatività: run it, look at it, fill it, check it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

ERROR_LOG = ROOT / ".hub" / "logs" / "hub.log"


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
    checks without any test. What follows `--` goes to pytest: `./hub test -- -k deadline -x`.
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
        return int(app(args=words, obj=passed_on, prog_name="hub", standalone_mode=False) or 0)
    except Failure as failure:
        _complain(str(failure))
        return failure.status
    except typer.TyperException as mistake:
        _complain(f"{mistake.format_message()} (see ./hub --help)")
        return 2
    except (KeyboardInterrupt, typer.Abort):
        _complain("interrupted.")
        return 130
    except BrokenPipeError:
        return 141
    except Exception as error:
        _complain(f"unexpected {type(error).__name__}: {error} (the details are in {_logged()})")
        return 70


def _complain(line: str) -> None:
    progress.print(f"[bold red]hub:[/bold red] {escape(' '.join(line.split()))}")


def _logged() -> Path:
    ERROR_LOG.parent.mkdir(parents=True, exist_ok=True)
    with ERROR_LOG.open("a") as log:
        log.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} hub {' '.join(sys.argv[1:])}\n{traceback.format_exc()}\n")
    return ERROR_LOG
