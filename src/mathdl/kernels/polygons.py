"""Convex polygons cut to the cells on which one of several affine functions is the largest, with error bounds.

Every number stands for an exact one that lies within a bound. A sign is taken where the bound decides it; else the
caller is asked for it, and the work goes on where it stopped.
"""

from __future__ import annotations

from typing import NamedTuple

from mathdl.kernels.jit import Integers, Reals, kernel, part

ROUNDING = 2.0**-50  # of a few operations, whatever their order
TINY = 2.0**-1000  # more than what underflow takes away
FINISHED, FULL, ASKING = 0, 1, 2  # what a call ends with
NOTHING, WHOLE, TIE, CUT, STOPPED = 0, 1, 2, 3, 4  # what is left of a polygon
UNKNOWN = 2  # a sign
PARENT, COUNT, ROW, SLOT, ENTRY, SURVIVORS, END, FROM, STAGE, CORNER, NARROW, TOLD, LAST = range(
    13
)  # what a state holds


class Polygons(NamedTuple):
    """Corners (n, room, 2) counter-clockwise with the radii of their errors, the line behind each, their number."""

    corners: Reals
    radii: Reals
    lines: Integers
    sizes: Integers


class Forms(NamedTuple):
    """Affine functions a s + b t + c, (functions, polygons, 3), the bounds of their errors, and the rows to compare.

    A row holds numbers of functions, -1 for the function 0.
    """

    values: Reals
    errors: Reals
    rows: Integers


class Work(NamedTuple):
    """A line a, b, c with its errors; for each corner the value there, its error and its sign; and the signs told.

    These have a row for each function that one is compared with.
    """

    line: Reals
    values: Reals
    errors: Reals
    signs: Integers
    told: Integers


@kernel
def split(
    parents: Polygons, forms: Forms, first_line: int, children: Polygons, of: Integers, choices: Integers,
    work: Work, state: Integers,
) -> int:  # fmt: skip
    """Cut polygons; the children name theirs and their choices.

    ``state`` says where to go on: in PARENT, with COUNT children before its own, in a ROW (-1 before the first), with
    the piece in SLOT and the row's ENTRY; its own pieces go to END, those from before the row to LAST. ASKING, it names
    the polygon FROM, its CORNER, and what is to be compared there: the row's ENTRY with entry STAGE. FULL, the parent
    has to be begun again with more room. A cut between functions i and j of polygon p is line ``first_line`` +
    (p (F + 1) + i + 1) (F + 1) + j + 1, with F functions.
    """
    room, count = len(children.sizes), len(forms.values) + 1
    while state[PARENT] < len(parents.sizes):
        parent, begin = state[PARENT], state[COUNT]
        if begin + 3 > room or parents.sizes[parent] + 2 > children.corners.shape[1]:
            return FULL
        if state[ROW] < 0:
            copy(parents, parent, children, begin)
            of[begin] = parent
            state[ROW], state[SLOT], state[ENTRY] = 0, begin, 0
            state[SURVIVORS], state[END], state[LAST] = begin + 1, begin + 1, begin + 1
        while state[ROW] < len(forms.rows):
            j = state[ROW]
            while state[SLOT] < state[LAST]:
                s = state[SLOT]
                while state[ENTRY] < forms.rows.shape[1]:
                    survivors, i = state[SURVIVORS], state[ENTRY]
                    if survivors + 2 > room:
                        return FULL
                    left = cell(children, forms, first_line + parent * count * count, work, state)
                    if left == STOPPED:
                        return FULL if state[NARROW] else ASKING
                    if state[TOLD]:
                        state[TOLD], work.told[:] = 0, UNKNOWN
                    state[ENTRY] += 1
                    if left == WHOLE:
                        choices[s, j] = i
                        break
                    if left == CUT:
                        of[survivors] = parent
                        for before in range(j):
                            choices[survivors, before] = choices[s, before]
                        choices[survivors, j] = i
                        state[SURVIVORS] += 1
                if state[SURVIVORS] > state[END]:  # the last one takes the place of what has been cut
                    state[SURVIVORS] -= 1
                    copy(children, state[SURVIVORS], children, s)
                    choices[s, j] = choices[state[SURVIVORS], j]
                    state[END] = state[SURVIVORS]
                state[SLOT], state[ENTRY], state[SURVIVORS] = s + 1, 0, state[END]
            state[ROW], state[SLOT], state[LAST] = j + 1, begin, state[END]
        state[PARENT], state[COUNT], state[ROW] = parent + 1, state[END], -1
    return FINISHED


@part
def cell(polygons: Polygons, forms: Forms, base: int, work: Work, state: Integers) -> int:
    """Put the part of a piece where the entry of the row is the largest behind the survivors; the next slot is used."""
    parent, row, i, target = state[PARENT], state[ROW], state[ENTRY], state[SURVIVORS]
    found, here, count = WHOLE, state[SLOT], len(forms.values) + 1
    for k in range(forms.rows.shape[1]):
        f, g = forms.rows[row, i], forms.rows[row, k]
        if f == g:
            if k < i:
                return NOTHING
            continue
        difference(forms, parent, f, g, work.line)
        there = target + 1 if here == target else target
        state[FROM], state[STAGE] = here, k
        left = clip(polygons, there, base + (f + 1) * count + g + 1, work, state)
        if left in (STOPPED, NOTHING):
            return left
        if left == TIE and k < i:
            return NOTHING
        if left == CUT:
            here, found = there, CUT
    if found == CUT and here != target:
        copy(polygons, here, polygons, target)
    return found


@part
def difference(forms: Forms, parent: int, f: int, g: int, line: Reals) -> None:
    """Write f - g and the bounds of its errors."""
    for c in range(3):
        a, e = (forms.values[f, parent, c], forms.errors[f, parent, c]) if f >= 0 else (0.0, 0.0)
        b, d = (forms.values[g, parent, c], forms.errors[g, parent, c]) if g >= 0 else (0.0, 0.0)
        line[c], line[3 + c] = a - b, e + d
        if f >= 0 and g >= 0 and (a != 0.0 or b != 0.0):
            line[3 + c] += ROUNDING * (abs(a) + abs(b)) + ROUNDING * (e + d)


@part
def clip(polygons: Polygons, target: int, line: int, work: Work, state: Integers) -> int:
    """Put the part of a polygon where a function is positive into another slot, where it is a part."""
    source, stage = state[FROM], state[STAGE]
    n, positive, negative = polygons.sizes[source], 0, 0
    state[NARROW] = n + 2 > polygons.corners.shape[1]
    if state[NARROW]:
        return STOPPED
    for v in range(n):
        sign = sign_at(polygons, source, v, work)
        if sign == UNKNOWN:
            sign = work.told[stage, v]
            work.signs[v] = sign
        if sign == UNKNOWN:
            state[CORNER] = v
            return STOPPED
        positive += sign > 0
        negative += sign < 0
    if positive == 0:
        return NOTHING if negative > 0 else TIE
    if negative == 0:
        return WHOLE
    size = 0
    for v in range(n):
        after = v + 1 if v + 1 < n else 0
        here, there = work.signs[v], work.signs[after]
        if here >= 0:
            for c in range(2):
                polygons.corners[target, size, c] = polygons.corners[source, v, c]
                polygons.radii[target, size, c] = polygons.radii[source, v, c]
            polygons.lines[target, size] = line if here == 0 and there < 0 else polygons.lines[source, v]
            size += 1
        if here * there < 0:
            cross(polygons, source, v, after, target, size, work)
            polygons.lines[target, size] = line if here > 0 else polygons.lines[source, v]
            size += 1
    polygons.sizes[target] = size
    return CUT


@part
def sign_at(polygons: Polygons, source: int, v: int, work: Work) -> int:
    """Find the sign of a function at a corner, UNKNOWN where the errors do not let it be told."""
    x, y = abs(polygons.corners[source, v, 0]), abs(polygons.corners[source, v, 1])
    r, q = polygons.radii[source, v, 0], polygons.radii[source, v, 1]
    a, b, c, ea, eb, ec = work.line[0], work.line[1], work.line[2], work.line[3], work.line[4], work.line[5]
    value = a * polygons.corners[source, v, 0] + b * polygons.corners[source, v, 1] + c
    error = 0.0
    if (x + r > 0 and (a != 0 or ea > 0)) or (y + q > 0 and (b != 0 or eb > 0)) or c != 0 or ec > 0:
        error = ea * (x + r) + eb * (y + q) + ec + abs(a) * r + abs(b) * q
        error += ROUNDING * (abs(a) * x + abs(b) * y + abs(c) + error) + TINY
    work.values[v], work.errors[v] = value, error
    sign = UNKNOWN
    if value > error:
        sign = 1
    elif value < -error:
        sign = -1
    elif error == 0 and value == 0:
        sign = 0
    work.signs[v] = sign
    return sign


@part
def cross(polygons: Polygons, source: int, v: int, after: int, target: int, place: int, work: Work) -> None:
    """Put the corner at which a function is 0, between two of different signs, into its place."""
    one, other = work.values[v] * work.signs[v], work.values[after] * work.signs[after]
    whole, share, error = max(one, 0.0) + max(other, 0.0), 0.5, 1.0
    most = max(work.errors[v], work.errors[after])
    if most < whole:
        share = max(one, 0.0) / whole
        error = most / whole * (1 + ROUNDING) + ROUNDING
    for c in range(2):
        a, b = polygons.corners[source, v, c], polygons.corners[source, after, c]
        r = max(polygons.radii[source, v, c], polygons.radii[source, after, c])
        if a == b and r == 0:
            polygons.corners[target, place, c], polygons.radii[target, place, c] = a, 0.0
        else:
            polygons.corners[target, place, c] = a + share * (b - a)
            polygons.radii[target, place, c] = (
                r + error * abs(b - a) + ROUNDING * (abs(a) + abs(b) + r) + TINY
            )  # fmt: skip


@part
def copy(source: Polygons, place: int, target: Polygons, there: int) -> None:
    """Copy a polygon."""
    for v in range(source.sizes[place]):
        for c in range(2):
            target.corners[there, v, c] = source.corners[place, v, c]
            target.radii[there, v, c] = source.radii[place, v, c]
        target.lines[there, v] = source.lines[place, v]
    target.sizes[there] = source.sizes[place]
