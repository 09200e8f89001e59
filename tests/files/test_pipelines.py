"""A pipeline of standard preprocessing comes back from a file with the same bits, without a pickle."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import issparse
from sklearn.base import clone
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)

from files.edited import edit
from mathdl import KMeans, LogisticRegression, NetworkClassifier, SoftMarginSVM, load, save
from mathdl.errors import FileError, InputError

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 3))
Y = np.where(X[:, 0] + X[:, 1] > 0, "p", "q")
HOLES = X.copy()
HOLES[[3, 7, 50], [1, 2, 1]] = np.nan
TABLE = pd.DataFrame(
    {"a": HOLES[:, 1], "c": ["x", "y", "z"] * 20, "b": X[:, 0], "n": [1, 2] * 30, "t": [True, False] * 30}
)
LINE = LogisticRegression(0.1)


def columns(**options: Any) -> ColumnTransformer:
    """Numbers with holes scaled, texts and whole numbers encoded."""
    parts = [
        ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), make_column_selector(dtype_include="float")),
        ("text", make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(drop="first")), ["c"]),
        ("codes", OrdinalEncoder(categories=[[1, 2]]), ["n"]),
    ]
    return ColumnTransformer(parts, **options)


PIPELINES: dict[str, tuple[Callable[[], Any], Any]] = {
    **{
        f"scaled, {number}": (lambda step=step: make_pipeline(clone(step), clone(LINE)), X)
        for number, step in enumerate(
            (
                *(StandardScaler(), StandardScaler(with_mean=False), StandardScaler(with_std=False)),
                *(MinMaxScaler(feature_range=(-1, 1), clip=True), MaxAbsScaler(), RobustScaler()),
                *(RobustScaler(with_centering=False), PCA(2), PCA(2, whiten=True, random_state=0)),
                *(PolynomialFeatures(3, interaction_only=True), PolynomialFeatures(2, include_bias=False)),
                FunctionTransformer(feature_names_out="one-to-one"),
            )
        )
    },
    **{
        f"imputed, {strategy}": (
            lambda strategy=strategy: make_pipeline(
                SimpleImputer(strategy=strategy), StandardScaler(), SoftMarginSVM()
            ),
            HOLES,
        )
        for strategy in ("mean", "median", "most_frequent", "constant")
    },
    "a scaler of holes": (lambda: make_pipeline(StandardScaler(), SimpleImputer(), clone(LINE)), HOLES),
    "columns": (lambda: make_pipeline(columns(), clone(LINE)), TABLE),
    "columns and the rest": (
        lambda: make_pipeline(columns(remainder=OneHotEncoder(handle_unknown="ignore")), clone(LINE)),
        TABLE,
    ),
    "columns and the rest as they are": (
        lambda: make_pipeline(columns(remainder="passthrough"), NetworkClassifier((3,), epochs=2, random_state=0)),
        TABLE,
    ),
    "columns by place": (
        lambda: make_pipeline(
            ColumnTransformer([("c", OneHotEncoder(), [0]), ("n", "passthrough", [1]), ("t", "drop", [2])]), clone(LINE)
        ),
        TABLE[["c", "n", "t"]].to_numpy(),
    ),
    "a table between": (
        lambda: make_pipeline(
            ColumnTransformer(
                [
                    ("c", OrdinalEncoder(categories=[["z", "x", "y"]]), ["c"]),
                    ("s", StandardScaler(), [True, False, True]),
                ]
            ),
            clone(LINE),
        ).set_output(transform="pandas"),
        pd.DataFrame({"d": X[:, 0], "c": TABLE["c"], "e": X[:, 1]}),
    ),
    "encoded": (
        lambda: make_pipeline(OneHotEncoder(min_frequency=None, sparse_output=False), clone(LINE)),
        TABLE[["c", "n"]],
    ),
    "nested": (
        lambda: Pipeline(
            [("first", make_pipeline("passthrough", StandardScaler())), ("last", KMeans(3, random_state=0))]
        ),
        X,
    ),
    "alone": (lambda: make_pipeline(clone(LINE)), X),
}


def dense(values: Any) -> Any:
    return values.toarray() if issparse(values) else values


def bits(values: Any) -> Any:
    values = dense(values)
    array = np.asarray(values)
    return type(values), array.dtype, array.shape, array.tolist() if array.dtype == object else array.tobytes()


@pytest.mark.parametrize("name", PIPELINES)
def test_a_pipeline_comes_back_with_the_same_bits(tmp_path: Path, name: str) -> None:
    make, data = PIPELINES[name]
    pipeline = make().fit(data, Y)
    save(pipeline, tmp_path / "m.safetensors")
    found = load(tmp_path / "m.safetensors")
    assert isinstance(found, Pipeline)
    assert list(found.named_steps) == list(pipeline.named_steps)
    assert bits(found.predict(data)) == bits(pipeline.predict(data))
    if len(pipeline) > 1:
        assert bits(found[:-1].transform(data[:7])) == bits(pipeline[:-1].transform(data[:7]))
        if "nested" not in name:
            names = [list(one[:-1].get_feature_names_out()) for one in (found, pipeline)]
            assert names[0] == names[1]
    # What came back can be fitted again.
    assert bits(clone(found).fit(data, Y).predict(data)) == bits(pipeline.predict(data))


def test_an_unknown_category_is_met_as_before(tmp_path: Path) -> None:
    strange = TABLE.assign(c="w")
    for handle in ("error", "ignore"):
        pipeline = make_pipeline(ColumnTransformer([("c", OneHotEncoder(handle_unknown=handle), ["c"])]), clone(LINE))
        save(pipeline.fit(TABLE, Y), tmp_path / "m.safetensors")
        found = load(tmp_path / "m.safetensors")
        if handle == "ignore":
            assert bits(found.predict(strange)) == bits(pipeline.predict(strange))
        else:
            with pytest.raises(ValueError, match="unknown categories"):
                found.predict(strange)
    with pytest.raises(ValueError, match="columns are missing"):
        found.predict(strange.drop(columns="c"))


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ((StandardScaler(), Ridge()), "A pipeline with a Ridge cannot be saved; its steps may be StandardScaler, "),
        ((SelectKBest(k=2), LINE), "A pipeline with a SelectKBest cannot be saved"),
        ((FunctionTransformer(np.abs), LINE), "FunctionTransformer's func is .* which a file cannot hold"),
        ((OneHotEncoder(max_categories=2, handle_unknown="ignore"), LINE), "OneHotEncoder with max_categories"),
        ((SimpleImputer(add_indicator=True), LINE), "add_indicator=True cannot be saved"),
    ],
)
def test_what_no_file_can_hold_is_refused(tmp_path: Path, steps: Any, message: str) -> None:
    data = HOLES if isinstance(steps[0], SimpleImputer) else X
    target = X[:, 0] if isinstance(steps[1], Ridge) else Y
    with pytest.raises(InputError, match=message):
        save(make_pipeline(*map(clone, steps)).fit(data, target), tmp_path / "m.safetensors")
    assert os.listdir(tmp_path) == []


def test_a_pipeline_must_be_fitted(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="This StandardScaler is not fitted; call the pipeline's fit"):
        save(make_pipeline(StandardScaler(), clone(LINE)), tmp_path / "m.safetensors")


def part(record: dict[str, Any], *path: int) -> dict[str, Any]:
    record = record["pipeline"]
    for number in path:
        record = record["parts"][number][1]
    return record


CHANGES: dict[str, tuple[str, Callable[..., Any], str]] = {
    "an unknown step": ("scaled, 0", lambda r, a: part(r, 0).update(kind="Pickle"), "Pickle"),
    "a word": ("scaled, 0", lambda r, a: part(r, 0).update(kind="word", word="eval"), "a step is 'eval'"),
    "no mean": ("scaled, 0", lambda r, a: a.pop("0.mean_"), "it lacks mean_ of a StandardScaler"),
    "no scale": ("scaled, 3", lambda r, a: a.pop("0.scale_"), "it lacks scale_ of a MinMaxScaler"),
    "a mean too many": ("scaled, 0", lambda r, a: a.update({"0.mean_": np.zeros(4)}), "mean_ has shape"),
    "a scale that is not finite": ("scaled, 0", lambda r, a: a["0.scale_"].fill(np.nan), "scale_ is not finite"),
    "whole numbers": ("scaled, 0", lambda r, a: a.update({"0.mean_": np.zeros(3, np.int64)}), "type int64"),
    "a component too few": (
        "scaled, 7",
        lambda r, a: a.update({"0.n_components_": np.array(1)}),
        "2 components instead",
    ),
    "other features": ("scaled, 11", lambda r, a: part(r, 0).update(n_features_in=4), "do not fit"),
    "billions of features": ("scaled, 11", lambda r, a: part(r, 0).update(n_features_in=10**9), "number of features"),
    "an unknown parameter": ("scaled, 0", lambda r, a: part(r, 0)["params"].update(spell=1), "spell"),
    "categories of text": ("encoded", lambda r, a: part(r, 0)["categories"][0].update(values="xyz"), "a list"),
    "a category twice": (
        "encoded",
        lambda r, a: part(r, 0)["categories"][0].update(values=["x", "x"]),
        "not different",
    ),
    "categories of one column": ("encoded", lambda r, a: part(r, 0)["categories"].pop(), "categories of 1 columns"),
    "a category too few": ("encoded", lambda r, a: part(r, 0)["categories"][0]["values"].pop(), "do not fit"),
    "a value too few": ("imputed, mean", lambda r, a: part(r, 0)["statistics"].pop(), "values of 2 columns"),
    "a column that is not there": (
        "columns by place",
        lambda r, a: part(r, 0)["parts"][0].__setitem__(2, [9]),
        "damaged",
    ),
    "columns of nothing": ("columns by place", lambda r, a: part(r, 0).update(parts=[]), "damaged"),
    "no steps": ("alone", lambda r, a: r["pipeline"].update(parts=[]), "a pipeline has no steps"),
    "no pipeline": ("scaled, 11", lambda r, a: r.update(pipeline=part(r, 0)), "its pipeline is none"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_damaged_pipeline_is_an_error(tmp_path: Path, name: str) -> None:
    which, change, message = CHANGES[name]
    make, data = PIPELINES[which]
    path = tmp_path / "m.safetensors"
    save(make().fit(data, Y), path)
    edit(path, lambda record, arrays, _: change(record, arrays))
    with pytest.raises(FileError, match=message) as error:
        load(path)
    assert str(error.value).startswith(f"{path} is damaged: ")
    assert "\n" not in str(error.value)


def test_a_scaler_of_columns_without_values_comes_back(tmp_path: Path) -> None:
    empty = np.column_stack([X, np.full(60, np.nan)])
    pipeline = make_pipeline(SimpleImputer(keep_empty_features=True), clone(LINE)).fit(empty, Y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        save(pipeline, tmp_path / "m.safetensors")
        found = load(tmp_path / "m.safetensors")
    assert bits(found.predict(empty)) == bits(pipeline.predict(empty))
