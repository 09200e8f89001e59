"""Comparing objects with centres, one object in each lane of a vector.

Objects are cut into chunks of fixed size. A thread takes chunk after chunk, and what chunks add up to is summed in
their order, so the result is the same whoever computed which.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from mathdl.kernels.barrier import STOP, atomic_load, take
from mathdl.kernels.jit import Integers, Reals, kernel, part
from mathdl.kernels.simd import (
    get,
    lanes_of,
    load,
    multiply_add,
    put,
    repeat,
    spread,
    store_up_to,
    subtract,
    where_positive,
    zeros,
)

CENTRES_TOGETHER = 4  # centres compared at a time; their rows are filled up to a multiple of it
BEYOND_DISTANCES = 1e37  # beyond any squared distance: objects are scaled so that it is


class Objects(NamedTuple):
    """N objects of d numbers, row by row and in panels (see ``arrange``), their weights, and how many make a chunk."""

    x: Reals
    panels: Reals
    w: Reals
    d: int
    chunk: int


@part
def next_chunk(control: Integers, threads: int, phase: int, chunks: int) -> int:
    """Return a chunk for this thread; there are none left where it is ``chunks`` or more.

    In every phase each thread asks once in vain, which tells where the next phase's tickets begin.
    """
    return take(control, threads, 0) - phase * (chunks + threads)


@part
def pack(x: Reals, d: int, rows: Integers, first: int, count: int, panel: Reals, place: int) -> None:
    """Copy objects side by side, one a lane; unused lanes are zero."""
    lanes = lanes_of(panel)
    for t in range(count):
        row = get(rows, first + t) * d
        for f in range(d):
            put(panel, place + f * lanes + t, get(x, row + f))
    for t in range(count, lanes):
        for f in range(d):
            put(panel, place + f * lanes + t, panel.dtype.type(0))


@kernel
def arrange(x: Reals, d: int, n: int, chunk: int, panels: Reals, control: Integers, me: int, threads: int) -> None:
    """Copy all objects into panels, as many side by side as a vector has lanes; unused lanes are zero."""
    lanes, chunks = lanes_of(x), -(-n // chunk)
    c = next_chunk(control, threads, 0, chunks)
    while c < chunks:
        for first in range(c * chunk, min(n, (c + 1) * chunk), lanes):
            for t in range(lanes):
                row = (first + t) * d
                for f in range(d):
                    put(panels, first * d + f * lanes + t, get(x, row + f) if first + t < n else x.dtype.type(0))
        c = next_chunk(control, threads, 0, chunks)


@part
def add_square(x: Any, y: Any, s: Any) -> Any:
    """Add the squares of differences, lane by lane."""
    difference = subtract(x, y)
    return multiply_add(difference, difference, s)


@part
def squares(panel: Reals, place: int, d: int, centres: Reals, row: int) -> tuple[Any, Any, Any, Any]:
    """Return the squared distances of a panel's objects to four centres."""
    lanes = lanes_of(panel)
    s0, s1, s2, s3 = zeros(panel), zeros(panel), zeros(panel), zeros(panel)
    for f in range(d):
        x = load(panel, place + f * lanes)
        s0 = add_square(x, spread(centres, row + f), s0)
        s1 = add_square(x, spread(centres, row + d + f), s1)
        s2 = add_square(x, spread(centres, row + 2 * d + f), s2)
        s3 = add_square(x, spread(centres, row + 3 * d + f), s3)
    return s0, s1, s2, s3


@part
def nearest(panel: Reals, place: int, d: int, centres: Reals, k: int, found: Reals, target: int) -> None:
    """Leave the least squared distance to a centre, the second least, and the number of the first nearest centre."""
    lanes, number = lanes_of(panel), panel.dtype.type
    best, second, label = repeat(panel, number(BEYOND_DISTANCES)), repeat(panel, number(BEYOND_DISTANCES)), zeros(panel)
    for c in range(0, k, CENTRES_TOGETHER):
        s0, s1, s2, s3 = squares(panel, place, d, centres, c * d)
        best, second, label = closer(best, second, label, s0, repeat(panel, number(c)))
        if c + 1 < k:
            best, second, label = closer(best, second, label, s1, repeat(panel, number(c + 1)))
        if c + 2 < k:
            best, second, label = closer(best, second, label, s2, repeat(panel, number(c + 2)))
        if c + 3 < k:
            best, second, label = closer(best, second, label, s3, repeat(panel, number(c + 3)))
    store_up_to(found, target, best, lanes)
    store_up_to(found, target + lanes, second, lanes)
    store_up_to(found, target + 2 * lanes, label, lanes)


@part
def closer(best: Any, second: Any, label: Any, s: Any, number: Any) -> tuple[Any, Any, Any]:
    """Take a centre into account."""
    first, runner_up = subtract(best, s), subtract(second, s)
    second = where_positive(first, best, where_positive(runner_up, s, second))
    return where_positive(first, s, best), second, where_positive(first, number, label)


@kernel
def assign(
    objects: Objects,
    centres: Reals,
    k: int,
    labels: Integers,
    inertia: Reals,
    scratch: Reals,
    control: Integers,
    me: int,
    threads: int,
) -> None:
    """Find the nearest centre of every object, and each chunk's weighted sum of squared distances to it."""
    panels, w, d, chunk = objects.panels, objects.w, objects.d, objects.chunk
    n, lanes = len(labels), lanes_of(panels)
    found = me * 3 * lanes
    c = next_chunk(control, threads, 0, len(inertia))
    while c < len(inertia) and atomic_load(control, STOP) == 0:
        stop, total = min(n, (c + 1) * chunk), 0.0
        for first in range(c * chunk, stop, lanes):
            nearest(panels, first * d, d, centres, k, scratch, found)
            for t in range(min(lanes, stop - first)):
                put(labels, first + t, int(get(scratch, found + 2 * lanes + t)))
                total += float(get(w, first + t)) * float(get(scratch, found + t))
        inertia[c] = total
        c = next_chunk(control, threads, 0, len(inertia))
