"""A pair of Ed25519 keys for the principal tokens of one test run."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True)
class Keys:
    """Both halves, PEM."""

    private: str
    public: str

    @staticmethod
    def made() -> Keys:
        key = Ed25519PrivateKey.generate()
        pem = serialization.Encoding.PEM
        private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
        return Keys(private.decode(), public.decode())
