"""A fitted estimator as a record and arrays, and back, by what its class declares to have learned.

``declaration.learned`` gives for each attribute a codec and a shape, in words: ``"1 p"`` is a matrix of finite numbers
with one row and a column for each feature. Codecs of numbers are ``unbounded`` (need not be finite) and ``whole``;
the others are the functions of ``CODECS``. In a shape, p is the number of features, r that of the rows of coefficients
(1 for two classes, else one a class), * the axis of several targets or no axis at all, and any other letter a length
that is the same wherever it stands.

The training data and the certificate are not part of a file, so it cannot say "certified": that status is written as
"converged".
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import comb
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.certificates import text_of
from mathdl.certificates.rationals import Refused, rational
from mathdl.errors import FileError, InputError
from mathdl.files.network_record import network_of_record, record_of_network
from mathdl.files.plain_values import from_plain, labels_of_record, record_of_labels, to_plain
from mathdl.models.registry import estimators
from mathdl.networks.network import Network
from mathdl.solvers.chebyshev_basis import ChebyshevBasis
from mathdl.solvers.hard_margin import HardMargin
from mathdl.status import Status
from mathdl.training.history import History

Array = NDArray[Any]
Arrays = dict[str, Array]
TYPES = {"": ("float32", "float64"), "unbounded": ("float32", "float64"), "whole": ("int32", "int64")}
STATUSES = (Status.CONVERGED, Status.INEXACT, Status.NO_MINIMISER, Status.MINIMUM_NORM, Status.LIMIT_REACHED)


class Sizes:
    """What the letters of shapes stand for in one file."""

    def __init__(self, features: int) -> None:
        self.known: dict[str, int] = {"p": features}
        self.targets: tuple[int, ...] | None = None

    def check(self, name: str, shape: tuple[int, ...], letters: list[str]) -> None:
        """Raise FileError unless a shape is the one that the letters say; learn what new letters stand for."""
        expected: list[str] = letters
        axes = shape
        if letters[:1] == ["*"]:
            expected = letters[1:]
            split = len(shape) - len(expected)
            self.targets = shape[:split] if self.targets is None and split in (0, 1) else self.targets
            if split not in (0, 1) or shape[:split] != self.targets:
                raise FileError(f"its {name} has shape {shape}, which does not go with its other numbers")
            axes = shape[split:]
        if len(axes) != len(expected):
            raise FileError(f"its {name} has shape {shape}")
        for size, letter in zip(axes, expected, strict=True):
            if size != (int(letter) if letter.isdigit() else self.known.setdefault(letter, size)):
                raise FileError(f"its {name} has shape {shape}, which does not go with its other numbers")


class Codec(NamedTuple):
    """How a value is written, as what JSON can hold and arrays by name, and how it is read, checked, from these."""

    write: Callable[[str, Any], tuple[Any, Arrays]]
    read: Callable[[str, Any, Arrays, Sizes], Any]


def record_of_estimator(estimator: Any) -> tuple[dict[str, Any], Arrays]:
    """Return a fitted estimator as a record that JSON can hold, and arrays.

    InputError is raised where it is not fitted, its class declares nothing, or a file cannot hold a parameter.
    """
    kind, known = type(estimator).__name__, estimators()
    if type(estimator) not in known.values():
        raise InputError(f"A {kind} cannot be saved; give one of {', '.join(known)}.")
    if not hasattr(estimator, "n_features_in_") or not hasattr(estimator, "status_"):
        raise InputError(f"This {kind} is not fitted; call fit before saving it.")
    record: dict[str, Any] = {
        "params": {name: to_plain(name, value) for name, value in estimator.get_params(deep=False).items()},
        "learned": {},
        "by_columns": [],
        **record_of_features(estimator),
    }
    arrays: Arrays = {}
    for name, spec in estimator.declaration.learned.items():
        codec, _ = _codec_and_letters(spec)
        if codec == "fractions" and not hasattr(estimator, name):  # only exact arithmetic leaves them
            continue
        value = getattr(estimator, name)
        if codec in TYPES:
            arrays[name] = np.asarray(value)
            if not arrays[name].flags.c_contiguous:  # a product of matrices rounds by how they lie in memory
                record["by_columns"].append(name)
        else:
            record["learned"][name], more = CODECS[codec].write(name, value)
            arrays |= more
    return record, arrays


def estimator_of_record(kind: str, record: dict[str, Any], arrays: Arrays) -> Any:
    """Make a fitted estimator again; raise InputError, or an error of a damaged record, where it is not sound."""
    made: Any = estimators()[kind]
    estimator = made(**{name: from_plain(value) for name, value in record["params"].items()})
    restore_features(estimator, record)
    sizes = Sizes(estimator.n_features_in_)
    for name, spec in made.declaration.learned.items():
        codec, letters = _codec_and_letters(spec)
        if codec == "fractions" and name not in record["learned"]:
            continue
        if codec in TYPES:
            value = checked_array(name, arrays, codec, letters, sizes)
            value = np.asfortranarray(value) if name in record["by_columns"] else value
            setattr(estimator, name, value if value.ndim else value.item())
        elif name not in record["learned"]:
            raise FileError(f"it lacks {name}")
        else:
            value = CODECS[codec].read(name, record["learned"][name], arrays, sizes)
            if codec == "fractions":
                value = _fractions_of_shape(name, value, sizes, letters)
            setattr(estimator, name, value)
    classes = getattr(estimator, "classes_", None)
    if made.declaration.two_classes and (classes is None or len(classes) != 2):
        raise FileError("its classes are not two")
    estimator.check_restored()
    return estimator


def record_of_features(estimator: Any) -> dict[str, Any]:
    """Return the number of features, and their names where there are any."""
    record: dict[str, Any] = {"n_features_in": int(estimator.n_features_in_)}
    if hasattr(estimator, "feature_names_in_"):
        record["feature_names_in"] = [str(name) for name in estimator.feature_names_in_]
    return record


def restore_features(estimator: Any, record: dict[str, Any]) -> None:
    """Set what ``record_of_features`` wrote down."""
    features = record["n_features_in"]
    if type(features) is not int or features < 1:
        raise FileError(f"its number of features is {features!r}")
    estimator.n_features_in_ = features
    if "feature_names_in" in record:
        names = record["feature_names_in"]
        if not isinstance(names, list) or len(names) != features or not all(isinstance(name, str) for name in names):
            raise FileError("its feature names are not one text for each feature")
        estimator.feature_names_in_ = np.array(names, dtype=object)


def _codec_and_letters(spec: str) -> tuple[str, list[str]]:
    """Return the codec's name, "" for finite numbers, and the letters of the shape."""
    words = spec.split()
    return (words[0], words[1:]) if words and words[0] in (*CODECS, *TYPES) else ("", words)


def checked_array(name: str, arrays: Arrays, codec: str, letters: list[str], sizes: Sizes) -> Array:
    """Return an array of the type and shape declared."""
    if name not in arrays:
        raise FileError(f"it lacks {name}")
    array = arrays[name]
    if array.dtype.name not in TYPES[codec]:
        raise FileError(f"its {name} is of the type {array.dtype}")
    sizes.check(name, array.shape, letters)
    if codec == "" and not np.isfinite(array).all():
        raise FileError(f"a number of its {name} is not finite")
    return array


def _write_labels(name: str, labels: Array) -> tuple[Any, Arrays]:
    return record_of_labels(labels), {}


def _read_labels(name: str, record: Any, arrays: Arrays, sizes: Sizes) -> Array:
    labels = labels_of_record(record)
    if len(labels) < 2:
        raise FileError(f"its classes are {labels.tolist()}, fewer than two")
    sizes.known["r"] = 1 if len(labels) == 2 else len(labels)
    return labels


def _write_status(name: str, status: Status) -> tuple[Any, Arrays]:
    return str(Status.CONVERGED if status == Status.CERTIFIED else status), {}


def _read_status(name: str, word: Any, arrays: Arrays, sizes: Sizes) -> Status:
    for status in STATUSES:
        if status == word:
            return status
    raise FileError(f"its status is {word!r}")


def _write_network(name: str, network: Network) -> tuple[Any, Arrays]:
    return record_of_network(network), {f"{name}.parameters": network.parameters}


def _read_network(name: str, record: Any, arrays: Arrays, sizes: Sizes) -> Network:
    return network_of_record(record, arrays[f"{name}.parameters"])


def _write_history(name: str, history: History) -> tuple[Any, Arrays]:
    return history.to_dict(), {}


def _read_history(name: str, record: Any, arrays: Arrays, sizes: Sizes) -> History:
    return History.from_dict(record)


def _write_fractions(name: str, numbers: Any) -> tuple[Any, Arrays]:
    return _texts(numbers), {}


def _read_fractions(name: str, texts: Any, arrays: Arrays, sizes: Sizes) -> Any:
    return texts


def _fractions_of_shape(name: str, texts: Any, sizes: Sizes, letters: list[str]) -> Any:
    """Return fractions of the shape that the letters say, which other attributes have settled."""
    targets = sizes.targets or ()
    shape = tuple(sizes.known[letter] for letter in letters if letter != "*")
    return _fractions(name, texts, (*targets, *shape))


def _write_basis(name: str, basis: ChebyshevBasis) -> tuple[Any, Arrays]:
    return basis.degree, {f"{name}.centres": basis.centres, f"{name}.scales": basis.scales}


def _read_basis(name: str, degree: Any, arrays: Arrays, sizes: Sizes) -> ChebyshevBasis:
    """Make the products of a polynomial's basis again; their number, t, is checked before they are made."""
    p, terms = sizes.known["p"], sizes.known["t"]
    centres = checked_array(f"{name}.centres", arrays, "", ["p"], sizes)
    scales = checked_array(f"{name}.scales", arrays, "", ["p"], sizes)
    possible = type(degree) is int and (0 == degree == terms or (1 <= degree <= terms and p <= terms))
    if not possible or comb(p + degree, p) - 1 != terms:
        raise FileError(f"its degree {degree!r} does not go with {p} features and {terms} terms")
    if not (scales > 0).all():
        raise FileError("a scale of its basis is not positive")
    return ChebyshevBasis(degree, centres, scales)


def _write_strip(name: str, strip: HardMargin | None) -> tuple[Any, Arrays]:
    if strip is None:
        return None, {}
    record = {name: _texts(getattr(strip, name)) for name in ("normal", "offset", "half_square", "gap")}
    record["multipliers"] = [[int(i), _texts(value)] for i, value in strip.multipliers.items()]
    record["support"] = [int(i) for i in strip.support]
    return record, {}


def _read_strip(name: str, record: Any, arrays: Arrays, sizes: Sizes) -> HardMargin | None:
    if record is None:
        return None
    multipliers = {i: _fraction(text) for i, text in record["multipliers"]}
    if not all(type(i) is int and i >= 0 for i in [*multipliers, *record["support"]]):
        raise FileError("its support is no list of whole numbers")
    numbers = {part: _fraction(record[part]) for part in ("offset", "half_square", "gap")}
    normal = tuple(_fractions("normal", record["normal"], (sizes.known["p"],)))
    return HardMargin(normal=normal, multipliers=multipliers, support=record["support"], **numbers)


def _texts(numbers: Any) -> Any:
    """Return a fraction, or an array of them, as texts."""
    return text_of(numbers) if isinstance(numbers, Fraction) else [_texts(number) for number in numbers]


def _fraction(text: Any) -> Fraction:
    try:
        return rational(text)
    except Refused as refusal:
        raise FileError(str(refusal)) from None


def _fractions(name: str, texts: Any, shape: tuple[int, ...]) -> Any:
    """Return a fraction, or an array of them."""
    if shape == ():
        return _fraction(texts)
    if not isinstance(texts, list) or len(texts) != shape[0]:
        raise FileError(f"the fractions of its {name} are not of shape {shape}")
    return np.array([_fractions(name, part, shape[1:]) for part in texts], dtype=object)


CODECS = {
    "labels": Codec(_write_labels, _read_labels),
    "status": Codec(_write_status, _read_status),
    "network": Codec(_write_network, _read_network),
    "history": Codec(_write_history, _read_history),
    "fractions": Codec(_write_fractions, _read_fractions),
    "basis": Codec(_write_basis, _read_basis),
    "strip": Codec(_write_strip, _read_strip),
}
