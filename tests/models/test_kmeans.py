"""``KMeans``: scikit-learn's contract and its answers, and the best clusters of numbers."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csc_array, csr_array
from sklearn.base import clone
from sklearn.cluster import KMeans as Peer

from mathdl import KMeans, verify
from mathdl.errors import ConvergenceWarning, InputError, NotCertifiedError


def clouds(n: int, d: int, k: int, seed: int = 0) -> Any:
    generator = np.random.default_rng(seed)
    return 3 * generator.normal(size=(k, d))[generator.integers(k, size=n)] + generator.normal(size=(n, d))


@pytest.mark.parametrize(("n", "d", "k"), [(50, 2, 3), (1000, 2, 8), (3000, 10, 17), (400, 70, 5), (60, 3, 1)])
@pytest.mark.parametrize("draws", [1, 3])
def test_from_a_seed_the_answer_is_scikit_learns(n: int, d: int, k: int, draws: int) -> None:
    X = clouds(n, d, k)
    weights = np.random.default_rng(1).uniform(0.1, 2, n)
    for given in (None, weights):
        model = KMeans(k, n_init=draws, random_state=4).fit(X, sample_weight=given)
        # scikit-learn's tolerance knows no weights, so it goes on until no label changes
        peer = Peer(k, n_init=draws, random_state=4).fit(X, sample_weight=given)
        if given is not None:
            model = clone(model).set_params(tol=0).fit(X, sample_weight=given)
            peer = clone(peer).set_params(tol=0).fit(X, sample_weight=given)
        assert np.array_equal(model.labels_, peer.labels_)
        assert model.n_iter_ == peer.n_iter_
        assert model.inertia_ == pytest.approx(peer.inertia_, rel=1e-12)
        assert np.allclose(model.cluster_centers_, peer.cluster_centers_, rtol=0, atol=1e-12)
        assert np.allclose(model.transform(X), peer.transform(X), atol=1e-12)
        assert model.score(X) == pytest.approx(peer.score(X), rel=1e-12)
        assert np.array_equal(model.predict(X), model.labels_)
        assert np.array_equal(model.get_feature_names_out(), [f"kmeans{i}" for i in range(k)])
        assert model.status_ == "converged"


def test_float32_is_as_good() -> None:
    X = clouds(2000, 5, 6)
    double, single = (KMeans(6, random_state=0, n_init=5).fit(X.astype(kind)) for kind in (np.float64, np.float32))
    assert single.cluster_centers_.dtype == single.transform(X).dtype == np.float32
    assert single.inertia_ == pytest.approx(double.inertia_, rel=1e-5)
    assert np.array_equal(single.predict(X.astype(np.float32)), single.labels_)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_the_number_of_threads_changes_no_bit(kind: Any) -> None:
    X = clouds(20_000, 4, 12).astype(kind)
    weights = np.random.default_rng(1).uniform(0.1, 2, len(X))
    models = [
        KMeans(12, random_state=0, threads=t, max_iter=40, tol=1e-3).fit(X, sample_weight=weights) for t in (1, 2, 3)
    ]
    for model in models[1:]:
        assert np.array_equal(model.cluster_centers_, models[0].cluster_centers_)
        assert np.array_equal(model.labels_, models[0].labels_)
        assert model.inertia_ == models[0].inertia_


@pytest.mark.parametrize("power", [-900, -300, 0, 300, 480])
def test_a_power_of_two_scales_everything(power: int) -> None:
    X = clouds(500, 3, 4)
    plain = KMeans(4, random_state=0).fit(X)
    model = KMeans(4, random_state=0).fit(np.ldexp(X, power))
    assert np.array_equal(model.labels_, plain.labels_)
    assert np.array_equal(model.cluster_centers_, np.ldexp(plain.cluster_centers_, power))
    assert model.inertia_ == np.ldexp(plain.inertia_, 2 * power)
    assert np.array_equal(model.predict(np.ldexp(X[:5], power)), plain.labels_[:5])
    assert np.array_equal(model.predict(np.zeros((2, 3))), plain.predict(np.zeros((2, 3))))


def test_tables_and_sparse_matrices() -> None:
    X = clouds(300, 4, 3)
    X[X < 0] = 0
    model = KMeans(3, random_state=0).fit(X)
    frame = pd.DataFrame(X, columns=list("abcd"))
    named = KMeans(3, random_state=0).fit(frame)
    assert named.feature_names_in_.tolist() == list("abcd")
    for other in (named, *(KMeans(3, random_state=0).fit(kind(X)) for kind in (csr_array, csc_array))):
        assert np.array_equal(other.cluster_centers_, model.cluster_centers_)
    assert np.array_equal(model.predict(csr_array(X)), model.labels_)
    assert np.array_equal(pickle.loads(pickle.dumps(named)).predict(frame), model.labels_)
    X.flags.writeable = False
    assert np.array_equal(KMeans(3, random_state=0).fit(X).labels_, model.labels_)


@pytest.mark.parametrize("d", [1, 3])
def test_objects_of_weight_zero_count_as_absent(d: int) -> None:
    X = clouds(200, d, 4)
    weights = np.random.default_rng(2).integers(0, 3, len(X)).astype(float)
    model = KMeans(4, random_state=0).fit(X, sample_weight=weights)
    without = KMeans(4, random_state=0).fit(X[weights > 0], sample_weight=weights[weights > 0])
    assert np.array_equal(model.cluster_centers_, without.cluster_centers_)
    assert np.array_equal(model.labels_[weights > 0], without.labels_)
    assert np.array_equal(model.labels_, model.predict(X))
    with pytest.raises(ValueError, match="n_samples=3 with a positive weight"):
        KMeans(4).fit(X, sample_weight=np.arange(200) < 3)


def test_in_dimension_one_a_weight_stands_for_repeated_objects() -> None:
    X = clouds(60, 1, 5)
    times = np.random.default_rng(2).integers(1, 4, len(X))
    weighted = KMeans(4).fit(X, sample_weight=times.astype(float))
    repeated = KMeans(4).fit(X.repeat(times, axis=0))
    assert np.array_equal(weighted.predict(X), repeated.predict(X))
    assert np.allclose(weighted.cluster_centers_, repeated.cluster_centers_, atol=1e-14)
    assert weighted.inertia_ == pytest.approx(repeated.inertia_, rel=1e-13)


@pytest.mark.parametrize("seed", range(5))
def test_numbers_are_divided_at_least_as_well_as_by_any_start_of_lloyds(seed: int) -> None:
    X = clouds(300, 1, 9, seed)
    model = KMeans(7).fit(X)
    peer = Peer(7, n_init=10, tol=0, random_state=seed).fit(X)
    assert model.inertia_ <= peer.inertia_ * (1 + 1e-12)
    assert model.n_iter_ == 1
    assert np.array_equal(model.predict(X), model.labels_)
    assert (np.diff(model.cluster_centers_[:, 0]) > 0).all()


def test_the_best_clusters_of_numbers_are_certified() -> None:
    X = clouds(200, 1, 5)
    weights = np.random.default_rng(3).uniform(1e-6, 1e6, len(X))
    for given in (None, weights):
        model = KMeans(5).fit(X, sample_weight=given)
        assert model.status_ == "converged"
        certificate = model.certify()
        assert model.status_ == "certified"
        assert model.certificate_ is certificate
        assert verify(certificate, X, None, given)
        assert not verify(certificate, X[::-1], None, given)
    single = KMeans(5).fit(X.astype(np.float32))
    assert verify(single.certify(), X.astype(np.float32))


def test_a_division_that_is_not_best_is_not_certified() -> None:
    model = KMeans(2).fit([[1.0], [2.0], [10.0], [11.0]])
    model._evidence = model._evidence._replace(detail=np.array([1.0, 2.0]))
    with pytest.raises(NotCertifiedError, match="cost less"):
        model.certify()
    assert model.status_ == "converged"


def test_nothing_is_claimed_in_more_dimensions() -> None:
    model = KMeans(3, random_state=0).fit(clouds(50, 2, 3))
    with pytest.raises(NotCertifiedError, match="these have 2"):
        model.certify()
    assert model.status_ == "converged"


@pytest.mark.parametrize("d", [1, 2])
def test_fewer_different_objects_than_clusters(d: int) -> None:
    X = np.repeat([[1.0] * d, [2.0] * d, [5.0] * d], 4, axis=0)
    with pytest.warns(ConvergenceWarning, match="3 clusters hold all objects, fewer than the 5 asked for"):
        model = KMeans(5, random_state=0).fit(X)
    assert model.cluster_centers_.shape == (5, d)
    assert model.inertia_ == 0
    assert len(set(map(tuple, model.cluster_centers_))) == 3
    assert np.array_equal(model.predict(X), model.labels_)
    with pytest.warns(ConvergenceWarning, match="1 clusters hold"):
        assert KMeans(2, random_state=0).fit(np.full((7, d), 0.1)).inertia_ == pytest.approx(0, abs=1e-30)


def test_a_limit_that_is_reached_is_said() -> None:
    X = np.random.default_rng(0).normal(size=(500, 3))
    with pytest.warns(ConvergenceWarning, match=r"max_iter=2 .* add up to 0\.\d+\. Raise"):
        model = KMeans(8, random_state=0, max_iter=2).fit(X)
    assert model.status_ == "limit reached"
    assert model.n_iter_ == 2
    assert np.array_equal(model.predict(X), model.labels_)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_clusters": 0}, "n_clusters is 0"),
        ({"n_clusters": 2.0}, r"n_clusters is 2\.0"),
        ({"n_clusters": 11}, "n_samples=10, n_clusters=11"),
        ({"n_init": 0}, "n_init is 0"),
        ({"max_iter": True}, "max_iter is True"),
        ({"tol": -1}, "tol is -1"),
        ({"tol": float("nan")}, "tol is nan"),
        ({"threads": 0}, "threads is 0"),
    ],
)
def test_parameters_that_cannot_be_used(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        KMeans(**{"n_clusters": 3, **parameters}).fit(np.random.default_rng(0).normal(size=(10, 2)))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_not_finite(bad: float) -> None:
    with pytest.raises(ValueError, match="contains"):
        KMeans(2).fit([[0.0, 1.0], [bad, 2.0], [3.0, 1.0]])
