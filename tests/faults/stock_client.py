"""A stock Nameko client: `python -m tests.faults.stock_client SERVICE.METHOD KWARGS [COMMAND_ID]`, no time limit.

Prints the answer as JSON, or `{"error": class, "words": …}` of what Nameko raised.
"""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import eventlet

eventlet.monkey_patch()

import json  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402

from nameko.exceptions import MethodNotFound, RemoteError  # noqa: E402
from nameko.standalone.rpc import ClusterRpcProxy  # noqa: E402


def main(full_name: str, kwargs: str, command_id: str | None = None) -> object:
    service, _, method = full_name.partition(".")
    context = {"command_id": command_id} if command_id else None
    with ClusterRpcProxy({"AMQP_URI": os.environ["HUB_AMQP_URI"]}, context_data=context) as cluster:
        try:
            return getattr(getattr(cluster, service), method)(**json.loads(kwargs))
        except RemoteError as error:
            return {"error": error.exc_type, "words": error.value}
        except MethodNotFound as error:
            return {"error": type(error).__name__, "words": str(error)}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
