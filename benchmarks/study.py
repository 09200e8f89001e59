"""The batch-size study of section 8.6 of the book: twelve batch sizes and the whole set, 200 epochs of 8,192 objects.

What ``mathdl book sec-8.6`` computes, without its picture: every run, and how many samples each needs to come near the
minimum. There is no peer; the time has a limit in seconds.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

from benchmarks.results import Bar, Entry, Result
from benchmarks.settings import Settings
from mathdl.book.chapter08 import batch_size_study

TITLE = "Batch-size study"
TURNS, SECONDS = 3, 20.0


def run(settings: Settings) -> Iterator[Result]:
    """Yield the time of the study; a quick run takes fewer epochs."""
    problem, epochs = batch_size_study.Problem(0), settings.shortened(batch_size_study.EPOCHS)
    sizes = [*batch_size_study.BATCH_SIZES, batch_size_study.OBJECTS]
    batch_size_study.run(problem, sizes[0], seed=0, epochs=1)  # compiles
    seconds = []
    for _ in range(settings.repeated(TURNS)):
        start = time.perf_counter()
        for size in sizes:
            batch_size_study.run(problem, size, seed=0, epochs=epochs)
        seconds.append(time.perf_counter() - start)
    found = median(seconds)
    work = f"{len(sizes)} batch sizes, {epochs} epochs of {batch_size_study.OBJECTS:,} objects"
    bar = Bar("for the study", found, SECONDS, at_most=True, unit="s")
    yield Result(work, "", [Entry("gradient_descent", found, turns=len(seconds))], [bar])
