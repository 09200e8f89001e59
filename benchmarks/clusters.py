"""``KMeans`` beside scikit-learn's, and one-dimensional k-means by itself.

Both are given the same ``random_state`` and draw the same first centres from it, so they take the same steps to the
same centres: the sums of squared distances agree. In dimension one mathdl finds the best clusters there are, which
Lloyd's iteration does not; its time has a limit in seconds, and the one of ``certify()`` for fewer numbers is shown.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median
from typing import Any

import numpy as np
from sklearn.cluster import KMeans as Peer
from threadpoolctl import threadpool_limits

import mathdl
from benchmarks.results import Bar, Entry, Result, duration, result_of
from benchmarks.settings import Settings
from benchmarks.side_by_side import Contestant, compare, gathered
from mathdl.engine.threads import available

TITLE = "Clusters"
PEER = "scikit-learn"
INTEL = "scikit-learn-intelex"
# Objects, features, clusters, draws of first centres, fits in a turn, and how many times as fast mathdl should be.
FITS = (
    (100_000, 10, 10, 1, 1, 1.0),
    (1_000, 2, 8, 1, 50, 6.0),
    (1_000, 2, 8, 10, 10, 6.0),
)
NUMBERS, CERTIFIED, CLUSTERS, SECONDS = 1_000_000, 2_000, 10, 3.0


def run(settings: Settings) -> Iterator[Result]:
    """Yield results for objects with several features, in groups and without any, and for numbers."""
    for N, p, k, draws, fits, limit in FITS:
        for groups in (True, False):
            kind = f"{k} groups" if groups else "no groups"
            work = f"k-means, {N:,} x {p} in {kind}, k = {k}, {draws} draw{'s' * (draws > 1)} of centres"
            if settings.wants(work):
                yield points(work, objects(N, p, k, groups), k, draws, fits, limit, settings)
    if settings.wants("best clusters"):
        yield numbers(settings)


def objects(N: int, p: int, k: int, groups: bool) -> Any:
    """Draw objects of one normal distribution, or of k."""
    generator = np.random.default_rng(0)
    centres = 2 * generator.normal(size=(k, p))
    return generator.normal(size=(N, p)) + groups * centres[generator.integers(k, size=N)]


def points(work: str, X: Any, k: int, draws: int, fits: int, limit: float, settings: Settings) -> Result:
    """Compare fits."""
    model = mathdl.KMeans(k, n_init=draws, random_state=0)
    contestants = [Contestant("KMeans", lambda: repeat(model, X, fits), lambda: model.inertia_)]
    contestants += [peer(X, k, draws, fits, threads) for threads in sorted({1, available()})]
    intel, notes = gathered({INTEL: lambda: [by_intel(X, k, draws, fits)]}, alone=settings.alone)
    comparison = compare([*contestants, *intel], settings.repeated(), notes=notes)
    comparison.notes.append(f"The best run took {model.n_iter_} iterations.")
    return result_of(work, "a fit" if fits > 1 else "", comparison, fits, {PEER: limit, INTEL: None})


def peer(X: Any, k: int, draws: int, fits: int, threads: int) -> Contestant:
    """scikit-learn with so many threads."""
    model = Peer(k, n_init=draws, random_state=0)

    def work() -> None:
        with threadpool_limits(threads):
            repeat(model, X, fits)

    name = f"{PEER}, {threads} thread{'s' * (threads > 1)}"
    return Contestant(name, work, lambda: model.inertia_, PEER)


def by_intel(X: Any, k: int, draws: int, fits: int) -> Contestant:
    """Intel's extension of scikit-learn, with all threads; it draws other centres, so nothing is agreed on."""
    from sklearnex.cluster import KMeans as Extended

    model = Extended(k, n_init=draws, random_state=0)
    return Contestant(INTEL, lambda: repeat(model, X, fits), peer=INTEL)


def repeat(model: Any, X: Any, fits: int) -> None:
    """Fit several times."""
    for _ in range(fits):
        model.fit(X)


def numbers(settings: Settings) -> Result:
    """Time the best clusters of many numbers, and the certificate of fewer."""
    generator = np.random.default_rng(0)
    X = generator.normal(size=(NUMBERS // 10 if settings.quick else NUMBERS, 1))
    model = mathdl.KMeans(CLUSTERS).fit(X[:CERTIFIED])
    seconds = []
    for _ in range(settings.repeated()):
        start = time.perf_counter()
        model.fit(X)
        seconds.append(time.perf_counter() - start)
    found = median(seconds)
    few = mathdl.KMeans(CLUSTERS).fit(X[:CERTIFIED])
    start = time.perf_counter()
    few.certify()
    note = f"The certificate of {CERTIFIED:,} numbers took {duration(time.perf_counter() - start)} to make and check."
    work = f"best clusters of {len(X):,} numbers, k = {CLUSTERS}"
    bar = Bar("for a fit", found, SECONDS, at_most=True, unit="s")
    return Result(work, "", [Entry("KMeans", found, turns=len(seconds))], [bar], [note])
