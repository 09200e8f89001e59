"""The command with estimators, from the words to the files."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris

from mathdl.cli.main import main
from mathdl.cli.train import Model
from mathdl.models.registry import models

ROOT = Path(__file__).parents[2]
LENGTH, WIDTH = "petal length (cm)", "petal width (cm)"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work among tables of flowers, and undo what the command does to warnings."""
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    monkeypatch.chdir(tmp_path)
    iris = load_iris(as_frame=True)
    flowers = iris.data[[LENGTH, WIDTH]].assign(species=iris.target_names[iris.target])
    flowers.to_csv("flowers.csv", index=False)
    flowers[iris.target < 2].to_csv("easy.csv", index=False)
    flowers[iris.target > 0].to_csv("hard.csv", index=False)
    flowers[[LENGTH]].to_csv("lengths.csv", index=False)


def run(capsys: pytest.CaptureFixture[str], words: str) -> tuple[int, str, str]:
    """Run a command; return its exit code, its output and its messages."""
    with pytest.raises(SystemExit) as end:
        main(words.split())
    printed = capsys.readouterr()
    return int(end.value.code or 0), printed.out, printed.err


def strict(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    return json.loads(text, parse_constant=refuse)


def lines(out: str) -> dict[str, str]:
    """The summary by the name of each line."""
    return {line[:26].split("  ")[0]: line.split("  ")[-1].strip() for line in out.splitlines()}


def test_the_models_of_the_command_are_those_of_the_runs() -> None:
    assert [model.value for model in Model] == list(models())


@pytest.mark.parametrize(
    ("words", "statement"),
    [
        ("easy.csv --model hard-margin --target species", "For w of the hyperplane"),
        ("hard.csv --model soft-margin --target species --regularization 0.1", "lambda |w|^2 + the mean"),
        ("flowers.csv --model logistic --target species --regularization 0.01", "with lambda = 0.01"),
        ("lengths.csv --model kmeans --clusters 3", "at most 3 clusters"),
    ],
)
def test_a_certificate_from_end_to_end(capsys: pytest.CaptureFixture[str], words: str, statement: str) -> None:
    name = words.split(".")[0]
    code, out, err = run(capsys, f"train {words} --certify")
    assert (code, err) == (0, "")
    said = lines(out)
    assert said["status"] == "certified"
    assert said["certificate"] == f"runs/{name}/certificate.json"
    assert said["model"] == f"runs/{name}/model.safetensors"
    assert statement in said["it states"]
    code, out, err = run(capsys, f"verify runs/{name}/certificate.json")
    assert (code, err) == (0, "")
    assert out == f"valid: {said['it states']}\n"
    metrics = json.loads(Path(f"runs/{name}/metrics.json").read_text())
    assert metrics["command"] == f"mathdl train {words} --certify"
    assert metrics["statement"] == said["it states"]


def test_verify_says_no_to_other_data_and_other_claims(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "train easy.csv --model soft-margin --target species --certify")
    path, data = Path("runs/easy/certificate.json"), "runs/easy/certificate-data.npz"
    table = pd.DataFrame(np.load(data)["X"], columns=["a", "b"]).assign(species=np.load(data)["y"])
    table.to_csv("data.csv", index=False)
    assert run(capsys, f"verify {path} --data data.csv")[0] == 0
    table.iloc[1:].to_csv("data.csv", index=False)
    code, out, _ = run(capsys, f"verify {path} --data data.csv")
    assert (code, out[:9]) == (3, "NOT valid")
    record = json.loads(path.read_text())
    record["numbers"]["gap"] = "0"
    path.write_text(json.dumps(record))
    code, out, _ = run(capsys, f"verify {path} --json")
    assert (code, strict(out)["valid"]) == (1, False)
    for words in (f"verify {data}", "verify nowhere.json", f"verify {path} --data nowhere.npz"):
        code, out, err = run(capsys, words)
        assert (code, out, err[:7], err.count("\n")) == (2, "", "error: ", 1)


def test_json_is_strict(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "train easy.csv --model soft-margin --regularization 1e300 --target species --json")
    assert (code, err) == (0, "")
    metrics = strict(out)
    assert metrics == strict(Path("runs/easy/metrics.json").read_text())
    looked = strict(run(capsys, "inspect runs/easy/model.safetensors --json")[1])
    assert looked["model"] == "SoftMarginSVM"
    answers = strict(run(capsys, "predict runs/easy/model.safetensors easy.csv --json")[1])
    assert len(answers["predictions"]) == 100


def test_what_cannot_be_separated_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    words = "train hard.csv --model hard-margin --target species"
    line = "error: No hyperplane separates the classes 'versicolor' and 'virginica'"
    code, out, err = run(capsys, words)
    data = "hard.csv  100 rows, 3 columns; target 'species': 2 classes, 50 % 'virginica'\ncolumns   2 numbers\n"
    assert (code, out, err) == (2, data, f"{line}; choose the model soft-margin.\n")
    assert not Path("runs").exists()
    code, out, err = run(capsys, f"{words} --certify")
    assert (code, out) == (2, data)
    assert err == (
        f"{line}, as the common point of their convex hulls in runs/hard/certificate.json shows; "
        "choose the model soft-margin.\n"
    )
    code, out, _ = run(capsys, "verify runs/hard/certificate.json")
    assert code == 0
    assert out.startswith("valid: No hyperplane separates the 100 objects strictly")


def test_no_minimiser_is_one_line_and_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "train easy.csv --model logistic --target species")
    assert (code, err.count("\n")) == (0, 1)
    assert err.startswith("The classes can be separated strictly and nothing is regularised")
    assert lines(out)["status"] == "no minimiser"


def test_without_the_certificate_that_was_asked_for_the_code_is_1(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "train flowers.csv --model kmeans --clusters 3 --target species --certify")
    assert (code, err.count("\n")) == (1, 1)
    assert "nothing shows that there are no better ones" in err
    assert (lines(out)["status"], lines(out)["report"]) == ("converged", "runs/flowers/report.html")
    assert sorted(os.listdir("runs/flowers")) == ["metrics.json", "model.safetensors", "report.html"]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("--model logistic --epochs 3", "--epochs goes with --model network, not with logistic; leave it out."),
        ("--model logistic --batch-size 3", "--batch-size goes with --model network, not with logistic; leave it out."),
        ("--model linear --threads 1", "--threads goes with --model kmeans or network, not with linear; leave it out."),
        ("--model logistic --resume", "--resume goes with --model network, not with logistic; leave it out."),
        ("--model logistic --task regression", "The task is 'regression'; give classification."),
        ("--out=", "The output folder has no name; name one, or . for the present folder."),
        ("--model linear --degree 2", "--degree goes with --model polynomial, not with linear; leave it out."),
        ("--degree 2", "--degree goes with --model polynomial, not with network; leave it out."),
        ("--regularization 1",
         "--regularization goes with --model logistic or soft-margin, not with network; leave it out."),
        ("--model hard-margin",
         "The model hard-margin decides between two classes, but the data have 3; choose logistic, "
         "or a target with two."),
    ],
)  # fmt: skip
def test_a_wrong_call_is_one_line(capsys: pytest.CaptureFixture[str], words: str, line: str) -> None:
    assert run(capsys, f"train flowers.csv --target species {words}") == (2, "", f"error: {line}\n")
    assert not Path("runs").exists()


def test_certify_does_not_go_with_networks(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "train digits --certify")
    assert (code, err[:30]) == (2, "error: --certify goes with --m")


def test_predict_and_inspect(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "train hard.csv --model soft-margin --target species")
    out = run(capsys, "predict runs/hard/model.safetensors hard.csv")[1]
    assert out.splitlines()[:2] == ["name  class", "1     versicolor"]
    out = run(capsys, "inspect runs/hard/model.safetensors")[1]
    assert [line.split() for line in out.splitlines()[:4]] == [
        ["model", "SoftMarginSVM"],
        ["input", "2"],
        ["parameters", "3"],
        ["classes", "versicolor,", "virginica"],
    ]
    assert re.search(r"^coef_ +\[\[\d\S+, \d\S+\]\]$", out, re.MULTILINE)
    assert re.search(r"^support_ +array of shape \(\d\d,\)$", out, re.MULTILINE)
    assert "2 numbers" in out
    run(capsys, "train lengths.csv --model kmeans --clusters 2")
    out = run(capsys, "predict runs/lengths/model.safetensors lengths.csv")[1]
    assert out.splitlines()[:2] == ["name  cluster", "1     0"]


def test_control_c_in_a_process_of_its_own() -> None:
    """A real process and a real signal: one line, and nothing written."""
    random = np.random.default_rng(0)
    np.savez("big.npz", X=random.normal(size=(60_000, 100)), y=random.integers(0, 5, 60_000))
    code = (
        "import sys\nfrom mathdl.models.logistic_regression import LogisticRegression as L\nfit = L.fit\n"
        "def loud(*words):\n    print('fitting', file=sys.stderr, flush=True)\n    return fit(*words)\n"
        "L.fit = loud\nfrom mathdl.cli.main import main\nmain()"
    )
    here = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", code, "train", "big.npz", "--model", "logistic"]
    with subprocess.Popen(command, env=here, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "fitting\n"
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    assert (process.returncode, said) == (130, "interrupted\n")
    assert not Path("runs").exists()
