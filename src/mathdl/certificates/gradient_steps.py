"""A run of gradient descent: points after steps, of which each follows from the one before where both are listed.

Numbers: ``learning_rate`` tau, ``lipschitz`` d, ``steps`` k from 0 on, ``points`` a_k, and ``rounding``, by which
a_(k+1) may differ from a_k - tau grad L(a_k) in a component.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from mathdl.certificates.limits import afford
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.objectives import LinearModelLoss, Local, QuadraticForm
from mathdl.certificates.rationals import Refused
from mathdl.certificates.words import in_words

Run = list[tuple[int, list[Fraction], Local]]


def listed_steps(numbers: Numbers) -> list[int]:
    """Return the numbers of the steps; refuse what is no list of whole numbers."""
    steps = numbers.plain("steps")
    if not isinstance(steps, list) or not steps or not all(type(step) is int for step in steps):
        raise Refused("'steps' are no list of whole numbers")
    return steps


def checked_run(numbers: Numbers, objective: QuadraticForm | LinearModelLoss) -> Run:
    """Return steps, points and the objective there; refuse what is no run with 0 < tau <= 1/d."""
    tau, d, rounding = map(numbers.number, ("learning_rate", "lipschitz", "rounding"))
    steps = listed_steps(numbers)
    if steps[0] != 0 or any(later <= step for step, later in pairwise(steps)):
        raise Refused("'steps' do not start at 0 or do not increase")
    if tau <= 0 or d < 0 or tau * d > 1:
        raise Refused("the learning rate is not positive or above 1/d, or d is negative")
    afford(objective.operations * len(steps))
    if not objective.is_smooth(d):
        raise Refused(f"the gradient is not shown to have the Lipschitz constant d, {in_words(d)}")
    points = numbers.matrix("points", len(steps), objective.size)
    run = [(k, a, objective.at(a)) for k, a in zip(steps, points, strict=True)]
    for (k, a, here), (later, b, _) in pairwise(run):
        off = max(abs(v - u + tau * g) for u, v, g in zip(a, b, here.gradient, strict=True))
        if later == k + 1 and off + tau * here.error > rounding:
            raise Refused(f"step {later} is no gradient step, or rounded by more than stated")
    return run
