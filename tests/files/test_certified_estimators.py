"""Estimators with certificates come back from a file with the same bits, and without a claim that nobody can check."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open

from files.edited import edit
from mathdl import (
    HardMarginSVM,
    KMeans,
    LinearRegression,
    LogisticRegression,
    PolynomialRegression,
    SoftMarginSVM,
    load,
    save,
)
from mathdl.errors import FileError, InputError, NotCertifiedError
from mathdl.models.registry import estimators

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 3))
Y = X @ [1.0, -2.0, 0.5] + RANDOM.normal(size=60)
TWO = np.where(X[:, 0] > 0, "yes", "no")
THREE = np.array([10, 20, 30])[np.arange(60) % 3]
NEW = RANDOM.normal(size=(200, 3))

FITTED: dict[str, Callable[[], Any]] = {
    "linear": lambda: LinearRegression().fit(X, Y),
    "linear, several targets": lambda: LinearRegression().fit(X, np.stack([Y, Y**2, -Y], axis=1)),
    "linear, exact": lambda: LinearRegression(exact=True).fit(X, Y),
    "linear, exact, one target in a column": lambda: LinearRegression(exact=True).fit(X, Y[:, None]),
    "linear, float32 of pandas": lambda: LinearRegression().fit(pd.DataFrame(X.astype("f4"), columns=list("abc")), Y),
    "linear, minimum norm": lambda: LinearRegression().fit(X[:, [0, 0, 1]], Y),
    "polynomial": lambda: PolynomialRegression(degree=3).fit(X, Y),
    "polynomial of degree 0": lambda: PolynomialRegression(degree=0).fit(X, Y),
    "polynomial, several targets, exact": lambda: PolynomialRegression(2, exact=True).fit(X, np.stack([Y, -Y], axis=1)),
    "logistic": lambda: LogisticRegression(0.01).fit(X, THREE > 10),
    "logistic, three classes": lambda: LogisticRegression(regularization=0.01).fit(X, THREE),
    "logistic, no minimiser": lambda: _quietly(LogisticRegression(), TWO),
    "hard margin": lambda: HardMarginSVM().fit(X, TWO),
    "soft margin": lambda: SoftMarginSVM(0.1).fit(X, np.where(Y > 0, 1, -1)),
    "soft margin, limit": lambda: _quietly(SoftMarginSVM(0.0001, max_iter=1), THREE > 10),
    "k-means": lambda: KMeans(4, random_state=0).fit(X),
    "k-means, float32": lambda: KMeans(3, random_state=0).fit(X.astype("f4")),
    "k-means, one feature": lambda: KMeans(3, threads=1).fit(X[:, :1]),
}  # fmt: skip


def _quietly(model: Any, y: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(X, y)


def there_and_back(model: Any, folder: Path) -> Any:
    save(model, folder / "m.safetensors")
    assert os.listdir(folder) == ["m.safetensors"]
    return load(folder / "m.safetensors")


def same(a: Any, b: Any) -> bool:
    """Equal in value, type, shape and, where they are floats, in every bit."""
    if isinstance(a, np.ndarray) and a.dtype != object:
        layout = a.flags.c_contiguous == b.flags.c_contiguous
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes() and layout
    if isinstance(a, np.ndarray):
        return a.shape == b.shape and a.tolist() == b.tolist()
    if isinstance(a, np.generic):
        return bool(a.item() == b)
    return bool(a == b)


@pytest.mark.parametrize("name", FITTED)
def test_a_model_comes_back_as_it_was(tmp_path: Path, name: str) -> None:
    model = FITTED[name]()
    found = there_and_back(model, tmp_path)
    assert type(found) is type(model)
    assert found.get_params() == model.get_params()
    public = [attribute for attribute in vars(model) if attribute.endswith("_") and attribute != "basis_"]
    assert {attribute for attribute in vars(found) if attribute.endswith("_")} - {"basis_"} == set(public)
    for attribute in public:
        assert same(getattr(model, attribute), getattr(found, attribute)), attribute
    new = NEW[:, : model.n_features_in_]
    if hasattr(model, "feature_names_in_"):
        new = pd.DataFrame(new, columns=list("abc"))
    for method in ("predict", "predict_proba", "decision_function", "transform", "predict_three_way"):
        if hasattr(model, method):
            assert same(getattr(model, method)(new), getattr(found, method)(new)), method


def test_every_class_is_tried() -> None:
    certify = {name for name, kind in estimators().items() if kind.declaration.certifies}
    assert {type(make()).__name__ for make in FITTED.values()} == certify


@pytest.mark.parametrize("name", FITTED)
def test_the_training_data_and_the_certificate_stay_outside(tmp_path: Path, name: str) -> None:
    model = FITTED[name]()
    if model.status_ == "converged" and model.n_features_in_ * hasattr(model, "cluster_centers_") < 2:
        model.certify()
        assert model.status_ == "certified"
    found = there_and_back(model, tmp_path)
    assert found.status_ == ("converged" if model.status_ == "certified" else model.status_)
    assert not hasattr(found, "certificate_")
    with safe_open(tmp_path / "m.safetensors", "numpy") as file:
        assert "certified" not in file.metadata()["record"]
        arrays = [file.get_tensor(key) for key in file.keys()]  # noqa: SIM118
    assert not any(np.isin(array, X[:, 0]).any() for array in arrays if array.dtype.kind == "f")
    with pytest.raises(NotCertifiedError, match=r"not hold its training data, since it came from a file|one feature"):
        found.certify()


def test_fractions_are_texts(tmp_path: Path) -> None:
    model = LinearRegression(exact=True).fit([[0.0], [1.0], [3.0]], [0.1, 2.0, 5.0])
    found = there_and_back(model, tmp_path)
    with safe_open(tmp_path / "m.safetensors", "numpy") as file:
        record = json.loads(file.metadata()["record"])["estimator"]["learned"]
    assert all(isinstance(text, str) for text in [*record["exact_coef_"], record["exact_intercept_"]])
    assert found.exact_coef_.tolist() == model.exact_coef_.tolist()
    assert isinstance(found.exact_intercept_, Fraction)
    strip = there_and_back(FITTED["hard margin"](), tmp_path).exact_solution_
    assert all(type(value) is Fraction for value in (*strip.normal, strip.offset, *strip.multipliers.values()))


def test_what_is_not_fitted_is_not_saved(tmp_path: Path) -> None:
    for kind in (LinearRegression, PolynomialRegression, LogisticRegression, HardMarginSVM, SoftMarginSVM, KMeans):
        with pytest.raises(InputError, match="is not fitted; call fit"):
            save(kind(), tmp_path / "m.safetensors")
    with pytest.raises(InputError, match=r"random_state is .* which a file cannot hold"):
        save(KMeans(2, random_state=np.random.RandomState(0)).fit(X), tmp_path / "m.safetensors")
    assert os.listdir(tmp_path) == []


DAMAGES: dict[str, tuple[str, Callable[..., Any], str]] = {
    "a coefficient too few": ("linear", lambda r, a: a.update(coef_=a["coef_"][:-1]), "coef_ has shape"),
    "an intercept too many": ("linear", lambda r, a: a.update(intercept_=np.zeros(2)), "intercept_ has shape"),
    "a NaN": ("linear", lambda r, a: a["coef_"].__setitem__(0, np.nan), "coef_ is not finite"),
    "whole numbers": ("linear", lambda r, a: a.update(coef_=np.ones(3, np.int64)), "coef_ is of the type int64"),
    "no coefficients": ("linear", lambda r, a: a.pop("coef_"), "it lacks coef_"),
    "certified by a file": (
        "linear",
        lambda r, a: r["learned"].update(status_="certified"),
        "its status is 'certified'",
    ),
    "no features": ("linear", lambda r, a: r.update(n_features_in=0), "number of features is 0"),
    "features of text": ("linear", lambda r, a: r.update(n_features_in="3"), "number of features is '3'"),
    "an unknown parameter": ("linear", lambda r, a: r["params"].update(spell=1), "spell"),
    "a fraction that is none": (
        "linear, exact",
        lambda r, a: r["learned"].update(exact_intercept_="1/0"),
        "'1/0' is no number",
    ),
    "a fraction too many": ("linear, exact", lambda r, a: r["learned"]["exact_coef_"].append("1"), "not of shape"),
    "a gigantic exponent": (
        "linear, exact",
        lambda r, a: r["learned"].update(exact_intercept_="1e999999999"),
        "is no number",
    ),
    "another degree": ("polynomial", lambda r, a: r["learned"].update(basis_=4), "degree 4 does not go with"),
    "a gigantic degree": ("polynomial", lambda r, a: r["learned"].update(basis_=10**9), "does not go with"),
    "a scale of zero": ("polynomial", lambda r, a: a["basis_.scales"].__setitem__(0, 0), "scale of its basis"),
    "an infinite term": ("polynomial", lambda r, a: a["basis_coef_"].__setitem__(0, np.inf), "basis_coef_ is not"),
    "a class too few": ("logistic", lambda r, a: r["learned"]["classes_"]["values"].pop(), "fewer than two"),
    "a class twice": (
        "logistic",
        lambda r, a: r["learned"]["classes_"].update(values=[True, True]),
        "are not different",
    ),
    "a gigantic label": ("hard margin", lambda r, a: r["learned"]["classes_"].update(dtype="<U9999999"), "of the type"),
    "three classes": (
        "hard margin",
        lambda r, a: r["learned"]["classes_"].update(values=["a", "b", "c"]),
        "not all of|not different|not two",
    ),
    "no classes": ("soft margin", lambda r, a: r["learned"].pop("classes_"), "it lacks classes_"),
    "no status": ("k-means", lambda r, a: r["learned"].pop("status_"), "it lacks status_"),
    "no shape of its own": ("soft margin", lambda r, a: a.update(coef_=np.ones(3)), "coef_ has shape"),
    "threads of text": ("k-means", lambda r, a: r["params"].update(threads="all"), "threads is 'all'"),
    "a row too many": ("logistic, three classes", lambda r, a: a.update(coef_=np.ones((4, 3))), "does not go with"),
    "an empty interval": ("soft margin", lambda r, a: a.update(intercept_interval_=np.zeros(1)), "interval_ has shape"),
    "a support of text": (
        "hard margin",
        lambda r, a: r["learned"]["exact_solution_"].update(support=["1"]),
        "no list of whole",
    ),
    "a normal too long": (
        "hard margin",
        lambda r, a: r["learned"]["exact_solution_"]["normal"].append("1"),
        "not of shape",
    ),
    "an infinite centre": ("k-means", lambda r, a: a["cluster_centers_"].fill(np.inf), "cluster_centers_ is not"),
    "labels in a matrix": ("k-means", lambda r, a: a.update(labels_=a["labels_"][None]), "labels_ has shape"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_file_is_an_error(tmp_path: Path, name: str) -> None:
    which, change, message = DAMAGES[name]
    path = tmp_path / "m.safetensors"
    save(FITTED[which](), path)
    edit(path, lambda record, arrays, _: change(record["estimator"], arrays))
    with pytest.raises(FileError, match=message) as error:
        load(path)
    assert str(error.value).startswith(f"{path} is damaged: ")
    assert "\n" not in str(error.value)


CONTENTS: dict[str, bytes] = {}


@given(which=st.sampled_from(["linear, exact", "polynomial", "hard margin", "k-means"]), data=st.data())
def test_a_flipped_byte_gives_a_model_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, which: str, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("flip") / "m.safetensors"
    if which not in CONTENTS:
        save(FITTED[which](), path)
        CONTENTS[which] = path.read_bytes()
    content = bytearray(CONTENTS[which])
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        model = load(path)
    except FileError:
        return
    assert model.status_ != "certified"
