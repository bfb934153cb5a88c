"""A child that does not outlive the process that started it, however that one ends."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """For `Popen(preexec_fn=…)`: the kernel sends this signal to the child when its parent is gone, even by kill -9.

    Linux only; elsewhere there is none, and `./hub down` finds what was left.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask_for_it() -> None:
        prctl(_PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:  # it left in between
            os.kill(os.getpid(), number)

    return ask_for_it
