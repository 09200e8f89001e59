"""Which kind of learning labels call for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mathdl import learning_mode
from mathdl.errors import InputError

MISSING = [None, float("nan"), np.nan, np.float32("nan"), pd.NA, pd.NaT, np.datetime64("NaT")]


@pytest.mark.parametrize("missing", MISSING, ids=repr)
def test_what_stands_for_a_missing_label(missing: Any) -> None:
    assert learning_mode([missing]) == "unsupervised"
    assert learning_mode(["a", missing, "b"]) == "semisupervised"
    assert learning_mode([1, missing]) == "semisupervised"


@pytest.mark.parametrize("label", [0, -1, False, "", "nan", "None", 0.0, np.int64(-1), (), "unlabelled"], ids=repr)
def test_anything_else_is_a_label(label: Any) -> None:
    assert learning_mode([label, label]) == "supervised"


@pytest.mark.parametrize(
    ("labels", "mode"),
    [
        (np.array([1, -1, 0]), "semisupervised"),
        (np.array([-1, -1]), "unsupervised"),
        (np.array([0.0, 1.0]), "supervised"),
        (np.array([0.0, -1.0, np.nan]), "semisupervised"),
        (pd.Series(["a", None]), "semisupervised"),
        (pd.Series([1, None], dtype="Int64"), "semisupervised"),
        (pd.Series(["a", "b"], dtype="category"), "supervised"),
        ((label for label in [-1, None]), "unsupervised"),
        ("ab", None),
    ],
)
def test_containers_and_a_mark_of_the_users_own(labels: Any, mode: str | None) -> None:
    if mode is None:
        with pytest.raises(InputError, match="labels is 'ab'; give one label"):
            learning_mode(labels)
    else:
        assert learning_mode(labels, unlabelled=-1) == mode


@pytest.mark.parametrize("labels", [[], np.array([]), pd.Series([], dtype=object)])
def test_no_object_at_all(labels: Any) -> None:
    with pytest.raises(InputError, match="The training set is empty"):
        learning_mode(labels)


@pytest.mark.parametrize("labels", [5, None, np.zeros((2, 2)), np.array(1.0), pd.DataFrame({"a": [1]})])
def test_what_is_no_sequence_of_labels(labels: Any) -> None:
    with pytest.raises(InputError, match="give one label, or None, for each object"):
        learning_mode(labels)
