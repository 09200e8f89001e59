"""One image through the convolutional network, call after call, against PyTorch in inference mode and ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks import problems
from benchmarks.results import Result, result_of
from benchmarks.settings import Settings
from benchmarks.side_by_side import Contestant, compare, gathered
from mathdl.engine.threads import available

TITLE = "Latency"
CALLS = 2000  # in a turn
COMPILED = "PyTorch compiled"
ONNX = "ONNX Runtime"


def run(settings: Settings) -> Iterator[Result]:
    """Yield the one result."""
    net, calls = problems.network(problems.CONV), settings.shortened(CALLS)
    image = problems.images(1)[0].astype(np.float32) / 255
    contestants, notes = gathered(
        {
            "PyTorch": lambda: by_torch(net, image, calls, quick=settings.quick),
            ONNX: lambda: by_onnx(net, image, calls),
        },
        alone=settings.alone,
    )
    ours = contestant("mathdl", lambda: net(image), calls, "")
    comparison = compare([ours, *contestants], settings.repeated(), notes=notes)
    limits = {"PyTorch": 8, COMPILED: None, ONNX: 1}
    yield result_of(f"one image through {problems.CONV}", "", comparison, calls, limits)


def contestant(name: str, call: Callable[[], Any], calls: int, peer: str) -> Contestant:
    """Somebody who computes the outputs for one image again and again."""

    def work() -> None:
        for _ in range(calls):
            call()

    return Contestant(name, work, lambda: np.asarray(call()), peer)


def by_torch(net: Any, image: Any, calls: int, *, quick: bool) -> list[Contestant]:
    """PyTorch by functions, without anything kept for a gradient."""
    import torch

    from benchmarks import peers_torch

    parameters = peers_torch.parameters_of(net.architecture, net.input_shape, net.parameters)
    x = torch.from_numpy(image)

    def made(name: str, threads: int, forward: Callable[..., Any], peer: str) -> Contestant:
        def work() -> None:
            with peers_torch.at_its_best(threads), torch.inference_mode():
                for _ in range(calls):
                    forward(net.architecture, parameters, x)

        def outcome() -> Any:
            with torch.inference_mode():
                return forward(net.architecture, parameters, x).numpy()

        return Contestant(f"{name}, {threads} thread{'s' * (threads > 1)}", work, outcome, peer)

    counts = sorted({1, available()})
    found = [made("PyTorch eager", threads, peers_torch.forward, "PyTorch") for threads in counts]
    if not quick:
        torch._dynamo.reset()
        compiled = torch.compile(peers_torch.forward, dynamic=False)
        found += [made(COMPILED, threads, compiled, COMPILED) for threads in counts]
    return found


def by_onnx(net: Any, image: Any, calls: int) -> list[Contestant]:
    """ONNX Runtime."""
    from benchmarks import peers_onnx

    found = []
    for threads in sorted({1, available()}):
        runner = peers_onnx.runner(net, threads)
        name = f"{ONNX}, {threads} thread{'s' * (threads > 1)}"
        found.append(contestant(name, lambda runner=runner: runner.run(None, {"x": image})[0], calls, ONNX))
    return found
