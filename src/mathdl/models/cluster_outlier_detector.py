"""Outliers among clusters, as an outlier detector of scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from sklearn.base import BaseEstimator, OutlierMixin
from sklearn.utils.validation import check_is_fitted

from mathdl.checks import is_number, require_at_least
from mathdl.errors import InputError
from mathdl.models.declaration import Declaration, DeclaredEstimator, Option
from mathdl.models.kmeans import KMeans
from mathdl.models.number_table import NumberTable, number_table
from mathdl.models.training_data import dense, validated, with_weight
from mathdl.status import Status

Array = NDArray[Any]
ROUNDING = 1e-9  # what sums of weights may be off, relatively


class ClusterOutlierDetector(DeclaredEstimator, OutlierMixin, BaseEstimator):  # type: ignore[misc]
    """Find objects that belong to no usual cluster, as a bank looks for fraud among transactions (section 5.2).

    k-means divides the objects into clusters. The largest ones are usual: as many as it takes to hold a share
    1 - ``contamination`` of the objects. A cluster's spread is the median distance of its objects from its centre, and
    an object's score is minus its distance from a usual cluster's centre as a multiple of that cluster's spread, for
    the cluster that makes the most of it. So one outlier far away is found, and a few that make a cluster of their own.

    Distances depend on the units of features: scale them first, and put times of day and days of the week on a circle
    (``mathdl.book.data.transaction_features`` does this for the vectors (5.1)).

    Parameters
    ----------
    n_clusters : int, default 8
        The number of clusters, at most that of the different objects; a few more than there are usual ones.
    contamination : float, default 0.1
        The share of outliers among the objects that ``fit`` is given, above 0 and at most 1/2.
    n_init : int, default 10
        From how many draws of first centres k-means starts.
    random_state : int, RandomState or None, default None
        Where first centres are drawn from.

    Attributes
    ----------
    cluster_centers_ : ndarray of shape (m, n_features_in_)
        The centres of the usual clusters.
    spreads_ : ndarray of shape (m,)
        Their spreads. Where the objects of one coincide, it has the smallest other spread, or 1 if there is none.
    offset_ : float
        The score below which an object is an outlier.
    status_ : str
        "converged", or "limit reached" where k-means still moved the centres when it had to stop.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, where X had names.

    Examples
    --------
    >>> from sklearn.metrics import precision_score, recall_score
    >>> from mathdl import ClusterOutlierDetector
    >>> from mathdl.book.data import transaction_features, transactions
    >>> raw, fraudulent = transactions()
    >>> detector = ClusterOutlierDetector(n_clusters=6, contamination=3 / 203, random_state=0)
    >>> found = detector.fit_predict(transaction_features(raw)) == -1
    >>> precision_score(fraudulent, found), recall_score(fraudulent, found)
    (1.0, 1.0)
    """

    declaration: ClassVar[Declaration] = Declaration(
        command="outliers",
        task="clustering",
        minimises="sum of squared distances to the centres",
        learned={"cluster_centers_": "m p", "spreads_": "m", "offset_": "", "status_": "status"},
        options={
            "clusters": Option("n_clusters", int, "the number of clusters", "8"),
            "contamination": Option("contamination", float, "the share of outliers, above 0 and at most 0.5", "0.1"),
        },
        certifies=False,
    )
    cluster_centers_: Array
    spreads_: Array
    offset_: float
    status_: Status

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        contamination: float = 0.1,
        n_init: int = 10,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.contamination = contamination
        self.n_init = n_init
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        """Say that sparse matrices are welcome."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Learn which clusters are usual.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (N, n_features)
            Objects, a few of which may be outliers.
        y : None
            Ignored.
        sample_weight : array-like of shape (N,), default None
            Weights of the objects, not negative. Objects of weight zero count as absent.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If X or a parameter cannot be used.
        """
        require_at_least(f"{type(self).__name__}: n_clusters", self.n_clusters, 1)
        share = self.contamination
        if not (is_number(share) and 0 < share <= 0.5):
            raise InputError(
                f"{type(self).__name__}: contamination is {share!r}; give a number above 0 and at most 0.5."
            )
        X, _, weights = with_weight(self._objects(X, reset=True), None, sample_weight)
        # Neither the objects' order nor a repeated object in place of a weight makes a difference.
        X, which = np.unique(X, axis=0, return_inverse=True)
        weights = np.bincount(which.ravel(), weights).astype(np.float64)
        clusters = KMeans(min(self.n_clusters, len(X)), n_init=self.n_init, random_state=self.random_state)
        clusters.fit(X, sample_weight=weights)
        self.status_ = clusters.status_
        self.cluster_centers_, self.spreads_ = _usual(X, weights, clusters, share)
        self.offset_ = _offset(self._scores(X), weights, share)
        return self

    @property
    def parameter_count(self) -> int:
        """How many numbers the centres, the spreads and the threshold are."""
        return int(self.cluster_centers_.size + self.spreads_.size + 1)

    def table_of_learned(self, feature_names: Sequence[str]) -> NumberTable:
        """Return the centres of the usual clusters, with their spreads."""
        heads = [f"cluster {k}" for k in range(len(self.cluster_centers_))]
        first = ["spread", *self.spreads_.tolist()]
        return number_table("Centres of the usual clusters", heads, first, self.cluster_centers_, feature_names)

    def check_restored(self) -> None:
        """Refuse spreads that nothing can be divided by."""
        if not (self.spreads_ > 0).all():
            raise InputError("a spread is not positive")

    def score_samples(self, X: Any) -> Array:
        """Return how usual objects are: minus the distance from a usual cluster, in units of its spread.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (N, n_features)

        Returns
        -------
        ndarray of shape (N,)
        """
        return self._scores(self._objects(X))

    def decision_function(self, X: Any) -> Array:
        """Return ``score_samples`` minus ``offset_``: negative for outliers. As for :meth:`score_samples`."""
        return self.score_samples(X) - self.offset_

    def predict(self, X: Any) -> Array:
        """Tell which objects are outliers.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (N, n_features)

        Returns
        -------
        ndarray of shape (N,)
            -1 for outliers, 1 for the others.
        """
        return np.where(self.decision_function(X) < 0, -1, 1)

    def _objects(self, X: Any, reset: bool = False) -> Array:
        """Check objects, and return them as rows of float64 numbers."""
        if not reset:
            check_is_fitted(self)
        return dense(validated(self, X, reset=reset, accept_sparse="csr", dtype=np.float64))

    def _scores(self, X: Array) -> Array:
        """Compute the scores of checked objects."""
        scores: Array = -(cdist(X, self.cluster_centers_) / self.spreads_).min(axis=1)
        return scores


def _usual(X: Array, weights: Array, clusters: KMeans, share: float) -> tuple[Array, Array]:
    """Return the centres and spreads of the largest clusters, which hold all objects but a share."""
    masses = np.bincount(clusters.labels_, weights, minlength=clusters.n_clusters)
    order = np.argsort(-masses, kind="stable")
    held = np.cumsum(masses[order])
    usual = order[: 1 + np.searchsorted(held, (1 - share) * held[-1] * (1 - ROUNDING))]
    spreads = np.zeros(len(usual))
    for place, cluster in enumerate(usual):
        mine = clusters.labels_ == cluster
        away = np.linalg.norm(X[mine] - clusters.cluster_centers_[cluster], axis=1)
        nearest = np.argsort(away, kind="stable")
        held = np.cumsum(weights[mine][nearest])
        spreads[place] = away[nearest][np.searchsorted(held, held[-1] / 2 * (1 - ROUNDING))]
    positive = spreads[spreads > 0]
    return clusters.cluster_centers_[usual], np.where(spreads > 0, spreads, positive.min() if positive.size else 1.0)


def _offset(scores: Array, weights: Array, share: float) -> float:
    """Return the score half way between the lowest ones, which hold the share of outliers, and the rest."""
    order = np.argsort(scores, kind="stable")
    held, ordered = np.cumsum(weights[order]), scores[order]
    outliers = int(np.searchsorted(held, share * held[-1] * (1 + ROUNDING), side="right"))
    return float(ordered[0] if outliers == 0 else (ordered[outliers - 1] + ordered[outliers]) / 2)
