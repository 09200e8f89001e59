"""A run of gradient descent: points after steps, of which each follows from the one before where both are listed.

Numbers: ``learning_rate`` tau, or in its place ``rates``, one for every step up to the last; ``lipschitz`` d, ``steps``
k from 0 on, ``points`` a_k, and ``rounding``, by which a_(k+1) may differ from a_k - tau grad L(a_k) in a component.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate, pairwise

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


class Rates:
    """The learning rates of the steps: one for all, or one for each."""

    def __init__(self, numbers: Numbers) -> None:
        last = listed_steps(numbers)[-1]
        self.one = None if numbers.has("rates") else numbers.number("learning_rate")
        every = [] if self.one is not None else numbers.vector("rates", last)
        self._every, self._sums = every, [Fraction(0), *accumulate(every)]

    @property
    def largest(self) -> Fraction:
        """The largest of them."""
        return max(self._every, default=Fraction(0)) if self.one is None else self.one

    @property
    def are_right(self) -> bool:
        """Whether the one is positive, or of many none is negative."""
        return all(rate >= 0 for rate in self._every) if self.one is None else self.one > 0

    def after(self, k: int) -> Fraction:
        """Return the rate of the step after step ``k``."""
        return self._every[k] if self.one is None else self.one

    def up_to(self, k: int) -> Fraction:
        """Return the sum of the rates of the first ``k`` steps."""
        return self._sums[k] if self.one is None else self.one * k

    def in_words(self) -> str:
        """Say what they are."""
        if self.one is not None:
            return f"tau = {in_words(self.one)} <= 1/d"
        return "tau the rate shown for that step, none above 1/d"


def checked_run(numbers: Numbers, objective: QuadraticForm | LinearModelLoss) -> tuple[Run, Rates]:
    """Return steps, points and the objective there, and the rates; refuse what is no run with 0 < tau <= 1/d."""
    d, rounding = map(numbers.number, ("lipschitz", "rounding"))
    steps = listed_steps(numbers)
    if steps[0] != 0 or any(later <= step for step, later in pairwise(steps)):
        raise Refused("'steps' do not start at 0 or do not increase")
    rates = Rates(numbers)
    if not rates.are_right or d < 0 or rates.largest * d > 1:
        raise Refused("the learning rate is not positive or above 1/d, or d is negative")
    afford(objective.operations * len(steps))
    if not objective.is_smooth(d):
        raise Refused(f"the gradient is not shown to have the Lipschitz constant d, {in_words(d)}")
    points = numbers.matrix("points", len(steps), objective.size)
    run = [(k, a, objective.at(a)) for k, a in zip(steps, points, strict=True)]
    for (k, a, here), (later, b, _) in pairwise(run):
        tau = rates.after(k)
        off = max(abs(v - u + tau * g) for u, v, g in zip(a, b, here.gradient, strict=True))
        if later == k + 1 and off + tau * here.error > rounding:
            raise Refused(f"step {later} is no gradient step, or rounded by more than stated")
    return run, rates
