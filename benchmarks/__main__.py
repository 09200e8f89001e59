"""``python -m benchmarks [NAME...]``: run the named families of benchmarks, or all; keep the numbers where asked.

While kernels are tuned: ``python -m benchmarks steps --rows "dense 784-128" --turns 3 --alone``.
"""

from __future__ import annotations

import argparse
import json
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks import environment, machine, pictures, products
from benchmarks.page import page
from benchmarks.results import Result, text
from benchmarks.settings import Settings
from benchmarks.side_by_side import Disagreement
from mathdl.engine.threads import available

FAMILIES = ["steps", "batch_sizes", "small", "estimators", "mnist", "latency", "memory", "scaling", "processors"]
FAMILIES += ["startup", "soft_margin", "logistic", "clusters", "least_squares", "regions"]
FAMILIES += ["study", "learning_rate", "tables", "reading", "larger_than_memory", "scaling_out", "many_models"]


def main(arguments: list[str] | None = None) -> int:
    """Run what is asked for; return 1 if a family came to no end, as where contestants computed different things."""
    options = parsed(arguments)
    if options.numbers is not None:
        kept = json.loads(options.numbers.read_text(encoding="utf-8"))
        found = {name: [Result.of_record(one) for one in records] for name, records in kept["results"].items()}
        write_page(options.page, kept["machine"], found)
        return 0
    settings = Settings(options.turns, options.quick, tuple(options.rows), options.alone)
    place = {**machine.description(), "quick": settings.quick, "products": []}
    if not settings.alone:
        place["products"] = [each._asdict() for each in products.rates(place["threads"], quick=settings.quick)]
    print(*machine.lines(place), sep="\n")
    results, failures = run([name for name in FAMILIES if name in options.names or not options.names], settings)
    if options.json is not None:
        record = {name: [result.record() for result in found] for name, found in results.items()}
        options.json.write_text(json.dumps({"machine": place, "results": record}, indent=2), encoding="utf-8")
    if options.page is not None:
        write_page(options.page, place, results)
    return 1 if failures else 0


def write_page(file: Path, place: dict[str, Any], results: dict[str, list[Result]]) -> None:
    """Write the page, and its pictures beside it."""
    rates = place["multipliers"]["float32"]
    drawn = pictures.pictures(results, place["products"], max(rates.values()))
    names = [f"{file.stem}_{picture.name}.svg" for picture in drawn]
    for name, picture in zip(names, drawn, strict=True):
        file.with_name(name).write_text(picture.svg, encoding="utf-8")
    shown = [f"![{picture.shows}]({name})" for name, picture in zip(names, drawn, strict=True)]
    sections = {name: import_module(f"benchmarks.{name}") for name in results}
    headed = [(module.TITLE, module.__doc__ or "", results[name]) for name, module in sections.items()]
    file.write_text(page(place, shown, headed), encoding="utf-8")


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure mathdl beside its peers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(FAMILIES)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="few and short turns, to try the machinery")
    parser.add_argument("--turns", type=int, default=7, help="timed turns of each contestant (default: 7)")
    parser.add_argument("--rows", nargs="+", default=[], metavar="TEXT", help="only work whose name begins like this")
    parser.add_argument("--alone", action="store_true", help="mathdl and the multipliers, without the peers")
    parser.add_argument("--threads", type=int, metavar="N", help="cores that everybody may use (default: all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the numbers to this file")
    parser.add_argument("--numbers", type=Path, metavar="FILE", help="measure nothing; a page of what --json kept")
    parser.add_argument("--page", type=Path, metavar="FILE", help="also write a page with the machine and the tables")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.names) - set(FAMILIES))
    if unknown:
        parser.error(f"no benchmark is called {', '.join(unknown)}; choose from {', '.join(FAMILIES)}")
    if options.threads is not None and not 1 <= options.threads <= available():
        parser.error(f"--threads is {options.threads}; this process may use {available()} cores, so give no more.")
    if options.numbers is not None and options.page is None:
        parser.error("--numbers makes a page of numbers that --json kept; name it with --page.")
    return options


def run(names: list[str], settings: Settings) -> tuple[dict[str, list[Result]], int]:
    """Run families one after the other and print each result as it comes; count those that came to no end."""
    results: dict[str, list[Result]] = {}
    failures = 0
    for name in names:
        family = import_module(f"benchmarks.{name}")
        print(f"\n== {family.TITLE}\n", flush=True)
        results[name] = []
        try:
            for result in family.run(settings):
                results[name].append(result)
                print(text(result), "\n", flush=True)
        except Disagreement as failure:
            failures += 1
            print(f"No comparison: {failure}", file=sys.stderr, flush=True)
        except Exception:  # one family's trouble must not cost the others' numbers
            failures += 1
            traceback.print_exc()
    return results, failures


if __name__ == "__main__":
    environment.restart_free(parsed(None).threads)
    sys.exit(main())
