"""A polygon in the plane split, step by step of a network, into the pieces on which the network is affine.

Every piece carries affine functions of (s, t), one for each number that goes into the next step, as floating-point
numbers with bounds of their errors. Where these do not decide the sign of one at a corner, it is taken in exact
arithmetic: the function is computed in whole numbers, backwards through the choices that led to the piece, and the
corner is where its two sides' lines meet.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from math import gcd
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import TooManyPiecesError
from mathdl.exact.whole_numbers import nearest_float, over_one_denominator
from mathdl.kernels import polygons as kernels
from mathdl.kernels.polygons import ASKING, FULL, TINY, Forms, Polygons, Work
from mathdl.layers.pieces import Affine, Kinks, Piece, depends
from mathdl.networks.exact_steps import Choices, Exact, Values, exact_step, functions_of, objects
from mathdl.networks.rounded import UNIT, affine
from mathdl.piecewise.domain import Domain

Array = NDArray[Any]
Line = tuple[int, int, int]  # a s + b t + c = 0; and a corner (s w, t w, w) with w > 0
BATCH_BYTES = 2**26  # chosen: of the functions of the pieces that are split together


class Batch:
    """Pieces before the same step: their polygons, where they come from, and what was chosen there."""

    def __init__(self, step: int, polygons: Polygons, forms: tuple[Array, Array], origin: Origin | None) -> None:
        self.step, self.polygons, self.origin = step, polygons, origin
        self.values, self.errors = forms
        self.rows = np.zeros((0, 2), np.int64)  # what is compared at the step

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


class Constants(NamedTuple):
    """Which numbers before a step are the same on the whole domain, and values that are theirs."""

    fixed: Array
    values: Array


class Origin(NamedTuple):
    """The batch that was split, the number of each piece's parent there, and each piece's choices."""

    batch: Batch
    of: Array
    choices: Array


class Splitter:
    """The steps of a network, and the lines at which pieces were split."""

    def __init__(self, steps: Sequence[Piece], domain: Domain, most: int) -> None:
        self.steps, self.domain_corners = list(steps), [_corner(*corner) for corner in domain.corners]
        self._exact = [exact_step(step) for step in steps]
        self._firsts: list[int] = []
        self._split: list[Batch] = []
        self._lines: dict[int, Line] = {}
        self._most, self.exactly = most, 0
        columns = [*domain.directions, domain.origin]
        numbers, unit = over_one_denominator([value for row in zip(*columns, strict=True) for value in row])
        self._start = Exact(objects(numbers).reshape(-1, 3), unit)
        self._constants = self._find_constants()

    def append(self, step: Piece) -> None:
        """Add a step behind the others."""
        self.steps.append(step)
        self._exact.append(exact_step(step))
        self._constants = self._find_constants()

    def root(self) -> Batch:
        """Return the domain before the first step."""
        count = len(self.domain_corners)
        polygons, _, _ = _slots(1, count, 0)
        polygons.sizes[0], polygons.lines[0] = count, [-1 - k for k in range(count)]
        for v, corner in enumerate(self.domain_corners):
            _place(polygons, 0, v, corner)
        exact = [[Fraction(value, self._start.unit) for value in row] for row in self._start.numbers.tolist()]
        values = np.array([[nearest_float(value) for value in row] for row in exact])
        off = [[_error(x, e) for x, e in zip(*rows, strict=True)] for rows in zip(values, exact, strict=True)]
        return Batch(0, polygons, (values[:, None, :], np.array(off)[:, None, :]), None)

    def leaves(self, batches: Sequence[Batch]) -> list[Batch]:
        """Return the pieces behind the last step."""
        waiting, found = list(reversed(batches)), []
        while waiting:
            batch = waiting.pop()
            while batch.step < len(self.steps) and isinstance(step := self.steps[batch.step], Affine):
                batch.values, batch.errors = affine(step, batch.values, batch.errors)
                batch.step += 1
            if batch.step == len(self.steps):
                found.append(batch)
            else:
                waiting += reversed(self._children(batch))
                self._refuse_too_many(sum(map(len, waiting)) + sum(map(len, found)))
        return found

    def _refuse_too_many(self, count: int) -> None:
        """Raise TooManyPiecesError where there are more pieces than are wanted: later steps only add to them."""
        if count > self._most:
            raise TooManyPiecesError(
                f"There are more than {self._most:,} pieces; give a smaller domain, or a larger most."
            )

    def _find_constants(self) -> list[Constants]:
        """Return, before each step, which numbers are the same on the whole domain, and their exact values there."""
        fixed = (self._start.numbers[:, :2] == 0).all(axis=1)
        origin, found = self._start.numbers[:, 2], []
        x = Values(origin, origin, self._start.unit)
        for step, exact in zip(self.steps, self._exact, strict=True):
            found.append(Constants(fixed, x.low))
            x, fixed = exact.after(x), ~depends(step, ~fixed)
        return found

    def _rows(self, number: int) -> Array:
        """Return what is compared at a step: an argument with 0 where there is a kink, or the entries of each block.

        Constants are compared once and for all.
        """
        step, (fixed, values) = self.steps[number], self._constants[number]
        if isinstance(step, Kinks):
            bends = np.flatnonzero((step.below != step.above) & ~fixed)
            return np.stack([bends, np.full(len(bends), -1)], axis=1).astype(np.int64)
        rows = np.array(step.blocks, dtype=np.int64)  # type: ignore[union-attr]
        for row in rows:
            if len(same := row[fixed[row]]) > 1:
                row[fixed[row]] = max(same.tolist(), key=values.__getitem__)
        return rows

    def _choice(self, number: int, rows: Array, choices: Array) -> Array:
        """Return the choices of one piece, or of several in rows, as exact steps take them."""
        if not isinstance(self.steps[number], Kinks):
            return np.asarray(rows[np.arange(len(rows)), choices])
        values = self._constants[number].values
        found = np.broadcast_to(np.asarray(values > 0, bool), (*choices.shape[:-1], len(values))).copy()
        found[..., rows[:, 0]] = choices == 0
        return found

    def _children(self, batch: Batch) -> list[Batch]:
        """Split the pieces of a batch at its step."""
        n = len(batch.values)
        batch.rows = self._rows(batch.step)
        self._firsts.append(self._firsts[-1] + _codes(self._split[-1]) if self._firsts else 0)
        self._split.append(batch)
        polygons, of, choices = self._cut(batch) if len(batch.rows) else _uncut(batch)
        size, found = max(1, BATCH_BYTES // (48 * n)), []
        for k in range(0, len(of), size):
            part = slice(k, k + size)
            cut = Polygons(*(array[part] for array in polygons))
            chosen = self._choice(batch.step, batch.rows, choices[part]).T
            forms = _chosen(self.steps[batch.step], batch, of[part], chosen)
            found.append(Batch(batch.step + 1, cut, forms, Origin(batch, of[part], choices[part])))
        batch.values = batch.errors = np.zeros((n, 0, 3))
        return found

    def _cut(self, batch: Batch) -> tuple[Polygons, Array, Array]:
        """Split pieces by the kernel, which asks for signs that floating point does not decide."""
        rows, corners = batch.rows, batch.polygons.corners.shape[1] + 8
        forms = Forms(np.ascontiguousarray(batch.values), np.ascontiguousarray(batch.errors), rows)
        room, found = 4 * len(batch) + 64, []
        state = np.zeros(kernels.LAST + 1, np.int64)
        state[kernels.ROW] = -1
        children, work = _slots(room, corners, len(rows)), _work(rows.shape[1], corners)
        while True:
            ended = kernels.split(batch.polygons, forms, self._firsts[-1], *children, work, state)
            if ended == ASKING:
                self._answer(batch, children[0], work, state)
                continue
            if count := int(state[kernels.COUNT]):
                polygons, of, choices = children
                kept = Polygons(*(array[:count].copy() for array in polygons))
                found.append((kept, of[:count].copy(), choices[:count].copy()))
            if ended != FULL:
                return _joined(found)
            self._refuse_too_many(int(state[kernels.END]))
            room, corners = room * (1 if count else 4), corners * (2 if state[kernels.NARROW] else 1)
            children, work = _slots(room, corners, len(rows)), _work(rows.shape[1], corners)
            state[kernels.COUNT], state[kernels.ROW] = 0, -1

    def _answer(self, batch: Batch, polygons: Polygons, work: Work, state: Array) -> None:
        """Tell the sign of a difference at a corner, and where the corner is to the last digit."""
        self.exactly += 1
        row, slot, v, stage = (int(state[k]) for k in (kernels.ROW, kernels.FROM, kernels.CORNER, kernels.STAGE))
        f, g = (int(k) for k in batch.rows[row, [state[kernels.ENTRY], stage]])
        line = self.line(self._code(batch, int(state[kernels.PARENT]), f, g))
        size = polygons.sizes[slot]
        corner = meeting(*(self.line(int(polygons.lines[slot, k])) for k in ((v - 1) % size, v)))
        sign = _dot(line, corner)
        work.told[stage, v] = (sign > 0) - (sign < 0)
        state[kernels.TOLD] = 1
        _place(polygons, slot, v, corner)

    def _code(self, batch: Batch, place: int, f: int, g: int) -> int:
        """Return the number of the line where two functions of a piece of the batch that is being split are equal."""
        size = len(batch.values) + 1
        return self._firsts[-1] + (place * size + f + 1) * size + g + 1

    def line(self, code: int) -> Line:
        """Return the exact line with a number: the function is positive on its first side."""
        if code not in self._lines:
            self._lines[code] = self._line(code)
        return self._lines[code]

    def _line(self, code: int) -> Line:
        """Return what :meth:`line` does, for the first time."""
        if code < 0:
            corners = self.domain_corners
            return meeting(corners[-1 - code], corners[-code % len(corners)])
        k = bisect_right(self._firsts, code) - 1
        batch, size = self._split[k], len(self._split[k].values) + 1
        place, pair = divmod(code - self._firsts[k], size * size)
        difference = np.zeros((size, 1), dtype=int)
        difference[pair // size - 1] += 1
        difference[pair % size - 1] -= 1
        a, b, c = self.functions(batch, place, difference[:-1]).numbers[:, 0].tolist()
        divisor = gcd(a, b, c) or 1
        return a // divisor, b // divisor, c // divisor

    def functions(self, batch: Batch, place: int, outputs: Array) -> Exact:
        """Return exact functions of (s, t) on a piece: combinations of what goes into its batch's step, in columns."""
        choices: Choices = [None] * batch.step
        steps, origin = self._exact[: batch.step], batch.origin
        while origin is not None:
            number = origin.batch.step
            choices[number] = self._choice(number, origin.batch.rows, origin.choices[place])
            place, origin = int(origin.of[place]), origin.batch.origin
        found = functions_of(steps, choices, outputs)
        numbers = self._start.numbers.T.dot(found.numbers[:-1])
        numbers[2] += found.numbers[-1] * self._start.unit
        return Exact(numbers, found.unit * self._start.unit)

    def corners(self, batch: Batch, place: int) -> list[Line]:
        """Return the exact corners of a piece."""
        codes = batch.polygons.lines[place, : batch.polygons.sizes[place]].tolist()
        lines = [self.line(code) for code in codes]
        return [meeting(lines[k - 1], line) for k, line in enumerate(lines)]


def _chosen(step: Piece, batch: Batch, of: Array, chosen: Array) -> tuple[Array, Array]:
    """Return the functions behind a kink or maximum, with the bounds of their errors."""
    if not isinstance(step, Kinks):
        return batch.values[chosen, of], batch.errors[chosen, of]
    slopes = np.where(chosen, step.above[:, None], step.below[:, None])[:, :, None]
    values = batch.values[:, of] * slopes
    errors = batch.errors[:, of] * np.abs(slopes)
    rounded = (~np.isin(slopes, (-1.0, 0.0, 1.0))) & ((values != 0) | (errors != 0))
    return values, errors + rounded * (UNIT * (np.abs(values) + errors) + TINY)


def _error(rounded: float, exact: Fraction) -> float:
    """Return a bound of how far a rounded number is off: 0 where it is exact."""
    return 0.0 if np.isfinite(rounded) and Fraction(rounded) == exact else abs(rounded) * UNIT + TINY


def _codes(batch: Batch) -> int:
    """Return how many numbers of lines a batch takes."""
    return len(batch) * int(batch.values.shape[0] + 1) ** 2


def _uncut(batch: Batch) -> tuple[Polygons, Array, Array]:
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


def _work(entries: int, corners: int) -> Work:
    """Return what the kernel needs for a polygon, and for rows of so many entries."""
    told = np.full((entries, corners), kernels.UNKNOWN, np.int64)
    return Work(np.zeros(6), np.zeros(corners), np.zeros(corners), np.zeros(corners, np.int64), told)


def _place(polygons: Polygons, slot: int, v: int, corner: Line) -> None:
    """Write an exact corner as floating-point numbers."""
    for c in range(2):
        exact = Fraction(corner[c], corner[2])
        polygons.corners[slot, v, c] = nearest_float(exact)
        polygons.radii[slot, v, c] = _error(polygons.corners[slot, v, c], exact)


def _corner(s: Fraction, t: Fraction) -> Line:
    """Return a corner in whole numbers."""
    (x, y), w = over_one_denominator([s, t])
    return x, y, w


def meeting(a: Line, b: Line) -> Line:
    """Return where two lines meet, or the line through two corners."""
    x, y, w = a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]
    divisor = gcd(x, y, w) * (-1 if w < 0 else 1)
    return x // divisor, y // divisor, w // divisor


def _dot(line: Line, corner: Line) -> int:
    """Return a function at a corner, up to a positive factor."""
    value: int = line[0] * corner[0] + line[1] * corner[1] + line[2] * corner[2]
    return value
