"""A process that cannot be configured says in one line which variables are wrong, and leaves."""

from __future__ import annotations

import os
import subprocess

from ops.program import PYTHON, ROOT
from tests.keys import Keys


def started_with(**environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    return subprocess.run(
        [PYTHON, "-m", "shared.runner", "tests.faults.coast:LighthouseService"],
        env={**inherited, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_a_service_names_every_variable_that_is_wrong(tmp_path) -> None:
    public_key = tmp_path / "public.pem"
    public_key.write_text(Keys.made().public)
    left = started_with(HUB_PRINCIPAL_PUBLIC_KEY_FILE=str(public_key), HUB_AMQP_URI="http://broker", HUB_ENV="moon")
    assert left.returncode == 2
    [line] = left.stderr.splitlines()
    assert line.startswith("configuration: ")
    for name in ("HUB_AMQP_URI", "HUB_MONGO_URI", "HUB_ENV"):
        assert name in line
    assert "HUB_PRINCIPAL_PUBLIC_KEY" not in line, "it was read from its file"


def test_a_wrong_start_is_told_how_it_is_done() -> None:
    done = subprocess.run([PYTHON, "-m", "shared.runner"], capture_output=True, text=True, cwd=ROOT, timeout=30)
    assert done.returncode == 1
    assert done.stderr.strip() == "usage: python -m shared.runner MODULE:CLASS"
