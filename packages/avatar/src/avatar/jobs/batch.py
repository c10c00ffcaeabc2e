"""Many requests in a file: CSV with a header, or a JSON object a line."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avatar.errors import InputError, nearest
from avatar.jobs.queue import JobQueue
from avatar.pipeline import Request
from avatar.pipeline.titling import kinds_of

_TEXTS = ("text", "output", "voice", "consent", "prompt", "portrait", "language", "label", "key")
_NUMBERS = ("seed", "fps")
_COLUMNS = (*_TEXTS, *_NUMBERS, "size", "captions")
MOST_ROWS = 100_000


@dataclass(frozen=True)
class Row:
    """One request, its idempotency key if it has one, and where it stands."""

    request: Request
    key: str | None
    where: str


def read(path: Path) -> list[Row]:
    """All rows. Raises InputError for the first that is wrong, with its line."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the batch {path} cannot be read: {error}", "save it as UTF-8 text") from error
    lines = _of_csv(text) if path.suffix.lower() == ".csv" else _of_jsonl(text, path)
    rows = [_row(values, f"{path}, line {number}") for number, values in lines]
    if not rows or len(rows) > MOST_ROWS:
        raise InputError(f"the batch {path} has {len(rows)} rows", f"from 1 to {MOST_ROWS:,}")
    return rows


def check(rows: Iterable[Row], queue: JobQueue) -> None:
    """Raises InputError for the first row that could not be queued, with its line."""
    for row in rows:
        try:
            queue.check(row.request)
        except InputError as error:
            raise type(error)(f"{row.where}: {error.message}", error.hint) from error


def _of_csv(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(text.splitlines())
    for values in reader:
        yield reader.line_num, values


def _of_jsonl(text: str, path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                values = json.loads(line)
            except ValueError as error:
                raise InputError(f"{path}, line {number}: this is no JSON: {error}") from error
            if not isinstance(values, dict):
                raise InputError(f"{path}, line {number}: this is no JSON object")
            yield number, values


def _row(values: Mapping[str, Any], where: str) -> Row:
    given = {key: value for key, value in values.items() if value not in (None, "")}
    for key in given:
        if key not in _COLUMNS:
            raise InputError(f"{where}: there is no column {str(key)!r}", nearest(str(key), _COLUMNS))
    for needed in ("text", "output"):
        if needed not in given:
            raise InputError(f"{where}: there is no {needed}")
    fields: dict[str, Any] = {key: str(given[key]) for key in _TEXTS if key in given and key != "key"}
    fields |= {key: _number(given[key], key, where) for key in _NUMBERS if key in given}
    fields["output"] = Path(fields["output"])
    if "size" in given:
        width, _, height = str(given["size"]).partition("x")
        fields["size"] = _number(width, "size", where), _number(height, "size", where)
    if "captions" in given:
        fields["captions"] = kinds_of(str(given["captions"]))
    return Row(Request(**fields), str(given["key"]) if "key" in given else None, where)


def _number(value: Any, key: str, where: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise InputError(f"{where}: {key} is no whole number: {value!r}") from None
