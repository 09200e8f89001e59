"""Functions that compiled ones call: what is kept of them, and what happens when they are called by themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numba import float64, int64, njit, types
from numba.core.codegen import JITCodeLibrary, JITCPUCodegen

from mathdl.kernels.callees import NOT_ON_DISK
from mathdl.kernels.jit import JIT_OFF, LAYER, address, is_ready, kernel, kernel_of, part, signature_of
from mathdl.kernels.table import operation

ROW = operation()

pytestmark = pytest.mark.skipif(JIT_OFF, reason="with the JIT off nothing is compiled")


def chain() -> tuple[Any, Any, Any]:
    """Three functions, each of which the next one calls."""

    @part
    def square(x: float) -> float:
        return x * x

    @kernel
    def sum_of_squares(x: Any) -> float:
        s = 0.0
        for value in x:
            s += square(value)
        return s

    @kernel_of(ROW)
    def norms(row: Any, a: Any, w: Any, n: int) -> None:
        w[0] = np.sqrt(sum_of_squares(a))

    return square, sum_of_squares, norms


def saved(dispatcher: Any, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The signatures whose machine code is written to disk from now on."""
    found: list[Any] = []
    monkeypatch.setattr(dispatcher._cache, "load_overload", lambda signature, context: None)
    monkeypatch.setattr(dispatcher._cache, "save_overload", lambda signature, compiled: found.append(signature))
    return found


def test_only_the_function_that_is_called_gets_machine_code(monkeypatch: pytest.MonkeyPatch) -> None:
    square, sum_of_squares, norms = functions = chain()
    written = [saved(function, monkeypatch) for function in functions]
    assert address(norms, LAYER, "float64") > 0
    assert written == [[], [], [signature_of(norms, LAYER, "float64")]]
    for callee in (square, sum_of_squares):
        (compiled,) = callee.overloads.values()
        assert compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name) == 0
    w = np.zeros(1)
    norms(np.zeros(1, ROW)[0], np.array([3.0, 4.0]), w, 1)
    assert w[0] == 5


def test_a_callee_that_is_called_by_itself_is_compiled_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """From Python and by address; Numba would jump to address 0."""
    _, sum_of_squares, norms = chain()
    written = saved(sum_of_squares, monkeypatch)
    saved(norms, monkeypatch)
    address(norms, LAYER, "float64")
    assert sum_of_squares(np.array([1.0, 2.0])) == 5
    assert len(written) == 1
    (compiled,) = sum_of_squares.overloads.values()
    assert compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name) > 0
    assert sum_of_squares(np.array([1.0, 3.0])) == 10
    assert len(written) == 1


def test_a_callee_that_a_table_holds_has_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    @kernel_of(ROW)
    def inner(row: Any, a: Any, w: Any, n: int) -> None:
        w[0] += n

    @kernel_of(ROW)
    def outer(row: Any, a: Any, w: Any, n: int) -> None:
        inner(row, a, w, n)

    for function in (inner, outer):
        saved(function, monkeypatch)
    signature = signature_of(inner, LAYER, "float64")
    address(outer, LAYER, "float64")
    assert not is_ready(inner, signature)
    assert address(inner, LAYER, "float64") > 0
    assert is_ready(inner, signature)


def test_what_the_library_did_not_write_is_compiled_as_always(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's own function, called by one of ours and then from Python; and ours, called by a user's."""

    @njit
    def theirs(x: float) -> float:
        return x + 1

    @kernel
    def ours(x: float) -> float:
        return theirs(x) * 2

    @njit
    def last(x: float) -> float:
        return ours(x) + 0.5

    saved(ours, monkeypatch)
    ours.compile(float64(float64))  # type: ignore[attr-defined]
    assert theirs(1.0) == 2
    assert ours(1.0) == 4
    assert last(1.0) == 4.5


def test_an_error_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    @kernel
    def bad(x: Any) -> Any:
        return x.no_such_thing

    @kernel
    def calls_bad(x: Any) -> Any:
        return bad(x)

    before = {function: function._cache for function in (bad, calls_bad)}  # type: ignore[attr-defined]
    codegen = bad.targetctx.codegen()  # type: ignore[attr-defined]
    make = codegen.create_library
    for _ in range(2):
        with pytest.raises(Exception, match="no_such_thing"):
            calls_bad.compile((int64,))  # type: ignore[attr-defined]
    assert codegen.create_library == make
    assert {function: function._cache for function in before} == before  # type: ignore[attr-defined]
    assert "no_cpython_wrapper" not in bad.targetoptions  # type: ignore[attr-defined]
    test_only_the_function_that_is_called_gets_machine_code(monkeypatch)


def test_what_is_used_of_numba_is_there() -> None:
    """These are Numba's own; a version that renames them fails here."""
    for name in (
        "_optimize_functions",
        "_optimize_final_module",
        "_finalize_final_module",
        "_finalize_dynamic_globals",
    ):
        assert callable(getattr(JITCodeLibrary, name))
    assert callable(JITCPUCodegen.create_library)
    assert NOT_ON_DISK.load_overload(types.void(), None) is None
