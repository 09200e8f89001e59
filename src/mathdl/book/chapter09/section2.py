"""Section 9.2: the chain rule in two examples."""

from __future__ import annotations

from math import e, sin

import numpy as np

import mathdl
from mathdl import chain
from mathdl.book.finding import Findings, equals, near
from mathdl.book.item import item


@item(
    "ex-9.2.1",
    "The chain rule for one variable",
    try_it="mathdl.gradient(mathdl.chain.cos(mathdl.chain.exp(x := mathdl.variables('x')) + 2 * x), [0.0])",
)
def one_variable() -> Findings:
    """The derivative at x = 0 of f(g(x)) for f(y) = cos y and g(x) = e^x + 2x is f'(g(0)) g'(0)."""
    x, y = mathdl.variables("x y")
    f, g = chain.cos(y), chain.exp(x) + 2 * x
    inner = chain.evaluate(g, [0.0])
    yield equals("g(0)", inner, 1)
    yield near("f'(y) = -sin y at y = g(0)", mathdl.gradient(f, [inner])[0], -0.841471, 5e-7)
    yield equals("g'(0) = e^0 + 2", mathdl.gradient(g, [0.0])[0], 3)
    whole = mathdl.gradient(chain.cos(g), [0.0])[0]
    yield near("derivative of f(g(x)) at 0", whole, -2.524412954, 5e-10, "-3 sin 1, the product of the two")
    yield near("the same by the formula", whole, -3 * sin(1), 1e-14)


@item(
    "ex-9.2.2",
    "The chain rule as a product of Jacobians",
    try_it="mathdl.jacobian([(v := mathdl.variables('x y'))[0] * v[1], v[0] ** 2 + v[1] ** 2], [1.0, 0.0])",
)
def two_variables() -> Findings:
    """For f(u, v) = (u^2 + 3uv, e^(u + v)) and g(x, y) = (xy, x^2 + y^2), find all derivatives of f(g(x, y)) at (1, 0).

    The Jacobian of the composition is the Jacobian of f at g(1, 0) times the Jacobian of g at (1, 0).
    """
    x, y, u, v = mathdl.variables("x y u v")
    f = [u**2 + 3 * u * v, chain.exp(u + v)]
    p, q = g = [x * y, x**2 + y**2]
    inner = chain.evaluate(g, [1.0, 0.0])
    yield equals("g(1, 0)", inner, (0, 1))
    outer_slopes, inner_slopes = mathdl.jacobian(f, inner), mathdl.jacobian(g, [1.0, 0.0])
    yield near("Jacobian of f there", outer_slopes, [[3, 0], [e, e]], 1e-14)
    yield equals("Jacobian of g at (1, 0)", inner_slopes, [[0, 1], [2, 0]])
    yield near("their product", outer_slopes @ inner_slopes, [[0, 3], [2 * e, e]], 1e-14)
    whole = mathdl.jacobian([p**2 + 3 * p * q, chain.exp(p + q)], [1.0, 0.0])
    away = np.abs(whole - outer_slopes @ inner_slopes).max()
    yield near("largest difference from the Jacobian of f(g(x, y)) at (1, 0)", away, 0, 1e-14)
