"""``mathdl warmup``: what it compiles, what it says, and what is left to compile afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mathdl.cli.main import main
from mathdl.kernels import disk_cache
from mathdl.kernels.disk_cache import CacheFolder
from mathdl.kernels.jit import JIT_OFF
from mathdl.runs import warmup
from mathdl.runs.warmup import Work, works


def run(capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main(["warmup"])
    printed = capsys.readouterr()
    return int(end.value.code or 0), printed.out, printed.err


def test_it_does_all_the_work_and_says_where_the_code_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[str] = []
    (tmp_path / "relu.nbc").write_bytes(bytes(3_000_000))
    monkeypatch.setattr(warmup, "works", lambda: [Work(name, lambda name=name: done.append(name)) for name in "ab"])
    monkeypatch.setattr(warmup, "kernel_folders", lambda: [CacheFolder(str(tmp_path), True)] * 2)
    assert run(capsys)[:2] == (0, f"compiled kernels  1 files, 3 MB in {tmp_path}\n")
    assert done == ["a", "b"]


def test_where_nothing_can_be_kept_nothing_is_compiled(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(warmup, "works", lambda: pytest.fail("it has begun"))
    monkeypatch.setattr(warmup, "kernel_folders", lambda: [CacheFolder(None, False)])
    code, _, said = run(capsys)
    assert code == 2
    assert "No folder for compiled kernels can be written" in said


def test_its_folders_are_those_that_kernels_use() -> None:
    from mathdl.engine import loops
    from mathdl.kernels import activations

    if JIT_OFF:
        pytest.skip("with the JIT off nothing is kept")
    used = [activations.relu._cache.folder, loops.descend._cache.folder]  # type: ignore[attr-defined]
    assert disk_cache.kernel_folders() == used


def test_every_layer_activation_and_loss_has_its_work() -> None:
    names = [work.name for work in works()]
    assert len(set(names)) == len(names)
    for part in ("relu, float32", "softmax, float64", "loss hinge", "Adam", "nesterov=True", "pooling", "2 classes"):
        assert any(part in name for name in names)


@pytest.mark.slow
@pytest.mark.skipif(JIT_OFF, reason="with the JIT off nothing is compiled")
def test_afterwards_nothing_is_compiled(tmp_path: Path) -> None:
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}

    def mathdl(*words: str) -> str:
        command = [sys.executable, "-m", "mathdl", *words]
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stderr

    assert "compiling every kernel, once" in mathdl("warmup")
    files = set((tmp_path / "cache").rglob("*.nbc"))
    for words in (("digits",), ("digits", "--model", "logistic"), ("digits", "--model", "kmeans")):
        assert "compiling" not in mathdl("train", *words, "--out", f"runs/{words[-1]}")
    assert set((tmp_path / "cache").rglob("*.nbc")) == files
