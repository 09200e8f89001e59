"""Section 5.3: exercises."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

import mathdl
from mathdl.book.finding import Findings, Table, at_least, differs, equals, erratum, refutes, shows
from mathdl.book.item import item
from mathdl.plots.style import COLOURS, INK, legend

Numbers = Sequence[Any]
FOUR = [Fraction(value) for value in (1, 2, 10, 11)]
CENTRED = [Fraction(value) for value in (-9, -1, 1, 9)]
TENTHS = [Fraction(k, 10) for k in range(-9, 10)]


def squares(x: Numbers) -> Any:
    """Return the sum of squares."""
    return sum((each * each for each in x), Fraction(0))


def pairs(x: Numbers) -> Any:
    """Return the sum of squared differences over all ordered pairs."""
    return sum(((a - b) ** 2 for a in x for b in x), Fraction(0))


def scatter(x: Numbers) -> Any:
    """Return the sum of squared distances from the mean."""
    return mathdl.cluster_cost(x, [0] * len(x)).total


def sets(count: int, least: int = 2, most: int = 6) -> list[list[Any]]:
    """Draw sets of fractions."""
    generator = np.random.default_rng(52)
    sizes = generator.integers(least, most + 1, size=count)
    above, below = generator.integers(-30, 31, size=(count, most)), generator.integers(1, 10, size=(count, most))
    return [[Fraction(int(above[i, j]), int(below[i, j])) for j in range(n)] for i, n in enumerate(sizes)]


def divisions(x: Numbers) -> list[tuple[list[Any], list[Any]]]:
    """Return all divisions into two clusters, neither of them empty, each once."""
    found = []
    for rest in product((0, 1), repeat=len(x) - 1):
        if any(rest):
            parts = [[each for each, label in zip(x, (0, *rest), strict=True) if label == c] for c in (0, 1)]
            found.append((parts[0], parts[1]))
    return found


def cost(first: Numbers, second: Numbers) -> Any:
    """Return what a division costs."""
    return mathdl.cluster_cost([*first, *second], [0] * len(first) + [1] * len(second)).cost


def printed_cost(first: Numbers, second: Numbers) -> Any:
    """Return the cost as part d prints it, with the weight 1/N for both clusters."""
    n = len(first) + len(second)
    return squares([*first, *second]) - (sum(first, Fraction(0)) ** 2 + sum(second, Fraction(0)) ** 2) / n


def means_apart(first: Numbers, second: Numbers) -> Any:
    """Return (N1 N2 / N) (mean1 - mean2)^2."""
    n1, n2 = len(first), len(second)
    return Fraction(n1 * n2, n1 + n2) * (sum(first) / n1 - sum(second) / n2) ** 2


def square_of_sums(first: Numbers, second: Numbers) -> Any:
    """Return (N / (N1 N2)) (S1 - (N1/N) S)^2."""
    n1, n2 = len(first), len(second)
    return Fraction(n1 + n2, n1 * n2) * (sum(first) - Fraction(n1, n1 + n2) * sum([*first, *second])) ** 2


@item("exercise-5.1a", "A classifier for three labelled points")
def threshold_classifier() -> Findings:
    """Points -1, a and 1 of the line, with -1 < a < 1; a and 1 are of one class, -1 of another. Give a classifier."""
    right = [[t < -1, t < a, t < 1] for a in TENTHS for t in [(a - 1) / 2]]
    yield equals(
        "how often t = (a - 1)/2 lies strictly between -1 and a, for a = -0.9, -0.8, ..., 0.9",
        sum(-1 < (a - 1) / 2 < a for a in TENTHS),
        19,
        "A threshold t between -1 and a has -1 on one side, a and 1 on the other; half-way between them is (a - 1)/2.",
    )
    yield equals(
        "different answers of the rule 'x > t' for the points -1, a, 1, over all these a",
        {tuple(answer) for answer in right},
        {(False, True, True)},
        "So the class is 1 where x > (a - 1)/2, else 0: the points are classified as they are labelled.",
    )
    found = mathdl.separate([[-1.0]], [[-0.5], [1.0]]).hyperplane
    assert found is not None
    yield equals(
        "threshold half-way between the classes for a = -1/2, by the library",
        found.offset / found.normal[0],
        Fraction(-3, 4),
        "In R a hyperplane is a point. This is the widest gap, and (a - 1)/2 for a = -1/2.",
    )


@item("exercise-5.1b", "The best two clusters of -1, a, 1", try_it="mathdl.best_divisions([-1, 0, 1], 2).labels")
def three_points_in_two_clusters() -> Findings:
    """Divide the points -1, a and 1 of the line, with -1 < a < 1, into two clusters as well as can be."""
    costs = [
        [mathdl.cluster_cost([-1, a, 1], labels).cost for labels in ([0, 0, 1], [0, 1, 1], [0, 1, 0])] for a in TENTHS
    ]
    yield Table(
        {"a": TENTHS[4::5]}
        | {name: [row[k] for row in costs[4::5]] for k, name in enumerate(("-1 a | 1", "-1 | a 1", "-1 1 | a"))}
    )
    yield equals(
        "values of a among -0.9, -0.8, ..., 0.9 at which these costs are (1 + a)^2/2, (1 - a)^2/2 and 2",
        sum(row == [(1 + a) ** 2 / 2, (1 - a) ** 2 / 2, 2] for a, row in zip(TENTHS, costs, strict=True)),
        19,
        "Two points at distance d cost d^2/2, a single one nothing; -1 and 1 together cost 2, more than the others.",
    )
    found = [mathdl.best_divisions([-1, a, 1], 2) for a in TENTHS]
    yield equals(
        "cluster of a (0: that of -1) in the best division for a = -0.9, ..., -0.1",
        [best.labels[0, 1] for best in found[:9]],
        [0] * 9,
        "(1 + a)^2 < (1 - a)^2 exactly where a < 0: then a goes with -1.",
    )
    yield equals("the same for a = 0.1, ..., 0.9", [best.labels[0, 1] for best in found[10:]], [1] * 9, "Mirrored.")
    yield equals("number of best divisions where a is 0", found[9].count, 2, "Both cost 1/2: here a goes with either.")
    yield equals(
        "least costs for a of -1/2 and 1/3",
        [mathdl.best_divisions([-1, a, 1], 2).cost for a in (Fraction(-1, 2), Fraction(1, 3))],
        (Fraction(1, 8), Fraction(2, 9)),
        "So a goes with the nearer end, and the cost is half the squared distance.",
    )


@three_points_in_two_clusters.figure("cost of the three divisions of -1, a, 1 by a; the lowest curve is best")
def _draw_costs(ax: Any) -> None:
    a = np.linspace(-1, 1, 101)
    ax.plot(a, (1 + a) ** 2 / 2, "-", color=COLOURS[0], label="-1 and a | 1")
    ax.plot(a, (1 - a) ** 2 / 2, "--", color=COLOURS[1], label="-1 | a and 1")
    ax.plot(a, np.full(101, 2.0), ":", color=COLOURS[2], label="-1 and 1 | a")
    ax.plot(0, 0.5, "o", color=INK, markersize=5, label="tie at a = 0")
    ax.set(xlabel="a", ylabel="cost")
    legend(ax)


@item("exercise-5.2a", "The definition of variance", try_it="mathdl.cluster_cost([1, 2, 10, 11], [0, 0, 0, 0]).total")
def variance() -> Findings:
    """Recall the variance of N numbers x_i: the mean squared distance from their mean; here of 1, 2, 10, 11."""
    found = mathdl.cluster_cost(FOUR, [0] * 4)
    yield equals("mean of 1, 2, 10, 11", found.means[0, 0], 6, "Their sum 24 divided by N = 4.")
    yield equals(
        "scatter: the sum of squared distances from the mean", found.total, 82, "25 + 16 + 16 + 25, which is N Var."
    )
    yield equals("variance: scatter / N", found.total / 4, Fraction(41, 2), "This is the variance of the exercise.")
    yield equals(
        "sample variance: scatter / (N - 1)", found.total / 3, Fraction(82, 3), "Of a sample, an unbiased estimate."
    )


@item("exercise-5.2b", "Variance by pairs and by moments")
def variance_by_pairs() -> Findings:
    """Express the variance by the differences of pairs, and by the sums of x_i and of x_i^2."""
    drawn = sets(200, least=1)
    yield equals(
        "sets of 200 with scatter = sum of x_i^2 - S^2/N, where S is the sum of x_i",
        sum(scatter(x) == squares(x) - sum(x) ** 2 / len(x) for x in drawn),
        200,
        "Expand the sum of (x_i - S/N)^2: the mixed terms give -2 S^2/N, the last ones + S^2/N.",
    )
    yield equals(
        "sets of 200 with scatter = (1/2N) sum over i, j of (x_i - x_j)^2",
        sum(scatter(x) == pairs(x) / (2 * len(x)) for x in drawn),
        200,
        "Expand the squares: the double sum is 2N sum of x_i^2 - 2 S^2.",
    )
    yield equals(
        "sets of 200 with variance = (1/2N^2) sum over i, j of (x_i - x_j)^2 = (1/N) sum of x_i^2 - (S/N)^2",
        sum(
            scatter(x) / len(x) == pairs(x) / (2 * len(x) ** 2) == squares(x) / len(x) - (sum(x) / len(x)) ** 2
            for x in drawn
        ),
        200,
        "The variance is the scatter divided by N, and so are both expressions.",
    )
    yield erratum(
        "The variance is (1/2N) sum of (x_i - x_j)^2 = sum of x_i^2 - (1/N)(sum of x_i)^2.",
        "That is N times the variance, the scatter; the variance needs a further factor 1/N in both.",
        differs("(1/2N) sum of (x_i - x_j)^2 of 1, 2, 10, 11", pairs(FOUR) / 8, scatter(FOUR) / 4),
        equals("the same divided by N", pairs(FOUR) / 32, scatter(FOUR) / 4),
    )


@item(
    "exercise-5.2c",
    "The cost of two clusters",
    try_it="mathdl.cluster_cost([1, 2, 10, 11], [0, 0, 1, 1]).cost",
)
def cost_of_two_clusters() -> Findings:
    """Write explicitly the cost L(C1, C2) of a division: the sum of both clusters' scatters.

    N1, N2 are the sizes of the clusters C1 and C2, neither empty, and S1, S2 the sums of their numbers.
    """
    every = [parts for x in sets(100) for parts in divisions(x)]
    yield equals(
        "divisions with L = sum of x_i^2 - S1^2/N1 - S2^2/N2, less than all",
        sum(cost(a, b) != squares([*a, *b]) - sum(a) ** 2 / len(a) - sum(b) ** 2 / len(b) for a, b in every),
        0,
        "Use part b in each cluster with its own number of objects, and add.",
    )
    yield equals(
        "divisions with L = (1/2N1) (pairs in C1) + (1/2N2) (pairs in C2), less than all",
        sum(cost(a, b) != pairs(a) / (2 * len(a)) + pairs(b) / (2 * len(b)) for a, b in every),
        0,
        "The form by pairs of part b, in each cluster.",
    )
    yield equals("L of 1, 2 | 10, 11", cost(FOUR[:2], FOUR[2:]), 1, "1/2 in each cluster.")
    other = [
        min(divisions(x), key=lambda two: sum(scatter(part) / len(part) for part in two)) for x in sets(100, least=4)
    ]
    best = [mathdl.best_divisions(x, 2).cost for x in sets(100, least=4)]
    yield erratum(
        "The cost is the sum of the clusters' variances.",
        "k-means adds the scatters; adding the variances prefers other divisions.",
        refutes(
            "The division with the least sum of variances is not that of k-means for some of 100 sets.",
            any(cost(*two) > least for two, least in zip(other, best, strict=True)),
        ),
        shows(
            "The division with the least sum of scatters is that of k-means for all of them.",
            all(min(cost(*two) for two in divisions(x)) == least for x, least in zip(sets(100, 4), best, strict=True)),
        ),
    )


@item("exercise-5.2d", "The cost by the sums of the clusters")
def cost_by_sums() -> Findings:
    """Express the cost L(C1, C2) by the sum of all squares and the sums S1 and S2 of the clusters C1 and C2."""
    every = [parts for x in sets(100) for parts in divisions(x)]
    yield equals(
        "divisions in which L is not the sum of x_i^2 - S1^2/N1 - S2^2/N2",
        sum(cost(a, b) != squares([*a, *b]) - sum(a) ** 2 / len(a) - sum(b) ** 2 / len(b) for a, b in every),
        0,
        "The first form of part c; each square is divided by the number of its own cluster.",
    )
    yield equals(
        "divisions in which the printed form, with 1/N twice, is below L",
        sum(printed_cost(a, b) < cost(a, b) for a, b in every),
        0,
        "N is at least N1 and N2, so the printed form subtracts too little.",
    )
    yield equals("L of 1, 2 | 10, 11 by the right form", cost(FOUR[:2], FOUR[2:]), 1, "226 - 9/2 - 441/2.")
    yield erratum(
        "L = sum of x_i^2 - S1^2/N - S2^2/N.",
        "L = sum of x_i^2 - S1^2/N1 - S2^2/N2; even for halves of equal size the factor is 2/N.",
        differs("the printed form for 1, 2 | 10, 11, whose L is 1", printed_cost(FOUR[:2], FOUR[2:]), 1),
        equals("the printed form there", printed_cost(FOUR[:2], FOUR[2:]), Fraction(227, 2)),
        equals("the right form there", squares(FOUR) - Fraction(9, 2) - Fraction(441, 2), 1),
    )


@item("exercise-5.2e", "The cost as a constant minus a square")
def cost_and_a_square() -> Findings:
    """Write the cost L(C1, C2) as a constant, which depends on all numbers only, minus a multiple of a square.

    S, S1, S2 are the sums of all numbers and of the clusters; x = S1 - S/2 = (S1 - S2)/2.
    """
    every = [parts for x in sets(100) for parts in divisions(x)]
    constant = [scatter([*a, *b]) for a, b in every]
    yield equals(
        "divisions in which L is not the scatter of all - (N/(N1 N2)) (S1 - (N1/N) S)^2",
        sum(cost(a, b) != whole - square_of_sums(a, b) for (a, b), whole in zip(every, constant, strict=True)),
        0,
        "Put S2 = S - S1 into part d and complete the square in S1.",
    )
    yield equals(
        "divisions in which L is not the scatter of all - (N1 N2/N) (mean1 - mean2)^2",
        sum(cost(a, b) != whole - means_apart(a, b) for (a, b), whole in zip(every, constant, strict=True)),
        0,
        "S1 - (N1/N) S = (N1 N2/N) (mean1 - mean2): the best clusters have their means far apart.",
    )
    halves = [(parts, whole) for parts, whole in zip(every, constant, strict=True) if len(parts[0]) == len(parts[1])]
    yield equals(
        "divisions into halves in which L is not the scatter of all - (4/N) x^2",
        sum(cost(a, b) != whole - Fraction(4, 2 * len(a)) * ((sum(a) - sum(b)) / 2) ** 2 for (a, b), whole in halves),
        0,
        "With N1 = N2 = N/2 the factor N/(N1 N2) is 4/N, and S1 - S/2 = x.",
    )
    printed = [cost(*two) + Fraction(2, 4) * ((sum(two[0]) - sum(two[1])) / 2) ** 2 for two in divisions(FOUR)]
    yield erratum(
        "L = constant - (2/N) x^2 with x = (S1 - S2)/2.",
        "L = scatter of all - (N/(N1 N2)) (S1 - (N1/N) S)^2: the factor depends on the sizes of the clusters.",
        refutes(
            "L + (2/N) x^2 takes several values over the divisions of 1, 2, 10, 11, so that it is no constant.",
            len(set(printed)) > 1,
        ),
        equals(
            "values of L + (N1 N2/N) (mean1 - mean2)^2 over the divisions of 1, 2, 10, 11",
            {cost(*two) + means_apart(*two) for two in divisions(FOUR)},
            {Fraction(82)},
        ),
    )


@item("exercise-5.2f", "Which division is best", try_it="mathdl.best_divisions([-9, -1, 1, 9], 2).labels")
def best_division() -> Findings:
    """Say which choice of the clusters C1 and C2 makes the cost L(C1, C2) least."""
    drawn = sets(60)
    yield equals(
        "sets of 60 whose least L is the scatter of all minus the largest (N1 N2/N) (mean1 - mean2)^2",
        sum(
            mathdl.best_divisions(x, 2).cost == scatter(x) - max(means_apart(*two) for two in divisions(x))
            for x in drawn
            if len(set(x)) > 1
        ),
        sum(len(set(x)) > 1 for x in drawn),
        "By part e L is a constant minus this gain, so the best division is the one with the largest gain.",
    )
    found = mathdl.best_divisions(FOUR, 2)
    yield equals("best division of 1, 2, 10, 11", found.labels[0], (0, 0, 1, 1), "Its gain is 1 * 9^2 = 81 of 82.")
    two = mathdl.best_divisions(CENTRED, 2)
    yield equals("least L of -9, -1, 1, 9", two.cost, 56, "A far point alone: the gain is (3/4) 12^2 = 108 of 164.")
    yield equals("how many divisions reach it", two.count, 2, "The division and its mirror image.")
    by_rule = max(divisions(CENTRED), key=lambda parts: abs(sum(parts[0]) - sum(parts[1])))
    yield erratum(
        "The best choice makes |x| = |S1 - S2|/2 as large as possible.",
        "It makes (N1 N2/N) (mean1 - mean2)^2 as large as possible, over clusters that are not empty.",
        equals("the division of -9, -1, 1, 9 with the largest |x|", by_rule, ([-9, -1], [1, 9])),
        differs("its cost L, where 56 is possible", cost(*by_rule), 56),
        refutes(
            "All of 1, 2, 10, 11 in one cluster has a larger |x| than any division into two, and costs 82, not 1.",
            all(abs(sum(a) - sum(b)) < sum(FOUR) for a, b in divisions(FOUR)),
        ),
        equals(
            "cost of the division with the largest (N1 N2/N) (mean1 - mean2)^2",
            min(cost(*parts) for parts in divisions(CENTRED) if means_apart(*parts) == 108),
            56,
        ),
    )


@best_division.figure(
    "-9, -1, 1, 9: the best division (above) and the one with the largest |x| (below)", size=(4.2, 1.6)
)
def _draw_divisions(ax: Any) -> None:
    for height, labels, name in ((1, [0, 1, 1, 1], "L = 56"), (0, [0, 0, 1, 1], "L = 64")):
        for cluster, mark in ((0, "o"), (1, "s")):
            mine = [float(x) for x, label in zip(CENTRED, labels, strict=True) if label == cluster]
            ax.plot(mine, [height] * len(mine), mark, color=COLOURS[cluster], markersize=7)
            ax.plot(np.mean(mine), height, "x", color=INK, markersize=7)
        ax.annotate(name, (0, height), (0, 8), textcoords="offset points", ha="center", fontsize=8.5)
    ax.set(xlabel="x (crosses: means of the clusters)", yticks=[], ylim=(-0.5, 1.7))


@item("exercise-5.2g", "On a line the best clusters are intervals")
def intervals() -> Findings:
    """On a line, with x_1 < ... < x_n, the best two clusters are {1, ..., i0} and the rest, with 1 <= i0 <= n - 1."""
    generator = np.random.default_rng(57)
    drawn = [np.sort(generator.permutation(np.arange(-20, 21))[: 3 + k % 4]) for k in range(150)]
    exact = [[Fraction(int(each)) for each in x] for x in drawn]
    least = [min(cost(*two) for two in divisions(x)) for x in exact]
    cuts = [min(cost(x[:i], x[i:]) for i in range(1, len(x))) for x in exact]
    yield shows(
        "If a and b of different clusters with means m1 < m2 stood as b < a with a in the first, exchanging them would "
        "raise m2 - m1 with the same sizes.",
        all(cost([*c, b], [*d, a]) < cost([*c, a], [*d, b]) for c, d, a, b in _crossed(exact)),
        "Then (N1 N2/N) (m1 - m2)^2 grows and by part e the cost falls, so the division was not best.",
    )
    yield equals(
        "random sets of 150 in which the best cut costs as little as the best of all divisions",
        sum(a == b for a, b in zip(cuts, least, strict=True)),
        150,
        "So no point of one cluster lies between points of the other: the best division is a cut.",
    )
    yield equals(
        "random sets of 150 whose least cost the dynamic program finds",
        sum(mathdl.best_divisions(x, 2).cost == value for x, value in zip(drawn, least, strict=True)),
        150,
        "It tries the n - 1 cuts only, instead of 2^(n-1) - 1 divisions.",
    )
    yield at_least(
        "divisions of 20 numbers for each of their 19 cuts",
        (2**19 - 1) // 19,
        27594,
        "This is what the order of a line saves; in more dimensions there is no such order.",
    )
    of_four = [cost(FOUR[:i], FOUR[i:]) for i in (1, 2, 3)]
    yield erratum(
        "The clusters are {1, ..., i0} and the rest for some i0.",
        "With 1 <= i0 <= n - 1: for i0 = n the second cluster is empty.",
        refutes("For i0 = n, with 1, 2, 10, 11 in one cluster, the cost 82 is above all others.", max(of_four) < 82),
        equals("costs of i0 = 1, 2, 3", of_four, (Fraction(146, 3), 1, Fraction(146, 3))),
    )


def _crossed(drawn: list[list[Any]]) -> list[tuple[Any, ...]]:
    """Return divisions, the lower mean first, in which a in the first and b in the second stand as b < a."""
    found = []
    for x in drawn[:40]:
        for two in divisions(x):
            first, second = sorted(two, key=lambda part: sum(part) / len(part))
            if sum(first) / len(first) < sum(second) / len(second) and min(second) < max(first):
                a, b = max(first), min(second)
                found.append(([v for v in first if v != a], [v for v in second if v != b], a, b))
    return found
