"""What every check is given: the plan, its graphs, and the facts, each read once."""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from preflight.errors import CouldNotCheck
from preflight.model import Cell, Evidence, Facts, File, Graph, Metadata, Plan, Source
from preflight.source.imports import Kind
from preflight.source.modules import MOST_MODULES, Modules, Need, chain_of, closure
from preflight.source.names import Presence, Status, lookup
from preflight.source.reach import needs_of_call

MOST_OPEN = 6  # wheels whose sources are held at a time
# Import names that differ from the distribution's and are asked for before a graph is known. Everything else is read
# from the wheels themselves.
KNOWN_TOPS = {
    "yaml": "pyyaml",
    "cv2": "opencv-python",
    "sklearn": "scikit-learn",
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
}


@dataclass
class Context:
    """One audit's material. `unread` holds releases that the resolver passed over, for they could not be read."""

    plan: Plan
    facts: Facts
    graphs: dict[Cell, Graph]
    unread: frozenset[tuple[str, Version]] = frozenset()
    _files: dict[tuple[str, Version, Cell | None], File | None] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _tops: dict[tuple[str, Version], frozenset[str]] = field(default_factory=dict)
    _imports: OrderedDict[str, Modules] = field(default_factory=OrderedDict)
    _modules: OrderedDict[str, Modules] = field(default_factory=OrderedDict)

    def resolved(self) -> dict[tuple[str, Version], list[Cell]]:
        """Every package and version that some cell resolves to, with those cells."""
        found: dict[tuple[str, Version], list[Cell]] = {}
        for cell, graph in self.graphs.items():
            for pin in graph.pins.values():
                found.setdefault((pin.name, pin.version), []).append(cell)
        return found

    def planned(self) -> Iterator[tuple[str, Version, list[Cell]]]:
        """The packages the plan names, at what they resolve to."""
        names = set(self.plan.names)
        return ((name, version, cells) for (name, version), cells in self.resolved().items() if name in names)

    def file(self, name: str, version: Version, cell: Cell | None = None) -> File | None:
        """What the cell would install, or a file that stands for the version."""
        key = (name, version, cell)
        if key not in self._files:
            project = self.facts.project(name)
            fitting = project.wheel_for(version, cell) if project and cell else None
            self._files[key] = fitting or (project.any_file(version, self.plan.cells) if project else None)
        return self._files[key]

    def chosen(self, cell: Cell) -> dict[str, File]:
        """ "package version" -> the file that the cell installs."""
        pins = self.graphs[cell].pins.values()
        return {str(pin): file for pin in pins if (file := self.file(pin.name, pin.version, cell))}

    def metadata(self, name: str, version: Version, cell: Cell | None = None) -> Metadata:
        """Core metadata. Raises CouldNotCheck."""
        return self.facts.metadata(self._standing(name, version, cell))

    def modules(self, name: str, version: Version) -> Modules:
        """The sources of a release. Raises CouldNotCheck when there is no wheel to read."""
        return self._open(self._modules, self._standing(name, version), lambda source: source)

    def _open(self, shelf: OrderedDict[str, Modules], file: File, seen: Callable[[Source], Source]) -> Modules:
        """The modules of a wheel; a few are held, those asked for last."""
        with self._guard:
            found = shelf.pop(file.url, None)
        found = found or Modules(seen(self.facts.source(file)))
        with self._guard:
            found = shelf.setdefault(file.url, found)
            if len(shelf) > MOST_OPEN:
                shelf.popitem(last=False)
        return found

    def closure(
        self, name: str, version: Version, starts: list[str], minor: tuple[int, int], most: int = MOST_MODULES
    ) -> list[Need]:
        """What importing some modules of a release needs from outside, worked out once. Raises CouldNotCheck."""
        file = self._standing(name, version)

        def worked_out() -> bytes:
            modules = self._open(self._imports, file, _unkept)
            with modules.lock:
                needs, _ = closure(modules, starts, minor, most=most)
            return json.dumps([asdict(need) for need in needs]).encode()

        kept = self.facts.kept(f"{file.url}#closure {minor} {most} {' '.join(starts)}", worked_out)
        return [_need(plain) for plain in json.loads(kept)]

    def presence(self, name: str, version: Version, dotted: str) -> Presence:
        """Whether a release has a name, looked up once. Raises CouldNotCheck."""
        url = self._standing(name, version).url

        def worked_out() -> bytes:
            modules = self.modules(name, version)
            with modules.lock:
                return json.dumps(asdict(lookup(modules, dotted))).encode()

        plain = json.loads(self.facts.kept(f"{url}#presence {dotted}", worked_out))
        return Presence(**{**plain, "status": Status(plain["status"])})

    def called(self, name: str, version: Version, dotted: str, minor: tuple[int, int]) -> list[Need]:
        """What calling a function needs from outside, worked out once. Raises CouldNotCheck."""
        url = self._standing(name, version).url

        def worked_out() -> bytes:
            modules = self.modules(name, version)
            with modules.lock:
                needs = needs_of_call(modules, dotted, minor)
            return json.dumps([asdict(need) for need in needs]).encode()

        return [_need(plain) for plain in json.loads(self.facts.kept(f"{url}#call {minor} {dotted}", worked_out))]

    def opened(self, name: str, version: Version) -> Modules:
        """As `modules`, forgotten by who asked and not kept on disk: for checks that look once at every package."""
        return Modules(_unkept(self.facts.source(self._standing(name, version))))

    def may_be_built(self, name: str, version: Version, need: Need) -> bool:
        """Whether what an sdist's module imports may be its own, once it is built: no package is called so."""
        file = self.file(name, version)
        return file is not None and not file.is_wheel and self.facts.project(need.top) is None

    def _standing(self, name: str, version: Version, cell: Cell | None = None) -> File:
        file = self.file(name, version, cell)
        if file is None:
            raise CouldNotCheck(f"{name} {version} has no file at the index")
        return file

    def provider(self, dotted: str, graph: Graph) -> str | None:
        """The resolved package whose wheel brings a name's top; None when none does.

        Of several that share a namespace (`google.cloud`) the one that has most of the dotted name.
        """
        top = dotted.partition(".")[0]
        for name in (canonicalize_name(top), KNOWN_TOPS.get(top, "")):
            if name in graph.pins:
                return name
        close = canonicalize_name(top).replace("-", "")
        ordered = sorted(graph.pins, key=lambda name: (close not in name.replace("-", ""), name))
        bring = (name for name in ordered if self._brings(graph.pins[name].version, name, top))
        first = next(bring, None)
        if first is None or top == dotted or self._depth(first, graph, top):
            return first
        return max([first, *bring], key=lambda name: self._depth(name, graph, dotted))

    def _depth(self, name: str, graph: Graph, dotted: str) -> int:
        """How much of a dotted name is modules of the package that have a file of their own."""
        try:
            modules = self.opened(name, graph.pins[name].version)
        except CouldNotCheck:
            return 0
        return max((each.count(".") + 1 for each in chain_of(dotted) if each in modules.paths), default=0)

    def _brings(self, version: Version, name: str, top: str) -> bool:
        if (name, version) not in self._tops:
            self._tops[name, version] = self._read_tops(name, version)
        return top in self._tops[name, version]

    def _read_tops(self, name: str, version: Version) -> frozenset[str]:
        """The import packages of a release: of its wheel, or those that bear its name when there is none to read."""
        try:
            file = self.file(name, version)
            key = f"{file.url}#tops" if file else ""
            kept = self.facts.kept(key, lambda: json.dumps(sorted(self.opened(name, version).tops)).encode())
        except CouldNotCheck:
            return frozenset({name, name.replace("-", "_")})
        return frozenset(json.loads(kept))

    def evidence(self, name: str, version: Version, detail: str = "", cell: Cell | None = None) -> Evidence:
        """The file that stands for a release, with its upload day."""
        file = self.file(name, version, cell)
        return Evidence(file.filename if file else name, detail, str(version), file.day if file else "")


def _unkept(source: Source) -> Source:
    """The same, leaving nothing on disk of what is read."""
    return replace(source, read=source.glance)


def _need(plain: dict[str, Any]) -> Need:
    lists = {key: tuple(plain[key]) for key in ("names", "instead")}
    return Need(**{**plain, **lists, "kind": Kind(plain["kind"])})


def in_order(cells: list[Cell]) -> tuple[Cell, ...]:
    """Oldest Python first; 3.9 before 3.10."""
    return tuple(sorted(cells, key=lambda cell: (cell.minor, cell.python, cell.platform)))


def pythons(cells: list[Cell]) -> str:
    """The Pythons of some cells, for a sentence: "3.12, 3.13"."""
    return ", ".join(dict.fromkeys(cell.python for cell in in_order(cells)))


def via(graph: Graph, name: str) -> str:
    """How a package comes into the plan: " (tts -> gruut)", or nothing when the plan names it."""
    chain = graph.chain(name)
    return f" (brought by {' -> '.join(chain[:-1])})" if len(chain) > 1 else ""
