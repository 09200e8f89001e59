"""Data that several tests of runs train on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_iris


@pytest.fixture
def flowers(tmp_path: Path) -> Path:
    iris = load_iris(as_frame=True)
    table = iris.data.assign(species=iris.target_names[iris.target], size=np.where(iris.target == 1, "big", "small"))
    table.to_csv(tmp_path / "flowers.csv", index=False)
    return tmp_path / "flowers.csv"
