"""Small files that would keep a checker busy for minutes, or fill the memory, are refused at once."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from mathdl.certificates import Certificate, Data, text_of, verify, write
from mathdl.certificates.limits import MAX_OPERATIONS, afford
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.rationals import Refused
from mathdl.certificates.semidefinite import is_semidefinite

SECONDS = 10  # of this process, on a slow machine; each of these took from 15 seconds to hours without the limits


def zeros(N: int, p: int, y: Any = None) -> Data:
    return Data([[0.0] * p] * N, y)


def squares(features: int, degree: int) -> tuple[str, dict[str, Any], Data]:
    numbers: dict[str, Any] = {"degree": degree, "centres": ["0"] * features, "scales": ["1"] * features}
    numbers |= {"coefficients": [["0"] * features], "minimiser": [["0"] * features], "intercepts": ["0"]}
    return "least_squares", numbers | {"minimum": "0", "excess": "0"}, zeros(2, features, [0.0, 0.0])


def high_degree() -> tuple[str, dict[str, Any], Data]:
    return squares(20_000, 10**4200)


def many_terms() -> tuple[str, dict[str, Any], Data]:
    return squares(20_000, 1)


def coprime_denominators() -> tuple[str, dict[str, Any], Data]:
    multipliers = [text_of(Fraction(1, 2**4000 + 2 * k + 1)) for k in range(1000)]
    numbers = {"regularization": "1", "normal": ["0"], "offset": "0", "positive": 1, "multipliers": multipliers}
    return "soft_margin", numbers | {"objective": "1", "gap": "1"}, zeros(1000, 1, [0, 1] * 500)


def many_clusters() -> tuple[str, dict[str, Any], Data]:
    N = 30_000
    numbers = {"clusters": N // 2, "cuts": [str(k) for k in range(1, N // 2)], "cost": "0"}
    return "interval_clusters", numbers, Data([[float(k)] for k in range(N)])


def many_vertices() -> tuple[str, dict[str, Any], Data]:
    turns = [k * math.tau / 20_000 for k in range(20_000)]
    points = [[math.cos(turn), math.sin(turn)] for turn in turns]
    directions = [[text_of(v) for v in point] for point in points]
    return "convex_hull", {"vertices": [*range(20_000)], "directions": directions, "inside": []}, Data(points)


def many_classes() -> tuple[str, dict[str, Any], Data]:
    N = 20_000
    numbers = {"classes": [*range(N)], "coef": [["0"]] * N, "intercept": ["0"] * N}
    return "no_minimiser", numbers, zeros(N, 1, [*range(N)])


def many_points() -> tuple[str, dict[str, Any], Data]:
    numbers = {"objective": "Huber", "threshold": "1", "regularization": "0", "learning_rate": "1", "lipschitz": "1"}
    numbers |= {"rounding": "0", "excess": "0", "limit": "0"}
    steps: Any = {"steps": [*range(3000)], "points": [["0"]] * 3000}
    return "descent_decrease", numbers | steps, zeros(3000, 1, [0.0] * 3000)


def large_matrix() -> tuple[str, dict[str, Any], Data]:
    n = 400
    numbers = {"objective": "quadratic", "learning_rate": "1/1000", "lipschitz": "1000", "rounding": "0"}
    some: Any = {"steps": [0], "points": [["0"] * n], "excess": "0", "limit": "0"}
    Q = [[(i * j % 7 + 0.1) if i != j else 900.3 for j in range(n)] for i in range(n)]
    return "descent_decrease", numbers | some, Data(Q, [0.0] * n)


def long_numbers() -> tuple[str, dict[str, Any], Data]:
    long = f"0x1{'0' * 3_200_000}/0x3{'0' * 3_199_999}"
    numbers = {"normal": ["1"], "offset": long, "gap": "1", "positive": 1}
    return "hyperplane", numbers, zeros(2, 1, [0, 1])


HARD = [
    (high_degree, "more terms than there are coefficients"),
    (many_terms, "operations"),
    (coprime_denominators, "common denominator"),
    (many_clusters, "operations"),
    (many_vertices, "operations"),
    (many_classes, "operations"),
    (many_points, "operations"),
    (large_matrix, "operations"),
    (long_numbers, "longer than this checker reads"),
]


@pytest.mark.parametrize(("make", "reason"), HARD)
def test_hard_work_is_refused_at_once(make: Callable[[], tuple[str, dict[str, Any], Data]], reason: str) -> None:
    certificate = write(*(made := make()))
    start = time.process_time()
    verdict = verify(certificate, made[2])
    assert time.process_time() - start < SECONDS
    assert (verdict.valid, verdict.same_data) == (False, True)
    assert reason in verdict.reason
    assert len(verdict.reason) < 200


def test_five_hundred_clusters_of_a_thousand_numbers_are_checked() -> None:
    data = Data([[float(k)] for k in range(1000)])
    numbers = {"clusters": 500, "cuts": [str(2 * k) for k in range(1, 500)], "cost": "250"}
    start = time.process_time()
    assert verify(write("interval_clusters", numbers, data), data)
    assert time.process_time() - start < 60  # it took 15 seconds where it takes 6 now
    cheaper = numbers | {"cost": "249"}
    assert not verify(write("interval_clusters", cheaper, data), data)


def test_what_can_be_afforded() -> None:
    afford(MAX_OPERATIONS)
    with pytest.raises(Refused, match=r"takes about 1.00001e\+08 operations, and this checker stops at 1e\+08"):
        afford(MAX_OPERATIONS + 1)
    with pytest.raises(Refused):
        afford(10**5000)
    with pytest.raises(Refused):
        is_semidefinite([[Fraction(1, 3) ** (1000 * (i > 0)) * (i == j) for j in range(200)] for i in range(200)])


@pytest.mark.parametrize("values", [5, "abc", None, [], [["gap", "1"]]])
def test_numbers_are_a_mapping(values: Any) -> None:
    with pytest.raises(Refused, match="no numbers by name"):
        Numbers(values)
    data = Data([[0.0], [1.0]], [0, 1])
    assert not verify(Certificate("hyperplane", "", values, data.fingerprint), data)
