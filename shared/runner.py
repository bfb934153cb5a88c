"""Runs one service: `python -m shared.runner services.calls.service:CallsService`.

Patches the standard library for eventlet before anything else is imported, reads the settings, starts Nameko's own
`ServiceRunner`, answers health and metrics, and on SIGTERM or SIGINT drains: takes nothing more, lets what runs finish
and acknowledge, leaves. After `HUB_DRAIN_SECONDS` it leaves anyway; what was cut off is delivered again.
"""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

import gc  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
from importlib import import_module  # noqa: E402

from nameko.runners import ServiceRunner  # noqa: E402

from shared import clock, health  # noqa: E402
from shared.messaging.rooms import room_of  # noqa: E402
from shared.settings import Settings, SettingsError, settings  # noqa: E402
from shared.telemetry import log, set_up_logging  # noqa: E402

_WORKERS = 1000
"""More than all prefetches together: the queues bound the work at hand, not a pool they would have to share."""
_NEW_OBJECTS_BEFORE_A_LOOK = 10_000


def main(path: str) -> int:
    """Run the service class at `module:Class` until it is told to stop. The exit status."""
    try:
        found = settings()
    except SettingsError as error:
        print(f"configuration: {error}", file=sys.stderr)
        return 2
    module, _, cls = path.partition(":")
    service = getattr(import_module(module), cls)
    set_up_logging(service.name, found.log_format, found.log_level)
    clock.follow(found.movable_clock)
    try:
        run(service, found)
    except SettingsError as error:  # what this service alone is told
        print(f"configuration: {error}", file=sys.stderr)
        return 2
    return 0


def run(service: type, found: Settings) -> None:
    """Run a service class until SIGTERM or SIGINT."""
    runner = ServiceRunner(config=nameko_config(service, found))
    runner.add_service(service)
    stopping = eventlet.event.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: stopping.ready() or eventlet.spawn(stopping.send, None))
    if found.health_bind:
        health.serve(found.health_bind)
    runner.start()
    _spare_the_collector()
    health.health.started = True
    log.info("started")
    died = eventlet.spawn(_outcome_of, runner, stopping)
    stopping.wait()
    health.health.draining = True
    log.info("draining")
    drained = False
    with eventlet.Timeout(found.drain_seconds, False):
        runner.stop()
        drained = True
        log.info("drained")
    died.kill()
    if not drained:
        _cut_off(runner)


def _spare_the_collector() -> None:
    """What stands now stands to the end: it need not be looked through for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS_BEFORE_A_LOOK, 20, 20)


def _cut_off(runner: ServiceRunner) -> None:
    """End what still runs: its transactions are aborted here and now, instead of holding up whoever comes after."""
    log.warning("what still runs is cut off")
    runner.kill()
    with eventlet.Timeout(3, False):
        for container in runner.containers:
            container._worker_pool.waitall()


def nameko_config(service: type, found: Settings) -> dict[str, object]:
    """Nameko's configuration for this service; our own extensions read `settings` and `room` from it."""
    return {
        "AMQP_URI": found.amqp_uri,
        "WEB_SERVER_ADDRESS": f"{found.http_bind[0]}:{found.http_bind[1]}",
        "max_workers": _WORKERS,
        "settings": found,
        "room": room_of(service),
    }


def _outcome_of(runner: ServiceRunner, stopping: eventlet.event.Event) -> None:
    """A container that dies of an unexpected error ends the process: whoever supervises it starts it anew."""
    try:
        runner.wait()
    except Exception:
        log.exception("the container died")
        if not stopping.ready():
            stopping.send(None)


if __name__ == "__main__":
    if len(sys.argv) != 2 or ":" not in sys.argv[1]:
        sys.exit("usage: python -m shared.runner MODULE:CLASS")
    sys.exit(main(sys.argv[1]))
