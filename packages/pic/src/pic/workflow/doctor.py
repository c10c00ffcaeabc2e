"""What can be mended without losing a word: torn tails, histories that a merge joined, documents, projections."""

from dataclasses import dataclass, field

from pic.errors import Damaged, NeedsPerson
from pic.model.config import VERSION, parse, rewritten
from pic.model.event import Event
from pic.store import files
from pic.workflow import documents
from pic.workflow.context import CONFIG, Context


@dataclass
class Findings:
    """What was mended, and what a person should look at."""

    mended: list[str] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)


def examine(context: Context, accept_loss: bool = False) -> Findings:
    """Check all, mend what is safe. Raises Damaged when events are gone, unless a person accepts the loss."""
    found = Findings()
    try:
        view, events = context.store.verify()
    except Damaged:
        if not accept_loss:
            raise
        if context.actor[0] != "person":
            raise NeedsPerson("accepting a loss needs a person", "a terminal, or --token") from None
        context.store.re_anchor()
        view, events = context.store.verify()
        context.record(lambda _record: [("record.mended", "", {"what": "a loss was accepted"})])
        found.mended.append("the log as it lies is the record now; the loss was accepted")
    if view.torn:
        what = ", ".join(f"{size} bytes at the end of {name}" for name, size in view.torn.items())
        context.store.drop_torn()
        found.mended.append(f"a torn tail was dropped: {what}; nothing had been recorded there")
    if len(view.anchor.heads) > 1:
        context.record(lambda _record: [("record.joined", "", {"heads": list(view.anchor.heads)})])
        found.mended.append(f"{len(view.anchor.heads)} histories were joined")
    found.mended += [*_documents(context, events), *_configuration(context)]
    context.store.re_anchor()
    context.project()
    disputed = view.record.disputed
    if disputed:
        found.noted.append(f"{len(disputed)} events contradict another branch's and were set aside: see pic audit")
    return found


def _configuration(context: Context) -> list[str]:
    """Bring the file up to the version this pic writes; what it says stays the same."""
    path = context.place.folder / CONFIG
    if not path.is_file():
        return []
    old = path.read_text("utf-8")
    parse(old)
    new = rewritten(old)
    if new == old:
        return []
    files.write(path, new.encode())
    return [f"{CONFIG} is version {VERSION} now; it says what it said"]


def _documents(context: Context, events: list[Event]) -> list[str]:
    """Redraw documents that are missing or no longer say what the record says."""
    mended = []
    for event in events:
        name = documents.path_of(event)
        if not name:
            continue
        path, wanted = context.place.folder / name, documents.render(event).encode()
        if not path.exists() or path.read_bytes() != wanted:
            files.write(path, wanted)
            mended.append(f"{name} says again what the record says")
    return mended
