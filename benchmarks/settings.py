"""How long a run of the benchmarks may take, and where MNIST lies."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
QUICK_TURNS = 2  # a quick run tries the machinery; its numbers mean little


@dataclass(frozen=True)
class Settings:
    """``turns`` are how often each contestant is timed; ``quick`` shortens everything.

    Where there are ``rows``, only work whose name begins with one of them is done; ``alone``, the networks' peers take
    no part.
    """

    turns: int = 7
    quick: bool = False
    rows: tuple[str, ...] = ()
    alone: bool = False

    def wants(self, work: str) -> bool:
        """Whether some work is to be done."""
        return not self.rows or work.startswith(self.rows)

    def repeated(self, turns: int | None = None) -> int:
        """Turns to take, or fewer for work that takes long."""
        wanted = self.turns if turns is None else min(turns, self.turns)
        return min(wanted, QUICK_TURNS) if self.quick else wanted

    def shortened(self, steps: int) -> int:
        """Steps to take in a turn."""
        return max(2, steps // 10) if self.quick else steps


def mnist_folder() -> Path | None:
    """Find the folder with MNIST's files: by MATHDL_DATA, else beside the repository."""
    home = os.environ.get("MATHDL_DATA")
    folder = (Path(home) if home else ROOT.parent / "shared" / "data") / "mnist"
    return folder if folder.is_dir() else None
