"""What several tests of watching share."""

from __future__ import annotations

import pytest

from mathdl.training import watch as module


@pytest.fixture
def affordable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every epoch be measured, on 256 objects or all, however short the run."""
    monkeypatch.setattr(module, "MAX_WATCHING_SHARE", 1e9)
