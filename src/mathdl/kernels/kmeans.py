"""Lloyd's iteration with bounds, in chunks of objects as in ``nearest_centre``.

For each object there is an upper bound of the distance to its centre and a lower bound of the distance to any other one
(Hamerly, 2010). When centres move, the bounds give way by as much; while the upper one stays below the lower one, or
below half the distance from the centre to its nearest neighbour, the object keeps its centre and no distance is
computed. The bounds leave room for rounding, so labels are those of a comparison with all centres.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.kernels.barrier import DECISION, STOP, atomic_load, meet
from mathdl.kernels.jit import Integers, Reals, kernel, part
from mathdl.kernels.nearest_centre import BEYOND_DISTANCES, Objects, nearest, next_chunk, pack
from mathdl.kernels.simd import get, lanes_of, put

ITERATIONS, CONVERGED, SHIFT = 0, 1, 2  # places in a summary
LABELS_KEPT, HARDLY_MOVED = 1, 2  # ways to have converged
SCATTERED_DIVISOR = 4  # measured: where more than one object in so many is to be compared, the whole chunk is


class Limits(NamedTuple):
    """When to stop, and what rounding may do.

    ``tolerance`` is what centres may still move (squared, summed), ``room`` what rounding may change a distance by,
    relatively; centres are not moved to objects nearer than ``least`` to theirs.
    """

    iterations: int
    tolerance: float
    room: float
    least: float


class State(NamedTuple):
    """What is known of the objects and the clusters.

    ``upper`` and ``lower`` are the bounds of each object; ``sums`` and ``masses`` have a row for each chunk, and
    ``changed`` counts a chunk's new labels. ``moves`` holds, for each centre, how far it moved, how far any other one
    did, and half the distance to its nearest neighbour. ``rows`` and ``scratch`` are for each thread to work with.
    """

    labels: NDArray[np.int32]
    upper: Reals
    lower: Reals
    sums: Reals
    masses: Reals
    changed: Integers
    moves: Reals
    summary: Reals
    rows: Integers
    scratch: Reals


@kernel
def lloyd(
    objects: Objects,
    centres: Reals,
    k: int,
    limits: Limits,
    state: State,
    control: Integers,
    me: int,
    threads: int,
) -> None:
    """Move the centres until no label changes, or they move by no more than the tolerance."""
    changed, summary = state.changed, state.summary
    chunks, meeting = len(changed), 0
    for iteration in range(limits.iterations):
        c = next_chunk(control, threads, iteration, chunks)
        while c < chunks:
            changed[c] = relabel(objects, centres, k, c, iteration, limits.room, state, me)
            if changed[c] > 0:
                add_up(objects, k, c, state)
            c = next_chunk(control, threads, iteration, chunks)
        if not meet(control, threads, meeting):
            return
        if me == 0:
            occupy(objects, centres, k, limits.least, state)
            converged = move(objects.d, centres, k, limits, state)
            summary[ITERATIONS], summary[CONVERGED] = iteration + 1, converged
            control[DECISION] = int(converged != 0 or atomic_load(control, STOP) != 0)
        if not meet(control, threads, meeting + 1) or atomic_load(control, DECISION) != 0:
            return
        meeting += 2


@part
def relabel(
    objects: Objects, centres: Reals, k: int, c: int, iteration: int, room: float, state: State, me: int
) -> int:
    """Give a chunk's objects the labels of their nearest centres; return how many changed."""
    x, d, chunk, scratch, rows = objects.x, objects.d, objects.chunk, state.scratch, state.rows
    labels, upper, lower, moves = state.labels, state.upper, state.lower, state.moves
    n, lanes, place, number = len(labels), lanes_of(x), me * chunk, x.dtype.type
    panel = me * (d + 3) * lanes
    found, start, stop = panel + d * lanes, c * chunk, min(n, (c + 1) * chunk)
    slack, count, changed = number(1 + room), 0, 0
    for i in range(start, stop if iteration > 0 else start):
        label = get(labels, i)
        above, below = get(upper, i) + get(moves, label), get(lower, i) - get(moves, k + label)
        put(upper, i, above)
        put(lower, i, below)
        put(rows, place + count, i)
        count += not above * slack < max(below, get(moves, 2 * k + label))
    if iteration == 0 or SCATTERED_DIVISOR * count > stop - start:
        for first in range(start, stop, lanes):
            nearest(objects.panels, first * d, d, centres, k, scratch, found)
            for t in range(min(lanes, stop - first)):
                changed += note(first + t, t, room, found, state)
        return changed
    count = tighten(objects, centres, k, slack, state, place, count)
    for first in range(0, count, lanes):
        group = min(lanes, count - first)
        pack(x, d, rows, place + first, group, scratch, panel)
        nearest(scratch, panel, d, centres, k, scratch, found)
        for t in range(group):
            changed += note(get(rows, place + first + t), t, room, found, state)
    return changed


@part
def note(i: int, t: int, room: float, place: int, state: State) -> int:
    """Write down what was found for an object in lane t; return whether its label changed."""
    found, labels = state.scratch, state.labels
    lanes = lanes_of(found)
    label = int(get(found, place + 2 * lanes + t))
    changed = int(get(labels, i) != label)
    put(labels, i, label)
    put(state.upper, i, math.sqrt(get(found, place + t)))
    put(state.lower, i, math.sqrt(get(found, place + lanes + t)) * found.dtype.type(1 - room))
    return changed


@part
def tighten(objects: Objects, centres: Reals, k: int, slack: float, state: State, place: int, count: int) -> int:
    """Measure how far objects are from their centres; keep those whose bounds do not settle it even so."""
    x, d, rows, left = objects.x, objects.d, state.rows, 0
    for t in range(place, place + count):
        i = get(rows, t)
        label = get(state.labels, i)
        above = math.sqrt(distance(x, i * d, centres, label * d, d))
        put(state.upper, i, above)
        put(rows, place + left, i)
        left += not above * slack < max(get(state.lower, i), get(state.moves, 2 * k + label))
    return left


@part
def add_up(objects: Objects, k: int, c: int, state: State) -> None:
    """Add up a chunk's objects, cluster by cluster."""
    x, d, chunk, labels, sums, masses = objects.x, objects.d, objects.chunk, state.labels, state.sums, state.masses
    sums[c * k * d : (c + 1) * k * d] = 0
    masses[c * k : (c + 1) * k] = 0
    for i in range(c * chunk, min(len(labels), (c + 1) * chunk)):
        cluster, weight = c * k + get(labels, i), float(get(objects.w, i))
        put(masses, cluster, get(masses, cluster) + weight)
        for f in range(d):
            put(sums, cluster * d + f, get(sums, cluster * d + f) + weight * float(get(x, i * d + f)))


@part
def occupy(objects: Objects, centres: Reals, k: int, least: float, state: State) -> None:
    """Give every empty cluster one of the objects that are farthest from their centres."""
    x, d, chunk = objects.x, objects.d, objects.chunk
    labels, upper, lower, changed = state.labels, state.upper, state.lower, state.changed
    measured, bound, last = False, BEYOND_DISTANCES, -1
    for cluster in range(k):
        if mass_of(state.masses, cluster, k, len(changed)) > 0:
            continue
        if not measured:
            for i in range(len(labels)):
                upper[i] = math.sqrt(distance(x, i * d, centres, labels[i] * d, d))
            measured = True
        farthest, where = least, -1
        for i in range(len(labels)):
            if upper[i] > farthest and (upper[i] < bound or (upper[i] == bound and i > last)):
                farthest, where = float(upper[i]), i
        if where < 0:
            return
        bound, last, labels[where] = farthest, where, cluster
        upper[where], lower[where] = math.sqrt(BEYOND_DISTANCES), 0.0  # it is compared with all centres next
        changed[where // chunk] += 1
        add_up(objects, k, where // chunk, state)


@part
def mass_of(masses: Reals, cluster: int, k: int, chunks: int) -> float:
    """Return a cluster's weight."""
    total = 0.0
    for c in range(chunks):
        total += masses[c * k + cluster]
    return total


@part
def distance(a: Reals, i: int, b: Reals, j: int, d: int) -> float:
    """Return a squared distance."""
    total = 0.0
    for f in range(d):
        difference = float(get(a, i + f)) - float(get(b, j + f))
        total += difference * difference
    return total


@part
def move(d: int, centres: Reals, k: int, limits: Limits, state: State) -> int:
    """Move every centre to its cluster's mean; return how the iteration has converged, or 0."""
    sums, masses, moves, room = state.sums, state.masses, state.moves, limits.room
    relabelled, shift, farthest, runner_up, who = 0, 0.0, 0.0, 0.0, 0
    chunks = len(state.changed)
    for c in range(chunks):
        relabelled += state.changed[c]
    for cluster in range(k):
        mass, moved = mass_of(masses, cluster, k, chunks), 0.0
        for f in range(d if mass > 0 else 0):  # a cluster that stayed empty keeps its centre
            added, place = 0.0, cluster * d + f
            for c in range(chunks):
                added += sums[c * k * d + place]
            before = float(centres[place])
            centres[place] = added / mass
            moved += (float(centres[place]) - before) ** 2
        shift += moved
        moved = math.sqrt(moved) * (1 + room)
        moves[cluster] = moved
        if moved > farthest:
            farthest, runner_up, who = moved, farthest, cluster
        elif moved > runner_up:
            runner_up = moved
    for cluster in range(k):
        moves[k + cluster] = (runner_up if cluster == who else farthest) * (1 + room)
        gap = BEYOND_DISTANCES
        for other in range(k):
            if other != cluster:
                gap = min(gap, distance(centres, cluster * d, centres, other * d, d))
        moves[2 * k + cluster] = 0.5 * math.sqrt(gap) * (1 - room)
    state.summary[SHIFT] = shift
    if relabelled == 0:
        return LABELS_KEPT
    return HARDLY_MOVED if shift <= limits.tolerance else 0
