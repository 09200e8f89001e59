"""What another process compiles, and the drivers' types."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any, cast

import numpy as np
import pytest

from mathdl import Dense, Network
from mathdl.engine import loops, warmup
from mathdl.kernels import activations
from mathdl.kernels.conv2d import convolution
from mathdl.kernels.jit import JIT_OFF, LAYER, is_on_disk, kernel, signature_of

pytestmark = pytest.mark.skipif(JIT_OFF, reason="with the JIT off there is nothing to compile")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_call_has_the_types_that_were_compiled(dtype: str) -> None:
    """Nothing else is compiled when a network runs."""
    net = Network([Dense(2)], input_shape=(3,), dtype=dtype, seed=0)
    X, y = np.ones((4, 3)), np.zeros(4, np.int64)
    net.fit(X, y, loss="cross_entropy", epochs=1, validation=(X, y))
    for driver in ("descend", "evaluate"):
        wanted = {warmup.driver_signature(driver, each).args for each in ("float32", "float64")}
        compiled: Any = getattr(loops, driver)
        assert set(compiled.signatures) <= wanted


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Everything seems missing; what would be run elsewhere is only written down."""
    found: list[list[str]] = []
    monkeypatch.setattr(warmup, "is_on_disk", lambda kernel, signature: False)
    monkeypatch.setattr(warmup, "available", lambda: 2)
    monkeypatch.setattr(warmup, "WORTH_SHARING", 1)
    monkeypatch.setattr(subprocess, "run", lambda command, **options: found.append(command))
    return found


@kernel
def new(row: Any, a: Any, w: Any, n: int) -> None:
    """Do nothing, and be compiled by no other test."""


def test_the_other_python_is_told_by_name(commands: list[list[str]]) -> None:
    """It begins at the end of the list; what is made by a function has no name, and is compiled here."""
    made = convolution(7, 3).forward
    warmup.compile_together("evaluate", "float64", [(made, LAYER), (new, LAYER)])
    assert [command[:4] for command in commands] == [[sys.executable, "-P", "-c", warmup.PROGRAM]]
    dtype, *names = commands[0][4:]
    assert dtype == "float64"
    assert [name.split(":")[1:] for name in names][-1] == ["new", LAYER]
    assert not any("convolution" in name for name in names)
    assert signature_of(LAYER, "float64").args in made.overloads


@pytest.mark.parametrize("case", ["one core", "no python", "little to compile"])
def test_none_is_started_where_it_would_not_help(
    case: str, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    if case == "one core":
        monkeypatch.setattr(warmup, "available", lambda: 1)
    elif case == "no python":
        monkeypatch.setattr(sys, "executable", "/usr/bin/a-program-with-python-inside")
    else:
        monkeypatch.setattr(warmup, "WORTH_SHARING", 4)
    warmup.compile_together("evaluate", "float32", [(new, LAYER)])
    assert commands == []


def test_a_python_that_cannot_be_started_costs_nothing(
    commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(command: list[str], **options: Any) -> None:
        commands.append(command)
        raise FileNotFoundError(command[0])

    monkeypatch.setattr(subprocess, "run", missing)
    failures: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", failures.append)
    warmup.compile_together("evaluate", "float32", [(new, LAYER)])
    assert len(commands) == 1
    assert failures == []
    assert signature_of(LAYER, "float32").args in cast(Any, new).overloads


def test_the_other_python_leaves_its_work_on_disk() -> None:
    """It finds the library where this process does."""
    names = ["mathdl.engine.loops:evaluate:evaluate", "mathdl.kernels.activations:tanh:layer"]
    warmup._elsewhere("float64", names)
    assert is_on_disk(loops.evaluate, warmup.driver_signature("evaluate", "float64"))
    assert is_on_disk(activations.tanh, signature_of(LAYER, "float64"))
