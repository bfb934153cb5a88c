"""What a site may add: HTTPS with a certificate of its own, a mail sink."""

from __future__ import annotations

import ipaddress
import json
import socket
import ssl
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ops.docker import Deployment
from ops.secrets import env_file
from tests.compose.deployment import RunningDeployment
from tests.journeys.people import Hub
from tests.servers import wait_until

pytestmark = pytest.mark.timeout(600)


def test_a_site_with_a_certificate_is_reached_by_https_alone(
    deployment: RunningDeployment, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = _self_made(tmp_path)
    env = env_file(deployment.site)
    before = env.read_text()
    files = "COMPOSE_FILE=docker-compose.yml:docker-compose.tls.yml\n"
    env.write_text(f"{before}{files}HUB_TLS_CERTIFICATE={certificate}\nHUB_TLS_KEY={key}\n")
    secure = deployment.as_the_site_says()
    try:
        secure.recreate("proxy")
        address = secure.published("proxy", 8443).replace("http:", "https:")
        trusted = ssl.create_default_context(cafile=str(certificate))
        with httpx.Client(base_url=address, verify=trusted) as client:
            answer = client.get("/v1/organisations?kind=promoter")
            assert answer.status_code == 200 and answer.json()["total"] == 1
            assert "max-age" in answer.headers["Strict-Transport-Security"]
        assert _agreed(address, certificate) == "TLSv1.3"
        assert _agreed(address, certificate, "ECDHE-ECDSA-AES128-GCM-SHA256") == "TLSv1.2"
        with pytest.raises(OSError):
            _agreed(address, certificate, "ECDHE-ECDSA-AES128-SHA")  # no longer thought safe
        monkeypatch.setenv("HUB_BIND", "0.0.0.0")  # even then
        ports = json.loads(secure.compose.run("config", "--format", "json"))["services"]["proxy"]["ports"]
        assert {(port["target"], port["host_ip"]) for port in ports} == {(8443, "0.0.0.0"), (8080, "127.0.0.1")}
        monkeypatch.undo()
        with pytest.raises(httpx.HTTPError):
            httpx.get(address, verify=True)
        in_the_clear = Deployment(deployment.site).url
        assert in_the_clear.startswith("http:"), "where ./hub reaches it, which keeps the site's files"
        assert httpx.get(f"{in_the_clear}/v1/organisations?kind=promoter").status_code == 200
    finally:
        env.write_text(before)
        deployment.recreate("proxy")


def test_what_a_try_out_mails_is_shown_and_goes_nowhere(deployment: RunningDeployment, hub: Hub) -> None:
    marker = uuid.uuid4().hex[:8]
    address = f"posta-{marker}@example.org"
    hub.affiliate(f"Posta {marker}", address, "Pina Posta")
    shown = deployment.published("mail", 8025)

    def mailed() -> list[dict[str, Any]]:
        messages = httpx.get(f"{shown}/api/v1/messages").json()["messages"]
        return [message for message in messages if message["To"][0]["Address"] == address]

    wait_until(mailed, "the admission is mailed", 60, every=0.5)
    assert mailed()[0]["Subject"]


def _agreed(address: str, certificate: Path, ciphers: str | None = None) -> str | None:
    """The version of TLS that the proxy agrees on with a client: any, or one of 1.2 that knows these ciphers alone."""
    client = ssl.create_default_context(cafile=str(certificate))
    if ciphers:
        client.maximum_version = ssl.TLSVersion.TLSv1_2
        client.set_ciphers(ciphers)
    host, port = urlsplit(address).netloc.split(":")
    link = socket.create_connection((host, int(port)), timeout=20)
    with link, client.wrap_socket(link, server_hostname=host) as secured:
        return secured.version()


def _self_made(place: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key, as files that the proxy's user can read."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hub.example")])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    place.chmod(0o755)
    files = place / "certificate.pem", place / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    for file in files:
        file.chmod(0o444)
    return files
