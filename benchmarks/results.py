"""What a benchmark found: times, ratios and bars, as text, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.side_by_side import Comparison

FLOOR = "floor"
SHARE = "of the multipliers' rate"


@dataclass(frozen=True)
class Bar:
    """A number beside the limit that it is held to; a limit of None only shows it."""

    what: str
    value: float
    limit: float | None = None
    at_most: bool = False
    unit: str = "x"

    @property
    def met(self) -> bool | None:
        """Whether the limit is kept."""
        if self.limit is None:
            return None
        return self.value <= self.limit if self.at_most else self.value >= self.limit

    @property
    def verdict(self) -> str:
        """The limit and whether it is kept, in words."""
        if self.limit is None:
            return "no bar"
        return f"{'met' if self.met else 'MISSED'} (at {'most' if self.at_most else 'least'} {self._shown(self.limit)})"

    def shown(self) -> str:
        """The number with its unit."""
        return self._shown(self.value)

    def _shown(self, value: float) -> str:
        if self.unit == "%":
            return f"{100 * value:.3g} %"
        return f"{value:.3g}{'' if self.unit == 'x' else ' '}{self.unit}".rstrip()


@dataclass(frozen=True)
class Entry:
    """One contestant's line: its median (seconds, or what the result's unit says) and its ratios to the first one."""

    name: str
    median: float
    ratio: float | None = None
    paired_ratio: float | None = None
    turns: int | None = None


@dataclass(frozen=True)
class Result:
    """One piece of work: who took how long, which bars were met."""

    work: str
    unit: str
    entries: list[Entry]
    bars: list[Bar]
    notes: list[str] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """A dictionary that JSON can hold."""
        return {**asdict(self), "bars": [{**asdict(bar), "met": bar.met} for bar in self.bars]}

    @classmethod
    def of_record(cls, record: dict[str, Any]) -> Result:
        """The result that ``record`` wrote down."""
        bars = [Bar(**{name: value for name, value in bar.items() if name != "met"}) for bar in record["bars"]]
        entries = [Entry(**entry) for entry in record["entries"]]
        return cls(record["work"], record["unit"], entries, bars, record["notes"])


def result_of(
    work: str,
    unit: str,
    comparison: Comparison,
    pieces: int,
    limits: dict[str, float | None],
    floor: tuple[float, float | None] | None = None,
) -> Result:
    """Sum a comparison up.

    Parameters
    ----------
    work, unit
        What was done, and what the medians are of (``"a step"``).
    comparison
        The comparison.
    pieces
        Units in one turn.
    limits
        For each peer that took part, at least how many times as fast the first contestant should be.
    floor
        The work that the multipliers do in a turn over the work of a turn, and the least fraction of their rate.
    """
    first, entries, bars = comparison.first, [], []
    for each in comparison.contestants:
        if each.peer != FLOOR:
            ratios = (comparison.ratio(each.name), comparison.paired_ratio(each.name)) if each.name != first else ()
            turns = len(comparison.seconds[each.name])
            entries.append(Entry(each.name, comparison.median(each.name) / pieces, *(ratios or (None, None)), turns))
    for peer, limit in limits.items():
        best = comparison.best(peer)
        if best is not None:
            bars.append(Bar(f"against {best}", comparison.ratio(best), limit))
    best = comparison.best(FLOOR)
    if floor is not None and best is not None:
        bars.append(Bar(SHARE, comparison.paired_ratio(best) / floor[0], floor[1], unit="%"))
    agreed = [name for name in comparison.outcomes if name != first]
    notes = [f"All agree to {comparison.disagreement:.0e} after the timed work."] if agreed else []
    return Result(work, unit, entries, bars, [*notes, *comparison.notes])


def duration(seconds: float) -> str:
    """Write seconds in the unit that suits them."""
    for factor, unit in ((1, "s"), (1e3, "ms"), (1e6, "us")):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}" if seconds * factor < 1000 else f"{seconds * factor:,.0f} {unit}"
    return f"{seconds * 1e6:.2g} us"


def amount(value: float, unit: str) -> str:
    """Write a median: bytes as megabytes, anything else as a time."""
    return f"{value / 1e6:,.0f} MB" if unit == "bytes" else f"{duration(value)} {unit}".rstrip()


def text(result: Result) -> str:
    """A result for the terminal."""
    lines = [result.work]
    for entry in result.entries:
        ratio = "" if entry.ratio is None else f"{entry.ratio:9.2f} x"
        paired = "" if entry.paired_ratio is None else f"   pair by pair {entry.paired_ratio:.2f} x"
        turns = "" if entry.turns is None else f"   {entry.turns} turns"
        lines.append(f"  {entry.name:<44}{amount(entry.median, result.unit):>18}{ratio}{paired}{turns}")
    lines += [f"  -> {bar.shown()} {bar.what}: {bar.verdict}" for bar in result.bars]
    return "\n".join([*lines, *(f"  {note}" for note in result.notes)])


def bars_table(results: Sequence[Result]) -> list[str]:
    """All bars as the lines of a Markdown table."""
    lines = ["| work | what | reached | bar | met |", "|---|---|---:|---:|---|"]
    for result in results:
        for bar in result.bars:
            limit = "" if bar.limit is None else f"at {'most' if bar.at_most else 'least'} {bar._shown(bar.limit)}"
            met = {None: "", True: "yes", False: "**no**"}[bar.met]
            lines.append(f"| {result.work} | {bar.what} | {bar.shown()} | {limit} | {met} |")
    return lines


def times_table(results: Sequence[Result]) -> list[str]:
    """All times as the lines of a Markdown table."""
    lines = ["| work | who | median | ratio | pair by pair |", "|---|---|---:|---:|---:|"]
    for result in results:
        for entry in result.entries:
            ratios = " | ".join("" if r is None else f"{r:.2f}" for r in (entry.ratio, entry.paired_ratio))
            lines.append(f"| {result.work} | {entry.name} | {amount(entry.median, result.unit)} | {ratios} |")
    return lines
