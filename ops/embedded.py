"""Starts the embedded database: `python -m ops.embedded --port … --storage-path …`, SecantusDB's own command line.

One thing is set that its command line does not offer: a transaction whose process has died is ended after ten seconds
(as with mongod's `transactionLifetimeLimitSeconds`), not after a minute, because until then it keeps others from
what it wrote.
"""

from __future__ import annotations

import gc
import sys

TRANSACTION_SECONDS = 10
"""After so long a transaction is ended whose process has died."""

if __name__ == "__main__":
    from secantus import cli, server

    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)

    defaults = server.SecantusDBServer.__init__.__kwdefaults__
    assert "transaction_lifetime_seconds" in defaults, "SecantusDB names its setting otherwise now"
    defaults["transaction_lifetime_seconds"] = float(TRANSACTION_SECONDS)
    sys.exit(cli.main())
