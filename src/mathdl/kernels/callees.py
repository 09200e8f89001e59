"""Functions that other compiled functions call: no machine code of their own, so that a first run waits half as long.

Numba would optimise such a function, turn it into machine code that Python could call, and write that to disk; then it
would do all of it again in each function that calls it, which takes its LLVM code in. Here a function that is compiled
because another one calls it is only translated to LLVM's code; it is compiled once it is called by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba.core import sigutils
from numba.core.caching import NullCache
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler_lock import global_compiler_lock

NOT_ON_DISK = NullCache()


class _Whole(JITCodeLibrary):  # type: ignore[misc]
    """LLVM code that is optimised once, with all that it calls."""

    def _optimize_functions(self, module: Any) -> None:
        """Leave this to the passes over the whole module."""
        module.data_layout = self._codegen._data_layout


class _Callee(_Whole):
    """LLVM code that waits to be taken in by a caller."""

    @property
    def codegen(self) -> Any:
        return _WithoutAddresses(self._codegen)

    def _optimize_final_module(self) -> None:
        """Leave this to the caller."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        """There is none."""
        return 0


class _WithoutAddresses:
    """Numba's code generator, for functions that are nowhere yet."""

    def __init__(self, codegen: Any) -> None:
        self._codegen = codegen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._codegen, name)

    def set_env(self, name: str, environment: Any) -> None:
        """What a function keeps for exceptions made of Python's objects; kernels raise none."""


class _Making:
    """While it lasts, the library of one function is made of the class given; those of Numba's own are as always."""

    _calling = 0  # how many of the library's functions are being compiled, each because the one before calls it

    def __init__(self, dispatcher: Any, kind: type[JITCodeLibrary]) -> None:
        self._codegen, self._kind = dispatcher.targetctx.codegen(), kind
        self._name = dispatcher.py_func.__qualname__

    def __enter__(self) -> None:
        self._before = before = self._codegen.create_library
        self._codegen.create_library = lambda name, **more: (
            self._kind(self._codegen, name, **more) if name == self._name else before(name, **more)
        )
        _Making._calling += 1

    def __exit__(self, *reason: object) -> None:
        _Making._calling -= 1
        self._codegen.create_library = self._before

    @classmethod
    def called(cls) -> bool:
        """Whether a function is being compiled, so that what is compiled now is one that it calls."""
        return cls._calling > 0


def has_machine_code(dispatcher: Any, arguments: tuple[Any, ...]) -> bool:
    """Whether a function is compiled for arguments of these types by itself, and not only as one that others call."""
    known = dispatcher.overloads.get(arguments)
    return known is not None and not isinstance(known.library, _Callee)


def compiled_where_called(dispatcher: Any) -> None:
    """Let a function of Numba give machine code only to calls from Python and by address."""
    compile_fully, add_fully = dispatcher.compile, dispatcher.add_overload

    def compile_as_needed(signature: Any) -> Any:
        arguments = tuple(sigutils.normalize_signature(signature)[0])
        with global_compiler_lock:
            if _Making.called():
                return _as_callee(dispatcher, compile_fully, signature)
            if not has_machine_code(dispatcher, arguments):
                dispatcher.overloads.pop(arguments, None)
            with _Making(dispatcher, _Whole):
                return compile_fully(signature)

    def add(compiled: Any) -> None:
        if isinstance(compiled.library, _Callee):  # Python must not find it
            dispatcher.overloads[tuple(compiled.signature.args)] = compiled
        else:
            add_fully(compiled)

    dispatcher.compile, dispatcher.add_overload = compile_as_needed, add


def _as_callee(dispatcher: Any, compile_fully: Callable[[Any], Any], signature: Any) -> Any:
    """Translate a function to LLVM's code, and write nothing to disk."""
    cache, options = dispatcher._cache, dispatcher.targetoptions
    dispatcher._cache = NOT_ON_DISK
    options["no_cpython_wrapper"] = True
    try:
        with _Making(dispatcher, _Callee):
            return compile_fully(signature)
    finally:
        dispatcher._cache = cache
        del options["no_cpython_wrapper"]
