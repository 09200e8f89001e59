"""A scikit-learn pipeline of standard preprocessing before an estimator, as a record and arrays, and back.

Scalers and PCA are given back what they learned. The others are fitted to one row that leads to what they learned:
what encoders and imputers keep for themselves differs between versions of scikit-learn.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
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

from mathdl.errors import FileError, InputError
from mathdl.files.estimators import (
    Sizes,
    checked_array,
    estimator_of_record,
    record_of_estimator,
    record_of_features,
    restore_features,
)
from mathdl.files.plain_values import from_plain, labels_of_record, record_of_labels, to_plain
from mathdl.models.registry import estimators

Array = NDArray[Any]
Arrays = dict[str, Array]
MAX_FEATURES = 2**22  # chosen: more are not made room for before something in the file shows that there are so many

# What is learned and given back, with its codec and shape as in mathdl.files.estimators; all may be None.
LEARNED: dict[type, dict[str, tuple[str, str]]] = {
    StandardScaler: {"mean_": ("", "p"), "var_": ("", "p"), "scale_": ("", "p")},
    MinMaxScaler: dict.fromkeys(("scale_", "min_", "data_min_", "data_max_", "data_range_"), ("", "p")),
    MaxAbsScaler: {"scale_": ("", "p"), "max_abs_": ("", "p")},
    RobustScaler: {"center_": ("", "p"), "scale_": ("", "p")},
    PCA: {
        "components_": ("", "k p"),
        "mean_": ("", "p"),
        "explained_variance_": ("unbounded", "k"),
        "explained_variance_ratio_": ("unbounded", "k"),
        "singular_values_": ("unbounded", "k"),
        "noise_variance_": ("unbounded", ""),
        "n_components_": ("whole", ""),
        "n_samples_": ("whole", ""),
    },
}
FITTED_AGAIN = (SimpleImputer, OneHotEncoder, OrdinalEncoder, PolynomialFeatures, FunctionTransformer)
TRANSFORMERS = {kind.__name__: kind for kind in (*LEARNED, *FITTED_AGAIN)}
OF_THE_MACHINE = ("n_jobs", "copy", "memory", "verbose")  # parameters that are no part of a model


def record_of_pipeline(pipeline: Pipeline) -> tuple[dict[str, Any], Arrays]:
    """Return a fitted pipeline as a record that JSON can hold, and arrays; InputError where a file cannot hold it."""
    record, arrays = _record_of_step(pipeline)
    try:
        pipeline_of_record(record, arrays)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"The pipeline cannot be saved, since it would not come back from the file: {error}"
        ) from error
    return record, arrays


def pipeline_of_record(record: dict[str, Any], arrays: Arrays) -> Pipeline:
    """Make a fitted pipeline again; raise InputError, or an error of a damaged record, where it is not sound."""
    pipeline = _step_of_record(record, arrays)
    if not isinstance(pipeline, Pipeline):
        raise FileError("its pipeline is none")
    with np.errstate(all="ignore"):
        prepared = pipeline[:-1].transform(_example(pipeline)) if len(pipeline) > 1 else _example(pipeline)
    if np.shape(prepared)[1:] != (pipeline[-1].n_features_in_,):
        raise FileError("its steps do not fit each other")
    return pipeline


def _record_of_step(step: Any) -> tuple[dict[str, Any], Arrays]:
    """Return one step as a record and arrays."""
    kind = type(step).__name__
    if isinstance(step, str) or step is None:
        return {"kind": "word", "word": step}, {}
    if type(step) is Pipeline:
        return _record_of_parts("Pipeline", [(name, inner, None) for name, inner in step.steps])
    if type(step) is estimators().get(kind):
        record, arrays = record_of_estimator(step)
        return {"kind": kind, "estimator": record}, arrays
    if type(step) is not TRANSFORMERS.get(kind) and type(step) is not ColumnTransformer:
        known = ", ".join([*TRANSFORMERS, "ColumnTransformer", *estimators()])
        raise InputError(f"A pipeline with a {kind} cannot be saved; its steps may be {known}.")
    if not hasattr(step, "n_features_in_"):
        raise InputError(f"This {kind} is not fitted; call the pipeline's fit before saving it.")
    if type(step) is ColumnTransformer:
        record, arrays = _record_of_parts(kind, step.transformers_)
        record |= {"params": _params(step, without=("transformers", "remainder")), "sparse": bool(step.sparse_output_)}
        record["remainder"] = step.remainder if isinstance(step.remainder, str) else None
    else:
        record, arrays = {"kind": kind, "params": _params(step)}, dict[str, Array]()
        if type(step) in LEARNED:
            arrays = {name: np.asarray(v) for name in LEARNED[type(step)] if (v := getattr(step, name)) is not None}
            record["by_columns"] = [name for name, array in arrays.items() if not array.flags.c_contiguous]
            record["seen"] = np.asarray(getattr(step, "n_samples_seen_", 0)).tolist()
        elif isinstance(step, OneHotEncoder | OrdinalEncoder):
            record["categories"] = [record_of_labels(column, ordered=False) for column in step.categories_]
        elif isinstance(step, SimpleImputer):
            if step.indicator_ is not None:
                raise InputError("A SimpleImputer with add_indicator=True cannot be saved; fit it without.")
            record["statistics"] = [to_plain("statistics_", value) for value in step.statistics_.tolist()]
            record["of_numbers"] = step.statistics_.dtype.kind == "f"
    record |= record_of_features(step)
    if "transform" in (output := getattr(step, "_sklearn_output_config", {})):
        record["output"] = output["transform"]
    return record, arrays


def _record_of_parts(kind: str, parts: Any) -> tuple[dict[str, Any], Arrays]:
    """Return named steps, each for some columns or for all, as one record; the arrays' names begin with a number."""
    records: list[Any] = []
    arrays: Arrays = {}
    for number, (name, step, columns) in enumerate(parts):
        record, more = _record_of_step(step)
        plain = columns.tolist() if isinstance(columns, np.ndarray | pd.Index) else columns
        records.append([name, record, to_plain(f"The columns of {name}", plain)])
        arrays |= {f"{number}.{key}": array for key, array in more.items()}
    return {"kind": kind, "parts": records}, arrays


def _params(step: Any, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the parameters of a step as JSON can hold them."""
    params = {}
    for name, value in step.get_params(deep=False).items():
        if name in ("min_frequency", "max_categories") and value is not None:
            raise InputError(f"A {type(step).__name__} with {name} cannot be saved; fit it without.")
        if name == "dtype" and value is not None:
            params[name] = {"dtype": np.dtype(value).name}
        elif name not in (*without, *OF_THE_MACHINE):
            params[name] = to_plain(f"{type(step).__name__}'s {name}", value)
    return params


def _step_of_record(record: dict[str, Any], arrays: Arrays) -> Any:
    """Make one step again."""
    kind = record["kind"]
    if kind == "word":
        if record["word"] not in ("passthrough", "drop", None):
            raise FileError(f"a step is {record['word']!r}")
        return record["word"]
    if kind in estimators():
        return estimator_of_record(kind, record["estimator"], arrays)
    if kind == "Pipeline":
        return Pipeline([(name, step) for name, step, _ in _parts_of_record(record, arrays)])
    params = {
        name: np.dtype(plain["dtype"]).type if name == "dtype" and plain is not None else from_plain(plain)
        for name, plain in record["params"].items()
    }
    features = record["n_features_in"]
    if type(features) is not int or not 1 <= features <= MAX_FEATURES:
        raise FileError(f"the number of features of a step is {features!r}")
    if kind == "ColumnTransformer":
        step = _columns_of_record(record, arrays, params)
    else:
        step = TRANSFORMERS[kind](**params)
        if type(step) in LEARNED:
            _give_back(step, record, arrays)
        elif isinstance(step, OneHotEncoder | OrdinalEncoder):
            _fit_encoder(step, record)
        elif isinstance(step, SimpleImputer):
            _fit_imputer(step, record)
        else:
            step.fit(np.zeros((1, features)))
    restore_features(step, record)
    if "output" in record:
        step.set_output(transform=record["output"])
    return step


def _parts_of_record(record: dict[str, Any], arrays: Arrays) -> list[tuple[str, Any, Any]]:
    """Make named steps again."""
    parts = []
    for number, (name, inner, columns) in enumerate(record["parts"]):
        start = f"{number}."
        own = {key.removeprefix(start): array for key, array in arrays.items() if key.startswith(start)}
        parts.append((name, _step_of_record(inner, own), from_plain(columns)))
    return parts


def _give_back(step: Any, record: dict[str, Any], arrays: Arrays) -> None:
    """Set what a scaler or PCA had learned."""
    sizes = Sizes(record["n_features_in"])
    for name, (codec, letters) in LEARNED[type(step)].items():
        value = None
        if name in arrays:
            value = checked_array(name, arrays, codec, letters.split(), sizes)
            value = np.asfortranarray(value) if name in record["by_columns"] else value
        setattr(step, name, value if value is None or value.ndim else value.item())
    needs = {"mean_": "with_mean", "scale_": "with_std", "center_": "with_centering"}
    if isinstance(step, RobustScaler):
        needs["scale_"] = "with_scaling"
    for name in LEARNED[type(step)]:
        needed = getattr(step, needs.get(name, ""), name != "var_")
        if needed and getattr(step, name) is None:
            raise FileError(f"it lacks {name} of a {type(step).__name__}")
    if isinstance(step, PCA):
        if step.n_components_ != len(step.components_):
            raise FileError(f"a PCA has {len(step.components_)} components instead of {step.n_components_}")
    elif not isinstance(step, RobustScaler):
        seen = record["seen"]
        step.n_samples_seen_ = np.array(seen) if isinstance(seen, list) else seen


def _fit_encoder(step: Any, record: dict[str, Any]) -> None:
    """Fit an encoder to the first category of each column, where all categories are given."""
    categories = [labels_of_record(column, ordered=False) for column in record["categories"]]
    if len(categories) != record["n_features_in"]:
        raise FileError(f"an encoder has the categories of {len(categories)} columns")
    given = step.categories
    step.categories = [column.tolist() for column in categories]
    step.fit(np.array([[column[0] for column in step.categories]], dtype=object))
    step.categories, step.categories_ = given, categories


def _fit_imputer(step: SimpleImputer, record: dict[str, Any]) -> None:
    """Fit an imputer to one row, of what it puts in the place of missing values."""
    values = [from_plain(value) for value in record["statistics"]]
    if len(values) != record["n_features_in"]:
        raise FileError(f"an imputer has the values of {len(values)} columns")
    statistics = np.array(values, dtype=np.float64 if record["of_numbers"] else object)
    step.fit(statistics[None])
    step.statistics_ = statistics


def _columns_of_record(record: dict[str, Any], arrays: Arrays, params: dict[str, Any]) -> ColumnTransformer:
    """Fit a ColumnTransformer to one row, with steps that are fitted already and stay what they are."""
    parts = _parts_of_record(record, arrays)
    frozen = {name: step if isinstance(step, str) else FrozenEstimator(step) for name, step, _ in parts}
    rest = record["remainder"] if record["remainder"] in ("drop", "passthrough") else "drop"
    step = ColumnTransformer(
        [(name, frozen[name], columns) for name, _, columns in parts if name != "remainder"],
        remainder=frozen.get("remainder", rest),
        **params,
    )
    names = record.get("feature_names_in")
    step.fit(_row(_values_of_parts(parts, record["n_features_in"], names), names))
    fitted = {name: inner for name, inner, _ in parts}
    step.transformers = [part for part in parts if part[0] != "remainder"]
    step.remainder = rest if record["remainder"] is not None else fitted.get("remainder", rest)
    step.transformers_ = [(name, fitted.get(name, inner), columns) for name, inner, columns in step.transformers_]
    step.sparse_output_ = bool(record["sparse"])
    return step


def _example(pipeline: Pipeline) -> Any:
    """Return one row that a fitted pipeline takes."""
    return _row(_example_values(pipeline), getattr(_first(pipeline), "feature_names_in_", None))


def _first(pipeline: Pipeline) -> Any:
    """Return the first step that does something."""
    for _, step in pipeline.steps:
        if step not in ("passthrough", None):
            return step
    raise FileError("a pipeline has no steps")


def _row(values: list[Any], names: Any) -> Any:
    """Return values as a row of a table, or of an array where there are no names."""
    if names is not None:
        return pd.DataFrame({name: [value] for name, value in zip(names, values, strict=True)})
    numbers = all(isinstance(value, float) for value in values)
    return np.array([values], dtype=np.float64 if numbers else object)


def _example_values(step: Any) -> list[Any]:
    """Return values for the columns of a fitted step: 0, or what an encoder or an imputer knows."""
    if isinstance(step, Pipeline):
        return _example_values(_first(step))
    if isinstance(step, OneHotEncoder | OrdinalEncoder):
        return [column.tolist()[0] for column in step.categories_]
    if isinstance(step, SimpleImputer):
        return [0.0 if value != value else value for value in step.statistics_.tolist()]
    if isinstance(step, ColumnTransformer):
        return _values_of_parts(step.transformers_, step.n_features_in_, getattr(step, "feature_names_in_", None))
    return [0.0] * step.n_features_in_


def _values_of_parts(parts: Any, features: int, names: Any) -> list[Any]:
    """Return values for all columns, where steps have some each."""
    values: list[Any] = [0.0] * features
    for _, step, columns in parts:
        if isinstance(step, str):
            continue
        chosen = columns if isinstance(columns, list) else [columns]
        if chosen and all(isinstance(column, bool) for column in chosen):
            chosen = [place for place, wanted in enumerate(chosen) if wanted]
        places = [list(names).index(column) if isinstance(column, str) else column for column in chosen]
        for place, value in zip(places, _example_values(step), strict=True):
            values[place] = value
    return values
