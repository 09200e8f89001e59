"""A network as its user meets it: shapes, views, copies, probabilities, backpropagation."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import naive
from mathdl import (
    SGD,
    Activation,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalMaxPool2D,
    MaxPool2D,
    Network,
    Parallel,
    ZeroPad2D,
)
from mathdl.errors import InputError

Array = NDArray[Any]
LOSSES = ("mean_square", "huber", "cross_entropy", "binary_cross_entropy", "hinge")


def image_network(dtype: str = "float64", seed: int = 0, last: str = "identity") -> Network:
    layers = [
        ZeroPad2D(1),
        Conv2D(3, 3, activation="tanh", bias="position"),
        MaxPool2D(2),
        Parallel([[Flatten(), Dense(2, activation="tanh")], [Conv2D(2, 2), GlobalMaxPool2D()]]),
        Dense(3, activation=last),
    ]
    return Network(layers, input_shape=(1, 6, 4), dtype=dtype, seed=seed)


def images(count: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).normal(size=(count, 1, 6, 4))


def targets(loss: str, count: int, outputs: int = 3) -> Array:
    classes = np.arange(count) % outputs
    if loss == "cross_entropy":
        return classes
    return np.eye(outputs)[classes] * (2 if loss == "hinge" else 1) - (loss == "hinge")


def test_repr_tells_layers_shapes_and_parameters() -> None:
    text = repr(image_network())
    head, *rows = text.splitlines()
    assert head == f"Network of {image_network().size:,} parameters (float64), input (1, 6, 4)"
    assert len(rows) == 5
    for row, name, shape, size in zip(
        rows,
        (
            "ZeroPad2D(size=1)",
            "Conv2D(channels=3, kernel_size=3, activation='tanh'",
            "MaxPool2D(",
            "Parallel(",
            "Dense(",
        ),
        ((1, 8, 6), (3, 6, 4), (3, 3, 2), (4,), (3,)),
        (0, 99, 0, 64, 15),
        strict=True,
    ):
        assert row.strip().startswith(name)
        assert f"-> {shape}" in row
        assert row.endswith(f"{size} parameters")


def test_architecture_makes_the_network_again() -> None:
    net = image_network(seed=5)
    described = json.loads(json.dumps(net.architecture))
    again = Network.from_architecture(described, net.input_shape, dtype="float64", seed=5)
    assert again.architecture == net.architecture == described
    assert np.array_equal(again.parameters, net.parameters)
    assert np.array_equal(again(images(3)), net(images(3)))


def layers_with_parameters(net: Network) -> list[Any]:
    found: list[Any] = []
    for layer in net.layers:
        found += [each for branch in layer.branches for each in branch] if isinstance(layer, Parallel) else [layer]
    return [layer for layer in found if layer.weights is not None]


def assert_views(net: Network) -> None:
    """The layers' arrays are the parameter vector, in order and without a gap."""
    layers = layers_with_parameters(net)
    arrays = [array for layer in layers for array in (layer.weights, layer.bias) if array is not None]
    assert all(np.shares_memory(array, net.parameters) for array in arrays)
    before = net.parameters.copy()
    net.parameters[:] = np.arange(net.size)
    assert np.array_equal(np.concatenate([array.ravel() for array in arrays]), np.arange(net.size))
    net.parameters[:] = before


def test_layers_see_the_parameter_vector() -> None:
    net = image_network()
    assert_views(net)
    assert net.parameters.shape == (net.size,)
    assert net.parameters.flags["C_CONTIGUOUS"]
    before = net(images(2))
    net.layers[-1].weights[:] = 0  # type: ignore[index]
    net.layers[-1].bias[:] = [1, 2, 3]  # type: ignore[index]
    assert not np.array_equal(net(images(2)), before)
    assert net(images(2)).tolist() == [[1, 2, 3]] * 2
    net.parameters[-3:] = 7
    assert net(images(2)).tolist() == [[7, 7, 7]] * 2


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
@pytest.mark.parametrize("used", [False, True])
def test_a_copy_has_parameters_of_its_own(duplicate: Any, used: bool) -> None:
    net = image_network()
    if used:
        net.fit(images(4), targets("cross_entropy", 4), loss="cross_entropy", epochs=1)
    expected = net(images(3))
    other = duplicate(net)
    assert_views(other)
    assert_views(net)
    assert not np.shares_memory(other.parameters, net.parameters)
    assert np.array_equal(other(images(3)), expected)
    assert (other.trained_loss, other.seed, other.dtype) == (net.trained_loss, net.seed, net.dtype)
    other.parameters[:] = 0
    assert np.array_equal(net(images(3)), expected)
    assert not other(images(3)).any()


def test_a_shallow_copy_shares_the_parameters() -> None:
    net = image_network()
    other = copy.copy(net)
    assert other.parameters is net.parameters
    assert_views(other)
    assert_views(net)


def test_a_layer_may_serve_in_several_places() -> None:
    layer = Dense(3, activation="tanh")
    nets = [Network([layer, layer], input_shape=(3,), seed=seed) for seed in (0, 1)]
    assert nets[0].size == 24
    assert not np.shares_memory(nets[0].parameters, nets[1].parameters)
    assert layer.weights is None
    for net in nets:
        assert_views(net)


def test_the_seed_chooses_the_parameters() -> None:
    assert np.array_equal(image_network(seed=3).parameters, image_network(seed=3).parameters)
    assert not np.array_equal(image_network(seed=3).parameters, image_network(seed=4).parameters)
    single, double = image_network("float32", seed=3), image_network("float64", seed=3)
    assert np.array_equal(single.parameters, double.parameters.astype("float32"))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numbers_have_the_networks_dtype(dtype: str) -> None:
    net = image_network(dtype)
    for X in (images(2), images(2).astype("float32"), images(2).astype("float16"), images(2).tolist(), images(2) > 0):
        assert net(X).dtype == dtype
        assert net(X).shape == (2, 3)
    assert net.gradient(images(2), [0, 1], "cross_entropy").dtype == net.parameters.dtype == dtype
    assert isinstance(net.loss(images(2), [0, 1], "cross_entropy"), float)


def test_what_is_given_is_not_changed_and_may_be_strided() -> None:
    net = image_network()
    X = np.asfortranarray(images(6))
    X.setflags(write=False)
    assert np.array_equal(net(X[::2]), net(X[::2].copy()))
    net.fit(X, targets("cross_entropy", 6), loss="cross_entropy", epochs=1)


def test_bytes_stand_for_numbers_from_0_to_1() -> None:
    net = image_network()
    X = np.random.default_rng(0).integers(256, size=(5, 1, 6, 4), dtype=np.uint8)
    y = targets("cross_entropy", 5)
    np.testing.assert_allclose(net(X), net(X / 255), rtol=1e-12)
    assert net.loss(X, y, "cross_entropy") == pytest.approx(net.loss(X / 255, y, "cross_entropy"), rel=1e-12)
    np.testing.assert_allclose(
        net.gradient(X, y, "cross_entropy"), net.gradient(X / 255, y, "cross_entropy"), rtol=1e-9, atol=1e-13
    )
    other = copy.deepcopy(net)
    for each, data in ((net, X), (other, X / 255)):
        each.fit(data, y, loss="cross_entropy", rule=SGD(0.1), batch_size=2, epochs=3, validation=(data, y))
    np.testing.assert_allclose(net.parameters, other.parameters, rtol=1e-9, atol=1e-13)


# --------------------------------------------------------------------------------------------- probabilities


def vector_network(units: int, last: str) -> Network:
    net = Network([Dense(4, activation="tanh"), Dense(units, activation=last)], input_shape=(2,), dtype="float64")
    net.parameters[:] = np.random.default_rng(0).normal(size=net.size)
    return net


VECTORS = np.random.default_rng(1).normal(size=(6, 2))


@pytest.mark.parametrize("loss", [None, "cross_entropy"])
@pytest.mark.parametrize("last", ["identity", "softmax"])
def test_probabilities_of_classes(last: str, loss: str | None) -> None:
    net = vector_network(3, last)
    if loss:
        net.fit(VECTORS, targets(loss, 6), loss=loss, epochs=2)
    logits = naive.forward(naive.logits(net.architecture, "cross_entropy"), net.parameters, VECTORS)[-1]
    found = net.predict_proba(VECTORS)
    np.testing.assert_allclose(found, naive.softmax(logits), rtol=1e-12)
    np.testing.assert_allclose(found.sum(axis=1), 1)


@pytest.mark.parametrize("units", [1, 3])
@pytest.mark.parametrize("last", ["identity", "sigmoid"])
def test_probabilities_by_sigmoid(last: str, units: int) -> None:
    net = vector_network(units, last)
    net.fit(VECTORS, targets("binary_cross_entropy", 6, units), loss="binary_cross_entropy", epochs=2)
    logits = naive.forward(naive.logits(net.architecture, "binary_cross_entropy"), net.parameters, VECTORS)[-1]
    p = naive.sigmoid(logits)
    np.testing.assert_allclose(net.predict_proba(VECTORS), np.hstack([1 - p, p]) if units == 1 else p, rtol=1e-12)


def test_large_logits_give_probabilities() -> None:
    net = Network([Dense(2, bias=False)], input_shape=(1,), dtype="float64")
    net.parameters[:] = [1000, -1000]
    assert net.predict_proba([[1.0], [-1.0], [0.0]]).tolist() == [[1, 0], [0, 1], [0.5, 0.5]]


@pytest.mark.parametrize(("loss", "last"), [("cross_entropy", "softmax"), ("binary_cross_entropy", "sigmoid")])
def test_a_loss_takes_the_value_before_its_own_activation(loss: str, last: str) -> None:
    """Where the softmax has rounded to 1 and 0, the loss is still right."""
    nets = [vector_network(3, activation) for activation in ("identity", last)]
    y = targets(loss, 6)
    for net in nets:
        net.parameters[-3:] = [1000, 0, -1000]
    values = [net.loss(VECTORS, y, loss) for net in nets]
    assert values[0] == values[1]
    assert 100 < values[0] < 1e4
    gradients = [net.gradient(VECTORS, y, loss) for net in nets]
    assert np.array_equal(*gradients)
    assert gradients[0].any()


@pytest.mark.parametrize(
    ("loss", "last"), [("binary_cross_entropy", "softmax"), ("cross_entropy", "sigmoid"), ("mean_square", "softmax")]
)
def test_any_other_final_activation_stays(loss: str, last: str) -> None:
    net, y = vector_network(3, last), targets(loss, 6)
    value, gradient = naive.loss_and_gradient(net.architecture, (2,), net.parameters, VECTORS, y, loss)
    assert net.loss(VECTORS, y, loss) == pytest.approx(value, rel=1e-12)
    np.testing.assert_allclose(net.gradient(VECTORS, y, loss), gradient, rtol=1e-9, atol=1e-14)


# -------------------------------------------------------------------------------------------- backpropagation


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("last", ["identity", "softmax", "sigmoid", "tanh"])
def test_backpropagation_against_differences(loss: str, last: str) -> None:
    """dl/dh_k is the derivative of the loss of the rest of the network as a function of h_k."""
    net = image_network(last=last)
    x, y = images(1, seed=3)[0], targets(loss, 3)[1]
    shown = net.backpropagate(x, y, loss)
    assert shown.loss == pytest.approx(net.loss(x[None], y[None], loss), rel=1e-12)
    assert [h.shape for h in shown.outputs] == [(1, 6, 4), *(layer.output_shape for layer in net.layers)]
    assert [h.shape for h in shown.output_gradients] == [h.shape for h in shown.outputs]
    assert [len(part) for part in shown.parameter_gradients] == [layer.size for layer in net.layers]
    np.testing.assert_allclose(
        np.concatenate(shown.parameter_gradients), net.gradient(x[None], y[None], loss), rtol=1e-10, atol=1e-14
    )
    np.testing.assert_allclose(shown.outputs[-1], net(x[None])[0], rtol=1e-12)
    own = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}.get(loss) == last

    def rest(k: int, h: Array) -> float:
        """The loss from h_k on."""
        pieces = naive.layer_pieces(net.architecture, net.input_shape, net.parameters)
        f = naive.forward(net.architecture[k:], np.concatenate([*pieces[k:], np.zeros(0)]), h[None])[-1]
        if own:
            f = np.log(f) if last == "softmax" else np.log(f / (1 - f))
        return float(naive.object_losses(loss, f, y[None])[0])

    for k, (h, gradient) in enumerate(zip(shown.outputs, shown.output_gradients, strict=True)):
        if loss == "cross_entropy" and own and k == 5:  # of the probabilities, the loss reads only the right one
            expected = np.zeros(3)
            expected[y] = -1 / h[y]
        else:
            flat = naive.central_difference(lambda values, k=k, h=h: rest(k, values.reshape(h.shape)), h.ravel())
            expected = flat.reshape(h.shape)
        np.testing.assert_allclose(gradient, expected, rtol=1e-5, atol=1e-8)


def test_backpropagation_keeps_what_it_returned() -> None:
    net = vector_network(3, "identity")
    shown = net.backpropagate(VECTORS[0], 1, "cross_entropy")
    before = [array.copy() for array in (*shown.outputs, *shown.output_gradients, *shown.parameter_gradients)]
    net.backpropagate(VECTORS[1], 2, "cross_entropy")
    after = (*shown.outputs, *shown.output_gradients, *shown.parameter_gradients)
    assert all(np.array_equal(*pair) for pair in zip(before, after, strict=True))


def test_backpropagation_of_bytes() -> None:
    x = np.random.default_rng(0).integers(256, size=(1, 6, 4), dtype=np.uint8)
    shown = image_network().backpropagate(x, 1, "cross_entropy")
    np.testing.assert_allclose(shown.outputs[0], x / 255, rtol=1e-15)


def test_backpropagation_through_a_sigmoid_that_has_rounded_to_1() -> None:
    net = Network([Dense(2, activation="sigmoid", bias=False)], input_shape=(1,), dtype="float64")
    net.parameters[:] = [1000, -1000]
    shown = net.backpropagate([1.0], [1.0, 0.0], "binary_cross_entropy")
    assert shown.loss == 0
    assert shown.outputs[-1].tolist() == [1, 0]
    assert shown.output_gradients[-1].tolist() == [-1, 1]


def test_networks_without_parameters_can_be_evaluated() -> None:
    net = Network([MaxPool2D(2), Flatten()], input_shape=(1, 2, 4), dtype="float64")
    assert net.size == 0
    assert net(np.arange(8.0).reshape(1, 1, 2, 4)).tolist() == [[5, 7]]
    assert net.loss(np.zeros((1, 1, 2, 4)), [[1.0, 2.0]], "mean_square") == 5
    assert net.gradient(np.zeros((1, 1, 2, 4)), [[1.0, 2.0]], "mean_square").shape == (0,)


def test_a_users_activation_is_shown_by_its_name() -> None:
    own = Activation("cube", function=lambda x: x**3, derivative=lambda x: 3 * x * x)
    net = Network([Dense(2, activation=own)], input_shape=(1,), dtype="float64")
    assert net.architecture[0]["activation"] == "cube"
    assert "activation='cube'" in repr(net)


def test_flatten_after_softmax_changes_nothing() -> None:
    """The loss and the probabilities look through layers that compute nothing."""
    x, y = np.random.default_rng(0).normal(size=(7, 4)), np.arange(7) % 3
    plain = Network([Dense(3, activation="softmax")], input_shape=(4,), dtype="float64")
    after = Network([Dense(3, activation="softmax"), Flatten()], input_shape=(4,), dtype="float64")
    assert after.loss(x, y, "cross_entropy") == plain.loss(x, y, "cross_entropy")
    assert np.array_equal(after.predict_proba(x), plain.predict_proba(x))
    assert np.array_equal(after.gradient(x, y, "cross_entropy"), plain.gradient(x, y, "cross_entropy"))


def test_a_trace_holds_what_backpropagation_sees_and_the_numbers_before_the_activations() -> None:
    net, x = image_network(last="softmax"), images(1)[0]
    trace, seen = net.trace(x), net.backpropagate(x, np.zeros(3), "mean_square")
    for step, output in zip(trace, seen.outputs[1:], strict=True):
        assert np.array_equal(step.output, output)
    last, given = net.layers[-1], trace[-2].output
    assert np.allclose(trace[-1].pre_activation, last.weights @ given + last.bias, rtol=1e-14, atol=1e-15)
    assert np.allclose(trace[-1].output, naive.softmax(trace[-1].pre_activation[None])[0], rtol=1e-14)
    assert np.allclose(np.tanh(trace[1].pre_activation), trace[1].output, rtol=1e-14)
    assert np.array_equal(trace[2].pre_activation, trace[2].output)


def test_a_trace_takes_bytes_and_refuses_other_shapes() -> None:
    net = Network([Dense(2, activation="relu")], (3,), dtype="float32")
    whole = net.trace(np.array([0, 255, 51], np.uint8))
    assert np.array_equal(whole[0].output, net.trace([0, 1, 0.2])[0].output)
    assert whole[0].output.dtype == np.float32
    with pytest.raises(InputError):
        net.trace([1.0, 2.0])


def test_depth_and_widths_count_what_computes() -> None:
    net = Network([Conv2D(2, 3), Flatten(), Dropout(0.5), Dense(5), Dense(2)], input_shape=(1, 4, 4))
    assert (net.depth, net.widths, net.node_layers) == (3, (8, 5, 2), (16, 8, 5, 2))
