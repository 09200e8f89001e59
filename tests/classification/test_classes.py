"""Partitions, probability vectors, hardening and exact classifiers, against plain definitions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax as scipy_softmax

from mathdl import ExactClassifier, check_partition, check_probabilities, harden, softmax
from mathdl.errors import InputError

SETS = st.lists(st.frozensets(st.integers(0, 6), max_size=5), max_size=4)
NAN, INF = float("nan"), float("inf")


@given(SETS, st.one_of(st.none(), st.frozensets(st.integers(0, 7))))
def test_a_partition_is_what_the_definition_says(classes: list[frozenset[int]], objects: frozenset[int] | None) -> None:
    found = check_partition(classes, objects)
    union = frozenset().union(*classes)
    every = union if objects is None else objects
    assert found.disjoint == all(not a & b for a, b in combinations(classes, 2))
    assert found.covering == (union == every)
    assert found.holds == (found.disjoint and found.covering)
    assert {element for element, _, _ in found.shared} == {x for a, b in combinations(classes, 2) for x in a & b}
    for element, first, second in found.shared:
        assert first < second
        assert element in classes[first - 1] & classes[second - 1]
    assert set(found.uncovered) == every - union
    assert {element for element, _ in found.foreign} == union - every
    assert (found.message == "Every object is in exactly one class.") == found.holds


def test_classes_may_have_names_and_hold_rows_of_arrays() -> None:
    rows = np.array([[0.0, 1.0], [2.0, 3.0]])
    found = check_partition({"even": rows, "odd": [[2.0, 3.0], (4.0, 5.0)]}, [(0.0, 1.0), (2.0, 3.0)])
    assert found.shared == (((2.0, 3.0), "even", "odd"),)
    assert found.foreign == (((4.0, 5.0), "odd"),)
    assert repr(found) == "PartitionCheck(holds=False): (2.0, 3.0) is in the classes 'even' and 'odd'."


@pytest.mark.parametrize("classes", [3, "ab", [1, 2], ["ab"], [[{1: 2}]], [[NAN]], [[{1}]], None])
def test_what_is_no_collection_of_objects(classes: Any) -> None:
    with pytest.raises(InputError):
        check_partition(classes)


@given(st.lists(st.lists(st.fractions(-1, 2, max_denominator=6), min_size=3, max_size=3), min_size=1, max_size=4))
def test_fractions_are_added_exactly(rows: list[list[Fraction]]) -> None:
    found = check_probabilities(rows)
    good = [sum(row) == 1 and all(0 <= x <= 1 for x in row) for row in rows]
    assert found.exact
    assert found.sums.tolist() == [sum(row) for row in rows]
    assert (found.holds, found.row) == (all(good), None if all(good) else good.index(False))


@pytest.mark.parametrize(
    ("p", "holds"),
    [
        ([0.1] * 10, True),
        ([1.0, 1e-13], True),
        ([1.0, 1e-11], False),
        ([1, 0, 0], True),
        ([[1, 0], [1, 1]], False),
        ([Fraction(1, 10**30), Fraction(10**30 - 1, 10**30)], True),
        ([Fraction(1, 10**30), 1], False),
        ([-1e-9, 1 + 1e-9], False),
        (np.full(3, np.float32(1) / 3), True),
        (np.array([1.0, 1e-4], np.float32), False),
    ],
)
def test_vectors_that_are_probabilities_and_others(p: Any, holds: bool) -> None:
    assert check_probabilities(p).holds == holds


def test_the_number_of_classes_and_the_place_are_named() -> None:
    assert check_probabilities([[0.5, 0.5]], classes=3).message == "A vector has 2 entries, not 3."
    assert check_probabilities([[0.5, 0.5], [1.5, -0.5]]).message == "Vector 1 has the entry 1.5 at place 0."
    assert check_probabilities([[Fraction(1, 2), Fraction(1, 3)]]).message == "Vector 0 adds up to 5/6."


@pytest.mark.parametrize(
    "p", [[], [[]], 3, "x", ["a"], [NAN, 1], [INF], [[1, 2], [3]], [1j], [None], np.zeros((2, 2, 2))]
)
def test_what_holds_no_probabilities(p: Any) -> None:
    for function in (check_probabilities, harden):
        with pytest.raises(InputError):
            function(p)


@given(st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=1, max_size=5))
def test_hardening_takes_the_single_largest_entry(rows: list[list[int]]) -> None:
    tied = [row.count(max(row)) > 1 for row in rows]
    firsts = [row.index(max(row)) for row in rows]
    assert harden(rows, ties="first").tolist() == firsts
    if any(tied):
        with pytest.raises(InputError, match=f"Vector {tied.index(True)} has the same largest entry"):
            harden(rows)
    else:
        assert harden(rows).tolist() == firsts


def test_hardening_compares_fractions_exactly_and_names_labels() -> None:
    near = [Fraction(1, 2), Fraction(1, 2) - Fraction(1, 10**40)]
    assert harden(near, ["a", "b"]) == "a"
    assert harden(np.eye(3), np.array(["x", "y", "z"])).tolist() == ["x", "y", "z"]
    with pytest.raises(InputError, match="'a' and 'c'"):
        harden([0.4, 0.2, 0.4], ["a", "b", "c"])


@pytest.mark.parametrize("arguments", [{"classes": [1]}, {"classes": 3}, {"ties": "last"}, {"classes": [[1, 2], [3]]}])
def test_hardening_refuses(arguments: Any) -> None:
    with pytest.raises(InputError):
        harden([0.2, 0.8], **arguments)


@given(st.lists(st.floats(-800, 800), min_size=1, max_size=5))
def test_softmax_agrees_with_scipy(y: list[float]) -> None:
    assert np.allclose(softmax(y), scipy_softmax(y), rtol=1e-12, atol=0)
    assert check_probabilities(softmax(y)).holds


@pytest.mark.parametrize("y", [3.0, [], ["a"], [NAN], [INF, 0], [1j], None])
def test_softmax_refuses(y: Any) -> None:
    with pytest.raises(InputError):
        softmax(y)


def test_softmax_of_the_largest_floats() -> None:
    assert softmax([1.7e308, -1.7e308]).tolist() == [1, 0]


def test_the_exact_classifier_knows_its_training_set() -> None:
    X = np.random.default_rng(0).normal(size=(30, 2))
    y = np.random.default_rng(1).choice(["b", "a", "c"], 30)
    exact = ExactClassifier(X, y)
    order = np.random.default_rng(2).permutation(30)
    assert exact.classes_.tolist() == ["a", "b", "c"]
    assert np.array_equal(exact.predict(X[order]), y[order])
    assert np.array_equal(harden(exact.predict_proba(X[order]), exact.classes_), y[order])
    with pytest.raises(InputError, match="not in the training set"):
        exact.predict(X + 1)


def test_no_exact_classifier_exists_where_one_object_has_two_labels() -> None:
    with pytest.raises(InputError, match="has the labels a and b"):
        ExactClassifier([[1.0], [2.0], [1.0]], ["a", "b", "b"])
    assert ExactClassifier([[1.0], [1.0]], ["a", "a"]).predict([[1.0]]).tolist() == ["a"]


@pytest.mark.parametrize(
    ("X", "y"),
    [([], []), ([1, 2], [1]), (3, [1]), ([1], 3), ([NAN], [1]), ([1, 2], [1, "a"]), ([1, 2], [[1, 2], [3, 4]]),
     ([1, 2], [Decimal(1), None]), ([{}], [1])],
)  # fmt: skip
def test_what_makes_no_exact_classifier(X: Any, y: Any) -> None:
    with pytest.raises(InputError):
        ExactClassifier(X, y)
