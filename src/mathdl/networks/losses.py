"""Losses: which kernel computes one, what targets it takes, and where it reads the network."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import holds_text, reals, require_unmasked
from mathdl.errors import InputError, InputWarning
from mathdl.kernels import losses as kernels
from mathdl.solvers.softmax import sigmoid, softmax

Array = NDArray[Any]


@dataclass(frozen=True)
class Loss:
    """A loss of one object; a network's loss is the weighted mean over objects (8.7), (8.10).

    ``"mean_square"`` is |h(x) - y|^2, ``"huber"`` for r = h(x) - y the sum over the outputs of r^2 where |r| <= 1 and
    of 2 |r| - 1 beyond, ``"cross_entropy"`` -log softmax(h(x))_y for a class number y,
    ``"binary_cross_entropy"`` -y log p - (1 - y) log(1 - p) with p = sigmoid(h(x)), summed over the outputs, and
    ``"hinge"`` max(0, 1 - y h(x)) for y = -1 or 1, summed over the outputs.
    """

    name: str
    kernel: Any  # from outputs to losses and gradients
    absorbs: str = ""  # the final activation that the loss contains: it then reads what goes into that

    @property
    def takes_classes(self) -> bool:
        """Whether the target is one class number."""
        return self.name == "cross_entropy"

    @property
    def has_classes(self) -> bool:
        """Whether the outputs name classes, and are no numbers to be met."""
        return self.name not in ("mean_square", "huber")

    def targets(self, y: Any, objects: int, outputs: int, dtype: str) -> Array:
        """Check targets and return them as an array (objects, width) of the network's dtype."""
        require_unmasked("y", y)
        try:
            given = np.asarray(y)
            if holds_text(given):
                raise InputError(
                    f"y holds texts, but the {self.name} loss needs numbers; give NetworkClassifier names of classes, "
                    "or a network their numbers, as np.unique(y, return_inverse=True)[1]."
                )
            is_exact = given.dtype == dtype or given.dtype.kind in "iu"
            values = given if is_exact else reals(given, "float64")
        except InputError:
            raise
        except (TypeError, ValueError):
            raise InputError(f"y holds something that is no number; the {self.name} loss needs numbers.") from None
        if given.ndim == 0 or len(given) != objects:
            count = 0 if given.ndim == 0 else len(given)
            raise InputError(f"y has {count} entries for {objects} objects in X; give one for each object.")
        width = 1 if self.takes_classes else outputs
        if values.size != objects * width:
            advice = f"give {width} for each object"
            if self.takes_classes and given.shape == (objects, outputs) and _is_one_hot(values):
                advice = "give class numbers, as y.argmax(axis=1)"
            raise InputError(
                f"y has shape {given.shape}, but the {self.name} loss of a network with {outputs} outputs needs "
                f"({objects}{f', {width}' if width > 1 else ','}); {advice}."
            )
        values = values.reshape(objects, width)
        converted = reals(values, dtype)
        self._check_values(values, np.isfinite(converted), outputs)
        return converted

    def _check_values(self, values: Array, finite: Array, outputs: int) -> None:
        """Raise InputError at the first target that this loss does not know."""
        if self.takes_classes:
            good = finite & (values >= 0) & (values < outputs) & (values == np.round(values))
            wanted = f"a class number from 0 to {outputs - 1}"
        elif self.name == "binary_cross_entropy":
            good, wanted = finite & (values >= 0) & (values <= 1), "a number from 0 to 1"
        elif self.name == "hinge":
            good, wanted = (values == 1) | (values == -1), "-1 or 1"
        else:
            good, wanted = finite, "a finite number"
        if not good.all():
            row = int(np.argmin(good.all(axis=1)))
            value = values[row][~good[row]][0]
            advice = self._advice(values, outputs)
            raise InputError(f"y[{row}] is {value:g}; the {self.name} loss needs {wanted}{advice}.")

    def _advice(self, values: Array, outputs: int) -> str:
        """Say how targets in another usual coding become those that this loss takes; nothing where they are in none."""
        known = set(np.unique(values).tolist())
        if self.takes_classes and known == set(range(1, outputs + 1)):
            return ": give y - 1"
        if self.name == "hinge" and known == {0, 1}:
            return ": give 2 * y - 1"
        if self.name == "binary_cross_entropy" and known == {-1, 1}:
            return ": give (y + 1) / 2"
        return ""

    def warn_of_mistakes(self, final: str | None, outputs: int, targets: Array) -> None:
        """Warn, before training, of a final activation or a number of outputs that is legitimate and hardly meant."""
        if final in LIMITED.get(self.name, ()):
            how = f"The last layer ends in {final}, and the {self.name} loss takes outputs from the whole line"
            better = f" or {self.absorbs!r}" if self.absorbs else ""
            _warn(f"{how}; give it activation 'identity'{better}, unless this is what you want.")
        if self.takes_classes and len(targets) >= OBJECTS_PER_CLASS * outputs and targets.max() + 1 < outputs:
            largest = int(targets.max())
            _warn(f"The largest class number in y is {largest}, but the network has {outputs} outputs; give it fewer.")


def _is_one_hot(values: Array) -> bool:
    """Tell whether every row is all zero but for a single one."""
    return bool(((values == 0) | (values == 1)).all() and (values.sum(axis=1) == 1).all())


def _warn(message: str) -> None:
    """Warn whoever called ``Network.fit``."""
    warnings.warn(message, InputWarning, stacklevel=5)


# Final activations that keep outputs in a part of the line where the loss needs all of it.
LIMITED = {
    "cross_entropy": ("relu", "sigmoid", "tanh", "abs"),
    "binary_cross_entropy": ("relu", "tanh", "abs", "softmax"),
    "hinge": ("relu", "sigmoid", "abs", "softmax"),
}
OBJECTS_PER_CLASS = 20  # chosen: with so many, a class that all of them lack is hardly missing by accident

LOSSES = {
    loss.name: loss
    for loss in (
        Loss("mean_square", kernels.mean_square),
        Loss("huber", kernels.huber),
        Loss("cross_entropy", kernels.cross_entropy, absorbs="softmax"),
        Loss("binary_cross_entropy", kernels.binary_cross_entropy, absorbs="sigmoid"),
        Loss("hinge", kernels.hinge),
    )
}


WEIGHTED_SUM = Loss("weighted_sum", kernels.weighted_sum)  # of the outputs: its gradient is a row of their Jacobian
ALIASES = {"mse": "mean_square"}
# What other libraries call them, and what comes closest to a loss that is not here.
OTHER_NAMES = {
    **dict.fromkeys(("mae", "l1", "l1_loss", "mean_absolute_error", "absolute_error"), "huber"),
    **dict.fromkeys(("l2", "squared_error", "mean_squared_error", "mse_loss"), "mean_square"),
    **dict.fromkeys(("crossentropy", "ce", "nll", "softmax", "log_loss"), "cross_entropy"),
    **dict.fromkeys(("categorical_crossentropy", "sparse_categorical_crossentropy"), "cross_entropy"),
    **dict.fromkeys(("bce", "binary_crossentropy", "logistic"), "binary_cross_entropy"),
    "hinge_loss": "hinge",
    **dict.fromkeys(("huber_loss", "smooth_l1", "smooth_l1_loss"), "huber"),
}


def loss_named(name: object) -> Loss:
    """Return the loss of this name or raise InputError."""
    if isinstance(name, str) and (own := ALIASES.get(name, name)) in LOSSES:
        return LOSSES[own]
    other = OTHER_NAMES.get(name.lower()) if isinstance(name, str) else None
    advice = f"give {other!r}" if other else f"choose one of {', '.join(LOSSES)}"
    if other == "huber":
        advice += ", which grows as the absolute error does beyond 1"
    raise InputError(f"Loss {name!r} is unknown; {advice}.")


def score(loss: Loss, outputs: Array, targets: Array) -> float:
    """Return the share of objects whose class the outputs name: the largest logit's, or that of each output's side.

    Where the loss has no classes, this is R2, averaged over the outputs; NaN for a single object.
    """
    if not loss.has_classes:
        from sklearn.metrics import r2_score  # heavy, and not needed elsewhere here

        return float(r2_score(targets, outputs)) if len(targets) > 1 else float("nan")
    if loss.takes_classes:
        return float((outputs.argmax(axis=1) == targets[:, 0]).mean())
    return float(((outputs > 0) == (targets > (0 if loss.name == "hinge" else 0.5))).all(axis=1).mean())


def absorbed_output(loss: str, z: Array, target: Any) -> tuple[Array, Array]:
    """Return the output p of the final activation that a loss absorbs, and dl/dp, for one object's z and target."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if loss == "cross_entropy":
            p, gradient = softmax(z.reshape(1, -1)).reshape(z.shape), np.zeros_like(z)
            right = int(target.item())
            gradient.flat[right] = -1 / p.flat[right]
            return p, gradient
        p = sigmoid(z)
        y = target.reshape(z.shape)
        return p, np.where(y < 1, (1 - y) / (1 - p), 0) - np.where(y > 0, y / p, 0)
