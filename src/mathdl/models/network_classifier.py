"""A network as a classifier of scikit-learn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets

from mathdl.data.mapped_arrays import blocks
from mathdl.data.splitting import stratified_split
from mathdl.descent.rule import Rule
from mathdl.descent.schedules import Schedule
from mathdl.errors import InputError
from mathdl.layers.activation import Activation
from mathdl.layers.layer import Layer
from mathdl.models import class_weight
from mathdl.models.class_weight import weights_of_classes
from mathdl.models.declaration import Declaration, Option, RunFacts
from mathdl.models.network_estimator import FOLDS, HELD_OUT, OPTIONS, Array, NetworkEstimator, Targets
from mathdl.models.training_data import checked_sample_weight
from mathdl.networks.composition import final_activation
from mathdl.solvers.softmax import log_softmax


class NetworkClassifier(ClassifierMixin, NetworkEstimator):  # type: ignore[misc]
    """Classify with a neural network, trained on the cross-entropy of its softmax (section 8.2).

    The output layer, one logit for each class, is added by ``fit``. Features enter as they are: standardise
    them first, for example with scikit-learn's ``StandardScaler`` in a pipeline.

    Parameters
    ----------
    hidden_layers : sequence of int, default (100,)
        Units of each hidden dense layer; ``()`` gives a linear classifier. Images and signals first go through
        convolutions and pooling that suit their size.
    activation : str, dict or Activation, default "relu"
        Activation of the hidden layers.
    layers : list of layers, default None
        All layers before the output layer, in place of ``hidden_layers`` and ``activation``; after the last one an
        object has to be flat.
    add_output_layer : bool, default True
        False: ``layers`` are the whole network, whose outputs are checked against those that are needed.
    input_shape : tuple of int, default None
        The shape that each row of X is given, as (1, 28, 28) for images of one channel; None leaves it as it is.
    dtype : {"float32", "float64"}, default None
        What the network computes with; None is the type of X if that is float32, float32 for images of bytes, and
        float64 for anything else.
    rule : SGD or Adam, default None
        The update rule; None is ``Adam()``. With the learning rate "auto" one is looked for before training; see
        ``history_.search``.
    weight_decay : float or "auto", default None
        What takes the place of the rule's weight decay. With "auto" the one is taken whose training has the lowest
        loss on objects left out of it: of a cross-validation, or of a quarter of 1,000 objects and more.
    class_weight : dict, "balanced", "auto" or "none", default None
        Weights of the classes, by label, that multiply those of their objects; "balanced" makes the classes' sums
        equal, so that probabilities are as if all classes were equally frequent. "auto" does so where a class has
        less than two fifths of its equal share of the objects: of two classes, where one has less than 20 %.
    robustness : float, default None
        How far each number of an object may be off for the class to stay: training makes intervals prove it for as many
        objects as it can. As for ``Network.fit``; it takes about three times as long.
    batch_size : int, default 32
        Objects per step.
    epochs : int, default 200
        How often training goes through the objects.
    schedule : callable, default None
        ``StepSchedule``, ``CosineSchedule`` or a function (epoch, epochs) -> factor of the learning rate.
    early_stopping : bool or int, default False
        Whether to stop, and go back to the best parameters, when the loss on validation data has not fallen for 5 or
        so many epochs. Where ``fit`` is given none, a tenth of the objects is set apart, the same share of each class.
    tolerance : float, default 0.0
        How far above the lowest, as a share of it, that loss may be and still pass for as low.
    threads : int, default None
        Threads to train with; None takes as many as the work keeps busy. The result is the same.
    augment : sequence of str, default ()
        How training images are changed anew in each epoch: "shift" by up to a tenth of a side, "flip" left to right,
        "rotate" by up to 15 degrees.
    random_state : int, RandomState or None, default None
        The seed of the initial parameters and of the order of objects, as the two seeds of ``Network(seed=...)`` and
        ``Network.fit(seed=...)``; otherwise both are drawn.
    verbose : bool, default False
        Whether to write a line after each epoch.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    network_ : Network
        The trained network; its outputs are the logits, in the order of ``classes_``.
    history_ : History
        The record of the training: the loss of each epoch, and how it ended.
    n_iter_ : int
        Number of whole epochs.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, where X had names.

    Examples
    --------
    >>> from mathdl import NetworkClassifier
    >>> X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    >>> model = NetworkClassifier(random_state=0).fit(X, ["same", "different", "different", "same"])
    >>> model.predict(X).tolist()
    ['same', 'different', 'different', 'same']
    """

    declaration: ClassVar[Declaration] = Declaration(
        command="network",
        task="classification",
        minimises="mean cross-entropy",
        learned={"network_": "network", "history_": "history", "classes_": "labels"},
        options={
            **OPTIONS,
            "class_weight": Option(
                "class_weight",
                weights_of_classes,
                "balanced, none, or as in yes=5,no=1",
                "balanced where one is rare",
            ),
            "robustness": Option(
                "robustness", float, "how far numbers, as the network reads them, may be off", "not trained for"
            ),
        },
        certifies=False,
    )
    loss = "cross_entropy"
    classes_: Array

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
        class_weight: dict[Any, float] | str | None = None,
        robustness: float | None = None,
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
        super().__init__(
            hidden_layers,
            activation,
            layers=layers,
            add_output_layer=add_output_layer,
            input_shape=input_shape,
            dtype=dtype,
            rule=rule,
            weight_decay=weight_decay,
            batch_size=batch_size,
            epochs=epochs,
            schedule=schedule,
            early_stopping=early_stopping,
            tolerance=tolerance,
            threads=threads,
            augment=augment,
            random_state=random_state,
            verbose=verbose,
        )
        self.class_weight = class_weight
        self.robustness = robustness

    @classmethod
    def for_run(cls, facts: RunFacts, options: Mapping[str, Any]) -> Self:
        """Make the estimator of a run; classes count alike where one is rare, unless something else was chosen."""
        made = super().for_run(facts, options)
        weights = options.get("class_weight", class_weight.AUTO)
        return made.set_params(class_weight=weights, robustness=options.get("robustness"))

    def _more_settings(self) -> dict[str, Any]:
        """Return the radius that the training is for."""
        return {"robustness": self.robustness}

    def _encoded(self, y: Array, weights: Array | None, validation: Array | None) -> Targets:
        """Return the places of the labels among the classes."""
        check_classification_targets(y)
        classes = np.unique(y)
        if len(classes) < 2:
            raise InputError(
                f"NetworkClassifier needs at least two classes, but y holds one class only, {classes.tolist()[0]!r}; "
                "add objects of another class."
            )
        watched = None if validation is None else _codes(classes, validation)
        codes = np.empty(len(y), np.int32)
        for rows in blocks(y):
            codes[rows] = np.searchsorted(classes, y[rows])
        return Targets(codes, watched, len(classes), {"classes_": classes})

    def _weights(self, X: Array, y: Array, sample_weight: Any) -> Any:
        """Return the weights of the objects, times those of their classes."""
        weights = class_weight.chosen(self.class_weight, y)
        if weights is None:
            return sample_weight
        of_classes = compute_sample_weight(weights, y)
        return of_classes if sample_weight is None else of_classes * checked_sample_weight(sample_weight, X)

    def _validation_weights(self, y: Array, validation: Array) -> Array | None:
        """Return the weights that the classes have in the training."""
        weights = class_weight.chosen(self.class_weight, y)
        if weights is None:
            return None
        classes = np.unique(y)
        factors = compute_class_weight(weights, classes=classes, y=y)
        return np.asarray(factors[np.searchsorted(classes, validation)])

    def _remarks(self, y: Array, weights: Array | None) -> list[str]:
        """Say that classes are weighted, where that was chosen by itself."""
        return [class_weight.remark(self.class_weight, y)]

    def _split(self, targets: Array, seed: int) -> tuple[Array, Array]:
        """Set a tenth of each class apart."""
        return stratified_split(targets, HELD_OUT, seed)

    def _folds(self, targets: Array, seed: int) -> Iterable[tuple[Array, Array]]:
        """Leave about as much of each class out, where there are enough of it."""
        counts = np.bincount(targets)
        fold = StratifiedKFold if counts[counts > 0].min() >= FOLDS else KFold
        return fold(FOLDS, shuffle=True, random_state=seed % 2**32).split(targets, targets)  # type: ignore[no-any-return]

    def check_restored(self) -> None:
        """Refuse a network with another number of outputs than there are classes."""
        outputs = self.network_.output_shape
        if outputs != (len(self.classes_),):
            raise InputError(f"its network has outputs of shape {outputs} for {len(self.classes_)} classes")
        super().check_restored()

    def predict(self, X: Any) -> Array:
        """Predict the most probable label of each object. As for :meth:`predict_proba`."""
        most_probable = np.argmax(self.predict_proba(X), axis=1)
        labels: Array = self.classes_[most_probable]
        return labels

    def predict_proba(self, X: Any) -> Array:
        """Compute the probability of each class.

        Parameters
        ----------
        X : array-like of shape (N, n_features)

        Returns
        -------
        ndarray of shape (N, n_classes)
            In the order of ``classes_``.
        """
        X = self._objects(X)
        return self.network_.predict_proba(X)

    def predict_log_proba(self, X: Any) -> Array:
        """Compute the logarithm of each probability, finite also where the probability underflows.

        As for :meth:`predict_proba`.
        """
        X = self._objects(X)
        if final_activation(self.network_.layers) in ("softmax", "sigmoid"):  # its outputs are no logits
            with np.errstate(divide="ignore"):
                return np.log(self.network_.predict_proba(X))
        return log_softmax(self.network_(X))


def _codes(classes: Array, labels: Array) -> Array:
    """Return the places of the labels of validation data among the classes."""
    try:
        codes = np.searchsorted(classes, labels)
        unknown = labels != classes[np.minimum(codes, len(classes) - 1)]
    except TypeError:  # labels of a type that does not compare with the classes
        codes, unknown = np.zeros(labels.shape, np.intp), np.ones(labels.shape, bool)
    if labels.ndim != 1:
        raise InputError(f"validation has labels of shape {labels.shape}; give one for each object.")
    if np.any(unknown):
        stranger = labels[unknown].tolist()[0]
        raise InputError(f"validation holds {stranger!r} among its labels, which y does not; leave such objects out.")
    return codes
