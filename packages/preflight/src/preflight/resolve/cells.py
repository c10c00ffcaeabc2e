"""The plan resolved for every cell, two cells at a time."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from preflight.errors import CouldNotCheck
from preflight.model import Cell, Facts, Graph, Metadata, Pin
from preflight.resolve.shelf import UNREADABLE, Shelf
from preflight.resolve.uv import Answer, Uv

Progress = Callable[[str], None]


@dataclass
class Resolver:
    """Resolves against a set of facts; `failed` and `guessed` say what its answers rest on."""

    facts: Facts
    environment: Mapping[str, str] = field(repr=False)
    failed: dict[str, str] = field(default_factory=dict)
    unread: dict[tuple[str, Version], str] = field(default_factory=dict)
    guessed: set[tuple[str, Version]] = field(default_factory=set)

    def graphs(
        self,
        requirements: Iterable[Requirement],
        cells: Iterable[Cell],
        progress: Progress,
        locked: Iterable[Requirement] = (),
    ) -> dict[Cell, Graph]:
        """A graph for each cell, with edges; what is locked is taken at that version or not at all.

        Raises CouldNotCheck when uv cannot work at all.
        """
        asked = list(requirements)
        ordered = list(cells)
        with Shelf(self.facts) as shelf, _swept_later() as folder:
            uv = Uv.here(shelf.url, folder, self.environment)
            uv.hold([str(each) for each in locked])
            with ThreadPoolExecutor(2) as pool:
                answers = pool.map(lambda cell: self._cell(uv, asked, cell, progress), ordered)
                found = dict(zip(ordered, answers, strict=True))
            if shelf.failed:
                self.failed.pop("", None)  # what uv says of an answer that it did not get
            self.failed.update(shelf.failed)
            self.unread.update(_passed_over(shelf.unread, found.values()))
            self.guessed.update(shelf.guessed)
        return found

    def _cell(self, uv: Uv, asked: list[Requirement], cell: Cell, progress: Progress) -> Graph:
        try:
            answer = uv.resolve("\n".join(map(str, asked)), cell)
        except CouldNotCheck as error:
            self.failed.setdefault("", error.message)
            return Graph(cell)  # neither resolved nor in conflict
        finally:
            progress(str(cell))
        return self._graph(answer, asked, cell)

    def _graph(self, answer: Answer, asked: list[Requirement], cell: Cell) -> Graph:
        if UNREADABLE in answer.conflict:
            return Graph(cell)  # neither resolved nor in conflict: `failed` says what could not be read
        if answer.conflict:
            return Graph(cell, conflict=answer.conflict)
        wanted = self._edges(answer.pins, asked, cell)
        pins = {name: Pin(name, version, tuple(sorted(wanted.get(name, ())))) for name, version in answer.pins.items()}
        return Graph(cell, pins)

    def _edges(self, pins: dict[str, Version], asked: list[Requirement], cell: Cell) -> dict[str, set[str]]:
        """Who asks for each package, extras followed."""
        wanted: dict[str, set[str]] = {}
        seen: set[tuple[str, str]] = set()
        queue = [("", requirement) for requirement in asked if applies(requirement, cell)]
        while queue:
            parent, requirement = queue.pop()
            name = canonicalize_name(requirement.name)
            if name not in pins:
                continue
            wanted.setdefault(name, set()).add(parent)
            for extra in ["", *sorted(requirement.extras)]:
                if (name, extra) in seen:
                    continue
                seen.add((name, extra))
                queue.extend((name, each) for each in self._requires(name, pins[name], cell, extra))
        return {name: parents - {name} for name, parents in wanted.items()}

    def _requires(self, name: str, version: Version, cell: Cell, extra: str) -> list[Requirement]:
        found = metadata_in(self.facts, name, version, cell)
        return [each for each in found.requires if applies(each, cell, extra)] if found else []


def _passed_over(unread: Mapping[tuple[str, Version], str], graphs: Iterable[Graph]) -> dict[tuple[str, Version], str]:
    """Of the releases that could not be read, those that a resolution may have missed: no older ones than it took."""
    graphs = list(graphs)
    blind = any(not graph.pins and not graph.conflict for graph in graphs)
    taken: dict[str, list[Version]] = {}
    for pin in (pin for graph in graphs for pin in graph.pins.values()):
        taken.setdefault(pin.name, []).append(pin.version)
    return {each: why for each, why in unread.items() if blind or any(v <= each[1] for v in taken.get(each[0], ()))}


@contextmanager
def _swept_later() -> Iterator[Path]:
    """A folder of uv's thousands of small files, which are deleted while the checks go on."""
    folder = TemporaryDirectory(prefix="preflight-", ignore_cleanup_errors=True)
    try:
        yield Path(folder.name)
    finally:
        threading.Thread(target=folder.cleanup).start()


def metadata_in(facts: Facts, name: str, version: Version, cell: Cell) -> Metadata | None:
    """Core metadata of what the cell would install, or of another file of that version; None when it cannot be had."""
    try:
        project = facts.project(name)
        file = (project.wheel_for(version, cell) or project.any_file(version)) if project else None
        return facts.metadata(file) if file else None
    except CouldNotCheck:
        return None


def applies(requirement: Requirement, cell: Cell, extra: str = "") -> bool:
    """Whether the requirement's marker holds in the cell; with an extra, only when it is that extra's."""
    if requirement.marker is None:
        return not extra
    holds = requirement.marker.evaluate(cell.markers(extra))
    return holds and (not extra or not requirement.marker.evaluate(cell.markers()))
