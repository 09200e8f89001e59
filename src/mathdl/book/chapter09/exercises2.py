"""Section 9.6: exercises 9.6 and 9.7."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

import mathdl
from mathdl import chain
from mathdl.book.chapter09.products import dot
from mathdl.book.finding import Findings, Table, differs, equals, erratum, refutes
from mathdl.book.item import item
from mathdl.errors import InputError

M = 4
MATRICES = [[[2, -1], [1, 1]], [[1, 2], [-1, 3]], [[1, -1], [2, 1]], [[1, 1], [3, -2]]]
POINT = (Fraction(1), Fraction(1, 2))


def layer(matrix: Any, x: Any) -> list[Any]:
    """Return A x."""
    return [dot(row, x) for row in matrix]


def values(matrices: Any, x: Any) -> tuple[list[Any], list[Any]]:
    """Return h_0 = x, ..., h_M and lambda'(z_1), ..., lambda'(z_M) of the two neurons, for leaky ReLU of slope 1/2."""
    h, slopes = [x], []
    for matrix in matrices:
        z = layer(matrix, h[-1])
        slopes.append([Fraction(1) if each > 0 else Fraction(1, 2) for each in z])
        h.append([d * each for d, each in zip(slopes[-1], z, strict=True)])
    return h, slopes


def one_derivative(matrices: Any, h: Any, slopes: Any, i: int, row: int, column: int) -> list[Any]:
    """Return dh/da for the entry (row, column) of A_i, i = 1, ..., M, by the chain rule from layer i on."""
    moved = [0, 0]
    moved[row] = slopes[i - 1][row] * h[i - 1][column]
    for matrix, slope in zip(matrices[i:], slopes[i:], strict=True):
        moved = [d * each for d, each in zip(slope, layer(matrix, moved), strict=True)]
    return moved


def all_derivatives(matrices: Any, h: Any, slopes: Any) -> dict[tuple[int, int, int], list[Any]]:
    """Return all of them backward: P_i = dh/dh_i is 2 x 2, and P_(i-1) = (P_i diag(lambda'(z_i))) A_i."""
    back: list[list[Any]] = [[1, 0], [0, 1]]
    found = {}
    for i in range(len(matrices), 0, -1):
        scaled = [[p * d for p, d in zip(row, slopes[i - 1], strict=True)] for row in back]
        for row, column in np.ndindex(2, 2):
            found[i, row, column] = [each[row] * h[i - 1][column] for each in scaled]
        if i > 1:
            back = [[dot(each, column) for column in zip(*matrices[i - 1], strict=True)] for each in scaled]
    return found


def counted(method: Callable[..., Any], m: int, *place: int) -> tuple[int, int]:
    """Return products and sums of a method that is given the forward pass, for a network of m layers."""
    arrays = np.ones((m, 2, 2)), np.ones((m + 1, 2)), np.ones((m, 2))
    found = mathdl.count_operations(lambda a, h, d: method(a, h, d, *place), *arrays)
    return found["multiplications"], found["additions"]


def two_neurons() -> tuple[Any, Any, Any]:
    """Return the expressions h(x) of the network, its parameters and its input."""
    a, x = mathdl.variables("a", M, 2, 2), mathdl.variables("x", 2)
    h: Any = list(x)
    for matrix in a:
        h = [chain.where(z > 0, z, Fraction(1, 2) * z) for z in layer(matrix, h)]
    return h, a, x


@item(
    "exercise-9.6a",
    "A network with two neurons in each layer",
    try_it="mathdl.Network([mathdl.Dense(2)] * 3, (2,)).widths",
)
def as_a_composition() -> Findings:
    """Say why a classifier of M layers of two neurons is h = h_M o ... o h_1 with functions h_i from R^2 to R^2."""
    network = mathdl.Network([mathdl.Dense(2, "leaky_relu", bias=False) for _ in range(M)], (2,), "float64")
    yield equals(
        "numbers between the layers",
        network.node_layers,
        (2,) * (M + 1),
        "The two outputs of a layer are the next one's inputs.",
    )
    x = np.array([[1.0, 0.5]])
    for layer_function in network.layers:
        alone = mathdl.Network([mathdl.Dense(2, "leaky_relu", bias=False)], (2,), "float64")
        alone.parameters[:] = np.asarray(layer_function.weights).ravel()
        x = alone(x)
    away = float(np.abs(network([[1.0, 0.5]]) - x).max())
    yield equals(
        "largest difference of h(x) from h_M(... h_1(x)) one by one", away, 0, "That is what composing them means."
    )


@item(
    "exercise-9.6b",
    "Four parameters in each layer",
    try_it="mathdl.Dense(2, activation='relu', bias=False).bind((2,)).size",
)
def four_parameters() -> Findings:
    """Without a bias, say why h_i(x) = lambda(A_i x) depends on the four entries of a 2 x 2 matrix A_i."""
    made = mathdl.Network([mathdl.Dense(2, activation="relu", bias=False)], (2,), "float64")
    yield equals(
        "parameters of a layer", made.size, 4, "Each of the two neurons has a weight for each of the two inputs."
    )
    made.parameters[:] = 2, -1, 1, 1
    yield equals("A_1", made.layers[0].weights, ((2, -1), (1, 1)), "Row i holds the weights of neuron i.")
    yield equals(
        "lambda(A_1 x) for x = (1, 3) and ReLU", made([[1.0, 3.0]]), ((0, 4),), "2 - 3 is cut off, 1 + 3 is not."
    )


@item("exercise-9.6c", "The derivatives of one layer")
def layer_derivatives() -> Findings:
    """Give the derivatives of h_i(x) = lambda(A_i x) in x and in the entries a_1, ..., a_4 of A_i, and their costs."""
    _, a, x = two_neurons()
    z = layer(a[0], list(x))
    one = [chain.where(each > 0, each, Fraction(1, 2) * each) for each in z]
    point = {a[0, i, j]: Fraction(MATRICES[0][i][j]) for i, j in np.ndindex(2, 2)} | dict(zip(x, POINT, strict=True))
    jacobian = mathdl.jacobian(one, point)
    zs = layer(MATRICES[0], POINT)
    yield equals(
        "z = A x for A = (2 -1, 1 1), x = (1, 1/2)", zs, (Fraction(3, 2), Fraction(3, 2)), "Both lambda' are 1."
    )
    yield equals("dh/dx", jacobian[:, 4:], MATRICES[0], "diag(lambda'(z)) A: row r of A times lambda'(z_r).")
    by_parameter = [[1, Fraction(1, 2), 0, 0], [0, 0, 1, Fraction(1, 2)]]
    yield equals(
        "dh/da_1, ..., dh/da_4 as columns",
        jacobian[:, :4],
        by_parameter,
        "(lambda'(z_1) x_1, 0), (lambda'(z_1) x_2, 0), (0, lambda'(z_2) x_1), (0, lambda'(z_2) x_2).",
    )
    forward = mathdl.count_operations(layer, np.ones((2, 2)), np.ones(2))
    yield equals(
        "products and sums of z", (forward["multiplications"], forward["additions"]), (4, 2), "Two scalar products."
    )
    scaled = mathdl.count_operations(
        lambda m, d: [[d[i] * m[i][j] for j in (0, 1)] for i in (0, 1)], np.ones((2, 2)), np.ones(2)
    )
    yield equals("products of dh/dx, lambda'(z) being known", scaled["total"], 4, "One for each entry of A.")
    yield equals(
        "products of one dh/da, lambda'(z) being known",
        counted(one_derivative, 1, 1, 0, 0),
        (1, 0),
        "lambda'(z_r) x_c.",
    )


@item("exercise-9.6d", "The chain rule for one parameter")
def one_parameter() -> Findings:
    """Say how the chain rule gives dh/da for any entry a of any A_i."""
    outputs, a, x = two_neurons()
    point = dict(zip(a.reshape(-1), map(Fraction, np.ravel(MATRICES).tolist()), strict=True)) | dict(
        zip(x, POINT, strict=True)
    )
    whole = mathdl.jacobian(outputs, point)[:, : 4 * M]
    h, slopes = values(MATRICES, list(POINT))
    mine = [one_derivative(MATRICES, h, slopes, i + 1, r, c) for i, r, c in np.ndindex(M, 2, 2)]
    yield equals(
        "h(x)", h[-1], chain.evaluate(outputs, point), "First all layers forward, for z_i, h_i and lambda'(z_i)."
    )
    yield equals(
        "J_M ... J_(i+1) dh_i/da for all 16 parameters",
        mine,
        whole.T,
        "a enters through h_i only: dh_i/da, from part c, times J_k = dh_k/dh_(k-1) for k = i + 1, ..., M.",
    )


@item("exercise-9.6e", "The cost of one derivative")
def cost_of_one() -> Findings:
    """Count the sums and products that one derivative dh/da of an entry a of A_i takes."""
    costs = [counted(one_derivative, 5, i, 0, 0) for i in range(1, 6)]
    yield equals(
        "products and sums for M = 5 and i = 1, ..., 5",
        costs,
        [(6 * (5 - i) + 1, 2 * (5 - i)) for i in range(1, 6)],
        "One product for dh_i/da; then M - i times A v (4 products, 2 sums) and two products with lambda'.",
    )
    yield equals(
        "for i = 5", costs[-1], (1, 0), "The last layer needs no chain rule: 6 (M - i) + 1 and 2 (M - i) in general."
    )
    yield erratum(
        "The number of operations is one in terms of i.",
        "It depends on M - i, the number of layers behind.",
        differs(
            "products for i = 1, M = 2", counted(one_derivative, 2, 1, 0, 0)[0], counted(one_derivative, 5, 1, 0, 0)[0]
        ),
        equals(
            "products for i = 1, M = 2, and i = 4, M = 5",
            [counted(one_derivative, m, m - 1, 0, 0)[0] for m in (2, 5)],
            (7, 7),
        ),
    )


@item("exercise-9.6f", "The cost of all derivatives")
def cost_of_all() -> Findings:
    """Compute all derivatives dh/da efficiently by backpropagation, and count the sums and products."""
    h, slopes = values(MATRICES, list(POINT))
    found = all_derivatives(MATRICES, h, slopes)
    alone = {place: one_derivative(MATRICES, h, slopes, *place) for place in found}
    yield equals(
        "derivatives that differ from those of part e",
        sum(found[p] != alone[p] for p in found),
        0,
        "P_i = dh/dh_i is found backward from P_M = I, each by the one before, and serves all four entries of A_i.",
    )
    depths = (1, 2, 5, 9)
    backward = [counted(all_derivatives, m) for m in depths]
    yield equals(
        "products and sums for M = 1, 2, 5, 9",
        backward,
        [(20 * m - 8, 4 * (m - 1)) for m in depths],
        "In each layer 4 for P_i diag(lambda'), 8 for the four derivatives; for P_(i-1) 8 products and 4 sums.",
    )
    most = [p - (24 * m - 12) for m, (p, _) in zip(depths, backward, strict=True)]
    yield equals(
        "products less 24 M - 12, what Jacobians formed one by one need",
        most,
        (0, -4, -16, -32),
        "Both are linear in the 4M parameters.",
    )
    each = [np.sum([counted(one_derivative, m, i, 0, 0) for i in range(1, m + 1)], axis=0) * 4 for m in depths]
    yield equals(
        "products and sums of part e for every parameter",
        each,
        [(12 * m * m - 8 * m, 4 * m * (m - 1)) for m in depths],
        "Quadratic: this is what the backward order saves.",
    )
    yield Table({"M": depths, "backward": [p + s for p, s in backward], "one by one": [int(sum(e)) for e in each]})


def absolute_layers(matrices: Any, x: Any) -> tuple[list[Any], list[Any]]:
    """Return x, f_1(x), f_2(f_1(x)), ... for f_k(x) = |A_k x|, and the signs of A_k x."""
    h, signs = [x], []
    for matrix in matrices:
        z = layer(matrix, h[-1])
        signs.append([1 if each > 0 else -1 for each in z])
        h.append([abs(each) for each in z])
    return h, signs


def backward(matrices: Any, x: Any) -> list[Any]:
    """Return the derivatives of the sum of the outputs in all entries of all matrices."""
    h, signs = absolute_layers(matrices, x)
    slopes, found = [1] * len(x), []
    for k in range(len(matrices) - 1, -1, -1):
        delta = [s * g for s, g in zip(signs[k], slopes, strict=True)]
        found.append([[d * each for each in h[k]] for d in delta])
        if k > 0:
            slopes = [dot(delta, column) for column in zip(*matrices[k], strict=True)]
    return found[::-1]


def sums_and_products(method: Callable[..., Any], n: int, *more: Any) -> int:
    """Return the sums and products of a method of an n x n matrix, x, and signs that are known."""
    found = mathdl.count_operations(lambda a, x: method(a, x, *more), np.ones((n, n)), np.ones(n))
    return found["additions"] + found["multiplications"]


def all_counted(n: int, k: int) -> int:
    """Return the sums and products for all derivatives of K layers, the forward pass among them."""
    found = mathdl.count_operations(backward, np.ones((k, n, n)), np.ones(n))
    return found["additions"] + found["multiplications"]


@item("exercise-9.7a", "The cost of one layer f_k(x) = |A_k x|")
def cost_of_a_layer() -> Findings:
    """Count the products and sums of f_k(x) = |A_k x| for an N x N matrix A_k; absolute values are not counted."""
    counts = [sums_and_products(layer, n) for n in range(1, 7)]
    yield equals(
        "products and sums for N = 1, ..., 6",
        counts,
        [n * (2 * n - 1) for n in range(1, 7)],
        "N scalar products of N products and N - 1 sums each: N (2N - 1).",
    )


@item("exercise-9.7b", "The cost of the loss")
def cost_of_the_loss() -> Findings:
    """Deduce the number of products and sums of L(f(x)), L the sum of the N outputs of K layers."""

    def loss(matrices: Any, x: Any) -> Any:
        last = absolute_layers(matrices, x)[0][-1]
        return sum(last[1:], last[0])

    sizes = ((2, 1), (3, 4), (5, 6))
    found = [mathdl.count_operations(loss, np.ones((k, n, n)), np.ones(n)) for n, k in sizes]
    counts = [each["additions"] + each["multiplications"] for each in found]
    yield equals(
        "products and sums for (N, K) = (2, 1), (3, 4), (5, 6)",
        counts,
        [k * n * (2 * n - 1) + n - 1 for n, k in sizes],
        "K layers of N (2N - 1), then N - 1 sums: K N (2N - 1) + N - 1.",
    )


@item("exercise-9.7c", "The cost of a layer's Jacobian")
def cost_of_a_jacobian() -> Findings:
    """Estimate the number of operations for all derivatives of f_k's outputs in its inputs."""
    a, x = MATRICES[3], [Fraction(1), Fraction(4)]
    names = mathdl.variables("x", 2)
    slopes = mathdl.jacobian([abs(z) for z in layer(a, list(names))], x)
    signs = absolute_layers([a], x)[1][0]
    yield equals("A x for A = (1 1, 3 -2), x = (1, 4)", layer(a, x), (5, -5), "So the signs are 1 and -1.")
    by_formula = [[s * each for each in row] for s, row in zip(signs, a, strict=True)]
    yield equals("Jacobian of |A x| there", slopes, by_formula, "df_i/dx_j = sign((A x)_i) A_ij.")
    counts = [sums_and_products(lambda m, _, n: [[1 * e for e in row] for row in m], n, n) for n in (2, 3, 5)]
    yield equals(
        "products for N = 2, 3, 5, the signs being known",
        counts,
        [n * n for n in (2, 3, 5)],
        "One for each entry: N^2.",
    )
    both = [n * (2 * n - 1) + count for n, count in zip((2, 3, 5), counts, strict=True)]
    yield equals(
        "with the forward pass for the signs", both, [3 * n * n - n for n in (2, 3, 5)], "3N^2 - N, which is O(N^2)."
    )


@item("exercise-9.7d", "The cost of one derivative in a weight")
def cost_of_a_weight() -> Findings:
    """Estimate the operations for one derivative of one output f_(k,i) in one entry A_mn of the matrix."""
    a, x = mathdl.variables("a", 2, 2), [Fraction(1), Fraction(4)]
    found = mathdl.jacobian([abs(z) for z in layer(a, x)], [*map(Fraction, [1, 1, 3, -2])])
    yield equals(
        "derivatives of both outputs in A_11, A_12, A_21, A_22",
        found,
        ((1, 4, 0, 0), (0, 0, -1, -4)),
        "df_i/dA_mn = sign((A x)_m) x_n where i = m, and 0 else.",
    )
    known = mathdl.count_operations(lambda sign, each: sign * each, 1.0, 4.0)["total"]
    yield equals("products, the sign being known", known, 1, "sign((A x)_m) times x_n: O(1).")
    scratch = [
        mathdl.count_operations(lambda row, v: dot(row, v) * v[0], np.ones(n), np.ones(n))["total"] for n in (2, 3, 5)
    ]
    yield equals(
        "products and sums from scratch for N = 2, 3, 5",
        scratch,
        [2 * n for n in (2, 3, 5)],
        "2N - 1 for (A x)_m and one product: O(N).",
    )
    yield erratum(
        "All these derivatives exist.",
        "They exist where no (A x)_m is 0: the absolute value has no derivative at 0.",
        refutes("For A = (1 1, 3 -2), x = (1, -1) the first output has none in A_11.", "left" in refusal([1, -1])),
        equals("whether x = (1, 4) is refused", refusal([1, 4]), ""),
    )


def refusal(x: list[int]) -> str:
    """Return why there is no Jacobian of |A x| in A at A = (1 1, 3 -2); nothing where there is one."""
    a = mathdl.variables("a", 2, 2)
    try:
        mathdl.jacobian([abs(z) for z in layer(a, list(map(Fraction, x)))], list(map(Fraction, [1, 1, 3, -2])))
    except InputError as error:
        return str(error)
    return ""


@item("exercise-9.7e", "The cost of a layer's derivatives in its weights")
def cost_of_the_weights() -> Findings:
    """Estimate the operations for all derivatives of f_k's outputs in the entries A_mn of its matrix."""
    counts = [sums_and_products(lambda m, x, n: [[1 * each for each in x] for _ in m], n, n) for n in (2, 3, 5)]
    yield equals(
        "products for all m, n and N = 2, 3, 5, the signs being known",
        counts,
        [n * n for n in (2, 3, 5)],
        "Only the output i = m depends on A_mn, so N^2 products sign((A x)_m) x_n are all: O(N^2).",
    )
    yield erratum(
        "Part e asks for one choice of m and n, as part d does.",
        "It means all m and n: for one choice only one output has a derivative that is not 0, and d has the answer.",
        differs("products for all m, n and N = 3", counts[1], 1),
        equals("outputs that depend on A_11 for N = 2", sum(each != 0 for each in weight_column()), 1),
    )


def weight_column() -> list[Any]:
    """Return the derivatives of both outputs in A_11 at A = (1 1, 3 -2), x = (1, 4)."""
    a = mathdl.variables("a", 2, 2)
    found = mathdl.jacobian([abs(z) for z in layer(a, [Fraction(1), Fraction(4)])], list(map(Fraction, [1, 1, 3, -2])))
    column: list[Any] = found[:, 0].tolist()
    return column


@item("exercise-9.7f", "The cost of backpropagation")
def total_cost() -> Findings:
    """Estimate the operations for all derivatives of L(f) in all entries of the K matrices, as section 9.5 does."""
    a, x = mathdl.variables("a", 2, 2, 2), [Fraction(1), Fraction(4)]
    outputs = absolute(absolute(list(x), a[0]), a[1])
    at = list(map(Fraction, np.ravel([MATRICES[3], MATRICES[0]]).tolist()))
    exact = mathdl.gradient(outputs[0] + outputs[1], at)
    mine = backward([MATRICES[3], MATRICES[0]], x)
    yield equals(
        "gradient by steps and by an expression for two layers",
        np.ravel(mine),
        exact,
        "Forward all layers; from dL/df_K = (1, ..., 1) back: delta = sign times slope, delta x^T, and A^T delta.",
    )
    sizes = ((2, 1), (3, 4), (5, 6))
    counts = [all_counted(n, k) for n, k in sizes]
    stated = [3 * k * n * n + (k - 1) * (2 * n * n - n) - n for n, k in sizes]
    yield equals(
        "products and sums for (N, K) = (2, 1), (3, 4), (5, 6)",
        counts,
        stated,
        "K (2N^2 - N) forward, K N^2 for delta x^T, (K - 1) N for delta, (K - 1)(2N^2 - N) for A^T delta.",
    )
    yield equals("the same in numbers", counts, (10, 150, 670), "O(K N^2), as many as there are weights.")
    yield equals(
        "largest ratio to the number K N^2 of weights, rounded up",
        max(-(-c // (k * n * n)) for c, (n, k) in zip(counts, sizes, strict=True)),
        5,
        "Without the recursion each of the K layers would go through all behind it: O(K^2 N^2).",
    )
    yield erratum(
        "The layers are fully linear.",
        "They are fully connected: with the absolute value they are not linear.",
        refutes(
            "For A = (1 1, 3 -2) and x = (1, 4) f(-x) = f(x) = (5, 5), which is not -f(x).",
            ends([-1, -4]) == ends([1, 4]) == [5, 5],
        ),
        equals(
            "A(-x) + A x, of the linear part",
            [p + q for p, q in zip(layer(MATRICES[3], [-1, -4]), layer(MATRICES[3], [1, 4]), strict=True)],
            (0, 0),
        ),
    )


def absolute(x: list[Any], a: Any) -> list[Any]:
    """Return |A x|."""
    return [abs(z) for z in layer(a, x)]


def ends(x: list[int]) -> list[int]:
    """Return |A x| for A = (1 1, 3 -2)."""
    return absolute(x, MATRICES[3])
