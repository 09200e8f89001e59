"""Convolution of arrays against sums, SciPy and PyTorch, and what it refuses."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl import convolve, cosine_scores, frobenius_product, submatrix
from mathdl.convolution import convolve as module
from mathdl.errors import InputError

torch = pytest.importorskip("torch")
SHAPES = [
    ((4,), (23,)),
    ((7,), (7,)),
    ((3, 2), (9, 40)),
    ((1, 5), (6, 5)),
    ((2, 3, 4), (5, 8, 150)),
    ((1, 1, 1), (2, 3, 4)),
]


def by_definition(kernel: Any, array: Any) -> Any:
    """Sum the products at every place, in Python's numbers."""
    sides = [range(n - d + 1) for n, d in zip(np.shape(array), np.shape(kernel), strict=True)]
    kernel, array = np.array(kernel, object), np.array(array, object)
    sums = np.empty([len(side) for side in sides], object)
    for place in product(*sides):
        sums[place] = sum(
            kernel[tap] * array[tuple(p + t for p, t in zip(place, tap, strict=True))]
            for tap in np.ndindex(kernel.shape)
        )
    return sums


def whole_numbers(shape: tuple[int, ...], size: int) -> Any:
    count = int(np.prod(shape))
    return st.lists(st.integers(-size, size), min_size=count, max_size=count).map(
        lambda values: np.array(values, object).reshape(shape)
    )


@st.composite
def pairs(draw: st.DrawFn, size: int) -> tuple[Any, Any]:
    kernel = tuple(draw(st.integers(1, 3)) for _ in range(draw(st.integers(1, 3))))
    array = tuple(side + draw(st.integers(0, 4)) for side in kernel)
    return draw(whole_numbers(kernel, size)), draw(whole_numbers(array, size))


@pytest.mark.parametrize("size", [5, 2**28, 2**40, 2**70])
def test_whole_numbers_are_exact(size: int) -> None:
    @settings(derandomize=True, max_examples=40, deadline=None)
    @given(pairs(size))
    def check(both: tuple[Any, Any]) -> None:
        kernel, array = both
        found = convolve(kernel, array)
        assert found.tolist() == by_definition(kernel, array).tolist()
        assert found.dtype == np.int64 or size > 2**28
        assert convolve(kernel, array, flip=True).tolist() == by_definition(np.flip(kernel), array).tolist()

    check()


@settings(derandomize=True, max_examples=40, deadline=None)
@given(pairs(9), st.integers(1, 7), st.integers(1, 7))
def test_fractions_are_exact(both: tuple[Any, Any], below: int, other: int) -> None:
    kernel, array = both[0] * Fraction(1, below), both[1] * Fraction(1, other)
    assert convolve(kernel, array).tolist() == by_definition(kernel, array).tolist()
    assert convolve(kernel, both[1].tolist()).tolist() == by_definition(kernel, both[1]).tolist()


@pytest.mark.parametrize("few", [0, 2**40])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("side", "shape"), SHAPES)
def test_floats_agree_with_scipy_and_pytorch(side, shape, dtype: str, few: int, monkeypatch) -> None:
    monkeypatch.setattr(module, "FEW_PRODUCTS", few)
    generator = np.random.default_rng(0)
    kernel, array = generator.normal(size=side).astype(dtype), generator.normal(size=shape).astype(dtype)
    found, near = convolve(kernel, array), 32 * np.finfo(dtype).eps
    assert found.dtype == dtype
    np.testing.assert_allclose(
        found, scipy.signal.correlate(array, kernel, "valid", "direct"), rtol=near, atol=8 * near
    )
    true = scipy.signal.convolve(array, kernel, "valid", "direct")
    np.testing.assert_allclose(convolve(kernel, array, flip=True), true, rtol=near, atol=8 * near)
    torch = pytest.importorskip("torch")
    peer = getattr(torch.nn.functional, f"conv{len(side)}d")
    other = peer(torch.from_numpy(array)[None, None], torch.from_numpy(kernel)[None, None])[0, 0].numpy()
    np.testing.assert_allclose(found, other, rtol=near, atol=8 * near)


@pytest.mark.parametrize(("side", "shape"), SHAPES)
def test_compiled_code_is_exact_for_whole_numbers(side, shape, monkeypatch) -> None:
    monkeypatch.setattr(module, "FEW_PRODUCTS", 0)
    generator = np.random.default_rng(1)
    kernel, array = generator.integers(-9, 9, side), generator.integers(0, 255, shape).astype(np.uint8)
    found = convolve(kernel, array)
    assert found.dtype == np.int64
    assert found.tolist() == by_definition(kernel.tolist(), array.tolist()).tolist()
    columns = np.asfortranarray(array)
    assert convolve(kernel, columns).tolist() == found.tolist()


def test_which_numbers_come_out() -> None:
    single, double = np.ones(2, np.float32), np.ones(2)
    assert convolve(single, single).dtype == convolve(np.float16([1]), [1, 2]).dtype == np.float32
    assert convolve(single, double).dtype == convolve([Fraction(1, 2)], double).dtype == np.float64
    assert convolve(np.uint8([255]), np.uint8([255])).tolist() == [255 * 255]
    assert convolve([True, True], [True, True, False]).tolist() == [2, 1]
    assert convolve([2**40], [2**40]).tolist() == [2**80]
    assert convolve([0], [2**80, 1]).tolist() == [0, 0]
    assert convolve(np.uint64([1, 1]), np.uint64([2**64 - 1, 1])).tolist() == [2**64]


@pytest.mark.parametrize(
    ("kernel", "array", "message"),
    [
        ([1, 2], [[1, 2]], "K has rank 1 and A has rank 2; give arrays of one rank"),
        (np.ones((3, 1)), np.ones((2, 9)), "K of 3 x 1 does not fit into A of 2 x 9; give a smaller kernel"),
        (1, 2, "K has shape (); give an array of rank 1 to 3"),
        ([], [1], "K has shape (0,); give an array of rank 1 to 3"),
        (np.ones((1, 1, 1, 1)), np.ones((1, 1, 1, 1)), "K has shape (1, 1, 1, 1); give an array of rank 1 to 3"),
        (["a"], [1], "K holds texts instead of numbers"),
        ([None], [1], "K holds something that is no real number"),
        ([1j], [1], "K is of type complex128"),
        ([1.0], [1.0, np.nan], "holds a number that is not finite"),
        ([1e200], [1e200], "too large for sums of products"),
        ([[1, 2], [3]], [1], "K has rows of different lengths"),
        (np.array([1, "x"], object), [1], "K holds something that is no real number"),
        (np.array([0.5, 10**400], object), [1, 2], "K holds a number beyond all floats"),
    ],
)
def test_bad_input_is_refused(kernel: Any, array: Any, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        convolve(kernel, array)
    assert message in str(refusal.value)


def test_products_and_parts() -> None:
    generator = np.random.default_rng(2)
    kernel, matrix = generator.integers(-5, 6, (3, 3)), generator.integers(-5, 6, (5, 7))
    parts = [[frobenius_product(kernel, submatrix(matrix, i, j, 3)) for j in range(1, 6)] for i in range(1, 4)]
    assert parts == convolve(kernel, matrix).tolist()
    assert frobenius_product(kernel, kernel) == np.trace(kernel.T @ kernel)
    assert frobenius_product([Fraction(1, 2)], [3]) == Fraction(3, 2)
    assert submatrix(matrix, 1, 1, 2).base is not None


def test_products_and_parts_that_are_refused() -> None:
    with pytest.raises(InputError, match=r"A has shape \(2,\) and B has shape \(3,\); give arrays of one shape"):
        frobenius_product([1, 2], [1, 2, 3])
    for place, message in [
        ((0, 1, 2), "i is 0"),
        ((1, 3, 2), "j is 3; give a whole number of at most 2"),
        ((1, 1, 3), "size"),
    ]:
        with pytest.raises(InputError, match=message):
            submatrix([[1, 2, 3], [4, 5, 6]], *place)
    with pytest.raises(InputError, match=r"A has shape \(2,\); give a matrix"):
        submatrix([1, 2], 1, 1, 1)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(pairs(9), st.sampled_from([1, 2.0**-600, 1e200]))
def test_cosines(both: tuple[Any, Any], scale: float) -> None:
    kernel, array = both
    if not kernel.any():
        with pytest.raises(InputError, match="K holds only zeros"):
            cosine_scores(kernel, array)
        return
    found = cosine_scores(kernel, array * scale)
    squares = by_definition(np.ones_like(kernel), array * array).astype(float) * float((kernel * kernel).sum())
    products = by_definition(kernel, array).astype(float)
    truth = np.divide(products, np.sqrt(squares), out=np.zeros(found.shape), where=squares > 0)
    np.testing.assert_allclose(found, truth, rtol=1e-13, atol=1e-15)
    assert (np.abs(found) <= 1).all()


def test_a_multiple_of_the_kernel_scores_one() -> None:
    kernel = np.array([[1, 2], [0, 5]])
    assert cosine_scores(kernel, 7 * kernel).item() == pytest.approx(1, abs=1e-15)
    assert cosine_scores(kernel, -kernel).item() == pytest.approx(-1, abs=1e-15)
