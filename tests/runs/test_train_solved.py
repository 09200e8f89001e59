"""The main job with estimators: what it writes can be used, what it claims can be checked."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.datasets import load_diabetes, load_iris
from sklearn.metrics import adjusted_rand_score

from mathdl import evaluate, verify
from mathdl.book.data import transactions
from mathdl.errors import FileError, InputError, NotSeparableError
from mathdl.models.logistic_regression import LogisticRegression
from mathdl.models.registry import models
from mathdl.models.soft_margin_svm import SoftMarginSVM
from mathdl.models.trained_model import TrainedModel
from mathdl.runs.inspect import inspect
from mathdl.runs.predict import predict
from mathdl.runs.train import train
from runs.folders import CERTIFIED, FILES, page, saved, tree

LENGTH, WIDTH = "petal length (cm)", "petal width (cm)"


def strict(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    return json.loads(text, parse_constant=refuse)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Tables of flowers (all, petals alone, two kinds that can be separated and two that cannot) and of patients."""
    iris = load_iris(as_frame=True)
    flowers = iris.data.assign(species=iris.target_names[iris.target])
    tables = {
        "flowers": flowers,
        "petals": flowers[[LENGTH, WIDTH, "species"]],
        "easy": flowers[iris.target < 2][[LENGTH, WIDTH, "species"]],
        "hard": flowers[iris.target > 0][[LENGTH, WIDTH, "species"]],
        "lengths": flowers[[LENGTH]],
        "patients": load_diabetes(as_frame=True).frame,
    }
    (tmp_path / "in").mkdir()
    for name, table in tables.items():
        table.to_csv(tmp_path / "in" / f"{name}.csv", index=False)
    return tmp_path / "in"


RUNS: dict[str, tuple[str, dict[str, Any], dict[str, float]]] = {
    "linear": ("patients", {"model": "linear", "target": "target"}, {"test_r2": 0.4}),
    "polynomial": ("patients", {"model": "polynomial", "degree": 1, "target": "target"}, {"test_r2": 0.4}),
    "logistic": ("flowers", {"model": "logistic", "regularization": 0.01, "target": "species"}, {"test_accuracy": 0.9}),
    "soft-margin": ("hard", {"model": "soft-margin", "target": "species"}, {"test_accuracy": 0.85}),
    "hard-margin": ("easy", {"model": "hard-margin", "target": "species"}, {"test_accuracy": 1}),
    "kmeans": ("lengths", {"model": "kmeans", "clusters": 3}, {}),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_certified_run(files: Path, tmp_path: Path, name: str) -> None:
    source, options, least = RUNS[name]
    run = train(files / f"{source}.csv", out=tmp_path / "new" / "run", certify=True, **options)
    assert tree(run.folder) == CERTIFIED
    assert run.messages == []
    assert run.folder is not None
    verdict = verify(run.folder / "certificate.json")
    assert verdict
    metrics = strict((run.folder / "metrics.json").read_text())
    assert metrics == run.metrics
    assert (metrics["status"], metrics["statement"], metrics["model"]) == ("certified", verdict.reason, name)
    for key, bound in least.items():
        assert metrics[key] >= bound
    assert metrics["objective"] >= 0
    shown = page(run)
    for part in ("certified", "Objective", "Reproduce", name, "Learning curves", "Certificate"):
        assert (part in shown) == (part != "Learning curves")
    model = saved(run)
    assert isinstance(model, TrainedModel)
    assert model.training == run.metrics
    assert model.model.status_ == "converged"


def test_every_model_is_tried() -> None:
    assert set(RUNS) == set(models()) - {"network", "outliers"}  # outliers have a test of their own


@pytest.mark.parametrize("name", RUNS)
def test_the_certificate_speaks_about_what_the_solver_saw(files: Path, tmp_path: Path, name: str) -> None:
    source, options, _ = RUNS[name]
    run = train(files / f"{source}.csv", out=tmp_path / "run", certify=True, **options)
    with np.load(run.folder / "certificate-data.npz") as arrays:
        X, y = arrays["X"], arrays.get("y")
        assert set(arrays) == ({"X"} if name == "kmeans" else {"X", "y"})
    assert np.allclose(X.mean(axis=0), 0)
    table = pd.read_csv(files / f"{source}.csv")
    if y is not None:
        assert set(y.tolist()) <= set(table[options["target"]])
    held_out = run.metrics["test_objects"] if name == "kmeans" else 0  # the others are cross-validated
    assert len(X) == run.metrics["train_objects"] == len(table) - held_out
    changed = X.copy()
    changed[0, 0] += 1e-9
    assert not verify(run.folder / "certificate.json", changed, y)
    again = train(files / f"{source}.csv", out=tmp_path / "again", certify=True, **options)
    for file in ("certificate.json", "certificate-data.npz"):
        assert (again.folder / file).read_bytes() == (run.folder / file).read_bytes()


@pytest.mark.parametrize("name", RUNS)
def test_the_model_file_is_asked_and_inspected(files: Path, tmp_path: Path, name: str) -> None:
    source, options, _ = RUNS[name]
    path = files / f"{source}.csv"
    run = train(path, out=tmp_path / "run", **options)
    assert tree(run.folder) == FILES
    found, model = predict(run.folder / "model.safetensors", [path]), saved(run)
    table = pd.read_csv(path)
    expected = model.predict(table)
    assert (found.labels or found.values) == expected.tolist()
    answers = strict(found.to_json())["predictions"]
    kind = {"kmeans": "cluster", "linear": "value", "polynomial": "value"}.get(name, "label")
    assert [answer[kind] for answer in answers] == expected.tolist()
    assert ("probabilities" in answers[0]) == (name == "logistic")
    found.to_table(tmp_path / "answers.csv")
    with (tmp_path / "answers.csv").open(newline="", encoding="utf-8") as file:
        assert [row["prediction"] for row in csv.DictReader(file)] == [str(answer) for answer in expected.tolist()]
    looked = inspect(run.folder / "model.safetensors")
    assert (looked.kind, looked.model, looked.layers) == ("TrainedModel", type(model.model).__name__, [])
    assert looked.parameters == run.metrics["parameters"]
    assert looked.learned["status_"] == "converged"
    assert strict(looked.to_json())["training"] == run.metrics
    assert looked.input_shape == (len(model.preprocessing.feature_names),)


def test_regressions_predict_in_the_users_unit(files: Path, tmp_path: Path) -> None:
    run = train(files / "patients.csv", model="linear", target="target", out=tmp_path / "run")
    table = pd.read_csv(files / "patients.csv")
    errors = np.array(predict(run.folder / "model.safetensors", [files / "patients.csv"]).values) - table["target"]
    assert 40 < np.sqrt(np.mean(errors**2)) < 60
    assert run.metrics["test_rmse"] == pytest.approx(np.sqrt(np.mean(errors**2)), rel=0.2)


def test_pictures(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for kind, low in (("dark", 0), ("light <b>", 120)):
        (tmp_path / "pictures" / kind).mkdir(parents=True)
        for number in range(15):
            pixels = random.integers(low, low + 100, (6, 5, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pictures" / kind / f"{number}.png")
    for model in ("hard-margin", "logistic", "kmeans"):
        run = train(tmp_path / "pictures", model=model, out=tmp_path / model, **_few(model))
        assert run.metrics.get("test_accuracy", run.metrics.get("test_adjusted_rand_index")) == 1.0
        found = predict(run.folder / "model.safetensors", sorted((tmp_path / "pictures" / "light <b>").iterdir()))
        assert len(set(found.labels)) == 1
        assert model == "kmeans" or found.labels[0] == "light <b>"
        assert inspect(run.folder / "model.safetensors").input_shape == (3, 6, 5)


def _few(model: str) -> dict[str, Any]:
    return {"kmeans": {"clusters": 2}, "logistic": {"regularization": 0.01}}.get(model, {})


def test_clusters_are_compared_with_a_target(files: Path, tmp_path: Path) -> None:
    run = train(files / "petals.csv", model="kmeans", clusters=3, target="species", out=tmp_path / "run")
    model, table = saved(run), pd.read_csv(files / "petals.csv")
    assert model.preprocessing.columns == (LENGTH, WIDTH)
    answers = model.predict(table)
    assert adjusted_rand_score(table["species"], answers) == pytest.approx(
        run.metrics["test_adjusted_rand_index"], abs=0.15
    )
    inputs = model.inputs(table)
    mean = np.mean(np.sum((inputs - model.model.cluster_centers_[answers]) ** 2, axis=1))
    assert run.metrics["test_mean_square_distance"] == pytest.approx(mean, rel=0.5)
    assert (
        "test_adjusted_rand_index"
        not in train(files / "lengths.csv", model="kmeans", clusters=3, out=tmp_path / "other").metrics
    )


def test_outliers_are_found_drawn_and_compared_with_a_target(tmp_path: Path) -> None:
    raw, fraudulent = transactions()
    table = pd.DataFrame(raw, columns=["amount", "hour", "day", "online"])
    table["fraud"] = np.where(fraudulent, "yes", "no")
    table.to_csv(tmp_path / "bank.csv", index=False)
    options: dict[str, Any] = {"model": "outliers", "clusters": 6, "contamination": 0.02}
    run = train(tmp_path / "bank.csv", target="fraud", out=tmp_path / "run", **options)
    assert (run.metrics["test_outlier_recall"], run.metrics["test_outlier_precision"]) == (1, 1)
    assert run.metrics["test_outliers"] == pytest.approx(1 / run.metrics["test_objects"])
    assert "test_outlier_recall" not in train(table, drop=["fraud"], **options).metrics
    report = (run.folder / "report.html").read_text(encoding="utf-8")
    assert "<h2>Outliers</h2>" in report
    named = re.search(r"The most unusual rows are (.*?)\.", report)
    assert named is not None
    assert {"201", "202", "203"} <= set(named[1].split(", "))
    found = predict(run.folder / "model.safetensors", [tmp_path / "bank.csv"])
    assert found.labels == ["outlier" if value < 0 else "usual" for value in saved(run).predict(table)]
    assert strict(found.to_json())["predictions"][-1]["label"] == "outlier"
    with pytest.raises(InputError, match="finds outliers"):
        evaluate(run.model, table)
    with pytest.raises(InputError, match=r"contamination is 0\.9"):
        train(table, **options | {"contamination": 0.9})


def test_the_seed_draws_the_first_centres_and_threads_change_nothing(files: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {"model": "kmeans", "target": "species", "clusters": 7}
    runs = [
        train(files / "flowers.csv", out=tmp_path / f"{seed}{threads}", seed=seed, threads=threads, **options)
        for seed, threads in ((0, 1), (0, 2), (1, None))
    ]
    centres = [saved(run).model.cluster_centers_ for run in runs]
    assert centres[0].tobytes() == centres[1].tobytes() != centres[2].tobytes()


def test_drawings(files: Path, tmp_path: Path) -> None:
    def drawn(source: str, **options: Any) -> str:
        return page(train(files / f"{source}.csv", out=tmp_path / "run", **options))

    hard = drawn("easy", model="hard-margin", target="species")
    assert "<h2>Decision boundary</h2>" in hard
    assert "Dashed lines are the edges of the margin" in hard
    assert LENGTH in hard
    logistic = drawn("petals", model="logistic", target="species", regularization=0.01)
    assert "<h2>Decision boundary</h2>" in logistic
    assert "Dashed lines" not in logistic
    assert "<h2>Clusters</h2>" in drawn("petals", model="kmeans", target="species", clusters=5)
    for source, options in (
        ("flowers", {"model": "logistic", "target": "species", "regularization": 0.01}),
        ("lengths", {"model": "kmeans", "clusters": 2}),
        ("patients", {"model": "linear", "target": "target"}),
    ):
        shown = drawn(source, **options)
        assert not any(f"<h2>{title}</h2>" in shown for title in ("Decision boundary", "Clusters", "Fitted curve"))


def test_what_cannot_be_separated(files: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {"model": "hard-margin", "target": "species", "out": tmp_path / "run"}
    with pytest.raises(NotSeparableError, match=r"separates the classes 'versicolor' and 'virginica'; choose") as error:
        train(files / "hard.csv", **options)
    assert error.value.separation.common_point is not None
    assert not (tmp_path / "run").exists()
    with pytest.raises(NotSeparableError, match=r"hulls in .*certificate\.json shows; choose the model soft-margin\.$"):
        train(files / "hard.csv", certify=True, **options)
    assert tree(tmp_path / "run") == ["certificate-data.npz", "certificate.json"]
    assert verify(tmp_path / "run" / "certificate.json")


def test_no_minimiser_is_said_and_certified(files: Path, tmp_path: Path) -> None:
    run = train(files / "easy.csv", model="logistic", target="species", out=tmp_path / "run", certify=True)
    assert run.metrics["status"] == "no minimiser"
    assert len(run.messages) == 1
    assert "can be separated strictly and nothing is regularised" in run.messages[0]
    assert run.metrics["message"] == run.messages[0]
    assert "can be separated strictly" in page(run)
    assert verify(run.folder / "certificate.json")


def test_a_limit_is_said_and_not_certified(files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SoftMarginSVM.__init__, "__defaults__", (1e-9, 1e-15, 1))
    run = train(files / "hard.csv", model="soft-margin", target="species", out=tmp_path / "run", certify=True)
    assert run.metrics["status"] == "limit reached"
    assert "stopped after 1 of 1 steps" in run.messages[0]


def test_what_is_not_certified_is_said(files: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {"model": "kmeans", "target": "species", "clusters": 3, "out": tmp_path / "run"}
    run = train(files / "petals.csv", certify=True, **options)
    assert (run.certificate, run.metrics["status"]) == (None, "converged")
    assert "statement" not in run.metrics
    assert "nothing shows that there are no better ones" in run.messages[0]
    assert tree(run.folder) == FILES


def test_the_certificate_of_another_run_goes_away(files: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {"target": "species", "out": tmp_path / "run"}
    for again in (
        lambda: train(files / "easy.csv", model="soft-margin", **options),
        lambda: train(files / "easy.csv", epochs=1, **options),
    ):
        train(files / "easy.csv", model="soft-margin", certify=True, **options)
        assert tree(tmp_path / "run") == CERTIFIED
        again()
        assert tree(tmp_path / "run") == FILES


def test_a_command_of_python_is_one_that_can_be_typed(files: Path, tmp_path: Path) -> None:
    run = train(files / "easy.csv", model="soft-margin", regularization=0.5, target="species", out=tmp_path / "a b")
    assert run.metrics["command"] == (
        f"mathdl train {files / 'easy.csv'} --model soft-margin --target species --regularization 0.5 "
        f"--seed 0 --out '{tmp_path / 'a b'}'"
    )


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no such source": ({"data": "nowhere.csv"}, "There is no file or folder 'nowhere.csv'"),
    "no such model": ({"model": "forest"}, "no model 'forest'"),
    "no target": ({"target": None}, "No target was named"),
    "an unknown target": ({"target": "speces"}, "perhaps 'species' is meant"),
    "three classes": ({}, "soft-margin decides between two classes, but the data have 3; choose logistic"),
    "another model's option": ({"degree": 3}, "--degree goes with --model polynomial, not with soft-margin"),
    "a negative lambda": ({"model": "logistic", "regularization": -1}, "regularization is -1"),
    "a lambda that is none": ({"model": "logistic", "regularization": float("nan")}, "regularization is nan"),
    "a negative degree": ({"model": "polynomial", "degree": -1, "target": LENGTH}, "degree is -1"),
    "no clusters": ({"model": "kmeans", "clusters": 0}, "n_clusters is 0"),
    "too many clusters": ({"model": "kmeans", "clusters": 121}, "fewer objects than clusters"),
    "no threads": ({"model": "kmeans", "threads": 0}, "threads is 0"),
    "text for a regression": ({"model": "linear"}, "holds text such as 'setosa'"),
    "quantities for classes": ({"model": "logistic", "target": LENGTH}, "quantities such as 1.4 and no classes"),
    "quantities for clusters": ({"model": "kmeans", "target": LENGTH}, "quantities such as 1.4 and no classes"),
    "a negative seed": ({"model": "logistic", "seed": -1}, "seed is -1"),
    "all to test": ({"model": "logistic", "test_fraction": 1.0}, "The test fraction is 1.0"),
    "a data folder for a table": ({"model": "logistic", "data_folder": "there"}, "goes with mnist only"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_an_error_and_nothing_is_written(files: Path, tmp_path: Path, name: str) -> None:
    options, message = BAD[name]
    given: dict[str, Any] = {"data": files / "flowers.csv", "target": "species", "model": "soft-margin"}
    before = tree(tmp_path)
    with pytest.raises(InputError, match=message) as error:
        train(**(given | {"out": tmp_path / "deep" / "run"} | options))
    assert "\n" not in str(error.value)
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    "text", ["", "x,y\n", "x,y\n1\n", "x,y\n1,a\nnan,b\n", "x,y\n1,a\n", "\x00\xff", "y\na\nb\n", "x,y\ninf,a\n1,b\n"]
)
@pytest.mark.parametrize("model", ["linear", "logistic", "kmeans"])
def test_garbage_is_an_error_and_nothing_is_written(tmp_path: Path, text: str, model: str) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="latin-1")
    with pytest.raises(InputError):
        train(tmp_path / "a.csv", model=model, target="y", out=tmp_path / "run", certify=True)
    assert tree(tmp_path) == ["a.csv"]


def test_interrupted_is_nothing_written(files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fit = LogisticRegression.fit

    def interrupted(self: Any, *args: Any) -> Any:
        fit(self, *args)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(LogisticRegression, "fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(files / "flowers.csv", model="logistic", target="species", regularization=0.1, out=tmp_path / "run")
    assert tree(tmp_path) == ["in", *(f"in/{path.name}" for path in sorted(files.iterdir()))]


def test_a_full_disk_leaves_what_was_there(files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options: dict[str, Any] = {"model": "soft-margin", "target": "species", "out": tmp_path / "run", "certify": True}
    train(files / "easy.csv", **options)
    before = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}
    for place in range(1, 6):
        calls: list[int] = []

        def full(descriptor: int, place: int = place, calls: list[int] = calls) -> None:
            calls.append(descriptor)
            if len(calls) == place:
                raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(FileError, match="no space left on device"):
                train(files / "hard.csv", **options)
        assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()} == before


def test_the_folder(files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options: dict[str, Any] = {"model": "soft-margin", "target": "species"}
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="is a file, but the output goes into a folder"):
        train(files / "easy.csv", out=tmp_path / "file" / "run", **options)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(FileError, match="cannot write to"):
        train(files / "easy.csv", out=tmp_path / "run", **options)


def test_other_warnings_pass_through(files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fit = LogisticRegression.fit

    def warns(self: Any, *args: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("something else", UserWarning, stacklevel=1)
        return fit(self, *args)

    monkeypatch.setattr(LogisticRegression, "fit", warns)
    with pytest.warns(UserWarning, match="something else"):
        run = train(files / "flowers.csv", model="logistic", target="species", regularization=0.1, out=tmp_path / "run")
    assert run.messages == []
