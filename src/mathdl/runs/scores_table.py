"""All scores of a model with their intervals, beside those of simpler models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mathdl.models.number_table import NumberTable
from mathdl.runs.scores import LEVEL, Score
from mathdl.runs.verdict import LOWER_IS_BETTER, WORDS, Baseline, written

MAX_HEAD = 30  # characters of a baseline's name, which may hold a long class


def scores_table(name: str, scores: Mapping[str, Score], baselines: Sequence[Baseline], folds: int = 0) -> NumberTable:
    """Return one row for each score of the model ``name``: value, interval, spread over the folds, and the baselines'.

    Values and intervals have columns of their own, so that no cell has to be broken on a small screen.
    """
    spreads = folds > 0 and any(score.sd is not None for score in scores.values())
    rows = [
        [
            WORDS[key],
            written(key, score.value),
            f"{written(key, score.low)} to {written(key, score.high)}",
            *([written(key, score.sd) if score.sd is not None else ""] if spreads else []),
            *(written(key, one.scores[key].value) if key in one.scores else "" for one in baselines),
        ]
        for key, score in scores.items()
    ]
    spread = [f"sd over {folds} folds"] if spreads else []
    columns = ["score", name, f"interval of {100 * LEVEL:.0f} %", *spread, *(_head(one) for one in baselines)]
    lower = [WORDS[key] for key in scores if key in LOWER_IS_BETTER]
    better = "Higher is better" + (f", but for {_listed(lower)} lower is." if lower else ".")
    return NumberTable("Scores", columns, rows, f"The interval says how far chance may have moved a score. {better}")


def _head(baseline: Baseline) -> str:
    """Return what a baseline is called at the head of a column."""
    words = baseline.words
    return words if len(words) <= MAX_HEAD else words[: MAX_HEAD - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def _listed(names: Sequence[str]) -> str:
    """Return names as a sentence lists them."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
