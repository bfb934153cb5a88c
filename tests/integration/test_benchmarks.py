"""The benchmarks run and say what they measured. How fast it was is no test's business."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from ops.program import PYTHON, ROOT


@pytest.mark.timeout(300)
def test_a_tiny_run_of_the_messaging_benchmark_gives_every_figure_of_both_sides(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"

    done = subprocess.run(
        [PYTHON, "-m", "benchmarks.messaging", "--quick", "--database", "embedded", "--json", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
    )

    assert done.returncode == 0, done.stderr
    written = json.loads(file.read_text())
    assert (written["name"], bool(written["machine"])) == ("messaging", True)
    measured = (
        "requests_16_connections_per_second",
        "requests_1_connection_p50_ms",
        "events_batched_per_second",
        "events_single_per_second",
        "relay_rows_of_1_per_second",
        "relay_rows_of_50_per_second",
    )
    for quantity in measured:
        for figure in ("hub", "peer", "ratio"):
            assert written["figures"][f"{quantity}_{figure}"] > 0
        assert f"{quantity}_ratio_to_reach" in written["figures"]
