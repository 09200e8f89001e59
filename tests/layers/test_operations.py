"""Counts of layers by formula are those of the same algorithms on numbers that count, step by step."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import numpy as np
import pytest

import layers_by_hand as hand
import mathdl
from mathdl import (
    AveragePool1D,
    AveragePool2D,
    Conv1D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool1D,
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
from mathdl.chain.counting import counting
from mathdl.layers.registry import LAYERS

STEPS = ("forward", "input_gradient", "activation_gradient", "parameter_gradient")
VECTOR = ("identity", "relu", "leaky_relu", "sigmoid", "tanh", "abs", "softmax")


class Walk:
    """Runs layers on numbers of one kind, forward and backward, with what each step counts."""

    def __init__(self, counter: Counter[str] | None = None) -> None:
        self.counter = Counter() if counter is None else counter
        self.steps: dict[str, Counter[str]] = {step: Counter() for step in STEPS}

    def record(self, step: str, function: Any, *arguments: Any) -> Any:
        before = Counter(self.counter)
        result = function(*arguments)
        self.steps[step] += self.counter - before
        return result

    def forward(self, layer: Any, arrays: list[Any], x: Any) -> tuple[Any, Any]:
        """Return the output, and what backward needs."""
        kind = type(layer).__name__
        if kind in ("Dense", "Conv2D"):
            z = self.record("forward", hand.dense if kind == "Dense" else hand.conv2d, layer, arrays, x)
            h = self.record("forward", hand.activate, layer.activation, z)
            return h, (z, h)
        if "Pool" in kind:
            return self.record("forward", hand.pool, layer, x), None
        if kind == "ZeroPad2D":
            return hand.pad(layer, x), None
        if kind == "Flatten":
            return x.reshape(-1), None
        if kind == "Dropout":
            return x, None
        outputs, kept = [], []
        for chain in layer.chains:
            count = sum(len(inner.parameter_shapes()) for inner in chain)
            own, arrays = arrays[:count], arrays[count:]
            output, inside = self.chain_forward(chain, own, x)
            outputs.append(output)
            kept.append((chain, own, inside))
        if kind == "Residual":
            return self.record(
                "forward", hand.each, lambda a, b: a + (hand.zero(a) if b is hand.PAD else b), outputs[0], x
            ), kept
        return np.concatenate([output.reshape(-1) for output in outputs]), kept

    def chain_forward(self, chain: list[Any], arrays: list[Any], x: Any) -> tuple[Any, list[Any]]:
        kept = []
        for layer in chain:
            count = len(layer.parameter_shapes())
            own, arrays = arrays[:count], arrays[count:]
            output, inside = self.forward(layer, own, x)
            kept.append((layer, own, x, inside))
            x = output
        return x, kept

    def backward(self, layer: Any, arrays: list[Any], x: Any, kept: Any, gradient: Any, first: bool) -> Any:
        """Return dl/dx (None where nobody needs it) and the parameters' gradients."""
        kind = type(layer).__name__
        if kind in ("Dense", "Conv2D"):
            z, h = kept
            delta = self.record("activation_gradient", hand.before_activation, layer.activation, z, h, gradient)
            of_x, of_parameters = (
                (hand.dense_input, hand.dense_parameters)
                if kind == "Dense"
                else (hand.conv2d_input, hand.conv2d_parameters)
            )
            parameters = self.record("parameter_gradient", of_parameters, layer, arrays, x, delta)
            return None if first else self.record("input_gradient", of_x, layer, arrays, x, delta), parameters
        if "Pool" in kind:
            return None if first else self.record("input_gradient", hand.pool_input, layer, x, gradient), []
        if kind == "ZeroPad2D":
            return hand.inside(layer, gradient), []
        if kind in ("Flatten", "Dropout"):
            return gradient.reshape(x.shape), []
        place, gradients, parameters = 0, [], []
        for chain, own, inside in kept:
            shape = chain[-1].output_shape
            size = int(np.prod(shape))
            part = gradient if kind == "Residual" else gradient[place : place + size].reshape(shape)
            back, slopes = self.chain_backward(chain, own, inside, part, first)
            gradients.append(back)
            parameters += slopes
            place += size
        if first:
            return None, parameters
        gradients += [gradient] * (kind == "Residual")
        return self.record("input_gradient", hand.each, lambda *a: hand.total(list(a)), *gradients), parameters

    def chain_backward(self, chain: Any, arrays: Any, kept: Any, gradient: Any, first: bool) -> tuple[Any, list[Any]]:
        needed = [first and not any(inner.size for inner in chain[:k]) for k in range(len(chain))]
        slopes: list[Any] = []
        for (layer, own, x, inside), alone in zip(reversed(kept), reversed(needed), strict=True):
            gradient, found = self.backward(layer, own, x, inside, gradient, alone)
            slopes = found + slopes
            if gradient is None:
                break
        return gradient, slopes


def arrays_of(layers: Any, parameters: Any) -> list[Any]:
    arrays, first = [], 0
    for layer in layers:
        for shape in layer.parameter_shapes():
            size = int(np.prod(shape))
            arrays.append(parameters[first : first + size].reshape(shape))
            first += size
    return arrays


def walk(net: Network, x: Any, gradient: Any, padding: bool = False) -> tuple[list[dict[str, Counter[str]]], Any]:
    """Return what every layer counts in each step, and the parameters' gradients."""
    counter: Counter[str] = Counter()
    arrays = [counting(array, counter) for array in arrays_of(net.layers, np.asarray(net.parameters))]
    x, kept, first, needed = counting(x, counter), [], True, []
    walks = [Walk(counter) for _ in net.layers]
    for layer, one in zip(net.layers, walks, strict=True):
        count = len(layer.parameter_shapes())
        own, arrays = arrays[:count], arrays[count:]
        output, inside = one.forward(layer, own, x)
        kept.append((layer, own, x, inside))
        needed.append(first)
        first = first and layer.size == 0
        x = output
        if padding:
            x = hand.each(lambda entry: counting(0.0, counter) if entry is hand.PAD else entry, x)
    back, slopes = counting(gradient, counter), []
    for (layer, own, given, inside), one, alone in reversed(list(zip(kept, walks, needed, strict=True))):
        back, found = one.backward(layer, own, given, inside, back, alone)
        slopes = found + slopes
        if back is None:
            break
    numbers = [float(number) for array in slopes for number in array.reshape(-1)]
    return [one.steps for one in walks], numbers


def random_image_layer(chance: random.Random, channels: int, side: int) -> Any:
    name = chance.choice(("identity", "relu", "leaky_relu", "sigmoid", "tanh", "abs"))
    kind = chance.choice((Conv2D, MaxPool2D, AveragePool2D, ZeroPad2D, Residual, Dropout))
    if kind is Conv2D:
        size = (chance.randrange(1, min(side, 3) + 1), chance.randrange(1, min(side, 3) + 1))
        stride = (chance.randrange(1, 3), chance.randrange(1, 3))
        bias = chance.choice(("channel", "position", None))
        return Conv2D(chance.randrange(1, 4), size, name, bias, stride, chance.choice(("valid", "same")))
    if kind in (MaxPool2D, AveragePool2D):
        return kind(chance.randrange(1, min(side, 3) + 1), stride=chance.randrange(1, 3), remainder="drop")
    if kind is Residual:
        return Residual([Conv2D(channels, 2, name, padding="same")])
    if kind is ZeroPad2D:
        return ZeroPad2D([chance.randrange(3) for _ in range(4)], value=chance.choice((0, 0, 0.5)))
    return Dropout(0.5)


def random_signal_layers(chance: random.Random, length: int) -> tuple[Any, Any]:
    """Return a layer of signals, and the layer that does the same to images of height 1."""
    size, stride = chance.randrange(1, min(length, 3) + 1), chance.randrange(1, 3)
    kind = chance.choice(("conv", "max", "average", "pad"))
    if kind == "conv":
        channels, bias = chance.randrange(1, 4), chance.choice(("channel", "position", None))
        padding = chance.choice(("valid", "same"))
        both = (Conv1D, size, stride), (Conv2D, (1, size), (1, stride))
        one, two = (layer(channels, sides, "tanh", bias, steps, padding) for layer, sides, steps in both)
        return one, two
    if kind == "pad":
        before, after, value = chance.randrange(3), chance.randrange(3), chance.choice((0, 0, 0.5))
        return ZeroPad1D((before, after), value), ZeroPad2D((0, 0, before, after), value)
    pool, pool_of_images = (MaxPool1D, MaxPool2D) if kind == "max" else (AveragePool1D, AveragePool2D)
    return pool(size, stride, "drop"), pool_of_images((1, size), (1, stride), "drop")


def random_signal_networks(seed: int, dtype: str = "float32") -> tuple[Network, Network]:
    """Return a network of signals, and the same as one of images of height 1."""
    chance = random.Random(seed)
    channels, length = shape = chance.randrange(1, 3), chance.randrange(3, 12)
    signals, images = [], []
    for _ in range(chance.randrange(1, 5)):
        signal, image = random_signal_layers(chance, shape[1])
        signals.append(signal)
        images.append(image)
        shape = signal.bind(shape).output_shape
    ends = [(Flatten, Flatten), (GlobalMaxPool1D, GlobalMaxPool2D), (GlobalAveragePool1D, GlobalAveragePool2D)]
    end, twin = chance.choice(ends)
    last = Dense(2, "relu")
    one, two = Network([*signals, end(), last], (channels, length), dtype), [*images, twin(), last]
    return one, Network(two, (channels, 1, length), dtype)


def random_network(seed: int) -> Network:
    chance = random.Random(seed)
    name = chance.choice(VECTOR)
    dense = Dense(chance.randrange(1, 5), name, bias=chance.random() < 0.6)
    if seed % 3 == 0:
        return Network([dense, Dense(chance.randrange(1, 4), "relu")], (chance.randrange(1, 6),), "float64", seed)
    shape: tuple[int, ...] = (chance.randrange(1, 3), chance.randrange(3, 7), chance.randrange(3, 7))
    layers: list[Any] = []
    given = shape
    for _ in range(chance.randrange(1, 4)):
        layers.append(random_image_layer(chance, shape[0], min(shape[1:])))
        shape = layers[-1].bind(shape).output_shape
    last: Any = chance.choice((Flatten, GlobalMaxPool2D, GlobalAveragePool2D))()
    if chance.random() < 0.3:
        last = Parallel([[Conv2D(2, 1, "relu"), Flatten()], [GlobalMaxPool2D(), Dense(2, "tanh")]])
    return Network([*layers, last, dense], given, "float64", seed)


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("padding", [False, True])
def test_counts_are_those_of_the_algorithm(seed: int, padding: bool) -> None:
    net = random_network(seed)
    if padding and any(isinstance(layer, Residual | Parallel | Conv2D) for layer in net.layers):
        pytest.skip("their own padding is not counted here")
    numbers = np.random.default_rng(seed)
    x, target = numbers.normal(size=net.input_shape), numbers.normal(size=net.output_shape)
    net.parameters[:] = numbers.normal(size=net.size)
    seen = net.backpropagate(x, target, "mean_square")
    counted, slopes = walk(net, x, seen.output_gradients[-1], padding)
    stated = net.count_operations(padding=padding)
    for layer, mine, theirs in zip(net.layers, counted, stated.steps, strict=True):
        assert {step: dict(found) for step, found in mine.items()} == theirs, layer
    if slopes:
        whole = np.concatenate(seen.parameter_gradients)
        assert slopes == pytest.approx(whole[-len(slopes) :], rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("padding", [False, True])
def test_signals_count_as_images_of_height_1(seed: int, padding: bool) -> None:
    signals, images = random_signal_networks(seed)
    mine, theirs = (net.count_operations(padding=padding) for net in (signals, images))
    assert mine.steps == theirs.steps
    assert mine.outputs == theirs.outputs


def test_every_layer_is_counted() -> None:
    seen = set()
    for seed in range(60):
        for net in (random_network(seed), *random_signal_networks(seed)):
            seen.update(type(layer).__name__ for layer in net.layers)
    assert seen == set(LAYERS)


@pytest.mark.parametrize("padding", [False, True])
def test_a_convolution_with_padding(padding: bool) -> None:
    """Two pictures 3 x 6 x 6, kernels 6 x 3 x 4 x 4, padding 1: a product and a sum for each tap of each output."""
    steps = Network([ZeroPad2D(1), Conv2D(6, 4, bias=None)], (3, 6, 6)).count_operations(padding=padding).steps
    assert 2 * 2 * steps[1]["forward"]["multiplications"] == (28_800 if padding else 23_328)
    row = Conv2D(6, (1, 4), bias=None).bind((3, 1, 8))
    zeros = np.zeros((3, 1, 8), bool)
    zeros[:, :, [0, -1]] = True
    found = row.operations(None if padding else zeros)
    assert 2 * 2 * found.forward["multiplications"] == (1_440 if padding else 1_296)
    assert found.forward["multiplications"] == found.parameter_gradient["multiplications"]


def test_pytorchs_counter_agrees_in_its_convention() -> None:
    """It counts two for each product of a convolution or a dense layer, padded zeros among them, and nothing else."""
    torch = pytest.importorskip("torch")
    from torch.utils.flop_counter import FlopCounterMode

    cases = [
        (Conv2D(6, 4, bias=None), (3, 6, 6), torch.nn.Conv2d(3, 6, 4, bias=False)),
        (Conv2D(4, 3, bias=None, stride=2), (2, 7, 9), torch.nn.Conv2d(2, 4, 3, stride=2, bias=False)),
        (Conv2D(4, 3, bias=None, padding="same"), (2, 7, 9), torch.nn.Conv2d(2, 4, 3, padding=1, bias=False)),
        (Dense(5, bias=False), (7,), torch.nn.Linear(7, 5, bias=False)),
        (MaxPool2D(2), (2, 4, 6), torch.nn.MaxPool2d(2)),
        (AveragePool2D(2), (2, 4, 6), torch.nn.AvgPool2d(2)),
    ]
    for layer, shape, theirs in cases:
        x = torch.zeros(1, *shape, requires_grad=True)
        with FlopCounterMode(display=False) as counter:
            theirs(x).sum().backward()
        mine = layer.bind(shape).operations(None)
        products = [step["multiplications"] for step in mine]
        assert counter.get_total_flops() == 2 * sum(products)


@pytest.mark.parametrize("seed", range(20))
def test_pytorchs_counter_agrees_for_random_shapes(seed: int) -> None:
    torch = pytest.importorskip("torch")
    from torch.utils.flop_counter import FlopCounterMode

    chance = random.Random(seed)
    inputs, outputs, length, objects = (chance.randrange(1, most) for most in (4, 5, 9, 4))
    size, stride = chance.randrange(1, length + 1), chance.randrange(1, 3)
    theirs_of = {1: torch.nn.Conv1d, 2: torch.nn.Conv2d}
    bias = chance.random() < 0.5
    layers: list[tuple[Any, tuple[int, ...], Any]] = [
        (Dense(outputs, bias=bias), (inputs,), torch.nn.Linear(inputs, outputs, bias=bias))
    ]
    for sides, kind in ((1, Conv1D), (2, Conv2D)):
        mine = kind(outputs, size, bias="channel" if bias else None, stride=stride)
        twin = theirs_of[sides](inputs, outputs, size, stride=stride, bias=bias)
        layers.append((mine, (inputs, *[length] * sides), twin))
    for layer, shape, theirs in layers:
        x = torch.zeros(objects, *shape, requires_grad=True)
        with FlopCounterMode(display=False) as counter:
            theirs(x).sum().backward()
        products = [step["multiplications"] for step in layer.bind(shape).operations(None)]
        assert counter.get_total_flops() == 2 * objects * sum(products), layer


def test_totals_of_a_network() -> None:
    net = Network([Dense(20, "relu"), Dense(5, "relu"), Dense(7, "relu")], (10,), "float64")
    counted = net.count_operations()
    # section 9.5's steps without Jacobians, less the loss's gradient 2 n_M
    assert counted.forward + counted.backward == 1360 - 14
    assert counted.gradient() == counted.forward + counted.backward
    assert counted.gradient(10) == 10 * counted.gradient() + 10 * net.size
    assert counted.memory == 2 * 8 * (32 + 367)
    assert sum(counted.kinds.values()) == counted.gradient()
    assert str(counted).splitlines()[4].startswith("total")
    with pytest.raises(mathdl.errors.InputError, match="padding"):
        net.count_operations(padding="yes")  # type: ignore[arg-type]


def test_the_gradient_is_linear_in_the_number_of_parameters() -> None:
    for depth in (1, 5, 40):
        for width in (1, 4, 30):
            net = Network([Dense(width, "relu")] * depth, (width,))
            assert net.count_operations().gradient() <= 6 * net.size


def gradient_by_an_expression(net: Network, x: Any, target: Any) -> list[float]:
    """The gradient of |h(x) - y|^2 with respect to the parameters, of the network written out as one expression."""
    names = mathdl.variables("a", max(net.size, 1))
    output, _ = Walk().chain_forward(net.layers, arrays_of(net.layers, np.asarray(names)), hand.each(float, x))
    loss = hand.total([(one - float(y)) * (one - float(y)) for one, y in zip(output, target, strict=True)])
    point = dict(zip(names, net.parameters.tolist(), strict=False))
    needed = {str(name) for name in mathdl.chain.expression.variables_of([loss])}
    found = dict(zip(sorted(needed, key=lambda n: int(n[2:-1])), mathdl.gradient(loss, point), strict=True))
    return [found.get(f"a[{k}]", 0.0) for k in range(net.size)]


SMALL = 120  # parameters of the networks that are written out


@pytest.mark.parametrize("seed", range(30))
def test_a_gradient_of_a_network_by_an_expression(seed: int) -> None:
    net = random_network(seed)
    if net.size > SMALL:
        pytest.skip("small ones are enough")
    numbers = np.random.default_rng(seed)
    x, target = numbers.normal(size=net.input_shape), numbers.normal(size=net.output_shape)
    net.parameters[:] = numbers.normal(size=net.size)
    theirs = net.gradient(x[None], target[None], "mean_square")
    assert gradient_by_an_expression(net, x, target) == pytest.approx(theirs, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("seed", range(30))
def test_a_gradient_of_a_network_of_signals_by_an_expression(seed: int) -> None:
    net, images = random_signal_networks(seed, "float64")
    if net.size > SMALL:
        pytest.skip("small ones are enough")
    numbers = np.random.default_rng(seed)
    x, target = numbers.normal(size=net.input_shape), numbers.normal(size=net.output_shape)
    net.parameters[:] = images.parameters[:] = numbers.normal(size=net.size)
    theirs = net.gradient(x[None], target[None], "mean_square")
    mine = gradient_by_an_expression(images, x.reshape(images.input_shape), target)
    assert mine == pytest.approx(theirs, rel=1e-12, abs=1e-12)


def test_a_gradient_of_every_layer_is_taken_by_an_expression() -> None:
    made = [net for seed in range(30) for net in (random_network(seed), random_signal_networks(seed)[0])]
    seen = {type(layer).__name__ for net in made if net.size <= SMALL for layer in net.layers}
    assert seen == set(LAYERS)
