"""BLAS in one thread: sums are added in one order, so the bits of a result do not depend on the machine's cores."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import scipy.linalg  # noqa: F401  (its BLAS must be there before the libraries are counted)
from threadpoolctl import ThreadpoolController


@cache
def _libraries() -> tuple[list[Any], list[Any]]:
    """Find the libraries whose number of threads is the whole process's, and those where each thread has its own.

    Once: that takes as long as a small fit.
    """
    found = ThreadpoolController().select(user_api="blas").lib_controllers
    own = [library for library in found if getattr(library, "threading_layer", None) == "openmp"]
    return [library for library in found if library not in own], own


def _numbers(libraries: Sequence[Any]) -> list[int]:
    return [library.get_num_threads() for library in libraries]


def _set_numbers(libraries: Sequence[Any], numbers: Sequence[int]) -> None:
    """Set the numbers of threads, whoever set them last: newer versions of threadpoolctl let one thread do so."""
    for library, number in zip(libraries, numbers, strict=True):
        clear = getattr(library, "clear_controlling_thread", lambda force: None)
        clear(force=True)
        library.set_num_threads(number)
        clear(force=True)


class _SharedLimit:
    """The limit of the whole process: the first thread that asks sets it, the last one that has done takes it away."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders = 0
        self._before: list[int] = []
        if hasattr(os, "register_at_fork"):  # no child may find the lock taken by a thread that it has not
            os.register_at_fork(
                before=self._lock.acquire, after_in_parent=self._lock.release, after_in_child=self._lock.release
            )

    def enter(self, libraries: Sequence[Any]) -> None:
        """Set the limit where nobody has."""
        with self._lock:
            if self._holders == 0:
                self._before = _numbers(libraries)
                _set_numbers(libraries, [1] * len(libraries))
            self._holders += 1

    def leave(self, libraries: Sequence[Any]) -> None:
        """Take the limit away where nobody else needs it."""
        with self._lock:
            self._holders -= 1
            if self._holders == 0:
                _set_numbers(libraries, self._before)


_shared_limit = _SharedLimit()


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep BLAS to one thread, also where several threads ask for it at once."""
    shared, own = _libraries()
    before = _numbers(own)
    _shared_limit.enter(shared)
    try:
        _set_numbers(own, [1] * len(own))
        yield
    finally:
        _set_numbers(own, before)
        _shared_limit.leave(shared)
