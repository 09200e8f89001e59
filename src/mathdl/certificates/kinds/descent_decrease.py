"""Gradient descent on a smooth objective, convex or not, falls with every step (exercise 8.5).

Numbers: those of ``objectives.py`` and ``gradient_steps.py``, with no step left out, ``excess`` and ``limit``. With
kappa = d/2, |L(b) - L(a) - (b - a) . grad L(a)| <= kappa |b - a|^2, and tau kappa <= 1/2. Stated: L(a_(k+1)) <= L(a_k)
- tau (1 - kappa tau) |grad L(a_k)|^2 + excess, where without rounding the excess is 0; and the limit of the sum of
tau |grad L(a_k)|^2, which is therefore at most 2 (L(a_0) - L(a_K)) + 2 K excess.
"""

from __future__ import annotations

from itertools import pairwise

from mathdl.certificates.data import Data
from mathdl.certificates.gradient_steps import Rates, checked_run, listed_steps
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.objectives import described, read_objective
from mathdl.certificates.rationals import Refused
from mathdl.certificates.words import at_most, in_words

IN_PLAIN_WORDS = "Every step of gradient descent lowered the loss at least as much as the theorem promises."


def statement(numbers: Numbers, data: Data) -> str:
    """Say it in words."""
    rates, d, steps = Rates(numbers), numbers.number("lipschitz"), listed_steps(numbers)
    total = "tau times the sum of these |grad L(a_k)|^2" if rates.one is not None else "the sum of tau |grad L(a_k)|^2"
    excess, limit, rounding = (at_most(numbers.number(name)) for name in ("excess", "limit", "rounding"))
    return (
        f"The gradient of L ({described(numbers, data)}) has the Lipschitz constant d = {in_words(d)}, each of the "
        f"first {len(steps) - 1} steps is a_(k+1) = a_k - tau grad L(a_k) to within {rounding}, with "
        f"{rates.in_words()}, L falls at each by at least tau (1 - tau d / 2) |grad L(a_k)|^2 - {excess}, and "
        f"{total} is at most {limit}."
    )


def check(numbers: Numbers, data: Data) -> None:
    """Compute every step's fall."""
    run, rates = checked_run(numbers, read_objective(numbers, data))
    d, excess, limit = map(numbers.number, ("lipschitz", "excess", "limit"))
    if run[-1][0] != len(run) - 1:
        raise Refused("steps are left out")
    for (k, _, here), (_, _, there) in pairwise(run):
        tau = rates.after(k)
        if there.high - here.low + tau * (1 - tau * d / 2) * here.most > excess:
            raise Refused(f"L falls by less in step {k + 1}")
    if sum(rates.after(k) * here.most for k, _, here in run[:-1]) > limit:
        raise Refused("the sum of the squares is larger than stated")
