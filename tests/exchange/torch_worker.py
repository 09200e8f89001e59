"""What each process does that the tests of several processes start with torchrun; the first one writes it down."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

import peers
from mathdl import SGD, Adam, Callback, Checkpoint, Conv2D, Dense, Dropout, Flatten, MaxPool2D, Network, load_checkpoint
from mathdl.errors import InputError, TrainingInterrupted
from mathdl.networks.training_engine import current_engine

SMALL = ("residual", "residual of images", "signals")
RANK = int(os.environ.get("RANK", "0"))


def digits_epoch() -> list[float]:
    """An epoch of digits in float32, with dropout and a last batch of 5 objects."""
    from sklearn.datasets import load_digits

    found = load_digits()
    X, y = (found.images[:, None] * 15).astype(np.uint8), found.target
    layers = [Conv2D(4, 3, activation="relu"), MaxPool2D(2), Flatten(), Dropout(0.25), Dense(10)]
    net = Network(layers, (1, 8, 8), seed=1)
    net.fit(X, y, loss="cross_entropy", rule=Adam(), batch_size=64, epochs=1, seed=1, threads=1)
    return net.parameters.tolist()


def dyadic() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """13 objects of small whole numbers whose weights have the sum 16, so that no step rounds."""
    generator = np.random.default_rng(4)
    X, y = generator.integers(-4, 5, size=(13, 2)), generator.integers(-4, 5, size=13)
    return X.astype(float), y.astype(float), np.where(np.arange(13) % 5 == 0, 2.0, 1.0)


def seven_and_six(weighted: bool = True) -> list[float]:
    """One step over 13 objects at once."""
    X, y, weights = dyadic()
    net = Network([Dense(1)], (2,), dtype="float64")
    net.parameters[:] = 1.0, -2.0, 0.5
    weight = weights if weighted else None
    net.fit(X, y, loss="mean_square", rule=SGD(0.5), batch_size=13, epochs=1, sample_weight=weight)
    return net.parameters.tolist()


def small(name: str = "residual", **settings: Any) -> Network:
    """Train on 13 objects in batches of 3, the last of one alone."""
    architecture, shape = peers.ARCHITECTURES[name]
    _, x, y, weights = peers.problem(architecture, shape, "huber", 13)
    net = Network.from_architecture(architecture, shape, dtype="float64")
    given: dict[str, Any] = {"rule": Adam(0.01), "batch_size": 3, "epochs": 3, "sample_weight": weights, **settings}
    net.fit(given.pop("X", x), y, loss="huber", **given)
    return net


def in_blocks() -> list[float]:
    """Objects in a file, which each process reads window by window, with batches of two windows."""
    from mathdl.networks import network as module

    X = np.random.default_rng(0).normal(size=(700, 2))
    y, weights = (X[:, 0] * X[:, 1] > 0).astype(int), np.arange(700) % 3 + 0.5
    net = Network([Dense(5, activation="tanh"), Dropout(0.2), Dense(2)], (2,), dtype="float64", seed=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK_BYTES", 16)
        net.fit(iter([(X, y, weights)]), loss="cross_entropy", rule=Adam(0.01), batch_size=50, epochs=2)
    return net.parameters.tolist()


class Press(Callback):
    """Ctrl-C that only the last process hears."""

    def on_epoch_start(self, training: Any) -> None:
        if training.epoch == 1 and RANK == 1:
            os.kill(os.getpid(), signal.SIGINT)


def interrupted_and_resumed(folder: Path) -> list[float]:
    """A run that one process ends, and that goes on from a checkpoint that the first one alone has."""
    path = folder / "run.safetensors"
    own: list[Callback] = [Checkpoint(path)] if RANK == 0 else []
    with pytest.raises(TrainingInterrupted, match="epoch 2 of 3"):
        small(callbacks=[Press(), *own])
    return small(resume=load_checkpoint(path) if RANK == 0 else None).parameters.tolist()


def said(work: Callable[[], Any]) -> str:
    try:
        work()
    except InputError as error:
        return str(error)
    return "nothing"


def out_of_step() -> None:
    class Step(Callback):
        def on_start(self, training: Any) -> None:
            order = np.arange(13)[:: 1 if RANK else -1]
            training.stepper.take(training.parameters.copy(), order, 0, 2, training.next_update())

    small(callbacks=[Step()])


@contextmanager
def threads_seen() -> Iterator[list[int]]:
    import torch

    from mathdl.exchange import torch_steps

    seen: list[int] = []
    loss = torch_steps.LOSSES["huber"]

    def looking(*given: Any) -> Any:
        seen.append(torch.get_num_threads())
        return loss(*given)

    torch_steps.LOSSES["huber"] = looking
    yield seen
    torch_steps.LOSSES["huber"] = loss


def together(folder: Path) -> None:
    """Do everything that two processes can do without being lost, and then lose one."""
    from mathdl import TorchEngine
    from mathdl.engine import threads

    threads.available = lambda: 6
    with TorchEngine() as engine:
        with threads_seen() as seen:
            found: dict[str, Any] = {name: small(name).parameters.tolist() for name in SMALL}
        found |= {"threads": sorted(set(seen)), "description": engine.description}
        found |= {"digits": digits_epoch(), "exact": seven_and_six(), "unweighted": seven_and_six(weighted=False)}
        found["in blocks"] = in_blocks()
        found["resumed"] = interrupted_and_resumed(folder)
        found["refused"] = {
            "data": said(lambda: small(X=np.full((13, 3), float(RANK)))),
            "seed": said(lambda: small(seed=RANK)),
            "rule": said(lambda: small(rule=SGD(0.1 + RANK))),
            "batch": said(lambda: small(batch_size=1)),
            "step": said(out_of_step),
        }
        (folder / f"refused{RANK}.json").write_text(json.dumps(found["refused"]), encoding="utf-8")
        if RANK == 1:
            os._exit(0)
        found["lost"] = said(lambda: small())
        (folder / "found.json").write_text(json.dumps(found), encoding="utf-8")
        os._exit(0)  # the group cannot be ended in order without the other process


def killed(words: list[str]) -> None:
    """Run the command line; the first time, the last process is killed after its third epoch."""
    from mathdl.cli.main import main
    from mathdl.training.loop import _Loop

    finish = _Loop._finish_epoch

    def finish_and_die(loop: Any, rate: float) -> None:
        finish(loop, rate)
        if RANK == 1 and loop.training.epoch == 3 and os.environ["TORCHELASTIC_RESTART_COUNT"] == "0":
            os.kill(os.getpid(), signal.SIGKILL)

    _Loop._finish_epoch = finish_and_die  # type: ignore[method-assign]
    main(words)


if __name__ == "__main__":
    _, what, *given = sys.argv
    assert current_engine() is None
    if what == "together":
        together(Path(given[0]))
    else:
        killed(given)
