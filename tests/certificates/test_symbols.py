"""Linear forms in names: combinations have the value that the forms give them."""

from __future__ import annotations

import random
from typing import Any

import pytest

from mathdl.certificates.responses import Responses
from mathdl.certificates.symbols import Form, Kernels, combination


def drawn_form(generator: random.Random, names: list[int]) -> Form:
    """A form in names of the list, which may be few, with a constant that is often 0."""
    used = sorted(generator.sample(names, generator.randrange(min(3, len(names)) + 1)))
    factors = tuple(generator.choice([-3, -1, 1, 2]) for _ in used)
    return generator.choice([0, 0, 5, -2]), tuple(used), factors


def value(form: Form, values: list[int]) -> int:
    constant, names, factors = form
    return constant + sum(values[name] * factor for name, factor in zip(names, factors, strict=True))


@pytest.mark.parametrize("seed", range(60))
def test_combinations_have_the_value_of_their_forms(seed: int) -> None:
    """With names that occur twice and without, weights that are 0, and the same kernels for several patches."""
    generator = random.Random(seed)
    rows = [[generator.choice([-2, 0, 1, 3]) for _ in range(4)] for _ in range(3)]
    kernels, values = Kernels(rows), [generator.randrange(-99, 99) for _ in range(40)]
    for first in (0, 10, 20):
        names = list(range(first, first + 20)) if seed % 2 else list(range(first, first + 3))
        forms = tuple(drawn_form(generator, names) for _ in rows[0])
        constants = tuple(generator.randrange(-4, 5) for _ in rows)
        assert kernels.known(forms, constants) is None
        found = kernels.combinations(forms, constants)
        assert kernels.known(forms, constants) is found
        for row, constant, form in zip(rows, constants, found, strict=True):
            total = constant + sum(weight * value(f, values) for weight, f in zip(row, forms, strict=True))
            assert value(form, values) == total
            assert form == combination(row, forms, constant)  # equal sums are one form, however they were made
            assert list(form[1]) == sorted(set(form[1]))
            assert all(form[2])


def test_what_is_shared_is_the_coefficients_and_not_the_constants() -> None:
    kernels, forms = Kernels([[1, 2]]), ((0, (1,), (1,)), (0, (2,), (1,)))
    assert kernels.combinations(forms, (0,)) == [(0, (1, 2), (1, 2))]
    assert kernels.combinations(((5, (3,), (1,)), forms[1]), (0,)) == [(5, (2, 3), (2, 1))]
    assert kernels.combinations(((5, (1,), (1,)), forms[1]), (0,)) == [(5, (1, 2), (1, 2))]
    assert kernels.combinations(((0, (1,), (3,)), (7, (4,), (1,))), (1,)) == [(15, (1, 4), (3, 2))]


def test_a_kernel_is_applied_once_to_patches_that_are_alike() -> None:
    """The 36 inner patches of a picture share their coefficients."""
    network = Responses([1, 2, 3, 4], 1)
    x = network.pictures([1, 7, 7], [0, 0, 0, 0])
    found, _ = network.after(["convolve", 1, 2, 2, 1, 1, "none"], x, 0)
    coefficients: set[Any] = {id(form[2]) for form in found.forms}
    assert (len(found.forms), len(coefficients)) == (36, 1)


@pytest.mark.parametrize("shift", [(0, 0), (1, 0), (0, 2), (-1, 1), (2, -3), (-3, -3), (5, 1), (1, -9)])
@pytest.mark.parametrize("cyclic", [True, False])
def test_pictures_of_symbols_move_entry_by_entry(shift: tuple[int, int], cyclic: bool) -> None:
    x = Responses([], 1).pictures([2, 3, 4], [0, 0, 0, 0])
    filled: list[Form] = [(7, (), ()), (8, (), ())]
    moved = x.moved(shift, cyclic, filled)
    for c in range(2):
        for i in range(3):
            for j in range(4):
                r, q = i - shift[0], j - shift[1]
                inside = cyclic or (0 <= r < 3 and 0 <= q < 4)
                assert moved.row(c, i)[j] == (x.row(c, r % 3)[q % 4] if inside else filled[c])
