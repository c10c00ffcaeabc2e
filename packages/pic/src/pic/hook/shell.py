"""Reading a shell's command line for what pic must not let through.

This sees what is plainly written. A name put together from pieces gets past it; what such a command changed is found
by comparing the tree afterwards, and what only a person may do is refused by `pic` itself.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

READERS = {
    "[", "awk", "basename", "bat", "cat", "cd", "cmp", "column", "comm", "cut", "diff", "dirname", "du", "echo",
    "egrep", "fgrep", "file", "find", "git", "grep", "head", "jq", "less", "ls", "md5sum", "more", "nl", "od", "pic",
    "printf", "pwd", "readlink", "realpath", "rg", "sed", "sha256sum", "sort", "stat", "tac", "tail", "test", "tr",
    "tree", "uniq", "wc", "xxd", "Get-ChildItem", "Get-Content", "Select-String", "dir", "type",
}  # fmt: skip
"""Commands that may name `.pic/`, each with what it must not be asked to do there."""
WRITING = {
    "find": re.compile(r"-(delete|exec|execdir|ok|okdir|fprint.*|fls)"),
    "sed": re.compile(r"-[a-zA-Z]*i.*|--in-place.*"),
    "sort": re.compile(r"-o.*|--output.*"),
    "git": re.compile(r"rm|mv|restore|checkout|switch|clean|stash|reset|apply|am|filter-branch|filter-repo"),
    "cd": re.compile(r".*"),
    "awk": re.compile(r".*>.*|.*system.*|.*inplace.*"),
}
BREAKERS = {
    "chmod",
    "cp",
    "dd",
    "install",
    "ln",
    "mv",
    "rm",
    "rmdir",
    "rsync",
    "shred",
    "sed",
    "tee",
    "touch",
    "truncate",
}
WRAPPERS = {
    "!", "builtin", "command", "do", "doas", "else", "env", "exec", "if", "nice", "nohup", "setsid", "stdbuf", "sudo",
    "then", "time", "timeout", "until", "while", "xargs", "{",
}  # fmt: skip
DEEPEST = 4
"""How far substitutions within substitutions are followed."""
SHELLS = {"bash", "dash", "ksh", "sh", "zsh"}
_KEPT = re.compile(r"""(?:^|[/\\=:"'({,\s])\.pic(?:[/\\"'),\s}*]|$)""", re.IGNORECASE)
_GIT = re.compile(r"(?:^|[/\\])\.git(?:[/\\]|$)", re.IGNORECASE)
_ASSIGNED = re.compile(r"[A-Za-z_]\w*=")
_INNER = re.compile(r"\$\((.*)\)", re.DOTALL)
_QUOTED = re.compile(r"'[^']*'")
_TICKED = re.compile(r"`([^`]*)`")
PERSONAL = {("gate", "waive"), ("gate", "trust"), ("authority", "trust"), ("conflict", "resolve"), ("person", "token")}
PERSONAL_ALONE = {"undo", "abandon"}
PERSONAL_WITH = {"init": "--remove", "doctor": "--accept-loss"}
_HEREDOC = re.compile(r"(<<-?\s*(['\"]?)([\w.-]+)\2[^\n]*\n).*?^\s*\3\s*$", re.DOTALL | re.MULTILINE)
_LOOSE = re.compile(
    r"\bpic\b[^;&|\n]*\b(gate\s+(waive|trust)|authority\s+trust|conflict\s+resolve|person\s+token|undo|abandon)\b"
)


@dataclass(slots=True)
class Simple:
    """One command of a line: its words, and the files its output is sent to."""

    words: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What is run, without its folder."""
        return re.split(r"[/\\]", self.words[0])[-1] if self.words else ""


def commands(line: str, depth: int = 0) -> Iterator[Simple]:
    """The simple commands of a line, those inside substitutions and `sh -c` too. Raises ValueError on open quotes.

    What a here-document holds is text to somebody and is left out.
    """
    line = _HEREDOC.sub(r"\1", line.replace("\\\n", " "))
    lexer = shlex.shlex(line, posix=True, punctuation_chars="();<>|&\n")
    lexer.whitespace, lexer.commenters, lexer.whitespace_split = " \t\r", "", True
    found, redirect = Simple(), False
    for token in lexer:
        if set(token) <= set("();<>|&\n"):
            redirect = ">" in token
            if not set(token) & set("<>"):
                yield from _whole(found, depth)
                found = Simple()
        elif redirect:
            found.targets.append(token)
            redirect = False
        else:
            found.words.append(token)
    yield from _whole(found, depth)
    for inner in _TICKED.findall(_QUOTED.sub("", line)) if depth < DEEPEST else ():
        yield from commands(inner, depth + 1)


def _whole(command: Simple, depth: int) -> Iterator[Simple]:
    """A command as it is run: without what only wraps it, and followed by what it runs itself."""
    inner = [one for word in command.words for one in _INNER.findall(word)]
    words = _unwrapped(command.words)
    if words or command.targets:
        yield Simple(words, command.targets)
    name = Simple(words).name
    if name in SHELLS and "-c" in " ".join(words[1:2]):
        inner += words[2:3]
    elif name == "eval":
        inner.append(" ".join(words[1:]))
    if depth < DEEPEST:
        for line in inner:
            yield from commands(line, depth + 1)


def _unwrapped(words: list[str]) -> list[str]:
    wrapped = False
    for at, word in enumerate(words):
        if word in WRAPPERS or _ASSIGNED.match(word):
            wrapped = True
        elif not (wrapped and re.fullmatch(r"-.*|[0-9.]+[smhd]?", word)):
            return words[at:]
    return []


def needs_person(command: Simple) -> bool:
    """Whether this is a pic command that only a person may give."""
    words = command.words[1:]
    if command.name.startswith("python") and words[:2] == ["-m", "pic"]:
        words = words[2:]
    elif command.name not in ("pic", "pic.cmd", "pic.py"):
        return False
    plain = [word for word in words if not word.startswith("-")]
    asked = PERSONAL_WITH.get(plain[0] if plain else "", "")
    return (
        any((plain[0], word) in PERSONAL for word in plain[1:3])
        or bool(plain and plain[0] in PERSONAL_ALONE)
        or any(word.startswith("--tok") for word in words)
        or bool(asked and any(len(word) > 4 and asked.startswith(word.partition("=")[0]) for word in words))
    )


def touches_kept(command: Simple) -> str:
    """The folder of pic's or git's that a command would plainly write into, or ""."""
    for target in command.targets:
        if _KEPT.search(target):
            return ".pic"
        if _GIT.search(target):
            return ".git"
    rest = command.words[1:]
    forbidden = WRITING.get(command.name)
    harmless = command.name in READERS and not (forbidden and any(forbidden.fullmatch(word) for word in rest))
    if not harmless and any(_KEPT.search(word) for word in command.words):
        return ".pic"
    if command.name in BREAKERS and any(_GIT.search(word) for word in rest):
        return ".git"
    return ""


def plain_target(target: str) -> bool:
    """Whether a redirection names its file outright, and not a descriptor or what a shell would first expand."""
    return not target.isdigit() and not re.search(r"[$`*?\[{~]", target) and not target.startswith("/dev/")


def suspicious(line: str) -> bool:
    """For lines that cannot be read: whether they so much as mention what is guarded."""
    return bool(_KEPT.search(line) or _LOOSE.search(line) or "PIC_PERSON_TOKEN" in line)
