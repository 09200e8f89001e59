"""Items that wait for a part of the library which is not there yet."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Waiting(NamedTuple):
    """An item that does not run yet: what it is about, and what it waits for."""

    title: str
    part: str


_TITLES = {
    "the approximation of functions with a certified error": {
        "thm-4.3.1": "Universal approximation, non-negative targets, two ReLU layers",
        "thm-4.3.2": "Universal approximation, non-polynomial activation",
        "eq-4.29": "Cubics cannot approximate cosine on [0,4pi]",
        "eq-4.30": "Split the interval at the cubic roots",
        "exercise-4.4c.ii": "ReLU networks on R are piecewise affine",
        "exercise-4.4d": "Which piecewise linear functions are networks",
        "claim-4.3-depth": "Deep networks need far fewer neurons than wide ones",
    },
    "expressions, their graphs and their derivatives": {
        "ex-9.1.1": "cost of comparing two name lists",
        "def-9.1.1": "Landau big-O with witness constants",
        "fig-9.1": "picture of a big-O bound",
        "prop-9.1.1": "limit criterion for big-O",
        "ex-9.1.2": "n is O(n squared), not conversely",
        "def-9.1.2": "elementary operation",
        "ex-9.1.3": "dot product cost",
        "ex-9.1.4": "matrix product cost",
        "ex-9.2.1": "scalar chain rule at 0",
        "ex-9.2.2": "Jacobian product of two maps",
        "ex-9.3.1": "reverse mode on a sigmoid-type expression",
        "fig-9.2": "graph of the sigmoid-type expression",
        "ex-9.3.2": "graph with shared inputs",
        "fig-9.3": "graph for the shared-input example",
        "fig-9.4": "chain network, one neuron per layer",
        "sec-9.4": "finite differences versus backpropagation cost",
        "prop-9.4.1": "linear-cost gradient for a chain network",
        "rem-9.4.1": "layers equal parameters",
        "rem-9.4.2": "squared error against known targets",
        "rem-9.4.3": "same result on a batch",
        "sec-9.5": "backpropagation algorithm for dense networks",
        "fig-9.5": "general dense network diagram",
        "fig-9.6": "shapes in the gradient product",
        "exercise-9.1": "operations in e^x+6e^{3x}-5",
        "exercise-9.2a": "one or two evaluations of f",
        "exercise-9.2b.i": "eleven evaluations in the direct sum",
        "exercise-9.2b.ii": "six evaluations by symmetry",
        "exercise-9.3a": "sparse matvec multiplications",
        "exercise-9.3b": "sparse matvec additions depend on pattern",
        "exercise-9.4": "efficient partials of nested trigonometric function",
        "exercise-9.5": "no shared work in separable sum",
        "exercise-9.6a": "two-neuron network as composition",
        "exercise-9.6b": "four weights per layer",
        "exercise-9.6c": "layer partial derivatives",
        "exercise-9.6d": "chain rule for one weight",
        "exercise-9.6e": "cost of one partial derivative",
        "exercise-9.6f": "cost of all partial derivatives",
        "exercise-9.7a": "cost of one layer",
        "exercise-9.7b": "cost of loss evaluation",
        "exercise-9.7c": "cost of input Jacobian",
        "exercise-9.7d": "cost of one weight derivative",
        "exercise-9.7e": "cost of weight Jacobian block",
        "exercise-9.7f": "total backpropagation cost",
        "exercise-9.8a.i": "layer count setting",
        "exercise-9.8a.ii": "leaky ReLU and derivative",
        "exercise-9.8a.iii": "forward pass and square loss",
        "exercise-9.8a.iv": "backpropagation routine",
        "exercise-9.8a.v": "finite-difference routine",
        "exercise-9.8b": "timing both gradient routines",
        "exercise-9.8c": "doubling the layers",
        "claim-9.1-strassen": "Strassen's multiplication beats n^2 (2n-1) for large matrices",
        "thm-A.0.1": "scalar chain rule",
        "thm-A.0.2": "multivariable chain rule",
    },
    "the convolution of functions, and of signals of any rank": {
        "def-10.1.1": "convolution of functions",
        "ex-10.1.1": "local averaging by a box kernel",
        "rem-10.1.1": "convolution used elsewhere",
        "def-10.1.2": "two-variable convolution",
        "rem-10.1.5": "other tensor ranks",
        "exercise-10.4a": "function convolution commutes",
    },
}

WAITING: Mapping[str, Waiting] = MappingProxyType(
    {id: Waiting(title, part) for part, titles in _TITLES.items() for id, title in titles.items()}
)
