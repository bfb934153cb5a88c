"""Handing e-mails to a server that asks for encryption and a password: never in clear, never to one in disguise."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ops.ports import LOOPBACK, choose
from services.notifications.mail.smtp import SmtpPool, Unreachable
from services.notifications.settings import MailServer

USER, PASSWORD = "hub", "segreto/di+prova"


class Taking:
    """Takes what it is given, and remembers how."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bool, bool]] = []
        """Of each message: its recipient, whether it came encrypted, whether its sender was known."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        encrypted = session.ssl is not None or server.transport.get_extra_info("sslcontext") is not None
        self.taken.append((envelope.rcpt_tos[0], encrypted, bool(session.authenticated)))
        return "250 Taken"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a server at this address, signed by itself; the key stands in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail of a test")])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(LOOPBACK))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = tmp_path_factory.mktemp("certificate") / "server.pem"
    file.write_bytes(made.public_bytes(pem) + private)
    return file


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the machine's own list has the server's authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


def knows_the_password(server: Any, session: Any, envelope: Any, mechanism: str, said: Any) -> AuthResult:
    right = isinstance(said, LoginPassword) and (said.login, said.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


@contextmanager
def serving(certificate: Path | None, *, encrypted_from_the_start: bool = False) -> Iterator[tuple[int, Taking]]:
    taking = Taking()
    given: dict[str, Any] = {}
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        begins = {"ssl_context": context} if encrypted_from_the_start else {"tls_context": context}
        given = {**begins, "require_starttls": not encrypted_from_the_start, "auth_required": True}
        given |= {"authenticator": knows_the_password, "auth_require_tls": not encrypted_from_the_start}
    port = choose(["smtp"], {})["smtp"]
    controller = Controller(taking, hostname=LOOPBACK, port=port, **given)
    controller.start()
    try:
        yield port, taking
    finally:
        controller.stop()


def pool_of(port: int, *, tls: bool = False, starttls: bool = False, password: str | None = PASSWORD) -> SmtpPool:
    user = USER if password else None
    return SmtpPool(MailServer(host=LOOPBACK, port=port, tls=tls, starttls=starttls, user=user, password=password))


def send(pool: SmtpPool, recipient: str) -> None:
    message = EmailMessage()
    message["Subject"] = "Prova"
    message.set_content("Ciao.")
    try:
        pool.send(message, "hub@hub.example", recipient)
    finally:
        pool.close()


def test_after_starttls_and_the_password_the_server_takes_it(certificate: Path, trusted: None) -> None:
    with serving(certificate) as (port, server):
        send(pool_of(port, starttls=True), "anna@example.org")
        assert server.taken == [("anna@example.org", True, True)]


def test_a_server_that_is_encrypted_from_the_start_takes_it(certificate: Path, trusted: None) -> None:
    with serving(certificate, encrypted_from_the_start=True) as (port, server):
        send(pool_of(port, tls=True), "anna@example.org")
        assert server.taken == [("anna@example.org", True, True)]


def test_with_a_wrong_password_nothing_is_sent_and_it_is_tried_again_later(certificate: Path, trusted: None) -> None:
    with serving(certificate) as (port, server), pytest.raises(Unreachable, match="535"):
        send(pool_of(port, starttls=True, password="altro"), "anna@example.org")
    assert server.taken == []


@pytest.mark.parametrize("at_once", [False, True], ids=["starttls", "smtps"])
def test_nothing_is_said_to_a_server_whose_certificate_nobody_vouches_for(certificate: Path, at_once: bool) -> None:
    refused = pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED")
    with serving(certificate, encrypted_from_the_start=at_once) as (port, server), refused:
        send(pool_of(port, tls=at_once, starttls=not at_once), "anna@example.org")
    assert server.taken == []


def test_where_encryption_was_asked_for_nothing_goes_in_clear() -> None:
    with serving(None) as (port, server), pytest.raises(Unreachable):
        send(pool_of(port, starttls=True, password=None), "anna@example.org")
    assert server.taken == []
