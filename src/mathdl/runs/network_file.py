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

from mathdl.errors import FileError, InputError
from mathdl.layers.layer import Layer
from mathdl.layers.parallel import Parallel
from mathdl.layers.registry import LAYERS, layer_of
from mathdl.networks.network import Network

KEYS = ("layers", "dtype")


@dataclass(frozen=True)
class NetworkFile:
    """What a network file says.

    Parameters
    ----------
    name : str
        The file's name, for errors.
    layers : list of layers
        The layers in order.
    dtype : {"float32", "float64"}
        Numbers to compute with.
    """

    name: str
    layers: list[Layer]
    dtype: str

    def network(self, input_shape: Sequence[int], outputs: int, seed: int = 0) -> Network:
        """Make the network for data of a given shape.

        Parameters
        ----------
        input_shape : sequence of int
            The shape of one object.
        outputs : int
            How many outputs the task needs: the number of classes, or 1.
        seed : int, default 0
            Seed of the initial parameters.

        Returns
        -------
        Network

        Raises
        ------
        InputError
            If the layers do not fit each other, the input, or the number of outputs.
        """
        try:
            network = Network(self.layers, input_shape, self.dtype, seed)
        except InputError as error:
            raise InputError(f"{self.name} does not fit data of shape {tuple(input_shape)}: {error}") from None
        found = prod(network.output_shape)
        if found != outputs:
            needed = "one number is to be predicted" if outputs == 1 else f"the data have {outputs} classes"
            raise InputError(
                f"{self.name} ends in {found} output{'s' if found > 1 else ''}, but {needed}; "
                f"let its last layer be a Dense of {outputs} unit{'s' if outputs > 1 else ''}."
            )
        return network


def read_network_file(path: str | os.PathLike[str]) -> NetworkFile:
    """Read a network from a TOML file.

    The file is a list of tables ``[[layers]]``, each with the layer's name under ``layer`` and its options under the
    names that they have in Python, and perhaps a ``dtype``. A Parallel has ``branches``, each a list of such tables.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    NetworkFile

    Raises
    ------
    FileError
        If the file is missing, unreadable or no TOML.
    InputError
        If a key, a layer or an option is unknown, missing or has a value that the layer refuses.
    """
    name, content = Path(path).name, _read(path)
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
        return layer_of(table)
    except InputError as error:
        # An error inside a branch has its place already.
        raise InputError(str(error) if str(error).startswith(place) else f"{place}: {error}") from None


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
