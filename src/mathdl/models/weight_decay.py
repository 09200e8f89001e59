"""The weight decay of a network's training, chosen by the loss on objects that trials do without."""

from __future__ import annotations

from collections.abc import Callable
from math import log

FACTOR_OF_GRID = 10**0.5  # between one decay and the next; chosen
SMALLEST, LARGEST = -9, 0  # of the powers of that factor: from about 3e-5 to 1


def start(objects: int) -> float:
    """Return the decay to try first: little data hold back the weights more."""
    return min(0.01, 10 / objects)


def lowest_loss(loss_with: Callable[[float], float], first: float) -> float:
    """Go from decay to decay, to stronger ones first, as long as the loss falls, and return the best.

    ``loss_with`` returns the loss on held-out objects after training with a decay; ``first`` is where to begin, at the
    nearest decay of the grid. Where the data say little, the loss wavers around ``first`` and is far lower at the
    strongest decay: if it is lower there than where the walk ended, it is walked from there.
    """
    losses: dict[int, float] = {}

    def loss_at(power: int) -> float:
        if power not in losses:
            losses[power] = loss_with(decay_of(power))
        return losses[power]

    def walked_from(begin: int) -> int:
        best = begin
        for direction in (1, -1):
            while SMALLEST <= best + direction <= LARGEST and loss_at(best + direction) < loss_at(best):
                best += direction
            if best != begin:
                break
        return best

    best = walked_from(min(max(_nearest_power(first), SMALLEST), LARGEST))
    return decay_of(walked_from(LARGEST) if loss_at(LARGEST) < loss_at(best) else best)


def decay_of(power: int) -> float:
    """Return a decay of the grid, written with two figures."""
    return float(f"{FACTOR_OF_GRID**power:.1e}")


def _nearest_power(decay: float) -> int:
    """Return the place of a decay on the grid."""
    return round(log(decay) / log(FACTOR_OF_GRID))
