"""Words grouped by the letters in which they differ."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import naive
from mathdl import cluster_words
from mathdl.errors import InputError


@settings(max_examples=60)
@given(st.lists(st.text("abc", max_size=5), min_size=1, max_size=7), st.integers(0, 3))
def test_words_are_joined_by_chains_of_short_steps(words: list[str], within: int) -> None:
    joined = np.array([[naive.edit_distance(v, w) <= within for w in words] for v in words])
    for _ in words:
        joined = joined @ joined
    labels = cluster_words(words, within)
    assert np.array_equal(labels[:, None] == labels, joined)
    assert labels[0] == 0
    assert all(labels[k] <= labels[:k].max() + 1 for k in range(1, len(words)))


@pytest.mark.parametrize(
    ("words", "within", "message"),
    [
        ("text", 2, "sequence of words"),
        (5, 2, "sequence of words"),
        ([], 2, "0 words"),
        (["a", 1], 2, "texts only"),
        (["a"] * 2001, 2, "from 1 to 2,000"),
        (["a", "b"], -1, "at least 0"),
        (["a", "b"], 0.5, "whole number"),
    ],
)
def test_nonsense_is_refused(words: Any, within: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        cluster_words(words, within)
