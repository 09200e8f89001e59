"""Every layer by name: what the files of this folder define."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from inspect import isabstract
from pkgutil import iter_modules
from typing import Any

from mathdl import layers
from mathdl.errors import InputError
from mathdl.layers.layer import Layer

for _module in iter_modules(layers.__path__):
    if _module.name != "registry":
        import_module(f"mathdl.layers.{_module.name}")


def _kinds(kind: Any) -> Iterator[type[Layer]]:
    """Yield the classes of layers that can be made."""
    for inner in kind.__subclasses__():
        if not isabstract(inner):
            yield inner
        yield from _kinds(inner)


LAYERS: dict[str, type[Layer]] = {kind.__name__: kind for kind in sorted(_kinds(Layer), key=lambda kind: kind.__name__)}


def layer_of(description: dict[str, Any]) -> Layer:
    """Make a layer from what ``Layer.describe`` returned; raise InputError at what no layer takes."""
    given = description.get("layer") if isinstance(description, dict) else description
    if not isinstance(description, dict) or not isinstance(given, str) or given not in LAYERS:
        raise InputError(f"Layer {given!r} is unknown; choose one of {', '.join(LAYERS)}.")
    options = {name: value for name, value in description.items() if name != "layer"}
    if options.get("bias") == "none":  # TOML has no null
        options["bias"] = None
    if "branches" in options:
        if not isinstance(options["branches"], list) or not all(isinstance(b, list) for b in options["branches"]):
            raise InputError("Parallel: branches is no list of lists of layers; give one list for each branch.")
        options["branches"] = [[layer_of(layer) for layer in branch] for branch in options["branches"]]
    if "layers" in options:
        if not isinstance(options["layers"], list):
            raise InputError("Residual: layers is no list; give a list of layers.")
        options["layers"] = [layer_of(layer) for layer in options["layers"]]
    try:
        return LAYERS[description["layer"]](**options)
    except TypeError as wrong:
        raise InputError(
            f"{description['layer']}: {str(wrong).replace(f'{given}.__init__() ', '')}; check the options."
        ) from None
