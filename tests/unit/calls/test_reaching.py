"""Reaching a source over TLS: the address was looked at, the certificate must be the name's."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.calls import reaching
from services.calls.reaching import NotPublic, PublicOnly


class Greeting(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of `localhost`, with its key, signed by itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(timezone.utc)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    written = tmp_path / "localhost.pem"
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    written.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem))
    return written


@pytest.fixture
def port(certificate: Path) -> Iterator[int]:
    """Where a server with this certificate listens."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Greeting)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def reached(url: str, trusted: Path) -> int:
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", PublicOnly())
        return session.get(url, verify=str(trusted), timeout=30).status_code


def test_a_certificate_is_held_against_the_name_not_the_address(
    port: int, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaching, "is_public", lambda address: True)
    assert reached(f"https://localhost:{port}/", certificate) == 204
    with pytest.raises(requests.exceptions.SSLError):
        reached(f"https://127.0.0.1:{port}/", certificate)


def test_an_internal_address_is_not_even_connected_to(port: int, certificate: Path) -> None:
    with pytest.raises(NotPublic):
        reached(f"https://localhost:{port}/", certificate)
