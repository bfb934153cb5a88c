#!/opt/sink/bin/python
"""`/mailpit`, as far as a deployment asks for it: takes mail on 1025, shows on 8025 to whom it was, and its subject.

Like the real one it keeps what it was given in a file under /tmp, which must be writable.
"""

import asyncio
import email
import email.policy
import json
import sys
import tempfile
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from aiosmtpd.controller import UnthreadedController

if sys.argv[1:] == ["readyz"]:
    sys.exit(urllib.request.urlopen("http://127.0.0.1:8025/readyz", timeout=4).status != 200)

kept = Path(tempfile.mkdtemp(), "mails")
kept.touch()


class Sink:
    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        to = [{"Address": address} for address in envelope.rcpt_tos]
        with kept.open("a") as file:
            file.write(json.dumps({"Subject": letter["Subject"], "To": to}) + "\n")
        return "250 OK"


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        messages = [json.loads(line) for line in kept.read_text().splitlines()]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"total": len(messages), "messages": messages}).encode())

    def log_message(self, *_: object) -> None:
        pass


threading.Thread(target=HTTPServer(("0.0.0.0", 8025), Page).serve_forever, daemon=True).start()
loop = asyncio.new_event_loop()
taking = UnthreadedController(Sink(), hostname="0.0.0.0", port=1025, loop=loop)
taking.begin()
loop.run_forever()
