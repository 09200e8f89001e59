"""A network's responses to pictures, step by step: in whole numbers, in floats, between bounds, or where it looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from mathdl.layers.pieces import Affine
from mathdl.networks.exact_steps import exact_step, values_of
from mathdl.networks.float_steps import after as float_after
from mathdl.networks.intervals import Box
from mathdl.networks.intervals import after as bounds_after
from mathdl.networks.steps import Steps


class Answers(NamedTuple):
    """Arrays (N, ...) in a unit, between which the answers to pictures lie."""

    low: Any
    high: Any
    unit: int = 1


class Evaluation:
    """What a network is made of, part by part as its steps; None where a step belongs to the next one.

    A final softmax is replaced by the differences to the first of its arguments, which tell as much.
    """

    def __init__(self, network: Steps) -> None:
        self.network, self.parts = network, network.pieces()
        self._last = network.steps[-1] if network.steps else [""]
        if self._last[0] == "softmax":
            differences = np.eye(network.output_shape[0])
            differences[:, 0] -= 1
            self.parts[-1] = [Affine(differences, np.zeros(len(differences)))]

    @cached_property
    def exact_parts(self) -> list[Any]:
        """The same in whole numbers."""
        return [None if part is None else [exact_step(piece) for piece in part] for part in self.parts]

    def exact(self, pictures: Any, injective: bool = True) -> Answers:
        """Return exact answers; where ``injective``, without a final function that tells different arguments apart."""
        x = self._answer(self.exact_parts, exact_after, values_of(_columns(pictures)), injective)
        return Answers(self._shaped(x.low), self._shaped(x.high), x.unit)

    def bounds(self, pictures: Any) -> Answers:
        """Return bounds of the answers, without a final function that tells different arguments apart."""
        x = _columns(np.asarray(pictures, np.float64))
        return Answers(*map(self._shaped, self._answer(self.parts, bounds_after, Box(x, x), True)))

    def floats(self, pictures: Any, injective: bool) -> Any:
        """Return the answers, rounded as usual."""
        x = _columns(np.asarray(pictures, np.float64))
        return self._shaped(self._answer(self.parts, lambda step, x: float_after(step, x)[0], x, injective))

    def _answer(self, parts: list[Any], after: Callable[[Any, Any], Any], x: Any, injective: bool) -> Any:
        """Return what comes out in columns."""
        told = injective and self._last[0] == "apply" and self._last[1] in ("sigmoid", "tanh")
        return [x, *responses(parts[:-1] if told else parts, after, x)][-1]

    def _shaped(self, x: Any) -> Any:
        """Return answers as the network's output is shaped."""
        return x.T.reshape(-1, *self.network.output_shape)


def responses(parts: list[Any], after: Callable[[Any, Any], Any], x: Any) -> Iterator[Any]:
    """Yield what is behind each part, inputs in columns."""
    for part in parts:
        for piece in part or []:
            x = after(piece, x)
        yield x


def exact_after(step: Any, x: Any) -> Any:
    """Return the values behind an exact step."""
    return step.after(x)


def _columns(pictures: Any) -> Any:
    """Return pictures as columns."""
    return pictures.reshape(len(pictures), -1).T
