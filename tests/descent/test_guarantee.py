"""Guarantees of gradient descent on convex functions."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pytest

from mathdl import (
    SGD,
    Adam,
    Function,
    Huber,
    LeastSquares,
    LogisticLoss,
    NeuronLoss,
    Quadratic,
    gradient_descent,
    verify,
)
from mathdl.errors import InputError, NoGuaranteeError, NotCertifiedError
from mathdl.exact import linear_model, nearest_solution

SQUARE = Quadratic([[2.0]])


@pytest.mark.parametrize(
    ("objective", "start", "rule", "options", "reason"),
    [
        (NeuronLoss([[1.0]], [1.0]), [0.0], SGD(0.1), {}, "NeuronLoss is not known to be convex"),
        (Quadratic([[-1.0]]), [0.0], SGD(0.1), {}, "Quadratic is not known to be convex"),
        (Function(lambda a: float(a @ a), lambda a: 2 * a), [1.0], SGD(0.1), {}, "Function is not known to be convex"),
        (Function(lambda a: float(a @ a), lambda a: 2 * a, convex=True), [1.0], SGD(0.1), {}, "No Lipschitz constant"),
        (SQUARE, [1.0], SGD(0.6), {}, "0.6 is above 1/d = 0.5, d = 2.0"),
        (SQUARE, [1.0], SGD(float(np.nextafter(0.5, 1))), {}, "0.5000000000000001 is above 1/d = 0.5"),
        (SQUARE, [1.0], SGD(0.1, momentum=0.5), {}, "plain gradient descent"),
        (SQUARE, [1.0], SGD(0.1, weight_decay=0.5), {}, "plain gradient descent"),
        (SQUARE, [1.0], Adam(0.1), {}, "plain gradient descent"),
        (LeastSquares([[1.0], [1.0]], [1.0, 2.0]), [0.0], SGD(0.1), {"batch_size": 1}, "not of batches of 1"),
        (Quadratic([[1.0, 0.0], [0.0, 0.0]], [0.0, 1.0]), [0.0, 0.0], SGD(0.1), {}, "b is not in the range of Q"),
        (LogisticLoss([[1.0], [2.0]], [1, 1]), [0.0], SGD(0.1), {}, "hyperplane through 0 separates"),
        (LogisticLoss([[1.0], [1.0], [0.0]], [1, 1, -1]), [0.0], SGD(0.1), {}, "hyperplane through 0 separates"),
        (
            Function(lambda a: float(a @ a), lambda a: 2 * a, convex=True, lipschitz=2.0),
            [1.0],
            SGD(0.1),
            {},
            "minimiser=",
        ),
    ],
)
def test_a_hypothesis_that_fails_is_named(objective: Any, start: Any, rule: Any, options: Any, reason: str) -> None:
    run = gradient_descent(objective, start, rule, steps=3, **options)
    with pytest.raises(NoGuaranteeError, match=reason.replace("(", r"\(")):
        run.guarantee()


def test_a_function_is_guaranteed_in_floats_and_not_certified() -> None:
    square = Function(lambda a: float(a @ a), lambda a: 2 * a, convex=True, lipschitz=2.0, minimiser=[0.0])
    guarantee = gradient_descent(square, [3.0], SGD(0.25), steps=3).guarantee()
    assert guarantee.bounds.tolist() == [np.inf, 18.0, 9.0, 6.0]
    assert guarantee.tight_bounds.tolist() == [9.0, 4.5, 3.0, 2.25]
    assert guarantee.gaps.tolist() == [9.0, 2.25, 0.5625, 0.140625]
    assert guarantee.holds
    with pytest.raises(NotCertifiedError, match="cannot know this Function"):
        _ = guarantee.certificate


def test_false_trust_is_seen() -> None:
    wrong = Function(lambda a: float(a @ a), lambda a: 2 * a, convex=True, lipschitz=0.5, minimiser=[0.0])
    run = gradient_descent(wrong, [1.0], SGD(1.8), steps=5)
    assert not run.guarantee().holds
    nowhere = Function(lambda a: float(a @ a), lambda a: 2 * a, convex=True, lipschitz=2.0, minimiser=[3.0])
    run = gradient_descent(nowhere, [1.0], SGD(0.25), steps=2)
    with pytest.raises(NoGuaranteeError, match=r"^The Function is 9 at what .* came down to 0.0625; give a minimiser"):
        run.guarantee()
    square = Function(lambda a: float(a @ a), lambda a: 2 * a, convex=True, lipschitz=2.0, minimiser=[0.0, 0.0])
    with pytest.raises(InputError, match=r"^Function: minimiser has shape \(2,\), but the start has \(1,\)"):
        gradient_descent(square, [1.0], SGD(0.25), steps=2).guarantee()


@pytest.mark.parametrize("k", [1, 2, 5, 50])
@pytest.mark.parametrize("rate", [0.5, 0.25, 0.1])
def test_the_bound_is_tight_on_hubers_function(k: int, rate: float) -> None:
    d, R = 2.0, 3.0
    threshold = R / (2 * k * rate * d + 1)
    run = gradient_descent(Huber([[1.0]], [0.0], threshold), [R], SGD(rate), steps=k, tolerance=0)
    guarantee = run.guarantee()
    assert guarantee.lipschitz == 2.0
    assert guarantee.gaps[k] == pytest.approx(guarantee.tight_bounds[k], rel=1e-14)
    assert guarantee.tight_bounds[k] == pytest.approx(R**2 / (4 * rate * k + 2 / d), rel=1e-14)
    assert guarantee.holds
    certificate = guarantee.certificate
    assert float.fromhex(certificate.numbers["excess"]) <= 4e-15
    assert verify(certificate, *run.objective.training_data)  # type: ignore[attr-defined]


@pytest.mark.parametrize("seed", range(12))
def test_the_nearest_of_many_minimisers(seed: int) -> None:
    generator = np.random.default_rng(seed)
    X = generator.integers(-3, 4, size=(2, 4)).astype(float)
    start, y = generator.normal(size=4), generator.choice([-1.0, 1.0], size=2)
    expected = start + np.linalg.pinv(X) @ (y - X @ start)
    if np.linalg.matrix_rank(X) == 2:
        for loss in (LeastSquares(X, y), Huber(X, y, 0.1), Quadratic(X.T @ X, X.T @ y)):
            assert loss.nearest_minimiser(start) == pytest.approx(expected, abs=1e-12)
            exact = loss.exact_minimiser(start)
            assert exact is not None
            assert [float(v) for v in exact] == pytest.approx(expected, abs=1e-12)
    doubled = LogisticLoss(np.vstack([X, X, X]), np.concatenate([y, -y, y]))
    found = doubled.nearest_minimiser(start)
    assert found is not None
    assert np.abs(doubled.value_and_gradient(found)[1]).max() < 1e-12
    assert np.linalg.pinv(X) @ X @ (found - start) == pytest.approx(found - start, abs=1e-10)


@pytest.mark.parametrize("seed", range(40))
def test_hubers_minimiser_is_exact(seed: int) -> None:
    generator = np.random.default_rng(seed)
    X = generator.integers(-3, 4, size=(9, 2)).astype(float) * 10.0 ** generator.integers(-5, 6, size=2)
    loss = Huber(X, generator.integers(-5, 6, size=9), 0.5, regularization=float(seed % 2) / 4)
    w = loss.exact_minimiser(np.zeros(2))
    assert w is not None
    gradient = [2 * Fraction(loss.regularization) * v for v in w]
    for x, (y,) in zip(loss.X.tolist(), loss.y.tolist(), strict=True):
        r = sum((Fraction(u) * v for u, v in zip(x, w, strict=True)), -Fraction(y))
        for j, u in enumerate(x):
            gradient[j] += 2 * max(Fraction(-1, 2), min(r, Fraction(1, 2))) * Fraction(u) / 9
    assert gradient == [0, 0]


@pytest.mark.parametrize("weights", [None, [2.0, 1.0, 1.0, 3.0]])
def test_the_minimum_is_that_of_newtons_method(weights: Any) -> None:
    loss = LogisticLoss([[1.0, 1.0], [2.0, 1.0], [3.0, 1.0], [4.0, 1.0]], [1, -1, 1, -1], weights)
    run = gradient_descent(loss, [0.0, 0.0], steps=20_000, tolerance=1e-12)
    assert run.guarantee().minimum == pytest.approx(run.value, rel=1e-13)
    assert run.guarantee().minimiser == pytest.approx(run.point, abs=1e-8)


def test_a_start_at_the_minimiser() -> None:
    guarantee = gradient_descent(SQUARE, [0.0], SGD(0.25), steps=3, tolerance=0).guarantee()
    assert guarantee.distance == 0
    assert guarantee.holds
    assert guarantee.certificate.numbers["gap"] == "0x0.0p+0"


def test_large_losses_have_guarantees_in_floats() -> None:
    generator = np.random.default_rng(0)
    X = generator.normal(size=(200, 80))
    y = X @ generator.normal(size=80)
    for loss in (
        LeastSquares(X, y),
        Huber(X, y, 0.5),
        LogisticLoss(X, np.sign(y + 9 * generator.normal(size=200)), None, 0.1),
    ):
        assert gradient_descent(loss, np.zeros(80), steps=30).guarantee().holds
    assert gradient_descent(Quadratic(X.T @ X, X.T @ y), np.zeros(80), steps=30).guarantee().holds


POWERS = np.vander(np.linspace(0, 100, 30), 11, increasing=True)
GENERATOR = np.random.default_rng(1)
X8 = GENERATOR.normal(size=(8, 2))
NOISY = X8 @ [1.0, 2.0] + GENERATOR.normal(size=8)
CLASSES = np.where(np.median(NOISY) < NOISY, 1, -1)


@pytest.mark.parametrize(
    "loss",
    [
        LeastSquares(POWERS, np.sin(POWERS[:, 1] / 10)),
        LeastSquares([[1.0, 0.0], [0.0, 1e-17]], [1.0, 1.0]),
        LeastSquares(np.vander(np.arange(2000.0, 2021.0), 6, increasing=True), np.sin(np.arange(2000.0, 2021.0))),
    ],
    ids=["powers", "tiny column", "far from zero"],
)
def test_columns_of_very_different_sizes_have_the_exact_minimiser(loss: LeastSquares) -> None:
    start = np.zeros(loss.features)
    guarantee = gradient_descent(loss, start, steps=20).guarantee()
    exact = loss.exact_minimiser(start)
    assert exact is not None
    assert guarantee.minimiser.tolist() == [float(v) for v in exact]
    assert guarantee.distance == pytest.approx(float(sum(v**2 for v in exact)) ** 0.5)
    least = float(Fraction(guarantee.certificate.numbers["gap"]) if "/" in guarantee.certificate.numbers["gap"] else 0)
    assert guarantee.gaps[-1] + guarantee.rounding[-1] >= least


@pytest.mark.parametrize(("last", "b"), [(0.0, 1e-10), (1e-16, 1e-10)])
def test_a_large_quadratic_without_a_minimiser_in_reach_has_no_guarantee(last: float, b: float) -> None:
    diagonal, right = np.ones(40), np.ones(40)
    diagonal[-1], right[-1] = last, b
    with pytest.raises(NoGuaranteeError, match="b is not in the range of Q"):
        gradient_descent(Quadratic(np.diag(diagonal), right), np.zeros(40), steps=200).guarantee()


@pytest.mark.parametrize("start", [[0.0, 0.0], [1e20, -1e20], [1e150, 1e150]])
def test_the_logistic_minimum_does_not_depend_on_the_start(start: list[float]) -> None:
    loss = LogisticLoss(X8, CLASSES)
    minimum = gradient_descent(loss, [0.0, 0.0], steps=5).guarantee().minimum
    assert gradient_descent(loss, start, steps=5).guarantee().minimum == pytest.approx(minimum, rel=1e-6)


def test_numbers_beyond_floating_point_are_no_guarantee_and_no_certificate() -> None:
    tiny = gradient_descent(Quadratic([[1e-307]]), [1.0], steps=5).guarantee()
    assert tiny.holds
    narrow = LeastSquares(np.array([[1e-25], [2e-25]], "f"), np.array([1e15, 1e15], "f"))
    with pytest.raises(NoGuaranteeError, match="The minimiser is beyond float32; scale the features or the targets"):
        gradient_descent(narrow, [0.0], SGD(1.0), steps=3).guarantee()
    for loss, start in ((LeastSquares([[1.0]], [1.0], regularization=1e160), [1.0]), (Huber([[1.0]], [1.0]), [1e200])):
        with pytest.raises(NotCertifiedError, match=r"beyond floating point|refuses the certificate"):
            _ = gradient_descent(loss, start, steps=5).decrease().certificate


def test_the_statement_says_which_objective_and_what_is_shown() -> None:
    X, y = [[1.0], [2.0], [3.0]], [1.0, 2.5, 2.0]
    plain, ridge = (
        gradient_descent(LeastSquares(X, y, regularization=r), [0.0], steps=9, tolerance=0).guarantee().certificate
        for r in (0.0, 0.25)
    )
    assert "(least squares, 3 rows of data)" in plain.statement
    assert "(least squares, 3 rows of data, lambda = 0.25)" in ridge.statement
    huber = gradient_descent(Huber(X, y, 0.5), [0.0], steps=9).guarantee().certificate
    assert "(Huber, 3 rows of data, threshold = 0.5)" in huber.statement
    assert "how others were reached is not shown" in huber.statement


def test_it_is_shown_as_a_sentence() -> None:
    run = gradient_descent(LeastSquares([[1.0], [2.0]], [2.0, 4.0]), [0.0], SGD(0.125), steps=2)
    assert repr(run) == "Descent(limit after 2 steps, value 0.197754)"
    assert repr(run.guarantee()) == (
        "Guarantee(after 2 steps the value is 0.198 above the minimum 0, by the theorem at most 2.86)"
    )
    assert repr(run.decrease()) == (
        "Decrease(in 2 steps the value fell from 10 to 0.197754, and the gradient's length was 3.75 at the least)"
    )
    at_rest = gradient_descent(SQUARE, [0.0], SGD(0.25)).decrease()
    assert repr(at_rest) == "Decrease(in 0 steps the value fell from 0 to 0)"


@pytest.mark.parametrize("make", [LeastSquares, partial(Huber, threshold=0.5)], ids=["least squares", "Huber"])
def test_data_become_whole_numbers_once_and_are_solved_once(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    for module, name in ((linear_model, "integers"), (nearest_solution, "solve")):
        original = getattr(module, name)
        counted = partial(lambda f, name, *given: calls.append(name) or f(*given), original, name)
        monkeypatch.setattr(module, name, counted)
    run = gradient_descent(make([[1.0, 2.0], [2.0, 1.0], [3.0, 3.0]], [2.0, 4.0, 1.0]), [0.0, 0.0], steps=3)
    assert run.guarantee().certificate
    assert sorted(calls) == ["integers", "solve"]
