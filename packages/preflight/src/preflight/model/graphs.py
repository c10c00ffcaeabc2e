"""What a resolver chose for one cell."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from packaging.version import Version

from preflight.model.cells import Cell


@dataclass(frozen=True)
class Pin:
    """A package at the version the cell resolves to, and who asked for it ("" is the plan itself)."""

    name: str
    version: Version
    wanted_by: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True)
class Graph:
    """One cell's resolution; without pins when there is none, and `conflict` says why.

    `objection`: why there is none when what is listed is resolved with its needs; it was taken with --no-deps.
    """

    cell: Cell
    pins: dict[str, Pin] = field(default_factory=dict)
    conflict: str = ""
    objection: str = ""

    def chain(self, name: str) -> tuple[str, ...]:
        """One shortest way from the plan to the package: ("tts", "gruut", "jsonlines")."""
        ways: dict[str, tuple[str, ...]] = {name: (name,)}
        queue = [name]
        for current in queue:
            pin = self.pins.get(current)
            for parent in pin.wanted_by if pin else ():
                if parent == "":
                    return ways[current]
                if parent not in ways:
                    ways[parent] = (parent, *ways[current])
                    queue.append(parent)
        return ways[name]

    def below(self, root: str) -> Iterator[str]:
        """Everything the package brings along, itself included."""
        children: dict[str, list[str]] = {}
        for pin in self.pins.values():
            for parent in pin.wanted_by:
                children.setdefault(parent, []).append(pin.name)
        seen, queue = {root}, [root]
        for current in queue:
            yield current
            new = [child for child in children.get(current, ()) if child not in seen]
            seen.update(new)
            queue.extend(new)
