#!/opt/secantus/bin/python
"""`mongod`, as far as a deployment asks for it, on the embedded database.

As mongod does with `--keyFile`, it lets nobody in without a password, and as long as there is no user it listens to
127.0.0.1 alone: there the first one can be made.
"""

import argparse
import signal
import subprocess
import sys
import time
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import PyMongoError
from secantus import cli, server

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
if options.alone:
    sys.exit(cli.main(["--host", "127.0.0.1", *common]))

walled = Path(options.dbpath, "walled")


def await_a_user() -> None:
    with MongoClient("127.0.0.1", directConnection=True) as mongo:
        while True:
            try:
                if mongo.admin.command("usersInfo")["users"]:
                    return
            except PyMongoError:
                pass
            time.sleep(0.1)


if not walled.exists():
    open_to_us_alone = subprocess.Popen([sys.executable, __file__, "--alone", *sys.argv[1:]])
    signal.signal(signal.SIGTERM, lambda *_: (open_to_us_alone.kill(), sys.exit(0)))
    await_a_user()
    open_to_us_alone.terminate()
    open_to_us_alone.wait()
    walled.touch()
sys.exit(cli.main(["--host", "0.0.0.0", "--auth", *common]))
