"""Section 5.2: bank fraud among transactions."""

from __future__ import annotations

from typing import Any

import numpy as np

import mathdl
from mathdl.book.data import transaction_features, transactions
from mathdl.book.finding import Findings, Table, differs, equals, erratum, near
from mathdl.book.item import item
from mathdl.plots.style import COLOURS, legend, log_axes

MIDNIGHT = np.array([[10.0, 23.99, 6, 0], [10.0, 0.01, 0, 0], [10.0, 12.0, 3, 0]])  # Sunday, Monday, Thursday noon


def scores() -> tuple[Any, Any, Any]:
    """Return transactions, which of them are frauds, and how far each is from what is usual."""
    raw, fraudulent = transactions()
    X = transaction_features(raw)
    detector = mathdl.ClusterOutlierDetector(6, contamination=3 / 203, random_state=0).fit(X)
    return raw, fraudulent, -detector.score_samples(X)


def nearest_by(features: Any) -> int:
    """Return which of the other two transactions is nearer to the one of Sunday just before midnight."""
    return 1 + int(np.argmin(np.linalg.norm(features[1:] - features[0], axis=1)))


@item(
    "eq-5.1",
    "A bank transaction as a vector in R^4, and frauds among many",
    try_it="mathdl.ClusterOutlierDetector(6, contamination=0.015).fit_predict("
    "mathdl.book.data.transaction_features(mathdl.book.data.transactions()[0]))",
)
def bank_fraud() -> Findings:
    """A transaction is a vector s of four numbers: amount, time of day, day of the week, and method (1 is online).

    An account holder's habits make clusters. A transaction far from all large clusters, measured in their own spread,
    is more likely to be a fraud. Here 200 transactions of three habits and 3 frauds are clustered without labels.
    """
    raw, fraudulent, away = scores()
    first = np.argsort(-away)[:4]
    yield Table({head: raw[first, k] for k, head in enumerate(("amount", "hour", "day", "online"))})
    yield equals("transactions, numbers of each", raw.shape, (203, 4))
    yield equals("which of the 4 most unusual transactions are frauds", np.sort(fraudulent[first])[::-1], (1, 1, 1, 0))
    yield near(
        "distance of the nearest fraud, as a multiple of that of the farthest honest transaction",
        away[fraudulent == 1].min() / away[fraudulent == 0].max(),
        4.3998,
        1e-4,
    )
    vectors, features = MIDNIGHT, transaction_features(MIDNIGHT)
    yield erratum(
        "Similar transactions are near as vectors (5.1).",
        "Only after units are chosen: the hour and the day as points of circles, the amount by its logarithm.",
        differs("row nearest to Sunday 23:59, of 1 (Monday 0:01) and 2 (Thursday noon), raw", nearest_by(vectors), 1),
        equals("the same after these changes", nearest_by(features), 1),
        near("hours between 23:59:24 and 0:00:36 on a line", vectors[0, 1] - vectors[1, 1], 23.98, 1e-9),
    )


@bank_fraud.figure("transactions by hour and amount: the three frauds are ringed", size=(3.6, 2.6))
def _draw_transactions(ax: Any) -> None:
    raw, _, away = scores()
    for online, mark in ((0, "o"), (1, "s")):
        mine = raw[raw[:, 3] == online]
        name = "online" if online else "in person"
        ax.plot(mine[:, 1], mine[:, 0], mark, color=COLOURS[online], markersize=3.5, label=name)
    found = raw[np.argsort(-away)[:3]]
    ax.plot(found[:, 1], found[:, 0], "o", color=COLOURS[3], markersize=10, markerfacecolor="none", label="found")
    ax.set(xlabel="hour of the day", ylabel="amount", xlim=(0, 24))
    log_axes(ax, y=True)
    legend(ax)


@bank_fraud.figure("how far each transaction is from the usual clusters, in units of their spread", size=(3.6, 2.6))
def _draw_scores(ax: Any) -> None:
    _, fraudulent, away = scores()
    order = np.argsort(-away)
    for fraud, mark, name in ((0, "o", "honest"), (1, "s", "fraud")):
        place = np.flatnonzero(fraudulent[order] == fraud)
        ax.plot(place + 1, away[order][place], mark, color=COLOURS[fraud], markersize=3.5, label=name)
    ax.set(xlabel="transactions, the most unusual first", ylabel="distance in spreads")
    log_axes(ax, y=True)
    legend(ax)
