"""Robustness of model files: tables by class, pictures, and certificates that the command verifies."""

from __future__ import annotations

import json

import numpy as np
import pytest

import mathdl
from mathdl import Dense, Flatten, Network, NetworkClassifier
from mathdl.certificates import verify
from mathdl.cli.main import main
from mathdl.errors import InputError
from mathdl.models.trained_model import TrainedModel
from mathdl.runs.robustness import inspect_robustness

RNG = np.random.default_rng(0)
TABLE = {"width": 50 + 10 * RNG.normal(size=60), "height": RNG.normal(size=60), "kind": RNG.choice(["a", "b"], 60)}
TABLE["shape"] = np.where(TABLE["width"] - 50 > 10 * TABLE["height"], "wide", "high")


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """The folder of a small network of digits."""
    folder = tmp_path_factory.mktemp("digits")
    layers = '[[layers]]\nlayer = "Flatten"\n[[layers]]\nlayer = "Dense"\nunits = 16\nactivation = "relu"\n'
    (folder / "small.toml").write_text(f'{layers}[[layers]]\nlayer = "Dense"\nunits = 10\n')
    mathdl.train("digits", network=folder / "small.toml", epochs=3, out=folder)
    return folder


def test_pictures_by_class_with_certificates(digits):
    found = inspect_robustness(digits / "model.safetensors", 0.03, seconds=2)
    assert found.of == "test objects of digits"
    assert found.objects == 359
    assert sum(row.objects for row in found.classes) == found.asked
    for row in found.classes:
        assert row.objects == row.certified + row.refuted + row.wrong + row.undecided
    assert len(found.certificates) == sum(row.certified for row in found.classes) > 0
    assert len(found.counterexamples) == sum(row.refuted for row in found.classes)
    assert all(each.answer != each.other for each in found.counterexamples)
    for file in found.certificates[:2]:
        assert verify(file)
    assert json.loads(found.to_json())["classes"][3]["name"] == 3
    folder = digits / "robustness"
    assert (folder / "counterexamples.svg").exists() == bool(found.counterexamples)
    again = inspect_robustness(digits / "model.safetensors", 1.0, seconds=1.5)
    assert sorted(map(str, folder.glob("certificate-*.json"))) == sorted(again.certificates)
    assert again.picture == str(folder / "counterexamples.svg")
    assert ">answer " in (folder / "counterexamples.svg").read_text()
    if again.asked < again.objects:
        assert "were not reached within the time; raise --seconds" in again.notes[0]


def test_tables_by_column(tmp_path):
    hidden = '[[layers]]\nlayer = "Dense"\nunits = 4\nactivation = "relu"\n'
    (tmp_path / "small.toml").write_text(f'{hidden}[[layers]]\nlayer = "Dense"\nunits = 2\n')
    rows = zip(*(values.tolist() for values in TABLE.values()), strict=True)
    lines = [",".join(map(str, row)) for row in rows]
    (tmp_path / "data.csv").write_text(f"{','.join(TABLE)}\n" + "\n".join(lines))
    mathdl.train(tmp_path / "data.csv", target="shape", network=tmp_path / "small.toml", epochs=40, out=tmp_path)
    found = inspect_robustness(tmp_path / "model.safetensors", {"width": 2.0}, seconds=3)
    assert found.radius == {"width": 2.0}
    assert found.of == "objects of data.csv, on which the model was trained, too"
    assert [each.column for each in found.columns] == ["width", "height", "kind"]
    width, _, kind = found.columns
    assert width.certified_radius > 0
    assert width.can_change > 0
    assert kind.certified_radius is None is kind.increasing
    assert found.picture is None
    assert all(set(each.changed) == {"width"} for each in found.counterexamples)
    assert verify(found.certificates[0])
    named = inspect_robustness(tmp_path / "model.safetensors", 0.1, tmp_path / "data.csv", seconds=1)
    assert named.of == "objects of data.csv"
    (tmp_path / "data.csv").unlink()
    with pytest.raises(InputError, match="which is not there; name data with --data"):
        inspect_robustness(tmp_path / "model.safetensors", 0.1)


def test_what_cannot_be_asked_is_refused(tmp_path):
    path = tmp_path / "m.safetensors"
    mathdl.save(Network([Dense(1)], (3,)), path)
    with pytest.raises(InputError, match="holds Network alone; use mathdl"):
        inspect_robustness(path, 0.1)
    line = mathdl.LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
    mathdl.save(TrainedModel(line), path)
    with pytest.raises(InputError, match="holds LinearRegression, which is no network"):
        inspect_robustness(path, 0.1)
    estimator = NetworkClassifier(layers=[Flatten()], epochs=1).fit(np.zeros((4, 1, 2, 2)), [0, 1, 0, 1])
    mathdl.save(TrainedModel(estimator), path)
    with pytest.raises(InputError, match="does not say how its data were split; name data with --data"):
        inspect_robustness(path, 0.1)
    mathdl.save(TrainedModel(mathdl.NetworkRegressor((2,), epochs=1).fit(np.eye(2), [0.0, 1.0])), path)
    with pytest.raises(InputError, match="predicts numbers, which are no classes"):
        inspect_robustness(path, 0.1)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--robustness", "far"], "--robustness is 'far'; give a number, or COLUMN=NUMBER."),
        (["--robustness", "1", "--robustness", "2"], "--robustness is '1' beside others; give one number"),
        (["--robustness=-1"], "radius is -1.0; give a finite number of at least 0."),
        (["--robustness", "width=1"], "radius goes by column, and the model reads no table"),
        (["--robustness", "1", "--regions"], "--regions and --robustness exclude each other"),
    ],
)
def test_the_command_refuses_in_a_sentence(digits, capsys, given, message):
    with pytest.raises(SystemExit) as ended:
        main(["inspect", str(digits / "model.safetensors"), *given])
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_the_command_prints_a_table(digits, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["inspect", str(digits / "model.safetensors"), "--robustness", "0.01", "--seconds", "1"])
    assert not ended.value.code
    printed = capsys.readouterr().out
    assert "class  objects  certified  refuted  wrong anyway  undecided" in printed
    assert "check one by: mathdl verify " in printed
