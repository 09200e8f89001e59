"""Appendix A: the chain rule."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

import mathdl
from mathdl import chain
from mathdl.book.finding import Findings, equals, near
from mathdl.book.item import item
from mathdl.plots import plot_expression

POINTS = (Fraction(-3, 2), Fraction(0), Fraction(1, 3), Fraction(2))


def polynomials(x: Any, y: Any, z: Any) -> list[Any]:
    """Return a polynomial map from R^3 to R^2."""
    return [x * y - 2 * z**2, x**2 + 3 * y * z]


def outer(u: Any, v: Any) -> list[Any]:
    """Return a polynomial map from R^2 to R^4."""
    return [u * v, u**2 - v, 5 * u, v**3]


@item(
    "thm-A.0.1",
    "The chain rule for functions of one variable",
    try_it="mathdl.gradient(mathdl.chain.sin((x := mathdl.variables('x')) ** 2), [3.0])",
)
def one_variable() -> Findings:
    """If f and g are differentiable functions of one variable, so is f(g(x)), and its derivative is f'(g(x)) g'(x)."""
    x, y = mathdl.variables("x y")
    f, g = y**3 - y / (1 + y**2), 2 * x**2 - x
    whole = g**3 - g / (1 + g**2)
    composed = [mathdl.gradient(whole, [p])[0] for p in POINTS]
    inner = [chain.evaluate(g, [p]) for p in POINTS]
    parts = [mathdl.gradient(f, [q])[0] * mathdl.gradient(g, [p])[0] for p, q in zip(POINTS, inner, strict=True)]
    yield equals(
        "derivative of f(g(x)) at -3/2, 0, 1/3, 2, for f(y) = y^3 - y/(1 + y^2), g(x) = 2x^2 - x", composed, parts
    )
    h = Fraction(1, 10**20)
    quotients = [(chain.evaluate(whole, [p + h]) - chain.evaluate(whole, [p])) / h for p in POINTS]
    away = max(abs(q - d) for q, d in zip(quotients, composed, strict=True))
    yield near("largest difference from quotients with h = 10^-20, in exact fractions", float(away), 0, 1e-14)
    wave = mathdl.gradient(chain.sin(chain.exp(x)), [0.5])[0]
    yield near("derivative of sin(e^x) at 1/2: cos(e^x) e^x", wave, np.cos(np.exp(0.5)) * np.exp(0.5), 1e-14)


@one_variable.figure(
    "f(g(x)) at x = 2 as a diagram: the derivative is the product of the edges' numbers", size=(7.0, 2.4)
)
def _draw_composition(ax: Any) -> None:
    plot_expression(chain.sin(mathdl.variables("x") ** 2), [2.0], backward=True, ax=ax)


@item(
    "thm-A.0.2",
    "The chain rule for functions of several variables",
    try_it="mathdl.jacobian([(v := mathdl.variables('x y'))[0] * v[1], v[0] + v[1]], [1.0, 2.0])",
)
def several_variables() -> Findings:
    """For g from R^n1 to R^n2 and f from R^n2 to R^n3, both differentiable, J_(f o g)(x) = J_f(g(x)) J_g(x).

    J is the Jacobian, the matrix of all derivatives: one row for each output, one column for each variable.
    """
    names, inner_names = mathdl.variables("x y z"), mathdl.variables("u v")
    g, f = polynomials(*names), outer(*inner_names)
    for point in ([Fraction(1), Fraction(2), Fraction(-1)], [Fraction(1, 2), Fraction(-3), Fraction(2, 5)]):
        whole = mathdl.jacobian(outer(*g), point)
        product = mathdl.jacobian(f, chain.evaluate(g, point)) @ mathdl.jacobian(g, point)
        at = ", ".join(map(str, point))
        yield equals(f"J of f(g(x, y, z)) at ({at}), for two polynomial maps", whole, product)
    yield equals("its shape n3 x n1 for n1 = 3, n2 = 2, n3 = 4", whole.shape, (4, 3))
    row = sum(mathdl.jacobian(f, chain.evaluate(g, point))[:, j] * mathdl.jacobian(g, point)[j, 0] for j in (0, 1))
    yield equals("its first column as the sum (A.3) over j", row, whole[:, 0])
    network = mathdl.Network([mathdl.Dense(4, "tanh"), mathdl.Dense(2, "sigmoid")], (3,), "float64", seed=1)
    blocks = network.backpropagate([0.5, -1.0, 2.0], [0.0, 0.0], "mean_square", blocks=True).output_blocks or []
    away = np.abs(network.jacobian([0.5, -1.0, 2.0]) - blocks[1] @ blocks[0]).max()
    yield near("largest difference of a network's Jacobian from the product of its layers'", away, 0, 1e-14)
