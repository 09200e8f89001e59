"""The objective of logistic regression, lambda |w|^2 + mean cross-entropy (6.7), exceeds its minimum by at most a gap.

Numbers: ``classes``, ``regularization`` lambda, ``coef`` w, ``intercept`` b (a row a class; for two just one), ``gap``,
``objective`` and an object's probabilities of the ``others``, not its own class. By log sum exp z >= p.z + H(p), H the
entropy, any w and b reach mean H(p) + lambda |w|^2 + sum_k (w_k.r_k + b_k s_k), s_k the mean of p_k - [own class
is k], r_k of that times x. Let s_k = 0: the least over w is mean H(p) - sum |r_k|^2 / (4 lambda), or r_k = 0, too.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor

from mathdl.certificates.data import Data
from mathdl.certificates.enclosures import UNIT_BITS, exp_bounds, log_bounds
from mathdl.certificates.limits import afford
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.rationals import Refused, combination, dot, scaled
from mathdl.certificates.words import in_words, near_minimum

IN_PLAIN_WORDS = "No other weights give these objects a better value of what was minimised, by more than is stated."


def statement(numbers: Numbers, data: Data) -> str:
    """Say it in words."""
    weight, objective, gap = map(numbers.number, ("regularization", "objective", "gap"))
    mean = f"{data.weighted}mean cross-entropy over {data.count} objects"
    return f"lambda |w|^2 + {mean}, with lambda = {in_words(weight)}, {near_minimum(objective, gap)}."


def check(numbers: Numbers, data: Data) -> None:
    """Bound the objective from above, and from below for all parameters."""
    codes, K = data.codes(numbers.labels("classes")), len(numbers.labels("classes"))
    rows = 1 if K == 2 else K
    afford(60 * data.count * K)  # one exponential and one logarithm each
    coef, intercept = numbers.matrix("coef", rows, data.features), numbers.vector("intercept", rows)
    weight, objective, gap = map(numbers.number, ("regularization", "objective", "gap"))
    (shares, total), (objects, unit), others = data.shares, data.integers, numbers.matrix("others", data.count, K - 1)
    chances = [[*p[:code], 1 - sum(p, Fraction(0)), *p[code:]] for p, code in zip(others, codes, strict=True)]
    if weight < 0 or min(map(min, chances)) < 0:
        raise Refused("a probability or lambda is negative")
    logits = [[Fraction(value, below) for value in values] for values, below in map(data.affine, coef, intercept)]
    logits += [[Fraction(0)] * data.count] * (K - rows)  # of the first of two classes; it comes last here
    high, one = 0, 1 << UNIT_BITS
    for share, code, z in zip(shares, codes, zip(*logits, strict=True), strict=True):  # log sum exp z minus the own one
        top, own = max(z), z[code - K + rows]
        above = Fraction(sum(exp_bounds(value - top)[1] for value in z), one)
        high += share * (log_bounds(above)[1] - floor((own - top) * one))
    if Fraction(high, total * one) + weight * sum(w * w for row in coef for w in row) > objective:
        raise Refused("the weights reach no objective as small as stated")
    entropies = (sum(-p.numerator * log_bounds(p)[1] // p.denominator for p in row if p) for row in chances)
    low = Fraction(dot(shares, [*entropies]), total * one)
    for k in range(K - rows, K):
        residuals, below = scaled(s * (p[k] - (c == k)) for s, p, c in zip(shares, chances, codes, strict=True))
        pulls = combination(residuals, objects, data.features)
        if sum(residuals) or (weight == 0 and any(pulls)):
            raise Refused("the probabilities are not balanced")
        low -= Fraction(dot(pulls, pulls), (total * unit * below) ** 2) / (4 * weight or 1)
    if objective - gap > low:
        raise Refused("smaller objectives are not ruled out")
