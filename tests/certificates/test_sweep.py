"""Every kind of certificate on many problems: what is accepted is true, in its numbers and in its words."""

from __future__ import annotations

from fractions import Fraction
from importlib import import_module
from typing import Any

import pytest

from certificates.sentences import facts, is_written, read
from certificates.sweep import sweep
from geometry.naive_hulls import number
from mathdl.certificates import text_of, write
from mathdl.certificates.checker import KINDS

SAMPLE, ALL = range(0, 1020, 17), range(1000)
EXTREMES = [
    Fraction(0),
    Fraction(1, 3),
    Fraction(-2, 3),
    Fraction(0.1),
    Fraction(12345651, 10**8),
    Fraction(999999500001, 10**6),
    Fraction(10**6 - 1),
    Fraction(10**6),
    Fraction(1, 10**5),
    Fraction(999999, 10**10),
    Fraction(1, 10**400),
    Fraction(-1, 10**400),
    Fraction(199, 100) * 2**1100,
    Fraction(2) ** 1100 - Fraction(1, 7),
    Fraction(5e-324),
    Fraction(0.6931471805599453),
]  # fmt: skip


def module(kind: str) -> Any:
    return import_module(f"certificates.test_{kind}")


@pytest.mark.filterwarnings("ignore::mathdl.errors.ConvergenceWarning")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("seeds", "changes"), [(SAMPLE, 3), pytest.param(ALL, 6, marks=pytest.mark.slow)], ids=str)
def test_what_is_accepted_is_true_in_numbers_and_in_words(kind: str, seeds: range, changes: int) -> None:
    counts = sweep(module(kind), seeds, changes)
    assert counts["certificates"] >= module(kind).MIN_SHARE * len(seeds), counts
    assert counts["false, refused"] > 0, counts
    assert counts["false, refused"] + counts["true, refused"] > counts["certificates"] / 3, counts
    assert 0 < counts["true, accepted"] < 0.8 * sum(counts.values()), counts


@pytest.mark.filterwarnings("ignore::mathdl.errors.ConvergenceWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_the_words_are_on_the_safe_side_at_extremes(kind: str) -> None:
    certificate, data = next(problem for problem in map(module(kind).make, range(1000)) if problem)
    words = {"positive", "objective"} if "learning_rate" in certificate.numbers else {"positive"}
    stated = {name for name, value in certificate.numbers.items() if isinstance(value, str)} - words
    for name in stated:
        for extreme in EXTREMES:
            changed = write(kind, {**certificate.numbers, name: text_of(extreme)}, data)
            exact = facts(changed, data)
            for group, text in read(kind, changed.statement, data.weights is not None).items():
                form, what = group.split("_", 1)
                assert is_written(form, text, exact[what]), changed.statement
            assert number(changed.numbers[name]) == extreme


@pytest.mark.parametrize(
    ("form", "text", "exact", "right"),
    [
        ("most", "0.693147", Fraction("0.69314718"), False),
        ("most", "0.693148", Fraction("0.69314718"), True),
        ("least", "0.693148", Fraction("0.69314718"), False),
        ("most", "0", Fraction(1, 10**400), False),
        ("is", "0.1", Fraction(0.1), False),
        ("is", "0.1 (float64)", Fraction(0.1), True),
        ("is", "0.1 (float64)", Fraction("0.1"), False),
        ("is", "about 0.333333", Fraction(1, 3), True),
        ("is", "about 0.33333", Fraction(1, 3), False),
        ("count", "3", 4, False),
    ],
)
def test_the_reader_of_sentences_sees_what_is_wrong(form: str, text: str, exact: Any, right: bool) -> None:
    assert is_written(form, text, exact) is right
