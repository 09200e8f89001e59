"""Gradient descent on a convex objective was within the bound |a_0 - z|^2 / (2 tau k) of its minimum (equation (8.7)).

Numbers: those of ``objectives.py`` and ``gradient_steps.py``, ``reference`` z, ``gap``. L is convex, tau <= 1/d.
Without exp and log z is a minimiser, since the gradient is zero there, and |a_0 - z|^2 / (4 tau k + 2/d) plus
``excess`` is a bound, too. Of steps with own rates the sum stands for tau k. The logistic loss has an irrational
minimiser: there z is any point, and with lambda > 0 the minimum is at most |grad L(z)|^2 / (4 lambda) below L(z).
"""

from __future__ import annotations

from fractions import Fraction

from mathdl.certificates.data import Data
from mathdl.certificates.gradient_steps import Rates, checked_run, listed_steps
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.objectives import described, read_objective
from mathdl.certificates.rationals import Refused
from mathdl.certificates.words import at_most, in_words

IN_PLAIN_WORDS = "Gradient descent came as close to the lowest possible loss as the theorem promises."


def statement(numbers: Numbers, data: Data) -> str:
    """Say it in words."""
    rates, d, steps, tight = Rates(numbers), numbers.number("lipschitz"), listed_steps(numbers), ""
    work, sums = ("tau k", "") if rates.one is not None else ("S_k", ", S_k the sum of the rates of the first k steps")
    shown = ("minimum, at the z shown,", "value at the point z shown")[numbers.plain("objective") == "logistic"]
    if numbers.has("excess"):
        tight = f" and |a_0 - z|^2 / (4 {work} + 2/d) + {at_most(numbers.number('excess'))}".removesuffix(" + 0")
    low = f"; its minimum is at most {at_most(numbers.number('below'))} less" if numbers.has("below") else ""
    return (
        f"The objective L ({described(numbers, data)}) is convex, its gradient has the Lipschitz constant d = "
        f"{in_words(d)}; of the {len(steps)} points a_k listed, a_(k+1) is a_k - tau grad L(a_k) to within "
        f"{at_most(numbers.number('rounding'))} where both are listed (how others were reached is not shown), with "
        f"{rates.in_words()}{sums}; at each L exceeds its {shown} by at most |a_0 - z|^2 / (2 {work}){tight}, and at "
        f"the last, k = {steps[-1]}, by at most {at_most(numbers.number('gap'))}{low}."
    )


def check(numbers: Numbers, data: Data) -> None:
    """Compare L at every point with L at z."""
    objective = read_objective(numbers, data)
    if not objective.convex:
        raise Refused("the objective is not convex")
    (run, rates), z = checked_run(numbers, objective), numbers.vector("reference", objective.size)
    best, (d, gap) = objective.at(z), map(numbers.number, ("lipschitz", "gap"))
    exact, above = numbers.plain("objective") != "logistic", Fraction(0)
    if any(best.gradient) if exact else numbers.has("excess"):
        raise Refused("z is not shown to be a minimiser")
    if numbers.has("below") and (objective.weight <= 0 or numbers.number("below") * 4 * objective.weight < best.most):
        raise Refused("with no lower bound shown the minimum may be smaller than stated")
    square = sum((u - v) ** 2 for u, v in zip(run[0][1], z, strict=True))
    for k, _, here in run:
        above, work = here.high - best.low, rates.up_to(k)
        if above * 2 * work > square:
            raise Refused(f"the bound does not hold after step {k}")
        if exact and (above - numbers.number("excess")) * (4 * work * d + 2) > square * d:
            raise Refused(f"the bound with 4 tau k + 2/d does not hold after step {k}")
    if above > gap:
        raise Refused("the last value is further above than stated")
