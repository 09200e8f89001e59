"""A network written down in a TOML file."""

from __future__ import annotations

import inspect
import os
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from mathdl.checks import path_name
from mathdl.errors import FileError, InputError
from mathdl.layers.layer import Layer
from mathdl.layers.parallel import Parallel
from mathdl.layers.registry import LAYERS, layer_of
from mathdl.layers.residual import Residual

KEYS = ("layers", "dtype")


@dataclass(frozen=True)
class NetworkFile:
    """What a network file says."""

    name: str  # of the file, for errors
    layers: list[Layer]
    dtype: str

    def check(self, input_shape: Sequence[int], outputs: int) -> None:
        """Raise InputError unless the layers fit each other, objects of this shape, and the number of outputs needed.

        That is the number of classes, or 1.
        """
        shape = tuple(input_shape)
        try:
            for layer in self.layers:
                shape = layer.bind(shape).output_shape
        except InputError as error:
            raise InputError(f"{self.name} does not fit data of shape {tuple(input_shape)}: {error}") from None
        found = prod(shape)
        if found != outputs:
            needed = "one number is to be predicted" if outputs == 1 else f"the data have {outputs} classes"
            raise InputError(
                f"{self.name} ends in {found} output{'s' if found > 1 else ''}, but {needed}; "
                f"let its last layer be a Dense of {outputs} unit{'s' if outputs > 1 else ''}."
            )


def read_network_file(path: str | os.PathLike[str]) -> NetworkFile:
    """Read a network from a TOML file.

    The file is a list of tables ``[[layers]]``, each with the layer's name under ``layer`` and its options under the
    names that they have in Python, and perhaps a ``dtype``. A Parallel has ``branches``, each a list of such tables,
    and a Residual ``layers``, one list of them.
    FileError is raised where the file is no TOML, InputError where it says something unknown.
    """
    name, content = Path(path_name(path)).name, _read(path)
    unknown = [key for key in content if key not in KEYS]
    if unknown:
        raise InputError(f"{name} has an unknown key {unknown[0]!r}; its keys are {', '.join(KEYS)}.")
    dtype = content.get("dtype", "float32")
    if dtype not in ("float32", "float64"):
        raise InputError(f"{name}: dtype is {dtype!r}; give 'float32' or 'float64'.")
    tables = content.get("layers")
    if not isinstance(tables, list) or not tables:
        raise InputError(f"{name} lists no layers; write one [[layers]] table for each.")
    return NetworkFile(name, _layers(tables, f"{name}, layer"), dtype)


def _read(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read the TOML."""
    if not os.path.isfile(path):
        raise FileError(f"There is no network file {path}; give a TOML file that lists the layers.")
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(f"{path} cannot be read ({error.strerror or error}); check the file.") from error
    except (ValueError, RecursionError) as error:  # of bytes that are no UTF-8, or text that is no TOML
        raise FileError(f"{path} is no valid TOML ({error}); correct it.") from error


def _layers(tables: list[Any], place: str) -> list[Layer]:
    """Make the layers of a list of tables."""
    return [_layer(table, f"{place} {number}") for number, table in enumerate(tables, start=1)]


def _layer(table: Any, place: str) -> Layer:
    """Make one layer; an error names its place in the file."""
    kind = table.get("layer") if isinstance(table, dict) else None
    if not isinstance(kind, str) or kind not in LAYERS:
        given = f"layer {kind!r} is unknown" if kind is not None else 'there is no layer = "..."'
        raise InputError(f"{place}: {given}; choose one of {', '.join(LAYERS)}.")
    known = inspect.signature(LAYERS[kind]).parameters
    unknown = [key for key in table if key != "layer" and key not in known]
    if unknown:
        choices = f"its options are {', '.join(known)}" if known else "it has no options"
        raise InputError(f"{place}: {kind} has no option {unknown[0]!r}; {choices}.")
    missing = [key for key, option in known.items() if option.default is option.empty and key not in table]
    if missing:
        raise InputError(f"{place}: {kind} needs the option {missing[0]!r}; add it.")
    try:
        if LAYERS[kind] is Parallel:
            return Parallel(_branches(table["branches"], place))
        if LAYERS[kind] is Residual:
            return Residual(_inner(table["layers"], place))
        return layer_of(table)
    except InputError as error:
        # An error inside a branch has its place already.
        raise InputError(str(error) if str(error).startswith(place) else f"{place}: {error}") from None


def _inner(tables: Any, place: str) -> list[Layer]:
    """Make the layers of a Residual."""
    if not isinstance(tables, list):
        raise InputError("Residual: layers is no list; give a list of layers.")
    return _layers(tables, f"{place}, layer")


def _branches(branches: Any, place: str) -> list[list[Layer]]:
    """Make the branches of a Parallel; each is a list of tables, or a table with that list under ``layers``."""
    if not isinstance(branches, list):
        raise InputError("Parallel: branches is no list; give a list of layers for each branch.")
    found = []
    for number, branch in enumerate(branches, start=1):
        tables = branch["layers"] if isinstance(branch, dict) and list(branch) == ["layers"] else branch
        if not isinstance(tables, list):
            raise InputError(f"Parallel: branch {number} is no list of layers; give one.")
        found.append(_layers(tables, f"{place}, branch {number}, layer"))
    return found
