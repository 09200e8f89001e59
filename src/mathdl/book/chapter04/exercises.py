"""Section 4.5: exercises 4.1 to 4.3."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise, product
from math import e, inf, log
from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter04.networks import network, value
from mathdl.book.finding import Findings, Table, equals, erratum, near, refutes, shows
from mathdl.book.item import item
from mathdl.errors import InputError
from mathdl.plots.style import COLOURS, legend

HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)
GRID = [Fraction(k, 60) for k in range(61)]  # of [0, 1]
A = [[1, 2, 3], [3, 4, 5]]
B = [[1, 1], [2, 2], [1, 1], [2, 2]]
NAMES = (1, 2, 3)


def first(x: Any) -> tuple[Any, ...]:
    """Return p(x) of exercise 4.1b."""
    return (x / 2, x * x / 2, 1 - x / 2 - x * x / 2)


def second(x: Any) -> tuple[Any, ...]:
    """Return the other function of exercise 4.1b."""
    middle, last = 4 * x * (1 - x), x * (1 - 2 * x) ** 2
    return (1 - middle - last, middle, last)


def rejected(x: Any) -> tuple[Any, ...]:
    """Return q(x) of exercise 4.1c."""
    return (x, 1 - x, (x - HALF) ** 2)


def _draw(classifier: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any], None]:
    """Return what draws the three components of a soft classifier on [0, 1]."""

    def draw(ax: Any) -> None:
        xs = np.linspace(0, 1, 101)
        for k, (values, dashes) in enumerate(zip(classifier(xs), ("-", "--", ":"), strict=True)):
            ax.plot(xs, values, color=COLOURS[k], linestyle=dashes, label=f"class {k + 1}")
        ax.set(xlabel="x", ylabel="probability")
        legend(ax)

    return draw


@item(
    "exercise-4.1a",
    "Why three-class soft classifiers map to R^3",
    try_it="mathdl.check_probabilities([[0.5, 0.5]], classes=3).message",
)
def three_numbers() -> Findings:
    """Say why a soft classifier of points of [0, 1], which belong to one of three classes, is a function p to R^3."""
    vectors = [first(x) for x in GRID]
    yield equals("length of p(x)", len(first(HALF)), 3, "One probability is needed for each of the three classes.")
    check = mathdl.check_probabilities(vectors, classes=3)
    yield equals(
        "whether 61 vectors of the p of part b are three probabilities each",
        check.holds,
        True,
        "Each is from 0 to 1, and one of the classes is right, so that they add up to 1.",
    )
    wrong = [mathdl.check_probabilities([[Fraction(1, n)] * n], classes=3).holds for n in (2, 4)]
    yield equals(
        "whether two or four probabilities do", wrong, (False, False), "A class would have none, or none a class."
    )
    yield erratum(
        "p and p~ of part b, functions from R to R^3, are acceptable classifiers.",
        "They are so on [0, 1], where the data points are; elsewhere they need not give probabilities.",
        refutes(
            "At x = 2 they are (1, 2, -2) and (-9, -8, 18), which are no probabilities.",
            (tuple(map(int, first(2))), second(2)) == ((1, 2, -2), (-9, -8, 18)),
        ),
        equals(
            "whether both give probabilities at 61 points of [0, 1]",
            [mathdl.check_probabilities([f(x) for x in GRID]).holds for f in (first, second)],
            (True, True),
        ),
    )


@item(
    "exercise-4.1b",
    "Two admissible polynomial soft classifiers",
    try_it="mathdl.check_probabilities([[x / 2, x * x / 2, 1 - x / 2 - x * x / 2] for x in (0.0, 0.3, 1.0)])",
)
def two_soft_classifiers() -> Findings:
    """Show that two functions are soft classifiers of points of [0, 1] in three classes.

    p(x) = (x/2, x^2/2, 1 - x/2 - x^2/2), and p~(x) with second component 4x(1 - x), third component x(1 - 2x)^2 and
    first component what is left to 1.
    """
    sums = {sum(f(x)) for f in (first, second) for x in GRID[:4]}
    yield equals(
        "sums of the components of both at four points",
        sums,
        {Fraction(1)},
        "The sums are polynomials of degree 3 at most; what is 1 at four points is 1 everywhere.",
    )
    ranges = [[(min(c), max(c)) for c in zip(*map(f, GRID), strict=True)] for f in (first, second)]
    yield equals(
        "smallest and largest value of the components of p on a grid of [0, 1]",
        ranges[0],
        ((0, HALF), (0, HALF), (0, 1)),
        "The first two rise from 0 to 1/2, so that the third falls from 1 to 0.",
    )
    squares = max(abs(1 - second(x)[1] - (1 - 2 * x) ** 2) for x in GRID)
    yield equals(
        "largest |1 - 4x(1 - x) - (1 - 2x)^2|",
        squares,
        0,
        "The second component of p~ is 1 less a square, and as a product of two numbers that are not negative "
        "it is from 0 to 1.",
    )
    factored = max(abs(second(x)[0] - (1 - x) * (1 - 2 * x) ** 2) for x in GRID)
    yield equals(
        "largest |p~_1(x) - (1 - x)(1 - 2x)^2|",
        factored,
        0,
        "So the first and the third component are not negative; as the three add up to 1, none is above 1.",
    )
    yield equals("smallest and largest value of the components of p~", ranges[1], ((0, 1),) * 3)
    yield equals(
        "whether both are probabilities at 61 points, exactly",
        [mathdl.check_probabilities([f(x) for x in GRID]).holds for f in (first, second)],
        (True, True),
    )


two_soft_classifiers.figure("the components of p on [0, 1]")(_draw(first))
two_soft_classifiers.figure("the components of p~ on [0, 1]")(_draw(second))


@item(
    "exercise-4.1c",
    "Reject a non-normalised candidate",
    try_it="mathdl.check_probabilities([[x, 1 - x, (x - 0.5) ** 2] for x in (0.5, 0.0)]).message",
)
def a_wrong_candidate() -> Findings:
    """Decide whether q(x) = (x, 1 - x, (x - 1/2)^2) is a soft classifier on [0, 1]."""
    off = max(abs(sum(rejected(x)) - 1 - (x - HALF) ** 2) for x in GRID)
    yield equals(
        "largest |q_1 + q_2 + q_3 - 1 - (x - 1/2)^2| on a grid",
        off,
        0,
        "x and 1 - x add up to 1 already, so the sum is 1 + (x - 1/2)^2.",
    )
    yield equals(
        "points of the grid at which the sum is 1",
        [x for x in GRID if sum(rejected(x)) == 1],
        (HALF,),
        "The square is 0 at x = 1/2 only.",
    )
    yield equals("q(0)", rejected(Fraction(0)), (0, 1, QUARTER))
    yield equals("its sum", sum(rejected(Fraction(0))), Fraction(5, 4), "It is not 1: q is not a soft classifier.")
    yield equals("whether q(0) is a probability vector", mathdl.check_probabilities(rejected(Fraction(0))).holds, False)


@item(
    "exercise-4.1d",
    "Compare two classifiers on three points",
    try_it="mathdl.harden([[1, 0, 0], [0, 1, 0], [0, 0, 1]], classes=[1, 2, 3])",
)
def compare_two_classifiers() -> Findings:
    """Say which of p and p~ of part b does better on the points 0, 1/2 and 1, of the classes 1, 2 and 3."""
    xs = (Fraction(0), HALF, Fraction(1))
    p, q = [first(x) for x in xs], [second(x) for x in xs]
    yield Table({"x": xs, "class": NAMES, "p(x)": p, "p~(x)": q})
    yield equals("p at 0, 1/2 and 1", p, ((0, 0, 1), (QUARTER, Fraction(1, 8), Fraction(5, 8)), (HALF, HALF, 0)))
    yield equals("p~ at 0, 1/2 and 1", q, ((1, 0, 0), (0, 1, 0), (0, 0, 1)))
    exact = mathdl.ExactClassifier(xs, NAMES).predict_proba(xs)
    yield equals(
        "largest difference of p~ from the exact soft classifier of the three points",
        max(abs(a - b) for row, one in zip(q, exact, strict=True) for a, b in zip(row, one, strict=True)),
        0,
        "p~ gives the right class the probability 1 each time.",
    )
    yield equals(
        "classes by the largest component of p at 0 and 1/2",
        mathdl.harden(p[:2], NAMES),
        (3, 3),
        "Both are wrong: the right ones are 1 and 2.",
    )
    try:
        mathdl.harden(p[2], NAMES)
        tied = False
    except InputError:
        tied = True
    yield shows(
        "At x = 1 the classes 1 and 2 are tied, so that no class is defined; neither is the right one, 3.", tied
    )
    right = [row[name - 1] for row, name in zip(p, NAMES, strict=True)]
    yield equals("probabilities that p gives to the right classes", right, (0, Fraction(1, 8), 0))
    loss = sum(inf if chance == 0 else -log(chance) for chance in right)
    yield equals("cross-entropy of p, the sum of -log of these", str(loss), "inf", "-log 0 is infinite.")
    hits = [int((mathdl.harden(f, NAMES, ties="first") == NAMES).sum()) for f in (p, q)]
    yield equals("right answers of p and of p~", hits, (0, 3), "p~ does better: it is exact on the three points.")


@item("exercise-4.2a", "Softmax of (1,0,-1)", try_it="mathdl.softmax([1.0, 0.0, -1.0])")
def softmax_of_three() -> Findings:
    """Apply the softmax function sigma to y = (1, 0, -1)."""
    p = mathdl.softmax([1, 0, -1])
    total = e + 1 + 1 / e
    yield near("e + 1 + 1/e", total, 4.08616126963, 1e-11, "The sum of e^1, e^0 and e^-1, by which each is divided.")
    yield near("sigma(y)", p, (e / total, 1 / total, 1 / e / total), 1e-15, "sigma(y) = (e, 1, 1/e) / (e + 1 + 1/e)")
    yield near("sigma(y) in numbers", p, (0.665240955774822, 0.244728471054798, 0.090030573170380), 1e-15)
    yield near(
        "ratios of neighbouring entries",
        (p[0] / p[1], p[1] / p[2]),
        (e, e),
        1e-14,
        "Entries of y that differ by 1 make probabilities whose ratio is e.",
    )


@item("exercise-4.2b", "Softmax never reaches a vertex", try_it="mathdl.softmax([36.0, 0.0, 0.0])[0] < 1")
def softmax_reaches_no_vertex() -> Findings:
    """Decide whether there is a y in R^3 with sigma(y) = (1, 0, 0), where sigma is softmax."""
    ts = (0, 1, 2, 5, 10, 20, 36)
    values = [float(mathdl.softmax([t, 0, 0])[0]) for t in ts]
    away = max(abs(p - 1 / (1 + 2 * e**-t)) for p, t in zip(values, ts, strict=True))
    yield near(
        "largest |sigma_1(t, 0, 0) - 1 / (1 + 2 e^-t)|",
        away,
        0,
        1e-15,
        "Every e^(y_i) is positive, so that no entry of softmax is 0, and none is 1.",
    )
    yield equals("whether sigma_1(t, 0, 0) rises with t", all(a < b for a, b in pairwise(values)), True)
    yield shows("It is below 1 at t = 36.", values[-1] < 1)
    yield near(
        "1 - sigma_1(36, 0, 0)",
        1 - values[-1],
        0,
        1e-15,
        "(1, 0, 0) is approached, and never reached: there is no such y.",
    )
    yield equals(
        "sigma(38, 0, 0), entry 1, in double precision",
        float(mathdl.softmax([38, 0, 0])[0]),
        1.0,
        "This is rounding: 1 + 2 e^-38 is nearer to 1 than to the next larger number, so that 1 is divided by 1.",
    )
    yield shows("Its other entries are not 0 even in double precision.", (mathdl.softmax([38, 0, 0])[1:] > 0).all())


@item(
    "exercise-4.2c",
    "Softmax alone is not a hard classifier",
    try_it="mathdl.harden(mathdl.softmax([[0.3, 1.0, -1.0]]), classes=[1, 2, 3])",
)
def softmax_is_soft() -> Findings:
    """Explain why softmax alone does not give a hard classifier."""
    draw = np.random.default_rng(0).normal(size=(1000, 3)) * 3
    p = mathdl.softmax(draw)
    yield shows(
        "Of 1,000 vectors of softmax no entry is 0 or 1.",
        (p > 0).all() and (p < 1).all(),
        "A hard classifier gives one class, a vector with a single 1; by part b softmax gives none such.",
    )
    tie = mathdl.softmax([0.3, 0.3, -1.0])
    yield equals(
        "difference of the first two entries of sigma(0.3, 0.3, -1)",
        float(tie[0] - tie[1]),
        0.0,
        "Equal outputs stay equal, so not even the largest entry need be a single one.",
    )
    agree = int((mathdl.harden(p, NAMES) == draw.argmax(axis=1) + 1).sum())
    yield equals(
        "of 1,000 vectors y, those for which the largest entries of sigma(y) and y are at one place",
        agree,
        1000,
        "Taking the largest entry makes it hard, and for that y itself does as well as sigma(y).",
    )


@item(
    "exercise-4.3a",
    "Layer dimensions from two matrices",
    try_it="mathdl.Network([mathdl.Dense(2, bias=False), mathdl.Dense(4, bias=False)], (3,)).node_layers",
)
def dimensions_of_layers() -> Findings:
    """A network without biases has A = (1 2 3; 3 4 5) before and B = (1 1; 2 2; 1 1; 2 2) after its hidden layer.

    What are the dimensions of the input, of the hidden layer and of the output?
    """
    yield equals("rows and columns of A", np.shape(A), (2, 3), "A maps the input, R^3, to the hidden layer, R^2.")
    yield equals("rows and columns of B", np.shape(B), (4, 2), "B maps the hidden layer to the output, R^4.")
    net = network((A, None), (B, None))
    yield equals("weights", net.size, 14)
    yield equals("dimensions of input, hidden layer and output", net.node_layers, (3, 2, 4))


@item(
    "exercise-4.3b",
    "Explicit formula of a 3-2-4 network",
    try_it="mathdl.Network([mathdl.Dense(2, 'relu'), mathdl.Dense(2)], input_shape=(2,)).formula()",
)
def explicit_formula() -> Findings:
    """Write the network of part a, whose neurons all have ReLU, as a formula in x = (x1, x2, x3)."""
    net = network((A, None), (B, None))
    lines = net.formula().splitlines()
    yield equals(
        "hidden neurons",
        lines[:2],
        ("h1 = relu(x1 + 2 x2 + 3 x3)", "h2 = relu(3 x1 + 4 x2 + 5 x3)"),
        "Row j of A holds the weights of hidden neuron j.",
    )
    yield equals(
        "outputs",
        lines[2:],
        ("y1 = relu(h1 + h2)", "y2 = relu(2 h1 + 2 h2)", "y3 = relu(h1 + h2)", "y4 = relu(2 h1 + 2 h2)"),
        "h1, h2 and the entries of B are not negative, so that the outer ReLU changes nothing.",
    )
    given = [(1, 0, 0), (1, 1, 1), (1, -1, 0), (-1, 1, 0), (-2, 0, 1), (-3, 1, 1)]
    expected = ((4, 8), (18, 36), (0, 0), (2, 4), (1, 2), (2, 4))
    yield equals(
        "f at " + ", ".join(map(str, given)),
        [value(net, *x) for x in given],
        tuple(y * 2 for y in expected),
        "f(x) = (S, 2S, S, 2S) with S = ReLU(x1 + 2 x2 + 3 x3) + ReLU(3 x1 + 4 x2 + 5 x3)",
    )
    sums = [max(a + 2 * b + 3 * c, 0) + max(3 * a + 4 * b + 5 * c, 0) for a, b, c in given]
    yield equals("S at these points", sums, tuple(y for y, _ in expected))


@item(
    "exercise-4.3c",
    "Compatibility of consecutive weight matrices",
    try_it="mathdl.Network([mathdl.Dense(2), mathdl.Dense(4)], input_shape=(3,)).layers[1].weights.shape",
)
def compatible_matrices() -> Findings:
    """Say for which matrices A and B a network has A before and B after its only hidden layer."""
    sides = range(1, 5)
    fitting = wrong = 0
    for rows, columns, after, before in product(sides, repeat=4):
        try:
            np.zeros((after, before)) @ np.zeros((rows, columns))
            fits = True
        except ValueError:
            fits = False
        fitting += fits
        wrong += fits != (before == rows)
    yield equals("of the 256 pairs of matrices with 1 to 4 rows and columns, those where B A is defined", fitting, 64)
    yield equals(
        "pairs for which that is not the same as: B has as many columns as A has rows",
        wrong,
        0,
        "A gives as many numbers as it has rows, one for each hidden neuron; B takes as many as it has columns.",
    )
    shapes = {
        tuple(
            layer.weights.shape
            for layer in network((np.ones((h, n)).tolist(), None), (np.ones((m, h)).tolist(), None)).layers
        )
        for n, h, m in product(sides, repeat=3)
    }
    yield equals(
        "networks of these sizes, whose matrices are h by n and m by h",
        len(shapes),
        64,
        "The condition: the number h of B's columns is that of A's rows.",
    )
    yield shows("In all of them the columns of B are as many as the rows of A.", all(b[1] == a[0] for a, b in shapes))
