"""Chapter 3: classes, exact, hard and soft classifiers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

import mathdl
from mathdl.book.finding import Findings, differs, equals, erratum, refutes, shows
from mathdl.book.item import item
from mathdl.errors import InputError

# Which of the seven segments of a display light up for the digits 0 to 9, from the top one clockwise to the middle one.
SEGMENTS = [
    "1111110",
    "0110000",
    "1101101",
    "1111001",
    "0110011",
    "1011011",
    "1011111",
    "1110000",
    "1111111",
    "1111011",
]
HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)


def refused(call: Any, *given: Any, **options: Any) -> bool:
    """Tell whether a call is refused as bad input."""
    try:
        call(*given, **options)
    except InputError:
        return True
    return False


@item("eq-3.1", "Classes are pairwise disjoint", try_it="mathdl.check_partition([{1, 2}, {2, 3}])")
def disjoint_classes() -> Findings:
    """The classes S_1, ..., S_m are subsets of the set S of objects, and no two of them share an object.

    So no object has two classes. Of finite classes that can be checked, and an object that two classes share is shown.
    """
    good, bad = mathdl.check_partition([{1, 2}, {3}]), mathdl.check_partition([{1, 2}, {2, 3}])
    yield equals("whether {1, 2} and {3} are disjoint", good.disjoint, True)
    yield equals("whether {1, 2} and {2, 3} are disjoint", bad.disjoint, False)
    yield equals(
        "objects that two of the classes {1, 2} and {2, 3} share, with the classes' numbers", bad.shared, ((2, 1, 2),)
    )


@item("eq-3.2", "Classes cover the object set", try_it="mathdl.check_partition([{1, 2}, {3}], {1, 2, 3, 4}).uncovered")
def covering_classes() -> Findings:
    """The classes S_1, ..., S_m together make up all of the set S of objects: every object has a class.

    With (3.1) every object has exactly one class, which is what makes an exact classifier a function on S.
    """
    classes = [{1, 2}, {3}]
    yield equals("whether {1, 2} and {3} cover {1, 2, 3}", mathdl.check_partition(classes, {1, 2, 3}).covering, True)
    yield equals(
        "objects of {1, 2, 3, 4} that they leave out", mathdl.check_partition(classes, {1, 2, 3, 4}).uncovered, (4,)
    )
    homes = [sum(element in members for members in classes) for element in (1, 2, 3)]
    yield equals("number of classes of the objects 1, 2, 3", homes, (1, 1, 1), "Disjoint and covering: exactly one.")


@item(
    "eq-3.3",
    "Soft classifier returns class probabilities",
    try_it="mathdl.check_probabilities([[0.5, 0.5], [1.0, 0.25]])",
)
def soft_classifier() -> Findings:
    """A soft classifier maps an object s to the vector p(s) = (p_1(s), ..., p_m(s)) of the m classes' probabilities.

    So the entries are from 0 to 1 and add up to 1. An exact one has a 1 at the right class and 0 elsewhere.
    """
    vectors = [[Fraction(1, 3), HALF, Fraction(1, 6)], [QUARTER, Fraction(1, 8), Fraction(5, 8)]]
    exact = mathdl.check_probabilities(vectors)
    yield equals("sums of (1/3, 1/2, 1/6) and (1/4, 1/8, 5/8), added exactly", exact.sums, (1, 1))
    yield equals("whether both are probability vectors", exact.holds, True)
    wrong = mathdl.check_probabilities([[1, 0, QUARTER]])
    yield equals("sum of (1, 0, 1/4), which is none", wrong.sums[0], Fraction(5, 4))
    yield equals("whether (1, 0, 1/4) is one", wrong.holds, False)
    hard = mathdl.ExactClassifier([1, 2, 3], ["a", "b", "a"]).predict_proba([1, 2, 3])
    yield equals("a hard classifier with the labels a, b, a as a soft one", hard.astype(int), ((1, 0), (0, 1), (1, 0)))
    yield equals("whether its vectors are probability vectors", mathdl.check_probabilities(hard).holds, True)


@item(
    "eq-3.4",
    "Index of the correct class",
    try_it="mathdl.ExactClassifier([[0.0], [0.5], [1.0]], [7, 8, 7]).predict([[0.5], [1.0]])",
)
def index_of_the_class() -> Findings:
    """i(s) is the index of the class that the object s belongs to; it is known for the objects of the training set T.

    On T the exact classifier is therefore a table; off T it is what learning has to approximate.
    """
    labels = list(range(10))
    exact = mathdl.ExactClassifier(SEGMENTS, labels)
    yield equals(
        "labels of the exact classifier for the digits of a seven-segment display", exact.predict(SEGMENTS), labels
    )
    hardened = mathdl.harden(exact.predict_proba(SEGMENTS), exact.classes_)
    yield equals("labels by the largest entry of the exact soft classifier", hardened, labels)
    yield shows("The display 0000000, of no digit, is not in T and is refused.", refused(exact.predict, ["0000000"]))
    zero = int(np.flatnonzero(exact.classes_ == 0)[0]) + 1
    yield erratum(
        "The classes have the indices 1, ..., m, and the exact classifier returns the index; for digits it returns 0 "
        "to 9, and the classes of two zeros add up to 0.",
        "An index is not a label: the class with index i, counted from 1, has the label i - 1.",
        differs("sum of the class indices of two zeros", zero + zero, 0),
        equals("labels of the classes with the indices 1 to 10", exact.classes_, tuple(range(10))),
        equals("sum of the labels of two zeros", int(exact.classes_[zero - 1]) * 2, 0),
    )


@item(
    "claim-3-soft-to-hard",
    "Harden a soft classifier by largest component",
    try_it="mathdl.harden([[0.25, 0.125, 0.625], [0.0, 1.0, 0.0]], classes=[1, 2, 3])",
)
def harden_by_the_largest() -> Findings:
    """A soft classifier becomes a hard one by taking, for each object, the class with the largest probability.

    With m classes the vector is (p_1, ..., p_m), and the answer is the i for which p_i is the largest entry.
    """
    names = (1, 2, 3)
    yield equals("class of (1/4, 1/8, 5/8)", mathdl.harden([QUARTER, Fraction(1, 8), Fraction(5, 8)], names), 3)
    yield equals("class of (0, 1, 0)", mathdl.harden([0, 1, 0], names), 2)
    yield equals("classes of the unit vectors e_1, e_2, e_3", mathdl.harden(np.eye(3), names), names)
    tie = [HALF, HALF, 0]
    yield erratum(
        "Every soft classifier can be turned into a hard one by its largest component.",
        "Only where the largest component is a single one; for ties a rule has to be chosen, such as the first.",
        refutes(
            "(1/2, 1/2, 0), which the first classifier of exercise 4.1 gives at x = 1, has two largest components "
            "and is refused.",
            refused(mathdl.harden, tie, names),
        ),
        equals(
            "class of (1/2, 1/2, 0) by the rule that the first is taken", mathdl.harden(tie, names, ties="first"), 1
        ),
    )
