"""What a run leaves in its folder."""

from __future__ import annotations

from pathlib import Path

FILES = ["metrics.json", "model.safetensors", "report.html"]


def tree(folder: Path) -> list[str]:
    """Everything in a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
