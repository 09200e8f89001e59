"""What the report of a run shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mathdl.training.learning_rate_search import LearningRateSearch


@dataclass(frozen=True, eq=False)
class WorstPictures:
    """The pictures that the model got wrong with the most confidence.

    Parameters
    ----------
    images : array of uint8, shape (n, channels, height, width)
        The pictures, worst first.
    truth, predicted : sequence of length n
        Their true and their predicted classes (or values).
    probabilities : sequence of float, or None
        How probable the model held its wrong answers.
    """

    images: NDArray[np.uint8]
    truth: Sequence[object]
    predicted: Sequence[object]
    probabilities: Sequence[float] | None = None


@dataclass(frozen=True, eq=False)
class WorstRows:
    """The rows of a table that the model got wrong by most.

    Parameters
    ----------
    columns : sequence of str
        What the columns are: say the row's number, the truth, the prediction and some features.
    rows : sequence of sequences
        One entry for each column, worst row first.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]


@dataclass(frozen=True)
class TableOfNumbers:
    """A table with a title, such as that of a model's coefficients.

    Parameters
    ----------
    title : str
        What it shows.
    columns : sequence of str
        The heads of the columns.
    rows : sequence of sequences
        One entry for each column.
    remark : str
        What is to be said about it.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    remark: str = ""


@dataclass(frozen=True)
class Drawing:
    """A picture with a title.

    Parameters
    ----------
    title : str
        What it shows.
    svg : str
        The picture, in which all text is escaped.
    caption : str
        What is to be seen in it.
    """

    title: str
    svg: str
    caption: str


@dataclass(frozen=True)
class LayerRecord:
    """What was seen of the layers of a network in training.

    Parameters
    ----------
    epochs : sequence of int
        After which epochs the layers were measured; 0 is the start.
    gradient, ratio, dead : mapping of str to sequence of float
        By layer, one number for each of ``epochs``: the root mean square of the gradient, the length of a step over
        that of the parameters, and the share of dead ReLUs.
    """

    epochs: Sequence[int]
    gradient: Mapping[str, Sequence[float]]
    ratio: Mapping[str, Sequence[float]]
    dead: Mapping[str, Sequence[float]]


@dataclass(frozen=True, eq=False)
class Report:
    """Everything that the page of a run shows.

    Parameters
    ----------
    title : str
        What was done, in a few words.
    data : str
        One sentence about the data: what it is, how many objects train and test.
    command : str
        The command that reproduces the run.
    metrics : mapping of str to float
        ``test_accuracy``, or ``test_r2`` and ``test_rmse``, or what there is of ``test_adjusted_rand_index`` and
        ``test_mean_square_distance``.
    parameters : int
        The number of parameters in all.
    seconds : float
        How long the training took.
    facts : sequence of (str, str, str)
        More for the head of the page: name, value and remark.
    history : mapping of str to sequence of float
        One number an epoch, by name, as the learning curves take them; empty where there were no epochs.
    layer_record : LayerRecord or None
        How the layers went; None where nobody watched them.
    search : LearningRateSearch or None
        How the learning rate was found; None where it was given.
    layers : sequence of (str, tuple of int, int)
        Each layer's description, output shape and number of parameters; empty where there are no layers.
    confusion : array of int, shape (K, K), or None
        The confusion matrix of the test objects (rows true, columns predicted); None where there are no classes.
    class_names : sequence
        The names of the classes, in the order of the matrix.
    truth, prediction : array of float, shape (N,), or None
        The true and predicted test values; None where there are none.
    drawing : Drawing or None
        A picture of the model.
    worst : WorstPictures, WorstRows or None
        The worst mistakes; None where there are none.
    numbers : TableOfNumbers or None
        The model's coefficients.
    statement : str
        What the model's certificate states; empty where there is none.
    environment : mapping of str to str
        What the run ran on, by name.
    notes : sequence of str
        What the reader should be warned about.
    """

    title: str
    data: str
    command: str
    metrics: Mapping[str, object]
    parameters: int
    seconds: float
    facts: Sequence[tuple[str, str, str]] = ()
    history: Mapping[str, Sequence[float | None]] = field(default_factory=dict)
    layer_record: LayerRecord | None = None
    search: LearningRateSearch | None = None
    layers: Sequence[tuple[str, tuple[int, ...], int]] = ()
    confusion: NDArray[np.integer] | None = None
    class_names: Sequence[object] = ()
    truth: NDArray[np.floating] | None = None
    prediction: NDArray[np.floating] | None = None
    drawing: Drawing | None = None
    worst: WorstPictures | WorstRows | None = None
    numbers: TableOfNumbers | None = None
    statement: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
