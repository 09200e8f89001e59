"""Gradient descent on every kind of objective: its steps, its ends, its record, and what it refuses."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl import (
    SGD,
    Adam,
    Dense,
    Function,
    Huber,
    LeastSquares,
    LogisticLoss,
    Network,
    NeuronLoss,
    Quadratic,
    gradient_descent,
)
from mathdl.descent.descent import Recording
from mathdl.errors import InputError

RULES = [SGD(0.01), SGD(0.01, 0.9), SGD(0.01, 0.9, nesterov=True), Adam(0.01)]


def square() -> Function:
    return Function(lambda a: float(a @ a), lambda a: 2 * a, convex=True, lipschitz=2.0, minimiser=[0.0])


def regression(count: int = 40, outputs: int = 2, dtype: str = "float64") -> LeastSquares:
    generator = np.random.default_rng(1)
    X = generator.normal(size=(count, 3))
    y = X @ generator.normal(size=(3, outputs)) + generator.normal(size=(count, outputs)) / 5
    return LeastSquares(X.astype(dtype), y.astype(dtype))


def test_ex_8_1_1_the_trace_is_exact() -> None:
    """Powers of 1 - 2 tau, where these are binary numbers."""
    for tau in (0.125, 0.25, 0.375, 0.5, 0.75, 1.0):
        trace = gradient_descent(square(), [1.0], SGD(tau), steps=12, tolerance=0.0).points.ravel()
        expected = [Fraction(1 - 2 * tau) ** n for n in range(len(trace))]
        assert [Fraction(float(x)) for x in trace] == expected
        assert len(trace) == (2 if tau == 0.5 else 13)


@pytest.mark.parametrize(
    ("tau", "steps", "status"),
    [
        (0.25, 100, "converged"),
        (0.001, 100, "limit"),
        (1.0, 100, "limit"),
        (1.0001, 200, "limit"),
        (1.1, 200, "diverged"),
    ],
)
def test_how_it_ends(tau: float, steps: int, status: str) -> None:
    descent = gradient_descent(square(), [1.0], SGD(tau), steps=steps)
    assert descent.status == status
    assert descent.message.startswith(f"After {descent.steps[-1]} steps")
    assert repr(descent).startswith(f"Descent({status} after")
    if status == "converged":
        assert descent.gradient_norms[-1] <= 1e-8 < descent.gradient_norms[-2]
    if status == "diverged":
        assert descent.value > descent.values[0]


def test_an_oscillation_that_grows_to_a_cycle_does_not_diverge() -> None:
    """Exercise 8.3: from near a minimum that repels, for far more than so many steps."""
    wave = Function(lambda a: float(np.sin(10 * a[0]) ** 2), lambda a: 10 * np.sin(20 * a))
    descent = gradient_descent(wave, [1e-3], SGD(0.0101), steps=2000)
    assert descent.status == "limit"
    assert abs(descent.point[0]) == pytest.approx(0.0122048, abs=1e-7)


def test_a_value_that_is_not_finite_ends_it_at_the_point_before() -> None:
    quartic = Function(lambda a: float((a**4).sum()), lambda a: 4 * a**3)
    descent = gradient_descent(quartic, [3.0], SGD(1.0), steps=100)
    assert descent.status == "not finite"
    assert np.isfinite(descent.points).all()
    assert np.isfinite(descent.values).all()
    assert "smaller learning rate" in descent.message


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_the_rules_are_those_of_training(rule: Any) -> None:
    """A network of one linear layer, all objects in a batch, goes the way of the least-squares objective."""
    loss = regression()
    net = Network([Dense(2, bias=False)], input_shape=(3,), dtype="float64", seed=2)
    start = net.parameters.reshape(2, 3).T.ravel()
    ours = gradient_descent(loss, start, rule, steps=50, tolerance=0.0)
    twin = gradient_descent(net.objective(loss.X, loss.y, "mean_square"), net.parameters, rule, steps=50, tolerance=0)
    net.fit(loss.X, loss.y, loss="mean_square", rule=rule, batch_size=40, epochs=50)
    np.testing.assert_allclose(twin.point, net.parameters, rtol=1e-10)
    np.testing.assert_allclose(ours.point.reshape(3, 2).T.ravel(), net.parameters, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(ours.values, twin.values, rtol=1e-9)


def test_the_learning_rate_auto_is_one_over_the_lipschitz_constant() -> None:
    assert gradient_descent(square(), [1.0], steps=1).rule == SGD(0.5)
    assert gradient_descent(square(), [1.0], SGD("auto", 0.5), steps=1).rule == SGD(0.5, 0.5)
    loss = regression()
    d = 2 * np.linalg.eigvalsh(loss.X.T @ loss.X / 40)[-1]
    assert gradient_descent(loss, np.zeros(6), steps=1).rule.learning_rate == pytest.approx(1 / d, rel=1e-9)
    single = 2 * (loss.X**2).sum(axis=1).max()
    found = gradient_descent(loss, np.zeros(6), steps=1, batch_size=1).rule.learning_rate
    assert found == pytest.approx(1 / single, rel=1e-9)


def test_sec_8_3_a_batch_of_all_objects_gives_gradient_descent_bit_for_bit() -> None:
    loss, start = regression(), np.arange(6.0)
    whole = gradient_descent(loss, start, SGD(0.05), steps=20)
    batch = gradient_descent(loss, start, SGD(0.05), steps=20, batch_size=40, seed=9)
    assert np.array_equal(whole.points, batch.points)
    assert whole.object_gradients == batch.object_gradients == 800


@pytest.mark.parametrize("make", [regression, lambda: regression(dtype="float32")], ids=["float64", "float32"])
def test_stochastic_descent_is_reproducible_and_recorded_by_epoch(make: Any) -> None:
    loss, start = make(), np.zeros(6)
    first, again = (gradient_descent(loss, start, SGD(0.02), steps=35, batch_size=7, seed=4) for _ in range(2))
    assert np.array_equal(first.points, again.points)
    assert first.points.dtype == loss.dtype
    other = gradient_descent(loss, start, SGD(0.02), steps=35, batch_size=7, seed=5)
    assert not np.array_equal(first.point, other.point)
    assert first.steps.tolist() == [0, 6, 12, 18, 24, 30, 35]
    assert first.object_gradients == 5 * 40 + 5 * 7
    assert first.batch_size == 7
    for point, value in zip(first.points, first.values, strict=True):
        assert value == loss.value_and_gradient(point)[0]


def test_sec_8_5_the_draw_weighs_objects() -> None:
    """Objects without weight are never drawn: the others alone decide where it goes."""
    X, y = np.ones((4, 1)), np.array([0.0, 1.0, 5.0, 9.0])
    given = {"batch_size": 1, "sampling": "with_replacement", "sampling_weight": [0, 0, 3, 0]}
    descent = gradient_descent(LeastSquares(X, y), [0.0], SGD(0.25), steps=40, tolerance=0.0, **given)
    assert descent.point[0] == pytest.approx(5.0)
    weighted = gradient_descent(LeastSquares(X, y, [0, 0, 3, 0]), [0.0], SGD(0.25), steps=60)
    assert weighted.point[0] == pytest.approx(5.0)


def test_sec_8_4_with_replacement_an_object_may_be_missed() -> None:
    X, y = np.eye(8), np.ones(8)
    given: dict[str, Any] = {"steps": 8, "tolerance": 0.0, "batch_size": 1}
    every = gradient_descent(LeastSquares(X, y), np.zeros(8), SGD(0.5), **given)
    assert every.point.tolist() == [1.0] * 8
    some = gradient_descent(LeastSquares(X, y), np.zeros(8), SGD(0.5), sampling="with_replacement", **given)
    assert 0.0 in some.point


@pytest.mark.parametrize("count", [1, 2, 3, 7, 50])
def test_a_long_record_is_thinned_out_evenly_and_keeps_its_ends(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Recording, "MAX_NUMBERS", 10)
    recording = Recording()
    for step in range(count):
        recording.add(step, np.array([float(step)]), float(step), 0.0)
    steps, points, values, _ = recording.arrays()
    assert steps[0] == 0
    assert steps[-1] == count - 1
    assert len(steps) <= 11
    assert np.array_equal(steps, points.ravel())
    assert np.array_equal(steps, values)
    assert len(set(np.diff(steps[:-1]))) <= 1


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.integers(1, 6), st.integers(1, 5), st.integers(0, 1000))
def test_smooth_losses_fall_at_every_step(count: int, p: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    X, y, start = generator.normal(size=(count, p)), generator.normal(size=count), generator.normal(size=p)
    losses = [LeastSquares(X, y), Huber(X, y, 0.3), LogisticLoss(X, np.where(y > 0, 1, -1)), NeuronLoss(X, y > 0)]
    losses.append(Quadratic(X.T @ X, X.T @ y))
    for loss in losses:
        values = gradient_descent(loss, start, steps=30).values
        assert (np.diff(values) <= 1e-12 * (1 + abs(values[:-1]))).all()


def test_least_squares_comes_to_the_minimiser_nearest_to_the_start() -> None:
    loss = LeastSquares([[1.0, 1.0, 0.0], [0.0, 0.0, 2.0]], [2.0, 2.0])
    start = np.array([3.0, 1.0, 0.0])
    expected = np.array([2.0, 0.0, 1.0])
    np.testing.assert_allclose(loss.nearest_minimiser(start), expected, atol=1e-12)
    np.testing.assert_allclose(gradient_descent(loss, start, steps=2000, tolerance=1e-12).point, expected, atol=1e-9)


SOME = LeastSquares([[1.0], [2.0]], [0.0, 1.0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"objective": lambda a: a}, "objective is of type function; give a Function(value, gradient) or a loss."),
        ({"start": [1.0, 2.0]}, "start has shape (2,); give an array of shape (1,)."),
        ({"start": [[1.0]]}, "start has shape (1, 1); give an array of shape (1,)."),
        ({"start": ["a"]}, "start holds something that is no number"),
        ({"start": np.array([1j])}, "start holds something that is no number"),
        ({"start": [np.nan]}, "start holds nan; give finite numbers."),
        ({"rule": 0.1}, "rule is 0.1; give SGD(...) or Adam(...)."),
        ({"rule": Adam("auto")}, "learning_rate='auto' is 1/d for SGD only; give Adam a number."),
        ({"steps": -1}, "steps is -1; give a whole number of at least 0."),
        ({"tolerance": -1.0}, "tolerance is -1.0; give a number of at least 0."),
        ({"tolerance": "1e-3"}, "tolerance is '1e-3'; give a number of at least 0."),
        ({"tolerance": None}, "tolerance is None; give a number of at least 0."),
        ({"objective": LeastSquares([[1e-160]], [1.0])}, "is so small that 1/d is infinite; scale the features up."),
        (
            {"objective": Function(lambda a: None, lambda a: a), "rule": SGD(1.0)},
            "returns None; return one real number.",
        ),
        ({"objective": Function(lambda a: 1j, lambda a: a), "rule": SGD(1.0)}, "returns 1j; return one real number."),
        ({"batch_size": 3}, "batch_size is 3; give at most 2, the number of objects."),
        ({"batch_size": 0}, "batch_size is 0; give a whole number of at least 1."),
        ({"sampling": "some"}, "sampling is 'some'; give 'without_replacement' or 'with_replacement'."),
        ({"sampling_weight": [1, 1]}, "sampling_weight needs a batch_size and sampling='with_replacement'"),
        ({"seed": -2}, "seed is -2; give a whole number of at least 0."),
        ({"objective": square(), "batch_size": 1}, "A Function is no mean over objects; leave out batch_size."),
        ({"objective": Function(lambda a: 0.0, lambda a: a * 0)}, "cannot be 'auto' (1/d); give a number."),
    ],
)
def test_bad_input(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        gradient_descent(**{"objective": SOME, "start": [0.0], **change})


@pytest.mark.parametrize("weights", [[-1, 2], [0, 0], [1, np.nan], [1]])
def test_bad_weights(weights: Any) -> None:
    with pytest.raises(InputError, match="sample_weight"):
        LeastSquares([[1.0], [2.0]], [0.0, 1.0], weights)
    with pytest.raises(InputError, match="sampling_weight"):
        gradient_descent(SOME, [0.0], batch_size=1, sampling="with_replacement", sampling_weight=weights)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD(-0.1), "SGD: learning_rate is -0.1; give a positive number"),
        (lambda: SGD("fast"), "SGD: learning_rate is 'fast'; give a positive number"),
        (lambda: LeastSquares([[1.0]], [1.0, 2.0]), "X has 1 objects but y has 2; give one target for each."),
        (lambda: LeastSquares([1.0], [1.0]), "X has shape (1,); give one row for each object, at least one."),
        (lambda: LeastSquares(np.zeros((0, 2)), []), "X has shape (0, 2); give one row for each object"),
        (
            lambda: LeastSquares([[np.inf]], [1.0]),
            "X holds a number that is not finite as float64; give finite numbers.",
        ),
        (lambda: LeastSquares([["a"]], [1.0]), "X holds something that is no number; give an array of numbers."),
        (lambda: LeastSquares([[1.0]], [1.0], regularization=-1), "regularization is -1; give a number of at least 0."),
        (lambda: Huber([[1.0]], [1.0], 0), "threshold is 0; give a positive number."),
        (lambda: Huber([[1.0]], [[1.0, 2.0]]), "y has shape (1, 2); give one number for each object."),
        (lambda: LogisticLoss([[1.0]], [0]), "y holds a number other than -1 and 1"),
        (lambda: NeuronLoss([[1.0]], [2]), "y holds a number outside 0 to 1"),
        (lambda: Quadratic([[1.0, 2.0], [3.0, 1.0]]), "Q[0, 1] is 2.0 but Q[1, 0] is 3.0; give a symmetric matrix."),
        (lambda: Quadratic("ab"), "Q or b holds something that is no number; give arrays of numbers."),
        (lambda: Quadratic([[1], [1, 2]]), "Q or b holds something that is no number; give arrays of numbers."),
        (lambda: LeastSquares([[1.0], [2.0]], [1.0, 2.0], [1e308, 1e308]), "sample_weight holds numbers whose sum"),
        (lambda: LeastSquares([[1.0], [2.0]], [1.0, 2.0], [5e-324, 0.0]), "beyond float64; scale them."),
        (lambda: Quadratic([1.0]), "Q has shape (1,) and b (1,); give a square matrix, a number a row."),
        (lambda: Quadratic([[np.nan]]), "Q or b holds a number that is not finite; give finite numbers."),
        (lambda: Function(1.0, 2.0), "value and gradient have to be functions"),
        (lambda: Function(abs, abs, lipschitz=-1), "lipschitz is -1; give a positive number."),
        (lambda: Function(abs, abs, lipschitz="2"), "lipschitz is '2'; give a positive number."),
        (lambda: Function(abs, abs, minimiser=[np.nan]), "minimiser is [nan]; give one finite number"),
        (lambda: Function(abs, abs, minimiser="a"), "minimiser is 'a'; give one finite number for each parameter."),
        (lambda: LeastSquares([[1.0]], [1.0], regularization=None), "regularization is None; give a number of at"),
        (lambda: Huber([[1.0]], [1.0], "1"), "threshold is '1'; give a positive number."),
    ],
)
def test_bad_objectives(make: Any, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        make()


def check(value: Any, gradient: Any, start: Any) -> None:
    gradient_descent(Function(value, gradient), start, SGD(1e-3), steps=1)


def test_a_gradient_is_compared_with_the_function() -> None:
    with pytest.raises(InputError, match=re.escape("The gradient has shape (1,) but there are 2 parameters")):
        check(lambda a: float(a @ a), lambda a: a[:1], [1.0, 2.0])
    wrong = re.escape("component 1 is 6 at the start, but differences of the function give 4; correct the gradient.")
    with pytest.raises(InputError, match=wrong):
        check(lambda a: float(a @ a), lambda a: np.array([2.0, 3.0]) * a + [0.01, 0.0], [1.0, 2.0])
    with pytest.raises(InputError, match=re.escape("The function returns an array of shape (2,); return one number.")):
        check(lambda a: a, lambda a: a, [1.0, 2.0])
    with pytest.raises(InputError, match="At the start the function is nan"):
        check(lambda a: np.nan, lambda a: a, [1.0])


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
@pytest.mark.parametrize(
    ("value", "gradient"),
    [
        (lambda a: float(np.sin(10 * a).sum() ** 2), lambda a: 20 * np.sin(10 * a).sum() * np.cos(10 * a)),
        (lambda a: float(np.exp(-a @ a)), lambda a: -2 * a * np.exp(-a @ a)),
        (lambda a: float(abs(a).sum()), lambda a: np.sign(a)),
        (lambda a: float(np.maximum(a, 0).sum() + 1e6), lambda a: (a > 0) * 1.0),
        (lambda a: 3.0, lambda a: 0 * a),
    ],
)
def test_a_right_gradient_is_not_refused(value: Any, gradient: Any, scale: float) -> None:
    """Steep and flat, at a kink, far from zero and near it, with a large constant in the way."""
    for start in ([0.3, -0.2], [0.0, 0.0], [1e-3, 2.0]):
        check(lambda a: scale * value(a), lambda a: scale * gradient(a), start)


def test_a_wrong_component_among_many_is_found() -> None:
    def gradient(a: Any) -> Any:
        found = 2 * a
        found[137] *= 1.01
        return found

    with pytest.raises(InputError, match="component 137"):
        check(lambda a: float(a @ a), gradient, np.full(150, 2.0))


def test_a_function_may_use_one_piece_of_memory_for_all_it_returns() -> None:
    memory = np.empty(1)
    shared = Function(lambda a: float(np.multiply(a, a, out=memory).sum()), lambda a: np.multiply(2, a, out=memory))
    run = gradient_descent(shared, [2.0], SGD(0.25), steps=3)
    assert run.points.ravel().tolist() == [2.0, 1.0, 0.5, 0.25]


def test_the_objective_keeps_its_own_weights() -> None:
    weights = np.ones(2)
    loss = LeastSquares([[1.0], [2.0]], [0.0, 1.0], weights)
    before = loss.value_and_gradient(np.ones(1))[0]
    weights[0] = 100
    assert loss.value_and_gradient(np.ones(1))[0] == before


def test_not_finite_counts_the_steps_to_the_last_point() -> None:
    run = gradient_descent(Quadratic([[1.0]]), [1e150], SGD(1e10), steps=9)
    assert run.status == "not finite"
    assert run.steps[-1] == 0
    assert run.message.startswith("After 0 steps the next value would not be finite")


@pytest.mark.parametrize("gradient", [lambda a: ["a"], lambda a: 2 * a + 1j], ids=["text", "complex"])
def test_a_gradient_that_is_no_real_number(gradient: Any) -> None:
    with pytest.raises(InputError, match="The gradient holds something that is no real number; return an array"):
        gradient_descent(Function(lambda a: float(a @ a), gradient), [1.0], SGD(0.1))
