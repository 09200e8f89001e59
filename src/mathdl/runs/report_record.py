"""What the report of a run shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.data.preprocessing import ColumnSummary
from mathdl.models.number_table import NumberTable
from mathdl.runs.importance import Importance
from mathdl.training.learning_rate_search import LearningRateSearch
from mathdl.training.watch import Watch


@dataclass(frozen=True, eq=False)
class WorstPictures:
    """The pictures that the model got wrong with the most confidence, worst first.

    ``images`` are bytes of shape (n, channels, height, width); ``truth`` and ``predicted`` are classes or values, and
    ``probabilities`` say how probable the model held its wrong answers.
    """

    images: NDArray[np.uint8]
    truth: Sequence[object]
    predicted: Sequence[object]
    probabilities: Sequence[float] | None = None


@dataclass(frozen=True, eq=False)
class WorstRows:
    """The rows of a table that the model got wrong by most, worst first; ``remark`` says what is left out.

    The last ``own`` columns are the data's own.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    remark: str = ""
    own: int = 0


class BinaryAnswers(NamedTuple):
    """Which of the tested objects are of a class, and the probability that each was given."""

    name: object
    truth: NDArray[np.bool_]
    probabilities: NDArray[np.floating]


@dataclass(frozen=True)
class Drawing:
    """A picture, an SVG in which all text is escaped, with its title and a caption that says what is seen in it."""

    title: str
    svg: str
    caption: str


@dataclass(frozen=True, eq=False)
class Report:
    """Everything that the page of a run shows; what a run does not have is left empty.

    Parameters
    ----------
    title : str
        What the data are called.
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
    target : str
        The column that is predicted.
    model : str
        The command's name of the model.
    facts : sequence of (str, str, str)
        More for the head of the page: name, value and remark.
    history : mapping of str to sequence of float
        One number an epoch, by name, as :func:`mathdl.plots.plot_history` takes them.
    best_epoch : int or None
        The epoch, from 1, after which the validation loss was lowest.
    last_is_kept : bool
        Whether another epoch was the last, and the model has its parameters.
    watch : Watch or None
        How the layers went.
    search : LearningRateSearch or None
        How the learning rate was found.
    layers : sequence of (str, tuple of int, int)
        Each layer's description, output shape and number of parameters.
    confusion : array of int, shape (K, K), or None
        The confusion matrix of the test objects (rows true, columns predicted).
    class_names : sequence
        The names of the classes, in the order of the matrix.
    truth, prediction : array of float, shape (N,), or None
        The true and predicted test values of a regression.
    pictures : sequence of Drawing
        Pictures of the model, as :func:`mathdl.runs.model_pictures.model_pictures` draws them.
    worst : WorstPictures, WorstRows or None
        The worst mistakes.
    numbers : NumberTable or None
        The model's coefficients.
    answer : sequence of (str, str)
        The scores that say most, and how they compare with the baselines': names and texts.
    scores : NumberTable or None
        All scores beside the baselines'.
    columns : sequence of ColumnSummary
        What the columns of a table are, and what was done with them.
    importance : Importance or None
        By how much a score falls when a column is shuffled.
    binary : BinaryAnswers or None
        What two classes' curves are drawn from.
    statement : str
        What the model's certificate states.
    in_plain_words : str
        The same without formulas, and what it does not say.
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
    target: str = ""
    model: str = ""
    facts: Sequence[tuple[str, str, str]] = ()
    history: Mapping[str, Sequence[float | None]] = field(default_factory=dict)
    best_epoch: int | None = None
    last_is_kept: bool = False
    watch: Watch | None = None
    search: LearningRateSearch | None = None
    layers: Sequence[tuple[str, tuple[int, ...], int]] = ()
    confusion: NDArray[np.integer] | None = None
    class_names: Sequence[object] = ()
    truth: NDArray[np.floating] | None = None
    prediction: NDArray[np.floating] | None = None
    pictures: Sequence[Drawing] = ()
    worst: WorstPictures | WorstRows | None = None
    numbers: NumberTable | None = None
    answer: Sequence[tuple[str, str]] = ()
    scores: NumberTable | None = None
    columns: Sequence[ColumnSummary] = ()
    importance: Importance | None = None
    binary: BinaryAnswers | None = None
    statement: str = ""
    in_plain_words: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
