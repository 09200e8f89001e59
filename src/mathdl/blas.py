"""BLAS in one thread: sums are added in one order, so the bits of a result do not depend on the machine's cores."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import scipy.linalg  # noqa: F401  (its BLAS must be there before the libraries are counted)
from threadpoolctl import ThreadpoolController


@cache
def _controller() -> Any:
    """Find the libraries, once: that takes as long as a small fit."""
    return ThreadpoolController()


class _SharedLimit:
    """The limit of the whole process: the first thread that asks sets it, the last one that has done takes it away."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders = 0
        self._limit: Any = None
        if hasattr(os, "register_at_fork"):  # no child may find the lock taken by a thread that it has not
            os.register_at_fork(
                before=self._lock.acquire, after_in_parent=self._lock.release, after_in_child=self._lock.release
            )

    def enter(self) -> None:
        """Set the limit where nobody has."""
        with self._lock:
            if self._holders == 0:
                self._limit = _controller().limit(limits=1, user_api="blas")
            self._holders += 1

    def leave(self) -> None:
        """Take the limit away where nobody else needs it."""
        with self._lock:
            self._holders -= 1
            if self._holders == 0:
                self._limit.restore_original_limits()


_shared_limit = _SharedLimit()


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep BLAS to one thread, also where several threads ask for it at once."""
    _shared_limit.enter()
    try:
        yield
    finally:
        _shared_limit.leave()
