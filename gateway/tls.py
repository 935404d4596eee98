"""TLS for the HTTP listener: a given certificate, or one made here so that a phone on the LAN gets a camera.

Browsers give camera and microphone to secure origins alone; a self-signed certificate counts once accepted.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID = timedelta(days=397)  # the longest a browser accepts


def lan_addresses() -> list[str]:
    """This machine's addresses that others can reach, IPv4 first; link-local ones are left out."""
    found = {
        entry.address.split("%")[0]
        for entries in psutil.net_if_addrs().values()
        for entry in entries
        if entry.family in (socket.AF_INET, socket.AF_INET6)
    }
    usable = [ipaddress.ip_address(a) for a in found]
    usable = [a for a in usable if not a.is_loopback and not a.is_link_local]
    return [str(a) for a in sorted(usable, key=lambda a: (a.version, int(a)))]


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Paths of certificate and key under `folder`.

    Made anew when missing, near their end, or when this machine's addresses have changed.
    """
    certificate, key = folder / "self-signed.crt", folder / "self-signed.key"
    names = sorted({"localhost", socket.gethostname()})
    addresses = ["127.0.0.1", "::1", *lan_addresses()]
    if not (certificate.exists() and key.exists() and _covers(certificate, names, addresses)):
        _make(certificate, key, names, addresses)
    return certificate, key


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Raises OSError or ssl.SSLError when the files are missing or do not fit each other."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


def _covers(path: Path, names: list[str], addresses: list[str]) -> bool:
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
    except ValueError:
        return False
    if found.not_valid_after_utc < datetime.now(UTC) + timedelta(days=7):
        return False
    subject = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    have = set(subject.get_values_for_type(x509.DNSName))
    have |= {str(a) for a in subject.get_values_for_type(x509.IPAddress)}
    return have >= {*names, *addresses}


def _make(certificate: Path, key_path: Path, names: list[str], addresses: list[str]) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Viva on " + socket.gethostname()[:50])])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + VALID)
        .add_extension(
            x509.SubjectAlternativeName(
                [*map(x509.DNSName, names), *(x509.IPAddress(ipaddress.ip_address(a)) for a in addresses)]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate.parent.mkdir(parents=True, exist_ok=True)
    key_path.unlink(missing_ok=True)
    descriptor = os.open(key_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
