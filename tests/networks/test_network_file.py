"""A network file becomes the network it describes, or an error that names the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from mathdl import (
    Activation,
    AveragePool2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool2D,
    GlobalMaxPool2D,
    MaxPool2D,
    Network,
    Parallel,
    Residual,
)
from mathdl.errors import FileError, InputError
from mathdl.networks.network_file import NetworkFile, read_network_file

LENET = Path(__file__).parents[2] / "examples" / "lenet.toml"
DENSE = '[[layers]]\nlayer = "Dense"\nunits = 3\n'


def read(folder: Path, text: str) -> NetworkFile:
    (folder / "net.toml").write_text(text, encoding="utf-8")
    return read_network_file(folder / "net.toml")


def network(file: NetworkFile, shape: tuple[int, ...], outputs: int, seed: int = 0) -> Network:
    """The network for objects of a shape."""
    file.check(shape, outputs)
    return Network(file.layers, shape, file.dtype, seed)


def test_lenet_is_the_network_that_it_says() -> None:
    first = [Conv2D(8, 5, activation="relu"), MaxPool2D(2)]
    layers = [*first, Conv2D(16, 5, activation="relu"), MaxPool2D(2), Flatten(), Dense(10)]
    found = network(read_network_file(LENET), (1, 28, 28), 10, seed=3)
    expected = Network(layers, (1, 28, 28), seed=3)
    assert found.architecture == expected.architecture
    assert (found.parameters == expected.parameters).all()


def test_every_option(tmp_path: Path) -> None:
    file = read(
        tmp_path,
        """
        dtype = "float64"
        [[layers]]
        layer = "Conv2D"
        channels = 2
        kernel_size = 3
        activation = {name = "leaky_relu", slope = 0.1}
        bias = "none"
        stride = 2
        padding = "same"
        [[layers]]
        layer = "Flatten"
        [[layers]]
        layer = "Dense"
        units = 3
        bias = false
        """,
    )
    conv = Conv2D(2, 3, activation=Activation("leaky_relu", slope=0.1), bias=None, stride=2, padding="same")
    found = network(file, (1, 5, 5), 3)
    assert found.dtype == "float64"
    assert found.architecture == [layer.describe() for layer in (conv, Flatten(), Dense(3, bias=False))]


INLINE = """
[[layers]]
layer = "Parallel"
branches = [
  [{layer = "Conv2D", channels = 2, kernel_size = 3}, {layer = "GlobalMaxPool2D"}],
  [{layer = "Flatten"}, {layer = "Dense", units = 4}],
]
"""
TABLES = """
[[layers]]
layer = "Parallel"
[[layers.branches]]
[[layers.branches.layers]]
layer = "Conv2D"
channels = 2
kernel_size = 3
[[layers.branches.layers]]
layer = "GlobalMaxPool2D"
[[layers.branches]]
layers = [{layer = "Flatten"}, {layer = "Dense", units = 4}]
"""


@pytest.mark.parametrize("text", [INLINE, TABLES])
def test_branches(tmp_path: Path, text: str) -> None:
    both = Parallel([[Conv2D(2, 3), GlobalMaxPool2D()], [Flatten(), Dense(4)]])
    assert network(read(tmp_path, text), (1, 5, 5), 6).architecture == [both.describe()]


RESIDUAL = """
[[layers]]
layer = "Residual"
[[layers.layers]]
layer = "Conv2D"
channels = 1
kernel_size = [1, 3]
padding = "same"
[[layers.layers]]
layer = "Dropout"
rate = 0.25
[[layers]]
layer = "AveragePool2D"
size = 3
stride = [2, 1]
[[layers]]
layer = "MaxPool2D"
size = [1, 2]
remainder = "drop"
[[layers]]
layer = "GlobalAveragePool2D"
"""


def test_chains_and_pairs(tmp_path: Path) -> None:
    block = Residual([Conv2D(1, (1, 3), padding="same"), Dropout(0.25)])
    layers = [block, AveragePool2D(3, (2, 1)), MaxPool2D((1, 2), remainder="drop"), GlobalAveragePool2D()]
    found = network(read(tmp_path, RESIDUAL), (1, 5, 5), 1)
    assert found.architecture == [layer.describe() for layer in layers]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "lists no layers"),
        ("layers = 3", "lists no layers"),
        ("layers = []", "lists no layers"),
        ('colour = "red"\n' + DENSE, "unknown key 'colour'; its keys are layers, dtype"),
        ('dtype = "float16"\n' + DENSE, "dtype is 'float16'; give 'float32' or 'float64'"),
        ("dtype = [1]\n" + DENSE, "dtype is"),
        ('[[layers]]\nlayer = "Dens"\nunits = 3', "net.toml, layer 1: layer 'Dens' is unknown; choose one of"),
        (DENSE + "[[layers]]\nunits = 3", "net.toml, layer 2: there is no layer = "),
        ("layers = [3]", "net.toml, layer 1: there is no layer = "),
        ('[[layers]]\nlayer = ["Dense"]', "layer 1: layer .* is unknown"),
        (DENSE + "uints = 4", "net.toml, layer 1: Dense has no option 'uints'; its options are units, activation"),
        ('[[layers]]\nlayer = "Flatten"\nsize = 4', "Flatten has no option 'size'; it has no options"),
        ('[[layers]]\nlayer = "Dense"', "layer 1: Dense needs the option 'units'"),
        (DENSE + DENSE.replace("3", "-3"), "layer 2: Dense: units is -3"),
        (DENSE + 'activation = "rleu"', "layer 1: Activation 'rleu' is unknown"),
        (DENSE + 'activation = {name = "relu", steep = 1}', "layer 1: activation is"),
        (DENSE + "bias = 2024-01-01", "layer 1: Dense: bias is"),
        ('[[layers]]\nlayer = "Parallel"\nbranches = 3', "layer 1: Parallel: branches is no list"),
        ('[[layers]]\nlayer = "Parallel"\nbranches = []', "layer 1: Parallel has no branch"),
        ('[[layers]]\nlayer = "Parallel"\nbranches = [3]', "branch 1 is no list of layers"),
        ('[[layers]]\nlayer = "Residual"\nlayers = 3', "layer 1: Residual: layers is no list"),
        ('[[layers]]\nlayer = "Residual"\nlayers = []', "layer 1: Residual: layers is "),
        (RESIDUAL.replace("rate", "rats"), "^net.toml, layer 1, layer 2: Dropout has no option 'rats'"),
        (INLINE.replace("units", "uints"), "^net.toml, layer 1, branch 2, layer 2: Dense has no option 'uints'"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        read(tmp_path, text)
    assert not isinstance(error.value, FileError)
    assert str(error.value).count("net.toml") == 1


@pytest.mark.parametrize("content", [b"layers = [", b"\xff\xfe", b"a = 1\na = 2"])
def test_no_toml(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "net.toml").write_bytes(content)
    with pytest.raises(FileError, match="is no valid TOML"):
        read_network_file(tmp_path / "net.toml")


def test_no_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "net.toml"):
        with pytest.raises(FileError, match="There is no network file"):
            read_network_file(path)


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        (10, "net.toml ends in 3 outputs, but the data have 10 classes; let its last layer be a Dense of 10 units"),
        (1, "net.toml ends in 3 outputs, but one number is to be predicted; .* a Dense of 1 unit[.]"),
    ],
)
def test_the_outputs_must_be_the_classes(tmp_path: Path, outputs: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path, DENSE).check((4,), outputs)


def test_the_layers_must_fit_the_data(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"does not fit data of shape \(1, 4, 4\): Conv2D: a kernel of 5 x 5"):
        read_network_file(LENET).check((1, 4, 4), 10)
    with pytest.raises(InputError, match=r"data of shape \(1, 4, 4\): Dense needs flat inputs"):
        read(tmp_path, DENSE).check((1, 4, 4), 3)
    with pytest.raises(InputError, match="Conv2D needs images"):
        read_network_file(LENET).check((4,), 10)
