"""What an agent may read: the record as resources, and a prompt for each pilot."""

import json
from collections.abc import Iterator
from typing import Any

from pic.errors import NotFound
from pic.model.state import to_json
from pic.store import shipped
from pic.workflow import documents, steps
from pic.workflow.context import Context

SCHEME = "pic://"
TEMPLATES = [
    {"uriTemplate": "pic://workflow/{id}", "name": "workflow", "description": "A workflow's whole state",
     "mimeType": "application/json"},
    {"uriTemplate": "pic://record/{id}", "name": "record", "mimeType": "text/markdown",
     "description": "The document of a decision, conflict, study or handoff"},
]  # fmt: skip


def resources(context: Context) -> list[dict[str, str]]:
    """All that can be read: where the work stands, every workflow, every document."""
    view, events = context.store.read()
    found = [_resource("status", "Where the work stands", "application/json")]
    found += [
        _resource(f"workflow/{one.id}", f"{one.title} ({one.status})", "application/json")
        for one in view.record.workflows.values()
    ]
    return found + [
        _resource(f"record/{name}", str(event.data.get("title", name)), "text/markdown")
        for name, event in _documents(events)
    ]


def _resource(name: str, title: str, kind: str) -> dict[str, str]:
    return {"uri": SCHEME + name, "name": name, "title": title, "mimeType": kind}


def _documents(events: list[Any]) -> Iterator[tuple[str, Any]]:
    """Each event that has a document, by its name: DEC-001, or what its file is called when it has none."""
    for event in events:
        if path := documents.path_of(event):
            yield str(event.data.get("id", path.rpartition("/")[2].removesuffix(".md"))), event


def read(context: Context, uri: str) -> dict[str, str]:
    """One resource. Raises NotFound with the nearest."""
    kind, _, name = uri.removeprefix(SCHEME).partition("/")
    if uri == f"{SCHEME}status":
        return _json(uri, steps.status(context))
    view, events = context.store.read()
    if kind == "workflow" and name in view.record.workflows:
        state = to_json(view.record.workflows[name])
        del state["before"]
        return _json(uri, state)
    for known, event in _documents(events):
        if kind == "record" and known == name:
            return {"uri": uri, "mimeType": "text/markdown", "text": documents.render(event)}
    raise NotFound.among("resource", uri, [one["uri"] for one in resources(context)])


def _json(uri: str, value: Any) -> dict[str, str]:
    return {"uri": uri, "mimeType": "application/json", "text": json.dumps(value, indent=1, ensure_ascii=False)}


def prompts() -> list[dict[str, Any]]:
    """One for each agent that ships with pic."""
    arguments = [{"name": "task", "description": "what is asked of the pilot", "required": False}]
    return [
        {"name": name, "description": head.get("description", ""), "arguments": arguments}
        for name, (head, _) in _agents().items()
    ]


def prompt(context: Context, name: str, task: str) -> dict[str, Any]:
    """The pilot's brief, with where the work stands and what is asked. Raises NotFound."""
    agents = _agents()
    if name not in agents:
        raise NotFound.among("prompt", name, agents)
    head, body = agents[name]
    stands = json.dumps(steps.status(context), ensure_ascii=False)
    parts = [body.strip(), f"Where the work stands: {stands}", task.strip()]
    said = {"role": "user", "content": {"type": "text", "text": "\n\n".join(one for one in parts if one)}}
    return {"description": head.get("description", ""), "messages": [said]}


def _agents() -> dict[str, tuple[dict[str, str], str]]:
    files = sorted((shipped.folder() / "agents").glob("*.md"))
    return {path.stem: shipped.split(path.read_text("utf-8")) for path in files}
