"""What `pic init` writes for agents, made from what ships with the plugin."""

import re
from collections.abc import Iterator

from pic.store import shipped

BARE = {"dependency-risk-planner"}
"""Skills that are called the same without the plugin; the others get `pic-` before their name."""
TEXTS = {".md", ".py", ".sh", ".toml"}
"""Kinds of files a skill may bring."""
BEGIN = "<!-- pic: written by pic init; what stands outside these two lines is yours -->"
END = "<!-- pic: end -->"
BLOCKS = ("CLAUDE.md", "AGENTS.md")
RULES = ".claude/rules/pic.md"
RULE = """\
# Working under PIC

- `pic status --line` says which phase is in command, what it may write and what is missing. Believe it over memory.
- Only the pilot in command works. It ends its phase with `pic gate run` and `pic handoff`; nothing else ends a phase.
- `.pic/` is written by pic alone. Read it; record through `pic decide`, `pic evidence add`, `pic conflict open`.
- What needs a person (waiving, trusting, resolving, undoing, abandoning) is theirs to type: say the command and stop.
- Never make a gate pass by weakening what it checks. A gate that is wrong is a conflict: `pic conflict open`.
"""
BLOCK = """\
## PIC

Work larger than a few lines runs under PIC: phases with one pilot in command at a time, ended by gates that `pic` runs.
Start with `pic status`; begin with `pic start "TITLE"`; decisions so far are in `.pic/decisions/`. pic alone writes to
`.pic/`. Phases, gates and who may write what: `.pic/config.toml`.
"""


def files() -> Iterator[tuple[str, str]]:
    """Path below the repository and text, of every whole file."""
    root = shipped.folder() / "skills"
    for path in sorted(
        one for one in root.rglob("*") if one.is_file() and one.suffix in {".md", ".py", ".sh", ".toml"}
    ):
        skill, *rest = path.relative_to(root).parts
        name = skill if skill in BARE else f"pic-{skill}"
        text = path.read_text("utf-8")
        if rest == ["SKILL.md"]:
            text = re.sub(r"\A(---\n(?:.*\n)*?name:) .*", rf"\1 {name}", text, count=1)
        yield "/".join([".claude/skills", name, *rest]), text
    yield RULES, RULE


def with_block(text: str, block: str) -> str:
    """A page with the block in its place, or at its end when it has none."""
    whole = f"{BEGIN}\n{block.strip()}\n{END}"
    found = re.compile(re.escape(BEGIN) + r".*?" + re.escape(END), re.DOTALL)
    if found.search(text):
        return found.sub(lambda _: whole, text, count=1)
    return f"{text.rstrip()}\n\n{whole}\n" if text.strip() else f"{whole}\n"


def block_of(text: str) -> str | None:
    """The block of a page, without its marks; None when it has none."""
    found = re.search(re.escape(BEGIN) + r"\n(.*?)\n?" + re.escape(END), text, re.DOTALL)
    return f"{found[1].strip()}\n" if found else None
