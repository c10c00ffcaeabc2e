"""API keys: who may do what. Only their hashes are kept; a key is shown once."""

import hashlib
import json
import os
import re
import secrets
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from filelock import FileLock

from avatar.codec.publish import publish
from avatar.errors import InputError, NotFound
from avatar.jobs.model import LOCAL

SCOPES = ("read", "write", "metrics")
"""read: see what is one's own; write: make, change and delete; metrics: see the figures of the whole service."""

_TENANT = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_PREFIX = "avk_"


@dataclass(frozen=True)
class Key:
    """A key as it is kept: `digest` is the SHA-256 of 256 random bits, which needs no salt and no slow hash."""

    id: str
    tenant: str
    scopes: tuple[str, ...]
    digest: str
    created_at: float
    revoked_at: float | None = None


EVERYBODY = Key("none", LOCAL, SCOPES, "", 0.0)
"""Who needs no key: a person at this machine."""


class Keys:
    """The keys in one file, which the service reads again whenever it has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] = (0, 0)
        self._by_digest: dict[str, Key] = {}

    def all(self) -> list[Key]:
        """Every key ever made, in the order they were made."""
        if not self._path.exists():
            return []
        return [
            Key(**entry | {"scopes": tuple(entry["scopes"])}) for entry in json.loads(self._path.read_text("utf-8"))
        ]

    def find(self, secret: str) -> Key | None:
        """The key with that secret, unless it was revoked."""
        self._refresh()
        key = self._by_digest.get(_digest(secret))
        return key if key is not None and key.revoked_at is None else None

    def add(self, tenant: str, scopes: tuple[str, ...]) -> tuple[Key, str]:
        """A new key and its secret, which is nowhere kept. Raises InputError."""
        if not _TENANT.fullmatch(tenant) or tenant == LOCAL:
            raise InputError(f"{tenant!r} cannot name a tenant", f"use 1 to 32 of a-z, 0-9 and -, not {LOCAL!r}")
        for scope in scopes:
            if scope not in SCOPES:
                raise NotFound.among("scope", scope, SCOPES)
        secret = _PREFIX + secrets.token_urlsafe(32)
        key = Key("key-" + secrets.token_hex(4), tenant, scopes, _digest(secret), time.time())
        with self._changing() as keys:
            keys.append(key)
        return key, secret

    def revoke(self, id_: str) -> Key:
        """Refuse the key from now on. Raises NotFound."""
        with self._changing() as keys:
            for place, key in enumerate(keys):
                if key.id == id_:
                    keys[place] = replace(key, revoked_at=key.revoked_at or time.time())
                    return keys[place]
        raise NotFound.among("key", id_, [key.id for key in self.all()])

    def rotate(self, id_: str) -> tuple[Key, str]:
        """A new key for the same tenant and scopes; the old one is revoked."""
        old = self.revoke(id_)
        return self.add(old.tenant, old.scopes)

    def _changing(self) -> "_Change":
        return _Change(self, self._path)

    def _refresh(self) -> None:
        try:
            about = self._path.stat()
        except FileNotFoundError:
            self._by_digest = {}
            return
        seen = (about.st_mtime_ns, about.st_ino)
        if seen != self._seen:
            self._by_digest = {key.digest: key for key in self.all()}
            self._seen = seen


class _Change:
    """The list of keys under a lock, written back whole."""

    def __init__(self, keys: Keys, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._keys, self._path, self._lock = keys, path, FileLock(f"{path}.lock")

    def __enter__(self) -> list[Key]:
        self._lock.acquire()
        self._list = self._keys.all()
        return self._list

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            with publish(self._path) as part, os.fdopen(os.open(part, flags, 0o600), "w") as file:
                json.dump([asdict(key) for key in self._list], file, indent=1)
        finally:
            self._lock.release()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
