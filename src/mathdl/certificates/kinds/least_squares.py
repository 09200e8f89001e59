"""A polynomial has nearly the least mean square error on the data, summed over the targets (equation (6.2)).

It is an intercept plus coefficients times T_a(u_1) T_b(u_2)..., 1 <= a + b + ... <= ``degree`` in graded order, with
Chebyshev's T_a and u_j = (x_j - ``centres[j]``) / ``scales[j]``. Numbers: these, ``coefficients`` and ``intercepts`` of
the targets, ``excess``, ``minimum``, and the ``minimiser``, coefficients that solve the normal equations; perhaps
``multipliers``, whose image under the covariance matrix they are, so that every other solution is longer.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb

from mathdl.certificates.columns import covariances, products, targets
from mathdl.certificates.data import Data
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.rationals import Refused, dot, in_words, scaled


def statement(numbers: Numbers, data: Data) -> str:
    """Say it in words."""
    excess, minimum = (in_words(numbers.number(name)) for name in ("excess", "minimum"))
    shortest = "; no other minimiser has coefficients as short as the one shown"
    return (
        f"The mean square error on the {data.count} objects is at most {excess} above its minimum over all polynomials "
        f"of degree at most {numbers.plain('degree')}, {minimum}{shortest if numbers.has('multipliers') else ''}."
    )


def check(numbers: Numbers, data: Data) -> None:
    """Solve nothing: put the minimiser into the equations that the covariances of all columns give."""
    degree, ys = numbers.plain("degree"), targets(data)
    if type(degree) is not int or degree < 0:
        raise Refused("the degree is no natural number")
    m, n = len(ys), comb(data.features + degree, degree) - 1
    coefficients, minimisers = (numbers.matrix(name, m, n) for name in ("coefficients", "minimiser"))
    scales = numbers.vector("scales", data.features)
    if min(scales) <= 0:
        raise Refused("a scale is not positive")
    xs, total = products(data, numbers.vector("centres", data.features), scales, degree), data.shares[1]
    sums, C = covariances(xs + ys, data)
    units, excess, minimum = [unit for _, unit in xs + ys], Fraction(0), Fraction(0)
    for k, (c, b, best) in enumerate(zip(numbers.vector("intercepts", m), coefficients, minimisers, strict=True), n):
        solution, below = scaled(v * unit for v, unit in zip(best, units[:n], strict=True))
        if any(dot(solution, row) != row[k] * units[k] * below for row in C[:n]):
            raise Refused("the minimiser does not solve the normal equations")
        minimum += units[k] * (units[k] * C[k][k] - Fraction(dot(solution, C[k]), below)) / total**2
        off, below = scaled((v - w) * unit for v, w, unit in zip(b, best, units[:n], strict=True))
        mean = sum((v * unit * s for v, unit, s in zip(b, units, sums, strict=False)), -units[k] * sums[k])
        excess += (c + mean / total) ** 2 + Fraction(dot(off, [dot(off, row) for row in C[:n]]), (below * total) ** 2)
        if numbers.has("multipliers"):
            z, below = scaled(
                v * unit for v, unit in zip(numbers.matrix("multipliers", m, n)[k - n], units, strict=False)
            )
            if any(v * below * total**2 != unit * dot(z, row) for v, unit, row in zip(best, units, C, strict=False)):
                raise Refused("the minimiser is not in the row space")
    if numbers.number("minimum") != minimum or numbers.number("excess") < excess:
        raise Refused("the minimum is another one, or the model is further above it")
