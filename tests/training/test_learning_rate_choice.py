"""Which of the learning rates that were tried is taken, and the words for it."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.training.learning_rate_search import FAILURE_MARGIN, TIE, TIE_OF_FALL, Trial, choose, explain

losses = st.sampled_from([None, 0.0, 0.1, 0.102, 0.104, 0.105, 0.106, 0.11, 0.5, 0.9, 1.0, 3.0])  # many are close
tables = st.lists(losses, min_size=1, max_size=6).map(
    lambda found: [Trial(float(f"{(1, 2, 5)[k % 3]}e{k // 3}"), 9, loss) for k, loss in enumerate(found)]
)


@given(tables, st.sampled_from([inf, 1.0, 2.5]), st.lists(st.sampled_from([1.0, 2.0, 5.0, 10.0, 20.0]), max_size=2))
def test_the_smallest_good_rate_far_enough_from_failure_is_chosen(
    tried: list[Trial], start: float, failed: list[float]
) -> None:
    found = choose(tried, failed, start)
    fit = [
        t
        for t in tried
        if t.loss is not None and t.loss < start and all(rate >= t.learning_rate * FAILURE_MARGIN for rate in failed)
    ]
    if not fit:
        assert found is None
        return
    lowest = min(t.loss for t in fit if t.loss is not None)
    slack = max(TIE * lowest, lowest if start == inf else lowest + TIE_OF_FALL * (start - lowest))
    assert found == next(t for t in fit if t.loss is not None and t.loss <= slack)


def table(*rows: tuple[float, float | None], steps: int = 20) -> list[Trial]:
    return [Trial(rate, steps, loss) for rate, loss in rows]


@pytest.mark.parametrize(
    ("first", "longer", "taken", "start", "said"),
    [
        (
            table((0.1, 0.5), (0.2, 0.4), (0.5, 1.5), (1.0, None)),
            table((0.05, 0.31), (0.1, 0.3), (0.2, 0.5), steps=90),
            0.1,
            1.0,
            "Of 4 learning rates from 0.1 to 1, each tried for 20 steps from the same start, 0.5 did not lower "
            "the loss and 1 diverged. 3 were tried again for 90 steps: 0.1 brought the loss on J from 1 to 0.3, "
            "0.05 to 0.31, 0.2 to 0.5. So 0.1 was taken.",
        ),
        (
            table((0.1, 0.5), (0.2, 0.4)),
            table((0.1, 0.302), (0.2, 0.3), steps=90),
            0.1,
            1.0,
            "Of 2 learning rates from 0.1 to 0.2, each tried for 20 steps from the same start, all lowered the loss. 2 "
            "were tried again for 90 steps: 0.1 brought the loss on J from 1 to 0.302, 0.2 to 0.3. So 0.1 was taken, "
            "which is the smallest and about as good as 0.2.",
        ),
        (
            table((0.1, 0.5), (0.2, 0.4), (0.4, 0.7)),
            table((0.1, 0.4), (0.2, 0.2), (0.4, None), steps=90),
            0.1,
            1.0,
            "Of 3 learning rates from 0.1 to 0.4, each tried for 20 steps from the same start, all lowered the loss. 3 "
            "were tried again for 90 steps: 0.1 brought the loss on J from 1 to 0.4, 0.2 to 0.2, 0.4 diverged. So 0.1 "
            "was taken: larger ones are too close to 0.4, which failed.",
        ),
        (
            table((0.2, 0.5), (0.5, 0.4), (1.0, None)),
            table((0.2, 0.4), (0.5, 0.2), steps=90),
            0.2,
            inf,
            "Of 3 learning rates from 0.2 to 1, each tried for 20 steps from the same start, 1 diverged. 2 were tried "
            "again for 90 steps: 0.2 brought the loss on J to 0.4, 0.5 to 0.2. So 0.2 was taken: larger ones are too "
            "close to 1, which failed.",
        ),
        (
            table((0.1, 0.5), (0.2, 0.4), steps=7),
            [],
            0.2,
            1.0,
            "Of 2 learning rates from 0.1 to 0.2, each tried for 7 steps from the same start, all lowered the loss. "
            "0.2 brought the loss on J from 1 to 0.4. So 0.2 was taken.",
        ),
        (
            table((0.1, 1.5), (0.2, None)),
            [],
            0.1,
            1.0,
            "Of 2 learning rates from 0.1 to 0.2, each tried for 20 steps from the same start, 0.1 did not lower "
            "the loss and 0.2 diverged. No rate lowered the loss on J; 0.1 was taken. Look at the data, scale the "
            "features, or choose a learning rate yourself.",
        ),
    ],
)
def test_the_reason_in_words(first: list[Trial], longer: list[Trial], taken: float, start: float, said: str) -> None:
    chosen = next(trial for trial in (longer or first) if trial.learning_rate == taken)
    assert explain(first, longer, chosen, "J", start) == said


def test_a_rate_near_one_that_failed_is_not_praised() -> None:
    first = [Trial(0.1, 20, 2.0), Trial(0.2, 20, 0.5), Trial(0.5, 20, None)]
    said = explain(first, [], first[1], "J", 1.0)
    assert said.endswith(
        "0.2 was taken though 0.1 failed, since no rate well below that lowered the loss; scale the features, or "
        "choose a learning rate yourself."
    )
