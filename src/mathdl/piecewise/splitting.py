"""A polygon in the plane split, step by step of a network, into the pieces on which the network is affine.

Every piece carries affine functions of (s, t), one for each number that goes into the next step, as floating-point
numbers with bounds of their errors. Where these decide no sign, the piece is split in exact arithmetic: its functions
are computed again in whole numbers from the choices that led to it, and a corner is where its two sides' lines meet.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from math import gcd
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.blas import one_thread
from mathdl.exact.whole_numbers import nearest_float, over_one_denominator
from mathdl.kernels.polygons import FINISHED, TINY, UNDECIDED, Forms, Polygons, Work, split
from mathdl.layers.pieces import Affine, Kinks, Piece
from mathdl.piecewise.domain import Domain
from mathdl.piecewise.exact_steps import Exact, after, exact_step, objects

Array = NDArray[Any]
Line = tuple[int, int, int]  # a s + b t + c = 0; and a corner (s w, t w, w) with w > 0
UNIT = 2.0**-52
BATCH_BYTES = 2**26  # chosen: of the functions of the pieces that are split together
KEPT_BYTES = 2**28  # chosen: of exact functions that are kept in case they are asked for again
SMALLEST_PRODUCT = 2.0**-960


class Batch:
    """Pieces before the same step: their polygons, where they come from, and what was chosen there."""

    def __init__(self, step: int, polygons: Polygons, forms: tuple[Array, Array], origin: Origin | None) -> None:
        self.step, self.polygons, self.origin = step, polygons, origin
        self.values, self.errors = forms

    def __len__(self) -> int:
        return len(self.polygons.sizes)

    @property
    def choices(self) -> Array:
        """What was chosen at the last step, (pieces, rows)."""
        assert self.origin is not None
        return self.origin.choices

    def copy(self) -> Batch:
        """Return the same pieces, to be split further."""
        return Batch(self.step, self.polygons, (self.values, self.errors), self.origin)


class Origin(NamedTuple):
    """The batch that was split, the number of each piece's parent there, and each piece's choices."""

    batch: Batch
    of: Array
    choices: Array


class ExactPolygon(NamedTuple):
    """Corners in whole numbers, the line behind each, and what was chosen so far."""

    corners: list[Line]
    lines: list[int]
    choices: list[int]


class Splitter:
    """The steps of a network, and the lines at which pieces were split."""

    def __init__(self, steps: Sequence[Piece], domain: Domain) -> None:
        self.steps, self.domain_corners = list(steps), [_corner(*corner) for corner in domain.corners]
        self._exact = [exact_step(step) for step in steps]
        self._firsts: list[int] = []
        self._split: list[Batch] = []
        self._kept: dict[tuple[int, int], Exact] = {}
        self._lines: dict[int, Line] = {}
        self._kept_bytes, self.exactly = 0, 0
        columns = [*domain.directions, domain.origin]
        numbers, unit = over_one_denominator([value for row in zip(*columns, strict=True) for value in row])
        self._start = Exact(objects(numbers).reshape(-1, 3), unit)

    def append(self, step: Piece) -> None:
        """Add a step behind the others."""
        self.steps.append(step)
        self._exact.append(exact_step(step))

    def root(self) -> Batch:
        """Return the domain before the first step."""
        exact = ExactPolygon(self.domain_corners, [-1 - k for k in range(len(self.domain_corners))], [])
        fractions = [[Fraction(value, self._start.unit) for value in row] for row in self._start.numbers.tolist()]
        values = np.array([[nearest_float(value) for value in row] for row in fractions])
        off = [[_error(x, e) for x, e in zip(*rows, strict=True)] for rows in zip(values, fractions, strict=True)]
        forms = values[:, None, :], np.array(off)[:, None, :]
        return Batch(0, polygons_of([exact]), forms, None)

    def leaves(self, batches: Sequence[Batch]) -> list[Batch]:
        """Return the pieces behind the last step."""
        waiting, found = list(reversed(batches)), []
        while waiting:
            batch = waiting.pop()
            while batch.step < len(self.steps) and isinstance(step := self.steps[batch.step], Affine):
                batch.values, batch.errors = _affine(step, batch.values, batch.errors)
                batch.step += 1
            if batch.step == len(self.steps):
                found.append(batch)
            else:
                waiting += reversed(self._children(batch))
        return found

    def _children(self, batch: Batch) -> list[Batch]:
        """Split the pieces of a batch at its step."""
        step, n = self.steps[batch.step], len(batch.values)
        rows = _rows(step)
        self._firsts.append(self._firsts[-1] + _codes(self._split[-1]) if self._firsts else 0)
        self._split.append(batch)
        polygons, of, choices = self._split_by_kernel(batch, rows) if len(rows) else _unsplit(batch)
        size, found = max(1, BATCH_BYTES // (48 * n)), []
        for k in range(0, len(of), size):
            part = slice(k, k + size)
            cut = Polygons(*(array[part] for array in polygons))
            forms = _chosen(step, batch, of[part], choices[part])
            found.append(Batch(batch.step + 1, cut, forms, Origin(batch, of[part], choices[part])))
        batch.values = batch.errors = np.zeros((n, 0, 3))
        return found

    def _split_by_kernel(self, batch: Batch, rows: Array) -> tuple[Polygons, Array, Array]:
        """Split pieces in floating point, and those where that decides nothing in whole numbers."""
        corners = batch.polygons.corners.shape[1] + 8
        room, state, found = 4 * len(batch) + 64, np.zeros(2, np.int64), []
        forms = Forms(np.ascontiguousarray(batch.values), np.ascontiguousarray(batch.errors), rows)
        work = Work(np.zeros(6), np.zeros(corners), np.zeros(corners), np.zeros(corners, np.int64))
        children, of, choices = _slots(room, corners, len(rows))
        while True:
            ended = split(batch.polygons, forms, self._firsts[-1], children, choices, of, work, state)
            if count := int(state[1]):
                kept = Polygons(*(array[:count].copy() for array in children))
                found.append((kept, of[:count].copy(), choices[:count].copy()))
            elif ended not in (FINISHED, UNDECIDED):
                room *= 4
                children, of, choices = _slots(room, corners, len(rows))
            if ended == FINISHED:
                return _joined(found)
            if ended == UNDECIDED:
                parts = self._split_exactly(batch, int(state[0]), rows)
                of_all = np.full(len(parts), state[0])
                found.append((polygons_of(parts), of_all, np.array([part.choices for part in parts])))
                state[0] += 1
            state[1] = 0

    def _split_exactly(self, batch: Batch, place: int, rows: Array) -> list[ExactPolygon]:
        """Split one piece in whole numbers."""
        self.exactly += 1
        functions = self.functions(batch, place).numbers.tolist()
        first = self._firsts[-1] + place * (len(functions) + 1) ** 2
        parts = [ExactPolygon(self.corners(batch, place), self._codes_of(batch, place), [])]
        for row in rows.tolist():
            cut = []
            for part in parts:
                for choice in range(len(row)):
                    if inside := self._cell(part, functions, row, choice, first):
                        cut.append(inside._replace(choices=[*part.choices, choice]))
            parts = cut
        return parts

    def _cell(
        self, part: ExactPolygon, functions: list[list[int]], row: list[int], choice: int, first: int
    ) -> ExactPolygon | None:
        """Return where a function is the largest of its row, of equal ones the first."""
        f = row[choice]
        for k, g in enumerate(row):
            line = _difference(functions, f, g)
            if not any(line):
                if k < choice:
                    return None
                continue
            inside = self._clipped(part, line, first + (f + 1) * (len(functions) + 1) + g + 1)
            if inside is None:
                return None
            part = inside
        return part

    def _clipped(self, part: ExactPolygon, line: Line, code: int) -> ExactPolygon | None:
        """Return the part where a function is positive; None where it is nowhere."""
        signs = [_dot(line, corner) for corner in part.corners]
        if max(signs) <= 0:
            return None
        if min(signs) >= 0:
            return part
        corners, lines = [], []
        for v, here in enumerate(signs):
            there = signs[(v + 1) % len(signs)]
            if here >= 0:
                corners.append(part.corners[v])
                lines.append(code if here == 0 and there < 0 else part.lines[v])
            if (here > 0 > there) or (here < 0 < there):
                corners.append(meeting(self.line(part.lines[v]), line))
                lines.append(code if here > 0 else part.lines[v])
        return ExactPolygon(corners, lines, part.choices)

    def functions(self, batch: Batch, place: int) -> Exact:
        """Return the exact functions of a piece before its batch's step."""
        key = id(batch), place
        if key in self._kept:
            return self._kept[key]
        found, done = self._start, 0
        if batch.origin is not None:
            parent, of, choices = batch.origin
            found, done = self.functions(parent, int(of[place])), parent.step + 1
            choice = choice_of(self.steps[parent.step], choices[place])
            found = after(self._exact[parent.step], found, choice)
        for step in self._exact[done : batch.step]:
            found = after(step, found, None)
        self._kept_bytes += found.numbers.size * (40 + found.unit.bit_length() // 8)
        if self._kept_bytes > KEPT_BYTES:
            self._kept, self._kept_bytes = {}, 0
        self._kept[key] = found
        return found

    def line(self, code: int) -> Line:
        """Return the exact line with a number."""
        if code not in self._lines:
            self._lines[code] = self._line(code)
        return self._lines[code]

    def _line(self, code: int) -> Line:
        """Return what :meth:`line` does, for the first time."""
        if code < 0:
            corners = self.domain_corners
            return meeting(corners[-1 - code], corners[-code % len(corners)])
        k = bisect_right(self._firsts, code) - 1
        batch = self._split[k]
        size = batch.values.shape[0] + 1
        place, pair = divmod(code - self._firsts[k], size * size)
        i, j = divmod(pair, size)
        return _difference(self.functions(batch, place).numbers, i - 1, j - 1)

    def corners(self, batch: Batch, place: int) -> list[Line]:
        """Return the exact corners of a piece."""
        lines = [self.line(code) for code in self._codes_of(batch, place)]
        return [meeting(lines[k - 1], line) for k, line in enumerate(lines)]

    def _codes_of(self, batch: Batch, place: int) -> list[int]:
        """Return the numbers of the lines behind the corners of a piece."""
        found: list[int] = batch.polygons.lines[place, : batch.polygons.sizes[place]].tolist()
        return found


def _rows(step: Piece) -> Array:
    """Return what is compared at a step: an argument with 0 where there is a kink, or the entries of each block."""
    if isinstance(step, Kinks):
        bends = np.flatnonzero(step.below != step.above)
        return np.stack([bends, np.full(len(bends), -1)], axis=1).astype(np.int64)
    return np.ascontiguousarray(step.blocks, dtype=np.int64)  # type: ignore[union-attr]


def choice_of(step: Piece, choices: Array) -> Array:
    """Return the choices of one piece, or of several in rows, as exact steps take them."""
    rows = _rows(step)
    if not isinstance(step, Kinks):
        return np.asarray(rows[np.arange(len(rows)), choices])
    found = np.ones((*choices.shape[:-1], len(step.above)), bool)
    found[..., rows[:, 0]] = choices == 0
    return found


def _chosen(step: Piece, batch: Batch, of: Array, choices: Array) -> tuple[Array, Array]:
    """Return the functions behind a kink or maximum, with the bounds of their errors."""
    chosen = choice_of(step, choices).T
    if not isinstance(step, Kinks):
        return batch.values[chosen, of], batch.errors[chosen, of]
    slopes = np.where(chosen, step.above[:, None], step.below[:, None])[:, :, None]
    values = batch.values[:, of] * slopes
    errors = batch.errors[:, of] * np.abs(slopes)
    rounded = (~np.isin(slopes, (-1.0, 0.0, 1.0))) & ((values != 0) | (errors != 0))
    return values, errors + rounded * (UNIT * (np.abs(values) + errors) + TINY)


def _affine(step: Affine, values: Array, errors: Array) -> tuple[Array, Array]:
    """Return (M x + b) / d of functions, with the bounds of their errors."""
    (n, count, _), size = values.shape, abs(step.matrix)
    flat, off = values.reshape(n, -1), errors.reshape(n, -1)
    with one_thread(), np.errstate(over="ignore", invalid="ignore"):
        found, scale, bound = step.matrix @ flat, size @ np.abs(flat), size @ off
        bound = bound + (n + 8) * UNIT * (scale + bound)
        if _least(size) * min(_least(flat), _least(off)) < SMALLEST_PRODUCT:
            bound += (n + 8) * TINY
        found, bound = found.reshape(-1, count, 3), bound.reshape(-1, count, 3)
        rounded = (step.offset[:, None] != 0) & ((found[:, :, 2] != 0) | (bound[:, :, 2] != 0))
        found[:, :, 2] += step.offset[:, None]
        bound[:, :, 2] += rounded * (UNIT * np.abs(found[:, :, 2]) + TINY)
        if step.divisor != 1:
            found = found / step.divisor
            bound = bound / step.divisor + ((found != 0) | (bound != 0)) * (UNIT * (np.abs(found) + bound) + TINY)
    return found, bound


def _least(numbers: Any) -> float:
    """Return the least size of the numbers that are not 0; 1 where there are none."""
    data = np.abs(numbers.data if hasattr(numbers, "indptr") else numbers)
    return float(data[data > 0].min(initial=1.0))


def _error(rounded: float, exact: Fraction) -> float:
    """Return a bound of how far a rounded number is off: 0 where it is exact."""
    return 0.0 if np.isfinite(rounded) and Fraction(rounded) == exact else abs(rounded) * UNIT + TINY


def _codes(batch: Batch) -> int:
    """Return how many numbers of lines a batch takes."""
    return len(batch) * int(batch.values.shape[0] + 1) ** 2


def _unsplit(batch: Batch) -> tuple[Polygons, Array, Array]:
    """Return the pieces of a batch as they are."""
    return batch.polygons, np.arange(len(batch)), np.zeros((len(batch), 0), np.int64)


def _slots(room: int, corners: int, rows: int) -> tuple[Polygons, Array, Array]:
    """Return room for polygons, for where they come from, and for choices."""
    places = np.zeros((room, corners, 2)), np.zeros((room, corners, 2))
    polygons = Polygons(*places, np.zeros((room, corners), np.int64), np.zeros(room, np.int64))
    return polygons, np.zeros(room, np.int64), np.zeros((room, rows), np.int64)


def _joined(chunks: list[tuple[Polygons, Array, Array]]) -> tuple[Polygons, Array, Array]:
    """Return chunks as one."""
    most = max(chunk[0].corners.shape[1] for chunk in chunks)
    columns = zip(*(chunk[0] for chunk in chunks), strict=True)
    polygons = [np.concatenate([_widened(array, most) for array in column]) for column in columns]
    of, choices = (np.concatenate([chunk[k] for chunk in chunks]) for k in (1, 2))
    return Polygons(*polygons), of, choices


def _widened(array: Array, corners: int) -> Array:
    """Return room for more corners."""
    if array.ndim == 1:
        return array
    return np.pad(array, [(0, 0), (0, corners - array.shape[1]), (0, 0)][: array.ndim])


def polygons_of(parts: Sequence[ExactPolygon]) -> Polygons:
    """Return exact polygons as floating-point numbers."""
    most = max(len(part.corners) for part in parts)
    found, _, _ = _slots(len(parts), most, 0)
    for k, (corners, lines, _) in enumerate(parts):
        found.sizes[k] = len(corners)
        found.lines[k, : len(lines)] = lines
        for v, (x, y, w) in enumerate(corners):
            for c, exact in enumerate((Fraction(x, w), Fraction(y, w))):
                found.corners[k, v, c] = nearest_float(exact)
                found.radii[k, v, c] = _error(found.corners[k, v, c], exact)
    return found


def _corner(s: Fraction, t: Fraction) -> Line:
    """Return a corner in whole numbers."""
    (x, y), w = over_one_denominator([s, t])
    return x, y, w


def meeting(a: Line, b: Line) -> Line:
    """Return where two lines meet, or the line through two corners."""
    x, y, w = a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]
    divisor = gcd(x, y, w) * (-1 if w < 0 else 1)
    return x // divisor, y // divisor, w // divisor


def _difference(functions: Any, i: int, j: int) -> Line:
    """Return one function minus another; -1 stands for 0."""
    (a, b, c), (d, e, f) = (functions[k] if k >= 0 else (0, 0, 0) for k in (i, j))
    return a - d, b - e, c - f


def _dot(line: Line, corner: Line) -> int:
    """Return a function at a corner, up to a positive factor."""
    value: int = line[0] * corner[0] + line[1] * corner[1] + line[2] * corner[2]
    return value
