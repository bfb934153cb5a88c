"""Make `.venv` from `requirements.lock`. Run by `./hub` with whatever Python is there: standard library only.

A finished environment holds a copy of the lock it was made from, and the path it was made for (an environment cannot be
moved), so that a change of either shows. Two first uses at the same moment make it once: the second waits for the
first (a file lock on `requirements.lock`).
"""

from __future__ import annotations

import fcntl
import filecmp
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[1]
LOCK = HOUSE / "requirements.lock"
VENV = HOUSE / ".venv"
PYTHON = VENV / "bin" / "python"
MADE_FROM = VENV / "requirements.lock"
MADE_FOR = VENV / "house"
LOG = HOUSE / ".hub" / "logs" / "environment.log"


class CannotMake(Exception):
    """Why there is no environment, in one line."""


def main() -> int:
    try:
        see_that_it_is_made()
    except CannotMake as failure:
        print(f"hub: {failure}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"hub: .venv can be neither made nor used: {error.filename}: {error.strerror}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("hub: interrupted; the next use starts again.", file=sys.stderr)
        return 130
    return 0


def see_that_it_is_made() -> None:
    with LOCK.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if is_made():
            return
        started = time.monotonic()
        print("hub: making .venv from requirements.lock (up to a minute or two) …", file=sys.stderr)
        make()
        MADE_FOR.write_text(f"{HOUSE}\n")
        shutil.copyfile(LOCK, MADE_FROM)
        print(f"hub: .venv is ready ({time.monotonic() - started:.0f} s).", file=sys.stderr)


def is_made() -> bool:
    """Whether there is an environment of this lock and this place; the same question as in `./hub`."""
    if not (PYTHON.exists() and MADE_FOR.exists() and MADE_FROM.exists()):
        return False
    return MADE_FOR.read_text().strip() == str(HOUSE) and filecmp.cmp(LOCK, MADE_FROM, shallow=False)


def make() -> None:
    if not (PYTHON.exists() and MADE_FOR.exists() and MADE_FOR.read_text().strip() == str(HOUSE)):
        shutil.rmtree(VENV, ignore_errors=True)  # begun and never finished, or made elsewhere
    MADE_FROM.unlink(missing_ok=True)
    LOG.parent.mkdir(parents=True, exist_ok=True)
    LOG.write_text("")
    if not (answers("uv", "--version") and made_with_uv()):
        make_with_pip()


def made_with_uv() -> bool:
    """Whether uv could do it. Where it cannot (an index only pip is told of, say), pip is asked next."""
    environment = ["venv", "--quiet", "--allow-existing", "--python", sys.executable, str(VENV)]
    packages = ["pip", "sync", "--quiet", "--require-hashes", "--python", str(PYTHON), str(LOCK)]
    return uv(*environment) and uv(*packages)


def uv(*arguments: str) -> bool:
    """Run it, trusting whom the machine trusts; whether it succeeded."""
    settings = {**os.environ, "UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}  # the newer name, and the older
    return runs(["uv", *arguments], settings)


def make_with_pip() -> None:
    if not answers(sys.executable, "-c", "import ensurepip, venv"):
        install_venv()
    if not runs([sys.executable, "-m", "venv", "--clear", str(VENV)]):
        raise CannotMake(f"{sys.executable} cannot make a virtual environment: see {LOG}")
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    if not runs([str(PYTHON), "-m", "pip", "install", *quiet, "--require-hashes", "-r", str(LOCK)]):
        raise CannotMake(f"pip could not install requirements.lock: see {LOG}")


def install_venv() -> None:
    package = f"python3.{sys.version_info.minor}-venv"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"hub: installing {package} …", file=sys.stderr)
        quietly = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        if runs(["apt-get", "update", "-q"], quietly) and runs(["apt-get", "install", "-qy", package], quietly):
            return
    raise CannotMake(f"Python's venv module is missing: install it (on Debian: apt-get install {package}).")


def answers(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def runs(command: list[str], environment: dict[str, str] | None = None) -> bool:
    """Run it with its words kept in the log; whether it succeeded."""
    with LOG.open("a") as log:
        log.write(f"$ {' '.join(command)}\n")
        log.flush()
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
