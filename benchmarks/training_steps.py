"""Steps of stochastic descent a second, against PyTorch eager: the same network, start, batches and rule.

Both gather their batches by index from a whole training set of 28 x 28 images. PyTorch runs with one thread and
with all; mathdl as it comes.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

import mathdl
import mathdl.layers.layer
from benchmarks.side_by_side import Comparison, Contestant, compare, machine
from mathdl.descent.batches import order_of_epoch
from mathdl.engine.threads import available

RATE, SEED = 0.05, 0
OBJECTS = 64 * 150

NETWORKS: dict[str, list[mathdl.layers.layer.Layer]] = {
    "dense 784-128-10": [mathdl.Flatten(), mathdl.Dense(128, activation="relu"), mathdl.Dense(10)],
    "conv 8@5x5, pool, conv 16@5x5, pool, dense 10": [
        mathdl.Conv2D(8, 5, activation="relu"),
        mathdl.MaxPool2D(2),
        mathdl.Conv2D(16, 5, activation="relu"),
        mathdl.MaxPool2D(2),
        mathdl.Flatten(),
        mathdl.Dense(10),
    ],
}


def data() -> tuple[Any, Any]:
    """Images of blurred noise with classes that can be learnt."""
    generator = np.random.default_rng(SEED)
    means = generator.integers(0, 256, (10, 1, 28, 28))
    y = generator.integers(0, 10, OBJECTS)
    X = (means[y] + generator.integers(0, 256, (OBJECTS, 1, 28, 28))) // 2
    return X.astype(np.uint8), y


def torch_model(layers: list[Any], start: Any) -> Any:
    """The same network in PyTorch with the same parameters."""
    import torch

    parts: list[Any] = []
    net = mathdl.Network(layers, input_shape=(1, 28, 28))
    for layer in net.layers:
        match type(layer).__name__:
            case "Dense":
                parts.append(torch.nn.Linear(layer.input_shape[0], layer.output_shape[0]))
            case "Conv2D":
                parts.append(torch.nn.Conv2d(layer.input_shape[0], layer.output_shape[0], layer.kernel_size))
            case "MaxPool2D":
                parts.append(torch.nn.MaxPool2d(layer.side))
            case "Flatten":
                parts.append(torch.nn.Flatten())
        if layer.activation.name == "relu":
            parts.append(torch.nn.ReLU())
    model = torch.nn.Sequential(*parts)
    place = 0
    with torch.no_grad():
        for parameter in model.parameters():
            values = start[place : place + parameter.numel()]
            parameter.copy_(torch.from_numpy(values.copy()).reshape(parameter.shape))
            place += parameter.numel()
    return model


def contest(layers: list[Any], batch: int, turns: int) -> Comparison:
    """Let one epoch of training from the same start be run by mathdl and by PyTorch."""
    import torch

    X, y = data()
    start = mathdl.Network(layers, input_shape=(1, 28, 28), seed=SEED).parameters.copy()
    order = torch.from_numpy(order_of_epoch(OBJECTS, "without_replacement", SEED, 0))
    net = mathdl.Network(layers, input_shape=(1, 28, 28))

    def ours() -> float:
        net.parameters[:] = start
        rule = mathdl.SGD(RATE)
        history = net.fit(X, y, loss="cross_entropy", rule=rule, batch_size=batch, epochs=1, seed=SEED)
        return history.loss[0]

    images, classes = torch.from_numpy(X).float() / 255, torch.from_numpy(y)

    def theirs(threads: int) -> float:
        torch.set_num_threads(threads)
        model = torch_model(layers, start)
        rule, loss = torch.optim.SGD(model.parameters(), lr=RATE), torch.nn.CrossEntropyLoss()
        total = 0.0
        for first in range(0, OBJECTS, batch):
            objects = order[first : first + batch]
            rule.zero_grad()
            value = loss(model(images[objects]), classes[objects])
            value.backward()
            rule.step()
            total += value.item() * len(objects)
        return total / OBJECTS

    peers = [
        Contestant(f"PyTorch, {count} thread{'s' * (count > 1)}", lambda count=count: theirs(count))
        for count in sorted({1, available()})
    ]
    return compare([Contestant("mathdl", ours), *peers], turns)


def main(arguments: list[str]) -> dict[str, Any]:
    """Print a table and return its numbers."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks training_steps", description=__doc__)
    parser.add_argument("--batch-size", type=int, default=64, help="objects per step (default: 64)")
    parser.add_argument("--turns", type=int, default=7, help="timed epochs of each contestant (default: 7)")
    options = parser.parse_args(arguments)
    import torch

    print(f"{machine()}; {available()} threads; mathdl {mathdl.__version__}, PyTorch {torch.__version__}")
    print(f"float32, SGD, batches of {options.batch_size}; medians of {options.turns} epochs of {OBJECTS} objects\n")
    results: dict[str, Any] = {}
    steps = -(-OBJECTS // options.batch_size)
    for name, layers in NETWORKS.items():
        found = contest(layers, options.batch_size, options.turns)
        print(name)
        for i, contestant in enumerate(found.names):
            step = found.median(i) / steps
            ratio = "" if i == 0 else f"   mathdl is {found.ratio(i):.2f} times as fast"
            times = f"{step * 1e6:9.0f} us a step {1 / step:9.0f} steps a second"
            print(f"  {contestant:<20} {times}   loss {found.values[i]:.6f}{ratio}")
        best = min(range(1, len(found.names)), key=found.median)
        print(f"  against PyTorch's best ({found.names[best]}): {found.ratio(best):.2f} times\n")
        results[name] = {
            "seconds_per_step": {who: found.median(i) / steps for i, who in enumerate(found.names)},
            "ratio_to_best": found.ratio(best),
        }
    return results
