"""Branch and bound: bounds of a network's outputs sharpened by splitting the box, or at kinks, whichever pays.

Where a kink's argument has one sign, a linear function of the inputs around it has this sign, too. So half of a box
comes with such cuts, and the least value of a linear function there is a linear program, whose dual solution gives a
bound that is rounded outwards, however well the program was solved. With few inputs halving the box brings more, with
many inputs and a small box splitting at kinks.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.blas import one_thread
from mathdl.layers.pieces import Kinks, Piece
from mathdl.networks.float_steps import outputs_of
from mathdl.networks.intervals import Box
from mathdl.networks.rounded import UNIT
from mathdl.piecewise.relaxation import (
    Between,
    Functions,
    Relaxation,
    functions_below,
    least,
    linear_bounds,
    relaxation,
)

Array = NDArray[Any]
TRIED = 40  # chosen: splits of both ways, before the better one goes on
CLOSE = 1e-4  # chosen: a bound this near to a value that is taken, as a share of how far it was first, is sharp


def sharpened_bounds(steps: Sequence[Piece], box: Box, seconds: float) -> Box:
    """Return bounds behind the steps, as sharp as they get within so much of this process's time."""
    found, start = linear_bounds(steps, box), time.process_time()
    ends = [found.low.copy(), found.high.copy()]
    count = 2 * len(found.low)
    for done in range(count):
        k, sign = divmod(done, 2)
        row = np.zeros((1, len(found.low)))
        row[0, k] = 1 - 2 * sign
        share = (start + seconds - time.process_time()) / (count - done)
        bound = (1 - 2 * sign) * _Least(steps, row).bound(box, share)
        ends[sign][k] = max(ends[0][k], bound) if sign == 0 else min(ends[1][k], bound)
    return Box(*ends)


class _Part(NamedTuple):
    """A part of the box: its limits, what goes into kinks there, and functions that are not negative there."""

    box: Box
    within: dict[int, Box]
    cuts: list[Functions]


class _Node(NamedTuple):
    """A part with its bound, how it was relaxed, the function below, and the combinations on the way to it."""

    bound: float
    part: _Part
    relaxed: Relaxation
    below: Functions
    way: list[Array]


class _Least:
    """The least value of a combination of outputs; ``taken`` is the least that was seen at a point."""

    def __init__(self, steps: Sequence[Piece], row: Array) -> None:
        self._steps, self._row, self._taken = steps, row, np.inf

    def bound(self, box: Box, seconds: float) -> float:
        """Return a lower bound of it on a box: of splits at kinks and of the box, those go on that bring more."""
        until = time.process_time() + seconds
        root = self._node(_Part(box, {}, []), -np.inf)
        if root is None:
            return -np.inf
        trees, best, rounds = [_Tree(root, at_kink), _Tree(root, at_input)], root.bound, 0
        while trees and best < self._taken - CLOSE * (self._taken - root.bound):
            if rounds == TRIED:
                trees = [max(trees, key=lambda tree: tree.bound)]
            for tree in trees:
                if time.process_time() > until:
                    return best
                tree.grow(self._node)
                best = max(best, tree.bound)
            trees = [tree for tree in trees if tree.can_grow]
            rounds += 1
        return best

    def _node(self, part: _Part, known: float) -> _Node | None:
        """Return a part with its bound; None where no input is in it."""
        relaxed = relaxation(self._steps, part.box, part.within)
        if any((box.low > box.high).any() for _, box in relaxed.parts):
            return None
        below, way = functions_below(relaxed.steps, part.box, self._row)
        bound, point = _least_with_cuts(below, part)
        with one_thread():
            self._taken = min(self._taken, float((self._row @ outputs_of(self._steps, point[:, None])[0])[0, 0]))
        return _Node(known if np.isnan(bound) else max(known, bound), part, relaxed, below, way)


class _Tree:
    """A box in parts, each split in the same way where it has the least bound."""

    def __init__(self, root: _Node, split: Callable[[_Node], list[_Part]]) -> None:
        self._open, self._split, self._made, self.can_grow = [(root.bound, 0, root)], split, 0, True

    @property
    def bound(self) -> float:
        """The least bound of all parts."""
        return self._open[0][0]

    def grow(self, node_of: Callable[[_Part, float], _Node | None]) -> None:
        """Split the part with the least bound."""
        *_, node = self._open[0]
        parts = self._split(node)
        self.can_grow = bool(parts)
        if parts:
            heapq.heappop(self._open)
            for half in parts:
                self._made += 1
                if (found := node_of(half, node.bound)) is not None:
                    heapq.heappush(self._open, (found.bound, self._made, found))


def _least_with_cuts(below: Functions, part: _Part) -> tuple[float, Array]:
    """Return a lower bound of a function on a part, and about where it is least."""
    box = part.box
    bound, point = float(least(below, box)[0]), np.where(below.slopes[0] > 0, box.low, box.high)
    if not part.cuts:
        return bound, point
    from scipy.optimize import linprog

    slopes = np.concatenate([cut.slopes for cut in part.cuts])
    constants = np.concatenate([cut.constants for cut in part.cuts])
    found = linprog(below.slopes[0], -slopes, constants, bounds=np.stack(box, axis=1), method="highs")
    if found.x is None:
        return bound, point
    weights = np.maximum(-found.ineqlin.marginals, 0.0)
    with one_thread():
        left = below.slopes[0] - weights @ slopes
        constant = float(below.constants[0] - weights @ constants)
        sizes = np.abs(below.slopes[0]) + weights @ np.abs(slopes)
        scale = float(sizes @ box.sizes + abs(below.constants[0]) + weights @ np.abs(constants))
    constant -= 2 * (len(weights) + 8) * UNIT * scale
    return max(bound, float(least(Functions(left[None], np.array([constant])), box)[0])), np.clip(found.x, *box)


def at_input(node: _Node) -> list[_Part]:
    """Return halves of a part's box, cut where it is widest as far as the function depends on it."""
    part, box = node.part, node.part.box
    widths = np.abs(node.below.slopes[0]) * (box.high - box.low)
    k = int(np.argmax(widths))
    middle = box.low[k] / 2 + box.high[k] / 2
    if not box.low[k] < middle < box.high[k]:
        return []
    halves = []
    for end, name in ((middle, "high"), (middle, "low")):
        changed = getattr(box, name).copy()
        changed[k] = end
        halves.append(_Part(box._replace(**{name: changed}), _boxes(node), part.cuts))
    return halves


def at_kink(node: _Node) -> list[_Part]:
    """Return a part's halves with one sign each of the argument whose kink costs the bound most."""
    best, place, k = 0.0, -1, -1
    for number, (rows, relaxed) in enumerate(zip(node.way[::-1], node.relaxed.steps, strict=True)):
        if isinstance(relaxed.step, Between):
            costs = np.abs(rows[0]) * (relaxed.step.constants[1] - relaxed.step.constants[0])
            if costs.max(initial=0.0) > best:
                best, place, k = float(costs.max()), number, int(costs.argmax())
    if k < 0:
        return []
    part, (_, box) = node.part, node.relaxed.parts[place]
    halves = []
    for side in (1.0, -1.0):
        row = np.zeros((1, len(box.low)))
        row[0, k] = -side
        opposite = functions_below(node.relaxed.steps[:place], part.box, row)[0]
        cut = Functions(-opposite.slopes, -opposite.constants)
        ends = {"low" if side > 0 else "high": _with_zero(box.low if side > 0 else box.high, k)}
        boxes = {**_boxes(node), place: box._replace(**ends)}
        halves.append(_Part(part.box, boxes, [*part.cuts, cut]))
    return halves


def _boxes(node: _Node) -> dict[int, Box]:
    """Return what goes into the kinks of a part."""
    return {number: box for number, (part, box) in enumerate(node.relaxed.parts) if isinstance(part, Kinks)}


def _with_zero(ends: Array, k: int) -> Array:
    """Return ends, one of which is 0."""
    found = ends.copy()
    found[k] = 0.0
    return found
