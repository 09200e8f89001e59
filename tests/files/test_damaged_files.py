"""A damaged file of any kind is an error in one sentence, or a model that answers."""

from __future__ import annotations

import copy
import json
import random
import traceback
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, StandardScaler

from mathdl import Checkpoint, Dense, LogisticRegression, Network, load, load_checkpoint, save
from mathdl.data import Preprocessing
from mathdl.data.frame import columns_of_frame
from mathdl.errors import FileError, InputError
from mathdl.models.registry import estimators
from mathdl.models.trained_model import TrainedModel

X = np.random.default_rng(0).normal(size=(30, 2))
TARGETS = {"classification": np.where(X[:, 0] > 0, "p", "q"), "regression": 3 * X[:, 1] + 1, "clustering": None}
VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    1,
    2,
    3,
    10**30,
    1.5,
    1e308,
    "",
    "x",
    "1/0",
    "float64",
    [],
    [1],
    {},
    {"a": 1},
    [[]],
]
FILES = 40  # of each kind
KINDS = [*estimators(), "Network", "TrainedModel", "Pipeline", "columns", "Checkpoint"]


@cache
def sound(kind: str) -> bytes:
    """A sound file of a kind."""
    path = Path(kind)
    if kind in estimators():
        made = estimators()[kind]
        options = {"epochs": 2, "hidden_layers": (3,)} if kind.startswith("Network") else {}
        model: Any = made(**options).fit(X, TARGETS[made.declaration.task])  # type: ignore[attr-defined]
    elif kind == "Network":
        model = Network([Dense(2, activation="relu"), Dense(1)], (2,))
    elif kind == "TrainedModel":
        days = np.datetime64("2024-01-01", "us") + np.arange(30) * np.timedelta64(1, "D")
        table = {"a": X[:, 0], "c": np.array(["u", "v"])[np.arange(30) % 2], "d": days, "e": np.zeros(30)}
        preprocessing = Preprocessing.fit(columns := columns_of_frame(table, "the table"))
        rows = preprocessing.transform(columns, "float64")
        model = TrainedModel(LogisticRegression(0.1).fit(rows, TARGETS["classification"]), preprocessing)
    elif kind == "Pipeline":
        model = make_pipeline(SimpleImputer(), StandardScaler(), PolynomialFeatures(2), LogisticRegression(0.1))
        model.fit(X, TARGETS["classification"])
    elif kind == "columns":
        parts = [("c", OneHotEncoder(handle_unknown="ignore"), [0]), ("s", StandardScaler(), [1])]
        model = make_pipeline(ColumnTransformer(parts), LogisticRegression(0.1)).fit(
            X.round(), TARGETS["classification"]
        )
    else:
        network = Network([Dense(1)], (2,))
        network.fit(X, TARGETS["regression"], loss="mean_square", epochs=2, callbacks=[Checkpoint(path)])
        return path.read_bytes()
    save(model, path)
    return path.read_bytes()


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every part of a record, as what it lies in and where."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in pairs:
        yield value, key
        yield from places(part)


def damaged(kind: str, drawn: random.Random) -> bytes:
    """A file in which bytes, a part of the record or an array were changed."""
    content = sound(kind)
    if drawn.random() < 0.3:
        changed = bytearray(content)
        for _ in range(drawn.choice((1, 1, 5))):
            changed[drawn.randrange(len(changed))] = drawn.randrange(256)
        return bytes(changed[: drawn.choice((len(changed), len(changed), drawn.randrange(len(changed))))])
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    metadata, arrays = header["__metadata__"], load_arrays(content)
    record = json.loads(metadata["record"])
    for _ in range(drawn.choice((1, 1, 3))):
        if arrays and drawn.random() < 0.3:
            name = drawn.choice(sorted(arrays))
            array = arrays[name]
            arrays[name] = drawn.choice(
                [array[:-1] if array.ndim else array[None], array[None], -array, array * np.nan, array.astype("int64")]
            )
            if drawn.random() < 0.2:
                del arrays[name]
            continue
        inside, key = drawn.choice(list(places(record)) or [(record, "x")])
        if drawn.random() < 0.2 and not isinstance(inside, list):
            inside.pop(key, None)
        else:
            inside[key] = copy.deepcopy(drawn.choice(VALUES))
    metadata["record"] = json.dumps(record)
    return save_arrays({name: np.array(array, order="C") for name, array in arrays.items()}, metadata)


def outcome(kind: str, path: Path) -> str:
    """Load a damaged file and have the model predict; return what was refused, "" for an answer.

    Errors other than the library's and scikit-learn's about the objects go through.
    """
    try:
        model = load_checkpoint(path) if kind == "Checkpoint" else load(path)
    except FileError as error:
        return str(error)
    try:
        if isinstance(model, Network):
            model(X)
        elif isinstance(model, TrainedModel):
            columns = {
                "a": X[:3, 0],
                "c": ["u", None, "w"],
                "d": np.array(["2024-01-05", "NaT", "2030-07-08"], "M8[us]"),
            }
            model.predict(X if model.preprocessing is None else columns)
        elif kind != "Checkpoint":
            model.predict(X)
    except InputError as error:
        return str(error)
    except ValueError as error:
        if "sklearn" not in Path(traceback.extract_tb(error.__traceback__)[-1].filename).parts:
            raise
    return ""


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_is_an_error_or_a_model_that_answers(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    drawn, path = random.Random(kind), tmp_path / "m.safetensors"
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for _ in range(FILES):
            path.write_bytes(damaged(kind, drawn))
            assert "\n" not in outcome(kind, path)
