"""A ReLU network that follows an expression, node by node: what is affine as it is, kinks exactly, curves by segments.

A product is a difference of squares, and a power an exponential of a logarithm, so that only functions of one number
are ever curved. How far each may be off follows from how strongly the expression depends on it at many points.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.chain.derivatives import adjoints_of
from mathdl.chain.evaluation import evaluate, values_of
from mathdl.chain.expression import Expression, expression, nodes_of, variables_of
from mathdl.chain.operations import apply
from mathdl.errors import InputError
from mathdl.networks.network import Network
from mathdl.piecewise.sampling import sampled
from mathdl.piecewise.tunnel import Polyline, fewest_segments
from mathdl.piecewise.wires import Wire, Wires

Reals = NDArray[np.float64]
Box = Sequence[tuple[float, float]]
BEND = 1 / 2000  # of the error: so far chords between the sampled points may miss; chosen
KEPT = 0.99  # of the error: what rounding and the points between those sampled leave of it; chosen
POINTS, WEIGHED = 4000, 200  # at which values and derivatives of nodes are sampled; chosen
MARGIN = 0.02  # by which the ranges that were sampled are widened; chosen
STRAIGHT = {"add", "subtract", "negative", "sum", "relu", "abs", "maximum", "minimum"}
CURVED = {"exp", "log", "log2", "sqrt", "sin", "cos", "tan", "tanh", "sigmoid"}


def segments(f: Any, low: float, high: float, error: float, name: str) -> Polyline:
    """Return a function of few segments that is as near as the error to a function of arrays."""
    x, y = sampled(f, low, high, error * BEND, name)
    room = min(KEPT * error, float(np.ptp(y) + np.max(np.abs(y)) + 1))
    return fewest_segments(x, y - room, y + room)


def simplified(f: Expression) -> Expression:
    """Return the expression with squares, exponentials and logarithms in place of norms, quotients and powers."""
    made: dict[Expression, Expression] = {}
    for node in nodes_of([f]):
        if node.operation is None:
            made[node] = node
            continue
        name, given = node.operation.name, [made[argument] for argument in node.arguments]
        if name == "norm":
            found = apply("sqrt", apply("sum", *(x * x for x in given)))
        elif name == "logsumexp":
            found = apply("log", apply("sum", *(apply("exp", x) for x in given)))
        elif name == "divide" and given[0].constant is None and given[1].constant is None:
            found = given[0] * (1 / given[1])
        elif name == "power" and given[1].constant is None:
            found = apply("exp", given[1] * apply("log", given[0]))
        else:
            found = apply(name, *given)
        made[node] = expression(found)
    return made[f]


class Follower:
    """What a network of a given error needs to know of an expression on a box."""

    def __init__(self, f: Expression, box: Box) -> None:
        self.f, self.box, self.variables = simplified(f), box, variables_of([f])
        generator = np.random.default_rng(0)
        corners = np.array(np.meshgrid(*box)).reshape(len(box), -1)[:, :POINTS]
        low, high = np.array(box).T
        inside = low[:, None] + (high - low)[:, None] * generator.random((len(box), POINTS))
        self.points = np.hstack([corners, (low + high)[:, None] / 2, inside])
        with np.errstate(all="ignore"):
            self.values = values_of([self.f], dict(zip(self.variables, self.points, strict=True)))
        self._weights: dict[Expression, float] = {}
        for point in self.points[:, :WEIGHED].T.tolist():
            found = values_of([self.f], dict(zip(self.variables, point, strict=True)))
            for node, adjoint in adjoints_of(self.f, found, 1.0)[0].items():
                self._weights[node] = max(self._weights.get(node, 0.0), abs(float(adjoint)))
        self._of: dict[Expression, frozenset[Expression]] = {}
        self._straight: dict[Expression, bool] = {}
        for node in nodes_of([self.f]):
            self._of[node] = frozenset([node] if node.name is not None else []).union(
                *(self._of[each] for each in node.arguments)
            )
            self._straight[node] = all(self._straight[each] for each in node.arguments) and (
                node.operation is None or node.operation.name in STRAIGHT or self._factor(node) is not None
            )

    def network(self, error: float) -> Network:
        """Return a network whose curved nodes add up to about the error."""
        needed = self._needed()
        count = sum(node is self.f or not self._straight[node] for node in needed)
        self._share, self._made = error / max(count, 1), dict[Expression, Wire]()
        self._wires = Wires(self.box)
        self._made |= dict(zip(self.variables, self._wires.inputs, strict=True))
        for node in needed:
            self._made[node] = self._wire(node)
        return self._wires.network(self._made[self.f])

    def _needed(self) -> list[Expression]:
        """Return the nodes that get a wire, arguments first: below a curve in one variable only the variable."""
        found, stack = set[Expression](), [self.f]
        while stack:
            node = stack.pop()
            if node not in found and node.name is None and node.constant is None:
                found.add(node)
                stack += [] if self._alone(node) else node.arguments
        return [node for node in nodes_of([self.f]) if node in found]

    def _alone(self, node: Expression) -> bool:
        """Whether a node is a curve in one variable."""
        return len(self._of[node]) == 1 and (node is self.f or not self._straight[node])

    def _wire(self, node: Expression) -> Wire:
        assert node.operation is not None
        error = self._share / max(self._weights.get(node, 0.0), 1e-6)
        name, wires = node.operation.name, self._wires
        if self._alone(node):
            (variable,) = self._of[node]
            return self._curve(lambda t: evaluate(node, {variable: t}), self._made[variable], error, node)
        given, factor = [self._made.get(each) for each in node.arguments], self._factor(node)
        known = [(wire, 1.0) for wire in given if wire is not None]
        constant = sum(float(each.constant) for each in node.arguments if each.constant is not None)
        if factor is not None:
            return wires.combined([known[0][0]], [factor])
        if name in ("add", "sum"):
            return wires.combined([wire for wire, _ in known], [1.0] * len(known), constant)
        if name in ("subtract", "negative", "maximum", "minimum"):
            return self._of_two(name, [each or _constant(n) for each, n in zip(given, node.arguments, strict=True)])
        if name in ("relu", "abs"):
            (wire,) = (wire for wire, _ in known)
            sides = [wires.rectified(wires.combined([wire], [sign])) for sign in (1.0, -1.0)]
            return sides[0] if name == "relu" else wires.combined(sides, [1.0, 1.0])
        if name == "multiply":
            return self._product(node, error)
        if name in CURVED or (name in ("divide", "power") and len(known) == 1):
            fixed = {each: each.constant for each in node.arguments if each.constant is not None}
            (argument,) = (each for each in node.arguments if each.constant is None)
            operation = node.operation

            @np.errstate(all="ignore")
            def at(t: Reals) -> Any:
                return operation.value(*(fixed.get(each, t) for each in node.arguments))

            return self._curve(at, self._in_range(argument, at), error, node)
        raise InputError(f"approximate: there is no network for {name} of several variables, in {node}; leave it out.")

    def _of_two(self, name: str, given: list[Wire]) -> Wire:
        """Return a difference, a maximum or a minimum."""
        wires = self._wires
        if name == "negative":
            return wires.combined(given, [-1.0])
        if name == "subtract":
            return wires.combined(given, [1.0, -1.0])
        return wires.larger(given[0], given[1], 1.0 if name == "maximum" else -1.0)

    def _product(self, node: Expression, error: float) -> Wire:
        """Return x y as ((a x + y / a)^2 - (a x - y / a)^2) / 4, or as a square."""
        x, y = (self._in_range(each, np.square) for each in node.arguments)
        if node.arguments[0] is node.arguments[1]:
            return self._curve(np.square, x, error, node)
        a = (max(abs(y.low), abs(y.high)) / max(abs(x.low), abs(x.high), 1e-300)) ** 0.5 or 1.0
        sides = [self._wires.combined([x, y], [a, sign / a]) for sign in (1.0, -1.0)]
        squares = [self._curve(np.square, side, 2 * error, node) for side in sides]
        return self._wires.combined(squares, [0.25, -0.25])

    def _curve(self, f: Any, wire: Wire, error: float, node: Expression) -> Wire:
        """Return a curved function of a wire by segments."""
        line = segments(f, wire.low, wire.high, error, f"{node}")
        weights, layer = self._wires.neurons(wire, line.shifted_neurons())
        heights = line.start + np.concatenate([[0.0], np.cumsum(line.slopes * np.diff(line.knots))])
        return Wire(layer, weights, line.start, float(heights.min()), float(heights.max()))

    def _in_range(self, node: Expression, f: Any) -> Wire:
        """Return the wire of a node with the range of its sampled values, a little widened, as far as f has values."""
        wire, values = self._made[node], self.values[node]
        if node.name is not None:
            return wire
        least, most = float(values.min()), float(values.max())
        slack = MARGIN * (most - least) + self._share
        low, high = least - slack, most + slack
        with np.errstate(all="ignore"):  # a root or a logarithm may end where the values do
            found = np.isfinite(f(np.array([low, high])))
        return wire._replace(low=low if found[0] else least, high=high if found[1] else most)

    def _factor(self, node: Expression) -> float | None:
        """Return the constant by which a node multiplies its other argument, if it does only that."""
        if node.operation is None or node.operation.name not in ("multiply", "divide"):
            return None
        x, y = node.arguments
        if y.constant is not None:
            return float(y.constant) if node.operation.name == "multiply" else 1 / float(y.constant)
        return float(x.constant) if x.constant is not None and node.operation.name == "multiply" else None


def _constant(node: Expression) -> Wire:
    value = float(node.constant)
    return Wire(0, {}, value, value, value)
