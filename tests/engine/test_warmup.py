"""What another process compiles, and the drivers' types."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numba import typeof

from mathdl import SGD, Adam, Dense, Network, Watch, gradient_descent
from mathdl.engine import loops, warmup
from mathdl.kernels import activations
from mathdl.kernels.disk_cache import CacheFolder
from mathdl.kernels.jit import JIT_OFF, LAYER, compile_kernel, is_on_disk, kernel_of, signature_of
from mathdl.kernels.maxpool2d import pooling
from mathdl.kernels.table import operation

pytestmark = pytest.mark.skipif(JIT_OFF, reason="with the JIT off there is nothing to compile")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("as_bytes", [False, True])
def test_a_call_has_the_types_that_were_compiled(dtype: str, as_bytes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numba does not look at them when a network runs."""
    prepare, met = warmup.prepare, set()

    def checked(driver: str, dtype: str) -> Any:
        wanted, function = warmup.driver_signature(driver, dtype).args, prepare(driver, dtype)

        def call(*arguments: Any) -> None:
            assert tuple(typeof(argument) for argument in arguments) == wanted
            met.add(driver)
            function(*arguments)

        return call

    monkeypatch.setattr(warmup, "prepare", checked)
    net = Network([Dense(2)], input_shape=(3,), dtype=dtype, seed=0)
    X, y = np.ones((40, 3), np.uint8 if as_bytes else dtype), np.arange(40) % 2
    X.flags.writeable = False
    for batch_size, threads in ((1, 1), (np.int32(20), np.int8(2)), (40, 1)):
        options: dict[str, Any] = {"batch_size": batch_size, "threads": threads, "callbacks": [Watch()]}
        net.fit(X, y, loss="cross_entropy", epochs=1, validation=(X, y), sample_weight=np.arange(40), **options)
    net.fit(X, y, loss="cross_entropy", epochs=1, rule=Adam("auto"))
    gradient_descent(net.objective(X, y, "cross_entropy"), net.parameters, SGD(0.1), steps=3, batch_size=7)
    assert met == {"descend", "descend_singly", "evaluate"}


class Helper:
    """Stands in for another process, and is written down."""

    def __init__(self, command: list[str], commands: list[list[str]]) -> None:
        commands.append(command)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *reason: object) -> None:
        pass


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Everything seems missing; what would be run elsewhere is only written down."""
    found: list[list[str]] = []
    monkeypatch.setattr(warmup, "is_on_disk", lambda kernel, signature: False)
    monkeypatch.setattr(warmup, "available", lambda: 2)
    monkeypatch.setattr(warmup, "WORTH_SHARING", 1)
    monkeypatch.setattr(subprocess, "Popen", lambda command, **options: Helper(command, found))
    return found


ROW = operation()


def fresh() -> Any:
    """Make a kernel that no other test has compiled."""

    @kernel_of(ROW)
    def nothing(row: Any, a: Any, w: Any, n: int) -> None:
        pass

    return nothing


SIGNATURE = None if JIT_OFF else signature_of(fresh(), LAYER, "float64")


@kernel_of(ROW)
def new(row: Any, a: Any, w: Any, n: int) -> None:
    """Do nothing, and be compiled by no other test."""


@kernel_of(ROW)
def other(row: Any, a: Any, w: Any, n: int) -> None:
    """Likewise."""


def test_the_other_python_is_told_by_name(commands: list[list[str]]) -> None:
    """It begins at the end of the list; what is made by a function has no name, and is compiled here."""
    made = pooling(7, 7, 3, 3).forward
    warmup.compile_together("evaluate", "float64", [(made, LAYER), (new, LAYER)])
    assert [command[:4] for command in commands] == [[sys.executable, "-P", "-c", warmup.PROGRAM]]
    dtype, *names = commands[0][4:]
    assert dtype == "float64"
    assert [name.split(":")[1:] for name in names][-1] == ["new", LAYER]
    assert not any("pooling" in name for name in names)
    assert signature_of(made, LAYER, "float64").args in made.overloads


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
    warmup.compile_together("evaluate", "float32", [(fresh(), LAYER)])
    assert commands == []


def test_a_python_that_cannot_be_started_costs_nothing(
    commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(command: list[str], **options: Any) -> None:
        commands.append(command)
        raise FileNotFoundError(command[0])

    monkeypatch.setattr(subprocess, "Popen", missing)
    alone: Any = other
    warmup.compile_together("evaluate", "float32", [(alone, LAYER)])
    assert len(commands) == 1
    assert signature_of(alone, LAYER, "float32").args in alone.overloads


@pytest.mark.parametrize(
    ("ready", "kept", "lines"),
    [
        (False, True, ["compiling 6 kernels, once (about 3 s)"]),
        (False, False, ["compiling 6 kernels (about 3 s)"]),
        (True, True, []),
    ],
)
def test_the_wait_is_announced_with_its_length(
    ready: bool,
    kept: bool,
    lines: list[str],
    commands: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Where everything is at hand there is nothing to say."""
    monkeypatch.setattr(CacheFolder, "announced", False)
    monkeypatch.setattr(warmup, "is_ready", lambda kernel, signature: ready)
    monkeypatch.setattr(warmup, "is_kept", lambda kernel: kept)
    monkeypatch.setattr(warmup, "compile_kernel", lambda kernel, signature: None)
    with caplog.at_level(logging.INFO, "mathdl"):
        warmup.compile_together("evaluate", "float64", [(fresh(), LAYER) for _ in range(5)])
    assert [record.getMessage() for record in caplog.records] == lines


def test_a_kernel_that_is_compiled_alone_is_announced_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(CacheFolder, "announced", False)
    with caplog.at_level(logging.INFO, "mathdl"):
        for _ in range(2):
            kernel, folder = fresh(), CacheFolder(None, False)
            monkeypatch.setattr(kernel._cache._impl.locator, "folder", folder)
            monkeypatch.setattr(folder, "warn", lambda message: None)
            compile_kernel(kernel, SIGNATURE)
    assert [record.getMessage() for record in caplog.records] == ["compiling kernels"]


def test_who_watches_is_told_how_far_it_is(commands: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """What the other process has done counts too."""
    told: list[tuple[int, int]] = []
    elsewhere = [fresh() for _ in range(2)]
    monkeypatch.setattr(warmup, "watchers", [lambda done, total: told.append((done, total))])
    monkeypatch.setattr(warmup, "compile_kernel", lambda kernel, signature: found.extend(elsewhere))
    found: list[Any] = []
    monkeypatch.setattr(warmup, "is_ready", lambda kernel, signature: False)
    monkeypatch.setattr(warmup, "is_on_disk", lambda kernel, signature: kernel in found)
    warmup.compile_together("evaluate", "float64", [(kernel, LAYER) for kernel in (fresh(), *elsewhere)])
    assert told == [(0, 4), (3, 4), (3, 4), (3, 4), (4, 4)]


def start_helper(*names: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", warmup.PROGRAM, "float64", *names]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)


def test_the_other_python_leaves_its_work_on_disk() -> None:
    """It finds the library where this process does."""
    names = ["mathdl.engine.loops:evaluate:evaluate", "mathdl.kernels.activations:tanh:layer"]
    with start_helper(*names) as helper:
        assert helper.wait(120) == 0
    assert is_on_disk(loops.evaluate, warmup.driver_signature("evaluate", "float64"))
    assert is_on_disk(activations.tanh, signature_of(activations.tanh, LAYER, "float64"))


def test_the_other_python_ends_with_this_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It sees its input end, however this process does, and leaves the rest of its work undone."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    names = [f"mathdl.kernels.activations:{name}:layer" for name in ("tanh", "sigmoid", "softmax", "softmax_backward")]
    with start_helper(*names, *names) as helper:
        while not list(tmp_path.rglob("*.nbi")):
            time.sleep(0.01)
        assert helper.stdin is not None
        helper.stdin.close()
        assert helper.wait(5) == 0
    assert len(list(tmp_path.rglob("*.nbi"))) < len(names)


@pytest.mark.parametrize("called", [False, True])
def test_ctrl_c_waits_until_a_kernel_is_compiled(called: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the middle it would be lost in a callback, or come out as an error of the compiler."""
    pressed, before = fresh(), signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(pressed._cache, "load_overload", lambda *given: signal.raise_signal(signal.SIGINT))
    arguments = np.zeros(1, ROW)[0], np.zeros(0), np.zeros(0), 1
    compile_it = partial(pressed, *arguments) if called else partial(compile_kernel, pressed, SIGNATURE)
    with pytest.raises(KeyboardInterrupt):
        compile_it()
    assert SIGNATURE.args in pressed.overloads
    assert signal.getsignal(signal.SIGINT) is before
