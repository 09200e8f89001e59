"""Activations: names, slopes, and a user's own, good and bad."""

from __future__ import annotations

import contextlib
import copy
import math
import pickle
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from mathdl import SGD, Activation, Conv2D, Dense, Flatten, Network
from mathdl.errors import InputError, InputWarning
from mathdl.kernels import activations as kernels
from mathdl.kernels.jit import JIT_OFF

X = np.random.default_rng(0).normal(size=(20, 3))
Y = np.random.default_rng(1).normal(size=(20, 2))


def softplus(x: float) -> float:
    return math.log1p(math.exp(x))


def softplus_derivative(x: float) -> float:
    return 1 / (1 + math.exp(-x))


SOFTPLUS = Activation("softplus", function=softplus, derivative=softplus_derivative)


def network(activation: Any) -> Network:
    return Network([Dense(4, activation=activation), Dense(2)], input_shape=(3,), dtype="float64", seed=1)


@pytest.mark.parametrize(
    ("given", "described"),
    [
        ("relu", "relu"),
        ("leaky_relu", {"name": "leaky_relu", "slope": 0.01}),
        ({"name": "leaky_relu", "slope": 0.3}, {"name": "leaky_relu", "slope": 0.3}),
        ({"name": "tanh"}, "tanh"),
        (Activation("leaky_relu", slope=0), {"name": "leaky_relu", "slope": 0}),
        (SOFTPLUS, "softplus"),
    ],
)
def test_ways_to_name_an_activation(given: Any, described: Any) -> None:
    assert Dense(1, activation=given).describe()["activation"] == described


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("rellu", "Activation 'rellu' is unknown; choose one of identity, relu, leaky_relu"),
        ({"name": "rellu"}, "Activation 'rellu' is unknown"),
        ({"slope": 0.1}, "activation is .*; give a name"),
        ({"name": "leaky_relu", "slop": 0.1}, "activation is .*; give a name"),
        ({"name": "leaky_relu", "slope": "steep"}, "has slope 'steep'; give a finite number of at least 0"),
        (None, "activation is None; give a name"),
        (max, "activation is <built-in function max>; give a name"),
    ],
)
def test_what_is_no_activation_is_refused(given: Any, message: str) -> None:
    for layer in (lambda: Dense(1, activation=given), lambda: Conv2D(1, 1, activation=given)):
        with pytest.raises(InputError, match=message):
            layer()


@pytest.mark.parametrize("slope", [-0.1, float("nan"), float("inf")])
def test_slopes_out_of_range_are_refused(slope: float) -> None:
    with pytest.raises(InputError, match=r"has slope .*; give a finite number of at least 0"):
        Activation("leaky_relu", slope=slope)


def test_one_function_without_the_other_is_refused() -> None:
    with pytest.raises(InputError, match="'half' has one of function and derivative; give both"):
        Activation("half", function=softplus)


def test_softmax_needs_a_vector() -> None:
    with pytest.raises(InputError, match="softmax acts on a vector of classes"):
        Conv2D(2, 1, activation="softmax")


def test_own_activation_by_differences() -> None:
    net = network(SOFTPLUS)
    gradient = net.gradient(X, Y, "mean_square")
    for i in range(net.size):
        values = []
        for shift in (1e-5, -2e-5):
            net.parameters[i] += shift
            values.append(net.loss(X, Y, "mean_square"))
        net.parameters[i] += 1e-5
        assert gradient[i] == pytest.approx((values[0] - values[1]) / 2e-5, rel=1e-6, abs=1e-7)


def test_own_activation_trains_and_copies() -> None:
    net = network(SOFTPLUS)
    history = net.fit(X, Y, loss="mean_square", epochs=20)
    assert history.loss[-1] < history.loss[0]
    for other in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert np.array_equal(other(X), net(X))
        assert np.array_equal(other.gradient(X, Y, "mean_square"), net.gradient(X, Y, "mean_square"))


def test_own_activation_may_have_a_librarys_name() -> None:
    own = Activation("relu", function=softplus, derivative=softplus_derivative)
    assert np.array_equal(network(own)(X), network(SOFTPLUS)(X))
    assert not np.array_equal(network(own)(X), network("relu")(X))


def test_own_activation_after_a_convolution() -> None:
    net = Network([Conv2D(2, 2, activation=SOFTPLUS), Flatten()], input_shape=(1, 3, 3), dtype="float64")
    plain = Network([Conv2D(2, 2), Flatten()], input_shape=(1, 3, 3), dtype="float64")
    plain.parameters[:] = net.parameters
    images = np.random.default_rng(0).normal(size=(17, 1, 3, 3))
    np.testing.assert_allclose(net(images), np.logaddexp(0, plain(images)), rtol=1e-12)


def two_arguments(x: float, y: float) -> float:
    return x + y


def text(x: float) -> str:
    return "positive" if x > 0 else "negative"


def nothing(x: float) -> None:
    pass


def makes_an_object(x: float) -> Fraction:
    return Fraction(x)


def unknown_name(x: float) -> float:
    return undefined(x)  # type: ignore[name-defined,no-any-return]  # noqa: F821


BAD: list[Callable[..., Any]] = [two_arguments, text, nothing, makes_an_object, unknown_name, np.tanh.outer]


@pytest.mark.skipif(JIT_OFF, reason="nothing is compiled")
@pytest.mark.parametrize("bad", BAD)
def test_a_function_that_cannot_be_compiled(bad: Any) -> None:
    net = network(Activation("mine", function=bad, derivative=softplus_derivative))
    with pytest.raises(InputError) as caught:
        net(X)
    assert "Activation 'mine' cannot be compiled; give a function and a derivative of one float" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(JIT_OFF, reason="nothing is compiled")
@pytest.mark.parametrize("bad", BAD)
def test_a_derivative_that_cannot_be_compiled(bad: Any) -> None:
    net = network(Activation("mine", function=softplus, derivative=bad))
    for call in (lambda: net.gradient(X, Y, "mean_square"), lambda: net.fit(X, Y, loss="mean_square")):
        with pytest.raises(InputError, match="Activation 'mine' cannot be compiled; give a function and a derivative"):
            call()


def power(exponent: float) -> Activation:
    return Activation("power", function=lambda x: x**exponent, derivative=lambda x: exponent * x ** (exponent - 1))


def test_equal_functions_of_ones_own_are_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numba never gives machine code back: a search over many networks would fill the memory."""
    made = []
    own = kernels.own
    monkeypatch.setattr(kernels, "own", lambda *functions: made.append(functions) or own(*functions))
    x = np.array([[1.0, 2.0, 3.0]])
    answers = []
    for exponent in (2.0, 2.0, 3.0, 2.0, 2):
        net = Network([Dense(3, activation=power(exponent), bias=False)], input_shape=(3,), dtype="float64", seed=0)
        net.parameters[:] = np.eye(3).ravel()
        answers.append(net(x)[0].tolist())
    assert answers == [[1, 4, 9], [1, 4, 9], [1, 8, 27], [1, 4, 9], [1, 4, 9]]
    assert len(made) == 3  # 2.0, 3.0 and the integer 2


def test_a_wrong_derivative_is_said() -> None:
    X, y = np.zeros((4, 2)), np.zeros(4)
    for derivative, right in ((lambda x: 2 * x, True), (lambda x: x, False)):
        own = Activation("square", function=lambda x: x * x, derivative=derivative)
        net = Network([Dense(2, activation=own), Dense(1)], (2,))
        net(X)  # the derivative plays no part yet
        said = (
            contextlib.nullcontext()
            if right
            else pytest.warns(InputWarning, match=r"given as -2.3, .* is -4.6; training")
        )
        with said:
            net.fit(X, y, loss="mean_square", epochs=1)


def test_a_kink_or_a_limited_domain_is_no_wrong_derivative() -> None:
    for function, derivative in (
        (lambda x: abs(x - 0.3), lambda x: 1.0 if x > 0.3 else -1.0),
        (lambda x: math.sqrt(x), lambda x: 0.5 / math.sqrt(x)),
    ):
        own = Activation("own", function=function, derivative=derivative)
        Network([Dense(1, activation=own)], (1,)).fit([[1.0]], [[1.0]], loss="mean_square", epochs=1, rule=SGD(1e-9))


@pytest.mark.parametrize(
    "given", ["relu", "sigmoid", "tanh", "abs", "identity", SOFTPLUS, Activation("leaky_relu", slope=0.25)]
)
@pytest.mark.parametrize("shape", [(), (7,), (3, 100)])
def test_an_activation_has_the_values_and_derivatives_of_the_networks(given: Any, shape: tuple[int, ...]) -> None:
    activation = Activation.of(given)
    x = np.random.default_rng(1).normal(size=shape) * 3
    net = Network([Dense(1, activation=activation)], input_shape=(1,), dtype="float64")
    net.parameters[:] = 1, 0
    assert np.array_equal(activation.values(x).ravel(), net(x.reshape(-1, 1)).ravel())
    for t, slope in zip(x.ravel()[:5], activation.derivatives(x).ravel()[:5], strict=True):
        seen = net.backpropagate([t], net([[t]])[0] - 0.5, "mean_square")
        assert slope == pytest.approx(seen.output_gradients[0][0], rel=1e-12)


@pytest.mark.parametrize("x", ["x", [None], [1j], float("nan"), [np.inf], [[1], [2, 3]]])
def test_an_activation_of_what_is_no_number(x: Any) -> None:
    with pytest.raises(InputError):
        Activation("tanh").values(x)


def test_softmax_is_not_taken_number_by_number() -> None:
    with pytest.raises(InputError, match="acts on a vector"):
        Activation("softmax").derivatives([1.0, 2.0])
