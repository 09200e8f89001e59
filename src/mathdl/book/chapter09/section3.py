"""Section 9.3: the chain rule on diagrams."""

from __future__ import annotations

from itertools import pairwise
from math import cos, exp, pi, sqrt
from typing import Any

import mathdl
from mathdl import chain
from mathdl.book.finding import Findings, Table, differs, equals, erratum, near, refutes
from mathdl.book.item import item
from mathdl.errors import InputError
from mathdl.plots import plot_expression

POINT = (0.5, pi, 1.0, 1.0)
T = exp(1 + sqrt(2) / 2)
S = T / (1 + T) ** 2
TRY_EXPRESSION = (
    "mathdl.gradient(1 / ((v := mathdl.variables('x y z w'))[3] + "
    "mathdl.chain.exp(v[2] + mathdl.chain.cos(v[1] * v[0] ** 2))), [0.5, 3.14159, 1.0, 1.0])"
)


def sigma() -> Any:
    """Return the function of (9.26): 1 / (w + exp(z + cos(y x^2)))."""
    x, y, z, w = mathdl.variables("x y z w")
    return 1 / (w + chain.exp(z + chain.cos(y * x**2)))


def steps(p: Any, y: Any, z: Any, w: Any) -> dict[str, Any]:
    """Return q, r, s, t, u and sigma, each made of the one before."""
    q = y * p
    r = chain.cos(q)
    s = z + r
    t = chain.exp(s)
    u = w + t
    return {"q": q, "r": r, "s": s, "t": t, "u": u, "sigma": 1 / u}


def below(p: float) -> list[float]:
    """Return the derivatives of sigma with respect to p, y, z, w at the point, where p = x^2."""
    names = mathdl.variables("p y z w")
    found: list[float] = mathdl.gradient(steps(*names)["sigma"], [p, *POINT[1:]])
    return found


def pairs() -> Any:
    """Return sin(xy + xz + yz) with the sum of three as one node."""
    x, y, z = mathdl.variables("x y z")
    return chain.sin(chain.total([x * y, x * z, y * z]))


@item("ex-9.3.1", "Backpropagation through a sigmoid-like function", try_it=TRY_EXPRESSION)
def sigmoid_like() -> Findings:
    """The gradient of sigma(x, y, z, w) = 1 / (w + exp(z + cos(y x^2))) at (1/2, pi, 1, 1), by its diagram.

    With p = x^2, q = y p, r = cos q, s = z + r, t = e^s, u = w + t, sigma = 1/u: first the values from left to right,
    then the derivatives of sigma with respect to u, t, s, r, q, p from right to left, each by the one before.
    """
    f = sigma()
    names = mathdl.variables("p y z w")
    values = {
        name: chain.evaluate(node, {"p": 0.25, "y": pi, "z": 1.0, "w": 1.0}) for name, node in steps(*names).items()
    }
    yield Table({"node": list(values), "value": list(values.values())})
    forward = (pi / 4, sqrt(2) / 2, 1 + sqrt(2) / 2, T, 1 + T, 1 / (1 + T))
    yield near("q, r, s, t, u and sigma", list(values.values()), forward, 1e-14)
    yield near("sigma", values["sigma"], 0.1535393562, 5e-11)
    gradient = mathdl.gradient(f, POINT)
    stated = (0.2887096901, 0.0229747871, -0.1299650223, -0.0235743339)
    yield near("gradient in x, y, z, w", gradient, stated, 5e-11)
    exact = (pi * sqrt(2) * S / 2, sqrt(2) * S / 8, -S, -1 / (1 + T) ** 2)
    yield near("the same by formulas with S = t / (1 + t)^2", gradient, exact, 1e-14)
    paths = chain.gradient_by_paths(f, POINT)
    yield near("the same path by path", paths, gradient, 1e-14, "a product of derivatives for each path, as in (9.37)")
    naive, backward = chain.counts_by_paths(f), chain.counts_backward(f)
    yield equals("derivatives, path by path", naive.derivatives, 19, "7 + 6 + 4 + 2 on the four paths")
    yield equals("derivatives and products, backward", backward[:2], (10, 9), "every edge has one derivative")
    yield _of_the_gradient(gradient)
    yield erratum(
        "The naive way needs 16 products of derivatives (step 5), or 20 (step 7).",
        "It needs 15, since k derivatives on a path have k - 1 products: 6 + 5 + 3 + 1.",
        differs("products, path by path", naive.multiplications, 16),
        differs("the same", naive.multiplications, 20),
        equals("the same", naive.multiplications, 15),
    )
    yield erratum(
        "sigma is a function on all of R^4.",
        "It has no value where w + exp(z + cos(y x^2)) = 0.",
        refutes("At (0, 0, -1, -1) the denominator is -1 + e^0 = 0: there is no value.", not has_value(f)),
        equals("w + exp(z + cos(y x^2)) there", -1 + exp(-1 + cos(0)), 0),
    )


def _of_the_gradient(gradient: list[float]) -> Any:
    """Return what is printed wrong of the derivatives in (9.51) to (9.54)."""
    by_p, by_y = below(0.25)[:2]
    return erratum(
        "sigma_x = pi sqrt(2) t / (4 (1 + t)^2) in (9.54), from an 8 in the denominators of (9.52) and (9.53); the "
        "middle of (9.51) is sqrt(2) t / (1 + t)^2 p.",
        "sigma_x = pi sqrt(2) t / (2 (1 + t)^2), and so is dsigma/dp; (9.51) needs a 2 in its middle denominator.",
        differs("sigma_x", gradient[0], pi * sqrt(2) * S / 4, 1e-6),
        differs("dsigma/dp", by_p, pi * sqrt(2) * S / 8, 1e-6),
        differs("dsigma/dy", by_y, sqrt(2) * S * 0.25, 1e-6),
        near("sigma_x", gradient[0], pi * sqrt(2) * S / 2, 1e-14),
        near("dsigma/dp, the same since 2x = 1", by_p, pi * sqrt(2) * S / 2, 1e-14),
        near("dsigma/dy, with sqrt(2) t / (2 (1 + t)^2) p", by_y, sqrt(2) * S / 2 * 0.25, 1e-14),
    )


def has_value(f: Any) -> bool:
    """Whether sigma has a value at (0, 0, -1, -1)."""
    try:
        chain.evaluate(f, [0.0, 0.0, -1.0, -1.0])
    except InputError:
        return False
    return True


def uses_of(node: Any, user: Any) -> int:
    """Return how often a node is an argument of another one."""
    return sum(argument is node for argument in user.arguments)


@sigmoid_like.figure("values forward, below them the derivatives of sigma backward", size=(10.0, 3.4))
def _draw_values(ax: Any) -> None:
    plot_expression(sigma(), POINT, backward=True, ax=ax)


@item(
    "fig-9.2",
    "The diagram of the sigmoid-like function",
    try_it="mathdl.chain.counts_backward(mathdl.variables('x') ** 2)",
)
def sigmoid_diagram() -> Findings:
    """Variables and operations of sigma are nodes; an edge leads from each to what is computed from it."""
    edges = chain.counts_backward(sigma())
    yield equals("edges, each with one derivative", edges.derivatives, 10)
    yield equals("products of derivatives, one less", edges.multiplications, 9, "u -> sigma needs none")
    paths = chain.counts_by_paths(sigma())
    yield equals("sums of paths", (paths.additions, edges.additions), (0, 0), "every variable has a single path")
    order = steps(*mathdl.variables("p y z w"))
    uses = [uses_of(before, after) for before, after in pairwise(order.values())]
    yield equals("how often each of q, r, s, t, u is used in the next", uses, (1, 1, 1, 1, 1))


@sigmoid_diagram.figure("the diagram of 1 / (w + exp(z + cos(y x^2)))", size=(10.0, 2.8))
def _draw_sigmoid(ax: Any) -> None:
    plot_expression(sigma(), ax=ax)


@item("ex-9.3.2", "A diagram whose inputs are used twice")
def shared_inputs() -> Findings:
    """The gradient of f(x, y, z) = sin(xy + xz + yz): each variable has two edges, so that two products are added."""
    f, point = pairs(), [0.5, 1.0, 2.0]
    slope = cos(3.5)
    yield near("gradient at (1/2, 1, 2)", mathdl.gradient(f, point), [slope * 3, slope * 2.5, slope * 1.5], 1e-14)
    naive, backward = chain.counts_by_paths(f), chain.counts_backward(f)
    yield equals("derivatives, products, sums, path by path", naive, (18, 12, 3))
    yield equals("derivatives, products, sums, backward", backward, (10, 9, 3))
    x, y, z = mathdl.variables("x y z")
    binary = chain.sin(x * y + x * z + y * z)
    counts = (*chain.counts_by_paths(binary), *chain.counts_backward(binary))
    yield equals("the same six with sums of two", counts, (22, 16, 3, 11, 10, 3))
    one_path = slope * point[1]
    yield erratum(
        "The same steps apply where a node feeds several others.",
        "Then the products that come back along its edges have to be added: one sum less than it has edges.",
        differs("product of the derivatives from f over xy to x", one_path, mathdl.gradient(f, point)[0], 1e-6),
        near("sum over both edges of x", one_path + slope * point[2], mathdl.gradient(f, point)[0], 1e-14),
    )


@shared_inputs.figure("values at (1/2, 1, 2), below them the derivatives of f", size=(7.0, 3.4))
def _draw_shared(ax: Any) -> None:
    plot_expression(pairs(), [0.5, 1.0, 2.0], backward=True, ax=ax)


@item("fig-9.3", "The diagram with shared inputs")
def shared_diagram() -> Findings:
    """x, y and z have two outgoing edges each; there are two paths from each of them to the output."""
    x, y, z = mathdl.variables("x y z")
    products = [x * y, x * z, y * z]
    yield equals("products that use x, y, z", [sum(uses_of(v, p) for p in products) for v in (x, y, z)], (2, 2, 2))
    yield equals("edges", chain.counts_backward(pairs()).derivatives, 10, "6 + 3 + 1")
    paths = chain.counts_by_paths(pairs())
    yield equals("paths from the inputs to the output", paths.derivatives // 3, 6, "three edges on each")


@shared_diagram.figure("the diagram of sin(xy + xz + yz)", size=(7.0, 3.0))
def _draw_pairs(ax: Any) -> None:
    plot_expression(pairs(), ax=ax)
