"""A network's responses to all pictures at once: its layers applied to pictures of symbols (see ``symbols.py``).

A network is a list of steps, each a list: ``["pad", above, below, left, right, value]``,
``["convolve", channels, rows, columns, down, across, bias]`` with a bias for each ``"channel"``, each ``"position"``
or ``"none"``, ``["pool", "max" or "mean", rows, columns, down, across]``, ``["flatten"]``, ``["dense", units, bias]``
with true or false, ``["apply", function, number, which]`` (a slope, the value at 0 of a user's own function, and which
of these it is), ``["softmax"]``, and ``["join" or "add", chains]``, whose chains of steps all read the same response.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from math import lcm, prod
from typing import Any, NamedTuple

from mathdl.certificates.data import Data
from mathdl.certificates.limits import afford, afford_bits
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.rationals import Refused, rational
from mathdl.certificates.symbols import ZERO, Form, Kernels, Names, combination, unit_after


class Response(NamedTuple):
    """Forms channel by channel, row by row; a vector has the shape (n,)."""

    forms: list[Form]
    shape: tuple[int, ...]
    unit: int

    def row(self, channel: int, row: int) -> list[Form]:
        """Return a row of a picture."""
        start = (channel * self.shape[1] + row) * self.shape[2]
        return self.forms[start : start + self.shape[2]]

    def block(self, corner: tuple[int, int, int], rows: int, columns: int) -> list[Form]:
        """Return the forms of a block of a picture, row by row, from a channel, row and column on."""
        channel, top, left = corner
        start = (channel * self.shape[1] + top) * self.shape[2] + left
        found: list[Form] = []
        for place in range(start, start + rows * self.shape[2], self.shape[2]):
            found += self.forms[place : place + columns]
        return found

    def moved(self, shift: Sequence[int], cyclic: bool, filled: Sequence[Form]) -> Response:
        """Return the picture moved; what is not cyclic is filled, each channel with a form of its own."""
        (channels, height, width), (down, right) = self.shape, shift
        forms: list[Form] = []
        for c, i in product(range(channels), range(height)):
            if cyclic:
                row, start = self.row(c, (i - down) % height), -right % width
                forms += row[start:] + row[:start]
            elif 0 <= i - down < height:
                row, new = self.row(c, i - down), [filled[c]] * min(abs(right), width)
                forms += new + row[: width - len(new)] if right > 0 else row[len(new) :] + new
            else:
                forms += [filled[c]] * width
        return Response(forms, self.shape, self.unit)

    def outside(self, box: Sequence[int]) -> list[list[Form]]:
        """Return what each channel holds outside of rows and columns from and up to, but without, the given ones."""
        top, bottom, left, right = box
        forms: list[list[Form]] = [[] for _ in range(self.shape[0])]
        for c, i in product(*map(range, self.shape[:2])):
            row = self.row(c, i)
            inside = top <= i < bottom
            forms[c] += [form for j, form in enumerate(row) if not left <= j < right] if inside else row
        return forms


class Responses:
    """The names that occur, the parameters as whole numbers over one denominator, and the effort so far."""

    def __init__(self, parameters: Sequence[int], below: int, names: Names | None = None) -> None:
        self.names = Names() if names is None else names
        self._parameters, self._below, self.effort = parameters, below, 0
        self._kernels: dict[tuple[int, int], Kernels] = {}  # of convolutions, by their first parameter and unit

    def pictures(self, shape: Sequence[int], border: Sequence[int]) -> Response:
        """Return the picture of which nothing is known but that its border is 0."""
        if len(shape) != 3 or not all(type(side) is int and side > 0 for side in shape):
            raise Refused("the pictures' shape is not three positive whole numbers")
        self._spend(prod(shape), 1)
        _, height, width = shape
        above, under, left, right = border
        forms = [
            self.names.form(("pixel", c, i, j), 1, False, True)
            if above <= i < height - under and left <= j < width - right
            else ZERO
            for c, i, j in product(*map(range, shape))
        ]
        return Response(forms, tuple(shape), 1)

    def after(self, step: Any, x: Response, first: int) -> tuple[Response, int]:
        """Return the response after a step whose parameters start at ``first``, and where the next ones start."""
        kind, *options = step if isinstance(step, list) and step else [None]
        if kind in ("pad", "convolve", "pool") and len(x.shape) != 3:
            raise Refused(f"the step {kind!r} is applied to what is no picture")
        if kind == "flatten":
            return Response(x.forms, (len(x.forms),), x.unit), first
        if kind == "pad":
            return self._padded(x, *options), first
        if kind == "pool":
            return self._pooled(x, *options), first
        if kind == "apply":
            return self._applied(x, *options), first
        if kind == "softmax":
            unit, forms = x.unit, tuple(combination([1, -1], [form, x.forms[0]]) for form in x.forms)
            moving = any(map(self.names.moving, forms))
            made = [self.names.form(("softmax", i, forms, unit), unit, True, moving) for i in range(len(forms))]
            return Response(made, x.shape, unit), first
        if kind == "convolve":
            return self._convolved(x, first, *options)
        if kind == "dense":
            return self._dense(x, first, *options)
        if kind in ("join", "add"):
            return self._branched(kind, x, first, *options)
        raise Refused(f"{str(kind)[:40]!r} is no step that this checker knows")

    def after_all(self, steps: Sequence[Any], x: Response) -> Response:
        """Return the response after steps that together use all parameters."""
        first = 0
        for step in steps:
            x, first = self.after(step, x, first)
        self.finish(first)
        return x

    def contradiction(self, fact: Numbers, x: Response, moved: Response, cyclic: bool) -> str:
        """Say what is not shown of a fact about the responses to a picture and to the picture moved."""
        shift, box, blank = (fact.plain(name) for name in ("shift", "support", "blank"))
        fact.refuse_unread()
        outside: list[list[Form]] = [[] for _ in range(x.shape[0])]
        if box is not None:
            if len(x.shape) != 3:
                raise Refused("what is no picture has no support")
            outside = x.outside(fact.whole("support", 4))
            if any(map(self.names.moving, (form for forms in outside for form in forms))):
                return "a number outside of the support is not shown to be the same for all pictures"
        if blank is not None:
            if box is None:
                raise Refused("what has no support is nowhere blank")
            values = [[_constant(rational(text), x.unit)] for text in _list("blank", blank, x.shape[0])]
            if any(set(forms) - set(value) for forms, value in zip(outside, values, strict=True)):
                return "a number outside of the support is not shown to be as stated"
            outside = values
        if shift is None:
            return ""
        down, right = fact.whole("shift", 2)
        if len(x.shape) != 3 and (down or right):
            raise Refused("what is no picture cannot move")
        if (down or right) and not cyclic and not all(len(set(forms)) == 1 for forms in outside):
            return "it is not shown what enters at the border"
        if len(x.shape) == 3:
            x = x.moved((down, right), cyclic, [forms[0] if forms else ZERO for forms in outside])
        return "" if x == moved else f"the response is not shown to move by {down} down and {right} to the right"

    def finish(self, first: int) -> None:
        """Refuse parameters that no step has used."""
        if first != len(self._parameters):
            raise Refused(f"the steps have {first} parameters, and not {len(self._parameters)}")

    def _take(self, first: int, count: int) -> Sequence[int]:
        """Return so many parameters."""
        if first + count > len(self._parameters):
            raise Refused("the steps have more parameters than there are")
        return self._parameters[first : first + count]

    def _spend(self, operations: int, unit: int) -> None:
        """Refuse what takes too long, or too much memory."""
        self.effort += operations * (1 + unit.bit_length() // 512)
        afford(self.effort)
        afford_bits(operations * unit.bit_length())

    def _padded(self, x: Response, above: int, below: int, left: int, right: int, value: str) -> Response:
        above, below, left, right = _whole(0, above, below, left, right)
        constant = rational(value)
        channels, height, width = x.shape
        shape = (channels, height + above + below, width + left + right)
        self._spend(prod(shape), x.unit)
        x = _in_unit(x, lcm(x.unit, constant.denominator))
        border = _constant(constant, x.unit)
        forms: list[Form] = []
        for c, i in product(range(channels), range(-above, height + below)):
            row = x.row(c, i) if 0 <= i < height else [border] * width
            forms += [border] * left + row + [border] * right
        return Response(forms, shape, x.unit)

    def _blocks(self, x: Response, sides: Sequence[int], strides: Sequence[int]) -> tuple[int, int]:
        """Return how many blocks there are, down and across."""
        counts = [
            (length - side) // step + 1 if length >= side else 0
            for length, side, step in zip(x.shape[1:], sides, strides, strict=True)
        ]
        if not min(counts):
            raise Refused("a block is larger than the picture")
        self._spend(prod(counts) * prod(sides) * x.shape[0], x.unit)
        return counts[0], counts[1]

    def _pooled(self, x: Response, kind: str, rows: int, columns: int, down: int, across: int) -> Response:
        rows, columns, down, across = _whole(1, rows, columns, down, across)
        counts, forms = self._blocks(x, (rows, columns), (down, across)), []
        if kind not in ("max", "mean"):
            raise Refused(f"{str(kind)[:40]!r} is no way to pool")
        for c, i, j in product(range(x.shape[0]), *map(range, counts)):
            block = x.block((c, i * down, j * across), rows, columns)
            largest = kind == "max"
            forms.append(self.names.largest(block, x.unit) if largest else combination([1] * len(block), block))
        return Response(forms, (x.shape[0], *counts), x.unit * (1 if kind == "max" else rows * columns))

    def _applied(self, x: Response, name: str, value: Any, which: int) -> Response:
        function = (name, None if value is None else rational(value), which)
        if name in ("leaky_relu", "own") and value is None:
            raise Refused(f"the number that belongs to {name!r} is missing")
        unit = unit_after(function, x.unit)
        self._spend(len(x.forms), unit)
        return Response(self.names.applied(function, x.forms, x.unit), x.shape, unit)

    def _convolved(
        self, x: Response, first: int, channels: int, rows: int, columns: int, down: int, across: int, bias: str
    ) -> tuple[Response, int]:
        channels, rows, columns, down, across = _whole(1, channels, rows, columns, down, across)
        counts, taps = self._blocks(x, (rows, columns), (down, across)), x.shape[0] * rows * columns
        if bias not in ("channel", "position", "none"):
            raise Refused(f"{str(bias)[:40]!r} is no kind of bias")
        flat = self._take(first, channels * taps)
        count = {"none": 0, "channel": channels, "position": channels * prod(counts)}[bias]
        biases = [b * x.unit for b in self._take(first + channels * taps, count)]
        kernels = self._kernels.setdefault(
            (first, x.unit), Kernels([flat[c * taps : (c + 1) * taps] for c in range(channels)])
        )
        by_place = []
        for place, (i, j) in enumerate(product(*map(range, counts))):
            blocks = [x.block((c, i * down, j * across), rows, columns) for c in range(x.shape[0])]
            patch = tuple([form for block in blocks for form in block])
            own = tuple(biases if bias == "channel" else biases[place :: prod(counts)] or [0] * channels)
            made = kernels.known(patch, own)
            if made is None:
                self._spend(channels * sum(1 + len(form[1]) for form in patch), x.unit * self._below)
                made = kernels.combinations(patch, own)
            by_place.append(made)
        forms = [made[c] for c in range(channels) for made in by_place]
        return Response(forms, (channels, *counts), x.unit * self._below), first + channels * taps + count

    def _dense(self, x: Response, first: int, units: int, bias: bool) -> tuple[Response, int]:
        (units,), inputs = _whole(1, units), len(x.forms)
        if len(x.shape) != 1 or type(bias) is not bool:
            raise Refused("a dense step is applied to what is no vector, or does not say whether it has a bias")
        self._spend(units * sum(1 + len(form[1]) for form in x.forms), x.unit * self._below)
        rows, biases = self._take(first, units * inputs), self._take(first + units * inputs, units * bias)
        kernels = Kernels([rows[i * inputs : (i + 1) * inputs] for i in range(units)])
        forms = kernels.combinations(tuple(x.forms), tuple(b * x.unit for b in biases) or (0,) * units)
        return Response(forms, (units,), x.unit * self._below), first + units * (inputs + bias)

    def _branched(self, kind: str, x: Response, first: int, chains: Any) -> tuple[Response, int]:
        if not isinstance(chains, list) or not chains or not all(isinstance(chain, list) for chain in chains):
            raise Refused("the branches are no list of lists of steps")
        ends = []
        for chain in chains:
            end = x
            for step in chain:
                end, first = self.after(step, end, first)
            ends.append(end)
        unit = lcm(*(end.unit for end in ends))
        ends = [_in_unit(end, unit) for end in ends]
        self._spend(sum(1 + len(form[1]) for end in ends for form in end.forms), unit)
        if kind == "join":
            forms = [form for end in ends for form in end.forms]
            return Response(forms, (len(forms),), unit), first
        if len({end.shape for end in ends}) > 1:
            raise Refused("what is added has different shapes")
        ways = zip(*(end.forms for end in ends), strict=True)
        return Response([combination([1] * len(ends), forms) for forms in ways], ends[0].shape, unit), first


class Row(NamedTuple):
    """Data that are one row: the shape of a network's inputs, and its parameters as whole numbers over ``below``."""

    shape: tuple[int, ...]
    parameters: list[int]
    below: int


def only_row(data: Data) -> Row:
    """Return what data say of a network; refuse other data."""
    data.refuse_weights()
    (row, *others), below = data.integers
    shape = tuple(v // below if v % below == 0 else 0 for v in row[:3])
    if others or data.labels is not None or min(shape) < 1:
        raise Refused("the data are not one row, without a label, that begins with the shape of the inputs")
    afford(prod(shape))
    return Row(shape, row[3:], below)


def _in_unit(x: Response, unit: int) -> Response:
    """Return a response in another unit, a multiple of its own."""
    times = unit // x.unit
    forms = [(c * times, names, tuple([k * times for k in factors])) for c, names, factors in x.forms]
    return Response(forms, x.shape, unit)


def _list(name: str, value: Any, length: int) -> list[Any]:
    """Return a list of so many; refuse another value."""
    if not isinstance(value, list) or len(value) != length:
        raise Refused(f"{name!r} is no list of {length}")
    return value


def _constant(value: Fraction, unit: int) -> Form:
    """Return a number as a form."""
    if unit % value.denominator:
        raise Refused("a number outside of the support is not as stated")
    return int(value * unit), (), ()


def _whole(least: int, *values: Any) -> Iterator[int]:
    """Return whole numbers of at least ``least``; refuse others."""
    if not all(type(value) is int and least <= value < 2**31 for value in values):
        raise Refused(f"a step's sizes are not whole numbers of at least {least}")
    return iter(values)
