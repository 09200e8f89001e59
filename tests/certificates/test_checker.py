"""The record and the checker: what is refused before any kind of certificate does its arithmetic."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

import mathdl
from mathdl.certificates import Certificate, CertificateError, Data, text_of, verify, write
from mathdl.certificates.checker import KINDS, import_kind, in_plain_words
from mathdl.certificates.rationals import Refused

X, Y = [[0.0, 0.0], [0.0, 1.0], [2.0, 0.5]], ["a", "a", "b"]
SQUARE = [[0, 1], [1, 0]]
NUMBERS = {"normal": ["1", "0"], "offset": "1", "gap": text_of(1.0), "positive": "b"}
ROOM = Path(mathdl.certificates.__file__).parent


def certificate() -> Certificate:
    return write("hyperplane", NUMBERS, Data(X, Y))


GOOD = certificate().to_json()


def test_a_true_certificate_is_valid_and_says_what_it_shows() -> None:
    verdict = verify(certificate(), X, Y)
    assert verdict.valid
    assert verdict
    assert verdict.reason == certificate().statement


def test_json_both_ways() -> None:
    assert Certificate.from_json(certificate().to_json()) == certificate()


@pytest.mark.parametrize(
    ("X", "y"),
    [
        (np.array(X), np.array(Y)),
        (np.array(X, np.float32), np.array(Y)),
        (pd.DataFrame(X).to_numpy(), pd.Series(Y)),
        (np.array(X, order="F"), tuple(Y)),
    ],
    ids=["numpy", "float32", "pandas", "by columns"],
)
def test_the_fingerprint_is_of_the_values(X: object, y: object) -> None:
    assert verify(certificate(), X, y)


@pytest.mark.parametrize(
    ("X", "y"),
    [
        ([[0.0, 0.0], [0.0, 1.0], [2.0, np.nextafter(0.5, 1)]], Y),
        (X[::-1], Y[::-1]),
        (X, ["a", "b", "b"]),
        ([[0.0, 0.0, 0.0], [1.0, 2.0, 0.5]], ["a", "b"]),
    ],
)
def test_other_data_are_refused(X: list[list[float]], y: list[str]) -> None:
    verdict = verify(certificate(), X, y)
    assert not verdict
    assert not verdict.same_data
    assert "other data than the certificate speaks about (their fingerprints differ)" in verdict.reason


def test_without_data_nothing_is_verified() -> None:
    with pytest.raises(CertificateError, match="No data"):
        verify(certificate())


def test_points_have_no_weights() -> None:
    for weights in ([1.0, 2.0, 1.0], [1.0, 1.0, 0.0]):
        data = Data(X, Y, weights)
        assert "nothing of weights" in verify(replace(certificate(), fingerprint=data.fingerprint), data).reason or (
            data.count < 3
        )
        assert not verify(certificate(), X, Y, weights).same_data


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"kind": "hyperplanes"}, "no kind"),
        ({"kind": "../rationals"}, "no kind"),
        ({"kind": 5}, "no kind"),
        ({"kind": ["hyperplane"]}, "no kind"),
        ({"numbers": 5}, "no numbers by name"),
        ({"numbers": NUMBERS | {"lambda": "1000"}}, "'lambda' is none of the numbers"),
        ({"statement": "All is well."}, "in words"),
        ({"fingerprint": "0" * 64}, "fingerprints"),
        ({"numbers": NUMBERS | {"gap": "0"}}, "in words"),
        ({"numbers": {}}, "missing"),
        ({"numbers": NUMBERS | {"normal": ["1"]}}, "no list of 2"),
        ({"numbers": NUMBERS | {"normal": "1"}}, "no list of 2"),
        ({"numbers": NUMBERS | {"offset": 1}}, "no number"),
        ({"numbers": NUMBERS | {"offset": "1e400"}}, "no number"),
        ({"numbers": NUMBERS | {"offset": "2"}}, "wrong side"),
    ],
)
def test_a_changed_certificate_is_refused(changed: dict[str, object], reason: str) -> None:
    verdict = verify(replace(certificate(), **changed), X, Y)
    assert not verdict
    assert verdict.same_data == ("fingerprint" not in changed)
    assert reason in verdict.reason


def test_a_certificate_of_format_1_is_refused_with_advice() -> None:
    with pytest.raises(CertificateError, match="has format 1, and this version of mathdl reads format 2; certify the"):
        Certificate.from_json(GOOD.replace('"mathdl certificate": 2', '"mathdl certificate": 1'))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        "3",
        '{"mathdl certificate": 2}',
        '{"mathdl certificate": NaN}',
        "[" * 100_000,
        GOOD.replace('"kind"', '"statement": "All is well.",\n "kind"'),
        GOOD.replace('"kind"', '"author": "me", "kind"'),
        GOOD.replace('"gap"', '"offset"'),
        json.dumps({"mathdl certificate": 2, "kind": "a", "statement": "b", "numbers": {}, "fingerprint": "c"}),
    ],
)
def test_what_is_no_certificate_is_said_to_be_none(text: str) -> None:
    with pytest.raises(CertificateError):
        Certificate.from_json(text)


@pytest.mark.parametrize(
    ("X", "y", "weights"),
    [
        ([[1.0], [np.nan]], None, None),
        ([[1.0], [np.inf]], None, None),
        ([["a"]], None, None),
        ([[10**400]], None, None),
        ([[2**53 + 1]], None, None),
        ([[1.0], [1.0, 2.0]], None, None),
        ([[1.0]], [], None),
        ([], None, None),
        ([[]], None, None),
        (np.zeros((0, 2)), None, None),
        (5, None, None),
        ([1.0, 2.0], None, None),
        ([[[1.0]]], None, None),
        ({"a": [1.0]}, None, None),
        (np.ma.masked_array([[1.0]], [[True]]), None, None),
        (X, "aab", None),
        (X, ["a", None, "b"], None),
        (X, [1.0, np.nan, 2.0], None),
        (X, np.array(["2020-01-01"] * 3, "datetime64[D]"), None),
        (X, Y, [1.0]),
        (X, Y, [1.0, -1.0, 1.0]),
        (X, Y, [0.0, 0.0, 0.0]),
        (X, Y, 0.0),
        (X, Y, "abc"),
        (X, Y, np.inf),
    ],
)
def test_data_that_are_none_are_other_data(X: object, y: object, weights: object) -> None:
    with pytest.raises(Refused):
        Data(X, y, weights)
    verdict = verify(certificate(), X, y, weights)
    assert (verdict.valid, verdict.same_data) == (False, False)
    assert verdict.reason.startswith("These are other data than the certificate speaks about: ")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (([[0], [1]], [True, False]), ([[0.0], [1.0]], [1.0, 0])),
        (([[-0.0], [1.0]], [0.0, 1.0]), ([[0.0], [1.0]], [-0.0, 1])),
        (([[0], [1]], [[1], [2]]), ([[0], [1]], np.array([1.0, 2.0]))),
        (([[0], [1], [2]], [1, 2, 3], [1, 0, 2]), ([[0], [2]], [1, 3], [1.0, 2.0])),
        (([[0], [1]], None, 3), ([[0], [1]], None, [3.0, 3.0])),
        (
            (pd.DataFrame({"a": [0, 1], "b": [True, False]}), pd.Series(list("xy"), dtype="category")),
            (SQUARE, ["x", "y"]),
        ),
        ((csr_array([[0.0, 2.0], [0.0, 0.0]]),), ([[0, 2], [0, 0]],)),
        ((np.array([[1, 2]], np.uint8).T, np.array([3, 4], np.int16)), ([(1,), (2,)], (3.0, 4.0))),
    ],
)
def test_equal_data_have_equal_fingerprints(first: tuple[object, ...], second: tuple[object, ...]) -> None:
    assert Data(*first).fingerprint == Data(*second).fingerprint


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (([[0], [1]], [1, 2]), ([[0], [1]], ["1", "2"])),
        (([[0], [1]], [1, 2]), ([[0], [1]], None)),
        (([[0], [1]], [1, 2], [1, 1]), ([[0], [1]], [1, 2])),
        (([[0], [1]], ["a, b", "c"]), ([[0], [1]], ["a", "b, c"])),
        (([[0, 1]],), ([[0], [1]],)),
    ],
)
def test_other_data_have_other_fingerprints(first: tuple[object, ...], second: tuple[object, ...]) -> None:
    assert Data(*first).fingerprint != Data(*second).fingerprint


@pytest.mark.parametrize("path", sorted(ROOM.rglob("*.py")), ids=lambda path: path.name)
def test_the_room_imports_the_standard_library_alone(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            assert name.split(".")[0] in sys.stdlib_module_names or name.startswith("mathdl.certificates"), name


def test_checking_loads_nothing_else() -> None:
    code = (
        "import sys, mathdl.certificates\nimport mathdl.certificates.checker as c\n"
        "[c.import_kind(k) for k in c.KINDS]\nprint([m for m in ('numpy', 'numba', 'scipy') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_in_plain_words_what_it_shows_and_what_not(kind: str) -> None:
    said = in_plain_words(Certificate(kind, "", {}, ""))
    assert said == f"{import_kind(kind).IN_PLAIN_WORDS} {said.partition('. ')[2]}"
    assert said.endswith("not of how well a model does on new data.")
    assert not set(import_kind(kind).IN_PLAIN_WORDS) & set("|^_=()")


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_fits_on_a_page(kind: str) -> None:
    assert len((ROOM / "kinds" / f"{kind}.py").read_text(encoding="utf-8").splitlines()) <= 60


def test_the_shared_arithmetic_is_short() -> None:
    shared = [(ROOM / f"{name}.py").read_text(encoding="utf-8") for name in ("rationals", "enclosures")]
    assert sum(len(text.splitlines()) for text in shared) <= 155


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (5, "A int is no certificate"),
        (None, "A NoneType is no certificate"),
        (b"certificate.json", "A bytes is no certificate"),
        ("a\0b", "a\\\\0b cannot be read"),
        ("x" * 100_000, "cannot be read"),
        ("\ud800", "cannot be read"),
        (GOOD, "This is a certificate's text"),
        (".", "cannot be read"),
    ],
    ids=repr,
)
def test_what_is_no_certificate_is_said_in_one_sentence(given: Any, problem: str) -> None:
    with pytest.raises(CertificateError, match=problem) as caught:
        verify(given, X, Y)
    assert len(str(caught.value)) < 500


def test_labels_beside_a_file_of_data_are_refused(tmp_path: Path) -> None:
    for X in (Data([[0.0]]), tmp_path / "data.npz"):
        with pytest.raises(CertificateError, match="holds y and the weights, too"):
            verify(certificate(), X, Y)


MODELS: list[tuple[Any, Any]] = [
    (mathdl.LinearRegression(), [0, 1, 3, 2]),
    (mathdl.LinearRegression(), [True, False, True, True]),
    (mathdl.LinearRegression(), [[0, 1], [1, 2], [3, 4], [5, 7]]),
    (mathdl.PolynomialRegression(2), np.array([0, 1, 3, 2], np.uint8)),
    (mathdl.HardMarginSVM(), [0, 0, 1, 1]),
    (mathdl.SoftMarginSVM(0.1), [0.0, 0.0, 1.0, 1.0]),
    (mathdl.SoftMarginSVM(0.1), ["n", "n", "y", "y"]),
    (mathdl.LogisticRegression(0.1), [False, False, True, True]),
    (mathdl.LogisticRegression(), ["n", "n", "y", "y"]),
    (mathdl.KMeans(2), None),
]


@pytest.mark.filterwarnings("ignore::mathdl.errors.ConvergenceWarning")
@pytest.mark.parametrize(("model", "y"), MODELS)
@pytest.mark.parametrize("weights", [None, [1, 1, 0, 2], 2.0], ids=["plain", "weights", "one weight"])
def test_what_fit_was_given_is_verified(model: Any, y: Any, weights: Any) -> None:
    X = [[0], [1], [4], [6]]
    tables = [(X, y), (np.array(X, np.int8), y if y is None else np.array(y))]
    tables.append((pd.DataFrame(X, columns=["a"]), y if y is None or np.ndim(y) == 2 else pd.Series(y)))
    tables.append((csr_array(np.array(X, float)), y))
    for given, labels in tables:
        certificate = model.fit(given, labels, sample_weight=weights).certify()
        for again, too in tables:
            verdict = verify(Certificate.from_json(certificate.to_json()), again, too, weights)
            assert verdict, verdict.reason
        assert not verify(certificate, [[0], [1], [4], [7]], labels, weights).same_data


@pytest.mark.parametrize("loss", [mathdl.LeastSquares, mathdl.Huber, mathdl.LogisticLoss])
def test_what_an_objective_was_given_is_verified(loss: Any) -> None:
    X, y, weights = [[1], [1], [5], [2]], [1, -1, 1, -1], [1, 2, 0, 1]
    guarantee = mathdl.gradient_descent(loss(X, y, sample_weight=weights), [0.0], steps=3).guarantee()
    assert verify(guarantee.certificate, X, y, weights)
