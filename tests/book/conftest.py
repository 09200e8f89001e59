"""The runs of the batch-size study, made once."""

from __future__ import annotations

import pytest

from mathdl.book.chapter08 import batch_size_study, batch_sizes
from mathdl.book.chapter08.batch_size_study import Run


@pytest.fixture(scope="session")
def made() -> list[Run]:
    """The study with seed 0."""
    return batch_size_study.study(0)


@pytest.fixture
def runs(made: list[Run], monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """The same, which the experiments also take instead of making it again."""
    monkeypatch.setattr(batch_sizes, "study", lambda seed, progress: made)
    return made
