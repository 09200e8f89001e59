"""Words that may be spellings of one another, grouped by how few letters tell them apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import MAX_STEPS, require_at_least, shortened
from mathdl.errors import InputError

Array = NDArray[Any]
MAX_WORDS = 2000  # chosen: their distances take some seconds


def cluster_words(words: Sequence[str], within: int = 2) -> Array:
    """Group words of which nobody knows how many there are, by their similarity (example 5.1.1).

    The distance of two words is how many letters have to be put in, left out or exchanged to make one of the other.
    Words at a distance of at most ``within`` belong together, and so do words that a chain of such steps connects:
    single linkage, by scikit-learn's AgglomerativeClustering.

    Parameters
    ----------
    words : sequence of str
        At most 2,000 words.
    within : int, default 2
        The distance up to which two words are taken for spellings of one.

    Returns
    -------
    ndarray of shape (N,)
        The cluster of each word, numbered in the order of their first words.

    Raises
    ------
    InputError
        If there are no words, or too many, or something is no text.

    Examples
    --------
    >>> import mathdl
    >>> mathdl.cluster_words(["colour", "river", "color", "colours", "rivers"])
    array([0, 1, 0, 0, 1])
    """
    require_at_least("within", within, 0, MAX_STEPS)
    if isinstance(words, str):
        raise InputError(f"words is the text {shortened(words)}; give a sequence of words.")
    try:
        given = list(words)
    except TypeError:
        raise InputError(f"words is {shortened(words)}; give a sequence of words.") from None
    if not all(isinstance(word, str) for word in given):
        raise InputError(f"words is {shortened(words)}; give texts only.")
    if not 0 < len(given) <= MAX_WORDS:
        raise InputError(f"words holds {len(given)} words; give from 1 to {MAX_WORDS:,}.")
    if len(given) == 1:
        return np.zeros(1, np.int64)

    from sklearn.cluster import AgglomerativeClustering

    joined = AgglomerativeClustering(None, metric="precomputed", linkage="single", distance_threshold=within + 0.5)
    labels = joined.fit(_distances(given)).labels_
    _, first, which = np.unique(labels, return_index=True, return_inverse=True)
    ranks: Array = np.argsort(np.argsort(first))[which]
    return ranks


def _distances(words: list[str]) -> Array:
    """Return how many letters have to be put in, left out or exchanged between any two words (Levenshtein)."""
    lengths = np.array([len(word) for word in words])
    longest, count = int(lengths.max()), len(words)
    letters = np.array([[*map(ord, word), *[-1] * (longest - len(word))] for word in words], np.int64)
    distances = np.zeros((count, count))
    for k, word in enumerate(words):  # against all words from this one on at once
        others = letters[k:]
        row = np.tile(np.arange(longest + 1), (count - k, 1))
        for letter in map(ord, word):
            above, row = row, np.empty_like(row)
            row[:, 0] = above[:, 0] + 1
            for j in range(longest):
                exchanged = above[:, j] + (others[:, j] != letter)
                row[:, j + 1] = np.minimum(np.minimum(above[:, j + 1], row[:, j]) + 1, exchanged)
        distances[k, k:] = row[np.arange(count - k), lengths[k:]]
    return distances + distances.T
