"""The plan resolved for every cell, two cells at a time."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from preflight.errors import CouldNotCheck
from preflight.model import Cell, Facts, Graph, Pin
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
        *,
        no_deps: bool = False,
    ) -> dict[Cell, Graph]:
        """A graph for each cell, with edges; what is locked is taken at that version or not at all.

        `no_deps`: a list of exact versions that conflict is taken as it is, as an installer does with --no-deps.

        Raises CouldNotCheck when uv cannot work at all.
        """
        asked = list(requirements)
        ordered = list(cells)
        with Shelf(self.facts, ordered) as shelf, _swept_later() as folder:
            uv = Uv.here(shelf.url, folder, self.environment)
            uv.hold([str(each) for each in locked])
            with ThreadPoolExecutor(2) as pool:
                answers = pool.map(lambda cell: self._cell(uv, asked, cell, progress, no_deps), ordered)
                found = dict(zip(ordered, answers, strict=True))
            if shelf.failed:
                self.failed.pop("", None)  # what uv says of an answer that it did not get
            self.failed.update(shelf.failed)
            self.unread.update(_passed_over(shelf.unread, found.values()))
            self.guessed.update(shelf.guessed)
        return found

    def _cell(self, uv: Uv, asked: list[Requirement], cell: Cell, progress: Progress, no_deps: bool) -> Graph:
        lines = "\n".join(map(str, asked))
        objection = ""
        try:
            answer = uv.resolve(lines, cell)
            if no_deps and answer.conflict and UNREADABLE not in answer.conflict and all(map(_exact, asked)):
                objection = answer.conflict
                answer = uv.resolve(lines, cell, alone=True)
        except CouldNotCheck as error:
            self.failed.setdefault("", error.message)
            return Graph(cell)  # neither resolved nor in conflict
        finally:
            progress(str(cell))
        return replace(self._graph(answer, asked, cell), objection=objection)

    def _graph(self, answer: Answer, asked: list[Requirement], cell: Cell) -> Graph:
        if UNREADABLE in answer.conflict:
            return Graph(cell)  # neither resolved nor in conflict: `failed` says what could not be read
        if answer.conflict:
            return Graph(cell, conflict=answer.conflict)
        here = cell.markers()
        planned = {canonicalize_name(each.name) for each in asked if not each.marker or each.marker.evaluate(here)}
        return Graph(cell, {name: _pin(name, answer, planned) for name in answer.pins})


def _exact(requirement: Requirement) -> bool:
    return any(each.operator == "==" and "*" not in each.version for each in requirement.specifier)


def _pin(name: str, answer: Answer, planned: AbstractSet[str]) -> Pin:
    parents = answer.wanted.get(name, frozenset()) - {name}
    return Pin(name, answer.pins[name], tuple(sorted([*parents, *([""] if name in planned else [])])))


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
