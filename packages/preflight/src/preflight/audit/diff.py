"""`preflight diff`: what got worse between two reports."""

from dataclasses import dataclass

from preflight.model import Finding, Report, Verdict


@dataclass(frozen=True)
class Difference:
    """Findings by what they are and where, without their words: those change with every release."""

    new: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    worse: tuple[str, ...]  # "tts GREEN -> RED"


def difference(old: Report, new: Report) -> Difference:
    """What is new, what is gone, and whose verdict is worse."""
    before, after = ({_key(found): found for found in report.findings} for report in (old, new))
    order = list(Verdict)[::-1]
    worse = [
        f"{name} {old.verdicts.get(name, Verdict.GREEN)} -> {colour}"
        for name, colour in new.verdicts.items()
        if order.index(colour) > order.index(old.verdicts.get(name, Verdict.GREEN))
    ]
    return Difference(
        tuple(found for key, found in after.items() if key not in before),
        tuple(found for key, found in before.items() if key not in after),
        tuple(worse),
    )


def _key(found: Finding) -> tuple[str, str, str, tuple[str, ...]]:
    return found.id, found.package, str(found.severity), tuple(map(str, found.cells))
