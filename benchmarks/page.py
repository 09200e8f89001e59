"""The page that shows what the benchmarks found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from benchmarks import machine
from benchmarks.results import Result, bars_table, times_table

HEAD = """# Benchmarks

mathdl beside its peers on one machine, in one run: `make bench`, or `python -m benchmarks --page docs/benchmarks.md`.

Contestants take turns after a warm-up, and only once it is sure that they compute the same: same initial parameters,
same batches, the loss after the timed work equal to 1e-4. *Ratio* is the contestant's median over mathdl's; *pair by
pair* is the median over turns of the ratio within a turn. Every peer runs at its own best: PyTorch eager and compiled,
with one thread and with all, with the channels last where it convolves; JAX compiled, with all steps in a scan;
scikit-learn with one thread of BLAS and with all. Slow variants of a peer stop after two turns. Before a turn the
threads of the one before fall asleep, and then all cores compute for a tenth of a second, so that they are awake.

The *rate of the multipliers* is what no program can exceed: a compiled loop of independent multiply-adds that stay in
registers, on all threads, which takes turns with the others in the same run. A step's share of it counts the
floating-point operations of its sums alone."""


def page(place: dict[str, Any], sections: Sequence[tuple[str, str, Sequence[Result]]]) -> str:
    """Write the page: the machine, all bars, and by family the times.

    Parameters
    ----------
    place
        What :func:`benchmarks.machine.description` says, with ``products`` and ``quick``.
    sections
        For each family its title, its introduction and its results.
    """
    every = [result for _, _, results in sections for result in results]
    lines = [HEAD, "", "## Machine", "", *_machine(place), "", "## Bars", "", *bars_table(every)]
    for title, introduction, results in sections:
        notes = [f"- {result.work}: {note}" for result in results for note in result.notes]
        lines += [
            "",
            f"## {title}",
            "",
            introduction.strip(),
            "",
            *times_table(results),
            *([""] if notes else []),
            *notes,
        ]
    return "\n".join(lines) + "\n"


def _machine(place: dict[str, Any]) -> list[str]:
    """The machine, the threads and the versions as a list."""
    lines = [f"- {line}" for line in [*machine.lines(place), f"{datetime.now(UTC):%d %B %Y}"]]
    return [*lines, "- A quick run, to try the machinery: these numbers mean little."] if place["quick"] else lines
