"""The report a person reads in a terminal: the matrix, findings by harm, what was not checked, the verdicts."""

import time

from rich.console import Console
from rich.table import Table
from rich.text import Text

from preflight.model import Cell, Finding, Report, Severity, Verdict

_STYLE = {Severity.RED: "bold red", Severity.YELLOW: "yellow", Severity.NOTE: "dim"}
_VERDICT = {Verdict.RED: "bold red", Verdict.YELLOW: "yellow", Verdict.UNKNOWN: "magenta", Verdict.GREEN: "green"}
MOST_NOTES = 12
MOST_NAMES = 6


def print_report(report: Report, console: Console, *, every: bool = False) -> None:
    """Print it. Notes beyond a dozen are counted, unless `every`."""
    console.print(_matrix(report))
    notes = 0
    for found in report.findings:
        notes += found.severity is Severity.NOTE
        if every or notes <= MOST_NOTES or found.severity is not Severity.NOTE:
            _print_finding(found, report, console)
    if not every and notes > MOST_NOTES:
        console.print(f"and {notes - MOST_NOTES} more notes: --every shows them", style="dim")
    _print_unknown(report, console)
    _print_verdicts(report, console)


def _matrix(report: Report) -> Table:
    """Rows are Pythons, columns platforms; a cell shows the worst that was found in it."""
    platforms = list(dict.fromkeys(cell.platform for cell in report.cells))
    table = Table(title=f"as of {report.as_of}", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for name in ("Python", *platforms):
        table.add_column(name)
    for python in dict.fromkeys(cell.python for cell in report.cells):
        table.add_row(python, *(_square(Cell(python, platform), report) for platform in platforms))
    return table


def _square(cell: Cell, report: Report) -> Text:
    here = [found for found in report.findings if cell in found.cells or not found.cells]
    reds = [found for found in here if found.severity is Severity.RED]
    if reds:
        ids = " ".join(dict.fromkeys(found.id for found in reds))
        return Text(f"RED {ids}", style=_STYLE[Severity.RED])
    if any(found.severity is Severity.YELLOW for found in here):
        return Text("YELLOW", style=_STYLE[Severity.YELLOW])
    if str(cell) not in report.resolved:
        return Text("UNKNOWN", style=_VERDICT[Verdict.UNKNOWN])
    return Text("GREEN", style=_VERDICT[Verdict.GREEN])


def _print_finding(found: Finding, report: Report, console: Console) -> None:
    style = _STYLE[found.severity]
    console.print()
    console.print(Text(f"{found.severity.upper()} {found.id}  ", style=style) + Text(found.message))
    rows = [("in", cells_in_words(found.cells, report.cells))]
    for each in found.evidence:
        parts = [each.file, each.detail, f"uploaded {each.uploaded}" if each.uploaded else ""]
        rows.append(("evidence", "; ".join(part for part in parts if part)))
    rows.append(("sure", found.confidence))
    for label, text in rows:
        _print_row(label, text, console, "dim")
    if found.advice:
        _print_row("do", found.advice, console, "")


def _print_row(label: str, text: str, console: Console, style: str) -> None:
    """A row whose further lines stand below its first; on one line where nothing is wrapped, for `grep`."""
    if console.soft_wrap:
        console.print(Text(f"  {label:<8} {text}", style=style))
        return
    row = Table.grid(padding=0)
    row.add_column(width=11)
    row.add_column(overflow="fold")
    row.add_row(f"  {label}", Text(text), style=style)
    console.print(row)


def cells_in_words(some: tuple[Cell, ...], every: tuple[Cell, ...]) -> str:
    """Cells as "every cell", "3.12, 3.13 on every platform", or a list."""
    if not some or set(some) == set(every):
        return "every cell"
    pythons = list(dict.fromkeys(cell.python for cell in some))
    platforms = list(dict.fromkeys(cell.platform for cell in some))
    if len(some) == len(pythons) * len(platforms):
        everywhere = set(platforms) == {cell.platform for cell in every}
        all_pythons = set(pythons) == {cell.python for cell in every}
        where = "every platform" if everywhere else ", ".join(platforms)
        return f"{'every Python' if all_pythons else ', '.join(pythons)} on {where}"
    return ", ".join(str(cell) for cell in some)


def _print_unknown(report: Report, console: Console) -> None:
    if report.unknown:
        console.print("\nnot checked", style="bold")
    groups: dict[tuple[str, str], list[str]] = {}
    for unknown in report.unknown:
        groups.setdefault((unknown.id, unknown.reason), []).append(unknown.package)
    for (name, reason), packages in groups.items():
        every = list(dict.fromkeys(each for each in packages if each))
        names = ", ".join(every[:MOST_NAMES])
        names += f" and {len(every) - MOST_NAMES} more" if len(every) > MOST_NAMES else ""
        console.print(Text("  " + "  ".join(part for part in (name, names, reason) if part)))


def _print_verdicts(report: Report, console: Console) -> None:
    console.print("\nverdict", style="bold")
    width = max((len(name) for name in report.verdicts), default=0)
    planned = set(report.plan["packages"])
    for name, colour in sorted(report.verdicts.items(), key=lambda item: item[0] not in planned):
        brought = "" if name in planned else "  (brought along)"
        console.print(Text(f"  {name:<{width}}  ") + Text(colour, style=_VERDICT[colour]) + Text(brought, style="dim"))
    age = max(0.0, time.time() - report.answers_from) / 60
    console.print(f"\nthe oldest answer of the index used here is {age:.0f} minutes old", style="dim")
