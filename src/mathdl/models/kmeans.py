"""k-means as a clusterer of scikit-learn."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, ClusterMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from mathdl.certificates import Certificate, Data, text_of, write
from mathdl.checks import MAX_STEPS, is_number, require_at_least
from mathdl.errors import ConvergenceWarning, InputError, NotCertifiedError
from mathdl.models.certified import Certified
from mathdl.models.declaration import Declaration, DeclaredEstimator, Option
from mathdl.models.number_table import NumberTable, number_table
from mathdl.models.training_data import checked_sample_weight, data_of, dense, validated, with_weight
from mathdl.solvers.interval_clusters import exact_cost, interval_clusters
from mathdl.solvers.lloyd import Lloyd
from mathdl.status import Status

Array = NDArray[Any]


class KMeans(
    Certified,
    DeclaredEstimator,
    ClassNamePrefixFeaturesOutMixin,  # type: ignore[misc]
    TransformerMixin,  # type: ignore[misc]
    ClusterMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
):
    """Divide objects into clusters with a small sum of squared distances to the clusters' means (section 5.3).

    Objects with one feature are divided as well as they can be at all: the best clusters are intervals (exercise 5.2),
    and a dynamic program finds the best of all divisions into intervals. Of divisions that cost the same it takes
    one whose clusters start early, and numbers the clusters in increasing order. ``certify`` has it checked in
    exact arithmetic. It needs about 24 log2(N / 64) bytes for each of N different numbers.

    In more dimensions the answer is a local minimum. First centres are drawn by k-means++ and moved by Lloyd's
    iteration until no label changes or they hardly move. From the same ``random_state``, float64 objects are clustered
    as by scikit-learn's KMeans, up to rounding. A cluster that becomes empty gets the object that is farthest from its
    centre.

    Parameters
    ----------
    n_clusters : int, default 8
        k, the number of clusters.
    n_init : int, default 1
        From how many draws of first centres to start, in more than one dimension; the best end is kept.
    max_iter : int, default 300
        How often centres may be moved in one run.
    tol : float, default 1e-4
        A run also ends where the squared distances that the centres moved add up to at most this multiple of the
        features' mean variance.
    random_state : int, RandomState or None, default None
        Where first centres are drawn from.
    threads : int, default None
        Threads to work with; None takes as many as the work keeps busy. The result is the same.

    Attributes
    ----------
    cluster_centers_ : ndarray of shape (n_clusters, n_features_in_)
        The clusters' means. Where there are fewer different objects than clusters, some of them are equal.
    labels_ : ndarray of shape (N,)
        The number of each object's cluster, int32; that of the nearest centre for objects of weight zero.
    inertia_ : float
        The weighted sum of squared distances of the objects to their clusters' centres.
    n_iter_ : int
        How often centres were moved in the best run; 1 in dimension one.
    status_ : str
        "converged", or "limit reached" where the best run ended after ``max_iter`` moves; "certified" after
        ``certify``.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, where X had names.

    Examples
    --------
    >>> from mathdl import KMeans
    >>> model = KMeans(2).fit([[1.0], [2.0], [10.0], [11.0]])
    >>> model.labels_, model.inertia_
    (array([0, 0, 1, 1], dtype=int32), 1.0)
    >>> model.certify().kind, model.status_
    ('interval_clusters', 'certified')
    """

    declaration: ClassVar[Declaration] = Declaration(
        command="kmeans",
        task="clustering",
        minimises="sum of squared distances to the centres",
        learned={
            "cluster_centers_": "k p",
            "labels_": "whole n",
            "inertia_": "unbounded",
            "n_iter_": "whole",
            "status_": "status",
        },
        options={
            "clusters": Option("n_clusters", int, "the number of clusters", "8"),
            "threads": Option("threads", int, "threads to work with; the result is the same", "as many as pay"),
        },
    )
    cluster_centers_: Array
    labels_: Array
    inertia_: float
    n_iter_: int

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        n_init: int = 1,
        max_iter: int = 300,
        tol: float = 1e-4,
        random_state: int | np.random.RandomState | None = None,
        threads: int | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state
        self.threads = threads

    def __sklearn_tags__(self) -> Any:
        """Say that sparse matrices are welcome, and that float32 stays float32."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    @property
    def _n_features_out(self) -> int:
        """How many numbers ``transform`` makes of an object."""
        return len(self.cluster_centers_)

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Find clusters.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (N, n_features)
            Objects; float32 numbers stay what they are, any others become float64. Or what yields batches of them, as
            for ``memory_map``, in whose temporary files they are kept.
        y : None
            Ignored.
        sample_weight : array-like of shape (N,), default None
            Weights of the objects, not negative. Objects of weight zero count as absent.

        Returns
        -------
        self
            A ConvergenceWarning is given where the limit was reached, or where fewer clusters than asked for hold
            all objects.

        Raises
        ------
        ValueError
            If X or a parameter cannot be used, or there are fewer objects than clusters.
        """
        for name in ("n_clusters", "n_init", "max_iter"):
            require_at_least(f"{type(self).__name__}: {name}", getattr(self, name), 1, MAX_STEPS)
        if not (is_number(self.tol) and 0 <= self.tol < np.inf):
            raise InputError(f"{type(self).__name__}: tol is {self.tol!r}; give a finite number of at least 0.")
        X, _, sample_weight = data_of(X, None, sample_weight, [np.float64, np.float32])
        everything = self._objects(X, reset=True)
        X, _, weights = with_weight(everything, None, sample_weight)
        if len(X) < self.n_clusters:
            counted = "" if len(X) == len(everything) else " with a positive weight"
            raise InputError(
                f"There are fewer objects than clusters (n_samples={len(X)}{counted}, n_clusters="
                f"{self.n_clusters}); give more objects or ask for fewer clusters."
            )
        if X.shape[1] == 1:
            self._fit_numbers(X, weights)
        else:
            self._fit_points(X, weights)
        if not np.isfinite(self.inertia_):
            raise InputError("The sum of squared distances is beyond float64; scale the features, or the weights.")
        found = np.count_nonzero(np.bincount(self.labels_))
        if len(X) < len(everything):
            self.labels_ = self._assign(everything)[0]
        if found < self.n_clusters:
            warnings.warn(
                f"{found} clusters hold all objects, fewer than the {self.n_clusters} asked for, perhaps because there "
                "are no more different objects; the other centres are copies or hold none.",
                ConvergenceWarning,
                stacklevel=2,
            )
        return self

    def objective_value(self, X: Array, y: Any) -> float:
        """Return the sum of squared distances."""
        return float(self.inertia_)

    @property
    def parameter_count(self) -> int:
        """How many numbers the centres are."""
        return int(self.cluster_centers_.size)

    def table_of_learned(self, feature_names: Sequence[str]) -> NumberTable:
        """Return the centres, with the number of their training objects."""
        centres = self.cluster_centers_
        counts = np.bincount(self.labels_, minlength=len(centres)).tolist()
        heads = [f"cluster {k}" for k in range(len(centres))]
        first = ["objects of the training", *counts]
        return number_table("Centres of the clusters", heads, first, centres, feature_names)

    def predict(self, X: Any) -> Array:
        """Find the nearest centre of objects.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (N, n_features)

        Returns
        -------
        ndarray of shape (N,)
            The number of the centre, int32; the first one of several that are equally near.
        """
        return self._assign(self._objects(X))[0]

    def transform(self, X: Any) -> Array:
        """Return the distances of objects to all centres.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (N, n_features)

        Returns
        -------
        ndarray of shape (N, n_clusters)
        """
        X = self._objects(X)
        return cdist(X, self.cluster_centers_).astype(X.dtype)  # type: ignore[no-any-return]

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Return minus the weighted sum of squared distances of objects to their nearest centres.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (N, n_features)
        y : None
            Ignored.
        sample_weight : array-like of shape (N,), default None

        Returns
        -------
        float
        """
        X = self._objects(X)
        weights = None if sample_weight is None else checked_sample_weight(sample_weight, X)
        return -self._assign(X, weights)[1]

    def certify(self) -> Certificate:
        """Build the certificate that no division into as many clusters is better, and have it checked exactly.

        The checker does the dynamic program again with whole numbers; that takes about a second for 2,000 numbers and
        ten clusters.

        Returns
        -------
        Certificate
            Also kept as ``certificate_``; a ``status_`` of "converged" becomes "certified".

        Raises
        ------
        NotCertifiedError
            If objects have more than one feature, since nobody knows whether Lloyd's iteration found the best
            clusters; or, which is possible with more than 100,000 different numbers, if another division is better by
            less than float64 can tell.
        """
        check_is_fitted(self)
        if self.n_features_in_ > 1:
            raise NotCertifiedError(
                f"KMeans certifies clusters of objects with one feature, but these have {self.n_features_in_}: Lloyd's "
                "iteration finds good clusters, and nothing shows that there are no better ones."
            )
        return super().certify()

    def _objects(self, X: Any, reset: bool = False) -> Array:
        """Check objects, and return them as rows of numbers of one type."""
        if reset:
            dtype: Any = [np.float64, np.float32]
        else:
            check_is_fitted(self)
            dtype = self.cluster_centers_.dtype
        return dense(validated(self, X, reset=reset, accept_sparse="csr", dtype=dtype, order="C"))

    def _assign(self, X: Array, weights: Array | None = None) -> tuple[Array, float]:
        """Return labels and the sum of squared distances."""
        peak = float(np.abs(self.cluster_centers_).max())
        return Lloyd(X, weights, len(self.cluster_centers_), self.threads, peak).assign(self.cluster_centers_)

    def _fit_numbers(self, X: Array, weights: Array | None) -> None:
        """Find the best clusters of objects with one feature."""
        values = X[:, 0].astype(np.float64)
        found = interval_clusters(values, int(self.n_clusters), weights)
        copies = self.n_clusters - len(found.centres)
        self.cluster_centers_ = np.pad(found.centres, (0, copies), mode="edge")[:, None].astype(X.dtype)
        self.labels_, self.inertia_, self.n_iter_ = found.labels, found.cost, 1
        self.status_ = Status.CONVERGED
        self._remember(values[:, None], None, weights, found.starts)

    def _fit_points(self, X: Array, weights: Array | None) -> None:
        """Find good clusters of objects with several features."""
        self._forget()
        random = check_random_state(self.random_state)
        objects = Lloyd(X, weights, int(self.n_clusters), self.threads)
        max_iter, tol = int(self.max_iter), float(self.tol)
        runs = (objects.descend(objects.seed(random), max_iter, tol) for _ in range(self.n_init))
        best = min(runs, key=lambda run: run.inertia)
        self.cluster_centers_, self.labels_, self.inertia_ = best.centres, best.labels, best.inertia
        self.n_iter_, self.status_ = best.iterations, Status.CONVERGED if best.converged else Status.LIMIT_REACHED
        if not best.converged:
            warnings.warn(
                f"KMeans reached max_iter={self.max_iter} while labels still changed; the squares of the last moves of "
                f"the centres add up to {best.shift:.3g}. Raise max_iter or tol.",
                ConvergenceWarning,
                stacklevel=3,
            )

    def check_restored(self) -> None:
        """Refuse threads that are no number."""
        if self.threads is not None:
            require_at_least("threads", self.threads, 1)

    def _certificate(self, data: Data) -> tuple[Certificate, dict[str, Any]]:
        """State the cuts and what the clusters cost."""
        values, _, weights, starts = self._evidence
        numbers = {
            "clusters": self.n_clusters,
            "cuts": [text_of(float(start)) for start in starts[1:]],
            "cost": text_of(exact_cost(values[:, 0], starts, weights)),
        }
        return write("interval_clusters", numbers, data), {}
