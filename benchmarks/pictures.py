"""What the benchmarks found, as pictures: how many times as fast, time against batch size, share of the multipliers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks import problems
from benchmarks.results import SHARE, Bar, Result
from mathdl.plots.style import COLOURS, INK, PAGE, SOFT, legend, log_axes, svg_file

Results = Mapping[str, Sequence[Result]]  # by family
COMPARED = ("steps", "small", "mnist", "latency", "estimators", "clusters")
LIBRARIES = ("PyTorch", "JAX", "scikit-learn", "ONNX Runtime")
OWN_COLOURS = {"mathdl": INK, **dict(zip(LIBRARIES, COLOURS, strict=False))}
SHORT = {
    problems.CONV: "small convolutional network",
    problems.WIDE_CONV: "wide convolutional network",
    "one image through ": "one image, ",
    ", gradient of one object": "",
    " draw of centres": " start",
    " draws of centres": " starts",
    "batch 64, to 99%": "to 99 % on MNIST",
}


class Picture(NamedTuple):
    """The end of a file's name, what the picture shows, and the SVG."""

    name: str
    shows: str
    svg: str


def pictures(results: Results, products: Sequence[Mapping[str, Any]], peak: float) -> list[Picture]:
    """Draw what there are numbers for; ``peak`` is the multipliers' rate with all threads."""
    drawn = [ratios(results), by_batch(results), shares(results, products, peak)]
    return [picture for picture in drawn if picture is not None]


def short(work: str) -> str:
    """A name that has room beside a bar."""
    for long, word in SHORT.items():
        work = work.replace(long, word)
    return work


def library_of(bar: Bar) -> str | None:
    """The library that a bar compares with; None where it is none of those shown, or is shown without a limit."""
    found = re.match(r"against (PyTorch|JAX|ONNX Runtime|MLPClassifier|scikit-learn)", bar.what)
    if found is None or bar.limit is None:
        return None
    return {"MLPClassifier": "scikit-learn"}.get(found[1], found[1])


def ratios(results: Results) -> Picture | None:
    """How many times as fast as each library's fastest variant."""
    rows = [
        (short(result.work), {library: bar.value for bar in result.bars if (library := library_of(bar))})
        for family in COMPARED
        for result in results.get(family, ())
    ]
    rows = [row for row in rows if row[1]]
    if not rows:
        return None
    met = [library for library in LIBRARIES if any(library in values for _, values in rows)]

    def draw(ax: Any) -> None:
        place, ticks = 0.0, []
        for _, values in rows:
            ticks.append(place + (len(values) - 1) / 2)
            for library in met:
                if library in values:
                    ratio, colour = values[library], OWN_COLOURS[library]
                    ax.barh(place, ratio - 1, left=1, height=0.85, color=colour)
                    right = ratio >= 1
                    ax.annotate(
                        f"{ratio:.3g}",
                        (max(ratio, 1) if right else ratio, place),
                        xytext=(3 if right else -3, 0),
                        textcoords="offset points",
                        ha="left" if right else "right",
                        va="center",
                        color=INK,
                        fontsize=7.5,
                    )
                    place += 1
            place += 0.7
        for library in met:
            ax.barh(0, 0, color=OWN_COLOURS[library], label=library)
        ax.axvline(1, color=INK, linewidth=1)
        ax.set_yticks(ticks, [name for name, _ in rows])
        ax.tick_params(axis="y", length=0)
        ax.set_ylim(place - 0.7, -0.9)
        least, most = (pick(ratio for _, values in rows for ratio in values.values()) for pick in (min, max))
        ax.set_xlim(min(0.6, 0.7 * least), 1.6 * most)
        log_axes(ax, x=True)
        ax.grid(axis="y", visible=False)
        ax.set_xlabel("times as fast as the library's fastest variant (1: as fast)")
        legend(ax)

    bars = sum(len(values) for _, values in rows)
    shows = "How many times as fast as each library's fastest variant mathdl is, by work"
    return Picture("ratios", shows, svg_file(shows, draw, size=(5.2, 0.17 * bars + 0.12 * len(rows) + 0.3)))


def by_batch(results: Results) -> Picture | None:
    """Time of a step against the batch size."""
    by_network: dict[str, dict[str, dict[int, float]]] = {}
    for result in results.get("batch_sizes", ()):
        network, batch = result.work.rsplit(", batch ", 1)
        for entry in result.entries:
            times = by_network.setdefault(network, {}).setdefault(_library(entry.name), {})
            size = int(batch.replace(",", ""))
            times[size] = min(entry.median, times.get(size, entry.median))  # PyTorch by its fastest variant
    if not by_network:
        return None

    def panel(network: str) -> Any:
        def draw(ax: Any) -> None:
            for name, times in by_network[network].items():
                sizes = sorted(times)
                values = [1e3 * times[size] for size in sizes]
                ax.plot(sizes, values, marker="o", markersize=3.5, label=name, color=OWN_COLOURS.get(name, SOFT))
            log_axes(ax, x=True, y=True)
            ax.set_xticks([1, 4, 16, 64, 256, 1024], ["1", "4", "16", "64", "256", "1024"])
            ax.set_title(short(network), loc="left", pad=20)
            ax.set_xlabel("objects in a batch")
            ax.set_ylabel("milliseconds a step")
            legend(ax)

        return draw

    shows = "Time of a training step against the batch size, on logarithmic axes"
    drawn = svg_file(shows, *(panel(network) for network in by_network), size=(3.1, 2.5), columns=2)
    return Picture("batches", shows, drawn)


def _library(name: str) -> str:
    """The library of a contestant."""
    return next((library for library in ("mathdl", *LIBRARIES) if name.startswith(library)), name)


def shares(results: Results, products: Sequence[Mapping[str, Any]], peak: float) -> Picture | None:
    """Share of the multipliers' rate, beside what products of matrices reach."""
    rows = [
        (short(result.work), bar) for result in results.get("steps", ()) for bar in result.bars if bar.what == SHARE
    ]
    if not rows:
        return None
    threads = max((each["threads"] for each in products), default=0)
    reached = [(each["library"], each["rate"] / peak) for each in products if each["threads"] == threads]

    def draw(ax: Any) -> None:
        for place, (_, bar) in enumerate(rows):
            ax.barh(place, 100 * bar.value, height=0.7, color=INK)
            ax.annotate(
                f"{100 * bar.value:.0f} %",
                (100 * bar.value, place),
                xytext=(-3, 0),
                textcoords="offset points",
                ha="right",
                va="center",
                color=PAGE,
                fontsize=7.5,
            )
        for library, share in reached:
            line = {"color": OWN_COLOURS.get(library, SOFT), "linewidth": 1.2, "linestyle": (0, (4, 2))}
            ax.axvline(100 * share, **line)
            ax.plot([], [], label=f"{library}: product of matrices", **line)
        ax.set_yticks(range(len(rows)), [name for name, _ in rows])
        ax.tick_params(axis="y", length=0)
        ax.set_ylim(len(rows) - 0.4, -0.6)
        ax.set_xlim(0, max(100, *(105 * bar.value for _, bar in rows)))
        ax.grid(axis="y", visible=False)
        ax.set_xlabel("% of the rate of the multipliers, whole steps of training")
        legend(ax, columns=1)

    shows = "Share of the multipliers' rate that whole training steps reach, beside products of matrices"
    return Picture("shares", shows, svg_file(shows, draw, size=(5.2, 0.28 * len(rows) + 0.2)))
