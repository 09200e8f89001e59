"""What a run leaves in its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mathdl import load
from mathdl.runs.run import Run

FILES = ["metrics.json", "model.safetensors", "report.html"]
CERTIFIED = ["certificate-data.npz", "certificate.json", *FILES]


def tree(folder: Path) -> list[str]:
    """Everything in a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def saved(run: Run) -> Any:
    """The model of a run, as its file gives it back."""
    assert run.folder is not None
    return load(run.folder / "model.safetensors")


def page(run: Run) -> str:
    """The report that a run wrote."""
    assert run.folder is not None
    return (run.folder / "report.html").read_text(encoding="utf-8")
