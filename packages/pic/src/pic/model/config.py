"""What `.pic/config.toml` may say. Unknown keys are refused with the nearest name; a newer version is refused whole."""

import hashlib
import re
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pic.errors import ConfigError, TooNew, nearest
from pic.model.event import canonical
from pic.model.state import PHASES, Authority

VERSION = 2
SIZES = {
    "trivial": ("implementation", "testing", "review"),
    "standard": PHASES,
    "critical": PHASES,
}
WITHOUT = {"trivial": ("study", "artefact")}
"""Gates a size leaves out where they are asked for; the record says so when the work starts."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A command that must succeed, and those of `then` after it, in the repository or in a `clean` copy of it.

    `covers` and `leaves` are globs below the repository; `timeout` is in seconds, for each command; `install` says
    how a person gets the command.
    """

    name: str
    run: tuple[str, ...]
    cwd: str = "."
    timeout: float = 600.0
    covers: tuple[str, ...] = ("**",)
    leaves: tuple[str, ...] = ()
    why: str = ""
    then: tuple[tuple[str, ...], ...] = ()
    clean: bool = False
    install: str = ""

    @property
    def spec(self) -> str:
        """Hash of all that decides what the gate proves."""
        parts: list[object] = [self.run, self.cwd, self.timeout, self.covers, self.leaves]
        if self.then or self.clean:  # what a gate without them is called does not change
            parts += [self.then, self.clean]
        return hashlib.sha256(canonical(parts)).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class PhaseRule:
    """Who leads a phase, what the pilot may touch, and what must pass before it ends."""

    pilot: str
    gates: tuple[str, ...] = ()
    authority: Authority = field(default_factory=Authority)


@dataclass(frozen=True, slots=True)
class Config:
    """The whole file."""

    phases: Mapping[str, PhaseRule]
    gates: Mapping[str, Gate]
    deciders: Mapping[str, str]
    sizes: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(SIZES))
    without: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(WITHOUT))

    def gates_of(self, size: str) -> dict[str, tuple[str, ...]]:
        """The gates of each phase of a size."""
        left_out = self.without.get(size, ())
        return {
            phase: tuple(one for one in self.phases[phase].gates if one not in left_out) for phase in self.sizes[size]
        }


def parse(text: str, where: str = ".pic/config.toml") -> Config:
    """The configuration. Raises ConfigError with the place of what is wrong."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:  # says line and column itself
        raise ConfigError(f"{where}: {error}", "mend the line it names") from error
    version = data.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        raise ConfigError(f"{where}: version must be a number", f"version = {VERSION}")
    if version > VERSION:
        raise TooNew(f"{where} is version {version}, this pic reads {VERSION}", "upgrade pic")
    data = migrated(data, version)
    _known(data, {"version", "phases", "gates", "sizes", "conflicts"}, where)
    gates = {name: _gate(name, table, where) for name, table in _tables(data, "gates", where).items()}
    phases = _phases(_tables(data, "phases", where), gates, where)
    sizes, without = _sizes(data, gates, where)
    return Config(phases, gates, _deciders(data, where), {**SIZES, **sizes}, {**WITHOUT, **without})


def _one_to_two(data: dict[str, Any]) -> dict[str, Any]:
    """Version 2 knows authorities: a phase's model is a part of its pilot's."""
    phases = data.get("phases", {})
    for phase in phases.values() if isinstance(phases, dict) else ():
        if isinstance(phase, dict) and "model" in phase:
            phase["authority"] = {"model": phase.pop("model")}
    return data


MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _one_to_two}
"""From version N to N + 1, of the data; `rewritten` does the same to the text."""


def rewritten(text: str) -> str:
    """The file's text as today's version would have it, comments kept. Raises ConfigError when that needs a person."""
    data = tomllib.loads(text)
    if data["version"] == VERSION:
        return text
    tables = re.split(r"(?m)^(?=[ \t]*\[)", re.sub(r"(?m)^version\s*=\s*1\b", f"version = {VERSION}", text, count=1))
    new = "".join(
        re.sub(r"(?m)^([ \t]*)model([ \t]*=)", r"\1authority.model\2", table) if "[phases." in table[:20] else table
        for table in tables
    )
    with suppress(ConfigError):
        if parse(new) == parse(text):
            return new
    raise ConfigError("config.toml is written too freely to be migrated by pic", "by hand: model is authority.model")


def migrated(data: dict[str, Any], version: int) -> dict[str, Any]:
    """The file's data as today's version would have it."""
    for old in range(version, VERSION):
        if old not in MIGRATIONS:
            raise ConfigError(f"version {old} of the configuration was never released", f"version = {VERSION}")
        data = MIGRATIONS[old](data)
    return data


def _known(table: Mapping[str, Any], keys: set[str], where: str) -> None:
    for key in table:
        if key not in keys:
            raise ConfigError(f"{where}: unknown key {key!r}", nearest(key, keys))


def _tables(data: Mapping[str, Any], key: str, where: str) -> dict[str, Any]:
    found = data.get(key, {})
    if not isinstance(found, dict):
        raise ConfigError(f"{where}: {key} must be a table")
    for name, table in found.items():
        if not isinstance(table, dict):
            raise ConfigError(f"{where}: {key}.{name} must be a table")
    return found


def _strings(table: Mapping[str, Any], key: str, default: tuple[str, ...], where: str) -> tuple[str, ...]:
    value = table.get(key, list(default))
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ConfigError(f"{where}: {key} must be a list of strings")
    return tuple(value)


def _string(table: Mapping[str, Any], key: str, default: str, where: str) -> str:
    value = table.get(key, default)
    if not isinstance(value, str):
        raise ConfigError(f"{where}: {key} must be a string")
    return value


def _gate(name: str, table: Mapping[str, Any], where: str) -> Gate:
    here = f"{where}: gates.{name}"
    if not name or "/" in name or not name.isprintable():
        raise ConfigError(f"{where}: {name!r} cannot name a gate", "letters, digits and hyphens")
    _known(table, {"run", "cwd", "timeout", "covers", "leaves", "why", "then", "clean", "install"}, here)
    run = _strings(table, "run", (), here)
    if not run or not run[0]:
        raise ConfigError(f"{here}: run must name a command", 'run = ["make", "test"]')
    timeout = table.get("timeout", 600)
    if not isinstance(timeout, (int, float)) or isinstance(timeout, bool) or not 0 < timeout <= 86_400:
        raise ConfigError(f"{here}: timeout must be seconds, up to a day")
    cwd = _string(table, "cwd", ".", here)
    if cwd.startswith("/") or ".." in cwd.replace("\\", "/").split("/"):
        raise ConfigError(f"{here}: cwd must lie in the repository")
    covers, leaves = _strings(table, "covers", ("**",), here), _strings(table, "leaves", (), here)
    clean = _clean(table, here)
    if clean and leaves:
        raise ConfigError(f"{here}: what a clean copy leaves is thrown away with it", "clean or leaves, not both")
    why, install = _string(table, "why", "", here), _string(table, "install", "", here)
    return Gate(name, run, cwd, float(timeout), covers, leaves, why, _then(table, here), clean, install)


def _then(table: Mapping[str, Any], where: str) -> tuple[tuple[str, ...], ...]:
    commands = table.get("then", [])
    if not isinstance(commands, list):
        raise ConfigError(f"{where}: then must be a list of commands", 'then = [["make", "test"]]')
    found = tuple(_strings({"then": one}, "then", (), where) for one in commands)
    if not all(one and one[0] for one in found):
        raise ConfigError(f"{where}: then holds an empty command", 'then = [["make", "test"]]')
    return found


def _clean(table: Mapping[str, Any], where: str) -> bool:
    clean = table.get("clean", False)
    if not isinstance(clean, bool):
        raise ConfigError(f"{where}: clean must be true or false")
    return clean


def _phases(tables: Mapping[str, Any], gates: Mapping[str, Gate], where: str) -> dict[str, PhaseRule]:
    _known(tables, set(PHASES), f"{where}: phases")
    rules = {}
    for phase in PHASES:
        table, here = tables.get(phase, {}), f"{where}: phases.{phase}"
        _known(table, {"pilot", "gates", "authority"}, here)
        names = _strings(table, "gates", (), here)
        for name in names:
            if name not in gates:
                raise ConfigError(f"{here}: no gate is called {name!r}", nearest(name, gates))
        rules[phase] = PhaseRule(_string(table, "pilot", phase, here), names, _authority(table, here))
    return rules


def _authority(phase: Mapping[str, Any], where: str) -> Authority:
    table, here = phase.get("authority", {}), f"{where}.authority"
    if not isinstance(table, dict):
        raise ConfigError(f"{here} must be a table", 'authority = { tools = ["*"], paths = ["docs/**"], model = "" }')
    _known(table, {"tools", "paths", "model"}, here)
    tools, paths = _strings(table, "tools", ("*",), here), _strings(table, "paths", ("**",), here)
    for glob in paths:
        if ".." in glob.replace("\\", "/").split("/") or "\\" in glob:
            raise ConfigError(f"{here}: {glob!r} is no path below the repository", "with / and without ..")
    return Authority(tools, paths, _string(table, "model", "", here))


def _deciders(data: Mapping[str, Any], where: str) -> dict[str, str]:
    table = data.get("conflicts", {})
    if not isinstance(table, dict):
        raise ConfigError(f"{where}: conflicts must be a table")
    _known(table, {"A", "B", "C", "D"}, f"{where}: conflicts")
    return {key: _string(table, key, "orchestrator", f"{where}: conflicts") for key in "ABCD"}


def _sizes(
    data: Mapping[str, Any], gates: Mapping[str, Gate], where: str
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    sizes, without = {}, {}
    for name, table in _tables(data, "sizes", where).items():
        here = f"{where}: sizes.{name}"
        _known(table, {"phases", "without"}, here)
        chosen = _strings(table, "phases", SIZES.get(name, ()), here)
        without[name] = _strings(table, "without", (), here)
        for gate in without[name]:
            if gate not in gates:
                raise ConfigError(f"{here}: no gate is called {gate!r}", nearest(gate, gates))
        if not chosen or list(chosen) != [one for one in PHASES if one in chosen]:
            raise ConfigError(f"{where}: sizes.{name}: phases out of order or unknown", "known: " + ", ".join(PHASES))
        sizes[name] = chosen
    return sizes, without
