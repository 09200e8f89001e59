"""BLAS in one thread: sums are added in one order, so the bits of a result do not depend on the machine's cores."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

import scipy.linalg  # noqa: F401  (its BLAS must be there before the libraries are counted)
from threadpoolctl import ThreadpoolController


@cache
def _controller() -> Any:
    """Find the libraries, once: that takes as long as a small fit."""
    return ThreadpoolController()


def one_thread() -> AbstractContextManager[Any]:
    """Keep BLAS to one thread.

    Examples
    --------
    >>> import numpy as np
    >>> with one_thread():
    ...     total = np.ones((3, 3)) @ np.ones(3)
    """
    limit: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return limit
