"""Polynomials in several variables as sums of products of Chebyshev polynomials, over a box that holds the data.

T_0 = 1, T_1(u) = u, T_k(u) = 2 u T_{k-1}(u) - T_{k-2}(u) stay within [-1, 1] there, so no power of a feature gets lost
beside another one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations_with_replacement
from math import gcd, lcm
from operator import mul
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.solvers.exact_least_squares import Column, column, reduced

Array = NDArray[Any]


@dataclass(frozen=True)
class ChebyshevBasis:
    """All products of Chebyshev polynomials up to a total degree, but the constant.

    Feature j enters as u_j = (x_j - centres[j]) / scales[j].
    """

    degree: int
    centres: Array
    scales: Array

    @classmethod
    def over(cls, X: Array, degree: int) -> ChebyshevBasis:
        """Take a box that holds the rows of X, hardly larger than it must be, with sides of few digits.

        Few digits keep the numbers of exact arithmetic short.
        """
        low, high = X.min(axis=0), X.max(axis=0)
        digits = np.maximum(np.frexp(high / 2 - low / 2)[1] - 4, -1074)
        centres = np.where(low < high, _rounded(low / 2 + high / 2, digits), low)
        scales = _rounded(np.maximum(high - centres, centres - low), digits, np.ceil)
        return cls(degree, centres, np.where(low < high, scales, 1.0))

    @cached_property
    def terms(self) -> list[tuple[int, ...]]:
        """The products in order: each names its features, one as often as its degree."""
        features = range(len(self.centres))
        return [term for k in range(1, self.degree + 1) for term in combinations_with_replacement(features, k)]

    @cached_property
    def powers(self) -> Array:
        """The degree of each feature in each product, of shape (n_terms, p)."""
        counts = [[term.count(j) for j in range(len(self.centres))] for term in self.terms]
        return np.array(counts, np.int64).reshape(len(self.terms), len(self.centres))

    def values(self, X: Array) -> Array:
        """Return the products at the rows of X, of shape (N, n_terms), in the arithmetic of X."""
        u = (X - self.centres) / self.scales
        single = [np.ones_like(u), u]
        for _ in range(2, self.degree + 1):
            single.append(2 * u * single[-1] - single[-2])
        matrix = np.empty((len(X), len(self.terms)), u.dtype)
        for k, term in enumerate(self.terms):
            matrix[:, k] = np.prod([single[power][:, j] for j, power in Counter(term).items()], axis=0)
        return matrix

    def columns(self, X: Array) -> list[Column]:
        """Return the products at the rows of X exactly."""
        chains, below = [], []
        for j in range(len(self.centres)):
            shifted, q = self._fractions(X[:, j], j)
            chain = [[1] * len(X), shifted]
            # q^k T_k(n / q) are whole numbers.
            for _ in range(2, self.degree + 1):
                chain.append([2 * n * a - q * q * b for n, a, b in zip(shifted, chain[-1], chain[-2], strict=True)])
            chains.append(chain)
            below.append(q)
        coefficients = []
        for term in self.terms:
            values, unit = [1] * len(X), Fraction(1)
            for j, power in Counter(term).items():
                values, unit = list(map(mul, values, chains[j][power])), unit / below[j] ** power
            coefficients.append(reduced(values, unit))
        return coefficients

    def _fractions(self, x: Array, j: int) -> tuple[list[int], int]:
        """Return u_j for numbers x exactly, as numerators over one denominator."""
        (values, unit), centre, scale = column(x), Fraction(self.centres[j]), Fraction(self.scales[j])
        common = lcm(unit.denominator, centre.denominator, scale.denominator)
        factor, shift, below = int(unit * common), int(centre * common), int(scale * common)
        above = [value * factor - shift for value in values]
        divisor = gcd(below, *above)
        return [value // divisor for value in above], below // divisor

    def monomials(self, coef: Sequence[Fraction]) -> tuple[list[Fraction], Fraction]:
        """Return the coefficients of the monomials of the same terms, and the constant, of sum_k coef_k product_k."""
        single = [self._expanded(Fraction(c), Fraction(s)) for c, s in zip(self.centres, self.scales, strict=True)]
        total: dict[tuple[int, ...], Fraction] = {(): Fraction(0)}
        for term, c in zip(self.terms, coef, strict=True):
            parts: dict[tuple[int, ...], Fraction] = {(): c}
            for j, power in Counter(term).items():
                parts = {
                    (*done, *(j,) * k): value * factor
                    for done, value in parts.items()
                    for k, factor in enumerate(single[j][power])
                }
            for monomial, value in parts.items():
                total[monomial] = total.get(monomial, Fraction(0)) + value
        return [total[term] for term in self.terms], total[()]

    def _expanded(self, centre: Fraction, scale: Fraction) -> list[list[Fraction]]:
        """Return the coefficients of T_k((x - centre) / scale) in powers of x, for every k."""
        polynomials = [[Fraction(1)], [-centre / scale, 1 / scale]]
        for k in range(2, self.degree + 1):
            last, before = polynomials[-1], [*polynomials[-2], Fraction(0), Fraction(0)]
            polynomials.append(
                [
                    2 * ((last[i - 1] if i else 0) - (centre * last[i] if i < k else 0)) / scale - before[i]
                    for i in range(k + 1)
                ]
            )
        return polynomials


def _rounded(numbers: Array, digits: Array, rule: Callable[[Array], Array] = np.rint) -> Array:
    """Return the numbers rounded to multiples of 2^digits."""
    return np.ldexp(rule(np.ldexp(numbers, -digits)), digits)
