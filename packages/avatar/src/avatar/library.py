"""Voices and portraits on disk, and the record of who agreed to what.

Layout below the library's root, each entry published by one rename:

    voices/NAME/voice.json, state.bin      portraits/NAME/portrait.json, image.png      consent.jsonl
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from avatar.codec.picture import read_picture, write_picture
from avatar.codec.publish import refusal
from avatar.errors import Conflict, ConsentMissing, InputError, NotFound
from avatar.media import Frame, Portrait, Voice

DEFAULT_VOICE = "default"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True)
class Consent:
    """Who agreed that their recording is learnt from, what for, and when that was written down (ISO 8601, UTC)."""

    who: str
    purpose: str
    given_at: str

    @classmethod
    def parse(cls, text: str | None) -> "Consent":
        """Read "who, what for". Raises ConsentMissing when either half is not there."""
        who, _, purpose = (part.strip() for part in (text or "").partition(","))
        if not who or not purpose:
            raise ConsentMissing(
                "learning a voice from a recording needs the speaker's consent" if not text else
                f"the consent {text!r} does not say both who agreed and what for",
                'say it: --consent "Ada Lovelace, narrating our product videos"',
            )  # fmt: skip
        return cls(who, purpose, datetime.now(UTC).isoformat(timespec="seconds"))

    def id(self, source_sha256: str) -> str:
        """What files made with that recording say instead of a name: SHA-256 of the consent and the recording's."""
        words = json.dumps([self.who, self.purpose, self.given_at, source_sha256])
        return hashlib.sha256(words.encode()).hexdigest()


@dataclass(frozen=True)
class VoiceRecord:
    """A voice as the library keeps it. `source_sha256` and `consent` are None for the voice that needs no recording."""

    voice: Voice
    created_at: str
    source_sha256: str | None = None
    consent: Consent | None = None


@dataclass(frozen=True)
class _StoredVoice:
    name: str
    backend: str
    parameters: dict[str, Any]
    created_at: str
    source_sha256: str | None
    consent: Consent | None


@dataclass(frozen=True)
class _StoredPortrait:
    name: str
    backend: str
    parameters: dict[str, Any]
    prompt: str
    seed: int


class Library:
    """The voices and portraits below `root`. Names are 1 to 64 of a-z, 0-9, - and _."""

    def __init__(self, root: Path) -> None:
        self.root = root

    # voices

    def voices(self) -> list[str]:
        """Names of the learnt voices, sorted; the default voice is not among them."""
        return self._names("voices")

    def voice(self, name: str) -> VoiceRecord:
        """The voice of that name.

        Raises NotFound with the nearest names, InputError when its files are damaged, ConsentMissing when revoked.
        """
        self.check_not_revoked(name=name)
        folder = self._folder("voices", name, [*self.voices(), DEFAULT_VOICE])
        stored = _read_voice(folder / "voice.json")
        state = (folder / "state.bin").read_bytes() if (folder / "state.bin").exists() else b""
        voice = Voice(stored.name, stored.backend, stored.parameters, state)
        return VoiceRecord(voice, stored.created_at, stored.source_sha256, stored.consent)

    def check_new_voice(self, name: str) -> None:
        """Raise InputError unless a voice could be kept under that name, Conflict when it is taken."""
        if name == DEFAULT_VOICE:
            raise InputError(f"the name {name!r} always stands for the unmatched voice", "choose another name")
        self.check_not_revoked(name=name)
        self._check_new("voices", "voice", name)

    def add_voice(self, voice: Voice, source_sha256: str, consent: Consent) -> VoiceRecord:
        """Keep a learnt voice with its source's hash and its consent. Raises Conflict when the name is taken."""
        self.check_new_voice(voice.name)
        record = VoiceRecord(voice, _now(), source_sha256, consent)
        stored = _StoredVoice(
            voice.name, voice.backend, dict(voice.parameters), record.created_at, source_sha256, consent
        )

        def fill(folder: Path) -> None:
            (folder / "voice.json").write_bytes(TypeAdapter(_StoredVoice).dump_json(stored, indent=1))
            (folder / "state.bin").write_bytes(voice.state)

        self._publish("voices", voice.name, fill)
        return record

    def delete_voice(self, name: str) -> None:
        """Remove a voice. The consent record keeps its line: what was agreed to was agreed to."""
        if name == DEFAULT_VOICE:
            raise InputError("the default voice cannot be deleted")
        self._delete("voices", self._folder("voices", name, self.voices()))

    def record_consent(self, consent: Consent, source_sha256: str, used_for: str) -> None:
        """Append one line to consent.jsonl: who, what for, when, of which recording, used for which voice or video."""
        about = {"id": consent.id(source_sha256), "source_sha256": source_sha256, "used_for": used_for}
        self._append("consent.jsonl", asdict(consent) | about)

    # revocation

    def revoke_voice(self, name: str) -> None:
        """Remove a voice whose speaker no longer agrees, and refuse its name and its recording from now on."""
        record = self.voice(name)
        self._append("revoked.jsonl", {"name": name, "source_sha256": record.source_sha256, "revoked_at": _now()})
        self.delete_voice(name)

    def check_not_revoked(self, *, name: str | None = None, source_sha256: str | None = None) -> None:
        """Raise ConsentMissing for a voice, or a recording, whose consent was withdrawn."""
        path = self.root / "revoked.jsonl"
        for line in path.read_text("utf-8").splitlines() if path.exists() else ():
            gone = json.loads(line)
            if (name and gone["name"] == name) or (source_sha256 and gone["source_sha256"] == source_sha256):
                raise ConsentMissing(
                    f"the consent for the voice {gone['name']!r} was withdrawn on {gone['revoked_at'][:10]}",
                    "it is not used again; ask its speaker for a new recording",
                )

    def _append(self, name: str, about: dict[str, Any]) -> None:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with (self.root / name).open("a", encoding="utf-8") as file:
                file.write(json.dumps(about, ensure_ascii=False) + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise refusal(self.root / name, error) from error

    # portraits

    def portraits(self) -> list[str]:
        """Names of the kept portraits, sorted."""
        return self._names("portraits")

    def portrait(self, name: str) -> Portrait:
        """The portrait of that name. Raises NotFound with the nearest names, InputError when its files are damaged."""
        folder = self._folder("portraits", name, self.portraits())
        path = folder / "portrait.json"
        return portrait_from(path.read_text("utf-8") if path.exists() else "", read_picture(folder / "image.png"), path)

    def check_new_portrait(self, name: str) -> None:
        """Raise InputError unless a portrait could be kept under that name, Conflict when it is taken."""
        self._check_new("portraits", "portrait", name)

    def add_portrait(self, portrait: Portrait) -> None:
        """Keep a portrait under its name. Raises Conflict when the name is taken."""
        self.check_new_portrait(portrait.name)

        def fill(folder: Path) -> None:
            (folder / "portrait.json").write_text(portrait_json(portrait), "utf-8")
            write_picture(portrait.image, folder / "image.png")

        self._publish("portraits", portrait.name, fill)

    def delete_portrait(self, name: str) -> None:
        """Remove a portrait."""
        self._delete("portraits", self._folder("portraits", name, self.portraits()))

    # folders

    def _names(self, kind: str) -> list[str]:
        return sorted(entry.name for entry in (self.root / kind).glob("*") if _NAME.fullmatch(entry.name))

    def _folder(self, kind: str, name: str, known: list[str]) -> Path:
        if name not in self._names(kind):
            raise NotFound.among(kind.removesuffix("s"), name, known)
        return self.root / kind / name

    def _check_new(self, kind: str, what: str, name: str) -> None:
        if not _NAME.fullmatch(name):
            raise InputError(
                f"{name!r} cannot name a {what}", "use 1 to 64 of a-z, 0-9, - and _, beginning with a-z or 0-9"
            )
        if (self.root / kind / name).exists():
            raise Conflict(
                f"there is a {what} called {name!r} already", f"delete it first: avatar {what} delete {name}"
            )

    def _publish(self, kind: str, name: str, fill: Callable[[Path], None]) -> None:
        """Fill a folder beside and rename it into place."""
        target = self.root / kind / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".new-", dir=target.parent, ignore_cleanup_errors=True) as beside:
                folder = Path(beside) / name
                folder.mkdir()
                fill(folder)
                for file in folder.iterdir():
                    with file.open("rb+") as handle:
                        os.fsync(handle.fileno())
                folder.rename(target)
        except OSError as error:
            raise refusal(target, error) from error

    def _delete(self, kind: str, folder: Path) -> None:
        """Rename away first, so that a kill leaves the whole entry or none of it."""
        with tempfile.TemporaryDirectory(prefix=".gone-", dir=self.root / kind, ignore_cleanup_errors=True) as gone:
            folder.rename(Path(gone) / folder.name)
            shutil.rmtree(Path(gone) / folder.name, ignore_errors=True)


def portrait_json(portrait: Portrait) -> str:
    """Everything of a portrait but its pixels."""
    stored = _StoredPortrait(portrait.name, portrait.backend, dict(portrait.parameters), portrait.prompt, portrait.seed)
    return TypeAdapter(_StoredPortrait).dump_json(stored, indent=1).decode()


def portrait_from(text: str, image: Frame, where: Path) -> Portrait:
    """A portrait of its JSON and its picture. Raises InputError when the JSON is not one of ours."""
    try:
        stored = TypeAdapter(_StoredPortrait).validate_json(text)
    except ValidationError as error:
        raise InputError(f"{where} is damaged: {error.errors()[0]['msg']}", "make it again") from error
    return Portrait(stored.name, stored.backend, image, stored.parameters, stored.prompt, stored.seed)


def _read_voice(path: Path) -> _StoredVoice:
    try:
        return TypeAdapter(_StoredVoice).validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error.strerror
        raise InputError(f"{path} is damaged: {reason}", "delete the voice and learn it again") from error


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
