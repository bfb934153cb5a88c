"""Starts the embedded database: `python -m ops.embedded --port … --storage-path …`, SecantusDB's own command line.

Two things are set that its command line does not offer. A transaction whose process has died is ended after ten
seconds (as with mongod's `transactionLifetimeLimitSeconds`), not after a minute, because until then it keeps others
from what it wrote. And no log of every change is kept for readers of change streams: the hub has none, and with it a
deletion costs half as much again.
"""

from __future__ import annotations

import gc
import sys
from typing import Any

TRANSACTION_SECONDS = 10
"""After so long a transaction is ended whose process has died."""

if __name__ == "__main__":
    from secantus import cli, server
    from secantus.storage import Storage

    class StorageWithoutOplog(Storage):
        def _emit_oplog(self, entries: list[Any], pre_images: list[Any] | None = None) -> int:
            """Weigh a transaction, so that one too large for the cache is refused; keep nothing of what it changes."""
            transaction = getattr(self._tls, "user_txn", None)
            if transaction is not None:
                super()._emit_oplog(entries, pre_images)
                transaction.oplog_entries.clear()
                transaction.pre_images.clear()
            return 0

    server.Storage = StorageWithoutOplog

    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)

    defaults = server.SecantusDBServer.__init__.__kwdefaults__
    assert "transaction_lifetime_seconds" in defaults, "SecantusDB names its setting otherwise now"
    defaults["transaction_lifetime_seconds"] = float(TRANSACTION_SECONDS)
    sys.exit(cli.main())
