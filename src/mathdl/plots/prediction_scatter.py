"""Predicted against true values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import InputError
from mathdl.plots.axes import Scale, drawable, frame, round_range
from mathdl.plots.svg import document, element, words

_MOST_POINTS = 2000
_TITLE = "Predicted against true values"


def prediction_scatter(truth: NDArray[np.floating], prediction: NDArray[np.floating]) -> str:
    """Draw a point for each object, and the line on which a perfect model would put them all.

    Parameters
    ----------
    truth, prediction : array of shape (N,)
        The true and the predicted values. Pairs that are not finite are left out; of more than 2,000 pairs,
        2,000 evenly spaced ones are drawn.

    Returns
    -------
    str
        An SVG.

    Raises
    ------
    InputError
        When the two have different lengths.

    Examples
    --------
    >>> import numpy as np
    >>> prediction_scatter(np.array([1.0, 2.0]), np.array([1.1, 1.9])).count("<circle")
    2
    """
    if truth.shape != prediction.shape or truth.ndim != 1:
        raise InputError(
            f"true values of shape {truth.shape} do not go with predictions of shape {prediction.shape}; "
            "give two vectors of one length"
        )
    pairs = [pair for pair in zip(truth.tolist(), prediction.tolist(), strict=True) if all(map(drawable, pair))]
    if not pairs:
        return document(490.0, 60.0, _TITLE, words(14, 34, "no finite pair of values was recorded", css="soft"))
    chosen = np.unique(np.linspace(0, len(pairs) - 1, min(len(pairs), _MOST_POINTS)).round().astype(int))
    low, high = round_range(value for pair in pairs for value in pair)
    x, y = Scale(low, high, 70.0, 470.0), Scale(low, high, 420.0, 20.0)
    opacity = 0.75 if len(chosen) <= 200 else 0.35
    body = [
        frame(x, y, x_title="true value", x_ticks=x.ticks()),
        element("line", x1=x.start, y1=y.start, x2=x.stop, y2=y.stop, css="axis", stroke_dasharray="5 4"),
        *(
            element("circle", cx=x(pairs[k][0]), cy=y(pairs[k][1]), r=3, css="first", fill_opacity=opacity)
            for k in chosen
        ),
        words(
            14,
            220,
            "predicted value",
            size=11,
            css="soft",
            text_anchor="middle",
            transform="rotate(-90 14 220)",
        ),
    ]
    return document(490.0, 466.0, _TITLE, *body)
