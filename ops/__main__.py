"""`./hub …`, and `python -m ops …`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # python -I adds no directory of its own

from ops.cli import main

main()
