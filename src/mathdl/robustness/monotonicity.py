"""Whether a network's answer rises, or falls, with a column of a table wherever the other columns may be."""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import is_number, network_of, require_at_least, require_between, shortened
from mathdl.errors import InputError
from mathdl.networks.intervals import Box
from mathdl.networks.network import Network
from mathdl.networks.pieces import pieces_of
from mathdl.piecewise.exact_evaluation import evaluate_exactly
from mathdl.robustness.class_differences import class_differences
from mathdl.robustness.slopes import slope_bounds
from mathdl.robustness.table_inputs import Interval, TableInputs, Value

Array = NDArray[Any]
Decision = Literal["proved", "refuted", "undecided"]
Pair = tuple[dict[str, Any], dict[str, Any]]
SAMPLES, STEPS = 256, 33  # chosen: objects that are drawn, and numbers of the column with each


@dataclass(frozen=True, repr=False)
class Monotonicity:
    """Whether an answer rises or falls with a column.

    Attributes
    ----------
    column : str
    answer : object
        The class whose probability is meant; None where a number is predicted.
    increasing, decreasing : {"proved", "refuted", "undecided"}
        Proved: the answer never falls (or rises) where this number grows alone. Bounds of derivatives, rounded
        outwards, prove it; there is no certificate.
    counterexamples : dict
        By "increasing" and "decreasing", where refuted, two objects that differ in this column only, the smaller number
        first, whose answers are in the other order, in exact arithmetic.

    Examples
    --------
    >>> import mathdl
    >>> table = {"x": [float(k) for k in range(40)], "y": [2.0 * k for k in range(40)]}
    >>> run = mathdl.train(table, target="y", model="network", epochs=30)
    >>> found = mathdl.decide_monotonic(run.model, table, "x")
    >>> found.decreasing, found.counterexamples["decreasing"][0]["x"] < found.counterexamples["decreasing"][1]["x"]
    ('refuted', True)
    """

    column: str
    answer: Any
    increasing: Decision
    decreasing: Decision
    counterexamples: dict[str, tuple[dict[str, Any], dict[str, Any]]]

    def __repr__(self) -> str:
        return f"Monotonicity (in {self.column}: increasing {self.increasing}, decreasing {self.decreasing})"


def decide_monotonic(
    model: Any, X: Any, column: str, answer: Any = None, seconds: float = 10.0, seed: int = 0
) -> Monotonicity:
    """Decide whether a network's answer rises, or falls, where a column grows and all others stay as they are.

    This is asked of all objects whose numbers are known and lie between the least and the largest one of their column,
    and whose categories and dates are among those that occur there. So a table of two rows, one with the least numbers
    and one with the largest, asks about what lies between.

    Parameters
    ----------
    model : TrainedModel
        With a piecewise affine network, trained on a table.
    X : DataFrame or mapping
        Objects that say how far columns go.
    column : str
        A column of numbers.
    answer : object, optional
        The class whose probability is meant; by default the second of two. Of more classes, the probability is compared
        with that of every other one.
    seconds : float, default 10
        Time of this process.
    seed : int, default 0
        Of the objects that are tried.

    Returns
    -------
    Monotonicity

    Raises
    ------
    InputError
        If the model reads no table or has no such network, or column or answer are none of its own.

    Examples
    --------
    >>> import mathdl
    >>> table = {"x": [float(k) for k in range(40)], "class": ["low"] * 20 + ["high"] * 20}
    >>> run = mathdl.train(table, target="class", model="network", epochs=30)
    >>> found = mathdl.decide_monotonic(run.model, {"x": [10.0, 25.0]}, "x", answer="high")
    >>> found.decreasing
    'refuted'
    """
    require_between("seconds", seconds, 0)
    require_at_least("seed", seed, 0)
    if getattr(model, "preprocessing", None) is None:
        raise InputError(f"model is {shortened(model)}; give a model that mathdl.train made of a table.")
    table = TableInputs(model, X)
    if not table.is_number(table.require(column)):
        raise InputError(f"{column!r} is a column of categories, which have no order; name a column of numbers.")
    network, steps = pieces_of(network_of(model))
    chosen, rows = _differences(model, network, answer)
    question = _Question(network, table, column, rows)
    names: dict[int, str] = {1: "increasing", -1: "decreasing"}
    decided, found, until = dict[str, Decision](), {}, time.process_time() + seconds
    for sign, name in names.items():
        pair = question.seen(sign, seed)
        result = question.looked_through(sign, steps, until) if pair is None else pair
        decided[name] = "refuted" if isinstance(result, tuple) else result
        if isinstance(result, tuple):
            found[name] = result
    return Monotonicity(column, chosen, decided["increasing"], decided["decreasing"], found)


def _differences(model: Any, network: Network, answer: Any) -> tuple[Any, Array]:
    """Return the class that is meant, and the combinations of outputs that have to rise with its probability."""
    size = int(np.prod(network.output_shape))
    if not model.classes:
        if answer is not None:
            raise InputError(f"answer is {shortened(answer)}, and the model predicts numbers; leave it out.")
        return None, np.eye(size)
    if answer is None:
        if len(model.classes) != 2:
            raise InputError(f"The model has {len(model.classes)} classes; name one of {model.classes} as answer.")
        answer = model.classes[1]
    is_name = isinstance(answer, str | bool | np.bool_) or is_number(answer)
    if not is_name or answer not in model.classes:
        raise InputError(f"answer is {shortened(answer)}, which is no class of the model; give one of {model.classes}.")
    own = model.classes.index(answer)
    return answer, class_differences(own, size)


class _Part(NamedTuple):
    """A part of the objects: from where to where numbers go, and what other columns may hold."""

    numbers: dict[str, Interval]
    others: dict[str, list[Value]]


class _Question:
    """Whether combinations of a network's outputs rise with a column."""

    def __init__(self, network: Network, table: TableInputs, column: str, rows: Array) -> None:
        self._network, self._table, self._column, self._rows = network, table, column, rows
        numbers = {name: table.range(name) for name in table.numbers}
        self._whole = _Part(numbers, {name: table.occurring(name) for name in table.columns if name not in numbers})

    def seen(self, sign: int, seed: int) -> Pair | None:
        """Return two objects between which the answer goes the other way, where drawn ones show some."""
        rng, (low, high) = np.random.default_rng(seed), self._whole.numbers[self._column]
        numbers = np.unique(np.linspace(low, high, STEPS).clip(low, high))
        best, found = 0.0, None
        for _ in range(SAMPLES):
            drawn: dict[str, Any] = {n: float(rng.uniform(*ends)) for n, ends in self._whole.numbers.items()}
            drawn |= {name: values[rng.integers(len(values))] for name, values in self._whole.others.items()}
            inputs = self._table.with_numbers(self._table.inputs_of(drawn), self._column, numbers)
            outputs = self._network(inputs).reshape(len(inputs), -1).astype(np.float64)
            values = sign * self._rows @ outputs.T
            falls = (values[:, :-1] - values[:, 1:]).min(axis=0)
            if len(falls) and falls.max() > best:
                best, k = float(falls.max()), int(falls.argmax())
                found = drawn, numbers[k : k + 2].tolist()
        return None if found is None else self._pair(sign, *found)

    def looked_through(self, sign: int, steps: Any, until: float) -> Decision | Pair:
        """Return whether bounds of the derivative show it on all parts, or two objects of a part where it falls."""
        place, parts = self._table.block(self._column).start, [(0.0, 0, self._whole)]
        made = 0
        while parts:
            *_, part = heapq.heappop(parts)
            box = self._table.box(*part)
            slopes = slope_bounds(steps, box, sign * self._rows)
            if (slopes.low[:, place] >= 0).all():
                continue
            if (slopes.high[:, place] <= 0).all():
                inside: dict[str, Any] = {name: low / 2 + high / 2 for name, (low, high) in part.numbers.items()}
                inside |= {name: values[0] for name, values in part.others.items()}
                return self._pair(sign, inside, list(part.numbers[self._column])) or "undecided"
            halves = _halves(part, self._widths(box, slopes))
            if not halves or time.process_time() > until:
                return "undecided"
            for half in halves:
                made += 1
                heapq.heappush(parts, (float(slopes.low[:, place].min()), made, half))
        return "proved"

    def _pair(self, sign: int, values: dict[str, Any], ends: list[float]) -> Pair | None:
        """Return two objects with these numbers in the column, if the answer falls from the first to the second."""
        inputs = self._table.with_numbers(self._table.inputs_of(values), self._column, np.array(ends))
        first, second = (sign * self._exact(x) for x in inputs)
        if (second > first).any() or (second == first).all():
            return None
        shown = {name: value.value if isinstance(value, Value) else value for name, value in values.items()}
        return {**shown, self._column: ends[0]}, {**shown, self._column: ends[1]}

    def _exact(self, x: Array) -> Array:
        """Return the combinations of the outputs of an input, in fractions."""
        return self._rows.astype(int).astype(object) @ evaluate_exactly(self._network, x).value.ravel()

    def _widths(self, box: Box, slopes: Box) -> dict[str, float]:
        """Return how much the outputs may change with each column."""
        widths = (box.high - box.low) * slopes.sizes.max(axis=0)
        return {name: float(widths[self._table.block(name)].max()) for name in self._table.columns}


def _halves(part: _Part, widths: dict[str, float]) -> list[_Part]:
    """Return two halves of a part, cut in the widest column that can be cut; none where no column can."""
    for name in sorted(widths, key=lambda name: -widths[name]):
        if name in part.numbers:
            low, high = part.numbers[name]
            if low < (middle := low / 2 + high / 2) < high:
                ends = Interval(low, middle), Interval(middle, high)
                return [part._replace(numbers={**part.numbers, name: half}) for half in ends]
        elif len(values := part.others[name]) > 1:
            half = len(values) // 2
            return [part._replace(others={**part.others, name: some}) for some in (values[:half], values[half:])]
    return []
