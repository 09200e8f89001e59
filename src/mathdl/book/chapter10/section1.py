"""Section 10.1: convolution of matrices, and of arrays of other ranks."""

from __future__ import annotations

from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter10.matrices import EDGE, FEATURE, PATTERN, WHITE_TO_BLACK, difference, drawn, image_map, network
from mathdl.book.chapter10.pictures import draw_matrix, draw_shades
from mathdl.book.finding import Findings, differs, equals, erratum, near, refutes
from mathdl.book.item import item
from mathdl.errors import InputError


def fits(size: int, rows: int, columns: int) -> bool:
    """Whether a convolutional layer takes a kernel of size x size for pictures of rows x columns."""
    try:
        network([mathdl.Conv2D(1, size, bias=None)], (1, rows, columns))
    except InputError:
        return False
    return True


@item(
    "def-10.1.3",
    "Convolution of matrices",
    try_it="mathdl.convolve([[1, 2], [3, 4]], [[1, 0, 2], [0, 1, 0], [2, 0, 1]])",
)
def convolution_of_matrices() -> Findings:
    """A kernel K of D x D numbers slides over a matrix A of N x M numbers; at every place, products are summed.

    The convolution B = K * A has the entries b_ij = sum over n, m = 1, ..., D of k_nm a_(i+n-1, j+m-1), for the places
    i = 1, ..., N - D + 1 and j = 1, ..., M - D + 1 where the kernel lies inside of A. A Conv2D layer with one
    channel, without bias and activation, computes it. Elsewhere it is called cross-correlation.
    """
    from scipy.signal import convolve2d, correlate2d

    kernel, matrix = drawn(3, 3), drawn(6, 8, seed=1)
    b = mathdl.convolve(kernel, matrix)
    by_layer = image_map(mathdl.Conv2D(1, 3, bias=None), matrix, kernel)
    summed = [[mathdl.frobenius_product(kernel, matrix[i : i + 3, j : j + 3]) for j in range(6)] for i in range(4)]
    yield equals("size of K * A for a 3 x 3 kernel and a 6 x 8 matrix", b.shape, (6 - 3 + 1, 8 - 3 + 1))
    yield equals("largest difference from the layer's entries", difference(b, by_layer), 0)
    yield equals("b_11, for whole numbers drawn at random", b[0, 0], summed[0][0], "the sum of 9 products")
    yield equals("largest difference between b_ij and the sums", difference(b, summed), 0)
    by_scipy = correlate2d(matrix, kernel, mode="valid")
    yield equals("largest difference from SciPy's correlate2d", difference(b, by_scipy), 0)
    turned = convolve2d(matrix, kernel[::-1, ::-1], mode="valid")
    yield equals("largest difference from SciPy's convolve2d with K turned round", difference(b, turned), 0)
    yield erratum(
        "K has to be smaller than A: D < N, M.",
        "D <= N, M is enough, and later definitions, examples and exercises need it.",
        refutes(
            "A 2 x 2 kernel has a convolution with a 2 x 2 matrix: the one number b - a + d - c of (10.20).",
            mathdl.convolve(EDGE, [[1, 4], [2, 9]]).tolist() == [[4 - 1 + 9 - 2]],
        ),
        equals(
            "which kernels D = 1, ..., 6 the layer takes for a 4 x 5 matrix",
            [size for size in range(1, 7) if fits(size, 4, 5)],
            (1, 2, 3, 4),
        ),
    )


@item(
    "rem-10.1.2",
    "The convolution is smaller than the matrix",
    try_it="mathdl.Network([mathdl.Conv2D(1, 5), mathdl.Conv2D(1, 5)], input_shape=(1, 28, 28)).summary()",
)
def smaller_output() -> Findings:
    """K * A has N - D + 1 rows and M - D + 1 columns, where K is D x D and A is N x M.

    So each convolution takes D - 1 rows and columns away, unless D = 1.
    """
    shapes = [network([mathdl.Conv2D(1, d)], (1, 6, 9)).output_shape[1:] for d in (1, 2, 3, 6)]
    yield equals("sizes of K * A for a 6 x 9 matrix and D = 1, 2, 3, 6", shapes, ((6, 9), (5, 8), (4, 7), (1, 4)))
    five = network([mathdl.Conv2D(1, 3) for _ in range(5)], (1, 28, 28))
    rows = [layer.output_shape[1] for layer in five.layers]
    yield equals(
        "rows left of a 28 x 28 picture by five 3 x 3 kernels, one after the other", rows, (26, 24, 22, 20, 18)
    )


@item("rem-10.1.3", "Why the indices have a -1")
def index_offset() -> Findings:
    """In b_ij = sum of k_nm a_(i+n-1, j+m-1), the -1 makes the rows and columns of B start at 1.

    The first entry b_11 meets the first D rows and columns of A, the last one its last D rows and columns.
    """
    kernel, matrix = drawn(3, 3), drawn(5, 6, seed=1)
    b = mathdl.convolve(kernel, matrix)
    yield equals(
        "b_11 for a drawn 3 x 3 kernel K and a drawn 5 x 6 matrix A",
        b[0, 0],
        mathdl.frobenius_product(kernel, mathdl.submatrix(matrix, 1, 1, 3)),
        "products of K and rows and columns 1 to 3 of A",
    )
    yield equals(
        "b_34, the last entry",
        b[-1, -1],
        mathdl.frobenius_product(kernel, mathdl.submatrix(matrix, 3, 4, 3)),
        "rows 3 to 5, columns 4 to 6",
    )


@item("rem-10.1.4", "Why the indices are added", try_it="mathdl.convolve([1, 2], [1, 10, 100], flip=True)")
def added_indices() -> Findings:
    """Functions are convolved with a minus, f(y) g(x - y), the matrices here with a plus, k_nm a_(i+n-1, j+m-1).

    With plus, each entry is the product of K and a part of A as they stand. With minus, the kernel is turned by 180
    degrees first, which changes the result for a kernel that does not look the same upside down. Networks learn their
    kernels, so that it makes no difference to what they can do.
    """
    from scipy.signal import convolve2d

    with_plus = mathdl.convolve(EDGE, WHITE_TO_BLACK)
    with_minus = mathdl.convolve(EDGE, WHITE_TO_BLACK, flip=True)
    yield equals("first row of K * A for the edge kernel of Example 10.1.4, with plus", with_plus[0], (0, 2, 0, 0))
    yield equals("first row with minus", with_minus[0], (0, -2, 0, 0), "the sign of the edge is turned round")
    by_scipy = convolve2d(WHITE_TO_BLACK, EDGE, mode="valid")
    yield equals("largest difference from SciPy's convolve2d", difference(with_minus, by_scipy), 0)
    turned = np.array(EDGE)[::-1, ::-1]
    yield equals("with plus and the kernel turned by 180 degrees", mathdl.convolve(turned, WHITE_TO_BLACK), with_minus)
    yield equals("the kernel of Example 10.1.2, turned by 180 degrees", np.array(FEATURE)[::-1, ::-1], FEATURE)


@item(
    "ex-10.1.2",
    "A 5 x 5 matrix convolved with a 3 x 3 kernel",
    try_it="mathdl.convolve([[0, 1, 0], [1, 2, 1], [0, 1, 0]], ([[0, 1, 0, 1, 0], [1, 2, 1, 2, 1]] * 3)[:5])",
)
def five_by_three() -> Findings:
    """The matrix A has rows 0 1 0 1 0 and 1 2 1 2 1 by turns, five in all; K has the rows 0 1 0, 1 2 1, 0 1 0.

    K * A has 3 x 3 entries, of which by symmetry only three differ.
    """
    b = mathdl.convolve(FEATURE, PATTERN)
    terms = (np.array(FEATURE) * np.array(PATTERN)[:3, :3]).ravel()
    yield equals("products k_nm a_nm of the first entry, row by row", terms, (0, 1, 0, 1, 4, 1, 0, 1, 0))
    yield equals("(K * A)_11, their sum", b[0, 0], 8)
    yield equals("K * A", b, ((8, 6, 8), (6, 4, 6), (8, 6, 8)))
    yield equals("its distinct entries", sorted(set(b.ravel())), (4, 6, 8))
    yield erratum(
        "The sum for (K * A)(1, 1) runs from 0 to 3 in both indices.",
        "It runs from 1 to 3.",
        differs("number of terms of a sum from 0 to 3 in both indices", len(range(4)) ** 2, len(terms)),
        equals("number of terms of a sum from 1 to 3, as many as K has entries", len(range(1, 4)) ** 2, len(terms)),
    )


@five_by_three.figure("the matrix A", size=(2.6, 2.6))
def _draw_pattern(ax: Any) -> None:
    draw_matrix(ax, PATTERN, "A")


@five_by_three.figure("the kernel K", size=(2.6, 2.6))
def _draw_kernel(ax: Any) -> None:
    draw_matrix(ax, FEATURE, "K")


@five_by_three.figure("the convolution K * A", size=(2.6, 2.6))
def _draw_convolved(ax: Any) -> None:
    draw_matrix(ax, mathdl.convolve(FEATURE, PATTERN), "K * A")


@item(
    "def-10.1.4",
    "Scalar product of two matrices",
    try_it="mathdl.frobenius_product([[1, 2], [3, 4]], [[5, 6], [7, 8]])",
)
def product_of_matrices() -> Findings:
    """For two D x D matrices A and B, the product is the number sum over i, j of a_ij b_ij.

    The book calls it the Hadamard product; usually that name means the matrix of the products a_ij b_ij, and the
    number is called the Frobenius inner product. It is a convolution with one place, and the scalar product of the two
    matrices written as vectors.
    """
    a, b = drawn(3, 3), drawn(3, 3, seed=1)
    number = mathdl.frobenius_product(a, b)
    yield equals(
        "sum of a_ij b_ij for A = (1 2, 3 4), B = (5 6, 7 8)",
        mathdl.frobenius_product([[1, 2], [3, 4]], [[5, 6], [7, 8]]),
        70,
    )
    yield equals("product of two drawn 3 x 3 matrices as the convolution A * B", mathdl.convolve(a, b).item(), number)
    yield equals("the same as the trace of A^T B", np.trace(a.T @ b), number)
    yield equals("the same as the scalar product of two vectors of 9 numbers", a.ravel() @ b.ravel(), number)
    yield equals("size of the matrix of the products a_ij b_ij, which is no number", (a * b).shape, (3, 3))


@item("def-10.1.5", "Submatrix at an index", try_it="mathdl.submatrix([[1, 2, 3], [4, 5, 6]], 1, 2, 2)")
def submatrices() -> Findings:
    """A[i, j; D] is the D x D part of A whose top left entry is a_ij.

    It has rows i to i + D - 1 and columns j to j + D - 1 of the N x M matrix A, for 1 <= i <= N - D + 1 and
    1 <= j <= M - D + 1.
    """
    matrix = np.arange(1, 21).reshape(4, 5)
    yield equals(
        "A[2, 3; 2] of the 4 x 5 matrix of the numbers 1 to 20", mathdl.submatrix(matrix, 2, 3, 2), ((8, 9), (13, 14))
    )
    lower_left = [[0, 0], [1, 0]]
    yield equals(
        "lower left entries of A[i, 1; 2], ..., A[i, 4; 2] for i = 1, 2, 3",
        mathdl.convolve(lower_left, matrix),
        ((6, 7, 8, 9), (11, 12, 13, 14), (16, 17, 18, 19)),
        "a convolution with a kernel that has a 1 in its lower left corner picks them",
    )
    yield erratum(
        "The only condition on the size is D > 0.",
        "D <= N and D <= M are needed: otherwise there is no such part.",
        refutes(
            "For N = 2, M = 5 and D = 3 no i has 1 <= i <= N - D + 1.",
            [i for i in range(1, 3) if i <= 2 - 3 + 1] == [],
        ),
        equals(
            "which D the 2 x 5 matrix has parts for, by the layer", [d for d in range(1, 6) if fits(d, 2, 5)], (1, 2)
        ),
    )


@item("def-10.1.6", "Convolution by scalar products")
def by_products() -> Findings:
    """Each entry b_ij of B = K * A is the scalar product of K and the part A[i, j; D] of A.

    K is D x D, A is N x M, and A[i, j; D] is the part of D x D entries whose top left one is a_ij.
    """
    kernel, matrix = drawn(3, 3), drawn(6, 5, seed=1)
    products = [
        [mathdl.frobenius_product(kernel, mathdl.submatrix(matrix, i, j, 3)) for j in range(1, 4)] for i in range(1, 5)
    ]
    away = difference(products, mathdl.convolve(kernel, matrix))
    yield equals("K * A of a drawn 6 x 5 matrix: largest difference from the products of K and A[i, j; 3]", away, 0)
    b = mathdl.convolve(FEATURE, PATTERN)
    yield erratum(
        "(10.14) takes parts of B: b_ij is the product of K and B[i, j; D].",
        "It takes parts of A: b_ij is the product of K and A[i, j; D].",
        differs(
            "product of K and B[1, 1; 3] in Example 10.1.2, in place of b_11",
            mathdl.frobenius_product(FEATURE, b),
            b[0, 0],
        ),
        equals(
            "product of K and A[1, 1; 3] there",
            mathdl.frobenius_product(FEATURE, mathdl.submatrix(PATTERN, 1, 1, 3)),
            b[0, 0],
        ),
    )


@item(
    "ex-10.1.3",
    "A feature found by large responses",
    try_it="mathdl.cosine_scores([[0, 1, 0], [1, 2, 1], [0, 1, 0]], [[0, 1, 0, 1, 0], [1, 2, 1, 2, 1]] * 2)",
)
def feature_detection() -> Findings:
    """To find a feature in a picture A, take it as the kernel K: K * A is large where A looks like K.

    An entry of K * A is a scalar product |K| |part| cos(angle) of K and a part of A, written as vectors. Among parts of
    one length |part|, it is largest where the angle is 0, that is where the part is a positive multiple of K.
    """
    b, cosine = mathdl.convolve(FEATURE, PATTERN), mathdl.cosine_scores(FEATURE, PATTERN)
    yield equals(
        "A[1, 1; 3], the part of Example 10.1.2's A in its top left corner", mathdl.submatrix(PATTERN, 1, 1, 3), FEATURE
    )
    largest = [(int(i) + 1, int(j) + 1) for i, j in np.argwhere(b == b.max())]
    yield equals("places (i, j) of the largest entry of K * A", largest, ((1, 1), (1, 3), (3, 1), (3, 3)))
    yield equals(
        "that entry", b.max(), mathdl.frobenius_product(FEATURE, FEATURE), "|K|^2, since the parts there equal K"
    )
    side, middle = 6 / np.sqrt(8 * 13), 4 / np.sqrt(8 * 20)
    yield near("cosines of the angles, by place", cosine, [[1, side, 1], [side, middle, side], [1, side, 1]], 1e-12)
    flat = np.full((3, 3), 3)
    yield erratum(
        "The feature is where the entries of K * A are largest.",
        "It is where the cosine is largest: the entry divided by |K| and by the length of the part.",
        refutes(
            "A part of nine 3s does not look like K, and its entry 18 is above the 8 of the feature itself.",
            mathdl.convolve(FEATURE, flat).item() == 18 > b.max(),
        ),
        near(
            "cosine for nine 3s, below the 1 of the feature",
            mathdl.cosine_scores(FEATURE, flat).item(),
            np.sqrt(1 / 2),
            1e-12,
        ),
    )


@feature_detection.figure("responses K * A", size=(2.6, 2.6))
def _draw_responses(ax: Any) -> None:
    draw_matrix(ax, mathdl.convolve(FEATURE, PATTERN), "K * A")


@feature_detection.figure("cosines of the angles between K and the parts of A", size=(2.6, 2.6))
def _draw_cosines(ax: Any) -> None:
    draw_matrix(ax, mathdl.cosine_scores(FEATURE, PATTERN).round(2), "cosines")


@item(
    "ex-10.1.4",
    "A kernel that finds vertical edges",
    try_it="mathdl.convolve([[-1, 1], [-1, 1]], [[0, 0, 1, 1, 1]] * 5)",
)
def edge_detection() -> Findings:
    """A picture A of 5 x 5 pixels is white (0) in its columns 1 and 2 and black (1) in its columns 3 to 5.

    The kernel K with the rows -1 1 and -1 1 subtracts each pixel from its neighbour on the right, for two rows at once.
    K * A is 2 along the edge from white to black and 0 elsewhere.
    """
    yield equals("K * A", mathdl.convolve(EDGE, WHITE_TO_BLACK), [[0, 2, 0, 0]] * 4)
    units = np.eye(4, dtype=int).reshape(4, 2, 2)
    yield equals(
        "what a, b, c, d count for in K * (a b, c d)",
        [mathdl.convolve(EDGE, unit).item() for unit in units],
        (-1, 1, -1, 1),
        "so that the entry is b - a + d - c",
    )
    yield equals(
        "entry for a part of one colour, white or black",
        [mathdl.convolve(EDGE, [[c, c], [c, c]]).item() for c in (0, 1)],
        (0, 0),
    )
    yield equals(
        "entry for a part with white on the left and black on the right",
        mathdl.convolve(EDGE, [[0, 1], [0, 1]]).item(),
        2,
    )
    yield equals(
        "entry for black on the left and white on the right", mathdl.convolve(EDGE, [[1, 0], [1, 0]]).item(), -2
    )
    yield equals(
        "entry for a chessboard (0 1, 1 0)",
        mathdl.convolve(EDGE, [[0, 1], [1, 0]]).item(),
        0,
        "0 need not mean one colour",
    )
    yield erratum(
        "(10.20) gives the entries (i, j) of K * (a b, c d).",
        "There is only the entry (1, 1), since the kernel fits in one place; and D = N is needed, not D < N.",
        differs("number of entries of K * (a b, c d)", mathdl.convolve(EDGE, [[1, 4], [2, 9]]).size, 4),
        equals(
            "with N = D = 2, number (N - D + 1)^2 of places (i, j)", mathdl.convolve(EDGE, [[1, 4], [2, 9]]).size, 1
        ),
    )


@edge_detection.figure("the response K * A: 2 along the edge", size=(2.6, 2.6))
def _draw_edge(ax: Any) -> None:
    draw_matrix(ax, mathdl.convolve(EDGE, WHITE_TO_BLACK), "K * A")


def temple() -> Any:
    """Return a photograph that comes with scikit-learn as a matrix of whole numbers, 0 white and 255 black."""
    from sklearn.datasets import load_sample_image

    grey = load_sample_image("china.jpg").sum(axis=2, dtype=np.int64)[:426, :639]
    return 255 - grey.reshape(142, 3, 213, 3).sum(axis=(1, 3)) // 27


@edge_detection.figure("a photograph of a temple, each number the mean of 9 pixels", size=(3.6, 2.5))
def _draw_photograph(ax: Any) -> None:
    draw_shades(ax, temple(), "A")


@edge_detection.figure("K * A without its signs: dark along upright edges, as of pillars and trees", size=(3.6, 2.5))
def _draw_edges(ax: Any) -> None:
    draw_shades(ax, np.minimum(np.abs(mathdl.convolve(EDGE, temple())), 255), "|K * A|, up to 255")


@item("fig-10.1", "The picture with the edge")
def edge_picture() -> Findings:
    """The matrix A of Example 10.1.4 as a picture of 5 x 5 pixels, 0 drawn white and 1 black."""
    columns = np.array(WHITE_TO_BLACK).sum(axis=0)
    yield equals("black pixels in each of the five columns", columns, (0, 0, 5, 5, 5))
    lit = mathdl.convolve(EDGE, WHITE_TO_BLACK).any(axis=0)
    yield equals("columns of K * A that are not 0", (np.flatnonzero(lit) + 1).tolist(), [2], "the edge after column 2")


@edge_picture.figure("a picture of 5 x 5 pixels: columns 1 and 2 white, columns 3 to 5 black", size=(2.6, 2.6))
def _draw_picture(ax: Any) -> None:
    draw_matrix(ax, WHITE_TO_BLACK, "A: 0 white, 1 black", numbers=False)


@item(
    "rem-10.1.5",
    "Convolution of sound, pictures and video",
    try_it="mathdl.convolve([1, -2, 1], [0, 1, 4, 9, 16, 25])",
)
def other_ranks() -> Findings:
    """Arrays of any rank can be convolved: rank 1 for sound, 2 for pictures, 3 for video.

    The kernel has the rank of the array, and the sum runs over all of its entries. Along an axis where the array has N
    entries and the kernel D, the result has N - D + 1.
    """
    yield equals(
        "second differences of 0, 1, 4, 9, 16, 25 by the kernel 1, -2, 1",
        mathdl.convolve([1, -2, 1], [0, 1, 4, 9, 16, 25]),
        (2, 2, 2, 2),
    )
    for name, side, shape in (
        ("a sound", (3,), (8,)),
        ("a picture", (2, 3), (4, 6)),
        ("a video", (2, 2, 3), (3, 4, 5)),
    ):
        kernel, array = drawn(*side), drawn(*shape, seed=1)
        found = mathdl.convolve(kernel, array)
        summed = sum(
            weight * array[tuple(slice(p, p + n) for p, n in zip(place, found.shape, strict=True))]
            for place, weight in np.ndenumerate(kernel)
        )
        sizes = tuple(n - d + 1 for n, d in zip(shape, side, strict=True))
        yield equals(f"shape of K * A for {name} of shape {shape} and a kernel of shape {side}", found.shape, sizes)
        yield equals(
            f"largest difference from the sums for {name} of drawn whole numbers", difference(found, summed), 0
        )
