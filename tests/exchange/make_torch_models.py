"""Networks as a user of PyTorch exports them today, by both of its exporters, with inputs and outputs.

``python tests/exchange/make_torch_models.py`` writes ``torch_models``; it needs torch, onnx and onnxscript. Tests read
what is there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import nn
from torch.nn import functional

FOLDER = Path(__file__).with_name("torch_models")


class LeNet(nn.Module):
    """A LeNet as tutorials write it, for pictures of 16 x 16."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 4, 5, padding=2), nn.Conv2d(4, 8, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(32, 24), nn.Linear(24, 16), nn.Linear(16, 10)

    def forward(self, x: Any) -> Any:
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        x = functional.relu(functional.max_pool2d(self.conv2(x), 2))  # in the other order
        x = x.view(x.size(0), -1)
        x = functional.relu(self.fc1(x))
        return self.fc3(functional.relu(self.fc2(x)))


class Blocks(nn.Module):
    """Normalisation, a residual block, padding of maxima, an average over each channel."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 6, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(6), nn.ReLU())
        self.pool = nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True)
        self.block = nn.Sequential(
            nn.Conv2d(6, 6, 3, padding=1), nn.BatchNorm2d(6), nn.LeakyReLU(0.1), nn.Conv2d(6, 6, 3, padding=1)
        )
        self.mean, self.last = nn.AdaptiveAvgPool2d(1), nn.Linear(6, 4)

    def forward(self, x: Any) -> Any:
        x = self.pool(self.stem(x))
        x = torch.relu(x + self.block(x))
        return self.last(torch.flatten(self.mean(x), 1)).softmax(dim=1)


def two_layers() -> nn.Module:
    """Two layers with dropout between."""
    return nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Dropout(0.3), nn.Linear(16, 3))


def main() -> None:
    """Write all files."""
    FOLDER.mkdir(exist_ok=True)
    arrays = {}
    for name, made, shape in (
        ("lenet", LeNet, (1, 16, 16)),
        ("two_layers", two_layers, (6,)),
        ("blocks", Blocks, (3, 13, 13)),
    ):
        torch.manual_seed(0)
        module, x = made(), torch.randn(4, *shape)
        with torch.no_grad():
            for _ in range(20):  # so that the normalisation has means and variances of its own
                module.train()(torch.randn(32, *shape) * 2 + 1)
            arrays[f"{name}.X"], arrays[f"{name}.y"] = x.numpy(), module.eval()(x).numpy()
        objects = torch.export.Dim("objects")
        torch.onnx.export(
            module, (x,), FOLDER / f"{name}_dynamo.onnx", dynamo=True, dynamic_shapes=({0: objects},), verbose=False
        )
        torch.onnx.export(
            module,
            (x,),
            FOLDER / f"{name}_script.onnx",
            dynamo=False,
            input_names=["x"],
            dynamic_axes={"x": {0: "objects"}},
        )
        torch.onnx.export(module, (x[:1],), FOLDER / f"{name}_one.onnx", dynamo=True, verbose=False)
    for path in FOLDER.glob("*.onnx"):
        model = onnx.load(path, load_external_data=False)
        for node in model.graph.node:  # where in the user's code, with paths of a machine
            del node.metadata_props[:]
            node.doc_string = ""
        onnx.save(model, path)
    np.savez(FOLDER / "values.npz", **arrays)


if __name__ == "__main__":
    main()
