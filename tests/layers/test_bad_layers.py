"""Layers that cannot be: options out of range, inputs that do not fit, descriptions of something else."""

from __future__ import annotations

from typing import Any

import pytest

from mathdl import (
    AveragePool1D,
    AveragePool2D,
    Conv1D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool2D,
    GlobalMaxPool1D,
    GlobalMaxPool2D,
    MaxPool1D,
    MaxPool2D,
    Network,
    Parallel,
    Residual,
    ZeroPad1D,
    ZeroPad2D,
)
from mathdl.errors import InputError
from mathdl.layers.registry import LAYERS, layer_of


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Dense(0), "Dense: units is 0; give a whole number of at least 1"),
        (lambda: Dense(-3), "Dense: units is -3; give a whole number of at least 1"),
        (lambda: Dense(2.0), "Dense: units is 2.0; give a whole number"),
        (lambda: Dense(True), "Dense: units is True; give a whole number"),
        (lambda: Dense("ten"), "Dense: units is 'ten'; give a whole number"),
        (lambda: Dense(2, bias="channel"), "Dense: bias is 'channel'; give True or False"),
        (lambda: Conv2D(0, 3), "Conv2D: channels is 0"),
        (lambda: Conv2D(3, 0), "Conv2D: kernel_size is 0"),
        (lambda: Conv2D(3, (3,)), r"Conv2D: kernel_size is \(3,\); give a whole number, or two of them"),
        (lambda: Conv2D(3, (3, 0)), r"Conv2D: kernel_size\[1\] is 0; give a whole number of at least 1"),
        (lambda: Conv2D(3, 3, stride=(1, 2.0)), r"Conv2D: stride\[1\] is 2.0; give a whole number"),
        (lambda: MaxPool2D(2, 0), "MaxPool2D: stride is 0"),
        (lambda: AveragePool2D("2"), "AveragePool2D: size is '2'; give a whole number"),
        (lambda: AveragePool2D(2, (1, 1, 1)), r"AveragePool2D: stride is \(1, 1, 1\); give a whole number, or two"),
        (lambda: Dropout(1), "Dropout: rate is 1"),
        (lambda: Dropout(-0.1), "Dropout: rate is -0.1"),
        (lambda: Dropout("half"), "Dropout: rate is 'half'"),
        (lambda: Residual([]), r"Residual: layers is \[\]; give a list with at least one layer"),
        (lambda: Residual(Dense(1)), r"Residual: layers is Dense.*; give a list"),
        (lambda: Residual([Dense]), r"Residual: layers\[0\] is .*make one of the class"),
        (lambda: Conv2D(3, 3, stride=0), "Conv2D: stride is 0"),
        (lambda: Conv2D(3, 3, bias=True), "Conv2D: bias is True; give 'channel', 'position' or None"),
        (lambda: Conv2D(3, 3, bias="none"), "Conv2D: bias is 'none'; give 'channel', 'position' or None"),
        (lambda: Conv2D(3, 3, padding="full"), "Conv2D: padding is 'full'; give 'valid' or 'same'"),
        (lambda: MaxPool2D(0), "MaxPool2D: size is 0"),
        (lambda: MaxPool2D(2, remainder="keep"), "MaxPool2D: remainder is 'keep'; give 'error' or 'drop'"),
        (lambda: ZeroPad2D(-1), "ZeroPad2D: size is -1; give a whole number of at least 0"),
        (
            lambda: ZeroPad2D((1, 2)),
            r"ZeroPad2D: size is \(1, 2\); .*, or \(top, bottom, left, right\)",
        ),
        (lambda: ZeroPad2D((1, 2, -1, 0)), r"ZeroPad2D: size\[2\] is -1; give a whole number of at least 0"),
        (lambda: ZeroPad2D(1, value=float("nan")), "ZeroPad2D: value is nan; give a finite number"),
        (lambda: ZeroPad1D((1, 2, 3)), r"ZeroPad1D: size is \(1, 2, 3\); give a whole number, or \(before, after\)"),
        (lambda: Conv1D(3, (1, 3)), r"Conv1D: kernel_size is \(1, 3\); give a whole number of at least 1"),
        (lambda: MaxPool1D(2, [1]), r"MaxPool1D: stride is \[1\]; give a whole number"),
        (lambda: Parallel([]), "Parallel has no branch, or an empty one; give one list of layers for each branch"),
        (lambda: Parallel([[Dense(1)], []]), "Parallel has no branch, or an empty one"),
        (lambda: Parallel([[Dense(1), "relu"]]), r"Parallel: branches\[0\]\[1\] is 'relu', which is no layer"),
        (lambda: Parallel(Dense(1)), "Parallel: branches is Dense.*; give a list with one list of layers"),
        (lambda: Parallel([Dense(1), 3]), r"Parallel: branches\[1\]\[0\] is 3, which is no layer; give a layer"),
        (lambda: Dense(10**400), r"Dense: units is 10+; give a whole number of at most 268435456"),
        (lambda: Conv2D(1, 3, stride=10**30), r"Conv2D: stride is 10+; give a whole number of at most"),
    ],
)
def test_options_out_of_range(make: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()


IMAGE, VECTOR, SIGNAL = (2, 5, 4), (6,), (2, 5)


@pytest.mark.parametrize(
    ("layers", "shape", "message"),
    [
        (
            [Conv2D(1, 5)],
            IMAGE,
            "a kernel of 5 x 5 does not fit into an input of 5 x 4; make it smaller or set padding",
        ),
        (
            [Conv1D(1, 6)],
            SIGNAL,
            "Conv1D: a kernel of 6 numbers does not fit into an input of length 5; make",
        ),
        ([MaxPool1D(6)], SIGNAL, "MaxPool1D: blocks of 6 do not fit into an input of 5; give a smaller size"),
        ([AveragePool1D(2)], SIGNAL, "AveragePool1D: size 2 does not divide the input's 5; give another size"),
        ([Conv1D(1, 2)], IMAGE, r"Conv1D needs signals of shape \(channels, length\), .* has shape \(2, 5, 4\)"),
        ([GlobalMaxPool1D()], VECTOR, "GlobalMaxPool1D needs signals .* input_shape of two numbers"),
        ([Conv2D(1, 2)], SIGNAL, r"Conv2D needs images of shape .* its input has shape \(2, 5\)"),
        ([MaxPool2D(2)], IMAGE, "size 2 does not divide the input's 5 x 4; give another size or set remainder='drop'"),
        ([MaxPool2D(5, remainder="drop")], IMAGE, "blocks of 5 x 5 do not fit into an input of 5 x 4"),
        ([AveragePool2D(2)], IMAGE, "size 2 does not divide the input's 5 x 4"),
        ([MaxPool2D(2, 2)], IMAGE, "size 2 does not divide the input's 5 x 4"),
        ([MaxPool2D(2, (1, 3))], IMAGE, r"size 2 and stride \[1, 3\] do not end at the edges of the input's 5 x 4"),
        ([AveragePool2D((6, 1))], IMAGE, "AveragePool2D: blocks of 6 x 1 do not fit into an input of 5 x 4"),
        ([Conv2D(1, (1, 5))], IMAGE, "a kernel of 1 x 5 does not fit into an input of 5 x 4"),
        ([GlobalAveragePool2D()], VECTOR, "GlobalAveragePool2D needs images"),
        ([Residual([Dense(5)])], VECTOR, r"Residual: its layers make shape \(5,\) of an input of shape \(6,\)"),
        ([Conv2D(1, 2), MaxPool2D(2)], IMAGE, "size 2 does not divide the input's 4 x 3"),
        ([Dense(2)], IMAGE, r"Dense needs flat inputs, but its input has shape \(2, 5, 4\); put Flatten\(\) before it"),
        ([Conv2D(1, 1)], VECTOR, r"Conv2D needs images of shape \(channels, height, width\).* shape \(6,\)"),
        ([MaxPool2D(1)], VECTOR, "MaxPool2D needs images"),
        ([GlobalMaxPool2D()], VECTOR, "GlobalMaxPool2D needs images"),
        ([ZeroPad2D(1)], VECTOR, "ZeroPad2D needs images"),
        ([ZeroPad2D(1)], (5, 4), "ZeroPad2D needs images"),
        ([Flatten(), Conv2D(1, 1)], IMAGE, "Conv2D needs images"),
        ([Parallel([Flatten(), [Conv2D(1, 9)]])], IMAGE, "a kernel of 9 x 9 does not fit"),
    ],
)
def test_inputs_that_do_not_fit(layers: Any, shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Network(layers, input_shape=shape)


def test_what_just_fits() -> None:
    net = Network([Conv2D(1, 4), MaxPool2D(1)], input_shape=(1, 4, 4))
    assert net.output_shape == (1, 1, 1)
    assert Network([Conv2D(1, 9, padding="same")], input_shape=(1, 2, 3)).output_shape == (1, 2, 3)
    assert Network([MaxPool2D(4, remainder="drop")], input_shape=(1, 5, 4)).output_shape == (1, 1, 1)


@pytest.mark.parametrize(
    ("description", "message"),
    [
        (
            {"layer": "Dens", "units": 3},
            "Layer 'Dens' is unknown; choose one of AveragePool1D, AveragePool2D, Conv1D",
        ),
        ({"units": 3}, "Layer None is unknown; choose one of"),
        ("Dense", "Layer 'Dense' is unknown"),
        ({"layer": ["Dense"]}, r"Layer \['Dense'\] is unknown"),
        ({"layer": "Dense"}, "Dense: missing .*'units'; check the options"),
        ({"layer": "Dense", "units": 3, "color": 1}, "Dense: .*unexpected keyword argument 'color'; check the options"),
        ({"layer": "Dense", "units": "3"}, "Dense: units is '3'"),
        ({"layer": "Parallel", "branches": [{"layer": "Flatten"}]}, "branches is no list of lists of layers"),
        ({"layer": "Parallel", "branches": 3}, "branches is no list of lists of layers"),
        ({"layer": "Parallel", "branches": [[{"layer": "Dense"}]]}, "Dense: missing"),
        ({"layer": "Residual", "layers": 3}, "Residual: layers is no list; give a list of layers"),
        ({"layer": "Residual", "layers": [{"layer": "Dense"}]}, "Dense: missing"),
        ({"layer": "Parallel"}, "Parallel: missing .*'branches'"),
    ],
)
def test_descriptions_of_something_else(description: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        layer_of(description)


def test_a_file_without_null_can_say_none() -> None:
    assert layer_of({"layer": "Conv2D", "channels": 2, "kernel_size": 3, "bias": "none"}).describe()["bias"] is None


def test_the_registry_holds_every_public_layer() -> None:
    of_both = {"AveragePool", "Conv", "GlobalAveragePool", "GlobalMaxPool", "MaxPool", "ZeroPad"}
    spatial = {f"{name}{axes}D" for name in of_both for axes in (1, 2)}
    assert set(LAYERS) == spatial | {"Dense", "Dropout", "Flatten", "Parallel", "Residual"}


def test_a_padding_beyond_the_network() -> None:
    with pytest.raises(InputError, match="ZeroPad2D: value is 1e\\+300, beyond the float32 of the network"):
        Network([ZeroPad2D(1, value=1e300)], input_shape=(1, 2, 2))([[[[0, 0], [0, 0]]]])
