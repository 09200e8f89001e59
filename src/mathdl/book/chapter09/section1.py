"""Section 9.1: computational complexity."""

from __future__ import annotations

from itertools import pairwise, permutations
from math import floor, log2, pi
from typing import Any

import numpy as np

import mathdl
from mathdl import chain
from mathdl.book.chapter09.lists import Names, merge, reads, scan, search
from mathdl.book.chapter09.products import dot, product, strassen
from mathdl.book.finding import Findings, Table, differs, equals, erratum, near, refutes, shows
from mathdl.book.item import item
from mathdl.plots.style import COLOURS, SOFT, legend, log_axes

SIZES = (1, 2, 4, 8, 16)
TRY_GROWTH = "mathdl.is_big_o(3.15 * (n := mathdl.variables('n')) ** 2 + 3 * n, n ** 2, C=4)"


def total(function: Any, *shapes: tuple[int, ...]) -> int:
    """Return how many operations a function does with arrays of ones of these shapes."""
    return mathdl.count_operations(function, *(np.ones(shape) for shape in shapes))["total"]


def worst_search(n: int) -> int:
    """Return how many names of n a binary search reads at most: every name and every gap between them is tried."""
    return max(reads(search, range(0, 2 * n, 2), [name]) - 1 for name in range(-1, 2 * n))


@item("ex-9.1.1", "The cost of comparing two lists of names")
def comparing_lists() -> Findings:
    """Find the names that are on both lists A and B, of n different names each; the cost is the number of names read.

    (i) Both are in alphabetical order: go through both at once. (ii) Neither is: for each name of B go through A.
    (iii) Only A is: look up each name of B in A by halving A again and again.
    """
    orders = {n: [list(b) for b in permutations(range(2 * n), n)] for n in (1, 2, 3, 4)}
    merged = [max(reads(merge, range(n), sorted(b)) for b in every) for n, every in orders.items()]
    yield equals("(i) most names read for n = 1, 2, 3, 4 over all lists", merged, (2, 4, 6, 8), "at most 2n")
    scanned = {n: [reads(scan, range(n), b) for b in every] for n, every in orders.items()}
    least, most = [min(each) for each in scanned.values()], [max(each) for each in scanned.values()]
    yield equals("(ii) fewest names read", least, [n * (n + 3) // 2 for n in orders], "n (n + 3) / 2: A and B agree")
    yield equals("(ii) most names read", most, [n * (n + 1) for n in orders], "n (n + 1): no name is on both lists")
    worst = {n: worst_search(n) for n in range(1, 41)}
    yield Table({"n": SIZES, "(i)": [2 * n for n in SIZES], "(iii)": [n + n * worst[n] for n in SIZES]})
    yield erratum(
        "A binary search in n names reads at most log2(n) of them, n + n log2(n) in all.",
        "It reads at most floor(log2(n)) + 1 of them, n (floor(log2(n)) + 2) in all.",
        differs("names read at worst for n = 8", worst[8], 3),
        refutes("The number is above log2(n) for every n up to 40.", all(worst[n] > log2(n) for n in worst)),
        equals("names read at worst for n = 1, ..., 40", list(worst.values()), [floor(log2(n)) + 1 for n in worst]),
    )
    yield erratum(
        "In case (ii) at least n (n + 3) / 2 names are read.",
        "That needs lists in which no name stands twice.",
        differs("names read for A = B = (a, a)", reads(scan, "aa", "aa"), 5),
        equals("names read for A = B = (a, b)", reads(scan, "ab", "ab"), 5),
    )
    yield erratum(
        "Case (i) marks the names of A that are not on B.",
        "The goal is to mark those that are on both lists.",
        differs("common names of (a, b, c) and (b, c, d)", "".join(merge_of("abc", "bcd")), "a"),
        equals("the same", "".join(merge_of("abc", "bcd")), "bc"),
    )


def merge_of(a: str, b: str) -> list[str]:
    """Return the common letters of two texts in alphabetical order."""
    return merge(Names(a), Names(b))


@comparing_lists.figure("names read at most for lists of n names, in the three cases", size=(5.2, 3.0))
def _draw_lists(ax: Any) -> None:
    n = np.unique(np.geomspace(1, 1000, 60).astype(int))
    costs = {"(ii)": n * (n + 1), "(iii)": n * (np.floor(np.log2(n)) + 2), "(i)": 2 * n}
    for (name, cost), colour, dashes in zip(costs.items(), COLOURS, ("-", "--", ":"), strict=False):
        ax.plot(n, cost, color=colour, linestyle=dashes, label=name)
    ax.set(xlabel="n", ylabel="names read")
    log_axes(ax, x=True, y=True)
    legend(ax)


@item("def-9.1.1", "The Landau symbol O(g)", try_it=TRY_GROWTH)
def landau_symbol() -> Findings:
    """f(n) = O(g(n)) as n grows: there are a constant C > 0 and an N with |f(n)| <= C |g(n)| for all n > N.

    C and N are witnesses of the claim: whoever has them can check it.
    """
    n = mathdl.variables("n")
    f, g = pi * n**2 + 3 * n, n**2
    found = mathdl.is_big_o(f, g, C=4)
    yield equals("smallest N for f(n) = pi n^2 + 3n, g(n) = n^2 and C = 4", found.N, 3, "3n <= (4 - pi) n^2 from 4 on")
    yield near("f(3), above 4 g(3) = 36: N = 2 would be too small", chain.evaluate(f, [3.0]), 37.2743, 1e-4)
    yield near(
        "largest f(n) / g(n) for n = 4, ..., 999, below 4", max(pi + 3 / k for k in range(4, 1000)), 3.89159, 5e-6
    )
    yield equals("whether n^3 = O(n^2)", bool(mathdl.is_big_o(n**3, n**2)), False, "n^3 / n^2 = n has no bound")


@item("fig-9.1", "A bound f(n) = O(g(n))", try_it=TRY_GROWTH)
def picture_of_a_bound() -> Findings:
    """f(n) = pi n^2 + 3n may be above C g(n) = 4 n^2 for small n, but from some N on it is below."""
    above = [n for n in range(1, 1000) if pi * n * n + 3 * n > 4 * n * n]
    yield equals("n up to 999 with f(n) > C g(n)", above, (1, 2, 3))


@picture_of_a_bound.figure("f(n) = pi n^2 + 3n falls below 4 n^2 behind N = 3", size=(5.2, 3.0))
def _draw_bound(ax: Any) -> None:
    n = np.linspace(0, 7, 200)
    ax.plot(n, pi * n * n + 3 * n, color=COLOURS[0], label="f(n)")
    ax.plot(n, 4 * n * n, color=COLOURS[1], linestyle="--", label="C g(n)")
    ax.axvline(3, color=SOFT, linestyle=":", label="N = 3")
    whole = np.arange(1, 8)
    ax.plot(whole, pi * whole**2 + 3 * whole, "o", color=COLOURS[0])
    ax.plot(whole, 4 * whole**2, "s", color=COLOURS[1])
    ax.set(xlabel="n", ylabel="f(n) and C g(n)")
    legend(ax)


@item("prop-9.1.1", "A limit of f/g shows f = O(g)", try_it=TRY_GROWTH)
def limit_criterion() -> Findings:
    """If f(n) / g(n) has a finite limit l, then f = O(g), with C = 1 + |l|; if l is not 0, then also g = O(f).

    From some n on the ratio is nearer to l than 1, so that |f(n)| < (1 + |l|) |g(n)|.
    """
    n = mathdl.variables("n")
    f, g = pi * n**2 + 3 * n, n**2
    far = chain.evaluate(f / g, [1e6])
    yield near("f(n) / g(n) for f = pi n^2 + 3n, g = n^2 at n = 10^6: the limit is pi", far, pi + 3e-6, 1e-12)
    yield equals("smallest N for C = 1 + pi", mathdl.is_big_o(f, g, C=1 + pi).N, 2)
    nearer = [k for k in range(1, 100) if abs(3 / k) >= 1]
    yield equals("n with |f(n) / g(n) - l| >= 1", nearer, (1, 2, 3), "so that the proof has N = 3")
    yield equals("smallest N with g(n) <= (1 + 1/pi) f(n) for n > N", mathdl.is_big_o(g, f, C=1 + 1 / pi).N, 0)
    wave = (2 + (-1) ** n) * n
    ratios = [chain.evaluate(wave, [float(k)]) / k for k in (100, 101, 102, 103)]
    yield equals("f(n) / n for f(n) = (2 + (-1)^n) n and n = 100, ..., 103", ratios, (3, 1, 3, 1), "there is no limit")
    yield equals("smallest N with f(n) <= 3n for n > N", mathdl.is_big_o(wave, n, C=3).N, 0, "the converse is false")
    gaps = [k for k in range(1, 9) if k > 10**6 * (k if k % 2 == 0 else 0)]
    yield erratum(
        "Nothing is said of g(n) = 0.",
        "g(n) is not 0 from some n on; otherwise the ratio, and its limit, mean nothing for those n.",
        refutes(
            "For f(n) = n and g(n) = n for even n, 0 for odd n, the ratio is 1 wherever there is one; but "
            "f(n) > C g(n) for all odd n and any C.",
            gaps == [1, 3, 5, 7],
        ),
        equals("whether n = O(n), where g is never 0", bool(mathdl.is_big_o(n, n)), True),
    )


@item(
    "ex-9.1.2",
    "The number n is O(n^2), n^2 is not O(n)",
    try_it="mathdl.is_big_o((n := mathdl.variables('n')) ** 2, n)",
)
def powers_compared() -> Findings:
    """f(n) = n and g(n) = n^2: f = O(g), but not g = O(f). Growth is ordered: 1, log n, n^s for s > 0, e^n."""
    n = mathdl.variables("n")
    found = mathdl.is_big_o(n, n**2, C=1)
    yield equals("smallest N with n <= n^2 for n > N", found.N, 0)
    other = mathdl.is_big_o(n**2, n)
    yield equals("whether n^2 = O(n)", bool(other), False, other.reason)
    beyond = [floor(c) + 1 for c in (1, 10, 1000.5)]
    yield equals("n = floor(C) + 1 for C = 1, 10, 1000.5", beyond, (2, 11, 1001), "where n^2 > C n, for any C")
    orders = [n**0, chain.log(n), n**0.5, n**2, chain.exp(n)]
    rising = [bool(mathdl.is_big_o(f, g)) for f, g in pairwise(orders)]
    falling = [bool(mathdl.is_big_o(g, f)) for f, g in pairwise(orders)]
    yield equals("whether each of 1, log n, n^(1/2), n^2, e^n is O of the next", rising, (True,) * 4)
    yield equals("whether the next is O of it", falling, (False,) * 4)


@item(
    "def-9.1.2",
    "Elementary operations",
    try_it="mathdl.count_operations(mathdl.chain.exp(x := mathdl.variables('x')) + 6 * mathdl.chain.exp(3 * x) - 5)",
)
def elementary_operations() -> Findings:
    """The operations that are counted: +, -, *, / of two numbers, an exponentiation, and a comparison of two numbers.

    An exponentiation is any power or elementary function, such as e^x; the maximum of two numbers is a comparison.
    """
    x, y = mathdl.variables("x y")
    kinds = {"additions": x + y, "subtractions": x - y, "multiplications": x * y, "divisions": x / y}
    kinds |= {"exponentials": chain.exp(x), "comparisons": x < y}
    for kind, expression in kinds.items():
        counted = mathdl.count_operations(expression)
        yield equals(f"{kind}, and operations in all, of {expression}", (counted[kind], counted["total"]), (1, 1))
    relu = mathdl.count_operations(chain.relu(x))
    yield equals("comparisons of ReLU(x) = max(x, 0)", relu["comparisons"], 1)


@item("ex-9.1.3", "The cost of a scalar product", try_it="mathdl.count_operations(lambda a, b: a @ b, [1, 2], [3, 4])")
def scalar_product() -> Findings:
    """The scalar product a_1 b_1 + ... + a_n b_n of two vectors takes n products and n - 1 sums: O(n)."""
    yield equals(
        "operations for n = 1, ..., 20",
        [total(dot, (n,), (n,)) for n in range(1, 21)],
        [2 * n - 1 for n in range(1, 21)],
    )
    counted = mathdl.count_operations(dot, np.ones(20), np.ones(20))
    yield equals("products and sums for n = 20", (counted["multiplications"], counted["additions"]), (20, 19))
    n = mathdl.variables("n")
    found = mathdl.is_big_o(2 * n - 1, n, C=2)
    yield equals("(C, N) for 2n - 1 = O(n)", (found.C, found.N), (2, 0), "the limit of the ratio is 2")


@item(
    "ex-9.1.4",
    "The cost of a matrix product",
    try_it="mathdl.count_operations(lambda a, b: a @ b, [[1, 2]], [[3], [4]])",
)
def matrix_product() -> Findings:
    """Each of the n^2 entries of the product of two n x n matrices is a scalar product: n^2 (2n - 1) operations.

    A k x m matrix times an m x n matrix takes k n (2m - 1), which is O(k m n).
    """
    square = [total(product, (n, n), (n, n)) for n in (1, 2, 3, 4, 5)]
    yield equals("operations for n = 1, ..., 5", square, [n * n * (2 * n - 1) for n in (1, 2, 3, 4, 5)])
    yield equals("operations of a 2 x 5 matrix times a 5 x 3 one", total(product, (2, 5), (5, 3)), 2 * 3 * 9)
    yield equals("the same by NumPy's product of objects", total(np.matmul, (2, 5), (5, 3)), 54)
    n = mathdl.variables("n")
    found = mathdl.is_big_o(n**2 * (2 * n - 1), n**3, C=2)
    yield equals("(C, N) for n^2 (2n - 1) = O(n^3)", (found.C, found.N), (2, 0))


def strassen_count(k: int) -> int:
    """Return the operations of Strassen's product of matrices of 2^k rows: 18 sums of half the size a level."""
    return 1 if k == 0 else 7 * strassen_count(k - 1) + 18 * 4 ** (k - 1)


@item("claim-9.1-strassen", "Strassen's product of large matrices")
def strassens_product() -> Findings:
    """Strassen's product of n x n matrices, n = 2^k, takes seven products of matrices of half the size and 18 sums.

    It needs 7^k products of numbers and 7 7^k - 6 4^k operations in all: O(n^2.81), below n^2 (2n - 1) for large n.
    """
    a, b = np.arange(16).reshape(4, 4), np.arange(16, 32).reshape(4, 4)
    yield equals("largest difference from the usual product for n = 4", np.abs(strassen(a, b) - a @ b).max(), 0)
    counts = [mathdl.count_operations(strassen, np.ones((2**k, 2**k)), np.ones((2**k, 2**k))) for k in range(4)]
    yield equals("products counted for n = 1, 2, 4, 8", [each["multiplications"] for each in counts], (1, 7, 49, 343))
    operations = [each["total"] for each in counts]
    yield equals("operations counted", operations, [7 * 7**k - 6 * 4**k for k in range(4)])
    yield equals("7 7^k - 6 4^k for n = 1024, by the recursion", strassen_count(10), 1_971_035_287)
    yield equals("n^2 (2n - 1) for n = 1024", 1024**2 * 2047, 2_146_435_072)
    better = [2**k for k in range(1, 16) if strassen_count(k) < 4**k * (2 * 2**k - 1)]
    yield equals("first n = 2^k from which on Strassen's is less", better[0], 1024)
    yield shows("It stays less for all larger n up to 2^15.", better == [2**k for k in range(10, 16)])


@strassens_product.figure("operations of both products, divided by n^2 (2n - 1)", size=(5.2, 2.8))
def _draw_strassen(ax: Any) -> None:
    n = [2**k for k in range(15)]
    ratio = [strassen_count(k) / (4**k * (2 * 2**k - 1)) for k in range(15)]
    ax.plot(n, ratio, color=COLOURS[0], marker="o", label="Strassen")
    ax.axhline(1, color=COLOURS[1], linestyle="--", label="n^2 (2n - 1)")
    ax.set(xlabel="n", ylabel="operations, relative")
    log_axes(ax, x=True)
    legend(ax)
