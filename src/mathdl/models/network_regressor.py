"""A network as a regressor of scikit-learn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.model_selection import KFold

from mathdl.checks import require_choice
from mathdl.data.splitting import split
from mathdl.descent.rule import Rule
from mathdl.descent.schedules import Schedule
from mathdl.errors import InputError
from mathdl.layers.activation import Activation
from mathdl.layers.layer import Layer
from mathdl.models.declaration import Declaration, Option, RunFacts
from mathdl.models.network_defaults import REGRESSION_LOSSES
from mathdl.models.network_estimator import FOLDS, HELD_OUT, OPTIONS, Array, NetworkEstimator, Targets

QUARTILES = 1.3489795  # the distance between those of the standard normal distribution
FAR, FEW = 20, 0.05  # standard deviations from the median, and the share of targets that may lie there; chosen


class NetworkRegressor(RegressorMixin, NetworkEstimator):  # type: ignore[misc]
    """Regress with a neural network, trained on the mean square error (section 8.2) or Huber's loss.

    The output layer, one number for each target, is added by ``fit``. Targets are standardised before they reach the
    network and predictions scaled back, so targets of any scale train alike. Features enter as they are: standardise
    them first, for example with scikit-learn's ``StandardScaler`` in a pipeline.

    Parameters
    ----------
    loss : {"mean_square", "huber"}, default "mean_square"
        What is minimised. Huber's loss is the square of an error up to 1 and grows as its length beyond, so that a
        few targets far off do not rule the rest; targets are then scaled by their median and quartiles.
    hidden_layers, activation, layers, add_output_layer, input_shape, dtype, rule, weight_decay, batch_size, epochs, \
schedule, early_stopping, tolerance, threads, augment, random_state, verbose
        As for :class:`~mathdl.NetworkClassifier`.

    Attributes
    ----------
    target_mean_, target_scale_ : float, or ndarray of shape (n_targets,) where y had two axes
        The weighted mean and standard deviation of each target, with the targets of validation data that ``fit`` was
        given; for Huber's loss the median, and the distance of the quartiles over that of a standard normal.
        Predictions are the network's outputs times the scale plus the mean, so a constant target is predicted exactly.
    network_ : Network
        The trained network; its outputs are the standardised targets.
    history_ : History
        The record of the training: the loss of each epoch, in standardised targets, and how it ended.
    n_iter_ : int
        Number of whole epochs.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, where X had names.

    Examples
    --------
    >>> from mathdl import SGD, NetworkRegressor
    >>> X = [[0.0], [1.0], [2.0], [3.0]]
    >>> model = NetworkRegressor(hidden_layers=(), rule=SGD(0.2), random_state=0).fit(X, [100.0, 200.0, 300.0, 400.0])
    >>> model.predict([[1.5], [4.0]]).round(3)
    array([250., 500.])
    """

    declaration: ClassVar[Declaration] = Declaration(
        command="network",
        task="regression",
        minimises="mean square error of the standardised targets",
        learned={"network_": "network", "history_": "history", "target_mean_": "*", "target_scale_": "*"},
        options={
            **OPTIONS,
            "loss": Option(
                "loss",
                str,
                "either mean_square or huber, which targets far off lead less astray",
                "mean_square",
            ),
        },
        certifies=False,
    )
    checks_of_targets: ClassVar[dict[str, bool]] = {"y_numeric": True, "multi_output": True}
    target_mean_: Any
    target_scale_: Any

    def __init__(
        self,
        hidden_layers: Sequence[int] = (100,),
        activation: str | dict[str, Any] | Activation = "relu",
        *,
        layers: Sequence[Layer] | None = None,
        add_output_layer: bool = True,
        input_shape: Sequence[int] | None = None,
        dtype: str | None = None,
        rule: Rule | None = None,
        weight_decay: float | str | None = None,
        loss: str = "mean_square",
        batch_size: int = 32,
        epochs: int = 200,
        schedule: Schedule | None = None,
        early_stopping: bool | int = False,
        tolerance: float = 0.0,
        threads: int | None = None,
        augment: Sequence[str] = (),
        random_state: int | np.random.RandomState | None = None,
        verbose: bool = False,
    ) -> None:
        self.loss = loss
        super().__init__(
            hidden_layers,
            activation,
            layers=layers,
            input_shape=input_shape,
            add_output_layer=add_output_layer,
            dtype=dtype,
            rule=rule,
            weight_decay=weight_decay,
            schedule=schedule,
            epochs=epochs,
            batch_size=batch_size,
            early_stopping=early_stopping,
            tolerance=tolerance,
            random_state=random_state,
            threads=threads,
            augment=augment,
            verbose=verbose,
        )

    @classmethod
    def for_run(cls, facts: RunFacts, options: Mapping[str, Any]) -> Self:
        """Make the estimator of a run."""
        made = super().for_run(facts, options)
        return made.set_params(loss=options.get("loss", "mean_square"))

    def __sklearn_tags__(self) -> Any:
        """Say that several targets at once are welcome."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _encoded(self, y: Array, weights: Array | None, validation: Array | None) -> Targets:
        """Return the targets in units of their standard deviation."""
        y = y.astype(np.float64)
        everything, all_weights = y, weights
        if validation is not None:
            validation = _numbers(validation, y)
            everything = np.concatenate([y, validation])
            if weights is not None:
                all_weights = np.append(weights, np.full(len(validation), weights.mean()))
        require_choice("NetworkRegressor: loss", self.loss, REGRESSION_LOSSES)
        mean, scale = (_mean_and_scale if self.loss == "mean_square" else _median_and_scale)(everything, all_weights)
        divisor = np.where(scale > 0, scale, 1.0)
        learned = {"target_mean_": mean[()], "target_scale_": scale[()]}  # plain numbers where y is flat
        watched = None if validation is None else (validation - mean) / divisor
        return Targets((y - mean) / divisor, watched, mean.size, learned)

    def _remarks(self, y: Array, weights: Array | None) -> list[str]:
        """Say that a few targets are far off, which the mean square error follows more than the many others."""
        y = y.astype(np.float64)
        median, scale = _median_and_scale(y, weights)
        y -= median
        far = np.abs(y, out=y) > FAR * scale
        count = int(far.reshape(len(y), -1).any(axis=1).sum())
        if self.loss != "mean_square" or not 0 < count < FEW * len(y):
            return []
        which = "target lies" if count == 1 else "targets lie"
        return [f"{count:,} of {len(y):,} {which} far from all others and may rule the rest; try loss huber."]

    def _split(self, targets: Array, seed: int) -> tuple[Array, Array]:
        """Set a tenth apart."""
        return split(len(targets), HELD_OUT, seed)

    def _folds(self, targets: Array, seed: int) -> Iterable[tuple[Array, Array]]:
        """Leave a part out at random."""
        return KFold(FOLDS, shuffle=True, random_state=seed % 2**32).split(targets)  # type: ignore[no-any-return]

    def check_restored(self) -> None:
        """Refuse a network with another number of outputs than there are targets."""
        outputs, targets = self.network_.output_shape, np.size(self.target_mean_)
        if outputs != (targets,):
            raise InputError(f"its network has outputs of shape {outputs} for {targets} targets")
        super().check_restored()

    def predict(self, X: Any) -> Array:
        """Predict the targets of objects.

        Parameters
        ----------
        X : array-like of shape (N, n_features)

        Returns
        -------
        ndarray of shape (N,) or (N, n_targets)
            float64, of the shape that y had in ``fit``.
        """
        X = self._objects(X)
        outputs = self.network_(X).astype(np.float64).reshape(-1, *np.shape(self.target_mean_))
        return np.asarray(outputs * self.target_scale_ + self.target_mean_)


def _median_and_scale(y: Array, weights: Array | None) -> tuple[Array, Array]:
    """Return the median of each target, and its spread by its quartiles; where they are equal, its standard deviation.

    Of normal targets it is the standard deviation too.
    """
    low, median, high = np.quantile(y, [0.25, 0.5, 0.75], axis=0, weights=weights, method="inverted_cdf")
    scale = (high - low) / QUARTILES
    return np.asarray(median), np.asarray(np.where(scale > 0, scale, _mean_and_scale(y, weights)[1]))


def _mean_and_scale(y: Array, weights: Array | None) -> tuple[Array, Array]:
    """Return the weighted mean and standard deviation of each target; that of a constant target is exactly 0."""
    # Relative to the largest number of each target, so that squares do not overflow.
    largest = np.abs(y).max(axis=0)
    largest = np.where(largest > 0, largest, 1.0)
    relative = y / largest
    mean = np.average(relative, axis=0, weights=weights)
    relative -= mean
    relative *= relative
    scale = largest * np.sqrt(np.average(relative, axis=0, weights=weights))
    return np.asarray(largest * mean), np.asarray(scale)


def _numbers(values: Array, y: Array) -> Array:
    """Return the targets of validation data as those of the training are."""
    try:
        values = values.astype(np.float64)
    except (TypeError, ValueError):
        raise InputError("validation holds targets that are no numbers; give numbers, as y has.") from None
    if values.shape[1:] != y.shape[1:] or not np.isfinite(values).all():
        raise InputError(
            f"validation has targets of shape {values.shape}, but y of {y.shape}; give finite targets of the same kind."
        )
    return values
