"""Operation counts as polynomials in layer sizes: those of the same algorithms on numbers that count."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import mathdl
from mathdl import Activation, Conv1D, Dense, Flatten, Network
from mathdl.errors import InputError


def dot(a: Any, b: Any) -> Any:
    total = a[0] * b[0]
    for x, y in zip(a[1:], b[1:], strict=True):
        total = total + x * y
    return total


def value(name: str, z: Any) -> Any:
    """lambda(z), written with the operations that the library counts for it."""
    if name in ("relu", "abs"):
        return z if z > 0 else -z if name == "abs" else type(z)(0.0, z.counter)
    if name == "leaky_relu":
        scaled = z * 0.01
        return z if z > 0 else scaled
    return {"identity": lambda: z, "tanh": lambda: z.tanh(), "sigmoid": lambda: 1 / (1 + (-z).exp())}[name]()


def slope(name: str, z: Any, h: Any) -> Any:
    """lambda'(z), of sigmoid and tanh from the value h."""
    if name == "tanh":
        return 1 - h * h
    if name == "sigmoid":
        return h * (1 - h)
    return 1.0 if z > 0 else {"relu": 0.0, "abs": -1.0, "leaky_relu": 0.01}[name]


Layers = list[tuple[Any, Any, str]]  # A, b or None, and the activation's name


def forward(layers: Layers, x: Any) -> tuple[list[Any], list[Any]]:
    z, h = [], [list(x)]
    for weights, bias, name in layers:
        sums = [dot(row, h[-1]) for row in weights]
        z.append(sums if bias is None else [s + b for s, b in zip(sums, bias, strict=True)])
        h.append([value(name, each) for each in z[-1]])
    return z, h


def scaled(name: str, z: Any, h: Any, rows: Any) -> tuple[list[Any], list[Any]]:
    """diag(lambda'(z)) times a matrix, and the diagonal."""
    if name == "identity":
        return [list(row) for row in rows], [1.0] * len(z)
    slopes = [slope(name, *pair) for pair in zip(z, h, strict=True)]
    return [[a * s for a in row] for s, row in zip(slopes, rows, strict=True)], slopes


def output_gradients(layers: Layers, z: Any, h: Any, y: Any, recursive: bool) -> list[Any]:
    last = [2 * (a - b) for a, b in zip(h[-1], y, strict=True)]
    blocks = [scaled(layers[k][2], z[k], h[k + 1], layers[k][0])[0] for k in range(1, len(layers))]
    found = [last]
    for k in range(len(layers) - 1, 0, -1):
        back = found[-1] if recursive else last
        for block in [blocks[k - 1]] if recursive else blocks[k - 1 :][::-1]:
            back = [dot(back, column) for column in zip(*block, strict=True)]
        found.append(back)
    return found[::-1]


def gradient(layers: Layers, x: Any, y: Any, recursive: bool = True, steps: int = 3) -> list[Any]:
    z, h = forward(layers, x)
    back = output_gradients(layers, z, h, y, recursive) if steps != 2 else []
    if steps == 1:
        return back
    own = [
        scaled(name, z[k], h[k + 1], [h[k]] * len(z[k])) for k, (_, _, name) in enumerate(layers)
    ]  # dh_k/da_k: for each output a row, and the bias's
    found = []
    for slopes, (rows, factors), (_, bias, name) in zip(back, own, layers, strict=False):
        found += [d * each for d, row in zip(slopes, rows, strict=True) for each in row]
        if bias is not None:
            found += slopes if name == "identity" else [d * f for d, f in zip(slopes, factors, strict=True)]
    return found


def without_jacobians(layers: Layers, x: Any, y: Any) -> None:
    z, h = forward(layers, x)
    back = [2 * (a - b) for a, b in zip(h[-1], y, strict=True)]
    for k in range(len(layers) - 1, -1, -1):
        weights, _, name = layers[k]
        delta = back
        if name != "identity":
            delta = [d * slope(name, *pair) for d, *pair in zip(back, z[k], h[k + 1], strict=True)]
        for d in delta:
            for each in h[k]:
                d * each
        if k > 0:
            back = [dot(delta, column) for column in zip(*weights, strict=True)]


def differences(layers: Layers, x: Any, y: Any) -> list[Any]:
    def loss() -> Any:
        offs = [a - b for a, b in zip(forward(layers, x)[1][-1], y, strict=True)]
        return dot(offs, offs)

    middle, found, t = loss(), [], 1e-6
    for array in [array for weights, bias, _ in layers for array in (weights, bias) if array is not None]:
        flat = array.reshape(-1)
        for k in range(flat.size):
            kept = flat[k]
            flat[k] = kept + t
            found.append((loss() - middle) / t)
            flat[k] = kept
    return found


def counted(net: Network, method: Callable[..., Any]) -> int:
    """What a method counts for a network."""
    names = [layer.activation.name for layer in net.layers]
    arrays = [array for layer in net.layers for array in (layer.weights, layer.bias) if array is not None]

    def run(*given: Any) -> Any:
        rest = list(given)
        layers = [(rest.pop(0), rest.pop(0) if layer.has_bias else None, layer.activation.name) for layer in net.layers]
        return method(layers, *rest)

    assert names
    x = np.linspace(-1, 1, net.input_shape[0])
    return mathdl.count_operations(run, *arrays, x, np.ones(net.output_shape))["total"]


def random_network(seed: int) -> Network:
    chance = random.Random(seed)
    kinds = ("identity", "relu", "leaky_relu", "abs", "tanh", "sigmoid")
    layers = [Dense(chance.randrange(1, 6), chance.choice(kinds), chance.random() < 0.7) for _ in range(seed % 4 + 1)]
    return Network(layers, (chance.randrange(1, 6),), "float64", seed)


@pytest.mark.parametrize("seed", range(40))
def test_formulas_are_what_numbers_count(seed: int) -> None:
    net = random_network(seed)
    formulas = net.operation_formulas()
    zero = counted(net, lambda layers, x, y: forward(layers, x))
    one, two = (counted(net, lambda *a, k=k: gradient(*a, steps=k)) - zero for k in (1, 2))
    whole = counted(net, gradient)
    assert formulas.numbers == {
        "step 0": zero,
        "step 1": one,
        "step 2": two,
        "step 3": whole - zero - one - two,
        "step 4": net.size,
        "steps 0 to 3": whole,
        "without Jacobians": counted(net, without_jacobians),
        "without recursion": counted(net, lambda *a: gradient(*a, recursive=False)),
        "differences": counted(net, differences),
    }
    outputs = net.output_shape[0]
    assert formulas.numbers["without Jacobians"] == net.count_operations().gradient() + 2 * outputs
    assert formulas.numbers["steps 0 to 3"] <= 12 * net.size + 2 * outputs  # O(mu)


def test_they_are_polynomials_to_work_with() -> None:
    net = Network([Dense(4, "relu")] * 3, (4,))
    counts = net.operation_formulas()
    assert str(counts.formulas["step 1"]) == "-n_1 + 3 * n_1 * n_2 + 3 * n_2 * n_3 + 3 * n_3"
    n = mathdl.variables("n")
    same = dict.fromkeys(counts.sizes, n)
    backward, slow = (mathdl.chain.evaluate(counts.formulas[name], same) for name in ("steps 0 to 3", "differences"))
    assert mathdl.is_big_o(backward, n**2)
    assert mathdl.is_big_o(slow, n**4)
    assert not mathdl.is_big_o(slow, n**3)
    assert str(counts).splitlines()[0].split()[:3] == ["step", "0", "108"]


@pytest.mark.parametrize(
    "layers", [[Flatten(), Dense(2)], [Dense(2, "softmax")], [Conv1D(2, 2), Flatten()]], ids=["flatten", "softmax", "c"]
)
def test_other_layers_have_none(layers: list[Any]) -> None:
    net = Network(layers, (1, 4) if isinstance(layers[0], Conv1D | Flatten) else (4,))
    with pytest.raises(InputError, match=r"no formula in layer sizes.*count_operations"):
        net.operation_formulas()


def test_an_activation_of_ones_own_counts_as_one_function() -> None:
    own = Activation("cube", function=lambda x: x * x * x, derivative=lambda x: 3 * x * x)
    mine = Network([Dense(3, own)], (2,)).operation_formulas().numbers
    assert mine["step 0"] == 3 * (2 * 2 + 1)
    assert mine["step 2"] == 3 * (2 + 1)
