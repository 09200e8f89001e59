"""The book's statements of chapter 8, one test each by their number, and its errata: what is printed, shown to fail."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl import SGD, Dense, LeastSquares, Network, Quadratic, gradient_descent
from mathdl.book.catalogue import run_experiment
from mathdl.book.chapter08 import chords, learning_rates
from mathdl.book.chapter08.batch_size_study import BATCH_SIZES, RATE, Problem, Run, samples_until_near
from mathdl.book.chapter08.level_sets import ANGLES, LEVELS, START, STEPS, on_levels
from mathdl.descent.batches import order_of_epoch

LOSS = Quadratic([[2.0, 0.0], [0.0, 4.0]])  # a1^2 + 2 a2^2
EIGHTHS = st.integers(-40, 40).map(lambda k: k / 8)  # with these every number below is exact


def gradient(a: tuple[float, float]) -> np.ndarray:
    return LOSS.value_and_gradient(np.array(a))[1]


def value(a: np.ndarray) -> float:
    return LOSS.value_and_gradient(a)[0]


def fractions(values: object) -> list[Fraction]:
    return [Fraction(float(each)) for each in np.asarray(values).reshape(-1)]


# Section 8.1


@given(st.integers(-50, 50), st.integers(1, 50))
@settings(deadline=None, derandomize=True)
def test_sec_8_1_the_gradient_is_perpendicular_to_the_level_set(p: int, q: int) -> None:
    """Exactly, with cos t and sin t rational, and sqrt 2 taken out: r = (cos t, sin t / sqrt 2)."""
    u = Fraction(p, q)
    cosine, sine = (1 - u * u) / (1 + u * u), 2 * u / (1 + u * u)
    # grad L = (2 cos t, 4 sin t / sqrt 2) and r' = (-sin t, cos t / sqrt 2); the roots multiply to 2.
    assert 2 * cosine * -sine + 4 * sine * cosine / 2 == 0
    (base,), (tangent,) = on_levels([1.0], np.array([2 * np.arctan(p / q)]))
    assert abs(gradient(base) @ tangent) < 1e-13
    np.testing.assert_allclose(base, [float(cosine), float(sine) / np.sqrt(2)], atol=1e-13)


def test_sec_8_1_the_gradient_at_another_point_is_not() -> None:
    """(8.5) ends with the gradient at a generic point; only the one at a0 is perpendicular."""
    (base,), (tangent,) = on_levels([1.0], np.array([np.pi / 8]))
    assert abs(gradient(base) @ tangent) < 1e-15
    assert abs(gradient((1.0, 1.0)) @ tangent) > 0.1
    assert not gradient((0.0, 0.0)).any()  # and where it is zero it has no direction


def test_sec_8_1_the_gradient_is_the_steepest_direction() -> None:
    a = np.array([0.75, -0.5])
    g = gradient(a)
    angles = np.linspace(0, 2 * np.pi, 721)
    turned = np.arctan2(g[1], g[0]) + angles
    slopes = np.column_stack([np.cos(turned), np.sin(turned)]) @ g
    assert np.argmax(slopes[:-1]) == 0
    assert angles[np.argmin(slopes)] == np.pi
    assert slopes[0] == pytest.approx(np.linalg.norm(g))
    assert slopes[360] == pytest.approx(-np.linalg.norm(g))


@given(st.tuples(EIGHTHS, EIGHTHS), st.tuples(EIGHTHS, EIGHTHS))
@settings(deadline=None, derandomize=True)
def test_sec_8_1_what_the_first_order_leaves_is_of_second_order(a: tuple[float, float], g: tuple[float, float]) -> None:
    """Exactly: L(a + tau g) - L(a) - tau grad L . g = tau^2 L(g), and a short step downhill lowers L."""
    at, along = np.array(a), np.array(g)
    for tau in (0.5, 0.125, 2.0**-10):
        rest = Fraction(value(at + tau * along)) - Fraction(value(at)) - Fraction(tau) * Fraction(gradient(a) @ along)
        assert rest == Fraction(tau) ** 2 * Fraction(value(along))
    if gradient(a).any():
        assert value(at - gradient(a) / 8) < value(at)


@pytest.mark.parametrize("tau", [0.125, 0.25, 0.375, 0.5, 0.75, 1.0, 1.125])
def test_ex_8_1_1_the_trace_is_a_power(tau: float) -> None:
    points = gradient_descent(Quadratic([[2.0]]), [1.0], SGD(tau), steps=12, tolerance=0.0).points[:, 0]
    assert fractions(points) == [(1 - 2 * Fraction(tau)) ** n for n in range(len(points))]
    if tau == 0.5:
        assert points.tolist() == [1.0, 0.0]  # it is there after one step
    if tau == 1.0:
        assert points.tolist() == [(-1.0) ** n for n in range(13)]


@pytest.mark.parametrize(("tau", "converges"), [(0.01, True), (0.99, True), (1.0, False), (1.01, False)])
def test_ex_8_1_1_it_converges_for_rates_between_0_and_1(tau: float, converges: bool) -> None:
    descent = gradient_descent(Quadratic([[2.0]]), [1.0], SGD(tau), steps=3000, tolerance=1e-9)
    assert (descent.status == "converged") is converges
    if tau > 1:
        assert descent.status == "diverged"


def test_tab_8_1_counts_and_the_printed_ones_are_off_by_one() -> None:
    table = run_experiment("tab-8.1").table
    assert table["tau"] == [0.001, 0.01, 0.1, 0.5, 1.0]
    assert table["first n"] == table["first n, exact"] == [3451, 342, 31, 1, None]
    assert table["smallest N"] == [3450, 341, 30, 0, None]
    for rate, printed in zip(learning_rates.RATES[:4], learning_rates.PRINTED[:4], strict=True):
        x = [abs(1 - 2 * rate) ** n for n in (printed - 1, printed)]  # exact; |x_n| falls with n
        assert x[0] >= Fraction(1, 1000) > x[1]  # so "for all n > N" already holds for N = printed - 1


def test_tab_8_1_floating_point_follows_the_rationals() -> None:
    for rate in learning_rates.RATES:
        trace = learning_rates.distances(rate)
        for n in (1, 2, 30, 300, 3000):
            if n < len(trace):
                assert trace[n] == pytest.approx(float(abs(1 - 2 * rate) ** n), rel=1e-11)


def test_fig_8_1_arrows_and_the_path() -> None:
    experiment = run_experiment("fig-8.1")
    assert sorted(set(experiment.table["level"])) == list(LEVELS) == [0.25, 0.5, 1.0, 2.0]
    assert len(experiment.table["level"]) == len(LEVELS) * len(ANGLES)
    bases = np.column_stack([experiment.table["a1"], experiment.table["a2"]])
    np.testing.assert_allclose([value(base) for base in bases], experiment.table["level"])
    assert np.abs(experiment.table["gradient . tangent"]).max() < 1e-10
    assert min(experiment.table["arrow . (-gradient)"]) > 0
    falling = experiment.series["L on the path"]
    assert len(falling) == STEPS + 1
    assert falling[0] == pytest.approx(START[0] ** 2 + 2 * START[1] ** 2)
    assert (np.diff(falling) < 0).all()


def test_fig_8_2_chords() -> None:
    table = run_experiment("fig-8.2").table
    assert min(table["any chord less graph, least"][0], table["drawn chord less graph, least"][0]) >= -1e-12
    assert table["drawn chord less graph, least"][1] < -0.2
    t, a, b = Fraction(1, 3), Fraction(-6, 5), Fraction(9, 10)
    assert chords.gaps(chords.square, a, b, t) == t * (1 - t) * (a - b) ** 2 > 0  # exactly, for any of them
    left, right = table["descent from -1.6 ends at"][1], table["descent from 1.6 ends at"][1]
    np.testing.assert_allclose([left, right], [-1.0466805, 0.9456493], atol=1e-6)
    np.testing.assert_allclose([chords.quartic(left), chords.quartic(right)], [-0.3523861, -0.1526394], atol=1e-6)


# Sections 8.2 and 8.4


def test_sec_8_2_mean_squares() -> None:
    generator = np.random.default_rng(0)
    X, W, y = generator.normal(size=(20, 3)), generator.normal(size=(3, 2)), generator.normal(size=(20, 2))
    plain = np.mean([np.linalg.norm(x @ W - each) ** 2 for x, each in zip(X, y, strict=True)])
    assert LeastSquares(X, y).value_and_gradient(W.reshape(-1))[0] == pytest.approx(plain, rel=1e-14)
    net = Network([Dense(2)], input_shape=(3,), dtype="float64")
    net.parameters[:] = np.append(W.T.reshape(-1), np.zeros(2))
    assert net.loss(X, y, "mean_square") == pytest.approx(plain, rel=1e-14)


def test_sec_8_2_cross_entropy_and_its_gradient_in_the_logits() -> None:
    """Objects are unit vectors, so that the weights of a dense layer are the logits themselves."""
    logits, classes = np.random.default_rng(1).normal(size=(6, 3)), np.array([0, 1, 2, 2, 1, 0])
    net = Network([Dense(3)], input_shape=(6,), dtype="float64")
    net.parameters[:] = np.append(logits.T.reshape(-1), np.zeros(3))
    e = np.exp(logits)
    plain = np.mean(np.log(e.sum(axis=1)) - logits[range(6), classes])
    assert net.loss(np.eye(6), classes, "cross_entropy") == pytest.approx(plain, rel=1e-13)
    expected = (e / e.sum(axis=1, keepdims=True) - np.eye(3)[classes]) / 6
    found = net.gradient(np.eye(6), classes, "cross_entropy")[:18].reshape(3, 6).T
    np.testing.assert_allclose(found, expected, atol=1e-15)


def test_sec_8_2_a_certain_right_answer_costs_nothing() -> None:
    net = Network([Dense(2)], input_shape=(1,), dtype="float64")
    net.parameters[:] = [800.0, 0.0, 0.0, 0.0]
    assert net.loss([[1.0]], [0], "cross_entropy") == 0.0
    assert net.loss([[1.0]], [1], "cross_entropy") == 800.0


@pytest.mark.parametrize("batch_size", [1, 2, 3, 4, 6, 12])
def test_sec_8_4_an_epoch_takes_every_object_once(batch_size: int) -> None:
    X = np.arange(12.0)[:, None]
    descent = gradient_descent(
        LeastSquares(X, X), [0.0], SGD(1e-4), steps=5 * 12 // batch_size, tolerance=0.0, batch_size=batch_size
    )
    assert descent.object_gradients == 5 * 12
    assert descent.steps[-1] == 5 * 12 // batch_size
    for epoch in range(5):
        assert sorted(order_of_epoch(12, "without_replacement", 0, epoch)) == list(range(12))


def test_sec_8_4_independent_draws_may_miss_an_object() -> None:
    drawn = order_of_epoch(12, "with_replacement", 0, 0)
    assert len(drawn) == 12
    assert set(range(12)) - set(drawn.tolist())


@pytest.mark.parametrize(("batch_size", "steps"), [(5, 3), (8, 2), (11, 2)])
def test_sec_8_4_a_batch_size_that_does_not_divide_needs_one_step_more(batch_size: int, steps: int) -> None:
    """(8.12), 12 / b, is no whole number: an epoch has ceil(12 / b) steps, the last one with what is left."""
    X = np.arange(12.0)[:, None]
    given = {"tolerance": 0.0, "batch_size": batch_size}
    assert Fraction(12, batch_size).denominator > 1
    descent = gradient_descent(LeastSquares(X, X), [0.0], SGD(1e-4), steps=steps, **given)
    assert descent.object_gradients == 12
    assert descent.steps.tolist() == [0, steps]  # that is an epoch's end


# Section 8.6


def test_sec_8_6_the_minimiser() -> None:
    """(i), with sums as (8.17) writes them, one column for an object."""
    problem = Problem(0)
    X, y = problem.loss.X, problem.loss.y
    A = sum(np.outer(each, x) for x, each in zip(X, y, strict=True)) @ np.linalg.inv(
        sum(np.outer(x, x) for x in X)  # type: ignore[arg-type]
    )
    assert np.abs(A.T - problem.minimiser).max() < 1e-10
    assert np.abs(problem.loss.value_and_gradient(np.ascontiguousarray(A.T).reshape(-1))[1]).max() < 1e-10
    assert np.trace(problem.hessian) == pytest.approx(1.68, abs=0.02)


def test_sec_8_6_final_losses(runs: list[Run]) -> None:
    """(ii); with batches of one object the mean is that of rare large values."""
    levels = [run.level for run in runs[:12]]
    assert levels == sorted(levels, reverse=True)
    ledger = [0.81, 0.313, 0.142, 0.0714, 0.0344, 0.0164, 0.0079, 0.0041, 0.0018, 0.0008, 0.0003]
    np.testing.assert_allclose(levels[1:], ledger, rtol=0.1)
    assert 3 < levels[0] < 10
    predicted = [0.825, 0.321, 0.146, 0.0701, 0.0344, 0.0170, 0.0085]
    np.testing.assert_allclose([run.predicted for run in runs[1:8]], predicted, rtol=6e-3)
    for run in runs[1:8]:
        assert run.predicted is not None
        assert abs(run.level / run.predicted - 1) < 0.1


def test_sec_8_6_epochs_to_a_relative_loss(runs: list[Run]) -> None:
    """(iii); the order of objects is another than the ledger's, which at b = 32 makes one epoch of its two."""
    near = {run.batch_size: run.near_epoch for run in runs}
    assert [near[size] for size in (1, 2, 4, 8)] == [None] * 4
    assert near[32] in (1, 2)
    assert [near[size] for size in (64, 128, 256, 512, 1024, 2048)] == [2, 3, 5, 9, 17, 34]


def cheapest_is_32(samples: dict[int, int | None]) -> None:
    assert samples[32] is not None
    assert 5_000 < samples[32] < 7_000
    assert all(count is None or count > samples[32] for size, count in samples.items() if size != 32)
    assert samples[64] is not None
    assert 9_000 < samples[64] < 11_000
    assert samples[2048] is not None
    assert 255_000 < samples[2048] < 315_000


def test_sec_8_6_samples_to_a_relative_loss(runs: list[Run]) -> None:
    """(iv)."""
    samples = {run.batch_size: run.samples for run in runs}
    cheapest_is_32(samples)
    assert samples[8] is None
    assert samples[16] is None or samples[16] >= 33_000


@pytest.mark.parametrize("seed", range(1, 5))
def test_sec_8_6_samples_for_other_data(seed: int) -> None:
    """(iv) without the small batches, which take long to come nowhere; the slow tests have these."""
    problem = Problem(seed)
    cheapest_is_32({size: samples_until_near(problem, size, seed) for size in BATCH_SIZES if size >= 16})


def test_fig_8_3_curves(runs: list[Run]) -> None:
    settled = [run.settled_epoch for run in runs[:12]]
    assert settled[:6] == [1] * 6
    np.testing.assert_allclose(np.array(settled[6:], float), [2, 4, 7, 16, 36, 79], rtol=0.26)  # at most one of 4
    assert settled == sorted(settled, key=lambda epoch: epoch or 0)
    for run in runs[:12]:
        assert run.losses[5] < run.losses[0] / 10
        assert run.losses[-50:].max() < 20 * run.level
    assert (runs[-1].batch_size, runs[-1].near_epoch) == (8192, 134)


def test_fig_8_3_no_run_of_the_text_is_deterministic() -> None:
    """The caption shows deterministic descent, b = N, which is none of the twelve sizes that the text lists."""
    assert [2**k for k in range(12)] == list(BATCH_SIZES)
    assert 2**13 not in BATCH_SIZES


def test_fig_8_3_the_whole_set_is_gradient_descent(runs: list[Run]) -> None:
    problem = Problem(0)
    W = np.zeros((4, 64))
    for _ in range(134):
        W = W - RATE * 2 * problem.loss.X.T @ (problem.loss.X @ W - problem.loss.y) / 8192
    assert runs[-1].losses[134] == pytest.approx(float(problem.relative_losses(W.reshape(-1))), rel=1e-10)
    assert runs[-1].losses[133] > 0.04 >= runs[-1].losses[134]


@pytest.mark.usefixtures("runs")
def test_fig_8_4_cost_in_samples() -> None:
    table = run_experiment("fig-8.4").table
    cost = dict(zip(table["b"], table["samples to 0.04"], strict=True))
    assert [cost[size] for size in (1, 2, 4, 8)] == [None] * 4
    assert min((count, size) for size, count in cost.items() if count)[1] == 32
    rising = [cost[size] for size in (32, 64, 128, 256, 512, 1024, 2048)]
    assert rising == sorted(rising)


@pytest.mark.usefixtures("runs")
def test_fig_8_5_final_losses_and_counts() -> None:
    table = run_experiment("fig-8.5").table
    levels = table["last 50 epochs"][:12]
    assert all(b < a for a, b in pairwise(levels))
    assert table["gradients a step"] == table["b"]
