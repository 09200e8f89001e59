"""Certificates of the bounds of gradient descent on convex functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from certificates.descent_problems import CONVEX, bound_is_true, objective, run, truth
from certificates.sweep import Oracle
from mathdl import SGD, Huber, LeastSquares, LogisticLoss, Quadratic, gradient_descent
from mathdl.certificates import Certificate, Data, verify, write
from mathdl.certificates.rationals import Refused
from mathdl.errors import NoGuaranteeError


def separable(loss: LogisticLoss) -> bool:
    """Say whether a linear program finds margins of which none is negative and one is positive."""
    Z = (loss.X * loss.y)[loss.shares > 0]
    Z = Z / np.where(np.abs(Z).max(axis=0) > 0, np.abs(Z).max(axis=0), 1)
    answer = linprog(-Z.sum(axis=0), A_ub=np.vstack([-Z, Z]), b_ub=np.repeat([0.0, 1.0], len(Z)), bounds=(None, None))
    return bool(answer.fun < -1e-7)


MIN_SHARE = 0.85


def make(seed: int) -> tuple[Certificate, Data] | None:
    loss = objective(seed, CONVEX)
    if isinstance(loss, LogisticLoss) and not loss.regularization and separable(loss):
        with pytest.raises(NoGuaranteeError, match="separates"):
            run(seed, loss).guarantee()
        return None
    guarantee = run(seed, loss).guarantee()
    assert guarantee.holds
    return guarantee.certificate, Data(*loss.training_data)


def judge(certificate: Certificate, data: Data) -> Oracle:
    return lambda numbers: truth(bound_is_true, numbers, data)


# L = a^2 - 2 a + 1 from 3 with tau = 1/4, d = 2: 3, 2, 3/2, and 0 at 1.
DATA = Data([[1.0]], [1.0])
NUMBERS: dict[str, Any] = {
    "objective": "least squares",
    "regularization": "0",
    "learning_rate": "1/4",
    "lipschitz": "2",
    "steps": [0, 1, 2],
    "points": [["3"], ["2"], ["3/2"]],
    "rounding": "0",
    "reference": ["1"],
    "gap": "1/4",
    "excess": "0",
}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"gap": "249/1000"}, "further above"),
        ({"lipschitz": "4"}, None),
        ({"lipschitz": "4", "learning_rate": "1/3"}, "above 1/d"),
        ({"lipschitz": "199/100"}, "not shown to have"),
        ({"learning_rate": "0"}, "not positive"),
        ({"learning_rate": "1/5"}, "rounded by more"),
        ({"learning_rate": "1/5", "rounding": "1/5"}, None),
        ({"learning_rate": "1/5", "rounding": "19/100"}, "rounded by more"),
        ({"reference": ["2"]}, "not shown to be a minimiser"),
        ({"steps": [0, 1, 1]}, "do not increase"),
        ({"steps": [1, 2, 3]}, "do not start at 0"),
        ({"steps": [0, 1, 9]}, None),  # how the last point was come by is not said; 4 / (9 + 1) is enough
        ({"steps": [0, 1, 99]}, "does not hold after step 99"),
        ({"steps": [0, 1, 20]}, "4 tau k"),
        ({"steps": [0, 1, 20], "excess": "1"}, None),
        ({"steps": [0, 1, 32], "excess": "1"}, None),  # 4 / (2 tau 32) is 1/4
        ({"steps": [0, 1, 33], "excess": "1"}, "does not hold after step 33"),
        ({"points": [["3"], ["2"]]}, "no list of 3"),
        ({"regularization": "-1"}, "negative"),
        ({"regularization": "1"}, "not shown to have"),
        ({"objective": "quadratic"}, "not shown to have"),
        ({"objective": "squares"}, "no objective"),
        ({"objective": "neuron"}, "not convex"),
        ({"objective": "Huber", "threshold": "2"}, None),
        ({"objective": "Huber", "threshold": "1"}, "rounded by more"),
        ({"objective": "Huber", "threshold": "0"}, "not positive"),
        ({"below": "1"}, "no lower bound"),
        ({"threshold": "3"}, "'threshold' is none of the numbers"),
        ({"lambda": "1"}, "'lambda' is none of the numbers"),
        ({"objective": ["least squares"]}, "no objective"),
    ],
)
def test_the_checker(change: dict[str, Any], reason: str | None) -> None:
    data = Data([[2.0]], [2.0]) if change.get("objective") == "quadratic" else DATA
    numbers = NUMBERS | change
    if change.get("objective") == "quadratic":
        del numbers["regularization"]
    verdict = verify(write("descent_bound", numbers, data), data)
    if change.get("objective") == "quadratic":  # a^2 - 2 a
        assert verdict
        return
    assert verdict.valid == (reason is None), verdict.reason
    assert reason is None or reason in verdict.reason


def test_a_quadratic_that_is_not_convex_is_refused() -> None:
    data = Data([[1.0, 2.0], [2.0, 1.0]], [0.0, 0.0])
    points: list[Any] = [["0", "0"]]
    numbers = NUMBERS | {"objective": "quadratic", "lipschitz": "3", "steps": [0], "points": points, "gap": "0"}
    numbers["reference"] = ["0", "0"]
    del numbers["regularization"]
    assert "not convex" in verify(write("descent_bound", numbers, data), data).reason
    data = Data([[2.0, 1.0], [2.0, 2.0]], [0.0, 0.0])
    assert "not symmetric" in verify(write("descent_bound", numbers, data), data).reason


def test_of_the_logistic_loss_the_bounds_compare_with_a_point() -> None:
    data = Data([[1.0], [1.0]], [1.0, -1.0])
    numbers = NUMBERS | {"objective": "logistic", "regularization": "1/8", "lipschitz": "1/2", "reference": ["0"]}
    numbers |= {"points": [["1/8"], ["7/64"], ["49/512"]], "rounding": "0", "below": "0x1p-90"}
    assert "rounded by more" in verify(write("descent_bound", numbers, data), data).reason
    numbers["rounding"] = "1/1000"
    assert "not shown to be a minimiser" in verify(write("descent_bound", numbers, data), data).reason
    del numbers["excess"]
    certificate = write("descent_bound", numbers, data)
    assert verify(certificate, data)
    assert "at the point z shown" in certificate.statement
    assert "its minimum is at most" in certificate.statement
    assert "smaller than stated" in verify(write("descent_bound", numbers | {"below": "0"}, data), data).reason


@pytest.mark.parametrize("kind", [LeastSquares, Huber, LogisticLoss])
def test_a_thousand_steps_of_a_hundred_objects(kind: Any) -> None:
    generator = np.random.default_rng(0)
    X = np.column_stack([generator.normal(size=(100, 4)), np.ones(100)])
    y = X.sum(axis=1) + generator.normal(size=100)
    loss = kind(X, np.sign(y) if kind is LogisticLoss else y)
    result = gradient_descent(loss, np.zeros(5), SGD(0.1), steps=1000, tolerance=0)
    certificate = result.guarantee().certificate
    steps = certificate.numbers["steps"]
    assert len(steps) == 1001 if kind is not LogisticLoss else steps[:8] == [0, 1, 2, 3, 4, 5, 8, 9]
    assert steps[-2:] == [999, 1000]
    assert certificate.numbers.get("excess", "0x0.0p+0") == "0x0.0p+0"


def test_float32_is_certified_with_its_rounding() -> None:
    loss = LeastSquares(np.array([[1.0, 0.5], [1.0, 0.25]], np.float32), [1.0, 0.3])
    certificate = gradient_descent(loss, [0, 0], SGD("auto"), steps=50).guarantee().certificate
    assert 0 < float.fromhex(certificate.numbers["rounding"]) < 1e-5


def test_a_certificate_is_about_the_training_data() -> None:
    problem = Quadratic([[2.0, 1.0], [1.0, 2.0]], [1.0, 0.0])
    certificate = gradient_descent(problem, [0.0, 0.0], steps=3).guarantee().certificate
    assert verify(certificate, [[2.0, 1.0], [1.0, 2.0]], [1.0, 0.0])
    assert not verify(certificate, [[2.0, 1.0], [1.0, 2.0]], [1.0, 1.0])


def test_every_step_may_have_a_rate_of_its_own() -> None:
    """L = a^2 from 1 with the rates 1/4, 0, 1/2: 1, 1/2, 1/2, 0; their sum is 3/4, and 1 / (2 S_k) is 2, 2, 2/3."""
    data = Data([[2.0]], [0.0])
    numbers: dict[str, Any] = {
        "objective": "quadratic",
        "rates": ["1/4", "0", "1/2"],
        "lipschitz": "2",
        "steps": [0, 1, 2, 3],
        "points": [["1"], ["1/2"], ["1/2"], ["0"]],
        "rounding": "0",
        "reference": ["0"],
        "gap": "0",
        "excess": "0",
    }
    assert verify(write("descent_bound", numbers, data), data)
    for change, reason in (
        ({"rates": ["1/4", "0", "3/8"]}, "Step 3 is no gradient step"),
        ({"rates": ["1/4", "0", "3/4"]}, "above 1/d"),
        ({"rates": ["-1/4", "0", "1/2"]}, "not positive"),
        ({"learning_rate": "1/4"}, "'learning_rate' is none of the numbers"),
    ):
        assert reason in verify(write("descent_bound", numbers | change, data), data).reason
    with pytest.raises(Refused, match="no list of 3"):
        write("descent_bound", numbers | {"rates": ["1/4", "0"]}, data)
    far: dict[str, Any] = {"steps": [0, 9], "rates": ["1/2"] * 9, "points": [["1"], ["1/2"]], "gap": "1/4"}
    assert "after step 9" in verify(write("descent_bound", numbers | far, data), data).reason
    assert verify(write("descent_bound", numbers | far | {"rates": ["1/8"] * 4 + ["0"] * 5}, data), data)


def test_a_certificate_lists_only_so_many_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    from mathdl.descent import run as runs
    from mathdl.errors import NotCertifiedError

    monkeypatch.setattr(runs, "MAX_RATES", 3)
    problem = Quadratic([[2.0]])
    given: dict[str, Any] = {"steps": 4, "tolerance": 0.0, "schedule": lambda k, steps: 1 / (k + 2)}
    with pytest.raises(NotCertifiedError, match="4 steps have one of their own; it lists at most 3"):
        _ = gradient_descent(problem, [1.0], **given).guarantee().certificate
