"""A throw-away certificate authority, and what a server may show, made by it or by others."""

import datetime
import ipaddress
import os
import ssl
import tempfile
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

NAMES = ("localhost", "127.0.0.1", "::1")
DAY = datetime.timedelta(days=1)


class Authority:
    """Its key is in this process only, and ends with it."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = common_name("Fanfare sandbox, a throw-away CA")
        self.certificate = self.sign(self.name, self.key, is_ca=True)

    def sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        names: tuple[str, ...] = (),
        days_left: int = 30,
        is_ca: bool = False,
    ) -> x509.Certificate:
        """A certificate for `key` that holds since a month ago and ends in `days_left`."""
        now, ours = datetime.datetime.now(datetime.UTC), self.key.public_key()
        builder = (
            x509.CertificateBuilder(self.name, subject, key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 30 * DAY)
            .not_valid_after(now + days_left * DAY)
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
            .add_extension(usage(is_ca), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ours), False)
        )
        if names:
            found = x509.SubjectAlternativeName([general_name(name) for name in names])
            builder = builder.add_extension(found, critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def issue(self, *names: str, days_left: int = 30) -> bytes:
        """A fresh key and its certificate, as one PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        return secret(key) + self.sign(common_name(names[0]), key, names, days_left).public_bytes(
            Encoding.PEM
        )


def common_name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def general_name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def usage(is_ca: bool) -> x509.KeyUsage:
    never = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False
    )
    return x509.KeyUsage(
        digital_signature=not is_ca,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
        **never,
    )


def secret(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


class Certificates:
    """What a server on `host` shows. A `kind` is "" for what is right, else what is wrong."""

    def __init__(self, host: str) -> None:
        self.authority, self.names = Authority(), tuple(dict.fromkeys((*NAMES, host)))
        self.context("")  # made at the start: a first client should not have to wait for it

    @cache  # noqa: B019  one for the whole process
    def context(self, kind: str) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.set_alpn_protocols(["http/1.1"])
        if kind == "old_tls":
            made.set_ciphers("DEFAULT:@SECLEVEL=0")  # OpenSSL 3 speaks nothing so old by default
            made.minimum_version = ssl.TLSVersion.TLSv1
            made.maximum_version = ssl.TLSVersion.TLSv1_1
        load(made, self.chain(kind))
        return made

    def chain(self, kind: str) -> bytes:
        if kind == "wrong_host":
            return self.authority.issue("somebody.else.example")
        if kind == "expired":
            return self.authority.issue(*self.names, days_left=-1)
        if kind == "unknown_ca":
            return Authority().issue(*self.names)
        if kind == "self_signed":
            alone = Authority()
            alone.name = common_name(NAMES[0])
            found = alone.sign(alone.name, alone.key, self.names)
            return secret(alone.key) + found.public_bytes(Encoding.PEM)
        return self.authority.issue(*self.names)


def load(context: ssl.SSLContext, chain: bytes) -> None:
    """The ssl module takes certificates of one's own from files only."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(chain)
        file.flush()
        context.load_cert_chain(file.name)


def write_ca(authority: Authority, path: Path) -> None:
    """At once or not at all: programs may be waiting for the file. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as file:
        file.write(authority.pem())
    os.chmod(name, 0o644)
    os.replace(name, path)
