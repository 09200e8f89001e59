"""Networks that collapse into one affine map, that stand for hyperplanes, and that are written as formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mathdl
from mathdl import (
    AveragePool2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalMaxPool2D,
    HardMarginSVM,
    Hyperplane,
    KMeans,
    LogisticRegression,
    MaxPool2D,
    Network,
    Parallel,
    Residual,
    ZeroPad2D,
    collapse,
    network_from_hyperplanes,
    separate,
)
from mathdl.errors import InputError

WHOLE = st.integers(-4, 4)


@given(st.lists(st.integers(1, 4), min_size=2, max_size=5), st.integers(0, 2**32 - 1))
def test_whole_numbers_collapse_without_rounding(widths: list[int], seed: int) -> None:
    draw = np.random.default_rng(seed)
    net = Network([Dense(n, bias=bool(n % 2)) for n in widths[1:]], (widths[0],), dtype="float64")
    net.parameters[:] = draw.integers(-4, 5, net.size)
    A, b = collapse(net)
    product, constant = np.eye(widths[0]), np.zeros(widths[0])
    for layer in net.layers:
        product, constant = (
            layer.weights @ product,
            layer.weights @ constant + (0 if layer.bias is None else layer.bias),
        )
    assert np.array_equal(A, product)
    assert np.array_equal(b, constant)
    x = draw.integers(-4, 5, (5, widths[0])).astype(float)
    assert np.array_equal(net(x), x @ A.T + b)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_affine_layers_of_images_collapse_too(dtype: str) -> None:
    layers = [
        ZeroPad2D(1), Conv2D(3, 3, bias="position"), Residual([Conv2D(3, 3, padding="same")]), AveragePool2D(2),
        Parallel([[Flatten(), Dense(2)], [Conv2D(2, 2), Flatten()]]), Dropout(0.5), Dense(3),
    ]  # fmt: skip
    net = Network(layers, (2, 6, 4), dtype=dtype, seed=3)
    net.parameters[:] = np.random.default_rng(1).normal(size=net.size)
    A, b = collapse(net)
    x = np.random.default_rng(0).normal(size=(10, 2, 6, 4))
    assert (A.shape, b.shape, A.dtype) == ((3, 48), (3,), np.float64)
    assert np.allclose(net(x), x.reshape(10, -1) @ A.T + b, rtol=0, atol=1e-10 if dtype == "float64" else 1e-3)


@pytest.mark.parametrize(
    "layers",
    [[Dense(2, activation="relu")], [Flatten(), Dense(2), Dense(2, activation="softmax")], [MaxPool2D(2)],
     [GlobalMaxPool2D()], [Residual([Conv2D(1, 3, activation="tanh", padding="same")])]],
    ids=str,
)  # fmt: skip
def test_what_is_not_affine_does_not_collapse(layers: list[Any]) -> None:
    flat = isinstance(layers[0], Dense)
    with pytest.raises(InputError, match="not affine"):
        collapse(Network(layers, (3,) if flat else (1, 4, 4)))


@pytest.mark.parametrize("given", [None, 3, Dense(2), [Dense(2)]])
def test_only_networks_collapse(given: Any) -> None:
    with pytest.raises(InputError):
        collapse(given)


def test_a_matrix_that_would_be_huge_is_refused() -> None:
    with pytest.raises(InputError, match="smaller network"):
        collapse(Network([Flatten(), Dense(1)], (1, 100, 100)))


@given(st.lists(st.tuples(WHOLE, WHOLE, WHOLE).filter(lambda row: row[0] or row[1]), min_size=1, max_size=4))
def test_the_largest_output_says_on_which_sides_an_object_lies(rows: list[tuple[int, int, int]]) -> None:
    planes = [Hyperplane(np.array([float(a), float(b)]), c) for a, b, c in rows]
    net = network_from_hyperplanes(planes)
    x = np.random.default_rng(0).integers(-40, 41, (60, 2)) / 4
    u = np.array([plane.value(x) for plane in planes])
    ordered, smallest = np.sort(net(x), axis=1), np.abs(u).min(axis=0)
    classes = ((u > 0) * 2 ** np.arange(len(planes))[:, None]).sum(axis=0)
    off = smallest > 0
    assert np.array_equal(net(x).argmax(axis=1)[off], classes[off])
    assert np.array_equal(ordered[:, -1] - ordered[:, -2], smallest * (1 if len(planes) == 1 else 2))


def test_separations_and_fitted_machines_become_networks() -> None:
    X, y = np.array([[0.0, 0.0], [1.0, 0.0], [3.0, 1.0], [4.0, 0.0]]), np.array([5, 5, 7, 7])
    for what in (separate(X[:2], X[2:]), HardMarginSVM().fit(X, y), LogisticRegression(1.0).fit(X, y)):
        assert network_from_hyperplanes(what)(X).argmax(axis=1).tolist() == [0, 0, 1, 1]
    machine = HardMarginSVM().fit(X, y)
    outputs = network_from_hyperplanes(machine)(X)
    assert np.allclose(outputs[:, 1] - outputs[:, 0], machine.decision_function(X), rtol=1e-14)


@pytest.mark.parametrize(
    "given",
    [None, 3, [], [3], separate([[0.0], [2.0]], [[1.0]]), HardMarginSVM(), KMeans(2),
     [Hyperplane([1.0], 0.0), Hyperplane([1.0, 1.0], 0.0)], [Hyperplane([1.0], 0.0)] * 11],
    ids=lambda given: str(given)[:40],
)  # fmt: skip
def test_what_has_no_hyperplane(given: Any) -> None:
    with pytest.raises(InputError):
        network_from_hyperplanes(given)


def test_formulas_leave_out_what_is_zero_and_name_every_layer() -> None:
    net = Network([Dense(2, "tanh"), Dense(1), Dense(2, "softmax")], (3,), dtype="float64")
    net.parameters[:] = [1, 0, -1, 0, 0, 0, 0.5, 0, -2.25, 1, 0, 1, 1 / 3, 0, -1]
    assert net.formula().splitlines() == [
        "h1_1 = tanh(x1 - x3 + 0.5)", "h1_2 = tanh(0)", "h2_1 = -2.25 h1_1 + h1_2",
        "z1 = h2_1", "z2 = 0.333333 h2_1 - 1", "(y1, y2) = softmax(z1, z2)",
    ]  # fmt: skip


@given(st.lists(WHOLE, min_size=13, max_size=13))
def test_a_formula_is_the_network(parameters: list[int]) -> None:
    net = Network([Flatten(), Dense(3, "relu"), Dropout(0.2), Dense(1, "relu")], (2,), dtype="float64")
    net.parameters[:] = parameters
    x = [1.5, -2.0]
    names: dict[str, Any] = {"relu": lambda t: max(t, 0.0), "x1": x[0], "x2": x[1]}
    for line in net.formula().splitlines():
        name, _, text = line.partition(" = ")
        for known in ("x1", "x2", "h1", "h2", "h3"):
            text = text.replace(f" {known}", f"*{known}").replace(f"+*{known}", f"+ {known}")
            text = text.replace(f"-*{known}", f"- {known}")
        names[name] = eval(text, dict(names))
    assert names["y1"] == net([x])[0, 0]


@pytest.mark.parametrize(("layers", "shape"), [([Conv2D(1, 2)], (1, 3, 3)), ([Dense(30), Dense(30)], (30,))])
def test_formulas_are_of_small_dense_networks(layers: list[Any], shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError):
        Network(layers, shape).formula()


def test_tents_in_tents_have_as_many_teeth_as_layers_make() -> None:
    tents: list[Any] = []
    for _ in range(3):
        tents += [Dense(2, activation="relu"), Dense(1, activation="relu", bias=False)]
    net = mathdl.Network(tents, (1,), dtype="float64")
    net.parameters[:] = [1, 1, 0, -0.5, 2, -4] * 3
    assert net(np.arange(9)[:, None] / 8).ravel().tolist() == [0, 1, 0, 1, 0, 1, 0, 1, 0]


def test_a_hat_is_a_network() -> None:
    hat = Network([Dense(3, activation="relu"), Dense(1, activation="relu", bias=False)], (1,), dtype="float64")
    hat.parameters[:] = [1, 1, 1, 0, -1, -2, 1, -2, 1]
    assert hat(np.arange(-1, 6)[:, None] / 2).ravel().tolist() == [0, 0, 0.5, 1, 0.5, 0, 0]
