#!/opt/secantus/bin/python
"""`mongod`, as far as a deployment asks for it, on the embedded database.

As mongod does with `--keyFile`, it lets nobody in without a password, and as long as there is no user it listens to
127.0.0.1 alone: there the first one can be made.
"""

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path

from secantus import cli, commands, server

told = argparse.ArgumentParser()
for option in ("--replSet", "--keyFile", "--dbpath", "--wiredTigerCacheSizeGB"):
    told.add_argument(option)
told.add_argument("--setParameter", action="append")
for flag in ("--alone", "--bind_ip_all", "--quiet"):
    told.add_argument(flag, action="store_true")
options = told.parse_args()
assert len(Path(options.keyFile).read_text()) > 6
lifetime = dict(each.split("=") for each in options.setParameter)["transactionLifetimeLimitSeconds"]
server.SecantusDBServer.__init__.__kwdefaults__["transaction_lifetime_seconds"] = float(lifetime)

common = ["--storage-path", options.dbpath, "--port", "27017", "--cache-size", "256M", "--sync-on-commit"]
common += ["--standalone", "--log-level", "WARNING"]
walled = Path(options.dbpath, "walled")

if options.alone:
    create = commands._HANDLERS["createUser"]

    def create_and_leave(*told: object) -> dict[str, object]:
        answer = create(*told)
        walled.touch()
        os.kill(os.getpid(), signal.SIGTERM)
        return answer

    commands._HANDLERS["createUser"] = create_and_leave
    sys.exit(cli.main(["--host", "127.0.0.1", *common]))

if not walled.exists():
    open_to_us_alone = subprocess.Popen([sys.executable, __file__, "--alone", *sys.argv[1:]])
    signal.signal(signal.SIGTERM, lambda *_: open_to_us_alone.terminate())
    open_to_us_alone.wait()
sys.exit(cli.main(["--host", "0.0.0.0", "--auth", *common]) if walled.exists() else 0)
