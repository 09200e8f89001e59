"""Drivers that another process compiles."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import numpy as np
import pytest

from mathdl import Dense, Network
from mathdl.engine import loops, warmup
from mathdl.kernels.jit import JIT_OFF, is_on_disk

pytestmark = pytest.mark.skipif(JIT_OFF, reason="with the JIT off there is nothing to compile")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_call_has_the_types_that_were_compiled(dtype: str) -> None:
    """Nothing else is compiled when a network runs."""
    net = Network([Dense(2)], input_shape=(3,), dtype=dtype, seed=0)
    X, y = np.ones((4, 3)), np.zeros(4, np.int64)
    net.fit(X, y, loss="cross_entropy", epochs=1, validation=(X, y))
    for driver in ("descend", "evaluate"):
        wanted = {warmup.signature_of(driver, each).args for each in ("float32", "float64")}
        compiled: Any = getattr(loops, driver)
        assert set(compiled.signatures) <= wanted


@pytest.fixture
def nothing_done(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """No driver is ready or on disk; what would be run is only written down."""
    commands: list[list[str]] = []
    monkeypatch.setattr(warmup, "_ready", set())
    monkeypatch.setattr(warmup, "_helpers", {})
    monkeypatch.setattr(warmup, "is_on_disk", lambda function, signature: False)
    monkeypatch.setattr(warmup, "available", lambda: 2)
    monkeypatch.setattr(subprocess, "run", lambda command, **options: commands.append(command))
    return commands


def test_another_python_is_started_once(nothing_done: list[list[str]]) -> None:
    warmup.start("evaluate", "float32")
    warmup.start("evaluate", "float32")
    warmup.prepare("evaluate", "float32")
    assert nothing_done == [[sys.executable, "-c", warmup.PROGRAM, "evaluate", "float32"]]
    warmup.start("evaluate", "float32")
    assert len(nothing_done) == 1


@pytest.mark.parametrize("case", ["one core", "on disk", "no python"])
def test_none_is_started_where_it_would_not_help(
    case: str, nothing_done: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    if case == "one core":
        monkeypatch.setattr(warmup, "available", lambda: 1)
    elif case == "on disk":
        monkeypatch.setattr(warmup, "is_on_disk", lambda function, signature: True)
    else:
        monkeypatch.setattr(sys, "executable", "/usr/bin/a-program-with-python-inside")
    warmup.start("evaluate", "float32")
    warmup.prepare("evaluate", "float32")
    assert nothing_done == []


def test_a_python_that_cannot_be_started_costs_nothing(
    nothing_done: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(command: list[str], **options: Any) -> None:
        raise FileNotFoundError(command[0])

    monkeypatch.setattr(subprocess, "run", missing)
    failures: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", failures.append)
    warmup.start("evaluate", "float32")
    warmup.prepare("evaluate", "float32")
    assert failures == []
    assert ("evaluate", "float32") in warmup._ready


def test_the_other_python_leaves_the_driver_on_disk() -> None:
    """It is told by name and dtype alone, and finds the library where this process does."""
    warmup._elsewhere("evaluate", "float64")
    assert is_on_disk(loops.evaluate, warmup.signature_of("evaluate", "float64"))
