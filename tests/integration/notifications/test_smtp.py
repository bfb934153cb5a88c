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
from services.notifications.mail.smtp import Refused, SmtpPool, Unreachable
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


class Refusing(Taking):
    """Says no at one step of a conversation."""

    def __init__(self, step: str, reply: str) -> None:
        super().__init__()
        self._replies = {step: reply}

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]) -> Any:
        session.host_name = hostname
        return [self._replies["EHLO"]] if "EHLO" in self._replies else responses

    async def handle_HELO(self, server: Any, session: Any, envelope: Any, hostname: str) -> str:
        return self._replies["EHLO"]

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.mail_from = address
        return self._replies.get("MAIL", "250 OK")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.rcpt_tos.append(address)
        return self._replies.get("RCPT", "250 OK")

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        return self._replies.get("DATA", "250 Taken")


def what_comes_of(step: str, reply: str) -> Exception:
    """Of a message to a server that says this at this step."""
    controller = Controller(Refusing(step, reply), hostname=LOOPBACK, port=choose(["smtp"], {})["smtp"])
    controller.start()
    try:
        with pytest.raises((Refused, Unreachable)) as failed:
            send(pool_of(controller.port, password=None), "anna@example.org")
        return failed.value
    finally:
        controller.stop()


@pytest.mark.parametrize(
    ("step", "reply", "for_good", "address"),
    [
        ("RCPT", "550 No such user here", True, True),
        ("RCPT", "550 5.1.1 <anna@example.org> unknown", True, True),
        ("RCPT", "550 5.2.1 Mailbox disabled", True, True),
        ("RCPT", "550 5.4.1 Recipient address rejected", True, True),
        ("RCPT", "553 5.1.3 Bad syntax", True, True),
        ("RCPT", "550 5.7.1 You are on a list of ours", True, False),
        ("RCPT", "554 5.7.1 Relay access denied", True, False),
        ("RCPT", "552 5.2.2 Mailbox full", True, False),
        ("RCPT", "550 5.2.2 Mailbox full", True, False),
        ("RCPT", "451 4.7.1 Greylisted", False, False),
        ("DATA", "554 5.6.0 Looks like spam", True, False),
        ("DATA", "452 4.3.1 Full for now", False, False),
    ],
)
def test_an_address_is_suppressed_for_what_is_said_of_it_and_for_nothing_else(
    step: str, reply: str, for_good: bool, address: bool
) -> None:
    refused = what_comes_of(step, reply)
    assert isinstance(refused, Refused)
    assert (refused.for_good, refused.address) == (for_good, address)


@pytest.mark.parametrize(
    ("step", "reply"),
    [("EHLO", "554 Go away"), ("MAIL", "530 5.7.0 Authentication required"), ("MAIL", "550 5.7.1 Sender unknown")],
)
def test_a_server_that_wants_none_of_our_messages_is_come_back_to_like_one_that_is_away(step: str, reply: str) -> None:
    assert isinstance(what_comes_of(step, reply), Unreachable)
