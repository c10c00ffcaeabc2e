"""What a file says of itself, and whether that is still true."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avatar.errors import BackendUnavailable, InputError, Tampered, Unsigned
from avatar.provenance.claim import ASSERTION
from avatar.provenance.signing import GET_IT

_UNTRUSTED, _EXPIRED = "signingCredential.untrusted", "signingCredential.expired"


@dataclass(frozen=True)
class Report:
    """A signature that fits its file.

    `trusted` says whether the signer is on a list of those C2PA trusts: a key made here never is, `by` is what it calls
    itself; `expired` that its certificate is not valid today, which says nothing of the file. `source` is an IPTC
    digital source type; `consent` the hash of the consent record's line.
    """

    file: str
    by: str
    trusted: bool
    expired: bool
    source: str | None
    consent: str | None
    making: dict[str, Any]
    signed_at: str | None


def verify(path: Path) -> Report:
    """Read and check the signature.

    Raises Unsigned for a file without one, Tampered for one that does not fit, InputError for what cannot be read.
    """
    try:
        import c2pa  # noqa: PLC0415
    except ImportError as error:
        raise BackendUnavailable("signatures cannot be checked here", f"get it with: {GET_IT}") from error
    if not path.is_file():
        raise InputError(f"there is no file {path}")
    try:
        with c2pa.Reader(str(path)) as reader:
            store = json.loads(reader.json())
    except c2pa.C2paError as error:
        raise _unreadable(path, str(error)) from error
    codes = [status["code"] for status in store.get("validation_status", [])]
    wrong = [code for code in codes if code not in {_UNTRUSTED, _EXPIRED}]
    if wrong or (store.get("validation_state") == "Invalid" and _EXPIRED not in codes):
        raise Tampered(f"{path} is not as it was signed: {', '.join(dict.fromkeys(wrong)) or 'invalid'}")
    return _report(path, store, frozenset(codes))


def _unreadable(path: Path, said: str) -> Exception:
    if "ManifestNotFound" in said or "no JUMBF data" in said:
        return Unsigned(f"{path} carries no signature", "mp4, wav and png by avatar do, where its signer is installed")
    if "NotSupported" in said or "unsupported" in said.lower() or "type is unsupported" in said:
        return Unsigned(f"{path} is of a kind that carries no signature: {said}")
    return Tampered(f"the signature in {path} cannot be read: {said}")


def _report(path: Path, store: dict[str, Any], codes: frozenset[str]) -> Report:
    manifest = store["manifests"][store["active_manifest"]]
    about = {assertion["label"]: assertion["data"] for assertion in manifest.get("assertions", [])}
    actions: list[dict[str, Any]] = next(
        (data["actions"] for label, data in about.items() if label.startswith("c2pa.actions")), []
    )
    making = about.get(ASSERTION, {})
    signature = manifest.get("signature_info", {})
    return Report(
        file=str(path),
        by=str(signature.get("common_name") or signature.get("issuer") or "nobody who is named"),
        trusted=not codes & {_UNTRUSTED, _EXPIRED},
        expired=_EXPIRED in codes,
        source=next((action["digitalSourceType"] for action in actions if "digitalSourceType" in action), None),
        consent=making.get("consent"),
        making=making,
        signed_at=signature.get("time"),
    )
