"""Records what an audit of the case study asks the index, small enough to be kept, with a placeholder for its address.

    python packages/preflight/tests/record.py tests/recorded

Run on a machine with an index, after a change that makes an audit read something new.
"""

import json
import lzma
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

from preflight import settings
from preflight.audit import Asked, Tools, audit, make_plan
from preflight.index import Cache, Index, configured
from preflight.index.simple import parse
from preflight.model import Plan
from preflight.resolve import find_uv

ROOT = Path(__file__).parents[3]
HOST = "https://index.test"
ADDRESS = re.compile(r"(?:[\w-]+\.)*(?:pypi|pythonhosted)\.(?:org|com)")
SHARD = 1_200_000  # before compression
ASKED = Asked(project=ROOT / "examples/case-study", as_of="2026-02-05")


@dataclass(frozen=True)
class Recorder(Cache):
    """A cache that remembers every answer it gave or was given."""

    seen: dict[str, bytes] = field(default_factory=dict)

    def get(self, key: str, age: float = float("inf")) -> tuple[bytes, float] | None:
        found = super().get(key, age)
        if found:
            self.seen[key] = found[0]
        return found

    def put(self, key: str, answer: bytes) -> None:
        self.seen[key] = answer
        super().put(key, answer)


def trimmed(body: bytes, page: str, plan: Plan) -> tuple[bytes, dict[str, str]]:
    """A page with the files that this plan can ask for, and each file's address with its placeholder."""
    project = parse(body, page, 0.0, plan.as_of)
    wanted = {project.any_file(version) for version in project.releases}
    every = [file for files in project.releases.values() for file in files]
    wanted |= {file for file in every if not file.is_wheel or any(file.fits(cell) for cell in plan.cells)}
    plain = json.loads(body)
    files, places = [], {}
    for entry in plain["files"]:
        if entry["filename"] not in {file.filename for file in wanted if file}:
            continue
        places[entry["url"]] = f"{HOST}/f/{entry['filename']}"
        kept = {key: entry[key] for key in ("filename", "requires-python", "size", "yanked") if entry.get(key)}
        files.append({**kept, "url": places[entry["url"]], "upload-time": re.sub(r"\.\d+Z", "Z", entry["upload-time"])})
    return json.dumps({"name": plain["name"], "files": files}).encode(), places


def shortened(key: str, body: bytes) -> bytes:
    """Metadata without its description, listings of huge wheels without what is no library, sdists without tables."""
    if key.endswith("#METADATA"):
        head, _, description = body.partition(b"\n\n")
        return head + b"\n\n" + description[:3_000]
    if key.endswith("#members") and "manylinux" in key and len(body) > 300_000:
        return json.dumps({name: size for name, size in json.loads(body).items() if ".so" in name}).encode()
    if key.endswith("#sources"):
        return json.dumps({name: without_table(text) for name, text in json.loads(body).items()}).encode()
    return body


def without_table(text: str) -> str:
    """Of a large module that defines nothing but data what it imports."""
    if len(text) < 50_000 or re.search(r"^(def|class)\b", text, re.MULTILINE):
        return text
    return "\n".join(re.findall(r"^(?:import|from)\b.*", text, re.MULTILINE))


def main(folder: Path) -> None:
    plan, _ = make_plan(ASKED)
    config = configured(settings.environment(), find_uv())
    cache = Recorder(Path(mkdtemp()))
    audit(plan, Tools(Index(config, cache, plan.as_of), cache), print)
    base = config.urls[0]
    pages = {key: body for key, body in cache.seen.items() if key.startswith(base)}
    entries: dict[str, str] = {}
    places: dict[str, str] = {}
    for key, body in pages.items():
        small, found = trimmed(body, key, plan) if body else (b"", {})
        places |= found
        entries[key.replace(base, f"{HOST}/simple")] = small.decode()
    for key, body in cache.seen.items():
        url, _, member = key.partition("#")
        if url in places:
            entries[f"{places[url]}#{member}"] = shortened(key, body).decode("latin-1")
    write(folder, entries)


def write(folder: Path, entries: dict[str, str]) -> None:
    entries = {key: ADDRESS.sub("index.test", text) for key, text in entries.items()}
    for old in folder.glob("*.json.xz"):
        old.unlink()
    folder.mkdir(exist_ok=True)
    shard: dict[str, str] = {}
    number = 0
    for key in [*sorted(entries), None]:
        size = sum(map(len, shard.values()))
        if shard and (key is None or size + len(entries[key]) > SHARD):
            data = lzma.compress(json.dumps(shard).encode(), preset=9)
            (folder / f"{number:02}.json.xz").write_bytes(data)
            number, shard = number + 1, {}
        if key is not None:
            shard[key] = entries[key]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
