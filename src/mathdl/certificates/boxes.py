"""Whether a network is near to a function on a box: on the whole, or on parts that are halved until it is clear."""

from __future__ import annotations

from fractions import Fraction

from mathdl.certificates.affine_forms import combination, coordinate, down
from mathdl.certificates.functions import Function
from mathdl.certificates.limits import afford
from mathdl.certificates.rationals import Refused
from mathdl.certificates.relu_networks import ReluNetwork
from mathdl.certificates.words import in_words

MAX_HALVINGS = 60  # chosen, of each side of the box
Sides = list[list[Fraction]]  # of a box: from where to where each variable goes


def check_near(function: Function, network: ReluNetwork, sides: Sides, error: Fraction) -> None:
    """Refuse unless the network is shown to differ from the function by at most the error everywhere on the box."""
    boxes, effort, limit = [(0, sides, network)], 0, down(error)
    while boxes:
        depth, part, network = boxes.pop()
        afford(effort := effort + function.effort + network.effort)
        box = [coordinate(k, low, high, len(sides)) for k, (low, high) in enumerate(part)]
        value, (output, network) = function(box), network(box)
        away = combination([1, -1], [value, output], 0, 1) if value is not None else None
        if away is not None and max(-away.low, away.high) <= limit:
            continue
        farther = away is not None and (away.low > limit or away.high < -limit)
        if farther or depth >= MAX_HALVINGS * len(sides):
            says = "the network is farther from the function" if farther else "the network is not shown to be near"
            raise Refused(f"{says} at {', '.join(f'x{k} = {in_words(low)}' for k, (low, _) in enumerate(part, 1))}")
        boxes += [(depth + 1, half, network) for half in _halves(depth, part)]


def _halves(depth: int, part: Sides) -> list[Sides]:
    """Cut a box in two; each side in its turn."""
    k = depth % len(part)
    low, high = part[k]
    middle = (low + high) / 2
    return [[*part[:k], side, *part[k + 1 :]] for side in ([middle, high], [low, middle])]
