"""Model weights, pulled from the hub at a pinned revision, hashed, and never fetched unasked.

Layout below the root: ``OWNER--NAME/REVISION/`` holds the files and, written last, ``pulled.json``: each file's size
and SHA-256. `huggingface_hub` does the fetching (resumable; HF_ENDPOINT names a mirror, HF_TOKEN an account).
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from avatar.errors import AvatarError, BackendUnavailable, InputError
from avatar.workers.manifest import Manifest, Model, ModelFile

if TYPE_CHECKING:
    from huggingface_hub import HfFileMetadata

OnBytes = Callable[[str, int, int], None]
"""Called while a file comes: its path, bytes so far, bytes in all."""

_SPARE = 512 << 20
_SHA256_LENGTH = 64


class Corrupt(AvatarError):
    """A file of a model is not what its manifest or the hub says it is."""


@dataclass(frozen=True)
class Plan:
    """What pulling a model would fetch: `missing` are the paths and sizes not here yet, in bytes."""

    model: Model
    missing: tuple[tuple[str, int], ...]

    @property
    def size(self) -> int:
        """Bytes to fetch."""
        return sum(size for _, size in self.missing)


class Models:
    """The models below `root`, from `endpoint` or where the hub's client is configured to look."""

    def __init__(self, root: Path, endpoint: str | None = None, token: str | None = None) -> None:
        self.root = root
        self._endpoint = endpoint
        self._token = token

    def folder(self, model: Model) -> Path:
        """Where the model's files lie, pulled or not."""
        return self.root / model.repo.replace("/", "--") / model.revision

    def find(self, model: Model) -> Path | None:
        """The folder with all of the model's files, or None. Sizes are compared, not hashes."""
        return None if self._missing(model) else self.folder(model)

    def found(self, manifest: Manifest) -> dict[str, Path]:
        """The backend's models that are here, by key."""
        folders = {model.key: self.find(model) for model in manifest.models}
        return {key: folder for key, folder in folders.items() if folder is not None}

    def need(self, manifest: Manifest) -> dict[str, Path]:
        """As `found`. Raises BackendUnavailable when one it cannot do without is missing."""
        here = self.found(manifest)
        missing = [model for model in manifest.models if model.key not in here and not model.needed_for]
        if missing:
            raise BackendUnavailable(
                f"{manifest.name} has no weights here: {', '.join(sorted({model.repo for model in missing}))}",
                f"get them with: avatar models pull {manifest.name}",
            )
        return here

    def plan(self, model: Model) -> Plan:
        """What a pull would fetch, by the hub's own figures. Raises as `pull` does."""
        return Plan(model, tuple((file.path, self._ask(model, file).size or 0) for file in self._missing(model)))

    def pull(self, model: Model, on_bytes: OnBytes) -> Path:
        """Fetch what is missing, going on where an earlier pull broke off; the model's folder.

        Raises BackendUnavailable: no network, a gated or vanished model, no room; Corrupt: a wrong hash, and then
        the file is deleted.
        """
        folder = self.folder(model)
        self.check_room(model.repo, 0)
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "pull.lock"):
            plan = self.plan(model)
            self.check_room(model.repo, plan.size)
            known = self._record(model)
            for file in (file for file in model.files if file.path in dict(plan.missing)):
                (folder / file.path).unlink(
                    missing_ok=True
                )  # of another size than was pulled, or of nobody knows where
                known[file.path] = self._fetch(model, file, on_bytes)
                self._write_record(model, known)
        return folder

    def verify(self, model: Model) -> list[str]:
        """What is wrong with the files here, a line each: missing, or another hash than when they were pulled."""
        known, folder, wrong = self._record(model), self.folder(model), []
        for file in model.files:
            path = folder / file.path
            if file.path not in known or not path.is_file():
                wrong.append(f"{file.path} is missing")
            elif sha256_of(path) != known[file.path]["sha256"]:
                wrong.append(f"{file.path} is not what was pulled")
        return wrong

    def forget_wrong(self, model: Model) -> list[str]:
        """Delete the files that `verify` finds wrong, so that a pull fetches them and nothing else; its lines."""
        known, wrong = self._record(model), self.verify(model)
        for file in model.files:
            if any(line.startswith(f"{file.path} is ") for line in wrong):
                known.pop(file.path, None)
                (self.folder(model) / file.path).unlink(missing_ok=True)
        if wrong and self.folder(model).is_dir():
            self._write_record(model, known)
        return wrong

    def remove(self, model: Model) -> int:
        """Delete the model's files; the bytes that were freed. Other revisions stay."""
        folder = self.folder(model)
        freed = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        (folder / "pulled.json").unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        return freed

    def _fetch(self, model: Model, file: ModelFile, on_bytes: OnBytes) -> dict[str, Any]:
        from huggingface_hub import hf_hub_download  # noqa: PLC0415  an optional package

        promised = self._ask(model, file)
        with _explained(model, file.path):
            path = Path(
                hf_hub_download(
                    model.repo, file.path, revision=model.revision, local_dir=self.folder(model),
                    endpoint=self._endpoint, token=self._token,
                    tqdm_class=_bar(file.path, promised.size or 0, on_bytes),
                )
            )  # fmt: skip
        digest = sha256_of(path)
        etag = promised.etag or ""
        expected = file.sha256 or (etag if len(etag) == _SHA256_LENGTH else digest)
        if digest != expected:
            path.unlink()
            raise Corrupt(
                f"{model.repo}: {file.path} came with SHA-256 {digest[:16]}…, {expected[:16]}… was expected",
                "it was deleted; pull again, and if it comes again do not use that source",
            )
        return {"size": path.stat().st_size, "sha256": digest, "checked_against": "manifest" if file.sha256 else "hub"}

    def _ask(self, model: Model, file: ModelFile) -> "HfFileMetadata":
        try:
            from huggingface_hub import get_hf_file_metadata, hf_hub_url  # noqa: PLC0415
        except ImportError as error:
            raise BackendUnavailable(
                "pulling models needs the package huggingface_hub", "pip install 'avatar-pipeline[neural]'"
            ) from error
        url = hf_hub_url(model.repo, file.path, revision=model.revision, endpoint=self._endpoint)
        with _explained(model, file.path):
            return get_hf_file_metadata(url, token=self._token, endpoint=self._endpoint)

    def check_room(self, name: str, size: int) -> None:
        """Raise BackendUnavailable when `size` bytes and some to spare do not fit where the models lie.

        InputError when nothing can lie there.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(self.root).free
        except OSError as error:
            raise InputError(
                f"models cannot be kept in {self.root}: {error.strerror}", "set AVATAR_MODELS to another folder"
            ) from error
        if size + _SPARE > free:
            raise BackendUnavailable(
                f"{name} needs {size / 1e9:.1f} GB and half a GB to spare; {free / 1e9:.1f} GB are free in {self.root}",
                "free some, or set AVATAR_MODELS to a folder on a larger disk",
            )

    def _missing(self, model: Model) -> list[ModelFile]:
        """The files that are not here in the size they were pulled in."""
        known, folder = self._record(model), self.folder(model)
        sizes = {file.path: known[file.path]["size"] for file in model.files if file.path in known}
        here = {path for path, size in sizes.items() if _size(folder / path) == size}
        return [file for file in model.files if file.path not in here]

    def _record(self, model: Model) -> dict[str, Any]:
        try:
            record = json.loads((self.folder(model) / "pulled.json").read_text("utf-8"))
            return record if isinstance(record, dict) else {}
        except (OSError, ValueError):
            return {}

    def _write_record(self, model: Model, known: dict[str, Any]) -> None:
        path = self.folder(model) / "pulled.json"
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps(known, indent=1, sort_keys=True), "utf-8")
        beside.replace(path)


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


@contextmanager
def _explained(model: Model, path: str) -> Iterator[None]:
    """What the hub's client raises, as one line that says what to do."""
    try:
        yield
    except AvatarError:
        raise
    except Exception as error:
        raise _explanation(error, model, path) or error from error


def _explanation(error: Exception, model: Model, path: str) -> BackendUnavailable | None:
    """By the error's class; None for one that is a mistake of ours."""
    names = {each.__name__ for each in type(error).__mro__}
    for name, message, hint in _REASONS:
        if name in names:
            return BackendUnavailable(message.format(model.repo, model.revision[:10]), hint)
    if not isinstance(error, OSError | RuntimeError) and "HTTPError" not in names:
        return None
    said = (str(error).strip() or type(error).__name__).splitlines()[0]
    again = "pull again: it goes on where it broke off"
    return BackendUnavailable(f"{model.repo}: {path} cannot be fetched: {said}", again)


_REASONS = (
    (
        "GatedRepoError",
        "{0} is gated: its owner wants its terms accepted by an account",
        "accept them on the model's page, then set HF_TOKEN to a token of that account and pull again",
    ),
    (
        "RevisionNotFoundError",
        "{0} no longer has the revision {1}",
        "its owner rewrote it; a newer avatar may name another",
    ),
    (
        "RepositoryNotFoundError",
        "{0} is not on the hub, or is closed to this account",
        "set HF_TOKEN if you have access; if its owner removed it, choose another backend",
    ),
    ("EntryNotFoundError", "{0} at {1} lacks a file its manifest names", "a newer avatar may know the new name"),
    (
        "LocalEntryNotFoundError",
        "{0} cannot be reached, and its files are not here",
        "pull again when there is a network; HF_ENDPOINT names a mirror",
    ),
    (
        "OfflineModeIsEnabled",
        "{0} is not here, and HF_HUB_OFFLINE forbids asking for it",
        "unset HF_HUB_OFFLINE and pull again",
    ),
    (
        "UnsupportedProtocol",
        "HF_ENDPOINT is no address that {0} could be fetched from",
        "it begins with http:// or https://; unset it for the hub itself",
    ),
    ("ConnectError", "the hub cannot be reached for {0}", "check the network; HF_ENDPOINT names a mirror"),
    ("TimeoutException", "the hub does not answer for {0}", "pull again: it goes on where it broke off"),
)


def _bar(path: str, total: int, on_bytes: OnBytes) -> Any:
    """A progress bar for the hub's client that draws nothing and tells us."""
    from tqdm import tqdm  # noqa: PLC0415  comes with huggingface_hub

    class Bar(tqdm):  # type: ignore[misc]  # the package has no types
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs["disable"] = True
            super().__init__(*args, **{key: kwargs[key] for key in kwargs if key != "name"})
            self.so_far = int(kwargs.get("initial") or 0)

        def update(self, n: float | None = 1) -> bool | None:
            self.so_far += int(n or 0)
            on_bytes(path, self.so_far, total)
            return None

    return Bar


def sha256_of(path: Path) -> str:
    """The file's SHA-256, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def total_size(plans: Iterable[Plan]) -> int:
    """Bytes of several plans."""
    return sum(plan.size for plan in plans)
