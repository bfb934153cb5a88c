"""`./hub up` and `./hub down`: the platform from nothing to ready, and back to nothing."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

from rich.markup import escape

from ops.house import House
from ops.logs import Stream
from ops.platform import Platform
from ops.screen import answers, progress, say
from ops.supervision import sweep


def up(platform: Platform, *, port: int, detach: bool, empty: bool) -> None:
    """Start, wait until ready, load the demo hub where there is nothing yet; then stream the logs until Ctrl-C."""
    began = time.monotonic()
    with _hanging_up_is_ctrl_c():
        say(f"starting in {escape(str(platform.house.directory))} …")
        platform.start(port=port, tied_to_us=not detach)
        stream: Stream | None = None
        try:
            _wait(platform)
            say(f"ready after {time.monotonic() - began:.1f} s")
            if not empty:
                from ops.demo import load_where_empty

                load_where_empty(platform)
            answers.print(f"The Hub answers at [bold]{platform.url}[/bold] (its documentation: {platform.url}/docs)")
            if detach:
                return
            say("the logs of all parts follow; Ctrl-C stops everything")
            stream = Stream(platform.house.logs, [state.name for state in platform.supervisor.states()], answers)
            while platform.supervisor.running:
                stream.print_new()
                time.sleep(0.2)
        except KeyboardInterrupt:
            _stop(platform, stream)
            if not stream:
                raise  # it was not up yet: no success to whoever waits for that
        except BaseException:
            platform.supervisor.stop()
            raise
        else:
            sweep(platform.house)
            say("it was stopped from elsewhere")


def down(house: House) -> None:
    """Stop what runs in this data directory, and clear away what a kill -9 left there."""
    platform = Platform(house)
    if platform.supervisor.running:
        _stop(platform)
        return
    left = sweep(house) if house.exists else 0
    say(f"{left} processes of a run that was cut off are cleared away" if left else "it is not running")


def _wait(platform: Platform) -> None:
    with progress.status("waiting …") as status:
        platform.wait_until_ready(lambda missing: status.update(f"waiting for {', '.join(missing)} …"))


def _stop(platform: Platform, stream: Stream | None = None) -> None:
    def look_on(_: list[str]) -> None:
        with contextlib.suppress(OSError):  # the terminal may be gone
            if stream:
                stream.print_new()

    with contextlib.suppress(OSError):
        say("stopping: what is being done is finished first (Ctrl-C again: at once)")
    try:
        platform.supervisor.stop(look_on)
    except KeyboardInterrupt:
        platform.supervisor.stop_at_once()
    with contextlib.suppress(OSError):
        say("stopped; nothing is left running")


@contextlib.contextmanager
def _hanging_up_is_ctrl_c() -> Iterator[None]:
    """A closed terminal and a `kill` stop the platform as properly as Ctrl-C (under `nohup`, only the latter two)."""

    def interrupt(_: int, __: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    heard = [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, interrupt) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
