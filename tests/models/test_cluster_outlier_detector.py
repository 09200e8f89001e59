"""``ClusterOutlierDetector``: scikit-learn's contract, and the bank's problem (section 5.2)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.metrics import precision_score, recall_score

from mathdl import ClusterOutlierDetector
from mathdl.book.data import transaction_features, transactions
from mathdl.errors import InputError


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("n_clusters", [3, 6, 10])
def test_frauds_are_found(seed: int, n_clusters: int) -> None:
    raw, fraudulent = transactions(1000, 20, seed)
    detector = ClusterOutlierDetector(n_clusters, contamination=20 / 1020, random_state=0)
    found = detector.fit_predict(transaction_features(raw)) == -1
    assert precision_score(fraudulent, found) == recall_score(fraudulent, found) == 1
    raw, fraudulent = transactions(1000, 200, seed + 100)  # the next ones
    scores = detector.score_samples(transaction_features(raw))
    found = scores < detector.offset_
    assert recall_score(fraudulent, found) == 1
    assert precision_score(fraudulent, found) > 0.95


def test_raw_vectors_would_not_do() -> None:
    """Distances of the vectors as (5.1) has them, with amounts in cents, are those of the amounts alone."""
    raw, fraudulent = transactions(1000, 20, 0)
    raw[-20:, 0] = np.random.default_rng(0).uniform(10, 100, 20)  # now frauds are told by the hour alone
    recalls = []
    for X in (raw * [100, 1, 1, 1], transaction_features(raw)):
        detector = ClusterOutlierDetector(6, contamination=20 / 1020, random_state=0)
        recalls.append(recall_score(fraudulent, detector.fit_predict(X) == -1))
    assert recalls[0] < 0.5
    assert recalls[1] > 0.9


def test_an_hour_before_midnight_is_near_an_hour_after() -> None:
    X = transaction_features([[10.0, 23.5, 6, 0], [10.0, 0.5, 6, 0], [10.0, 12.0, 6, 0], [10.0, 23.5, 0, 0]])
    away = np.linalg.norm(X - X[0], axis=1)
    assert away[1] < 0.3
    assert away[2] > 1.9
    assert away[3] < 0.5
    assert np.linalg.norm(transaction_features([[10.0 * np.e, 23.5, 6, 0]]) - X[0]) == pytest.approx(1)


def two_groups() -> Any:
    """A group of 60 objects around 0, one of 30 around (10, 0) of a third its width, three outliers, and one."""
    generator = np.random.default_rng(0)
    groups = [generator.normal(size=(60, 2)), [10, 0] + generator.normal(size=(30, 2)) / 3]
    return np.concatenate([*groups, [[5, 30], [5, 31], [6, 30], [10, 3]]])


def test_scores_are_distances_in_units_of_the_spread() -> None:
    X = two_groups()
    detector = ClusterOutlierDetector(3, contamination=4 / 94, random_state=0).fit(X)
    assert np.flatnonzero(detector.predict(X) == -1).tolist() == [90, 91, 92, 93]
    assert len(detector.cluster_centers_) == 2
    for centre, spread in zip(detector.cluster_centers_, detector.spreads_, strict=True):
        nearest = np.linalg.norm(X[:90] - centre, axis=1) < 5
        assert spread == pytest.approx(np.median(np.linalg.norm(X[:90][nearest] - centre, axis=1)), rel=0.1)
        assert detector.score_samples([centre]) == 0
        assert detector.score_samples([[centre[0], centre[1] + 2 * spread]]) == pytest.approx(-2)
    assert np.array_equal(detector.decision_function(X), detector.score_samples(X) - detector.offset_)


def test_weights_tables_and_sparse_matrices() -> None:
    X = two_groups()
    times = np.random.default_rng(1).integers(0, 3, len(X))
    model = ClusterOutlierDetector(4, random_state=0).fit(X, sample_weight=times)
    repeated = ClusterOutlierDetector(4, random_state=0).fit(X.repeat(times, axis=0)[::-1])
    assert np.array_equal(model.score_samples(X), repeated.score_samples(X))
    assert model.offset_ == repeated.offset_
    frame = pd.DataFrame(X, columns=["a", "b"])
    for other in (frame, csr_array(X)):
        assert np.array_equal(
            ClusterOutlierDetector(4, random_state=0).fit(other, None, times).predict(other), model.predict(X)
        )


def test_objects_that_coincide() -> None:
    X = np.array([[0.0, 0.0]] * 20 + [[1.0, 1.0]] * 20 + [[9.0, 9.0]])
    detector = ClusterOutlierDetector(3, contamination=0.05, random_state=0).fit(X)
    assert detector.spreads_.tolist() == [1, 1]
    assert np.flatnonzero(detector.predict(X) == -1).tolist() == [40]
    assert (ClusterOutlierDetector(3).fit(X[:20]).predict(X[:20]) == 1).all()
    assert (
        ClusterOutlierDetector(3, contamination=1e-9, random_state=0).fit(two_groups()).predict(two_groups()) == 1
    ).all()


@pytest.mark.parametrize("share", [0, 0.6, -1, "auto", np.nan, None])
def test_a_share_that_is_none(share: Any) -> None:
    with pytest.raises(InputError, match="contamination is"):
        ClusterOutlierDetector(contamination=share).fit(two_groups())


def test_a_number_of_clusters_that_is_none() -> None:
    with pytest.raises(InputError, match="ClusterOutlierDetector: n_clusters is 0"):
        ClusterOutlierDetector(0).fit(two_groups())
