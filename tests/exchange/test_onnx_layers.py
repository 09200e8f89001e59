"""Every layer of the registry, and networks drawn at random, to ONNX Runtime and back to a network."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest

import peers
from exchange.runtime import assert_same, objects, random_network, run, with_parameters
from kernels.test_every_layer import EXAMPLES
from mathdl import Activation, Dense, Dropout, Flatten, Network, Parallel, Residual, from_onnx, to_onnx
from mathdl.errors import InputError
from mathdl.exchange.onnx_activations import ACTIVATIONS
from mathdl.exchange.onnx_layers import LAYERS as ROWS
from mathdl.layers.activation import NAMES
from mathdl.layers.layer import Layer
from mathdl.layers.registry import LAYERS, layer_of
from mathdl.networks.composition import every_layer

DTYPES = ("float32", "float64")
NOTHING = ("Dropout", "Flatten", "ZeroPad2D")  # which an example of theirs may do


def goes_round(net: Network) -> Network:
    """Compare a network with ONNX Runtime and with itself read again, which is returned."""
    model, X = to_onnx(net), objects(net)
    outputs = net(X)
    assert_same(run(model, {"X": X})["prediction"], outputs, net.dtype)
    back = from_onnx(model)
    assert back.dtype == net.dtype
    assert_same(back(X).reshape(outputs.shape), outputs, net.dtype)
    return back


def kinds(net: Network) -> list[str]:
    return [type(layer).__name__ for layer in every_layer(net.layers) if not isinstance(layer, Dropout)]


def test_every_layer_has_a_row() -> None:
    assert set(ROWS) == set(LAYERS)
    assert set(ACTIVATIONS) == set(NAMES)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_goes_round(name: str, dtype: str) -> None:
    for layer, shape in EXAMPLES[name]:
        behind: list[Layer] = [] if len(layer.shape(shape)) == 1 else [Flatten()]
        net = with_parameters([layer, *behind, Dense(2)], shape, dtype)
        back = goes_round(net)
        if not (isinstance(layer, Residual) and "Flatten" in repr(layer)) and name not in NOTHING:
            assert set(kinds(back)) - {"Flatten"} == set(kinds(net)) - {"Flatten"}, (layer, back)
            assert back.size == net.size


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_architectures_of_other_tests_go_round(dtype: str) -> None:
    for architecture, shape in peers.ARCHITECTURES.values():
        goes_round(with_parameters([layer_of(layer) for layer in architecture], shape, dtype))


@pytest.mark.parametrize("block", range(4))
def test_networks_drawn_at_random_go_round(block: int) -> None:
    for seed in range(25 * block, 25 * (block + 1)):
        goes_round(random_network(seed))


@pytest.mark.slow
def test_many_networks_drawn_at_random_go_round() -> None:
    for seed in range(100, 2000):
        goes_round(random_network(seed))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("slope", [0.0, 0.25, 1.0, 3.0])
def test_leaky_relu_of_any_slope_goes_round(slope: float, dtype: str) -> None:
    net = with_parameters([Dense(6, Activation("leaky_relu", slope=slope)), Dense(2)], (4,), dtype)
    assert goes_round(net).architecture == net.architecture


def test_parameters_of_plain_networks_come_back_to_the_bit() -> None:
    for seed in range(40):
        net = random_network(seed)
        back = from_onnx(to_onnx(net))
        if kinds(back) == kinds(net):
            np.testing.assert_array_equal(back.parameters, net.parameters)


def test_a_written_network_says_what_it_is() -> None:
    net = with_parameters([Dense(3, "relu"), Dense(2)], (4,), "float64")
    model = to_onnx(net)
    onnx.checker.check_model(model, full_check=True)
    assert [each.version for each in model.opset_import] == [19]
    assert {each.key: each.value for each in model.metadata_props}["mathdl.model"] == "Network"
    assert [node.name for node in model.graph.node][:2] == ["mathdl/layers/0/Gemm_0", "mathdl/layers/0/Relu_1"]
    assert model.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.DOUBLE


def test_activations_of_ones_own_are_refused() -> None:
    own: Any = Activation("own", function=lambda x: x * x, derivative=lambda x: 2 * x)
    for layers in ([Dense(2, own)], [Parallel([[Dense(2, own)]])]):
        with pytest.raises(InputError, match="'own' is a function of your own, which ONNX does not know"):
            to_onnx(Network(layers, (2,)))


def test_a_network_of_a_file_trains_on() -> None:
    X = np.random.default_rng(0).normal(size=(64, 5))
    y = (X[:, 0] > 0).astype(int)
    net = from_onnx(to_onnx(Network([Dense(8, "relu"), Dense(2)], (5,))))
    before = net.loss(X, y, "cross_entropy")
    net.fit(X, y, loss="cross_entropy", epochs=3)
    assert net.loss(X, y, "cross_entropy") < before
    assert net.count_operations().forward
