"""Lloyd's iteration with bounds, in chunks of objects as in ``nearest_centre``.

For each object there is an upper bound of the distance to its centre and a lower bound of the distance to any other one
(Hamerly, 2010). When centres move, the bounds give way by as much; while the upper one stays below the lower one, or
below half the distance from the centre to its nearest neighbour, the object keeps its centre and no distance is
computed. The bounds leave room for rounding, so labels are those of a comparison with all centres.
"""

from __future__ import annotations

import math

from mathdl.kernels.barrier import DECISION, STOP, atomic_load, meet
from mathdl.kernels.jit import Integers, Reals, kernel, part
from mathdl.kernels.nearest_centre import FAR, nearest, next_chunk, pack
from mathdl.kernels.simd import get, lanes_of, put

ITERATIONS, CONVERGED, SHIFT = 0, 1, 2  # places in a summary
LABELS_KEPT, HARDLY_MOVED = 1, 2  # ways to have converged
FEW = 4  # where more than one object in so many is to be compared, its whole chunk is: that lies in panels


@kernel
def lloyd(
    x: Reals,
    panels: Reals,
    w: Reals,
    d: int,
    centres: Reals,
    k: int,
    chunk: int,
    iterations: int,
    tolerance: float,
    room: float,
    least: float,
    labels: Integers,
    upper: Reals,
    lower: Reals,
    sums: Reals,
    masses: Reals,
    changed: Integers,
    moves: Reals,
    summary: Reals,
    rows: Integers,
    scratch: Reals,
    control: Integers,
    me: int,
    threads: int,
) -> None:
    """Move the centres until no label changes, or they move by no more than the tolerance (squared, summed).

    ``room`` is what rounding may change a distance by, relatively; centres are not moved to objects nearer than
    ``least`` to theirs. ``moves`` holds, for each centre, how far it moved, how far any other one did, and half the
    distance to its nearest neighbour.
    """
    chunks, meeting = len(changed), 0
    for iteration in range(iterations):
        c = next_chunk(control, threads, iteration, chunks)
        while c < chunks:
            changed[c] = relabel(
                x, panels, d, centres, k, chunk, c, iteration, room, labels, upper, lower, moves, rows, scratch, me
            )
            if changed[c] > 0:
                add_up(x, w, d, k, chunk, c, labels, sums, masses)
            c = next_chunk(control, threads, iteration, chunks)
        if not meet(control, threads, meeting):
            return
        if me == 0:
            occupy(x, w, d, centres, k, chunk, least, labels, upper, lower, sums, masses, changed)
            converged = move(d, centres, k, chunks, tolerance, room, sums, masses, changed, moves, summary)
            summary[ITERATIONS], summary[CONVERGED] = iteration + 1, converged
            control[DECISION] = int(converged != 0 or atomic_load(control, STOP) != 0)
        if not meet(control, threads, meeting + 1) or atomic_load(control, DECISION) != 0:
            return
        meeting += 2


@part
def relabel(
    x: Reals,
    panels: Reals,
    d: int,
    centres: Reals,
    k: int,
    chunk: int,
    c: int,
    iteration: int,
    room: float,
    labels: Integers,
    upper: Reals,
    lower: Reals,
    moves: Reals,
    rows: Integers,
    scratch: Reals,
    me: int,
) -> int:
    """Give a chunk's objects the labels of their nearest centres; return how many changed."""
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
    if iteration == 0 or FEW * count > stop - start:
        for first in range(start, stop, lanes):
            nearest(panels, first * d, d, centres, k, scratch, found)
            for t in range(min(lanes, stop - first)):
                changed += note(first + t, t, room, scratch, found, labels, upper, lower)
        return changed
    count = tighten(x, d, centres, k, slack, labels, upper, lower, moves, rows, place, count)
    for first in range(0, count, lanes):
        group = min(lanes, count - first)
        pack(x, d, rows, place + first, group, scratch, panel)
        nearest(scratch, panel, d, centres, k, scratch, found)
        for t in range(group):
            changed += note(get(rows, place + first + t), t, room, scratch, found, labels, upper, lower)
    return changed


@part
def note(i: int, t: int, room: float, found: Reals, place: int, labels: Integers, upper: Reals, lower: Reals) -> int:
    """Write down what was found for an object in lane t; return whether its label changed."""
    lanes = lanes_of(found)
    label = int(get(found, place + 2 * lanes + t))
    changed = int(get(labels, i) != label)
    put(labels, i, label)
    put(upper, i, math.sqrt(get(found, place + t)))
    put(lower, i, math.sqrt(get(found, place + lanes + t)) * found.dtype.type(1 - room))
    return changed


@part
def tighten(
    x: Reals,
    d: int,
    centres: Reals,
    k: int,
    slack: float,
    labels: Integers,
    upper: Reals,
    lower: Reals,
    moves: Reals,
    rows: Integers,
    place: int,
    count: int,
) -> int:
    """Measure how far objects are from their centres; keep those whose bounds do not settle it even so."""
    left = 0
    for t in range(place, place + count):
        i = get(rows, t)
        label = get(labels, i)
        above = math.sqrt(distance(x, i * d, centres, label * d, d))
        put(upper, i, above)
        put(rows, place + left, i)
        left += not above * slack < max(get(lower, i), get(moves, 2 * k + label))
    return left


@part
def add_up(
    x: Reals, w: Reals, d: int, k: int, chunk: int, c: int, labels: Integers, sums: Reals, masses: Reals
) -> None:
    """Add up a chunk's objects, cluster by cluster."""
    sums[c * k * d : (c + 1) * k * d] = 0
    masses[c * k : (c + 1) * k] = 0
    for i in range(c * chunk, min(len(labels), (c + 1) * chunk)):
        cluster, weight = c * k + get(labels, i), float(get(w, i))
        put(masses, cluster, get(masses, cluster) + weight)
        for f in range(d):
            put(sums, cluster * d + f, get(sums, cluster * d + f) + weight * float(get(x, i * d + f)))


@part
def occupy(
    x: Reals,
    w: Reals,
    d: int,
    centres: Reals,
    k: int,
    chunk: int,
    least: float,
    labels: Integers,
    upper: Reals,
    lower: Reals,
    sums: Reals,
    masses: Reals,
    changed: Integers,
) -> None:
    """Give every empty cluster one of the objects that are farthest from their centres."""
    measured, bound, last = False, FAR, -1
    for cluster in range(k):
        if mass_of(masses, cluster, k, len(changed)) > 0:
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
        upper[where], lower[where] = math.sqrt(FAR), 0.0  # it is compared with all centres next
        changed[where // chunk] += 1
        add_up(x, w, d, k, chunk, where // chunk, labels, sums, masses)


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
def move(
    d: int,
    centres: Reals,
    k: int,
    chunks: int,
    tolerance: float,
    room: float,
    sums: Reals,
    masses: Reals,
    changed: Integers,
    moves: Reals,
    summary: Reals,
) -> int:
    """Move every centre to its cluster's mean; return how the iteration has converged, or 0."""
    relabelled, shift, farthest, runner_up, who = 0, 0.0, 0.0, 0.0, 0
    for c in range(chunks):
        relabelled += changed[c]
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
        gap = FAR
        for other in range(k):
            if other != cluster:
                gap = min(gap, distance(centres, cluster * d, centres, other * d, d))
        moves[2 * k + cluster] = 0.5 * math.sqrt(gap) * (1 - room)
    summary[SHIFT] = shift
    if relabelled == 0:
        return LABELS_KEPT
    return HARDLY_MOVED if shift <= tolerance else 0
