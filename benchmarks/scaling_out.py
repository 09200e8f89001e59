"""From which network and batch size more processes pay: steps by PyTorch in one process and in two, and a model.

Each process has one thread, as a machine of one core would, and takes its share of every batch; gloo adds the
gradients up after each step. The model says for K processes and a batch of B objects

    fixed + each B / K + 2 (K - 1) latency + 2 (K - 1) / K bytes / bandwidth,

where ``fixed`` and ``each`` are fitted to the steps of one process, and ``latency`` and ``bandwidth`` to gloo's times
of adding up different numbers of bytes over two; gloo sends parts round a ring. It is held against the measured steps
of two processes, which it was not fitted to.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import machine, problems
from benchmarks.results import Bar, Entry, Result, duration, text
from benchmarks.scaling import fitted
from benchmarks.settings import ROOT, Settings

TITLE = "One process and two"
NETWORKS = (problems.DENSE, problems.DEEP, problems.CONV, problems.WIDE_CONV)
BATCHES = (32, 128, 512, 2048)
OBJECTS = {problems.WIDE_CONV: 2048}  # in a turn, or 4 steps where there would be fewer
MANY_OBJECTS = 8192
BYTES = (4, 4_096, 65_536, 1_048_576, 4_194_304, 16_777_216)
PROCESSES = (2, 4, 16, 64, 256, 1024)
# Of a network between machines: assumed, not measured. Latency in seconds, bandwidth in bytes a second.
ASSUMED = {"this machine": None, "10 Gbit/s, 50 us": (5e-5, 1.25e9), "100 Gbit/s, 5 us": (5e-6, 12.5e9)}


class Compute(NamedTuple):
    """Seconds of a step of one process: a part that is always there, and one for each object."""

    fixed: float
    each: float


class Link(NamedTuple):
    """What a message costs: seconds, and bytes a second."""

    latency: float
    bandwidth: float

    def seconds(self, processes: int, size: int) -> float:
        """Return the time of adding so many bytes up over processes in a ring."""
        return 2 * (processes - 1) * (self.latency + size / processes / self.bandwidth)


class Found(NamedTuple):
    """Seconds of a step by network and batch, of one process and of two, and of adding up bytes."""

    one: dict[tuple[str, int], float]
    two: dict[tuple[str, int], float]
    sums: dict[int, float]

    def compute(self, network: str) -> Compute:
        """Fit the steps of one process."""
        line = fitted(BATCHES, [self.one[network, batch] for batch in BATCHES])
        return Compute(max(line.a, 0.0), line.b)

    def link(self) -> Link:
        """Fit the times of adding up over two processes: two messages of half the bytes."""
        line = fitted(list(self.sums), list(self.sums.values()))
        return Link(max(line.a, 0.0) / 2, 1 / line.b)

    def predicted(self, network: str, batch: int, processes: int = 2) -> float:
        """Return the model's time of a step."""
        return predicted(self.compute(network), self.link(), size_of(network), batch, processes)


def predicted(compute: Compute, link: Link, size: int, batch: int, processes: int) -> float:
    """Return the model's time of a step of some processes, for gradients of so many bytes."""
    return compute.fixed + compute.each * batch / processes + link.seconds(processes, size)


def least_batch(compute: Compute, link: Link, size: int, processes: int, gain: float) -> float:
    """Return the batch, of all processes together, from which a step is so many times as fast as of one alone."""
    others = compute.fixed + link.seconds(processes, size)
    return (gain * others - compute.fixed) / compute.each / (1 - gain / processes)


def size_of(network: str) -> int:
    """Return the bytes of a network's gradient in float32."""
    return 4 * problems.network(network).size


def run(settings: Settings) -> Iterator[Result]:
    """Yield a result for each network and batch, one for gloo, and one for each network's model."""
    yield from results(measured(settings), settings)


def measured(settings: Settings) -> Found:
    """Measure one process and two, one after the other."""
    pairs = [(network, batch) for network in NETWORKS for batch in BATCHES]
    work = [(*pair, settings.shortened(max(4, OBJECTS.get(pair[0], MANY_OBJECTS) // pair[1]))) for pair in pairs]
    job = {"work": work, "turns": settings.repeated(), "threads": 1, "bytes": BYTES}
    one, two = (of_processes(count, job) for count in (1, 2))
    return Found(
        dict(zip(pairs, one["steps"], strict=True)),
        dict(zip(pairs, two["steps"], strict=True)),
        dict(zip(BYTES, two["sums"], strict=True)),
    )


def of_processes(count: int, job: dict[str, Any]) -> dict[str, Any]:
    """Let so many processes do the work; return what the first one found."""
    many = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(count)] if count > 1 else []
    with tempfile.TemporaryDirectory() as folder:
        given, out = Path(folder) / "job.json", Path(folder) / "found.json"
        given.write_text(json.dumps(job), encoding="utf-8")
        command = [sys.executable, *many, "-m", "benchmarks.one_of_many", str(given), str(out)]
        subprocess.run(command, cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "1"}, check=True)
        found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


def results(found: Found, settings: Settings) -> Iterator[Result]:
    """Yield what was found."""
    for (network, batch), one in found.one.items():
        work = f"{network}, batch {batch}"
        if settings.wants(work):
            two, model = found.two[network, batch], found.predicted(network, batch)
            entries = [Entry("1 process", one), Entry("2 processes", two, two / one), Entry("the model of 2", model)]
            gloo = duration(found.link().seconds(2, size_of(network)))
            note = f"Of a step of two, gloo takes {gloo} for {size_of(network):,} bytes by the model."
            yield Result(work, "a step", entries, [Bar("two processes against one", one / two)], [note])
    entries = [Entry(f"{size:,} bytes", seconds) for size, seconds in found.sums.items()]
    link = found.link()
    note = f"Fit: latency {duration(link.latency)}, bandwidth {link.bandwidth / 1e9:.3g} GB/s."
    yield Result("gloo adds up over 2 processes", "", entries, [], [note])
    for network in NETWORKS:
        off = [abs(found.predicted(network, batch) / found.two[network, batch] - 1) for batch in BATCHES]
        yield Result(
            f"{network}, the model of two processes", "", [], [Bar("farthest from measured", max(off), unit="%")]
        )


def _rate(seconds: float) -> str:
    """Write steps a second."""
    return f"{1 / seconds:,.0f}/s" if seconds < 0.1 else f"{1 / seconds:.2g}/s"


def page(found: Found, place: dict[str, Any], *, quick: bool) -> str:
    """Return the page that says from which batch size more processes pay."""
    lines = ["# More machines", "", *INTRODUCTION.strip().splitlines(), "", "## Measured here", ""]
    versions = ", ".join(f"{name} {place['versions'][name]}" for name in ("mathdl", "Python", "torch"))
    link = found.link()
    lines += [f"- {place['processor']}, {place['threads']} cores; {versions}; {datetime.now(UTC):%d %B %Y}"]
    lines += [f"- gloo between two processes: {duration(link.latency)} a message, {link.bandwidth / 1e9:.3g} GB/s", ""]
    lines += ["A quick run, to try the machinery: its numbers mean little.", ""] if quick else []
    head = ["network", "bytes", "batch", "1 process", "2 processes", "times as fast", "model of 2", "gloo"]
    rows = []
    for (network, batch), one in found.one.items():
        two, size = found.two[network, batch], size_of(network)
        model, gloo = found.predicted(network, batch), link.seconds(2, size)
        speeds = (_rate(one), _rate(two), f"{one / two:.2f}", _rate(model), duration(gloo))
        rows.append([network, f"{size:,}", f"{batch:,}", *speeds])
    lines += table(head, rows)
    lines += ["", *PREDICTION.strip().splitlines()]
    for name, assumed in ASSUMED.items():
        between = link if assumed is None else Link(*assumed)
        lines += ["", f"### {name[0].upper()}{name[1:]}{'' if assumed is None else ' (assumed, not measured)'}", ""]
        lines += table(["network", *(f"{count:,} processes" for count in PROCESSES)], least_batches(found, between))
    return "\n".join([*lines, ""])


def least_batches(found: Found, link: Link) -> list[list[str]]:
    """Return for each network the batches from which numbers of processes pay."""
    rows = []
    for network in NETWORKS:
        given = found.compute(network), link, size_of(network)
        pairs = [[max(count, least_batch(*given, count, gain)) for gain in (1, count / 2)] for count in PROCESSES]
        rows.append([network, *(" / ".join(f"{batch:,.0f}" for batch in pair) for pair in pairs)])
    return rows


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table whose numbers stand to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


INTRODUCTION = """
`mathdl train --engine torch` shares every batch among the processes that torchrun starts
([how](pytorch.md#more-processes-and-machines)). Each process computes for its share of the objects, and then all wait
until the gradients are added up: a number of 4 bytes for each parameter, whatever the batch. So it pays where a batch
takes long to compute and the network has few parameters, and costs time where it is the other way round. Many small
networks are better trained side by side, one a process, as a search of scikit-learn does with `n_jobs`.

The time of a step of K processes with a batch of B objects is modelled as

    fixed + each B / K + 2 (K - 1) latency + 2 (K - 1) / K bytes / bandwidth

and the numbers in it are fitted to what was measured: `fixed` and `each` to one process, latency and bandwidth to
gloo's sums over two. Nothing was fitted to the steps of two processes, with which the model is compared below. It
leaves out that PyTorch begins to add gradients up before the last ones are computed, and that processes on one machine
share its memory. Run again by `python -m benchmarks.scaling_out`.
"""
PREDICTION = """
## From which batch size more processes pay, by the model

Of each pair, the first number is the batch, of all processes together, from which a step takes less time than in one
process, and the second the batch from which it takes at most 2 / K of it: half of what K processes could give. The
processes are as fast as one core here; one that is ten times as fast needs a batch about ten times as large. No run of
more than two processes was made, and none between machines or on GPUs.
"""


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling_out", description=TITLE)
    parser.add_argument("--quick", action="store_true", help="few and short turns, to try the machinery")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "scaling_out.md", help="where the page goes")
    options = parser.parse_args()
    settings = Settings(quick=options.quick)
    found = measured(settings)
    for result in results(found, settings):
        print(text(result), flush=True)
    options.page.write_text(page(found, machine.description(), quick=options.quick), encoding="utf-8")


if __name__ == "__main__":
    main()
