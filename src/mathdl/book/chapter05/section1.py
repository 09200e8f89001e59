"""Section 5.1: supervised, unsupervised and semisupervised learning."""

from __future__ import annotations

from itertools import chain, combinations
from typing import Any

import numpy as np

import mathdl
from mathdl.book.data import leaves, unknown_words, unlabelled_points
from mathdl.book.finding import Findings, Table, equals, erratum, refutes, shows
from mathdl.book.item import item
from mathdl.plots.style import COLOURS, INK, legend

MARKERS = "os^D"


def agree(labels: Any, planted: Any) -> float:
    """Return the share of pairs of objects that both divisions join, or both part (Rand's index)."""
    from sklearn.metrics import rand_score

    return float(rand_score(planted, labels))


def as_printed(labels: Any) -> bool:
    """Tell whether the classes of some strict part of the objects are known."""
    parts = chain.from_iterable(combinations(labels, size) for size in range(len(labels)))
    return any(None not in part for part in parts)


@item(
    "fig-5.1",
    "Unlabelled points and their two clusters",
    try_it="mathdl.KMeans(2, n_init=20, random_state=0).fit(mathdl.book.data.unlabelled_points()[0]).labels_",
)
def clusters_found() -> Findings:
    """Clustering starts from points without labels (left) and ends with a division of them into clusters (right).

    Here 60 points are drawn around two centres, (-2, 0) and (2, 1), and 2-means is told the points only.
    """
    X, cloud = unlabelled_points()
    model = mathdl.KMeans(2, n_init=20, random_state=0).fit(X)
    wrong = int((model.labels_ != cloud).sum())
    yield equals("points in the wrong cluster, up to the clusters' names", min(wrong, 60 - wrong), 0)
    yield equals("what the algorithm is told of the labels", mathdl.learning_mode([None] * 60), "unsupervised")
    silhouettes = mathdl.cluster_counts(X, most=6).silhouettes
    yield equals("number of clusters, from 2 to 6, with the largest silhouette", int(np.nanargmax(silhouettes)) + 1, 2)


@clusters_found.figure("60 points without labels", size=(3.0, 2.4))
def _draw_points(ax: Any) -> None:
    X, _ = unlabelled_points()
    ax.plot(X[:, 0], X[:, 1], "o", color=INK, markersize=3.5, label="no labels")
    ax.set(xlabel="x1", ylabel="x2")
    legend(ax)


@clusters_found.figure("the same points in two clusters, whose means are crosses", size=(3.0, 2.4))
def _draw_clusters(ax: Any) -> None:
    X, _ = unlabelled_points()
    model = mathdl.KMeans(2, n_init=20, random_state=0).fit(X)
    mathdl.plots.plot_decision_boundary(model, X, ax=ax)


@clusters_found.figure("the cost of 1 to 6 clusters, with an elbow at 2, and their silhouette", size=(3.0, 2.4))
def _draw_elbow(ax: Any) -> None:
    mathdl.plots.plot_cluster_counts(mathdl.cluster_counts(unlabelled_points()[0], most=6), ax=ax)


@item(
    "example-5.1.1",
    "Group unknown words by similarity",
    try_it="mathdl.cluster_words(mathdl.book.data.unknown_words()[0])",
)
def words_of_an_unknown_language() -> Findings:
    """Words of a writing that nobody can read are grouped by similarity alone; how many words there are is not known.

    Here five words of ten glyphs stand eight times each, with one glyph of each copy drawn anew. Copies that differ in
    at most two places are joined, step by step (single linkage).
    """
    words, meaning = unknown_words()
    labels = mathdl.cluster_words(words, within=2)
    differing = np.array([[sum(a != b for a, b in zip(v, w, strict=True)) for w in words] for v in words])
    same = meaning[:, None] == meaning
    yield Table({"word": range(1, 6), "first spelling": words[::8], "another": words[1::8]})
    yield equals("most places in which spellings of one word differ", differing[same].max(), 2)
    yield equals("fewest places in which different words differ", differing[~same].min(), 6)
    yield equals("number of clusters found", labels.max() + 1, 5)
    yield equals("share of pairs joined or parted rightly (Rand's index)", agree(labels, meaning), 1)
    places = np.array([[[letter == glyph for glyph in "abcdefghijkl"] for letter in word] for word in words], float)
    told = mathdl.KMeans(5, n_init=20, random_state=0).fit(places.reshape(40, -1)).labels_
    yield equals("the same by 5-means, which is told that there are 5", agree(told, meaning), 1)


@words_of_an_unknown_language.figure("in how many places each two of the 40 words differ", size=(3.2, 3.0))
def _draw_differences(ax: Any) -> None:
    words, _ = unknown_words()
    codes = np.array([list(word) for word in words])
    shown = ax.imshow((codes[:, None] != codes).sum(axis=2), cmap="Greys", vmin=0, vmax=10)
    ax.figure.colorbar(shown, ax=ax, label="differing places")
    ax.grid(False)
    ax.set(xlabel="word", ylabel="word")


@item(
    "example-5.1.2",
    "Cluster leaves with a known number of species",
    try_it="mathdl.cluster_counts(mathdl.book.data.leaves()[0] / [0.2, 2, 0.2], most=6).best",
)
def leaves_of_three_species() -> Findings:
    """Leaves are measured in colour, size and shape, and the number of species on the farm is known, k = 3.

    The features are brought to variance 1 first, since a distance depends on their units; then 3-means divides the
    leaves, here 40 of each of three species.
    """
    from sklearn.preprocessing import StandardScaler

    X, species = leaves()
    scaled = StandardScaler().fit_transform(X)
    labels = mathdl.KMeans(3, n_init=10, random_state=0).fit(scaled).labels_
    yield equals("share of pairs joined or parted rightly (Rand's index) by 3-means", agree(labels, species), 1)
    yield equals("leaves in each cluster, sorted", np.sort(np.bincount(labels)), (40, 40, 40))
    best = mathdl.cluster_counts(scaled, most=6).best
    yield equals("number of clusters, from 2 to 6, with the largest silhouette", best, 3)


@leaves_of_three_species.figure("leaves by size and colour; marks are the clusters that were found")
def _draw_leaves(ax: Any) -> None:
    X, _ = leaves()
    labels = mathdl.KMeans(3, n_init=10, random_state=0).fit((X - X.mean(axis=0)) / X.std(axis=0)).labels_
    for k in range(3):
        mine = X[labels == k]
        ax.plot(mine[:, 1], mine[:, 0], MARKERS[k], color=COLOURS[k], markersize=4, label=f"cluster {k}")
    ax.set(xlabel="size", ylabel="colour")
    legend(ax)


@item(
    "def-5.1.1",
    "Supervised, unsupervised, semisupervised",
    try_it="[mathdl.learning_mode(labels) for labels in ([1, 2, 1], [None, None], [1, None, 2])]",
)
def kinds_of_learning() -> Findings:
    """T is the set of objects to learn from, and the exact classifier gives each object's class.

    Learning is supervised where the class of all objects of T is known, unsupervised where that of none is, and
    semisupervised where it is known exactly on a part of T that is neither empty nor all of T.
    """
    yield equals("objects of the classes 1, 2, 1", mathdl.learning_mode([1, 2, 1]), "supervised")
    yield equals("two objects of unknown class", mathdl.learning_mode([None, None]), "unsupervised")
    yield equals("classes 1, unknown, 2", mathdl.learning_mode([1, None, 2]), "semisupervised")
    try:
        mathdl.learning_mode([])
    except mathdl.errors.InputError:
        refused = True
    else:
        refused = False
    yield shows("An empty T is refused: all three would hold.", refused)
    labels: list[tuple[Any, ...]] = [(None, None), (1, 2)]
    yield erratum(
        "Semisupervised: classes are known on some strict part of T.",
        "Known exactly on a part of T that is neither empty nor all of T; else the three kinds overlap.",
        refutes(
            "No labels, and labels on all of T, have a strict part with known classes: the empty one.",
            all(map(as_printed, labels)),
        ),
        equals("kinds of these two", tuple(map(mathdl.learning_mode, labels)), ("unsupervised", "supervised")),
    )
