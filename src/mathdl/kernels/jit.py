"""How kernels are compiled, and how one is called by its address.

Every compiled function of the library goes through :func:`kernel`, so its flags live here. Left out on purpose
are the flags that assume that no number is NaN or infinite: both are data.

A network becomes a table of kernels. The table holds machine addresses, so that one driver, compiled once, runs
any network. With the JIT off (``NUMBA_DISABLE_JIT=1``) an address is an index into a list of Python functions.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from functools import cache
from inspect import Parameter, Signature, signature
from typing import Any, TypeVar, cast

import numpy as np
from numba import config, from_dtype, int64, njit, types, void
from numba.core.compiler_lock import global_compiler_lock
from numba.extending import intrinsic
from numpy.typing import NDArray

from mathdl.interrupts import interrupts_held
from mathdl.kernels.callees import compiled_where_called, has_machine_code
from mathdl.kernels.disk_cache import KernelCache
from mathdl.kernels.table import BLOCK, SPAN

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

if hasattr(os, "register_at_fork"):  # a child that is forked while another thread compiles would find this lock taken
    os.register_at_fork(
        before=global_compiler_lock.acquire,
        after_in_parent=global_compiler_lock.release,
        after_in_child=global_compiler_lock.release,
    )


def kernel(function: F) -> F:
    """Compile ``function`` on first use and keep the machine code on disk until any kernel's file changes."""
    return _compiled(function, FLAGS, cached=True)


def ordered_kernel(function: F) -> F:
    """Compile like :func:`kernel`, with sums and products in the order in which they are written.

    A loop over memory that may overlap, and the last few numbers of a vectorised one, are compiled apart, and may be
    reordered in another way.
    """
    return _compiled(function, FLAGS | {"fastmath": FLAGS["fastmath"] - {"reassoc"}}, cached=True)


def kernel_of(row: np.dtype[Any], compiled: Callable[[Any], Any] = kernel) -> Callable[[F], F]:
    """Compile the kernel of an operation whose row of the table is a record of this type."""

    def with_row(function: F) -> F:
        made = compiled(function)
        made.row = row
        return cast(F, made)

    return with_row


def part(function: F) -> F:
    """Compile ``function`` as a part of the kernels that call it, each of which takes it in whole."""
    return _compiled(function, FLAGS | {"forceinline": True}, cached=True)


def uncached_kernel(function: F) -> F:
    """Compile ``function`` on first use, for this process only (a user's own functions, which may make arrays)."""
    return _compiled(function, FLAGS | {"_nrt": True}, cached=False)


def twin_of(compiled: Any) -> Callable[[Any], Any]:
    """Decorate the Python function that stands for an intrinsic where the JIT is off; its name then means either."""
    return lambda plain: plain if JIT_OFF else compiled


def of_vectors(plain: Any, instructions: Any) -> Any:
    """An operation lane by lane: ``plain`` with the JIT off, else what ``instructions(builder, *vectors)`` builds."""
    if JIT_OFF:
        return plain

    def operation(typing_context: Any, *kinds: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            return instructions(builder, *values)

        return kinds[-1](*kinds), generate

    first = Parameter("typing_context", Parameter.POSITIONAL_ONLY)
    # Numba passes the arguments of a starred parameter as one tuple, so it is told how many there are.
    operation.__signature__ = Signature([first, *signature(plain).parameters.values()])  # type: ignore[attr-defined]
    return intrinsic(operation)


def _compiled(function: F, flags: dict[str, Any], *, cached: bool) -> F:
    dispatcher = njit(**flags)(function)
    if JIT_OFF:
        return function
    if cached:  # a user's own functions may do anything
        compiled_where_called(dispatcher)
    compile_now = dispatcher.compile

    def compile_whole(signature: Any) -> Any:
        with interrupts_held():  # LLVM calls Python back, and would lose a Ctrl-C there
            return compile_now(signature)

    dispatcher.compile = compile_whole
    if cached:
        dispatcher._cache = KernelCache(function)
        # Numba would compile a function anew for every constant that a caller gives it.
        template = dispatcher.get_call_template
        dispatcher.get_call_template = lambda given, named: template([types.unliteral(one) for one in given], named)
    return cast(F, dispatcher)


def is_kept(function: Kernel) -> bool:
    """Whether machine code of ``function`` is written to disk: not a user's own, nor where nothing can be written."""
    cache = cast(Any, function)._cache
    return isinstance(cache, KernelCache) and cache.folder.writable


def is_on_disk(function: Kernel, signature: Any) -> bool:
    """Whether the disk cache has machine code of ``function`` for ``signature``."""
    cache = cast(Any, function)._cache
    return isinstance(cache, KernelCache) and cache.holds(signature, cast(Any, function).targetctx)


def is_ready(function: Kernel, signature: Any) -> bool:
    """Whether this process has machine code of ``function`` for ``signature``."""
    return has_machine_code(function, tuple(signature.args))


def compile_kernel(function: Kernel, signature: Any) -> None:
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


# The three kinds of kernels that a table holds; all numbers but the constants are of the network's dtype.
LAYER = "layer"  # (row, parameters, workspace, n)
GRADIENT = "gradient"  # (row, workspace, gradient, block)
RULE = "rule"  # (constants, memory, parameters, span)

_python_functions: list[Kernel] = []  # in the order of their addresses, with the JIT off


@cache
def signature_of(function: Kernel, kind: str, dtype: str) -> Any:
    """Numba's signature of a kernel of this kind."""
    real = from_dtype(np.dtype(dtype))[::1]
    if kind == RULE:
        return void(types.float64[::1], real, real, from_dtype(SPAN))
    row = from_dtype(cast(Any, function).row)
    return void(row, real, real, int64 if kind == LAYER else from_dtype(BLOCK))


@cache
def address(function: Kernel, kind: str, dtype: str) -> int:
    """Compile ``function`` for ``dtype`` (or read it from the disk cache) and return where its code lies."""
    if JIT_OFF:
        _python_functions.append(function)
        return len(_python_functions)
    signature = signature_of(function, kind, dtype)
    if not is_ready(function, signature):
        compile_kernel(function, signature)
    compiled = cast(Any, function).overloads[signature.args]
    return int(compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name))


if JIT_OFF:

    def call(where: int, first: Any, second: Any, third: Any, fourth: Any) -> None:
        """Call the function that :func:`address` numbered; a row becomes a record with all of its own numbers."""
        function = cast(Any, _python_functions[where - 1])
        function(first.view(function.row) if hasattr(function, "row") else first, second, third, fourth)

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
