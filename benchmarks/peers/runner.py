"""Runs one stock Nameko service with its default configuration: `runner MODULE:CLASS AMQP_URI [WEB_ADDRESS]`.

What `nameko run` does, which cannot itself be started beside a current setuptools; only its log line for every HTTP
request is left out, which would slow it down.
"""

from __future__ import annotations

import warnings

warnings.simplefilter("ignore")
import eventlet  # noqa: E402

eventlet.monkey_patch()

import sys  # noqa: E402
from importlib import import_module  # noqa: E402

from nameko.runners import ServiceRunner  # noqa: E402


def main(entry: str, amqp_uri: str, web_address: str) -> None:
    config = {"AMQP_URI": amqp_uri}
    if web_address:
        config["WEB_SERVER_ADDRESS"] = web_address
    module, _, name = entry.partition(":")
    runner = ServiceRunner(config=config)
    runner.add_service(getattr(import_module(module), name))
    runner.start()
    runner.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
