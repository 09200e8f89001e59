"""What chapter 8 says before its first section: critical points, and momentum."""

from __future__ import annotations

from typing import Any

import numpy as np

import mathdl
from mathdl.book.finding import Findings, Table, equals, erratum, near, refutes, shows
from mathdl.book.item import item
from mathdl.plots.style import COLOURS, legend

KINDS = {  # by the terms of a function of x1 and x2, what the test says of (0, 0)
    "minimum": {(2, 0): 1, (0, 2): 1},
    "maximum": {(2, 0): -1, (0, 2): -1},
    "saddle": {(2, 0): 1, (0, 2): -1},
}
FLAT: list[dict[tuple[int, int], int]] = [
    {(4, 0): 1, (0, 4): 1},
    {(4, 0): 1, (0, 4): -1},
    {(2, 0): 1, (0, 3): 1},
]


@item(
    "claim-8-critical",
    "Critical points and the second-derivative test",
    try_it="mathdl.second_derivative_test(mathdl.Polynomial({(2, 0): 1, (0, 2): -1}), [0, 0])",
)
def critical_points() -> Findings:
    """A critical point a of a function L is one with grad L(a) = 0: a local minimum, local maximum or saddle point.

    The Hessian, the matrix of the second derivatives of L at a, tells them apart: with positive eigenvalues only a is a
    minimum, with negative ones only a maximum, with some of both a saddle.
    """
    for kind, terms in KINDS.items():
        f = mathdl.Polynomial(terms)
        yield equals(f"what (0, 0) is for {f}", mathdl.second_derivative_test(f, [0, 0]).kind, kind)
        away = mathdl.second_derivative_test(f, [1, 0])
        yield equals(f"what (1, 0) is for {f}, and its gradient", (away.kind, away.gradient[1]), ("not critical", 0))
    flat = [mathdl.Polynomial(terms) for terms in FLAT]
    names = ", ".join(map(str, flat))
    least = min(flat[0].exact([u, v]) for u in range(-2, 3) for v in range(-2, 3) if (u, v) != (0, 0))
    yield erratum(
        "The second-derivative test distinguishes minima, maxima and saddle points.",
        "It does where the Hessian is regular; a singular one without eigenvalues of both signs decides nothing.",
        refutes(
            f"At (0, 0) the functions {names} have a singular Hessian without eigenvalues of both signs.",
            all(mathdl.second_derivative_test(f, [0, 0]).kind == "undecided" for f in flat),
        ),
        equals("least value of the first at whole points beside (0, 0), where it is 0: a minimum", least, 1),
        equals("the second at (0, 1), (1, 0): a saddle", (flat[1].exact([0, 1]), flat[1].exact([1, 0])), (-1, 1)),
        equals("the third at (0, -1), (0, 1): a saddle", (flat[2].exact([0, -1]), flat[2].exact([0, 1])), (-1, 1)),
    )


START, MOMENTUM = 1.6, 0.9


def two_wells() -> mathdl.Polynomial:
    """Return (x^2 - 1)^2 + 0.3 x, with a local minimum near 1 and the global one near -1."""
    return mathdl.Polynomial({(4,): 1, (2,): -2, (1,): 0.3, (0,): 1})


def rolled(tau: float, momentum: float) -> mathdl.Descent:
    """Return descent in the two wells."""
    return mathdl.gradient_descent(two_wells(), [START], mathdl.SGD(tau, momentum=momentum), steps=5000)


def steps_until_near(rule: Any) -> int:
    """Return the steps on a1^2 / 2 + 50 a2^2 from (1, 1) until |a| is at most a millionth of what it was."""
    valley = mathdl.Quadratic([[1.0, 0.0], [0.0, 100.0]])
    points = mathdl.gradient_descent(valley, [1.0, 1.0], rule, steps=1000, tolerance=0.0).points
    return int(np.argmax(np.linalg.norm(points, axis=1) <= 1e-6 * np.sqrt(2)))


@item(
    "claim-8-momentum",
    "Momentum saves time, and may pass a local minimum",
    try_it="mathdl.gradient_descent(mathdl.Polynomial({(4,): 1, (2,): -2, (1,): 0.3}), [1.6], "
    "mathdl.SGD(0.02, momentum=0.9)).point",
)
def momentum() -> Findings:
    """The heavy ball: v_(k+1) = beta v_k + grad L(a_k), a_(k+1) = a_k - tau v_(k+1), with a momentum beta below 1.

    The velocity v keeps part of the former gradients. In a long valley this saves steps, and a ball that comes with
    speed may roll through a local minimum; with another learning rate tau it may also stay in it.
    """
    plain, heavy = mathdl.SGD(2 / 101), mathdl.SGD(4 / 121, momentum=(9 / 11) ** 2)
    counts = steps_until_near(plain), steps_until_near(heavy)
    yield equals(
        "steps to |a| <= |a_0| / 10^6 in the valley a1^2 / 2 + 50 a2^2, plain and heavy ball", counts, (691, 93)
    )
    without, with_it, slower = rolled(0.02, 0.0), rolled(0.02, MOMENTUM), rolled(0.01, MOMENTUM)
    yield Table(
        {
            "tau": [0.02, 0.02, 0.01],
            "beta": [0.0, MOMENTUM, MOMENTUM],
            "ends at x": [float(run.point[0]) for run in (without, with_it, slower)],
            "value": [run.value for run in (without, with_it, slower)],
        }
    )
    yield near("end of plain descent in (x^2 - 1)^2 + 0.3 x from 1.6, tau = 0.02", without.point[0], 0.9601496, 1e-7)
    yield near("its value there, a local minimum", without.value, 0.294146, 1e-6)
    yield near("end of descent with momentum 0.9 and the same tau", with_it.point[0], -1.0355787, 1e-7)
    yield near("its value there, the global minimum", with_it.value, -0.305428, 1e-6)
    yield near("end with momentum 0.9 and tau = 0.01: the local minimum", slower.point[0], 0.9601496, 1e-7)
    yield shows("So momentum helps to pass local minima, but it is no promise.", slower.value > with_it.value)


@momentum.figure("the graph of (x^2 - 1)^2 + 0.3 x with plain descent and with momentum, both with tau = 0.02")
def _draw_momentum(ax: Any) -> None:
    x = np.linspace(-1.7, 1.7, 200)
    ax.plot(x, (x**2 - 1) ** 2 + 0.3 * x, color=COLOURS[0], label="L")
    for run, marker, name in ((rolled(0.02, 0.0), "s", "plain"), (rolled(0.02, MOMENTUM), "o", "momentum 0.9")):
        look = {"markersize": 3, "linewidth": 0.7, "color": COLOURS[1 if marker == "s" else 2]}
        ax.plot(run.points[:40, 0], run.values[:40] + (0.15 if marker == "o" else 0), marker + "-", label=name, **look)
    ax.set(xlabel="x", ylabel="L (momentum drawn 0.15 higher)")
    legend(ax)
