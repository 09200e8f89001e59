"""Train the convolutional network on MNIST in this process and tell how much memory that took at most.

``python -m benchmarks.one_process WHO JOB OUT``: WHO is mathdl or torch, and only that library is imported. JOB is a
JSON file with the folder of MNIST, the architecture, the first parameters, the number of objects and the batch size.
The peak is printed; the parameters after the first steps, which must be the same for all, go to the file OUT.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

import numpy as np

from mathdl.data.mnist import read_mnist
from mathdl.descent.batches import order_of_epoch

CHECKED_STEPS = 50
RATE, SEED = 0.02, 0


def main(who: str, job: dict[str, Any], out: Path) -> None:
    """Train over the first steps, keep the parameters, then train over all objects."""
    images = read_mnist(job["folder"])
    X, y = images.images[: job["objects"]], images.labels[: job["objects"]].astype(np.int64)
    start = np.array(job["parameters"], np.float32)
    epoch = {"mathdl": by_mathdl, "torch": by_torch}[who](job, start)
    checked = CHECKED_STEPS * job["batch"]
    np.save(out, epoch(X[:checked], y[:checked]))
    epoch(X, y)
    print(peak_memory())


def by_mathdl(job: dict[str, Any], start: Any) -> Any:
    """Return a function that trains an epoch from the start and returns the parameters."""
    from mathdl import SGD, Network

    net = Network.from_architecture(job["architecture"], job["input_shape"])

    def epoch(X: Any, y: Any) -> Any:
        net.parameters[:] = start
        net.fit(X, y, loss="cross_entropy", rule=SGD(RATE), batch_size=job["batch"], epochs=1, seed=SEED)
        return net.parameters

    return epoch


def by_torch(job: dict[str, Any], start: Any) -> Any:
    """Return the same for PyTorch, eager, which keeps the images as bytes too."""
    import torch

    from benchmarks import peers_torch

    parameters = peers_torch.parameters_of(job["architecture"], job["input_shape"], start)
    descent = peers_torch.Descent(job["architecture"], parameters, "cross_entropy")

    def epoch(X: Any, y: Any) -> Any:
        order = torch.from_numpy(order_of_epoch(len(X), "without_replacement", SEED, 0))
        with peers_torch.at_its_best(job["threads"]):
            descent.reset()
            descent.epoch(torch.from_numpy(X), torch.from_numpy(y), order, job["batch"], RATE)
        return descent.vector()

    return epoch


def peak_memory() -> int:
    """Most bytes that this process ever had in memory; getrusage would count its parent's before it started, too."""
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        return int(status.split("VmHWM:")[1].split()[0]) * 1024
    except (OSError, IndexError):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    main(sys.argv[1], json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")), Path(sys.argv[3]))
