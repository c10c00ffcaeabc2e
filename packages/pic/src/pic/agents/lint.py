"""`pic doctor --plugin`: what a host passes over in silence, as a misspelt key that only means that nothing happens.

The names are those of Claude Code 2.1.330, read from its schemas.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pic.errors import InputError, nearest
from pic.store import shipped


def _words(text: str) -> set[str]:
    return set(text.split())


EVENTS = _words(
    "PreToolUse PostToolUse PostToolUseFailure PostToolBatch Notification UserPromptSubmit UserPromptExpansion "
    "SessionStart SessionEnd Stop StopFailure SubagentStart SubagentStop PreCompact PostCompact PreModelSwitch "
    "PostModelSwitch PermissionRequest PermissionDenied Setup TeammateIdle TaskCreated TaskCompleted Elicitation "
    "ElicitationResult ConfigChange WorktreeCreate WorktreeRemove InstructionsLoaded CwdChanged FileChanged "
    "DirectoryAdded MessageDisplay"
)
NEVER_BLOCK = {"Setup", "SessionStart", "Stop", "SubagentStop", "TaskCompleted", "TeammateIdle"}
"""Events on which `onFailure` is passed over."""
HOOK = _words(
    "type command args if shell timeout onFailure statusMessage once async asyncRewake rewakeMessage rewakeSummary url "
    "headers allowedEnvVars server tool input prompt model continueOnBlock cloud"
)
TYPES = {"command", "http", "mcp_tool", "prompt", "agent"}
MANIFEST = _words(
    "$schema name version description author homepage repository license keywords displayName icon defaultEnabled "
    "engines dependencies userConfig channels mcpServers lspServers hooks skills agents commands outputStyles themes "
    "workflows monitors settings network experimental"
)
SKILL = _words(
    "name description when_to_use argument-hint arguments allowed-tools disallowed-tools model effort "
    "disable-model-invocation user-invocable context agent background paths hooks shell license compatibility "
    "metadata"
)
AGENT = _words(
    "name description tools disallowedTools model permissionMode maxTurns skills mcpServers hooks memory background "
    "effort isolation color initialPrompt autoCompactWindow omitClaudeMd observer observerMessage"
)
MODELS = re.compile(r"inherit|sonnet|opus|haiku|best|opusplan|claude-[\w.-]+|[\w.-]+/[\w./-]+")
PLACES = re.compile(r"\$\{CLAUDE_(?:PLUGIN_ROOT|SKILL_DIR)\}/([\w./-]+)")
LINKS = re.compile(r"\]\((?!\w+:|#)([^)\s#]+)")
Problem = tuple[str, str]
"""A file below the plugin, and what is wrong with it."""


def examine(folder: Path | None = None) -> tuple[Path, list[Problem]]:
    """The plugin that was looked at, pic's own by default, and all that is wrong with it. Raises InputError."""
    root = folder or shipped.folder()
    if not (root / ".claude-plugin/plugin.json").is_file():
        raise InputError(f"{root} is no plugin", "a folder with .claude-plugin/plugin.json")
    found = [*_manifest(root), *_hooks(root), *_servers(root)]
    for skill in sorted((root / "skills").glob("*")):
        found += _skill(root, skill) if skill.is_dir() else []
    for agent in sorted((root / "agents").glob("*.md")):
        found += _agent(root, agent)
    return root, found


def _json(root: Path, name: str) -> tuple[dict[str, Any], list[Problem]]:
    try:
        data = json.loads((root / name).read_text("utf-8"))
    except (OSError, ValueError) as error:
        return {}, [(name, f"cannot be read: {error}")]
    return (data, []) if isinstance(data, dict) else ({}, [(name, "is no object")])


def _unknown(where: str, kind: str, keys: Mapping[str, Any], known: set[str]) -> Iterator[Problem]:
    for key in keys:
        if key not in known:
            yield where, f"no {kind} is called {key!r}; {nearest(key, known)}"


def _manifest(root: Path) -> Iterator[Problem]:
    name = ".claude-plugin/plugin.json"
    data, problems = _json(root, name)
    yield from problems
    yield from _unknown(name, "key of a manifest", data, MANIFEST)
    if data and not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", str(data.get("name", ""))):
        yield name, f"a name is lower case with hyphens, not {data.get('name')!r}"
    for key in ("hooks", "skills", "agents", "commands", "mcpServers"):
        for path in [data[key]] if isinstance(data.get(key), str) else []:
            if not (root / path).exists():
                yield name, f"{key}: {path} is not there"


def _hooks(root: Path) -> Iterator[Problem]:
    name = "hooks/hooks.json"
    if not (root / name).is_file():
        return
    data, problems = _json(root, name)
    yield from problems
    events = data.get("hooks", {})
    yield from _unknown(name, "event", events, EVENTS)
    for event, groups in events.items():
        for group in groups if isinstance(groups, list) else []:
            yield from _group(root, name, event, group)
    text = (root / name).read_text("utf-8", "replace")
    for script in sorted((root / "hooks").glob("*")):
        if script.suffix in {".sh", ".py", ".js", ".ps1"} and script.name not in text:
            yield f"hooks/{script.name}", "is started by no hook"


def _group(root: Path, name: str, event: str, group: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _unknown(name, f"key of a matcher of {event}", group, {"matcher", "hooks"})
    try:
        re.compile(str(group.get("matcher", "")))
    except re.error as error:
        yield name, f"{event}: the matcher is no regular expression: {error}"
    for hook in group.get("hooks", []):
        yield from _unknown(name, f"key of a hook of {event}", hook, HOOK)
        yield from _hook(root, name, event, hook)


def _hook(root: Path, name: str, event: str, hook: Mapping[str, Any]) -> Iterator[Problem]:
    if hook.get("type") not in TYPES:
        yield name, f"{event}: no type of hook is called {hook.get('type')!r}; {nearest(str(hook.get('type')), TYPES)}"
    if "onFailure" in hook and event in NEVER_BLOCK:
        yield name, f"{event}: onFailure is passed over on this event"
    if hook.get("onFailure", "block") not in ("block", "continue"):
        yield name, f"{event}: onFailure is block or continue, not {hook['onFailure']!r}"
    if hook.get("type") == "command" and "args" not in hook and "$" in str(hook.get("command")):
        yield name, f"{event}: the command goes through a shell; with args it would not"
    yield from _dead(root, name, json.dumps(hook))


def _servers(root: Path) -> Iterator[Problem]:
    if (root / ".mcp.json").is_file():
        data, problems = _json(root, ".mcp.json")
        yield from problems
        yield from _dead(root, ".mcp.json", json.dumps(data))


def _dead(root: Path, name: str, text: str, skill: Path | None = None) -> Iterator[Problem]:
    for found in PLACES.finditer(text):
        base = skill if skill and "SKILL_DIR" in found[0] else root
        if not (base / found[1]).exists():
            yield name, f"{found[0]} is not there"


def _page(root: Path, path: Path, known: set[str]) -> tuple[str, dict[str, str], str, list[Problem]]:
    name = path.relative_to(root).as_posix()
    try:
        head, body = shipped.split(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        return name, {}, "", [(name, f"cannot be read: {error}")]
    if not head:
        return name, {}, body, [(name, "has no front matter, so its host does not see it")]
    problems = list(_unknown(name, "key of its front matter", head, known))
    problems += [(name, f"{key} is missing") for key in ("name", "description") if not head.get(key)]
    for target in LINKS.findall(body):
        if not (path.parent / target).exists():
            problems.append((name, f"the link to {target} is dead"))
    problems += _dead(root, name, body, path.parent)
    return name, head, body, problems


def _skill(root: Path, folder: Path) -> Iterator[Problem]:
    name, head, body, problems = _page(root, folder / "SKILL.md", SKILL)
    yield from problems
    if head.get("name", folder.name) != folder.name or not re.fullmatch(r"[a-z0-9-]{1,64}", folder.name):
        yield name, f"the name {head.get('name')!r} is not that of its folder, or not a-z, 0-9 and hyphens"
    if len(head.get("description", "")) > 1024:
        yield name, "a description has 1,024 characters at most"
    for word in re.findall(r"\$ARGS\b|\$TOOL_INPUT\b|\$TOOL_OUTPUT\b", body):
        yield name, f"{word} is nothing a host fills in; $ARGUMENTS is"


def _agent(root: Path, path: Path) -> Iterator[Problem]:
    name, head, _, problems = _page(root, path, AGENT)
    yield from problems
    if not MODELS.fullmatch(head.get("model", "inherit")):
        yield name, f"no model is called {head['model']!r}"
    for tool in filter(None, (one.strip() for one in head.get("tools", "").strip("[]").split(","))):
        if not re.fullmatch(r"\*|[A-Z]\w*(\(.*\))?|mcp__[\w*-]+", tool):
            yield name, f"{tool!r} cannot be a tool: a tool's name begins with a capital or mcp__"
