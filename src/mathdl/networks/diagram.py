"""The diagram of a network, to show in a notebook, to save, or to read as text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from mathdl.plots.network_diagram import plot_network_diagram
from mathdl.plots.style import svg_file


@dataclass(frozen=True, repr=False)
class Diagram:
    """A network drawn from left to right.

    Attributes
    ----------
    svg : str
        The picture, which a notebook shows by itself.
    text : str
        The same as text, a line a layer.
    """

    svg: str
    text: str

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return self.text


def diagram_of(network: Any, x: Any = None) -> Diagram:
    """Draw a network, with the values of an object in its nodes where one is given."""
    columns = len(network.layers) + 1
    picture = svg_file("The network's layers", partial(plot_network_diagram, network, x), size=(1.3 * columns, 3.0))
    return Diagram(picture, repr(network))
