"""The book's statements about clusters (chapter 5), each test named after its item.

Where the book as printed is wrong, the corrected statement is tested, and that the printed one fails.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.preprocessing import StandardScaler

from mathdl import ClusterOutlierDetector, KMeans, learning_mode
from mathdl.book.data import (
    leaves,
    transaction_features,
    transactions,
    unknown_words,
    unlabelled_points,
)
from mathdl.errors import InputError
from mathdl.solvers.interval_clusters import exact_cost, interval_clusters

Rationals = Sequence[Fraction]


def scatter(x: Iterable[Any]) -> Fraction:
    """The sum of squared deviations from the mean."""
    x = list(x)
    mean = sum(x, Fraction(0)) / len(x)
    return sum(((each - mean) ** 2 for each in x), Fraction(0))


def squares(x: Rationals) -> Fraction:
    return sum((each * each for each in x), Fraction(0))


def pairs(x: Rationals) -> Fraction:
    """The sum of squared differences over all ordered pairs."""
    return sum(((a - b) ** 2 for a in x for b in x), Fraction(0))


def sets(count: int, seed: int, least: int = 2, most: int = 6) -> list[list[Fraction]]:
    """Random sets of rationals."""
    generator = random.Random(seed)
    sizes = [generator.randint(least, most) for _ in range(count)]
    return [[Fraction(generator.randint(-30, 30), generator.randint(1, 9)) for _ in range(n)] for n in sizes]


def bipartitions(x: Rationals) -> list[tuple[list[Fraction], list[Fraction]]]:
    """All divisions into two clusters, neither of them empty, each once."""
    found = []
    for rest in product((0, 1), repeat=len(x) - 1):
        if any(rest):
            labels = (0, *rest)
            found.append(tuple([each for each, label in zip(x, labels, strict=True) if label == c] for c in (0, 1)))
    return found  # type: ignore[return-value]


def true_cost(clusters: Iterable[Rationals]) -> Fraction:
    return sum((scatter(cluster) for cluster in clusters), Fraction(0))


def printed_cost(first: Rationals, second: Rationals) -> Fraction:
    """What part d of the exercise prints, with the weight 1/N for both clusters."""
    n = len(first) + len(second)
    return squares([*first, *second]) - (sum(first, Fraction(0)) ** 2 + sum(second, Fraction(0)) ** 2) / n


def halves(first: Any, second: Any) -> tuple[list[Fraction], list[Fraction]]:
    return [Fraction(each) for each in first], [Fraction(each) for each in second]


def test_def_5_1_1() -> None:
    assert learning_mode([1, 2, 1]) == "supervised"
    assert learning_mode([None, None]) == "unsupervised"
    assert learning_mode([1, None, 2]) == "semisupervised"
    with pytest.raises(InputError, match="empty"):
        learning_mode([])


def test_fig_5_1() -> None:
    X, cloud = unlabelled_points()
    model = KMeans(2, n_init=20, random_state=0).fit(X)
    disagreements = int((model.labels_ != cloud).sum())
    assert min(disagreements, 60 - disagreements) == 0
    assert learning_mode([None] * len(X)) == "unsupervised"


def test_example_5_1_1() -> None:
    """Words that differ in at most two places are joined, step by step."""
    words, meaning = unknown_words()
    distance = np.array([[sum(a != b for a, b in zip(v, w, strict=True)) for w in words] for v in words])
    same = meaning[:, None] == meaning
    assert distance[same].max() == 2
    assert distance[~same].min() >= 4
    joined = distance <= 2
    for _ in words:
        joined = joined @ joined
    assert len(np.unique(joined, axis=0)) == 5
    assert np.array_equal(joined, same)
    # As k-means sees them: a place and a glyph is a feature, and differing places count twice in squared distances.
    features = np.array([[[letter == glyph for glyph in "abcdefghijkl"] for letter in word] for word in words], float)
    flat = features.reshape(40, -1)
    assert np.allclose(((flat[:, None] - flat) ** 2).sum(axis=2), 2 * distance)
    labels = KMeans(5, n_init=20, random_state=0).fit(flat).labels_
    assert np.array_equal(labels[:, None] == labels, same)


def test_example_5_1_2() -> None:
    X, species = leaves()
    labels = KMeans(3, n_init=10, random_state=0).fit(StandardScaler().fit_transform(X)).labels_
    assert np.array_equal(labels[:, None] == labels, species[:, None] == species)


def test_eq_5_1() -> None:
    raw, fraudulent = transactions()
    raw[-3:] = [[950, 3.2, 2, 1], [610, 4, 6, 1], [1400, 2.5, 1, 0]]
    assert raw.shape == (203, 4)
    X = transaction_features(raw)
    within_the_ledgers_features = X[:, [0, 1, 2, 5]]
    fifth = np.sort(cdist(within_the_ledgers_features, within_the_ledgers_features), axis=1)[:, 5]
    assert np.argsort(-fifth)[:3].tolist() == [202, 200, 201]
    assert fifth[fraudulent == 1].min() > 2.5
    assert fifth[fraudulent == 0].max() < 0.25
    detector = ClusterOutlierDetector(6, contamination=3 / 203, random_state=0).fit(X)
    assert sorted(np.argsort(detector.score_samples(X))[:3]) == [200, 201, 202]
    assert np.array_equal(detector.predict(X) == -1, fraudulent == 1)


def test_exercise_5_1a() -> None:
    for a in (Fraction(k, 8) for k in range(-7, 8)):
        t = (a - 1) / 2
        assert -1 < t < a < 1
        assert [x > t for x in (Fraction(-1), a, Fraction(1))] == [False, True, True]


def test_exercise_5_1b() -> None:
    for k in range(-8, 9):
        a = Fraction(k, 9) if abs(k) != 8 else Fraction(k, 8) * Fraction(7, 8)
        low, middle, high = Fraction(-1), a, Fraction(1)
        costs = [
            true_cost([[low, middle], [high]]),
            true_cost([[low], [middle, high]]),
            true_cost([[low, high], [middle]]),
        ]
        assert costs == [(1 + a) ** 2 / 2, (1 - a) ** 2 / 2, 2]
        found = interval_clusters(np.array([-1.0, float(a), 1.0]), 2)
        # at a = 0 there are two best divisions; the second cluster of the one that is taken starts early
        assert found.labels.tolist() == ([0, 0, 1] if a < 0 else [0, 1, 1])
        assert (
            exact_cost(np.array([-1.0, float(a), 1.0]), found.starts)
            == min((1 + Fraction(float(a))) ** 2, (1 - Fraction(float(a))) ** 2) / 2
        )
    assert [true_cost(parts) for parts in ([[-1, Fraction(-1, 2)], [1]], [[-1], [Fraction(-1, 2), 1]])] == [
        Fraction(1, 8),
        Fraction(9, 8),
    ]
    assert [true_cost(parts) for parts in ([[-1, Fraction(1, 3)], [1]], [[-1], [Fraction(1, 3), 1]])] == [
        Fraction(8, 9),
        Fraction(2, 9),
    ]


def test_exercise_5_2a() -> None:
    found = scatter([1, 2, 10, 11])
    assert (found, found / 4, found / 3) == (82, Fraction(41, 2), Fraction(82, 3))
    assert KMeans(1).fit([[1.0], [2.0], [10.0], [11.0]]).inertia_ == 82


def test_exercise_5_2b() -> None:
    """The printed expressions are the scatter; the variance needs another 1/N."""
    for x in sets(200, seed=52, least=1):
        n, total = len(x), sum(x, Fraction(0))
        assert scatter(x) == pairs(x) / (2 * n) == squares(x) - total**2 / n
        variance = scatter(x) / n
        assert variance == pairs(x) / (2 * n**2) == squares(x) / n - (total / n) ** 2
    assert pairs([Fraction(1), Fraction(2)]) / 4 != scatter([Fraction(1), Fraction(2)]) / 2


def test_exercise_5_2c() -> None:
    for x in sets(200, seed=1):
        for first, second in bipartitions(x):
            s1, s2 = sum(first, Fraction(0)), sum(second, Fraction(0))
            cost = squares(x) - s1**2 / len(first) - s2**2 / len(second)
            assert (
                cost
                == true_cost([first, second])
                == pairs(first) / (2 * len(first)) + pairs(second) / (2 * len(second))
            )
    x = np.array([1.0, 2.0, 10.0, 11.0])
    assert exact_cost(x, interval_clusters(x, 2).starts) == 1


def test_exercise_5_2c_with_variances() -> None:
    """A sum of normalised variances is another criterion, with other best divisions."""
    others = 0
    for x in sets(300, seed=2, least=4):
        options = bipartitions(x)
        true = min(options, key=true_cost)
        normalised = min(options, key=lambda two: sum(scatter(part) / len(part) for part in two))
        others += true_cost(normalised) > true_cost(true)
    assert others > 10


def test_exercise_5_2d() -> None:
    assert printed_cost(*halves([1, 2], [10, 11])) == Fraction(227, 2)
    assert true_cost(halves([1, 2], [10, 11])) == 1
    for x in sets(100, seed=3):
        for first, second in bipartitions(x):
            assert printed_cost(first, second) >= true_cost([first, second])


def test_exercise_5_2e() -> None:
    for x in sets(200, seed=4):
        n, total = len(x), sum(x, Fraction(0))
        whole = squares(x) - total**2 / n
        for first, second in bipartitions(x):
            n1, n2, s1, s2 = len(first), len(second), sum(first, Fraction(0)), sum(second, Fraction(0))
            assert true_cost([first, second]) == whole - Fraction(n, n1 * n2) * (s1 - Fraction(n1, n) * total) ** 2
            assert true_cost([first, second]) == whole - Fraction(n1 * n2, n) * (s1 / n1 - s2 / n2) ** 2
            half = (s1 - s2) / 2
            assert printed_cost(first, second) == squares(x) - total**2 / (2 * n) - Fraction(2, n) * half**2
            if n1 == n2:
                assert true_cost([first, second]) == whole - Fraction(4, n) * half**2
    first, second = halves([1, 2], [10, 11])
    assert true_cost([first, second]) != squares([*first, *second]) - Fraction(24**2, 4) - Fraction(2, 4) * 9**2


def test_exercise_5_2f() -> None:
    x = np.array([1.0, 2.0, 10.0, 11.0])
    assert interval_clusters(x, 2).starts.tolist() == [1, 10]
    # The printed rule: the larger |S1 - S2| the better. It puts all of these into one cluster.
    everything = [Fraction(each) for each in (1, 2, 10, 11)]
    splits = [(everything[:i], everything[i:]) for i in range(5)]
    rule = max(splits, key=lambda two: abs(sum(two[0]) - sum(two[1])))
    assert not all(rule)
    assert scatter(everything) == 82
    centred = np.array([-9.0, -1.0, 1.0, 9.0])
    found = interval_clusters(centred, 2)
    assert exact_cost(centred, found.starts) == 56 == true_cost(halves([-9], [-1, 1, 9]))
    assert found.starts.tolist() == [-9, -1]
    everything = [Fraction(each) for each in (-9, -1, 1, 9)]
    rule = max(bipartitions(everything), key=lambda two: abs(sum(two[0]) - sum(two[1])))
    assert rule == halves([-9, -1], [1, 9])
    assert true_cost(rule) == 64
    for x in sets(100, seed=5):
        options = bipartitions(x)
        best = min(options, key=true_cost)
        gain = max(Fraction(len(a) * len(b), len(x)) * (sum(a) / len(a) - sum(b) / len(b)) ** 2 for a, b in options)
        assert true_cost(best) == scatter(x) - gain


def test_exercise_5_2g() -> None:
    """The best of all divisions is a cut, and the dynamic program finds it."""
    generator = random.Random(57)
    for _ in range(3000):
        x = sorted(generator.sample(range(-20, 21), generator.randint(3, 7)))
        exact = [Fraction(each) for each in x]
        sums = [Fraction(0)]
        for each in exact:
            sums.append(sums[-1] + each)
        n = len(x)
        gains = [sums[i] ** 2 / i + (sums[n] - sums[i]) ** 2 / (n - i) for i in range(1, n)]
        all_gains = [
            sum(first) ** 2 / len(first) + sum(second) ** 2 / len(second) for first, second in bipartitions(exact)
        ]
        assert max(gains) == max(all_gains)
        numbers = np.array(x, float)
        found = interval_clusters(numbers, 2)
        assert exact_cost(numbers, found.starts) == squares(exact) - max(gains)
        assert all(a <= b for a, b in pairwise(found.labels))
