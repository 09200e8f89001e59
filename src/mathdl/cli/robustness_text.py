"""What was found out about the robustness of a model, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mathdl.cli.text import columns, printable

if TYPE_CHECKING:
    from mathdl.runs.robustness import ColumnFacts, Counterexample, RobustnessReport

SHOWN = 5  # chosen: counterexamples that are written out


def robustness_text(report: RobustnessReport) -> str:
    """Write the table by class, and below it the columns, the counterexamples and the files."""
    parts = [_heading(report), _table(report)]
    if report.columns:
        parts.append("\n".join(printable(line) for each in report.columns for line in _column(each)))
    if shown := [line for each in report.counterexamples[:SHOWN] if (line := _counterexample(each))]:
        parts.append("\n".join(map(printable, shown)))
    if files := list(_files(report)):
        parts.append(columns(files))
    return "\n\n".join(parts)


def _heading(report: RobustnessReport) -> str:
    """Say what was asked of what."""
    radius = report.radius
    if isinstance(radius, dict):
        units = {each.column: each.unit for each in report.columns}
        far = ", ".join(f"{name} by {_number(value, units.get(name, ''))}" for name, value in radius.items())
    else:
        far = f"each number by {radius:g}"
    return printable(
        f"Does the answer stay the same while numbers change, {far} at most? {report.of}: {report.asked:,}"
    )


def _table(report: RobustnessReport) -> str:
    """Write the verdicts by class."""
    head = ("class", "objects", "certified", "refuted", "wrong anyway", "undecided")
    rows = [[str(row.name), *(f"{count:,}" for count in row[1:])] for row in report.classes]
    sums = [sum(row[k] for row in report.classes) for k in range(1, 6)]
    shares = [f"{count / max(1, sums[0]):.1%}" for count in sums]
    total = [["all", *(f"{count:,}" for count in sums)], ["", "", *shares[1:]]]
    return columns([head, *rows, *total], right=range(1, 6))


def _column(facts: ColumnFacts) -> Iterator[str]:
    """Say in words what was found out about a column."""
    said = []
    if facts.certified_radius is not None:
        half = _number(facts.certified_radius, facts.unit)
        said.append(f"alone it may change by {half} (median of the largest radii that were certified)")
    of = f"{facts.asked:,} object{'s' * (facts.asked != 1)}"
    said.append(f"it cannot change the answer of {facts.cannot_change:,} of {of}, and can that of {facts.can_change:,}")
    if facts.increasing is not None:
        for way, decision in (("never falls", facts.increasing), ("never rises", facts.decreasing)):
            if decision == "proved":
                said.append(f"the probability of {facts.answer} {way} where it grows: proved")
        if facts.increasing == facts.decreasing == "refuted":
            said.append(f"the probability of {facts.answer} may rise and may fall where it grows")
        elif "proved" not in (facts.increasing, facts.decreasing):
            said.append(f"whether the probability of {facts.answer} rises or falls throughout is undecided")
    yield f"{facts.column}: {'; '.join(said)}"


def _counterexample(found: Counterexample) -> str:
    """Write which columns of an object change, and the answer with them."""
    if found.changed is None:
        return ""
    changes = ", ".join(f"{name} from {_shown(a)} to {_shown(b)}" for name, (a, b) in found.changed.items())
    return f"row {found.object}: {found.answer} becomes {found.other} with {changes}"


def _files(report: RobustnessReport) -> Iterator[tuple[str, str]]:
    """Yield what was written."""
    if report.picture is not None:
        yield "picture", report.picture
    if report.certificates:
        first, count = report.certificates[0], len(report.certificates)
        yield "certificates", f"{count:,} in {Path(first).parent}; check one by: mathdl verify {first}"


def _number(value: float, unit: str) -> str:
    """Write a number with its unit."""
    return f"{value:.4g}{' ' + unit if unit else ''}"


def _shown(value: object) -> str:
    """Write a value of a table."""
    return "missing" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
