"""Classification or regression."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mathdl.data.task import decide_task
from mathdl.errors import InputError


@pytest.mark.parametrize(
    ("y", "task"),
    [
        (["a", "b"], "classification"),
        ([True, False], "classification"),
        (np.arange(20), "classification"),
        (np.arange(20.0), "classification"),
        (np.arange(21), "regression"),
        ([0.5, 1.0], "regression"),
        (np.array(["1", "2"]), "classification"),
        ([1, 1], "classification"),
    ],
)
def test_rule(y: Any, task: str) -> None:
    assert decide_task(y) == task


def test_bad_targets() -> None:
    with pytest.raises(InputError, match="target is empty"):
        decide_task([])
    with pytest.raises(InputError, match=r"The target has no value .NaN. in row 2"):
        decide_task([1.0, np.nan])
    with pytest.raises(InputError, match="The target mixes numbers and text: row 3"):
        decide_task(np.array([1, 2, "x"], object))
