"""JSON that every program can read."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

# A list of numbers goes into one line; texts hold no line breaks.
_NUMBERS, _BREAK = re.compile(r'\[\n\s+([^][{}"]+?)\n\s+\]'), re.compile(r",\n\s+")


def strict_json(values: Any) -> str:
    """Write values as strict JSON, which knows neither NaN nor infinity: these become null."""
    text = json.dumps(plain(values), indent=2, allow_nan=False)
    return _NUMBERS.sub(lambda found: f"[{_BREAK.sub(', ', found[1])}]", text)


def plain(value: Any) -> Any:
    """Return a value in which nothing is NaN or infinite: None stands in its place."""
    if isinstance(value, Mapping):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
