"""What the classifier and the regressor share: their parameters, the checks of X, and the training."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from math import prod
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_array, check_random_state, check_X_y
from sklearn.utils.validation import check_is_fitted

from mathdl.checks import (
    require_at_least,
    require_between,
    require_choice,
    require_numbers,
    require_truth_value,
    require_unmasked,
    shortened,
)
from mathdl.data.mapped_arrays import rows_of
from mathdl.data.memory import require_memory
from mathdl.descent.adam import Adam
from mathdl.descent.rule import AUTO, Rule
from mathdl.descent.rules import is_rule_name, rule_of
from mathdl.descent.schedules import CosineSchedule, Schedule
from mathdl.errors import InputError, TrainingInterrupted
from mathdl.layers.activation import Activation
from mathdl.layers.dense import Dense
from mathdl.layers.layer import Layer
from mathdl.models.declaration import DeclaredEstimator, Option, RunFacts
from mathdl.models.network_defaults import check_settings, default_layers, default_settings
from mathdl.models.training_data import data_of, dense, validated, with_weight
from mathdl.models.weight_decay import lowest_loss, start
from mathdl.networks.network import Network
from mathdl.networks.network_file import read_network_file
from mathdl.status import Status
from mathdl.training.augmentation import Augmentation, augmentations
from mathdl.training.callbacks import Callback, EarlyStopping
from mathdl.training.false_start import FalseStart
from mathdl.training.history import History
from mathdl.training.training import TrainingState

Array = NDArray[Any]
PROBED = 256  # chosen: training objects whose answers tell whether a start went nowhere
HELD_OUT = 0.1  # the share of the objects that early stopping watches
FOLDS = 3  # that a weight decay is tried on, the first one alone where there are many objects; measured
MANY_OBJECTS, FEW_OBJECTS = 1000, 16  # of fewer nothing is left out
TRIAL_STEPS = 2000  # at most, of a training with a decay that is tried; measured


def number_or_auto(text: str) -> float | str:
    """Read a learning rate."""
    try:
        return text if text == AUTO else float(text)
    except ValueError:
        raise InputError(f"{text!r} is no learning rate; give a positive number, or auto.") from None


def decay_or_auto(text: str) -> float | str:
    """Read a weight decay."""
    try:
        return text if text == AUTO else float(text)
    except ValueError:
        raise InputError(f"{text!r} is no weight decay; give a number of at least 0, or auto.") from None


OPTIONS = {
    "network": Option("layers", str, "a TOML file that lists the layers", "a network that suits the data"),
    "epochs": Option("epochs", int, "how often training goes through the data", "by the data"),
    "batch_size": Option("batch_size", int, "objects in a step", "by the data"),
    "learning_rate": Option("rule", number_or_auto, "length of a step along the gradient", "by the data"),
    "momentum": Option("rule", float, "how much of the last step is kept, 0 to 1", "by the data"),
    "augment": Option(
        "augment", augmentations, "changes of pictures, new in each epoch: shift,flip,rotate", "as they are"
    ),
    "weight_decay": Option("weight_decay", decay_or_auto, "how much weights are pulled to 0", "by the data"),
    "early_stopping": Option("early_stopping", bool, "keep what is best on the validation part", "by the data"),
    "patience": Option("early_stopping", int, "epochs that early stopping waits", "a third of them, at least 10"),
    "threads": Option("threads", int, "threads to train with; the result is the same", "as many as pay"),
}


class Examples(NamedTuple):
    """Checked objects as the network reads them, their targets, and their weights."""

    X: Array
    targets: Array
    weights: Array | None = None

    def part(self, rows: Array) -> Examples:
        """Return some of them."""
        return Examples(rows_of(self.X, rows), self.targets[rows], None if self.weights is None else self.weights[rows])


class Targets(NamedTuple):
    """Targets as the network learns them, how many outputs they need, and what was learned from them."""

    training: Array
    validation: Array | None
    outputs: int
    learned: dict[str, Any]


class NetworkEstimator(DeclaredEstimator, BaseEstimator, ABC):  # type: ignore[misc]
    """A network as an estimator of scikit-learn."""

    loss: str
    checks_of_targets: ClassVar[dict[str, bool]] = {}  # as scikit-learn's validate_data takes them
    network_: Network
    history_: History

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
        self.hidden_layers = hidden_layers
        self.activation = activation
        self.layers = layers
        self.add_output_layer = add_output_layer
        self.input_shape = input_shape
        self.dtype = dtype
        self.rule = rule
        self.weight_decay = weight_decay
        self.batch_size = batch_size
        self.epochs = epochs
        self.schedule = schedule
        self.early_stopping = early_stopping
        self.tolerance = tolerance
        self.threads = threads
        self.augment = augment
        self.random_state = random_state
        self.verbose = verbose

    @classmethod
    def checked_options(
        cls, options: Mapping[str, Any], *, seed: int = 0, threads: int | None = None
    ) -> dict[str, Any]:
        """Check the settings and read the network's file, before any data are read."""
        given = super().checked_options(options)
        check_settings(given, seed, given.get("threads", threads))
        if "augment" in given:
            given["augment"] = augmentations(given["augment"])
        if "network" in given:
            given["network"] = read_network_file(given["network"])
        return given

    @classmethod
    def for_run(cls, facts: RunFacts, options: Mapping[str, Any]) -> Self:
        """Make the estimator with what was chosen, and with what suits the data where nothing was."""
        if options.get("augment") and len(facts.input_shape) != 3:
            what = "signals" if facts.images else "a table"
            raise InputError(f"augment changes pictures, but the data are {what}; leave it out.")
        for name in options:
            if name not in cls.declaration.options:
                task = cls.declaration.task
                raise InputError(f"--{name.replace('_', '-')} does not go with a {task}; leave it out.")
        file = options.get("network")
        if file is not None:
            file.check(facts.input_shape, facts.outputs)
        return cls(
            layers=default_layers(facts.input_shape) if file is None else file.layers,
            add_output_layer=file is None,
            dtype="float32" if file is None else file.dtype,
            schedule=CosineSchedule(),
            threads=options.get("threads", facts.threads),
            random_state=facts.seed,
            augment=options.get("augment", ()),
            **default_settings(facts, dict(options)),
        )

    def settings(self) -> dict[str, Any]:
        """Return the settings of the training; after it, with the weight decay that was found."""
        rule = {name: value for name, value in asdict(self._rule()).items() if name != "nesterov"}
        augmented = {"augment": list(augmentations(self.augment))} if self.augment else {}
        if self.weight_decay is not None:
            rule["weight_decay"] = getattr(self, "weight_decay_", self.weight_decay)
        stopping = self._stopping()
        return {
            "epochs": self.epochs,
            "batch_size": self.batch_size,
            **rule,
            "patience": None if stopping is None else stopping.patience,
            **augmented,
            **{name: value for name, value in self._more_settings().items() if value is not None},
        }

    @property
    def parameter_count(self) -> int:
        """The network's size."""
        return self.network_.size

    @property
    def object_shape(self) -> tuple[int, ...]:
        """The shape of one object, as the network reads it."""
        return self.network_.input_shape

    @property
    def input_dtype(self) -> str:
        """The type of the network's numbers."""
        return self.network_.dtype

    @property
    def status_(self) -> Status:
        """How the training ended."""
        return Status(self.history_.status)  # type: ignore[call-arg]

    @property
    def n_iter_(self) -> int:
        """Number of whole epochs."""
        return self.history_.epochs

    def __sklearn_tags__(self) -> Any:
        """Say that sparse matrices are welcome."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters.

        Parameters
        ----------
        deep : bool, default True
            Whether those of the rule are among them, as ``rule__learning_rate``.
        """
        parameters: dict[str, Any] = super().get_params(deep)
        if deep and (self.rule is None or isinstance(self.rule, Rule) or is_rule_name(self.rule)):
            parameters |= {f"rule__{name}": value for name, value in asdict(self._rule()).items()}
        return parameters

    def set_params(self, **parameters: Any) -> Self:
        """Set parameters; ``rule__learning_rate`` and the like put a new rule in the old one's place."""
        changes = {name.removeprefix("rule__"): value for name, value in parameters.items() if name[:6] == "rule__"}
        super().set_params(**{name: value for name, value in parameters.items() if name[:6] != "rule__"})
        if changes:
            known = asdict(self._rule())
            if unknown := [name for name in changes if name not in known]:
                rule = type(self._rule()).__name__
                raise InputError(f"{rule} has no {unknown[0]!r}; its parameters are {', '.join(known)}.")
            self.rule = replace(self._rule(), **changes)
        return self

    def _rule(self) -> Any:
        """Return the update rule; raise InputError where the parameter is none."""
        return Adam() if self.rule is None else rule_of(self.rule)

    def fit(
        self,
        X: Any,
        y: Any = None,
        sample_weight: Any = None,
        *,
        validation: tuple[Any, Any] | None = None,
        callbacks: Sequence[Callback] = (),
        resume: TrainingState | None = None,
    ) -> Self:
        """Train a new network.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (N, n_features), or array of shape (N, channels, height, width)
            Objects, or signals of shape (N, channels, length); bytes (uint8) of images stand for numbers from 0 to 1.
            Or what yields batches (X, y), as for ``memory_map``, in whose temporary files they are kept; y is then left
            out. From a file of more than 64 MB, objects are drawn in blocks, as ``Network.fit`` tells.
        y : array-like of shape (N,); of a regressor, also of shape (N, n_targets)
            Labels of any type that can be sorted, or targets.
        sample_weight : array-like of shape (N,), default None
            Weights of the objects in the loss (section 8.5), not all zero; an object of weight 0 counts as absent.
        validation : tuple (X, y), default None
            Data to evaluate after each epoch.
        callbacks : sequence of Callback, default ()
            Such as ``Watch()`` or ``Checkpoint(path)``.
        resume : TrainingState, default None
            What ``load_checkpoint`` returned: go on from there, with the same data and parameters, to the same result
            as without interruption.

        Returns
        -------
        self
            A DivergenceWarning is given where the loss was no longer finite; the network then has the last
            parameters with a finite loss.

        Raises
        ------
        ValueError
            If X, y or a parameter cannot be used; a classifier needs at least two classes.
        TrainingInterrupted
            After Ctrl-C.
        """
        if not isinstance(callbacks, list | tuple):
            raise InputError(f"callbacks is {callbacks!r}; give a list of callbacks.")
        X, y, sample_weight = data_of(X, y, sample_weight, self._dtypes())
        X, y = self._checked(X, y)
        held_out = self._validation(validation, X)
        X, y, weights = with_weight(X, y, self._weights(X, y, sample_weight))
        targets = self._encoded(y, weights, None if held_out is None else held_out[1])
        training = Examples(X, targets.training, weights)
        watched = None
        if held_out is not None and targets.validation is not None:
            watched = Examples(held_out[0], targets.validation, self._validation_weights(y, held_out[1]))
        self._train(training, watched, targets.outputs, callbacks, resume)
        for name, value in targets.learned.items():
            setattr(self, name, value)
        self.history_.message = " ".join(filter(None, [self.history_.message, *self._remarks(y, weights)]))
        return self

    def _validation_weights(self, y: Array, validation: Array) -> Array | None:
        """Return the weights of validation objects, which are of the kind of the training's."""
        return None

    def _remarks(self, y: Array, weights: Array | None) -> list[str]:
        """Return what is to be said about the targets that were learned, a sentence each."""
        return []

    @abstractmethod
    def predict(self, X: Any) -> Array:
        """Predict the targets of objects."""

    @abstractmethod
    def _encoded(self, y: Array, weights: Array | None, validation: Array | None) -> Targets:
        """Return checked targets, and those of validation data, which are not checked, as the network learns them."""

    def _weights(self, X: Array, y: Array, sample_weight: Any) -> Any:
        """Return the weights of the objects in the loss."""
        return sample_weight

    def _more_settings(self) -> dict[str, Any]:
        """Return what ``Network.fit`` is told beside the settings that all networks have."""
        return {}

    @abstractmethod
    def _split(self, targets: Array, seed: int) -> tuple[Array, Array]:
        """Return the places of the objects to train on, and of those that early stopping watches."""

    @abstractmethod
    def _folds(self, targets: Array, seed: int) -> Iterable[tuple[Array, Array]]:
        """Return for each fold the places of the objects to train on, and of those that are left out."""

    def _train(
        self,
        training: Examples,
        validation: Examples | None,
        outputs: int,
        callbacks: Sequence[Callback],
        resume: TrainingState | None,
    ) -> None:
        """Make a network with this many outputs and train it; all but the estimator's parameters is checked."""
        first_seed, order_seed = self._seeds()
        network = self._network(training.X, outputs, first_seed)
        stopping = self._stopping()
        self.__dict__.pop("weight_decay_", None)
        if stopping is not None and validation is None:
            kept, held_out = self._split(training.targets, order_seed)
            training, validation = training.part(kept), training.part(held_out)
        rule = self._rule()
        if self.weight_decay is not None:
            self.weight_decay_ = self._decay(rule, training, outputs, first_seed, order_seed)
            rule = replace(rule, weight_decay=self.weight_decay_)
        shape = network.input_shape
        X = np.ascontiguousarray(training.X.reshape(-1, *shape))
        stops: list[Callback] = [] if stopping is None else [stopping]
        changes: list[Callback] = []
        if not isinstance(self.augment, Sequence) or self.augment:
            kinds, X = augmentations(self.augment), self._images_to_change(X)
            changes = [Augmentation(X, kinds, order_seed)]
        probe = training.X[:PROBED].reshape(-1, *shape)
        if (probe != probe[:1]).any():  # else the same answer for all is right
            stops.append(FalseStart(lambda: network(probe, self.threads)))
        self.history_ = network.fit(
            X,
            training.targets,
            loss=self.loss,
            rule=rule,
            batch_size=self.batch_size,
            epochs=self.epochs,
            seed=order_seed,
            threads=self.threads,
            schedule=self.schedule,
            validation=None if validation is None else (validation.X.reshape(-1, *shape), *validation[1:]),
            callbacks=[*callbacks, *stops, *changes],
            sample_weight=training.weights,
            resume=resume,
            verbose=bool(self.verbose),
            **self._more_settings(),
        )
        self.network_ = network

    def _images_to_change(self, X: Array) -> Array:
        """Return a copy of the objects that may be written to; raise InputError where they are no images."""
        if X.ndim != 4:
            raise InputError("augment changes images, but the objects are rows of numbers; leave it out.")
        require_memory(2 * X.nbytes, f"{len(X):,} images to change", "leave augment out or give fewer")
        return X.copy()

    def _decay(self, rule: Rule, training: Examples, outputs: int, first_seed: int, order_seed: int) -> float:
        """Return the weight decay that was given, or the one with the lowest loss on objects left out of trials."""
        if not isinstance(self.weight_decay, str) or self.weight_decay != AUTO:
            require_between(f"{type(self).__name__}: weight_decay", self.weight_decay, 0)
            return float(self.weight_decay)  # type: ignore[arg-type]
        objects, first = len(training.X), start(len(training.X))
        if objects < FEW_OBJECTS:
            return first
        settings = {
            "loss": self.loss,
            "batch_size": self.batch_size,
            "epochs": min(self.epochs, max(1, TRIAL_STEPS * self.batch_size // objects)),
            "seed": order_seed,
            "threads": self.threads,
            "schedule": self.schedule,
            **self._more_settings(),
        }

        def new_network() -> Network:
            """Return the network as training starts with it."""
            return self._network(training.X, outputs, first_seed)

        folds = list(self._folds(training.targets, order_seed))[: 1 if objects >= MANY_OBJECTS else FOLDS]
        parts = [(training.part(kept), training.part(left_out)) for kept, left_out in folds]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a decay that does badly is not taken
                if rule.is_auto:
                    rule = _with_found_rate(rule, new_network(), training, settings)
                return lowest_loss(partial(_loss_left_out, rule, new_network, parts, settings), first)
        except TrainingInterrupted:
            raise TrainingInterrupted("Interrupted while a weight decay was looked for.") from None

    def _seeds(self) -> tuple[int, int]:
        """Return the seeds of the initial parameters and of the order of objects: a given number is both."""
        if isinstance(self.random_state, int | np.integer):
            return int(self.random_state), int(self.random_state)
        first, second = check_random_state(self.random_state).randint(np.iinfo(np.int32).max, size=2)
        return int(first), int(second)

    def _stopping(self) -> EarlyStopping | None:
        """Return what stops the training early; None without it."""
        given = self.early_stopping
        if isinstance(given, bool | np.bool_):
            return EarlyStopping(tolerance=self.tolerance) if given else None
        require_at_least(f"{type(self).__name__}: early_stopping", given, 1)
        return EarlyStopping(int(given), tolerance=self.tolerance)

    def check_restored(self) -> None:
        """Refuse a network that takes other objects than the estimator."""
        if prod(self.network_.input_shape) != self.n_features_in_:
            raise InputError(f"it has {self.n_features_in_} features, but its network takes {self.object_shape}")

    def _network(self, X: Array, outputs: int, seed: int) -> Network:
        """Make the network before training."""
        dtype = "float32" if X.dtype == np.uint8 else X.dtype.name
        if self.dtype is not None and X.dtype == np.uint8:
            dtype = self.dtype
        output = [Dense(outputs)] if self.add_output_layer else []
        shape = self._object_shape(X)
        network = Network([*self._layers(shape), *output], shape, dtype=dtype, seed=seed)
        if (found := prod(network.output_shape)) != outputs:
            raise InputError(
                f"{type(self).__name__}: layers end in {found} output{'s' if found > 1 else ''}, but {outputs} "
                f"{'are' if outputs > 1 else 'is'} needed; let the last layer be a Dense of as many units."
            )
        return network

    def _layers(self, shape: tuple[int, ...]) -> list[Layer]:
        """Return the layers that were given; before hidden ones, of images and signals, those that suit these."""
        name, given = ("hidden_layers", self.hidden_layers) if self.layers is None else ("layers", self.layers)
        if not isinstance(given, list | tuple):
            wanted = "a tuple of whole numbers, as (100,)" if self.layers is None else "a list of layers"
            raise InputError(f"{type(self).__name__}: {name} is {given!r}; give {wanted}.")
        if self.layers is None:
            front = default_layers(shape) if len(shape) in (2, 3) else []
            return [*front, *(Dense(units, activation=self.activation) for units in given)]
        return list(given)

    def _object_shape(self, X: Array) -> tuple[int, ...]:
        """Return the shape in which an object enters the network."""
        features = prod(X.shape[1:])
        if self.input_shape is None:
            return tuple(X.shape[1:])
        if not isinstance(self.input_shape, list | tuple) or not all(
            isinstance(length, int | np.integer) and length > 0 for length in self.input_shape
        ):
            raise InputError(
                f"{type(self).__name__}: input_shape is {self.input_shape!r}; "
                "give positive whole numbers, as (1, 28, 28)."
            )
        shape = tuple(int(length) for length in self.input_shape)
        if prod(shape) != features:
            raise InputError(
                f"{type(self).__name__}: input_shape is {shape}, which is {prod(shape)} numbers, but X has {features} "
                "features; give X one row of as many numbers for each object."
            )
        return shape

    def _checked(self, X: Any, y: Any) -> tuple[Array, Array]:
        """Check the training data: rows of features, sparse or not, or images, whose bytes stay bytes."""
        require_truth_value(f"{type(self).__name__}: add_output_layer", self.add_output_layer)
        if not isinstance(self.verbose, int | np.bool_):  # scikit-learn's habit: also 1, 2, ...
            raise InputError(f"{type(self).__name__}: verbose is {shortened(self.verbose)}; give True or False.")
        dtypes = self._dtypes()
        X, of_targets = require_numbers("X", X), self.checks_of_targets
        if getattr(X, "ndim", 2) <= 2:
            with np.errstate(over="ignore", invalid="ignore"):  # too large for float32 is refused as infinite
                X, y = validated(self, X, y, accept_sparse="csr", dtype=dtypes, **of_targets)
            return dense(X), y
        if y is None:
            raise InputError(f"{type(self).__name__} requires y to be passed, but the target y is None; give targets.")
        with np.errstate(over="ignore", invalid="ignore"):
            y = require_numbers("y", y) if "y_numeric" in of_targets else y
            require_unmasked("y", y)
            X, y = check_X_y(X, y, allow_nd=True, dtype=None if X.dtype == np.uint8 else dtypes, **of_targets)
        self.n_features_in_ = prod(X.shape[1:])
        self.__dict__.pop("feature_names_in_", None)
        return X, y

    def _dtypes(self) -> list[Any]:
        """Return the types that numbers may keep; others become the first one."""
        require_choice(f"{type(self).__name__}: dtype", self.dtype, ("float32", "float64", None))
        return [np.float64, np.float32] if self.dtype is None else [np.dtype(self.dtype)]

    def _validation(self, validation: Any, X: Array) -> tuple[Array, Array] | None:
        """Check the objects of a validation part, which must be of the training's kind; its targets are not checked."""
        if validation is None:
            return None
        if not isinstance(validation, list | tuple) or len(validation) != 2:
            raise InputError(f"validation is of type {type(validation).__name__}; give a pair (X, y).")
        objects = self._objects_of(validation[0], X.dtype)
        if objects.shape[1:] != X.shape[1:]:
            raise InputError(f"validation holds objects of shape {objects.shape[1:]}, but X of {X.shape[1:]}.")
        require_unmasked("validation", validation[1])
        targets = np.asarray(validation[1])
        if targets.ndim == 0 or len(targets) != len(objects):
            raise InputError(f"validation has {len(objects)} objects and targets of shape {targets.shape}; match them.")
        return objects, targets

    def _objects(self, X: Any) -> Array:
        """Check objects for the trained network and return them in the shape that it takes."""
        check_is_fitted(self)
        X = self._objects_of(X, np.dtype(self.network_.dtype))
        return X if X.ndim > 2 else np.asarray(X.reshape(-1, *self.network_.input_shape))

    def _objects_of(self, X: Any, dtype: np.dtype[Any]) -> Array:
        """Check objects of the features that are known."""
        X = require_numbers("X", X)
        with np.errstate(over="ignore", invalid="ignore"):
            if getattr(X, "ndim", 2) > 2:
                return np.asarray(check_array(X, allow_nd=True, dtype=None if X.dtype == np.uint8 else dtype))
            return dense(validated(self, X, reset=False, accept_sparse="csr", dtype=dtype))


def _with_found_rate(rule: Any, network: Network, training: Examples, settings: dict[str, Any]) -> Any:
    """Return the rule with the learning rate that is found for it, so that not every trial looks for one."""
    X = training.X.reshape(-1, *network.input_shape)
    search = network.find_learning_rate(X, training.targets, rule=rule, sample_weight=training.weights, **settings)
    return replace(rule, learning_rate=search.learning_rate)


def _loss_left_out(
    rule: Any,
    new_network: Callable[[], Network],
    parts: list[tuple[Examples, Examples]],
    settings: dict[str, Any],
    decay: float,
) -> float:
    """Train on each part with a decay, and return the sum of the losses on the objects that were left out of it."""
    total = 0.0
    for inside, outside in parts:
        network = new_network()
        shape = network.input_shape
        X, decaying = inside.X.reshape(-1, *shape), replace(rule, weight_decay=decay)
        network.fit(X, inside.targets, rule=decaying, sample_weight=inside.weights, **settings)
        total += network.loss(outside.X.reshape(-1, *shape), outside.targets, settings["loss"], outside.weights)
    return total
