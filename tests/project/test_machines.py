"""A sample of `make test-machines`: other kernels of a BLAS end in the same statuses, and kernels do without AVX."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest

import machines
from certificates.test_soft_margin import draw
from mathdl import HardMarginSVM, LinearRegression, LogisticRegression, PolynomialRegression, SoftMarginSVM
from mathdl.errors import ConvergenceWarning

WHERE_ROUNDING_STOPS = (299, 355, 475, 745, 785, 875)  # an interior-point method, on one machine or another


def statuses() -> list[str]:
    """The statuses of some models once they are certified."""
    generator = np.random.default_rng(0)
    X, numbers = generator.normal(size=(40, 3)), generator.normal(size=40)
    apart, mixed = X[:, 0] > X[:, 1], X[:, 0] + numbers > 0
    dependent = np.column_stack([X, 2 * X[:, 0]])
    problems = [
        (SoftMarginSVM(regularization), points, labels, weights)
        for points, labels, weights, regularization in map(draw, WHERE_ROUNDING_STOPS)
    ]
    problems += [
        (HardMarginSVM(), X, apart, None),
        (LogisticRegression(regularization=0), X, apart, None),
        (LogisticRegression(regularization=0), X, mixed, None),
        (LogisticRegression(regularization=1e-3), dependent, mixed, None),
        (LinearRegression(), dependent, numbers, None),
        (PolynomialRegression(6), X[:, :1] + 1000, numbers, None),
    ]
    for model, points, target, weights in problems:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(points, target, weights)
        model.certify()
    return [str(model.status_) for model, *_ in problems]


@pytest.mark.parametrize("machine", machines.BLAS[::2], ids=lambda machine: machine.name)
def test_the_statuses_are_those_of_any_machine(machine: machines.Machine) -> None:
    if machine.missing:
        pytest.skip(f"this processor has no {', '.join(machine.missing)}")
    code = "import sys; sys.path.insert(0, 'tests'); from project import test_machines as t"
    done = machine.run("-c", f"{code}; print(t.json.dumps(t.statuses()))")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [
        *["certified"] * len(WHERE_ROUNDING_STOPS),
        *["certified", "no minimiser", "certified", "certified", "minimum norm", "certified"],
    ]


def test_kernels_do_without_avx() -> None:
    machine = machines.NUMBA[-1]
    done = machine.run("-m", "pytest", "-q", "tests/kernels/test_activations.py")
    assert done.returncode == 0, done.stdout
