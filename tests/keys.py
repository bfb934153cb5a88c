"""The keys of one test run: a pair of Ed25519 keys for principal tokens, and one that seals secrets at rest."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from secrets import token_bytes

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True)
class Keys:
    """Both halves, PEM; and the sealing key in base64."""

    private: str
    public: str
    secrets: str

    @staticmethod
    def made() -> Keys:
        key = Ed25519PrivateKey.generate()
        pem = serialization.Encoding.PEM
        private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
        return Keys(private.decode(), public.decode(), b64encode(token_bytes(32)).decode())
