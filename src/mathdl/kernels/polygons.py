"""Convex polygons cut to the cells on which one of several affine functions is the largest, with error bounds.

Every number stands for an exact one that lies within a bound. A sign is taken only where the bound decides it; what is
not decided is left to exact arithmetic, whole polygon by whole polygon.
"""

from __future__ import annotations

from typing import NamedTuple

from mathdl.kernels.jit import Integers, Reals, kernel, part

ROUNDING = 2.0**-50  # of a few operations, whatever their order
TINY = 2.0**-1000  # more than what underflow takes away
FINISHED, FULL, UNDECIDED = 0, 1, 2  # what a call ends with
NOTHING, WHOLE, TIE, CUT, UNKNOWN = 0, 1, 2, 3, 4  # what is left of a polygon


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
    """A line, a, b, c with their errors; and for each corner the value there, its error and its sign."""

    line: Reals
    values: Reals
    errors: Reals
    signs: Integers


@kernel
def split(
    parents: Polygons, forms: Forms, first_line: int, children: Polygons, choices: Integers, of: Integers,
    work: Work, state: Integers,
) -> int:  # fmt: skip
    """Cut polygons from ``state[0]`` on; the children, ``state[1]`` of them so far, name theirs and their choices.

    A cut between functions i and j of polygon p is line ``first_line`` + (p (F + 1) + i + 1) (F + 1) + j + 1, with F
    functions.
    """
    room, count = len(children.sizes), len(forms.values) + 1
    while state[0] < len(parents.sizes):
        begin, parent = state[1], state[0]
        if begin + 3 > room:
            return FULL
        copy(parents, parent, children, begin)
        of[begin], end = parent, begin + 1
        for j in range(len(forms.rows)):
            for s in range(begin, end):
                survivors = end
                for i in range(forms.rows.shape[1]):
                    if survivors + 2 > room:
                        return FULL
                    base = first_line + parent * count * count
                    left = cell(children, s, survivors, forms, parent, j, i, base, work)
                    if left == UNKNOWN:
                        return UNDECIDED
                    if left == WHOLE:
                        choices[s, j] = i
                        break
                    if left == CUT:
                        of[survivors] = parent
                        for before in range(j):
                            choices[survivors, before] = choices[s, before]
                        choices[survivors, j] = i
                        survivors += 1
                if survivors > end:  # the last one takes the place of what has been cut
                    survivors -= 1
                    copy(children, survivors, children, s)
                    choices[s, j] = choices[survivors, j]
                    end = survivors
        state[0], state[1] = parent + 1, end
    return FINISHED


@part
def cell(
    polygons: Polygons, source: int, target: int, forms: Forms, parent: int, row: int, i: int, base: int, work: Work
) -> int:
    """Put the part of a polygon where entry i of a row is the largest into slot ``target``; the next slot is used."""
    found, here, count = WHOLE, source, len(forms.values) + 1
    for k in range(forms.rows.shape[1]):
        f, g = forms.rows[row, i], forms.rows[row, k]
        if f == g:
            if k < i:
                return NOTHING
            continue
        difference(forms, parent, f, g, work.line)
        there = target + 1 if here == target else target
        left = clip(polygons, here, there, base + (f + 1) * count + g + 1, work)
        if left in (UNKNOWN, NOTHING):
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
def clip(polygons: Polygons, source: int, target: int, line: int, work: Work) -> int:
    """Put the part of a polygon where a function is positive into another slot, where it is a part."""
    n, positive, negative = polygons.sizes[source], 0, 0
    for v in range(n):
        sign = sign_at(polygons, source, v, work)
        if sign == 2:
            return UNKNOWN
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
        if size + 2 > polygons.corners.shape[1]:
            return UNKNOWN
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
    """Find the sign of a function at a corner; 2 where the errors do not let it be told."""
    x, y = abs(polygons.corners[source, v, 0]), abs(polygons.corners[source, v, 1])
    r, q = polygons.radii[source, v, 0], polygons.radii[source, v, 1]
    a, b, c, ea, eb, ec = work.line[0], work.line[1], work.line[2], work.line[3], work.line[4], work.line[5]
    value = a * polygons.corners[source, v, 0] + b * polygons.corners[source, v, 1] + c
    error = 0.0
    if (x + r > 0 and (a != 0 or ea > 0)) or (y + q > 0 and (b != 0 or eb > 0)) or c != 0 or ec > 0:
        error = ea * (x + r) + eb * (y + q) + ec + abs(a) * r + abs(b) * q
        error += ROUNDING * (abs(a) * x + abs(b) * y + abs(c) + error) + TINY
    work.values[v], work.errors[v] = value, error
    sign = 2
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
    whole = abs(work.values[v] - work.values[after])
    share = abs(work.values[v]) / whole
    error = max(work.errors[v], work.errors[after]) / whole * (1 + ROUNDING) + ROUNDING
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
