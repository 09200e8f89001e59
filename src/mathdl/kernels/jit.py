"""How kernels are compiled, and how one is called by its address.

Every compiled function of the library goes through :func:`kernel`, so its flags live here. Left out on purpose
are the flags that assume that no number is NaN or infinite: both are data.

A network becomes a table of kernels. The table holds machine addresses, so that one driver, compiled once, runs
any network. With the JIT off (``NUMBA_DISABLE_JIT=1``) an address is an index into a list of Python functions.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
from numba import config, from_dtype, int64, njit, types, void
from numba.extending import intrinsic
from numpy.typing import NDArray

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

Integers = NDArray[np.int64]
Reals = NDArray[Any]
Bytes = NDArray[np.uint8]

Kernel = Callable[..., Any]
F = TypeVar("F", bound=Callable[..., Any])

JIT_OFF = bool(config.DISABLE_JIT)
FLAGS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"reassoc", "contract", "nsz", "arcp"},
    "no_cfunc_wrapper": True,  # nobody calls them from C; it only takes time to compile
    "_nrt": False,  # they make no arrays, so nobody need count references to them at every turn
    "forceinline": False,  # unless it is said, Numba hands this on from whoever calls a function first
    "no_rewrites": True,  # they hold no expression of whole arrays that Numba might rewrite
}


def _sources() -> tuple[Any, ...]:
    """When each file that holds compiled functions was last changed."""
    folder = Path(__file__).parent
    drivers = [folder.parent / "engine" / name for name in ("loops.py", "steps.py")]
    files = [*sorted(folder.glob("*.py")), *drivers]
    return tuple((file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in files)


SOURCES = _sources()


def kernel(function: F) -> F:
    """Compile ``function`` on first use and keep the machine code on disk until any kernel's file changes.

    Numba alone looks at the function's own file, and would go on using constants and callees of other files as they
    once were.
    """
    return _cached(function, FLAGS)


def ordered_kernel(function: F) -> F:
    """Compile like :func:`kernel`, with sums and products in the order in which they are written.

    A loop over memory that may overlap, and the last few numbers of a vectorised one, are compiled apart, and may be
    reordered in another way.
    """
    return _cached(function, FLAGS | {"fastmath": FLAGS["fastmath"] - {"reassoc"}})


def part(function: F) -> F:
    """Compile ``function`` as a part of the kernels that call it, each of which takes it in whole."""
    return _cached(function, FLAGS | {"forceinline": True})


def _cached(function: F, flags: dict[str, Any]) -> F:
    dispatcher = njit(cache=True, **flags)(function)
    if not JIT_OFF:
        dispatcher._cache._cache_file._source_stamp = SOURCES
        # Numba would compile a function anew for every constant that a caller gives it.
        template = dispatcher.get_call_template
        dispatcher.get_call_template = lambda given, named: template([types.unliteral(one) for one in given], named)
    return cast(F, dispatcher)


def uncached_kernel(function: F) -> F:
    """Compile ``function`` on first use, for this process only (a user's own functions, which may make arrays)."""
    return cast(F, njit(**FLAGS | {"_nrt": True})(function))


def is_on_disk(function: Kernel, signature: Any) -> bool:
    """Whether the disk cache has machine code of ``function`` for ``signature``."""
    dispatcher = cast(Any, function)
    if cache_folder(function) is None:
        return False
    key = dispatcher._cache._index_key(signature, dispatcher.targetctx.codegen())
    return key in dispatcher._cache._cache_file._load_index()


def compile_alone(function: Kernel, signature: Any) -> None:
    """Compile ``function`` or read it from the disk cache, while no other process does."""
    with alone(cache_folder(function)):
        compile_here(function, signature)


def cache_folder(function: Kernel) -> str | None:
    """Where machine code of ``function`` is kept; None for a user's own functions."""
    return cast("str | None", cast(Any, function).stats.cache_path)


@contextmanager
def alone(folder: str | None) -> Iterator[None]:
    """Keep other processes from compiling into a folder of the disk cache.

    Numba's cache does not expect two processes to add different signatures of one function at once. A lock that
    cannot be had within a minute (a fork may have taken it along) is done without.
    """
    if fcntl is None or folder is None:
        yield
        return
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "mathdl.lock"), "wb") as lock:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                time.sleep(0.02)
        yield


def compile_here(function: Kernel, signature: Any) -> None:
    """Compile, or read from the disk cache, in less time than Numba would take.

    The garbage collector would go through all that Numba holds again and again, and LLVM's third level of optimisation
    finds little in kernels that say themselves what is unrolled and what is a vector.
    """
    collects, level = gc.isenabled(), config.OPT
    gc.disable()
    config.OPT = type(level)(min(level, 2))
    try:
        cast(Any, function).compile(signature)
    finally:
        config.OPT = level
        if collects:
            gc.enable()


# The three signatures of kernels that a table holds; all but the first argument's kind is the network's dtype.
LAYER = "layer"  # (row, parameters, workspace, n)
GRADIENT = "gradient"  # (row, workspace, gradient, block)
RULE = "rule"  # (constants, memory, parameters, span)

_python_functions: list[Kernel] = []
_addresses: dict[tuple[Any, str, str], int] = {}


def signature_of(kind: str, dtype: str) -> Any:
    """Numba's signature of a kernel of this kind."""
    real = from_dtype(np.dtype(dtype))[::1]
    integers = int64[::1]
    return {
        LAYER: void(integers, real, real, int64),
        GRADIENT: void(integers, real, real, integers),
        RULE: void(from_dtype(np.dtype("float64"))[::1], real, real, integers),
    }[kind]


def address(function: Kernel, kind: str, dtype: str) -> int:
    """Compile ``function`` for ``dtype`` (or read it from the disk cache) and return where its code lies."""
    key = (function, kind, dtype)
    if key not in _addresses:
        if JIT_OFF:
            _python_functions.append(function)
            _addresses[key] = len(_python_functions)
        else:
            signature, overloads = signature_of(kind, dtype), cast(Any, function).overloads
            if signature.args not in overloads:
                compile_alone(function, signature)
            compiled = overloads[signature.args]
            _addresses[key] = compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name)
    return _addresses[key]


if JIT_OFF:

    def call(where: int, first: Any, second: Any, third: Any, fourth: Any) -> None:
        """Call the function that :func:`address` numbered."""
        _python_functions[where - 1](first, second, third, fourth)

else:

    @intrinsic
    def call(typing_context: Any, where: Any, first: Any, second: Any, third: Any, fourth: Any) -> Any:
        """Call the compiled kernel at an address; an exception in it becomes one here."""

        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            kinds, convention = signature.args[1:], context.call_conv
            function_type = convention.get_function_type(signature.return_type, kinds)
            pointer = builder.inttoptr(values[0], function_type.as_pointer())
            status, _ = convention.call_function(builder, pointer, signature.return_type, kinds, values[1:])
            with builder.if_then(status.is_error, likely=False):
                convention.return_status_propagate(builder, status)
            return context.get_dummy_value()

        return void(where, first, second, third, fourth), generate
