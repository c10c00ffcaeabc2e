"""The whole command line as a parser; each command names the function that acts."""

import argparse
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from pic import __version__
from pic.cli import commands as do
from pic.cli import hosts, reading

DESCRIPTION = "Leads AI agents through six phases, one pilot in command at a time."
EXIT_CODES = "exit codes: 0 done, 1 refused by a rule, 2 usage, 3 record damaged or locked, 130 interrupted"
AUDITS = ("show", "verify", "export", "check")
"""What stands behind `pic audit` and is no workflow."""
Commands = Any
"""argparse's own type of a group of subcommands is private."""


class _Help(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=78, max_help_position=26)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        dashes = [one for one in sys.argv[1:] if re.match(r"-[^-]", one) and one not in ("-h",)]
        if dashes and ("expected" in message or "required" in message or "unrecognized" in message):
            message += f"\n  a word that begins with - stands behind --, or for an option so: --because={dashes[0]!r}"
        super().error(message)


def _common() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    parser.add_argument("--as", dest="actor", default="", metavar="NAME", help="who acts; else the pilot in command")
    parser.add_argument("--token", default="", help="the person token, where a person is needed")
    return parser


def _add(group: Commands, name: str, about: str, example: str, act: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = group.add_parser(
        name, help=about, description=about, parents=[_common()], formatter_class=_Help, epilog=f"example:\n  {example}"
    )
    parser.set_defaults(act=act)
    return parser


def _group(group: Commands, name: str, about: str, example: str) -> Commands:
    parser = group.add_parser(
        name, help=about, description=about, formatter_class=_Help, epilog=f"example:\n  {example}"
    )
    return parser.add_subparsers(metavar="command", required=True)


def build_parser() -> argparse.ArgumentParser:
    """The whole command line, for `main` and for the generated reference."""
    parser = _Parser(
        prog="pic", description=DESCRIPTION, formatter_class=_Help,
        epilog=f'{EXIT_CODES}\n\nexample:\n  pic init && pic start "Build a login system" && pic status',
    )  # fmt: skip
    parser.add_argument("--version", action="version", version=f"pic {__version__}")
    parser.set_defaults(act=None, json=False)
    commands = parser.add_subparsers(metavar="command")
    for add in (_course, _writing, _gates, _conflicts, _audit, _agents, _upkeep):
        add(commands)
    return parser


def spelled_out(argv: Sequence[str]) -> list[str]:
    """The words as the parser knows them: `pic audit WORKFLOW PHASE` is short for `pic audit show WORKFLOW PHASE`."""
    words = list(argv)
    if words[:1] != ["audit"]:
        return words
    at = 1
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in ("--as", "--token") else 1
    short = at < len(words) and words[at] not in AUDITS and not {"-h", "--help"} & set(words)
    return ["audit", "show", *words[1:]] if short else words


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0 and up to a day")
    return value


def _because(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--because", required=True, metavar="WHY", help="the reason, for the record")


def _course(commands: Commands) -> None:
    init = _add(commands, "init", "set up .pic/ in this repository", "pic init", do.init)
    init.add_argument("--upgrade", action="store_true", help="bring an older .pic/ up to date")
    init.add_argument("--remove", action="store_true", help="take .pic/ away; needs a person")
    init.add_argument(
        "--import", dest="source", nargs="?", const="", metavar="FOLDER",
        help="take over the original's .pic/, and the decisions of a folder, by default docs/decisions",
    )  # fmt: skip
    init.add_argument(
        "--yes", action="store_true", help="with --remove: yes, all of it; with --upgrade: write what it shows"
    )
    init.add_argument("--no-agents", action="store_true", help="leave .claude/, CLAUDE.md and AGENTS.md alone")
    start = _add(commands, "start", "begin a workflow", 'pic start "Build a login system" --size standard', do.start)
    start.add_argument("title", help="what is to be built")
    start.add_argument("--size", default="standard", help="trivial, standard, critical, or one of the configuration")
    start.add_argument("--from", dest="source", metavar="FILE", help="the whole brief")
    status = _add(commands, "status", "where the work stands and what to do next", "pic status --line", reading.status)
    status.add_argument("--line", action="store_true", help="one line, for a prompt or a status bar")
    status.add_argument("--watch", action="store_true", help="say it again whenever it changes, until Ctrl-C")
    status.add_argument("--every", type=_seconds, default=1.0, metavar="SECONDS", help="how often to look (1)")
    handoff = _add(commands, "handoff", "end the phase, if its gates let it", 'pic handoff --notes "…"', do.handoff)
    handoff.add_argument("--notes", default="", help="what the next pilot must know")
    revisit = _add(
        commands, "revisit", "go back to an earlier phase", 'pic revisit design --because "no such API"', do.revisit
    )
    revisit.add_argument("phase")
    _because(revisit)
    resume = _add(commands, "resume", "take up a workflow in another session", "pic resume", do.resume)
    resume.add_argument("workflow", nargs="?", default="")
    _because(_add(commands, "abandon", "stop for good; a person", 'pic abandon --because "bought one"', do.abandon))
    _because(_add(commands, "undo", "reverse the last step; a person", 'pic undo --because "too early"', do.undo))
    _add(commands, "list", "all workflows", "pic list --json", reading.workflows)
    show = _add(commands, "show", "a workflow, decision, conflict or study", "pic show DEC-001", reading.show)
    show.add_argument("id")


def _writing(commands: Commands) -> None:
    example = 'pic decide "Store sessions" --option SQLite --option Redis --choose SQLite --because "one process"'
    decide = _add(commands, "decide", "record a decision as MADR", example + " --tier light", do.decide)
    decide.add_argument("title")
    decide.add_argument("--option", action="append", default=[], metavar="NAME", help="what was considered; repeat")
    decide.add_argument("--choose", required=True, metavar="NAME", help="the option taken")
    _because(decide)
    decide.add_argument(
        "--evidence", action="append", default=[], metavar="FILE|URL|CMD", help="repeat; formal needs 2"
    )
    decide.add_argument("--tier", choices=("formal", "light"), default="formal")
    decide.add_argument("--supersedes", default="", metavar="DEC-001")
    decide.add_argument("--context", default="", help="the problem")
    evidence = _group(commands, "evidence", "what a phase leans on", "pic evidence add docs/survey.md")
    add = _add(evidence, "add", "record a file, address or command", "pic evidence add docs/survey.md", do.evidence)
    add.add_argument("ref", metavar="FILE|URL|CMD")
    add.add_argument("--note", default="")
    _add(evidence, "list", "the evidence of this workflow", "pic evidence list", reading.evidence)
    example = "pic integrate api store --scenario 'python -m shop --selftest'"
    integrate = _add(commands, "integrate", "run the parts together and record it", example, do.integrate)
    integrate.add_argument("component", nargs="+")
    integrate.add_argument("--scenario", action="append", default=[], metavar="CMD", help="run without a shell; repeat")
    integrate.add_argument(
        "--leaves", action="append", default=[], metavar="GLOB", help="where it must leave a new file; repeat"
    )
    integrate.add_argument("--plan", default="", help="what the study is to show")
    integrate.add_argument("--timeout", type=_seconds, default=600.0, metavar="SECONDS")


def _gates(commands: Commands) -> None:
    gate = _group(commands, "gate", "what must pass before the phase ends", "pic gate run")
    _add(gate, "list", "the gates of this phase", "pic gate list", reading.gates)
    run = _add(gate, "run", "run gates and record what they did", "pic gate run tests", do.gate_run)
    run.add_argument("name", nargs="*", help="all of the phase unless named")
    waive = _add(gate, "waive", "go on without one; a person", 'pic gate waive tests --because "no GPU"', do.waive)
    waive.add_argument("name")
    _because(waive)
    trust = _add(gate, "trust", "accept a gate's changed command; a person", "pic gate trust tests", do.trust)
    trust.add_argument("name")

    authority = _group(commands, "authority", "what each pilot may use and write", "pic authority list")
    _add(authority, "list", "what counts in this workflow", "pic authority list", reading.authority)
    _add(authority, "trust", "let the changed configuration count; a person", "pic authority trust", do.authority_trust)


def _conflicts(commands: Commands) -> None:
    example = 'pic conflict open "REST or gRPC" --class A'
    group = _group(commands, "conflict", "a disagreement, which blocks the handoff", example)
    opened = _add(group, "open", "put it on record", example, do.conflict_open)
    opened.add_argument("title")
    opened.add_argument("--class", dest="kind", default="A", help="A technical, B scope, C priority, D process")
    opened.add_argument("--deadline", default="", metavar="WHEN")
    opened.add_argument("--decider", default="", metavar="WHO")
    position = _add(
        group,
        "position",
        "say what one side holds",
        'pic conflict position CON-001 "gRPC: typed"',
        do.conflict_position,
    )
    position.add_argument("id")
    position.add_argument("position")
    position.add_argument("--evidence", action="append", default=[], metavar="FILE|URL|CMD")
    resolve = _add(
        group, "resolve", "end it; a person", 'pic conflict resolve CON-001 --because "…"', do.conflict_resolve
    )
    resolve.add_argument("id")
    _because(resolve)
    resolve.add_argument("--dissent", default="", help="what the overruled side still holds")


def _audit(commands: Commands) -> None:
    parser = commands.add_parser(
        "audit", help="what happened, and whether the record is whole", parents=[_common()], formatter_class=_Help,
        description="What happened, oldest first: all of it, or `pic audit WORKFLOW PHASE`; with a command, more.",
        epilog="example:\n  pic audit login-3fa2 design\n  pic audit verify",
    )  # fmt: skip
    parser.set_defaults(act=reading.audit, workflow="", phase="")
    group = parser.add_subparsers(metavar="command")
    show = _add(
        group, "show", "the timeline of a workflow and phase", "pic audit show login-3fa2 design", reading.audit
    )
    show.add_argument("workflow", nargs="?", default="")
    show.add_argument("phase", nargs="?", default="")
    _add(group, "verify", "check every byte of the record", "pic audit verify", reading.verify)
    export = _add(group, "export", "the timeline for others", "pic audit export --format html", reading.export)
    export.add_argument("--format", choices=("html", "json"), default="json")
    check = _add(group, "check", "what a phase must leave, as a gate", "pic audit check decisions", reading.check)
    check.add_argument("name", help="sources, environments, milestones, decisions, study, artefact or complete")


def _agents(commands: Commands) -> None:
    about = "serve the record to agents by the Model Context Protocol, on stdin and stdout"
    _add(commands, "mcp", about, "pic mcp", hosts.mcp)
    about = "answer one event of Claude Code, given on stdin"
    hook = _add(commands, "hook", about, "pic hook session-start", hosts.hook)
    hook.add_argument("event", help=", ".join(hosts.EVENTS))


def _upkeep(commands: Commands) -> None:
    doctor = _add(commands, "doctor", "check and mend the record", "pic doctor", do.doctor)
    doctor.add_argument(
        "--plugin", nargs="?", const="", metavar="FOLDER", help="look a Claude Code plugin over instead; else pic's own"
    )
    doctor.add_argument("--accept-loss", action="store_true", help="take the log as it lies; needs a person")
    person = _group(commands, "person", "what only a person may do", "pic person token")
    _add(person, "token", "a token that stands for you, shown once", "pic person token", do.token)
