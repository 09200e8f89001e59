"""What every error of the library has in common."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from scipy.sparse import csr_array

import mathdl
from mathdl import SGD
from mathdl.certificates import CertificateError
from mathdl.descent.schedules import factor_in_epoch
from mathdl.errors import MAX_MESSAGE, InputError


def test_a_message_is_one_line_whatever_was_given() -> None:
    with pytest.raises(InputError, match=r"is array\(\[\[0\., 0\.\], \[0\., 0\.\]\]\); give a positive number, or"):
        SGD(np.zeros((2, 2)))


def test_a_long_message_keeps_its_beginning_and_the_advice() -> None:
    with pytest.raises(InputError) as caught:
        SGD("x" * 5000)
    text = str(caught.value)
    assert len(text) < MAX_MESSAGE + 10
    assert text.startswith("SGD: learning_rate is 'xxx")
    assert text.endswith("give a positive number, or 'auto'.")
    assert str(pickle.loads(pickle.dumps(caught.value))) == text


LINE = mathdl.Hyperplane([1.0, 0.0], 1.0)
TABLE = {"a": list(range(20)), "y": list(range(20))}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mathdl.Activation(np.zeros(3)), "Activation array.* is unknown"),
        (lambda: mathdl.Conv2D(1, 1, bias=np.dtype("f8")), "bias is dtype.*'channel', 'position' or None"),
        (lambda: mathdl.MaxPool2D(2, remainder=np.zeros(3)), "give 'error' or 'drop'"),
        (lambda: mathdl.StepSchedule(np.timedelta64(3, "s")), "every is"),
        (lambda: mathdl.StepSchedule(2)("x", 3), "epoch is 'x'"),
        (lambda: mathdl.CosineSchedule()(0, 0), "epochs is 0"),
        (lambda: factor_in_epoch(int, 0, 3), "The schedule fails in epoch 1"),
        (lambda: mathdl.LogisticRegression(10**400).fit([[0.0], [1.0]], [0, 1]), "regularization is 1000"),
        (lambda: mathdl.SoftMarginSVM(10**400).fit([[0.0], [1.0]], [0, 1]), "regularization is 1000"),
        (lambda: mathdl.SoftMarginSVM().path([[0.0], [1.0]], [0, 1], [[1], [1, 2]]), "rows of different lengths"),
        (lambda: mathdl.LinearRegression(exact=np.ones(2)).fit([[0.0]], [1.0]), "exact is array.*give True or False"),
        (lambda: mathdl.LinearRegression().fit(np.eye(2), csr_array(np.eye(2))), "y is a sparse matrix"),
        (lambda: mathdl.KMeans(1, tol=np.inf).fit([[0.0]]), "tol is inf"),
        (lambda: mathdl.NetworkClassifier(verbose="yes").fit([[0.0], [1.0]], [0, 1]), "verbose is 'yes'"),
        (lambda: mathdl.NetworkClassifier(epochs=2**63).fit([[0.0], [1.0]], [0, 1]), "at most 9223372036854775807"),
        (lambda: mathdl.Network([mathdl.Dense(1)], np.ones(4, "m8[s]")), "input_shape is array"),
        (lambda: mathdl.Network.from_architecture(None, (2,)), "architecture is None"),
        (lambda: mathdl.Network([mathdl.Dense(1)], (1,)).loss([[1.0]], [[1.0]], []), r"Loss \[\] is unknown"),
        (lambda: mathdl.Network([mathdl.Dense(1)], (1,)).backpropagate([[1], [1, 2]], [1.0], "hinge"), "x is"),
        (lambda: mathdl.History(loss=5), "loss is 5; give a list of numbers"),
        (lambda: mathdl.History(status="lucky"), "status is 'lucky'"),
        (lambda: mathdl.History.from_dict(None), "record of a history is None"),
        (lambda: mathdl.Certificate.from_json(None), "not from a NoneType"),
        (lambda: mathdl.Hyperplane([0.0, 0.0], 1.0), "give a vector that is not zero"),
        (lambda: mathdl.Hyperplane([1.0, np.nan], 1.0), "normal holds a number that is NaN"),
        (lambda: mathdl.Hyperplane([1.0], np.nan), "offset holds a number that is NaN"),
        (lambda: mathdl.Hyperplane([1.0], 1j), "offset holds something that is no number"),
        (lambda: mathdl.Hyperplane([1.0], [1.0]), r"offset is \[1.0\]; give one number"),
        (lambda: LINE.value([[1.0]]), r"X has shape \(1, 1\); give points of 2 numbers"),
        (lambda: LINE.gap([[1.0, 2.0]], np.zeros((0, 2))), r"B has shape \(0, 2\)"),
        (lambda: mathdl.learning_mode([1, 2], unlabelled=np.zeros(2)), "unlabelled is array"),
        (lambda: mathdl.gradient_descent(mathdl.Quadratic([[1.0]]), [0.0], steps=2**63), "steps is 92233720"),
        (lambda: mathdl.Function(lambda a: [[1], [1, 2]], lambda a: a).value_and_gradient(np.ones(1)), "fails"),
        (lambda: mathdl.Function(lambda a: 10**400, lambda a: a).value_and_gradient(np.ones(1)), "returns 1000"),
        (lambda: mathdl.train(TABLE, target="z"), "'z'"),
        (lambda: mathdl.train(TABLE, target=["a", "y"]), "target"),
        (lambda: mathdl.train({**TABLE, "a": [1, 2]}, target="y"), "a"),
        (lambda: mathdl.train({**TABLE, "a": [[1], [1, 2]] * 10}, target="y"), "'a' holds a value of type list"),
        (lambda: mathdl.train((np.zeros((3, 1)), np.zeros(4))), "3"),
        (lambda: mathdl.train(TABLE, target="y", model="linear", certify=np.ones(2)), "certify is"),
        (lambda: mathdl.train(TABLE, target="y", command=5), "command is 5"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_in_one_sentence(call: Callable[[], object], message: str) -> None:
    with pytest.raises((InputError, CertificateError), match=message) as caught:
        call()
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text


def test_a_hyperplane_takes_lists_and_stays_exact() -> None:
    exact = mathdl.Hyperplane(np.array([Fraction(1, 3), 1], object), 1)
    assert exact.value([[2**60 + 1, 0]])[0] == Fraction(2**60 + 1, 3) - 1
    assert mathdl.Hyperplane([3, 4], 5).distance([[3, 4], [0, 0]]).tolist() == [4.0, -1.0]
