"""Dropout in PyTorch that drops what the library's own drops: see ``kernels/dropout.py``, whose hash this is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from mathdl.kernels.dropout import PLACE_STEP, UNIT_STEP, WORD


@dataclass
class Drawing:
    """The seed and the step that are drawn for, and the place in the batch of the first object that is given."""

    seed: int = 0
    step: int = 0
    place: int = 0


class DrawnDropout(nn.Module):  # type: ignore[misc]
    """The dropout layer of this number."""

    def __init__(self, rate: float, number: int, drawing: Drawing) -> None:
        super().__init__()
        self.rate, self.number, self.drawing = rate, number, drawing

    def forward(self, x: Any) -> Any:
        """Drop, and divide what is kept."""
        draw, units = self.drawing, x[0].numel() if len(x) else 0
        key = _mixed(UNIT_STEP ^ (draw.seed & WORD))
        for part in (draw.seed >> 32, draw.step & WORD, draw.step >> 32, self.number):
            key = _mixed(key ^ part)
        unit = torch.arange(units, device=x.device)
        place = draw.place + torch.arange(len(x), device=x.device)
        base = _mixed((key + unit * UNIT_STEP) & WORD)
        hashed = _mixed((base[None] + place[:, None] * PLACE_STEP) & WORD)
        factors = (hashed >= round(self.rate * 2**32)).to(x.dtype) * (1 / (1 - self.rate))
        return x * factors.reshape(x.shape)


def with_drawn_dropout(module: nn.Module, drawing: Drawing) -> nn.Module:
    """Put drawn dropout in place of PyTorch's own, numbered in the order of the layers."""
    number = 0
    for parent in list(module.modules()):
        for name, child in parent.named_children():
            if isinstance(child, nn.Dropout):
                setattr(parent, name, DrawnDropout(child.p, number, drawing))
                number += 1
    return module


def _mixed(word: Any) -> Any:
    """Scramble 32 bits, numbers or tensors of them: what overflows above is cut off."""
    word = ((word ^ (word >> 16)) * 0x7FEB352D) & WORD
    word = ((word ^ (word >> 15)) * 0x846CA68B) & WORD
    return word ^ (word >> 16)
