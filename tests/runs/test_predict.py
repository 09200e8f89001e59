"""A model file is asked about pictures and tables as they come."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from mathdl import Conv2D, Dense, Flatten, Network, NetworkClassifier, NetworkRegressor, load, save
from mathdl.data import Preprocessing
from mathdl.data.frame import columns_of_frame
from mathdl.data.reading_options import ReadingOptions
from mathdl.errors import FileError, InputError
from mathdl.models.trained_model import TrainedModel
from mathdl.runs.new_data import evaluate
from mathdl.runs.predict import predict
from mathdl.runs.train import train

TABLE = pd.DataFrame({"width": [1.0, 3.0, 5.0], "colour": ["red", "blue", "red"]})
COLUMNS = columns_of_frame(TABLE, "the table")


def saved(folder: Path, model: TrainedModel) -> Path:
    save(model, folder / "model.safetensors")
    return folder / "model.safetensors"


@pytest.fixture
def pictures(tmp_path: Path) -> tuple[TrainedModel, Path, list[Path], np.ndarray]:
    """A model of pictures 5 wide and 4 high, and three of them."""
    images = np.random.default_rng(0).integers(0, 256, (3, 1, 4, 5), dtype=np.uint8)
    layers = [Conv2D(2, 3, activation="relu"), Flatten()]
    model = TrainedModel(NetworkClassifier(layers=layers, epochs=1, random_state=2).fit(images, ["a", "b", "c"]))
    for number, image in enumerate(images):
        Image.fromarray(image[0]).save(tmp_path / f"{number}.png")
    return model, saved(tmp_path, model), [tmp_path / f"{number}.png" for number in range(3)], images


@pytest.fixture
def classes(tmp_path: Path) -> tuple[TrainedModel, Path]:
    preprocessing = Preprocessing.fit(COLUMNS)
    network = NetworkClassifier((), epochs=1, random_state=3).fit(preprocessing.transform(COLUMNS), [1, 5, 9])
    model = TrainedModel(network, preprocessing)
    return model, saved(tmp_path, model)


@pytest.fixture
def values(tmp_path: Path) -> tuple[TrainedModel, Path]:
    preprocessing = Preprocessing.fit(COLUMNS)
    network = NetworkRegressor((), epochs=1, random_state=3)
    model = TrainedModel(network.fit(preprocessing.transform(COLUMNS), [93.0, 100.0, 107.0]), preprocessing)
    return model, saved(tmp_path, model)


def test_pictures(pictures: Any) -> None:
    model, path, files, images = pictures
    found = predict(path, files)
    assert found.names == [str(file) for file in files]
    assert found.labels == model.predict(images).tolist()
    assert (found.probabilities == model.predict_proba(images)).all()
    assert (found.values, found.class_names) == ([], ["a", "b", "c"])


def test_a_picture_in_colour_for_a_grey_model(pictures: Any, tmp_path: Path) -> None:
    model, path, _, images = pictures
    Image.fromarray(images[0, 0]).convert("RGB").save(tmp_path / "colour.png")
    assert predict(path, [tmp_path / "colour.png"]).labels == model.predict(images[:1]).tolist()


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("with_target", [False, True])
def test_a_table(classes: Any, tmp_path: Path, suffix: str, with_target: bool) -> None:
    model, path = classes
    table = TABLE.assign(species=["?", "9", "?"]) if with_target else TABLE
    file = tmp_path / f"new.{suffix}"
    if suffix == "csv":
        table.to_csv(file, index=False)
    else:
        table.to_parquet(file)
    found = predict(path, [file])
    assert found.names == ["1", "2", "3"]
    assert found.labels == model.predict(TABLE).tolist()
    assert set(found.labels) <= {1, 5, 9}


def test_an_npz(tmp_path: Path) -> None:
    X = np.random.default_rng(0).normal(size=(4, 2))
    columns = columns_of_frame({"x0": X[:, 0], "x1": X[:, 1]}, "X")
    preprocessing = Preprocessing.fit(columns)
    network = NetworkClassifier((), epochs=1).fit(preprocessing.transform(columns), [0, 1, 0, 1])
    model = TrainedModel(network, preprocessing)
    np.savez(tmp_path / "new.npz", X=X)
    assert predict(saved(tmp_path, model), [tmp_path / "new.npz"]).labels == model.predict(columns).tolist()


def test_values(values: Any, tmp_path: Path) -> None:
    model, path = values
    TABLE.to_csv(tmp_path / "new.csv", index=False)
    found = predict(path, [tmp_path / "new.csv"])
    assert found.values == model.predict(TABLE).tolist()
    assert abs(np.mean(found.values) - 100) < 30
    assert (found.labels, found.probabilities, found.class_names) == ([], None, [])
    assert json.loads(found.to_json()) == {
        "predictions": [{"name": str(k + 1), "value": value} for k, value in enumerate(found.values)]
    }


def test_json(classes: Any, tmp_path: Path) -> None:
    _, path = classes
    TABLE.to_csv(tmp_path / "new.csv", index=False)
    found = predict(path, [tmp_path / "new.csv"])
    read = json.loads(found.to_json())
    assert read["class_names"] == [1, 5, 9]
    assert [answer["label"] for answer in read["predictions"]] == found.labels
    for answer in read["predictions"]:
        assert sum(answer["probabilities"]) == pytest.approx(1)
        assert read["class_names"][int(np.argmax(answer["probabilities"]))] == answer["label"]


@pytest.mark.parametrize("suffix", ["csv", "CSV", "parquet"])
def test_answers_as_a_table(classes: Any, tmp_path: Path, suffix: str) -> None:
    _, path = classes
    TABLE.to_csv(tmp_path / "new.csv", index=False)
    found = predict(path, [tmp_path / "new.csv"])
    out = tmp_path / f"answers.{suffix}"
    found.to_table(out)
    read = pd.read_parquet(out) if suffix == "parquet" else pd.read_csv(out)
    assert list(read.columns) == ["name", "prediction", "probability_1", "probability_5", "probability_9"]
    assert read["prediction"].tolist() == found.labels
    assert np.allclose(read.iloc[:, 2:], found.probabilities)


def test_values_as_a_table(values: Any, tmp_path: Path) -> None:
    _, path = values
    TABLE.to_csv(tmp_path / "new.csv", index=False)
    found = predict(path, [tmp_path / "new.csv"])
    found.to_table(tmp_path / "answers.csv")
    with (tmp_path / "answers.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows == [["name", "prediction"], *([str(k + 1), str(value)] for k, value in enumerate(found.values))]


def test_a_table_of_another_suffix(values: Any, tmp_path: Path) -> None:
    _, path = values
    TABLE.to_csv(tmp_path / "new.csv", index=False)
    found = predict(path, [tmp_path / "new.csv"])
    before = os.listdir(tmp_path)
    with pytest.raises(InputError, match=r"'\.xlsx'; give a file that ends in \.csv or \.parquet"):
        found.to_table(tmp_path / "answers.xlsx")
    assert os.listdir(tmp_path) == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("width\n1\n", "Column 'colour' is missing"),
        (
            "width,colour\nwide,red\n",
            "holds 'wide' in row 1 \\(line 2 of the file\\), which is no number as training read them",
        ),
        ("width,colour\n", "header and no rows"),
        ("", "is empty"),
        ("size,weight\n1,2\n", "Column 'width' is missing; give all that training had: width, colour"),
    ],
)
def test_a_table_that_does_not_fit(classes: Any, tmp_path: Path, text: str, message: str) -> None:
    _, path = classes
    (tmp_path / "new.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        predict(path, [tmp_path / "new.csv"])


def test_pictures_of_another_size_are_made_to_fit(pictures: Any, tmp_path: Path) -> None:
    _, path, files, images = pictures
    Image.fromarray(np.kron(images[0, 0], np.ones((4, 4), np.uint8))).save(tmp_path / "large.png")
    found = predict(path, [files[0], tmp_path / "large.png"])
    assert found.probabilities is not None
    np.testing.assert_allclose(found.probabilities[0], found.probabilities[1], atol=0.2)


def test_pictures_get_the_border_that_those_of_the_training_got(pictures: Any, tmp_path: Path) -> None:
    """A model whose pictures keep their size is asked about smaller ones, as files and as arrays."""
    model, _, _, images = pictures
    keeps = TrainedModel(model.model, pad="white", resize="larger")
    path = saved(tmp_path, keeps)
    inner = images[0, 0, :2, :3]
    Image.fromarray(inner).save(tmp_path / "small.png")
    found = predict(path, [tmp_path / "small.png"])
    padded = np.pad(inner, ((1, 1), (1, 1)), constant_values=255)
    assert (found.probabilities == model.predict_proba(padded[None, None])).all()
    assert found.notes == ("Pictures of 3 x 2 got a border (white) on all sides to 5 x 4 pixels",)
    assert (load(path).predict_proba([inner, padded[None]]) == keeps.predict_proba([padded, padded])).all()


def test_a_folder_stands_for_its_pictures(pictures: Any, tmp_path: Path) -> None:
    _, path, files, _ = pictures
    inside = tmp_path / "new" / "sub"
    inside.mkdir(parents=True)
    for number, file in enumerate(files):
        (inside / f"{number}.png").write_bytes(Path(file).read_bytes())
    (inside / "notes.txt").write_text("no picture", encoding="utf-8")
    found = predict(path, [tmp_path / "new", files[0]])
    assert found.labels == [*predict(path, files).labels, found.labels[0]]
    assert found.names[0] == str(inside / "0.png")


def test_a_picture_that_cannot_be_read(pictures: Any, tmp_path: Path) -> None:
    _, path, _, _ = pictures
    (tmp_path / "text.png").write_text("no picture", encoding="utf-8")
    with pytest.raises(FileError, match="cannot be read as a picture"):
        predict(path, [tmp_path / "text.png"])
    with pytest.raises(FileError, match="There is no picture"):
        predict(path, [tmp_path / "none.png"])


def test_what_else_does_not_fit(classes: Any, tmp_path: Path) -> None:
    _, path = classes
    TABLE.to_csv(tmp_path / "new.csv", index=False)
    with pytest.raises(InputError, match=r"no column 'size' in .*new\.csv to keep"):
        predict(path, [tmp_path / "new.csv"], keep=["size"])
    with pytest.raises(InputError, match="nothing to predict"):
        predict(path, [])
    with pytest.raises(FileError, match="There is no file"):
        predict(tmp_path / "none.safetensors", ["a.csv"])
    with pytest.raises(FileError, match=r"is a folder; give a \.csv, "):
        predict(path, [tmp_path])
    save(Network([Dense(1)], (1,)), tmp_path / "net.safetensors")
    with pytest.raises(InputError, match="holds a Network, which does not know how to read files"):
        predict(tmp_path / "net.safetensors", ["a.csv"])


def test_formulas_are_text_in_a_csv(tmp_path: Path) -> None:
    """A spreadsheet runs what begins with one of these characters."""
    kinds = ["=HYPERLINK(1)", "@SUM(1+1)|cmd", "+1", "-x", "\tplain", "plain"]
    table = {"x": np.arange(6.0)}
    columns = columns_of_frame(table, "x")
    preprocessing = Preprocessing.fit(columns)
    network = NetworkClassifier((), epochs=1).fit(preprocessing.transform(columns), kinds)
    pd.DataFrame(table).to_csv(tmp_path / "new.csv", index=False)
    found = predict(saved(tmp_path, TrainedModel(network, preprocessing)), [tmp_path / "new.csv"])
    found.to_table(tmp_path / "answers.csv")
    with (tmp_path / "answers.csv").open(newline="", encoding="utf-8") as file:
        heads, *rows = list(csv.reader(file))
    assert sorted(heads[2:]) == sorted(f"probability_{kind}" for kind in kinds)
    assert not any(cell.startswith(("=", "@", "+", "-", "\t")) for row in rows for cell in row)
    assert [row[1].removeprefix("'") for row in rows] == found.labels


def test_names_that_are_no_utf8(tmp_path: Path) -> None:
    names = [os.fsdecode(b"r\xf6se"), "tulip"]
    random = np.random.default_rng(0)
    for k, name in enumerate(names):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for number in range(3):
            image = Image.fromarray(random.integers(100 * k, 100 * k + 100, (4, 4), dtype=np.uint8))
            image.save(tmp_path / "pictures" / name / os.fsdecode(b"\xff%d.png" % number))
    run = train(tmp_path / "pictures", model="logistic", regularization=0.1, out=tmp_path / "run")
    assert run.model.classes == ["r\\udcf6se", "tulip"]
    picture = tmp_path / "pictures" / names[0] / os.fsdecode(b"\xff0.png")
    found = predict(tmp_path / "run" / "model.safetensors", [picture])
    for suffix in ("csv", "parquet"):
        found.to_table(tmp_path / f"answers.{suffix}")
        read = (
            pd.read_csv(tmp_path / "answers.csv") if suffix == "csv" else pd.read_parquet(tmp_path / "answers.parquet")
        )
        assert read["prediction"].tolist() == ["r\\udcf6se"]
    assert "r\\\\udcf6se" in found.to_json()


@pytest.mark.parametrize("path", [None, 3, "a\0b.csv", b"a.csv"])
def test_what_is_no_path(classes: Any, path: Any) -> None:
    with pytest.raises(InputError, match="is no path"):
        predict(classes[1], [path])


# What the user's own table holds besides


@pytest.fixture
def orders(tmp_path: Path) -> tuple[Path, Path]:
    """A model of orders, and a file of new ones: one category and one gap that training did not have."""
    random = np.random.default_rng(0)
    size = random.normal(size=80)
    frame = pd.DataFrame(
        {"id": [f"k{n:04}" for n in range(80)], "size": size, "kind": ["a", "b"] * 40, "cost": 3 * size}
    )
    frame.to_csv(tmp_path / "orders.csv", index=False)
    run = train(tmp_path / "orders.csv", target="cost", model="linear", out=tmp_path / "run")
    assert run.folder is not None
    (tmp_path / "new.csv").write_text("id,place,size,kind\nA7,x,1.5,a\nA8,y,,b\nA9,z,-1,q\n", encoding="utf-8")
    return run.folder / "model.safetensors", tmp_path / "new.csv"


def test_ids_name_the_answers_and_what_is_new_is_counted(orders: tuple[Path, Path]) -> None:
    found = predict(orders[0], [orders[1]], keep=["place", "size"])
    assert found.names == ["A7", "A8", "A9"]
    assert found.kept == {"place": ["x", "y", "z"], "size": [1.5, None, -1.0]}
    assert found.notes == (
        "1 gap in 'size' filled with the median",
        "1 value of 'kind' not seen in training, taken as none",
    )
    assert found.values[0] == pytest.approx(4.5, abs=0.01)
    read = json.loads(found.to_json())
    assert read["notes"] == list(found.notes)
    assert read["predictions"][0]["kept"] == {"place": "x", "size": 1.5}
    with pytest.raises(InputError, match="no value in row 2"):
        predict(orders[0], [orders[1]], strict=True)


def test_what_is_filled_in_is_what_training_had_in_the_middle(orders: tuple[Path, Path], tmp_path: Path) -> None:
    median = pd.read_csv(tmp_path / "orders.csv")["size"].median()
    (tmp_path / "median.csv").write_text(f"size,kind\n1.5,a\n{median},b\n", encoding="utf-8")
    found = predict(orders[0], [tmp_path / "median.csv"])
    assert found.notes == ()
    assert predict(orders[0], [orders[1]]).values[:2] == pytest.approx(found.values, rel=1e-9)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("A7,1.5,a\nA8,,b\n", "Column 'size' has no value in row 2"),
        ("A7,1.5,a\nA8,2,q\n", r"Column 'kind' holds 'q' in row 2, which was not seen in training; .* are a, b\."),
        ("A7,1.5,a\nA8,2,\n", "Column 'kind' has no value in row 2"),
    ],
)
def test_strictly_nothing_is_new(orders: tuple[Path, Path], tmp_path: Path, rows: str, message: str) -> None:
    (tmp_path / "new.csv").write_text(f"id,size,kind\n{rows}", encoding="utf-8")
    assert len(predict(orders[0], [tmp_path / "new.csv"]).values) == 2
    with pytest.raises(InputError, match=message):
        predict(orders[0], [tmp_path / "new.csv"], strict=True)
    (tmp_path / "new.csv").write_text("id,size,kind\nA7,1.5,a\nA8,2,b\n", encoding="utf-8")
    assert predict(orders[0], [tmp_path / "new.csv"], strict=True).notes == ()


def test_of_several_tables_the_one_that_is_refused_is_named(orders: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("id,size,kind\nA7,1.5,a\n", encoding="utf-8")
    orders[1].write_text("id,size,kind\nA7,1.5,a\nA9,-1,q\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"^new\.csv: Column 'kind' holds 'q' in row 2, which was not seen"):
        predict(orders[0], [tmp_path / "good.csv", orders[1]], strict=True)
    (tmp_path / "few.csv").write_text("id,size\nA7,1.5\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"^few\.csv: Column 'kind' is missing"):
        predict(orders[0], [tmp_path / "good.csv", tmp_path / "few.csv"])


@pytest.mark.parametrize("options", [{"model": "logistic", "regularization": 0.01}, {"epochs": 2}])
def test_a_batch_is_answered_whatever_a_row_of_it_holds(tmp_path: Path, options: dict[str, Any]) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=60)
    frame = pd.DataFrame({"x": x, "kind": random.choice(["a", "b"], 60), "y": np.where(x > 0, "up", "down")})
    frame.to_csv(tmp_path / "t.csv", index=False)
    train(tmp_path / "t.csv", target="y", cv=0, out=tmp_path / "run", **options)
    found = {}
    for name, text in (("clean", "x,kind\n2,a\n-2,b\n"), ("mixed", "x,kind\n2,a\n-2,b\n,a\n1,new\n")):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        found[name] = predict(tmp_path / "run" / "model.safetensors", [tmp_path / f"{name}.csv"])
    clean, mixed = found["clean"], found["mixed"]
    assert clean.notes == ()
    assert len(mixed.notes) == 2
    assert mixed.labels[:2] == clean.labels
    assert set(mixed.labels) <= {"up", "down"}
    assert mixed.probabilities is not None
    assert clean.probabilities is not None
    np.testing.assert_allclose(mixed.probabilities[:2], clean.probabilities, rtol=1e-5)
    np.testing.assert_allclose(mixed.probabilities.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_kept_columns_are_beside_the_answers_whatever_they_are_called(
    orders: tuple[Path, Path], tmp_path: Path, suffix: str
) -> None:
    heads = "id,size,kind,name,prediction,low,kept_low\n"
    (tmp_path / "new.csv").write_text(f"{heads}A7,1.5,a,ann,old,3,5\nA8,,b,,older,,6\n", encoding="utf-8")
    names = ["name", "prediction", "low", "kept_low", "size"]
    found = predict(orders[0], [tmp_path / "new.csv"], keep=names, interval=0.5)
    assert list(found.kept) == names
    found.to_table(tmp_path / f"answers.{suffix}")
    read = (
        pd.read_parquet(tmp_path / "answers.parquet")
        if suffix == "parquet"
        else pd.read_csv(tmp_path / "answers.csv", dtype={"kept_low": str, "kept_kept_low": str})
    )
    kept = ["kept_name", "kept_prediction", "kept_low", "kept_kept_low", "size"]
    assert list(read.columns) == ["name", *kept, "prediction", "low", "high"]
    assert read["name"].tolist() == ["A7", "A8"]
    assert read["prediction"].tolist() == found.values
    assert found.intervals is not None
    assert read["low"].tolist() == found.intervals[:, 0].tolist()
    written = read[kept].astype(object).where(read[kept].notna(), None)
    assert written.to_numpy().tolist() == [["ann", "old", "3", "5", 1.5], [None, "older", None, "6", None]]


def test_several_tables_are_named(orders: tuple[Path, Path]) -> None:
    found = predict(orders[0], [orders[1], orders[1]])
    assert found.names[:4] == ["new.csv: A7", "new.csv: A8", "new.csv: A9", "new.csv: A7"]
    assert found.values[:3] == found.values[3:]


def test_intervals_go_with_the_answers(orders: tuple[Path, Path], tmp_path: Path) -> None:
    found = predict(orders[0], [orders[1]], interval=0.9)
    assert found.intervals is not None
    assert (found.intervals[:, 0] <= found.values).all()
    assert (found.intervals[:, 1] >= found.values).all()
    found.to_table(tmp_path / "answers.csv")
    assert list(pd.read_csv(tmp_path / "answers.csv").columns) == ["name", "prediction", "low", "high"]
    wide = predict(orders[0], [orders[1]], interval=0.9999)  # 80 objects are too few for that
    assert wide.intervals is not None
    assert np.isinf(wide.intervals).all()
    assert json.loads(wide.to_json())["predictions"][0]["interval"] == [None, None]
    for level in (0, 1, 1.5, float("nan"), "x"):
        with pytest.raises(InputError):
            predict(orders[0], [orders[1]], interval=level)


def test_sets_of_classes(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=200)
    pd.DataFrame({"x": x, "y": np.where(x + random.normal(size=200) > 0, "up", "down")}).to_csv(tmp_path / "t.csv")
    train(tmp_path / "t.csv", target="y", model="logistic", regularization=0.01, out=tmp_path / "run")
    (tmp_path / "new.csv").write_text("x\n9\n0\n-9\n", encoding="utf-8")
    found = predict(tmp_path / "run" / "model.safetensors", [tmp_path / "new.csv"], interval=0.95)
    assert found.sets == [["up"], ["down", "up"], ["down"]]
    found.to_table(tmp_path / "answers.csv")
    assert pd.read_csv(tmp_path / "answers.csv")["set"].tolist() == ["up", "down up", "down"]


def test_tables_are_read_as_in_training(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=60)
    rows = [f"{-999 if n % 9 == 0 else round(v, 3)},{'up' if v > 0 else 'down'}" for n, v in enumerate(x)]
    (tmp_path / "t.csv").write_text("\n".join(rows), encoding="utf-8")
    options = {"model": "logistic", "regularization": 0.01, "out": tmp_path / "run"}
    run = train(tmp_path / "t.csv", target="x1", header=False, na=["-999"], **options)  # type: ignore[arg-type]
    (tmp_path / "new.csv").write_text("-999\n4\n", encoding="utf-8")
    found = predict(tmp_path / "run" / "model.safetensors", [tmp_path / "new.csv"])
    assert found.labels[1] == "up"
    for gap in (-999, None):
        in_memory = run.model.predict_proba({"x0": [gap, 4]})
        assert in_memory.tolist() == found.probabilities.tolist()  # type: ignore[union-attr]
    labelled = evaluate(tmp_path / "run" / "model.safetensors", tmp_path / "t.csv")
    assert labelled.scores["accuracy"].value > 0.9
    run.model.training["reading"] = {"na": "none", "header": 3}  # of a damaged file
    assert run.model.reading == ReadingOptions()
