"""Data are split as promised, and nothing is learned from the test part."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mathdl.data import ImageSet, Table, read
from mathdl.errors import InputError
from mathdl.runs.prepared_data import PreparedData, SplitData, Splitting, prepare
from runs.tables import made_column, made_table

RANDOM = np.random.default_rng(0)
TASKS = ["classification", "regression"]


def table(rows: int = 100, target: Any = None, offset: float = 0.0) -> Table:
    columns = {"a": RANDOM.normal(3, 2, rows) + offset, "b": np.array(["x", "y"], object)[np.arange(rows) % 2]}
    return made_table(columns, RANDOM.normal(7, 5, rows) if target is None else target, "t", "numbers.csv")


def values(source: Table) -> Any:
    """Those of the target."""
    assert source.target is not None
    return source.target.values


def splitting_of(**options: Any) -> Splitting:
    """A test part where nothing else is asked for."""
    return Splitting(**{"cv": None, "test_fraction": 0.2, "seed": 0, **options})


def ready(source: Any, task: str | None = None, dtype: str = "float32", **options: Any) -> PreparedData:
    """Data for a network."""
    splitting = splitting_of(validates=True, **options)
    return prepare(source, TASKS, task=task, splitting=splitting).encode(dtype, keep_images=True)


def split_for(source: Any, task: str, **options: Any) -> SplitData:
    return prepare(source, [task], task=None, splitting=splitting_of(validates=False, **options))


def rows(source: Any, task: str, **options: Any) -> PreparedData:
    """Data for a model of one task that reads rows."""
    return split_for(source, task, **options).encode("float64", keep_images=False)


def test_the_digits() -> None:
    data = ready(read("digits"))
    assert (len(data.train), len(data.validation or ()), len(data.test)) == (1294, 144, 359)
    assert (data.split.task, data.split.object_shape) == ("classification", (1, 8, 8))
    assert data.split.classes is not None
    assert data.split.classes.tolist() == list(range(10))
    assert data.train.inputs.dtype == np.uint8
    assert data.split.description == (
        "Grey images of 8 x 8 pixels, 10 classes: 1,294 to train, 144 to watch the training, 359 to test."
    )


def test_the_parts_are_disjoint_and_match_their_source() -> None:
    source = read("digits")
    data = ready(source, seed=3)
    parts = [data.train, data.validation, data.test]
    places = np.concatenate([part.rows for part in parts if part is not None])
    assert sorted(places) == list(range(len(source)))
    for part in parts:
        assert part is not None
        assert (part.inputs == source.images[part.rows]).all()
        assert (part.target.labels == source.labels[part.rows]).all()
        assert (part.target.codes == source.labels[part.rows]).all()
    shares = [np.bincount(part.target.codes) / len(part) for part in parts if part is not None]
    assert np.allclose(shares, shares[0], atol=0.02)


def test_nothing_is_learned_from_the_test_part() -> None:
    source = table(200)
    data = ready(source)
    spoilt = source.columns["a"].values.copy()
    spoilt[data.test.rows] *= 1000
    again = ready(replace(source, columns={**source.columns, "a": made_column("a", spoilt)}))
    assert again.split.preprocessing == data.split.preprocessing
    assert (again.train.inputs == data.train.inputs).all()
    seen = np.concatenate([data.train.inputs, data.validation.inputs])[:, 0]
    assert abs(seen.mean()) < 1e-6
    assert abs(seen.std() - 1) < 1e-6


def test_a_test_part_that_comes_with_the_data_is_kept() -> None:
    test = table(30, offset=100.0)
    data = ready(replace(table(100), test=test), test_fraction=0.5)
    assert (len(data.train) + len(data.validation), len(data.test)) == (100, 30)
    assert data.test.inputs[:, 0].min() > 20
    assert (data.test.target.labels == values(test)).all()


def test_images_that_are_all_used_are_not_copied() -> None:
    images = np.zeros((8, 1, 2, 2), np.uint8)
    labels = np.arange(8) % 2
    test = ImageSet(images[:2], labels[:2], "test")
    data = ready(ImageSet(images, labels, "tiny", test=test))
    assert data.validation is None  # there is little of it
    assert np.shares_memory(data.train.inputs, images)


@pytest.mark.parametrize(
    ("target", "task", "found"),
    [
        (np.arange(100) % 3, None, "classification"),
        (np.arange(100) % 3, "regression", "regression"),
        (np.arange(100) / 7, None, "regression"),
        (np.arange(100) // 50 / 2, "classification", "classification"),
        (np.array(["u", "v"], object)[np.arange(100) // 50], None, "classification"),
        (np.arange(100) // 50 == 1, None, "classification"),
    ],
)
def test_the_task(target: Any, task: str | None, found: str) -> None:
    assert ready(table(target=target), task).split.task == found


def test_float64() -> None:
    assert ready(table(), dtype="float64").train.inputs.dtype == np.float64


def test_the_fingerprint_tells_data_apart() -> None:
    source = table()
    prints = {ready(source, seed=seed).fingerprint() for seed in (0, 0, 1)}
    target = values(source) + np.arange(100)
    prints.add(ready(replace(source, target=made_column("t", target))).fingerprint())
    prints.add(ready(source, dtype="float64").fingerprint())
    assert len(prints) == 4


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        (table(target=np.ones(100, int)), {}, "is 1 in every row, so there is nothing to learn"),
        (table(), {"task": "clustering"}, "The task is 'clustering'; give classification or regression"),
        (table(target=np.array(["u", "v"], object)[np.arange(100) % 2]), {"task": "regression"}, "holds text"),
        (table(), {"test_fraction": 1.0}, "The test fraction is 1.0"),
        (table(1), {}, "at least 2 rows"),
        (replace(table(10, np.arange(10) % 2), test=table(10, np.arange(10) % 3)), {}, "The label 2 in row 3 was not"),
    ],
)
def test_bad_data(source: Table, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        ready(source, **options)


def test_rows_of_images_run_from_0_to_1() -> None:
    source = read("digits")
    data = rows(source, "classification")
    assert (data.train.inputs.shape, data.train.inputs.dtype) == ((1438, 64), np.float64)
    assert (data.train.inputs == source.images[data.train.rows].reshape(1438, 64) / 255).all()
    assert (data.validation, data.split.object_shape, data.split.preprocessing) == (None, (1, 8, 8), None)
    assert data.split.features[:2] == ["pixel 1", "pixel 2"]
    assert data.split.description == "Grey images of 8 x 8 pixels, 10 classes: 1,438 to train, 359 to test."


@pytest.mark.parametrize("target", [np.arange(100.0) * 3e5 + 0.1, np.arange(100) % 3, np.arange(100) % 2 == 0])
def test_numbers_to_predict_keep_their_unit(target: Any) -> None:
    source = table(target=target)
    data = rows(source, "regression")
    assert (data.split.task, data.split.classes) == ("regression", None)
    for part in (data.train, data.test):
        assert part.target.codes is None
        truth = values(source)[part.rows]
        wanted = truth == "True" if truth.dtype == object else truth.astype(float)
        assert part.target.labels.tolist() == wanted.tolist()
    assert np.allclose(data.train.inputs[:, 0].mean(), 0)
    assert np.allclose(data.train.inputs[:, 0].std(), 1)
    assert data.split.features == ["a (standardised)", "b=x", "b=y"]


def test_rows_are_split_as_for_a_network() -> None:
    source = table(target=np.arange(100) % 3)
    assert (rows(source, "classification", seed=4).test.rows == ready(source, seed=4).test.rows).all()
    brought = replace(source, test=table(10, np.arange(10) % 3))
    data = rows(brought, "classification")
    assert (len(data.train), len(data.test)) == (100, 10)


def test_clusters_need_no_target(tmp_path: Any) -> None:
    (tmp_path / "t.csv").write_text("a,b\n" + "".join(f"{k * k},{k % 3}\n" for k in range(20)), encoding="utf-8")
    source = read(tmp_path / "t.csv", needs_target=False)
    assert isinstance(source, Table)
    assert (list(source.columns), source.target, len(source)) == (["a", "b"], None, 20)
    data = rows(source, "clustering")
    assert (data.split.classes, data.train.target) == (None, (None, None))
    assert data.split.description == "Rows of 2 columns, to be divided into clusters: 16 to train, 4 to test."
    named = rows(read(tmp_path / "t.csv", target="b", needs_target=False), "clustering")
    assert named.split.classes is not None
    assert named.split.classes.tolist() == [0, 1, 2]
    assert named.train.target.labels is None  # compared, not learned
    with pytest.raises(InputError, match="has no column; add a feature"):
        Table({}, None, "", "t.csv")
    with pytest.raises(InputError, match=r"Column 'b' of t\.csv has 3 values, but the first one has 2"):
        made_table({"a": np.zeros(2), "b": np.zeros(3)}, None, "", "t.csv")


@pytest.mark.parametrize("task", ["classification", "clustering"])
def test_quantities_are_no_classes(task: str) -> None:
    with pytest.raises(InputError, match=r"The target 't' holds quantities such as 0\.5 and no classes"):
        rows(table(target=np.arange(100) / 2), task)


def test_text_is_no_quantity() -> None:
    with pytest.raises(InputError, match="it holds text such as 'u'"):
        rows(table(target=np.array(["u", "v"], object)[np.arange(100) % 2]), "regression")
