"""``python -m benchmarks NAME [options]``: run one benchmark, or list them."""

from __future__ import annotations

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path

BENCHMARKS = ["training_steps"]


def main() -> None:
    """Run the benchmark that is named; keep its numbers where ``--json`` says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure mathdl beside its peers.")
    parser.add_argument(
        "name", nargs="?", choices=BENCHMARKS, default=BENCHMARKS[0], help="which one (default: %(default)s)"
    )
    parser.add_argument("--json", type=Path, help="also write the numbers to this file")
    options, rest = parser.parse_known_args()
    results = import_module(f"benchmarks.{options.name}").main(rest)
    if options.json is not None:
        options.json.write_text(json.dumps(results, indent=2), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
