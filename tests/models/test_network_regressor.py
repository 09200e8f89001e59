"""NetworkRegressor: the least-squares solution as oracle, targets of any scale and number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

from mathdl import SGD, NetworkRegressor
from mathdl.errors import DivergenceWarning, InputError, TrivialLossWarning


def data(targets: tuple[int, ...] = ()) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    return generator.normal(size=(30, 3)), generator.normal(size=(30, *targets))


def test_without_hidden_layers_it_is_linear_regression() -> None:
    X, y = data()
    model = NetworkRegressor((), rule=SGD(0.2), epochs=500, random_state=0).fit(X, y)
    np.testing.assert_allclose(model.predict(X), LinearRegression().fit(X, y).predict(X), atol=1e-10)


def test_weights_count_as_in_linear_regression() -> None:
    X, y = data((2,))
    weights = np.random.default_rng(1).integers(0, 4, size=30)
    y[weights == 0] = 1e300  # an object of weight zero must not reach the mean, the scale or the loss
    model = NetworkRegressor((), rule=SGD(0.1), epochs=1500, random_state=0).fit(X, y, weights)
    seen = weights > 0
    peer = LinearRegression().fit(X[seen], y[seen], weights[seen])
    np.testing.assert_allclose(model.predict(X), peer.predict(X), atol=1e-10)
    np.testing.assert_allclose(model.target_mean_, np.average(y[seen], axis=0, weights=weights[seen]), rtol=1e-13)


@settings(max_examples=25)
@given(power=st.integers(-900, 900))
def test_a_target_in_another_unit_trains_to_the_same_bits(power: int) -> None:
    X, y = data()
    model = NetworkRegressor((4,), epochs=2, random_state=0)
    expected = np.ldexp(model.fit(X, y).predict(X), power)
    assert np.array_equal(model.fit(X, np.ldexp(y, power)).predict(X), expected)


def test_a_small_change_of_a_large_target_is_learned_in_float32() -> None:
    X, _ = data()
    model = NetworkRegressor((), rule=SGD(0.2), epochs=200, random_state=0).fit(X.astype("float32"), 1e9 + X[:, 0])
    assert model.network_.dtype == "float32"
    assert model.predict(X).dtype == np.float64  # float32 could not tell these targets apart
    np.testing.assert_allclose(model.predict(X) - 1e9, X[:, 0], atol=1e-4)


@pytest.mark.parametrize("targets", [(), (1,), (3,)])
def test_predictions_have_the_shape_of_the_targets(targets: tuple[int, ...]) -> None:
    X, y = data(targets)
    model = NetworkRegressor(epochs=2, random_state=0).fit(X, y)
    assert model.predict(X).shape == y.shape
    assert model.predict(X[:1]).shape == (1, *targets)
    assert model.target_mean_.shape == model.target_scale_.shape == targets


def test_each_target_has_a_scale_of_its_own() -> None:
    X, _ = data()
    y = np.column_stack([X[:, 0], 1e6 * X[:, 1] - 3e7, np.full(30, 0.1)])
    model = NetworkRegressor(epochs=200, random_state=0).fit(X, y)
    np.testing.assert_allclose(model.target_mean_, y.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(model.target_scale_[:2], y[:, :2].std(axis=0), rtol=1e-9)
    errors = (model.predict(X) - y)[:, :2].std(axis=0) / y[:, :2].std(axis=0)
    assert (errors < 0.1).all()
    assert (model.predict(X)[:, 2] == 0.1).all(), "a constant target is predicted exactly"


def test_after_divergence_the_model_answers() -> None:
    X, y = data()
    model = NetworkRegressor((5,), rule=SGD(1e100), random_state=0)
    with pytest.warns(DivergenceWarning, match="try learning_rate"):
        model.fit(X, y)
    assert np.isfinite(model.predict(X)).all()


@pytest.mark.parametrize(
    ("y", "message"),
    [([1.0, np.nan], "NaN"), ([1.0, np.inf], "infinity"), (["a", "b"], "y holds texts"), ([1.0], "inconsistent")],
)
def test_targets_that_cannot_be_used_are_refused(y: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NetworkRegressor().fit([[0.0], [1.0]], y)


def test_weights_of_zero_alone_are_refused() -> None:
    with pytest.raises((InputError, ValueError), match="zero"):
        NetworkRegressor().fit([[0.0], [1.0]], [1.0, 2.0], [0.0, 0.0])


def test_huber_is_not_led_astray_by_a_few_targets_a_thousand_times_too_large() -> None:
    random = np.random.default_rng(0)
    X = random.normal(size=(1000, 3)).astype("float32")
    price = 800 + 150 * X[:, 0] + 50 * X[:, 1]
    y = price.copy()
    y[random.choice(1000, 5, replace=False)] *= 1000
    options: dict[str, Any] = {"rule": SGD(0.03, 0.9), "epochs": 20, "random_state": 0}
    robust = NetworkRegressor((16,), loss="huber", **options).fit(X, y)
    assert np.median(np.abs(robust.predict(X) / price - 1)) < 0.05
    assert robust.history_.message == ""
    with pytest.warns(TrivialLossWarning, match="no better than the 1 of the same answer for every object"):
        plain = NetworkRegressor((16,), **options).fit(X, y)
    assert np.median(np.abs(plain.predict(X) / price - 1)) > 0.2
    assert plain.history_.message.endswith(
        "5 of 1,000 targets lie far from all others and may rule the rest; try loss huber."
    )
    with pytest.raises(InputError, match="NetworkRegressor: loss is 'hinge'; give 'mean_square' or 'huber'"):
        NetworkRegressor(loss="hinge").fit(X, y)


def test_huber_takes_targets_that_are_mostly_equal() -> None:
    X = np.arange(20.0)[:, None]
    model = NetworkRegressor((4,), loss="huber", epochs=2, random_state=0).fit(X, np.r_[np.zeros(19), 1.0])
    assert model.target_scale_ == np.r_[np.zeros(19), 1.0].std()
