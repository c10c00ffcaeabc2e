"""The checks: one small module each, one plain table. A check yields findings, and Unknowns where it could not see."""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from preflight.checks.context import Context
from preflight.model import Finding, Unknown

__all__ = ["CHECKS", "Check", "Context", "load"]

Run = Callable[[Context], Iterator[Finding | Unknown]]


@dataclass(frozen=True)
class Check:
    """One line of the table: what it asks, and the module whose `check` answers."""

    title: str
    module: str


CHECKS: dict[str, Check] = {
    "PF101": Check("Python caps and floors", "preflight.checks.pythons"),
    "PF102": Check("wheels for each cell", "preflight.checks.wheels"),
    "PF103": Check("removed standard library", "preflight.checks.stdlib"),
    "PF104": Check("planned calls exist", "preflight.checks.api"),
    "PF105": Check("undeclared needs", "preflight.checks.undeclared"),
    "PF106": Check("holes of --no-deps", "preflight.checks.nodeps"),
    "PF107": Check("symbols between packages", "preflight.checks.symbols"),
    "PF108": Check("binary coherence", "preflight.checks.binaries"),
    "PF109": Check("resolution", "preflight.checks.resolution"),
    "PF110": Check("maintainer viability", "preflight.checks.viability"),
    "PF111": Check("standing at the index", "preflight.checks.standing"),
    "PF112": Check("tests of this project", "preflight.checks.project"),
}


def load(name: str) -> Run:
    """The function of a check, imported when it is first asked for."""
    run: Run = importlib.import_module(CHECKS[name].module).check
    return run
