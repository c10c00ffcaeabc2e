"""Signing a file in place, with the user's own key or with one made here on first use.

A certificate made here says that this installation made the file, not who sits before it: readers show it as untrusted.
"""

import datetime
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from avatar.codec.publish import publish, refusal
from avatar.errors import InputError
from avatar.provenance.claim import Claim

if TYPE_CHECKING:
    from cryptography.x509 import Name

MEDIA_TYPES = {".mp4": "video/mp4", ".wav": "audio/wav", ".png": "image/png"}
GET_IT = "pip install 'avatar-pipeline[signing]'"

_SETTINGS = {"builder": {"thumbnail": {"enabled": False}}}
"""A thumbnail of a picture makes its file three times as large, and signing it fifteen times as slow."""

_ROOT_DAYS, _LEAF_DAYS = 3650, 730


@dataclass(frozen=True)
class Signed:
    """Whether a file was signed: `by` whom, or else `why` it was not."""

    signed: bool
    by: str | None = None
    why: str | None = None


def sign(path: Path, claim: Claim, keys: Path, *, own: bool, title: str = "") -> Signed:
    """Sign the file in place; it is replaced whole, or stays as it was.

    The signature calls it `title`. `keys` holds key.pem and chain.pem: the user's `own`, or else made there when they
    are missing. Raises InputError for keys that cannot be used. What cannot be signed here is no error but said in the
    answer.
    """
    media_type = MEDIA_TYPES.get(path.suffix.lower())
    if media_type is None:
        return Signed(False, why=f"C2PA is not written into {path.suffix} files here")
    try:
        import c2pa  # noqa: PLC0415  53 MB, of an extra
        from cryptography import x509  # noqa: PLC0415
    except ImportError:
        return Signed(False, why=f"the signer is not installed; get it with: {GET_IT}")
    chain, key = _keys(keys, own=own)
    try:
        info = c2pa.C2paSignerInfo(alg=_algorithm(key), sign_cert=chain, private_key=key, ta_url=None)
        context = c2pa.Context(c2pa.Settings.from_dict(_SETTINGS))
        builder = c2pa.Builder(json.dumps(claim.manifest(title or path.name, media_type)), context=context)
        with publish(path) as part, tempfile.TemporaryDirectory(dir=path.parent, prefix=".signing-") as beside:
            signed = Path(beside) / path.name
            builder.sign_file(str(path), str(signed), c2pa.Signer.from_info(info))
            shutil.move(signed, part)
    except c2pa.C2paError as error:
        raise InputError(f"{path.name} cannot be signed with the keys in {keys}: {error}") from error
    leaf = x509.load_pem_x509_certificates(chain)[0]
    return Signed(True, by=_common_name(leaf.subject))


def _keys(folder: Path, *, own: bool) -> tuple[bytes, bytes]:
    """The certificate chain and the private key, as PEM."""
    if not own:
        _ensure(folder)
    try:
        return (folder / "chain.pem").read_bytes(), (folder / "key.pem").read_bytes()
    except OSError as error:
        raise InputError(
            f"the signer {folder} has no key.pem and chain.pem that can be read: {error.strerror}",
            "put your key and its certificates there, or leave the setting signer out",
        ) from error


def _ensure(folder: Path) -> None:
    """Make a key where there is none, and a certificate for it where none is valid now; once, however many ask."""
    try:
        if _valid(folder):
            return
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(folder / ".lock"):
            if not _valid(folder):
                _make(folder)
    except OSError as error:
        raise refusal(folder, error) from error
    except ValueError as error:
        raise InputError(f"the signer {folder} is damaged: {error}", "remove it, and a new one is made") from error


def _valid(folder: Path) -> bool:
    """Whether there are both, and the certificate's time has begun and not ended: a clock may stand years elsewhere."""
    from cryptography import x509  # noqa: PLC0415

    if not ((folder / "chain.pem").exists() and (folder / "key.pem").exists()):
        return False
    chain = x509.load_pem_x509_certificates((folder / "chain.pem").read_bytes())
    now = datetime.datetime.now(datetime.UTC)
    return all(one.not_valid_before_utc <= now <= one.not_valid_after_utc for one in chain)


def _make(folder: Path) -> None:
    """A key, or the one that is there, and a certificate for it from now on."""
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    if (folder / "chain.pem").exists() and (folder / "key.pem").exists():
        leaf: Any = serialization.load_pem_private_key((folder / "key.pem").read_bytes(), None)
        name = x509.load_pem_x509_certificates((folder / "chain.pem").read_bytes())[0].subject
    else:
        leaf, name = ec.generate_private_key(ec.SECP256R1()), _name(f"avatar-pipeline {os.urandom(4).hex()}")
        pem = leaf.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        with publish(folder / "key.pem") as part, os.fdopen(os.open(part, flags, 0o600), "wb") as file:
            file.write(pem)
    with publish(folder / "chain.pem") as part:
        part.write_bytes(_certificates(leaf, name))


def _certificates(leaf: Any, subject: "Name") -> bytes:
    """A root of our own and a certificate for signing below it, as C2PA's profile wants them (2.2, section 14.5)."""
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.x509.oid import ExtendedKeyUsageOID  # noqa: PLC0415

    root, issuer = ec.generate_private_key(ec.SECP256R1()), _name("avatar-pipeline local root")
    began = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=5)
    root_id = x509.SubjectKeyIdentifier.from_public_key(root.public_key())
    leaf_id = x509.SubjectKeyIdentifier.from_public_key(leaf.public_key())

    def begin(name: Any, key: Any, days: int) -> Any:
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(began)
            .not_valid_after(began + datetime.timedelta(days=days))
        )

    authority = (
        begin(issuer, root, _ROOT_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(root_id, critical=False)
        .sign(root, hashes.SHA256())
    )
    signer = (
        begin(subject, leaf, _LEAF_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(leaf_id, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key()), critical=False)
        .sign(root, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    return bytes(signer.public_bytes(pem) + authority.public_bytes(pem))


def _usage(*, signs_certificates: bool) -> Any:
    from cryptography import x509  # noqa: PLC0415

    return x509.KeyUsage(
        digital_signature=not signs_certificates, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _name(common: str) -> "Name":
    from cryptography import x509  # noqa: PLC0415
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    parts = (NameOID.ORGANIZATION_NAME, "self-signed, of this installation"), (NameOID.COMMON_NAME, common)
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts])


def _common_name(name: "Name") -> str:
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()


def _algorithm(key: bytes) -> bytes:
    """C2PA's name for the signature this key makes."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        private = load_pem_private_key(key, None)
    except (ValueError, TypeError) as error:
        raise InputError(f"key.pem holds no private key that can be used: {error}") from error
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return {256: b"es256", 384: b"es384", 521: b"es512"}.get(private.curve.key_size, b"es256")
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return b"ed25519"
    if isinstance(private, rsa.RSAPrivateKey):
        return b"ps256"
    raise InputError("key.pem holds a key of a kind C2PA does not sign with", "use EC P-256, Ed25519 or RSA")
