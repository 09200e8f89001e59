"""The runs of the batch-size study, made once."""

from __future__ import annotations

import pytest

from mathdl.book.chapter08 import batch_size_study
from mathdl.book.chapter08.batch_size_study import Run


@pytest.fixture(scope="session")
def runs() -> list[Run]:
    """The study with seed 0, which the items then take instead of making it again."""
    return batch_size_study.study(0)
