"""Files that mathdl wrote, changed behind its back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file


def edit(path: Path, change: Callable[[dict[str, Any], dict[str, np.ndarray], dict[str, str]], None]) -> None:
    """Change what a file holds: its record, its arrays, its metadata."""
    with safe_open(path, "numpy") as file:
        metadata, arrays = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    record = json.loads(metadata["record"])
    change(record, arrays, metadata)
    metadata["record"] = json.dumps(record)
    save_file(arrays, path, metadata)
