"""The page that shows what the benchmarks found: in words, in pictures, then every number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from benchmarks import machine
from benchmarks.pictures import library_of
from benchmarks.results import SHARE, Result, bars_table, times_table

HOW = """## How it is measured

`make bench` runs all of it; `python -m benchmarks steps --rows "dense 784" --turns 3 --alone` a part, `--threads 1` on
one core, and `--json numbers.json --page page.md` keeps what was found.

Contestants take turns after a warm-up, and only once it is sure that they compute the same: same initial parameters,
same batches, the loss after the timed work equal to 1e-4 (PyTorch with numbers of 16 bits computes something else, and
is shown without a bar). *Ratio* is the contestant's median over mathdl's; *pair by pair* is the median over turns of
the ratio within a turn. Every peer runs at its own best: PyTorch eager and compiled, with one thread and with all, with
the channels last where it convolves; JAX compiled, with all steps in a scan or with a call a step; scikit-learn with
one thread of BLAS and with all. Slow variants of a peer stop after two turns. Before a turn the threads of the one
before fall asleep, and then all cores compute for a tenth of a second, so that they are awake.

Settings that hold a library to older instructions or to fewer threads (`OPENBLAS_CORETYPE`, `MKL_NUM_THREADS`, ...) are
unset before anything is loaded; the list below says which there were. The *rate of the multipliers* is what no program
can exceed: a compiled loop of independent multiply-adds that stay in registers, on all threads, which takes turns with
the others in the same run. A step's share of it counts the floating-point operations of its sums alone. Products of
matrices are measured by each library in a process of its own, and where `perf` is installed it names the function that
did the work: on AMD's processors PyTorch's products are those of Intel's MKL, which gives them AVX2 whatever the
processor has (a name that ends in `zen` is that kernel); on Intel's processors it would use AVX-512. PyTorch's
convolutions are oneDNN's, which use AVX-512 on both."""


def page(place: dict[str, Any], pictures: Sequence[str], sections: Sequence[tuple[str, str, Sequence[Result]]]) -> str:
    """Write the page: pictures, the machine, all bars, and by family the times.

    Parameters
    ----------
    place
        What :func:`benchmarks.machine.description` says, with ``products`` and ``quick``.
    pictures
        Markdown of the pictures.
    sections
        For each family its title, its introduction and its results.
    """
    every = [result for _, _, results in sections for result in results]
    lines = ["# Benchmarks", "", *_in_short(place, every), ""]
    for picture in pictures:
        lines += [picture, ""]
    lines += [HOW, "", "## Machine", "", *_machine(place), "", "## Bars", "", *bars_table(every)]
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


def _in_short(place: dict[str, Any], results: Sequence[Result]) -> list[str]:
    """The findings in a few lines."""
    lines = [f"mathdl beside its peers, float32, on {place['processor']} with {place['threads']} threads:", ""]
    for library in ("PyTorch", "JAX", "scikit-learn", "ONNX Runtime"):
        found = sorted(bar.value for result in results for bar in result.bars if library_of(bar) == library)
        if found:
            span = " to ".join(
                f"{ratio:.2g}" if ratio < 100 else f"{ratio:.0f}" for ratio in sorted({found[0], found[-1]})
            )
            pieces = f"{len(found)} piece{'s' * (len(found) > 1)} of work"
            lines.append(f"- {span} times as fast as {library}'s fastest variant ({pieces}).")
    bars = [bar for result in results for bar in result.bars]
    shares = sorted(bar.value for bar in bars if bar.what == SHARE and bar.met is not None)  # not of batches of one
    if shares:
        span = f"{100 * shares[0]:.0f} to {100 * shares[-1]:.0f} %"
        lines.append(f"- Steps of training run at {span} of the rate of the processor's multipliers.")
    held = [bar.met for result in results for bar in result.bars if bar.met is not None]
    return [*lines, f"- {sum(held)} of {len(held)} bars are met."]


def _machine(place: dict[str, Any]) -> list[str]:
    """The machine, the threads and the versions as a list."""
    lines = [f"- {line}" for line in [*machine.lines(place), f"{datetime.now(UTC):%d %B %Y}"]]
    return [*lines, "- A quick run, to try the machinery: these numbers mean little."] if place["quick"] else lines
