"""Networks as PyTorch's modules and back: every layer, random networks, and modules as PyTorch's users write them."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

import mathdl
import naive
import peers
from mathdl import Dense, Network, from_torch, to_torch
from mathdl.errors import InputError
from mathdl.layers.registry import LAYERS
from mathdl.networks.composition import every_layer

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

from mathdl.exchange.torch_layers import ACTIVATIONS, ROWS  # noqa: E402

TOLERANCE = {"float32": 1e-6, "float64": 1e-12}


def outputs(module: Any, X: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return module(torch.from_numpy(X)).numpy()  # type: ignore[no-any-return]


def distance(found: np.ndarray, wanted: np.ndarray) -> float:
    assert found.shape == wanted.shape
    return float(np.linalg.norm(found - wanted) / max(1e-3, np.linalg.norm(wanted)))


def there_and_back(net: Network, seed: int = 1) -> Network:
    """Hold a network against its module, and both against what is read from the module."""
    X = np.random.default_rng(seed).normal(size=(5, *net.input_shape)).astype(net.dtype)
    module, wanted = to_torch(net), net(X)
    assert distance(outputs(module, X), wanted) < TOLERANCE[net.dtype]
    vector = torch.cat([parameter.detach().ravel() for parameter in module.parameters()] or [torch.zeros(0)])
    np.testing.assert_array_equal(vector.numpy(), net.parameters)
    back = from_torch(module, net.input_shape)
    assert back.dtype == net.dtype or not net.size
    np.testing.assert_array_equal(back.parameters, net.parameters)
    assert distance(back(X.astype(back.dtype)), wanted) < TOLERANCE["float32" if not net.size else net.dtype]
    return back


def test_every_layer_and_activation_has_a_row_and_is_among_the_networks_tried() -> None:
    assert {row.layer.__name__ for row in ROWS} == set(LAYERS)
    assert set(ACTIVATIONS) == {naive.name_and_slope(activation)[0] for activation in peers.ACTIVATIONS} - {"identity"}
    tried = {
        type(layer).__name__
        for architecture, shape in peers.ARCHITECTURES.values()
        for layer in every_layer(Network.from_architecture(architecture, shape).layers)
    }
    assert tried == set(LAYERS)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("name", peers.ARCHITECTURES)
def test_every_architecture_goes_there_and_back(name: str, dtype: str) -> None:
    architecture, shape = peers.ARCHITECTURES[name]
    net = Network.from_architecture(architecture, shape, dtype=dtype)
    for layer in every_layer(net.layers):  # biases start at zero
        if layer.bias is not None:
            layer.bias[...] = np.random.default_rng(0).normal(size=layer.bias.shape)
    there_and_back(net)


def random_layers(generator: np.random.Generator, shape: tuple[int, ...], depth: int = 3) -> peers.Architecture:
    """Draw a chain of layers that fits a shape; kernels of sides that other tests have compiled."""
    layers: peers.Architecture = []
    for _ in range(generator.integers(1, depth + 1)):
        activation = peers.ACTIVATIONS[generator.integers(len(peers.ACTIVATIONS) - 1)]
        if len(shape) == 1:
            units, kind = int(generator.integers(1, 6)), generator.integers(4)
            layer = peers.dense(units, activation, bias=bool(generator.integers(2)))
            if kind == 1 and depth > 1:
                layer = peers.residual(*random_layers(generator, shape, 1), peers.dense(shape[0]))
            elif kind == 2 and depth > 1:
                layer = peers.parallel(*(random_layers(generator, shape, depth - 1) for _ in range(2)))
        else:
            choice = generator.integers(5)
            layer = peers.conv(2, 3, activation, padding="same", bias=["channel", None][generator.integers(2)])
            if choice == 1:
                layer = peers.pad([1, 0, 2, 1], value=float(generator.normal()))
            elif choice == 2 and min(shape[1:]) >= 2:
                layer = peers.pool(2, "drop")
            elif choice == 3 and min(shape[1:]) >= 2:
                layer = peers.pool(2, "drop", layer="AveragePool2D")
            elif choice == 4:
                layer = [peers.FLATTEN, peers.GLOBAL_AVERAGE, peers.GLOBAL_POOL][generator.integers(3)]
        layers.append(layer)
        shape = naive.network_shape([layer], shape)
    return layers


def test_random_networks_go_there_and_back() -> None:
    generator = np.random.default_rng(19)
    for trial in range(100):
        shape = (int(generator.integers(1, 5)),) if trial % 2 else (2, *map(int, generator.integers(3, 8, size=2)))
        net = Network.from_architecture(random_layers(generator, shape), shape, dtype="float64", seed=trial)
        there_and_back(net, trial)


class LeNet(nn.Module):  # type: ignore[misc]
    """As PyTorch's tutorials write it: functions between layers, the activation behind the pooling."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 4, 5), nn.Conv2d(4, 6, 3, padding=1)
        self.fc1, self.fc2, self.dropout = nn.Linear(6 * 3 * 3, 8), nn.Linear(8, 3), nn.Dropout(0.25)

    def forward(self, x: Any) -> Any:
        x = functional.relu(functional.max_pool2d(self.conv1(x), 2))
        x = functional.max_pool2d(functional.relu(self.conv2(x)), (2, 2), ceil_mode=False)
        x = self.dropout(x.view(x.size(0), -1))
        return self.fc2(torch.tanh(self.fc1(x)))


class Blocks(nn.Module):  # type: ignore[misc]
    """Sums, joins, means over axes, normalisations."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(2, 4, 3, bias=False), nn.BatchNorm2d(4), nn.LeakyReLU(0.2))
        self.inner = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 4, 1))
        self.left, self.right = nn.Linear(4, 3), nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5, affine=False))

    def forward(self, x: Any) -> Any:
        x = self.stem(functional.pad(x, (1, 0, 2, 1), value=0.5))
        x = self.inner(x) + x
        x = functional.avg_pool2d(x, 2, padding=1)
        x = x.mean(dim=(2, 3))
        return torch.cat([self.left(x).abs(), self.right(x), torch.flatten(x, 1)], dim=-1)


def normalised(module: nn.Module) -> nn.Module:
    """Give normalisations means and variances that matter."""
    generator = torch.Generator().manual_seed(0)
    for each in module.modules():
        if isinstance(each, nn.BatchNorm1d | nn.BatchNorm2d):
            each.running_mean.normal_(generator=generator)
            each.running_var.uniform_(0.5, 2.0, generator=generator)
    return module.double().eval()


class ResNet(nn.Module):  # type: ignore[misc]
    """Blocks as residual networks have them: the activation behind the sum, maxima that see no padding."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.last = nn.Conv2d(1, 3, 3, padding=1, bias=False), nn.Linear(3, 2)
        self.norms = nn.ModuleList(nn.BatchNorm2d(3) for _ in range(3))
        self.convolutions = nn.ModuleList(nn.Conv2d(3, 3, 3, padding=1, bias=False) for _ in range(2))

    def forward(self, x: Any) -> Any:
        x = functional.max_pool2d(functional.relu(self.norms[0](self.stem(x))), 3, stride=2, padding=1)
        inner = functional.relu(self.norms[1](self.convolutions[0](x)))
        x = functional.relu(x + self.norms[2](self.convolutions[1](inner)))
        return self.last(x.mean((2, 3)))


USERS = {
    "a residual network": (ResNet, (1, 9, 9)),
    "normalised first": (lambda: nn.Sequential(nn.BatchNorm2d(2), nn.Conv2d(2, 1, 2)), (2, 5, 6)),
    "padded, then activated": (
        lambda: nn.Sequential(nn.ConstantPad2d(1, -2.0), nn.ReLU(), nn.Conv2d(2, 1, 2)),
        (2, 5, 6),
    ),
    "two activations": (lambda: nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Sigmoid()), (2,)),
    "maxima of negative numbers, padded": (
        lambda: nn.Sequential(nn.MaxPool2d(3, padding=1), nn.Tanh(), nn.Conv2d(2, 1, 2)),
        (2, 6, 6),
    ),
    "maxima of signals, padded": (
        lambda: nn.Sequential(nn.Conv1d(2, 3, 2), nn.MaxPool1d(4, 2, padding=2), nn.LeakyReLU(0.1)),
        (2, 9),
    ),
    "a mean of a part": (
        lambda: nn.Sequential(nn.Conv2d(1, 2, 1), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(2, 1)),
        (1, 3, 3),
    ),
    "LeNet": (LeNet, (1, 16, 16)),
    "blocks": (Blocks, (2, 8, 9)),
    "pooled to two": (
        lambda: nn.Sequential(nn.Conv2d(1, 2, 3), nn.AdaptiveMaxPool2d((2, None)), nn.Flatten(), nn.Linear(24, 2)),
        (1, 6, 8),
    ),
    "one channel left": (
        lambda: nn.Sequential(nn.Conv2d(1, 2, 3, padding="same"), nn.AdaptiveAvgPool2d(1)),
        (1, 5, 5),
    ),
    "signals": (
        lambda: nn.Sequential(
            nn.Conv1d(2, 3, 3, stride=2, padding=2),
            nn.BatchNorm1d(3),
            nn.Sigmoid(),
            nn.AvgPool1d(2, padding=1),
            nn.Identity(),
            nn.AdaptiveAvgPool1d(1),
            nn.Flatten(),
        ),
        (2, 9),
    ),
    "a layer alone": (lambda: nn.Linear(3, 2), (3,)),
    "probabilities": (lambda: nn.Sequential(nn.Linear(3, 4), nn.Softmax(dim=-1)), (3,)),
}


@pytest.mark.parametrize("name", USERS)
def test_modules_of_users_are_read(name: str) -> None:
    make, shape = USERS[name]
    torch.manual_seed(0)
    module = normalised(make())
    X = np.random.default_rng(0).normal(size=(4, *shape))
    wanted = outputs(module, X)
    net = from_torch(module, shape)
    assert distance(net(X), wanted) < 1e-12
    there_and_back(net)


def test_a_module_that_begins_with_a_linear_layer_tells_its_input_and_an_imported_network_trains_on() -> None:
    net = from_torch(nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1)))
    assert (net.input_shape, net.dtype, net.widths) == ((2,), "float32", (3, 1))
    net.fit([[0.0, 1.0], [1.0, 0.0]], [0.0, 1.0], loss="mean_square", epochs=1)


def test_the_module_is_a_copy_and_trains_with_dropout() -> None:
    net = Network([Dense(3), mathdl.Dropout(0.5)], (2,))
    module = to_torch(net)
    assert not module.training
    with torch.no_grad():
        module[0].weight.zero_()
    assert net.layers[0].weights.any()  # type: ignore[union-attr]


class Reused(nn.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 2)

    def forward(self, x: Any) -> Any:
        return self.layer(self.layer(x))


class Branching(Reused):
    def forward(self, x: Any) -> Any:
        return self.layer(x) if x.sum() > 0 else x


class TwoInputs(Reused):
    def forward(self, x: Any, y: Any) -> Any:
        return self.layer(x) + y


class TwoOutputs(Reused):
    def forward(self, x: Any) -> Any:
        return x, self.layer(x)


class SumOfTwo(Reused):
    def __init__(self) -> None:
        super().__init__()
        self.other = nn.Linear(2, 2)

    def forward(self, x: Any) -> Any:
        return self.layer(x) + self.other(x)


class Scaled(Reused):
    def forward(self, x: Any) -> Any:
        return torch.mul(functional.gelu(self.layer(x)), 2.0)


def images(*layers: Any) -> tuple[Any, tuple[int, ...]]:
    return nn.Sequential(*layers), (2, 5, 6)


REFUSED: dict[str, tuple[tuple[Any, tuple[int, ...]], str]] = {
    "unknown": ((nn.Sequential(nn.Linear(2, 2), nn.GELU(), nn.LSTM(2, 3)), (2,)), r"GELU .*'1'.*, LSTM .*'2'"),
    "unknown functions": ((Scaled(), (2,)), "does: gelu, mul; replace"),
    "the loss's softmax": ((nn.Sequential(nn.Linear(2, 2), nn.LogSoftmax(1)), (2,)), "cross_entropy has a softmax"),
    "training": (images(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3)), r"'1'.*call module.eval\(\)"),
    "groups": (images(nn.Conv2d(2, 2, 3, groups=2)), "'0'.*groups"),
    "dilation": (images(nn.Conv2d(2, 2, 2, dilation=2)), "dilation"),
    "reflection": (images(nn.Conv2d(2, 2, 3, padding=1, padding_mode="reflect")), "padding that is not of zeros"),
    "padded means": (images(nn.AvgPool2d(3, padding=1, count_include_pad=False)), "does not count in its means"),
    "too many to scale": ((nn.Sequential(nn.BatchNorm1d(3000).eval(), nn.Linear(3000, 1)), (3000,)), "as wide as high"),
    "ceil": (images(nn.MaxPool2d(2, ceil_mode=True)), "a part of a block"),
    "blocks of two sizes": (images(nn.AdaptiveAvgPool2d(4)), "blocks of different sizes"),
    "another axis": ((nn.Sequential(nn.Linear(2, 2), nn.Softmax(0)), (2,)), "acts on another axis"),
    "not flat": (images(nn.Linear(6, 2)), r"Dense needs flat inputs.*Flatten\(\)"),
    "other inputs": ((nn.Linear(2, 3), (3,)), r"the module: its weights of shape \(3, 2\).*shape \(3,\); give another"),
    "other channels": (images(nn.Conv2d(1, 2, 3)), "'0': its weights of shape"),
    "half": ((nn.Linear(2, 2).half(), (2,)), "are float16"),
    "nothing": ((nn.Identity(), (2,)), "computes nothing"),
    "no shape": ((nn.Linear(2, 2), (0,)), "input_shape"),
    "reused": ((Reused(), (2,)), "'layer' is used twice"),
    "branching": ((Branching(), (2,)), "cannot be traced"),
    "two inputs": ((TwoInputs(), (2,)), "cannot be traced.*missing 1 required"),
    "two outputs": ((TwoOutputs(), (2,)), "returns several values"),
    "sum of two": ((SumOfTwo(), (2,)), "adds something else"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_layer_does_is_refused_by_name(name: str) -> None:
    (module, shape), message = REFUSED[name]
    with pytest.raises(InputError, match=message) as caught:
        from_torch(module, shape)
    assert "\n" not in str(caught.value)


def test_what_is_no_network_or_module_is_refused() -> None:
    own = mathdl.Activation("twice", function=lambda x: 2 * x, derivative=lambda x: 2.0)
    with pytest.raises(InputError, match="'twice' is a function of your own"):
        to_torch(Network([Dense(2, activation=own)], (2,)))
    with pytest.raises(InputError, match="give a Network"):
        to_torch(nn.Linear(2, 2))
    with pytest.raises(InputError, match=r"begins with Conv2d.*give input_shape"):
        from_torch(nn.Conv2d(1, 1, 1))


def test_without_pytorch_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(InputError, match=r"needs PyTorch .*pip install 'mathdl\[torch\]'"):
        to_torch(Network([Dense(2)], (2,)))
