"""First centres for k-means (k-means++), in chunks of objects as in ``nearest_centre``."""

from __future__ import annotations

from typing import Any, NamedTuple

from mathdl.kernels.barrier import meet
from mathdl.kernels.jit import Integers, Reals, kernel, part
from mathdl.kernels.nearest_centre import CENTRES_TOGETHER, Objects, next_chunk, squares
from mathdl.kernels.simd import (
    lanes_of,
    load,
    load_up_to,
    multiply_add,
    store_up_to,
    subtract,
    total,
    where_positive,
    zeros,
)


class Trials(NamedTuple):
    """The centres chosen so far, and those that are tried for the next one.

    A row of ``gaps`` holds the squared distances of all objects to the closest centre so far, one row for the centres
    so far and one for each candidate added to them; a row of ``sums`` their weighted sums over each chunk. The last
    number of ``tried`` tells which row is the one of the centres so far. ``scratch`` is for each thread to work with.
    """

    chosen: Integers
    tried: Integers
    candidates: Reals
    gaps: Reals
    sums: Reals
    scratch: Reals


class Panel(NamedTuple):
    """Where a panel's objects lie, how many there are, and where their sums are kept."""

    first: int
    group: int
    added: int


@kernel
def seed(objects: Objects, k: int, uniforms: Reals, state: Trials, control: Integers, me: int, threads: int) -> None:
    """Choose k objects as first centres (k-means++, Arthur and Vassilvitskii, 2007); the first one is in ``chosen``.

    Each next one is the best of a few that are drawn with probabilities in proportion to weight times squared
    distance to the closest centre so far.
    """
    x, d, tried, sums = objects.x, objects.d, state.tried, state.sums
    trials = len(tried) - 1
    chunks, place = len(sums) // (1 + trials), me * trials * lanes_of(x)
    for turn in range(k):
        count = trials if turn > 0 else 1
        if me == 0:
            tried[0] = state.chosen[0]
            for t in range(count):
                if turn > 0:
                    tried[t] = draw(uniforms[(turn - 1) * trials + t], objects, state, chunks)
                for f in range(d):
                    state.candidates[t * d + f] = x[tried[t] * d + f]
        if not meet(control, threads, 2 * turn):
            return
        c = next_chunk(control, threads, turn, chunks)
        while c < chunks:
            weigh(objects, state, count, c, chunks, place)
            c = next_chunk(control, threads, turn, chunks)
        if not meet(control, threads, 2 * turn + 1):
            return
        if me == 0:
            best, least = 0, 0.0
            for t in range(count):
                row, added = row_of(t, tried[trials]), 0.0
                for c in range(chunks):
                    added += sums[row * chunks + c]
                if t == 0 or added < least:
                    least, best = added, t
            state.chosen[turn] = tried[best]
            tried[trials] = row_of(best, tried[trials])


@part
def draw(uniform: float, objects: Objects, state: Trials, chunks: int) -> int:
    """Return the first object at which the running sum of weighted squared distances reaches its share."""
    w, chunk, gaps, sums, row = objects.w, objects.chunk, state.gaps, state.sums, state.tried[len(state.tried) - 1]
    n, added, running, c = len(w), 0.0, 0.0, 0
    for t in range(chunks):
        added += sums[row * chunks + t]
    while c < chunks - 1 and running + sums[row * chunks + c] < uniform * added:
        running += sums[row * chunks + c]
        c += 1
    found = c * chunk
    for i in range(c * chunk, min(n, (c + 1) * chunk)):
        more = float(w[i]) * float(gaps[row * n + i])
        running += more
        if more > 0:
            found = i
        if running >= uniform * added:
            return i
    return found


@part
def weigh(objects: Objects, state: Trials, count: int, c: int, chunks: int, added: int) -> None:
    """Find what each candidate would make of a chunk's squared distances, and their sums."""
    panels, w, d, chunk = objects.panels, objects.w, objects.d, objects.chunk
    scratch, now = state.scratch, state.tried[len(state.tried) - 1]
    n, lanes, stop = len(w), lanes_of(panels), min(len(w), (c + 1) * chunk)
    for t in range(count):
        store_up_to(scratch, added + t * lanes, zeros(scratch), lanes)
    for first in range(c * chunk, stop, lanes):
        group = min(lanes, stop - first)
        panel = Panel(first, group, added)
        closest, weights = load_up_to(state.gaps, now * n + first, group), load_up_to(w, first, group)
        for t in range(0, count, CENTRES_TOGETHER):
            s0, s1, s2, s3 = squares(panels, first * d, d, state.candidates, t * d)
            keep(s0, t, now, closest, weights, state, n, panel)
            if t + 1 < count:
                keep(s1, t + 1, now, closest, weights, state, n, panel)
            if t + 2 < count:
                keep(s2, t + 2, now, closest, weights, state, n, panel)
            if t + 3 < count:
                keep(s3, t + 3, now, closest, weights, state, n, panel)
    for t in range(count):
        state.sums[row_of(t, now) * chunks + c] = float(total(load(scratch, added + t * lanes)))


@part
def keep(s: Any, candidate: int, now: int, closest: Any, weights: Any, state: Trials, n: int, panel: Panel) -> None:
    """Write down what one candidate makes of a panel's squared distances, and add them up."""
    lanes = lanes_of(state.scratch)
    gap = where_positive(subtract(closest, s), s, closest)
    store_up_to(state.gaps, row_of(candidate, now) * n + panel.first, gap, panel.group)
    place = panel.added + candidate * lanes
    store_up_to(state.scratch, place, multiply_add(gap, weights, load(state.scratch, place)), lanes)


@part
def row_of(candidate: int, now: int) -> int:
    """Return a candidate's row beside the row of the centres so far."""
    return candidate + (candidate >= now)
