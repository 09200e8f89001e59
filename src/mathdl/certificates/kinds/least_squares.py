"""A polynomial has nearly the least mean square error on the data, summed over the targets (equation (6.2)).

It is an intercept plus coefficients times the products in ``columns.py`` of ``degree``, ``centres`` and ``scales``.
Numbers: these, ``coefficients`` and ``intercepts`` of the targets, ``excess``, ``minimum``, a ``minimiser`` that solves
the normal equations, perhaps ``multipliers``, whose image under their matrix it is, so that all others are longer.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb
from operator import mul

from mathdl.certificates.columns import covariances, products, targets
from mathdl.certificates.data import Data
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.rationals import Refused, dot, scaled
from mathdl.certificates.words import at_least, at_most

IN_PLAIN_WORDS = "No other choice of coefficients fits these objects better by more than is stated."


def statement(numbers: Numbers, data: Data) -> str:
    """Say it in words."""
    excess, minimum, m = numbers.number("excess"), numbers.number("minimum"), len(targets(data))
    summed = f", summed over {m} targets," if m > 1 else ""
    less = f"less than {at_least(minimum)} or is better by more than {at_most(excess)}" if excess else "less"
    shortest = "; no other minimiser has coefficients as short as the one shown" if numbers.has("multipliers") else ""
    return (
        f"The {data.weighted}mean square error of the polynomial shown on the {data.count} objects{summed} is at most "
        f"{at_most(minimum + excess)}; no polynomial of degree at most {numbers.plain('degree')} has {less}{shortest}."
    )


def check(numbers: Numbers, data: Data) -> None:
    """Solve nothing: put the minimiser into the equations that the covariances of all columns give."""
    degree, ys = numbers.plain("degree"), targets(data)
    if type(degree) is not int or not 0 <= degree <= sum(map(len, numbers.plain("coefficients"))):
        raise Refused("the degree is no natural number, or has more terms than there are coefficients")
    m, n = len(ys), comb(data.features + degree, degree) - 1
    coefficients, minimisers = (numbers.matrix(name, m, n) for name in ("coefficients", "minimiser"))
    centres, scales = numbers.vector("centres", data.features), numbers.vector("scales", data.features)
    xs, total = products(data, centres, scales, degree), data.shares[1]
    sums, C = covariances(xs + ys, data)
    multipliers = numbers.matrix("multipliers", m, n) if numbers.has("multipliers") else None
    units, excess, minimum = [unit for _, unit in xs + ys], Fraction(0), Fraction(0)
    for k, (c, b, best) in enumerate(zip(numbers.vector("intercepts", m), coefficients, minimisers, strict=True), n):
        solution, below = scaled(map(mul, best, units))
        if any(dot(solution, row) != row[k] * units[k] * below for row in C[:n]):
            raise Refused("the minimiser does not solve the normal equations")
        minimum += units[k] * (units[k] * C[k][k] - Fraction(dot(solution, C[k]), below)) / total**2
        off, below = scaled((v - w) * unit for v, w, unit in zip(b, best, units[:n], strict=True))
        mean = sum((v * unit * s for v, unit, s in zip(b, units, sums, strict=False)), -units[k] * sums[k])
        excess += (c + mean / total) ** 2 + Fraction(dot(off, [dot(off, row) for row in C[:n]]), (below * total) ** 2)
        if multipliers is not None:
            z, below = scaled(map(mul, multipliers[k - n], units))
            if any(v * below * total**2 != unit * dot(z, row) for v, unit, row in zip(best, units, C, strict=False)):
                raise Refused("the minimiser is not in the row space")
    if numbers.number("minimum") != minimum or numbers.number("excess") < excess:
        raise Refused("the minimum is another one, or the model is further above it")
