"""Several processes that train one network together, as torchrun starts them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
if not torch.distributed.is_available():
    pytest.skip("this PyTorch trains in one process only", allow_module_level=True)

WORKER = Path(__file__).with_name("torch_worker.py")
sys.path.insert(0, str(WORKER.parent))

import torch_worker  # noqa: E402

from mathdl import TorchEngine  # noqa: E402


def torchrun(*words: object, restarts: int = 0) -> subprocess.CompletedProcess[str]:
    """Start two processes; they are given up after some minutes, so that none is left hanging."""
    start = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*start, "--max-restarts", str(restarts), *map(str, words)]
    variables = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    return subprocess.run(command, capture_output=True, text=True, timeout=290, env=variables, check=False)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What two processes found together."""
    folder = tmp_path_factory.mktemp("together")
    ended = torchrun(WORKER, "together", folder)
    assert ended.returncode == 0, ended.stderr
    written = json.loads((folder / "found.json").read_text(encoding="utf-8"))
    written["refused1"] = json.loads((folder / "refused1.json").read_text(encoding="utf-8"))
    return written  # type: ignore[no-any-return]


def test_an_epoch_of_digits_is_that_of_one_process(found: dict[str, Any]) -> None:
    with TorchEngine():
        alone = np.array(torch_worker.digits_epoch())
    assert np.abs(np.array(found["digits"]) - alone).max() < 1e-5


def test_13_objects_on_two_processes_are_exactly_the_full_batch(found: dict[str, Any]) -> None:
    """7 and 6 objects, whose means would have been averaged wrongly; in rational numbers."""
    X, y, weights = torch_worker.dyadic()
    w = [Fraction(1), Fraction(-2), Fraction(1, 2)]
    slopes = [Fraction(0)] * 3
    for x, target, weight in zip(X.tolist(), y.tolist(), weights.tolist(), strict=True):
        row = [*map(Fraction, x), Fraction(1)]
        error = sum(a * b for a, b in zip(row, w, strict=True)) - Fraction(target)
        slopes = [s + Fraction(weight) * 2 * error * each for s, each in zip(slopes, row, strict=True)]
    stepped = [a - Fraction(1, 2) * s / 16 for a, s in zip(w, slopes, strict=True)]
    assert [Fraction(a) for a in found["exact"]] == stepped
    np.testing.assert_allclose(found["unweighted"], torch_worker.seven_and_six(weighted=False), rtol=1e-14)


@pytest.mark.parametrize("name", torch_worker.SMALL)
def test_batches_smaller_than_the_number_of_processes_neither_hang_nor_bias(name: str, found: dict[str, Any]) -> None:
    alone = torch_worker.small(name, threads=1).parameters  # by the native engine; the last batch is one object
    np.testing.assert_allclose(found[name], alone, rtol=1e-9, atol=1e-12)


def test_objects_in_a_file_are_read_window_by_window(found: dict[str, Any]) -> None:
    np.testing.assert_allclose(found["in blocks"], torch_worker.in_blocks(), rtol=1e-9, atol=1e-12)


def test_an_interruption_of_one_process_ends_all_and_the_first_ones_checkpoint_goes_on(found: dict[str, Any]) -> None:
    np.testing.assert_allclose(found["resumed"], found["residual"], rtol=1e-12)


def test_threads_are_each_processs_share_of_the_machine(found: dict[str, Any]) -> None:
    assert found["threads"] == [3]
    assert found["description"].endswith("on cpu, 2 processes")


def test_what_the_processes_disagree_in_is_named_in_every_process(found: dict[str, Any]) -> None:
    refused = found["refused"]
    assert refused == found["refused1"]
    for name, what in {"data": "the data", "seed": "seed", "rule": "the rule", "step": "the next step"}.items():
        assert f"The processes differ in {what}: process 1 has the fingerprint" in refused[name]
    assert "A batch has 1 object for 2 processes" in refused["batch"]
    assert "Process 0 of 2 lost the others" in found["lost"]


@pytest.mark.slow
def test_a_killed_process_is_survived_and_the_model_is_as_good_as_the_native_engines(tmp_path: Path) -> None:
    from mathdl.cli.main import main

    words = ["train", "digits", "--epochs", "6", "--threads", "1"]
    together, alone = tmp_path / "together", tmp_path / "alone"
    ended = torchrun(WORKER, "killed", *words, "--engine", "torch", "--out", together, restarts=1)
    assert ended.returncode == 0, ended.stderr
    assert "epoch 6/6" in ended.stderr
    assert ended.stdout.count("accuracy  ") == 1  # the first process alone speaks
    with pytest.raises(SystemExit, match="0"):
        main([*words, "--out", str(alone)])
    metrics = [json.loads((each / "metrics.json").read_text(encoding="utf-8")) for each in (together, alone)]
    assert metrics[0]["test_accuracy"] == pytest.approx(metrics[1]["test_accuracy"], abs=0.006)  # 2 of 360 objects
    assert metrics[0]["history"]["loss"] == pytest.approx(metrics[1]["history"]["loss"], rel=1e-2)
    assert sorted(path.name for path in together.iterdir()) == sorted(path.name for path in alone.iterdir())


@pytest.mark.slow
def test_bad_input_ends_every_process_with_one_sentence(tmp_path: Path) -> None:
    ended = torchrun("-m", "mathdl", "train", tmp_path / "missing.csv", "--target", "y", "--engine", "torch")
    assert ended.returncode == 1  # torchrun's own
    assert len({line for line in ended.stderr.splitlines() if line.startswith("error: ")}) == 1
    assert "exitcode  : 2" in ended.stderr


def test_the_first_process_speaks_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from mathdl.cli import train
    from mathdl.cli.main import main

    waited: list[float] = []
    monkeypatch.setattr(train.time, "sleep", waited.append)
    monkeypatch.setattr("mathdl.exchange.torch_processes.Processes.__init__", lambda self, place: None)
    monkeypatch.setenv("WORLD_SIZE", "2")
    for rank, times in ((0, 0), (1, 1)):
        monkeypatch.setenv("RANK", str(rank))
        with pytest.raises(SystemExit, match="2"):
            main(["train", str(tmp_path / "missing.csv"), "--target", "y", "--engine", "torch"])
        assert len(waited) == times


def test_processes_without_the_engine_are_refused(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    from mathdl.cli.main import main

    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(SystemExit, match="2"):
        main(["train", "digits"])
    assert "error: 2 processes were started together" in capsys.readouterr().err


def test_the_engine_without_pytorch_is_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    from mathdl.cli.main import main

    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(SystemExit, match="2"):
        main(["train", "digits", "--engine", "torch"])
    said = capsys.readouterr().err
    assert said.startswith("error: --engine torch needs PyTorch")
    assert said.count("\n") == 1
