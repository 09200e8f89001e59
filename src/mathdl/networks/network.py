"""A network: layers composed, one parameter vector, its value, its gradient and its training."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any, Never, Self

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import checked_weights, require_at_least, require_truth_value, require_unmasked, shortened
from mathdl.data.mapped_arrays import is_memory_mapped
from mathdl.data.memory_map import from_batches
from mathdl.descent.batches import IN_BLOCKS
from mathdl.descent.rule import AUTO, Rule
from mathdl.descent.schedules import Schedule
from mathdl.engine.executable import Data, Executable
from mathdl.engine.memory import aligned
from mathdl.engine.program import Buffer
from mathdl.errors import InputError, TrivialLossWarning
from mathdl.layers.dropout import Dropout
from mathdl.layers.flatten import Flatten
from mathdl.layers.layer import MAX_NUMBERS, Layer, require_layer
from mathdl.layers.registry import layer_of
from mathdl.networks.backpropagation import Backpropagation, inspect, with_blocks
from mathdl.networks.composition import absorbed, compose, every_layer, final_activation, final_layer
from mathdl.networks.formula import formula
from mathdl.networks.inputs import checked_inputs
from mathdl.networks.jacobian import jacobians
from mathdl.networks.layer_probe import LayerProbe
from mathdl.networks.losses import Loss, absorbed_output, loss_named, score
from mathdl.networks.network_loss import NetworkLoss
from mathdl.networks.operation_formulas import OperationFormulas, formulas_of
from mathdl.networks.operations import NetworkOperations, count
from mathdl.networks.robust_training import around_boxes, boxes_around, require_worst_case
from mathdl.networks.trace import LayerTrace, trace
from mathdl.networks.training_engine import current_engine
from mathdl.networks.trivial_loss import about_scale, no_better_than_trivial, trivial_loss
from mathdl.objectives.objective import Stepper
from mathdl.solvers.softmax import sigmoid, softmax
from mathdl.status import Status
from mathdl.training.callbacks import Callback, in_order
from mathdl.training.history import History
from mathdl.training.in_blocks import MovableStepper, StepsInBlocks
from mathdl.training.learning_rate import search_learning_rate
from mathdl.training.learning_rate_search import LearningRateSearch
from mathdl.training.loop import train
from mathdl.training.progress_lines import ProgressLines
from mathdl.training.settings import TrainingSettings
from mathdl.training.training import Training, TrainingState

if TYPE_CHECKING:  # with matplotlib
    from mathdl.plots.diagram import Diagram

Array = NDArray[Any]
BLOCK_BYTES = 2**18  # of objects that are read together from a file; chosen: about as fast as longer pieces
# What other libraries' networks have, and what is here in its place.
OTHER_NAMES = {
    "forward": "net(X) gives the outputs",
    "backward": "net.gradient(X, y, loss) gives the gradient, net.backpropagate(x, y, loss) each layer's",
    "score": "net.evaluate(X, y) gives the loss and the accuracy or R2",
    "compile": "give the loss and the rule to net.fit",
    "train": "net.fit trains",
    "save": "mathdl.save(net, path) saves",
    "get_weights": "net.parameters holds all of them, net.layers[0].weights those of a layer",
    "state_dict": "net.parameters holds all parameters, net.layers[0].weights those of a layer",
}


class Network:
    """A neural network h = h_M o ... o h_1 (Definition 4.1.3).

    Parameters
    ----------
    layers : sequence of layers
        The layer functions in order.
    input_shape : tuple of int
        The shape of one object: ``(features,)``, or ``(channels, height, width)`` for images.
    dtype : {"float32", "float64"}, default "float32"
        Numbers that parameters and activations are made of.
    seed : int, default 0
        Seed of the initial parameters: He's normal distribution before rectifiers, Glorot's uniform one
        elsewhere, biases zero.

    Attributes
    ----------
    parameters : ndarray of shape (size,)
        All parameters, the book's alpha: for each layer its weights row by row, then its bias. Writable.
    layers : list of layers
        The layers, with ``weights`` and ``bias`` as views of ``parameters``, ``input_shape`` and ``output_shape``.
    output_shape : tuple of int
        The shape of one output.
    depth, widths, node_layers : int, tuple of int, tuple of int
        Number of layer functions, their numbers of neurons, and those of all columns of nodes, the input among them.

    Raises
    ------
    InputError
        If there is no layer, a layer does not fit the one before, or an argument is not one of those above.

    Examples
    --------
    >>> from mathdl import Dense, Network
    >>> net = Network([Dense(5, activation="relu"), Dense(2, activation="relu")], input_shape=(3,))
    >>> net.size, net.output_shape
    (32, (2,))
    >>> net.depth, net.widths, net.node_layers
    (2, (5, 2), (3, 5, 2))
    >>> net([[1.0, 0.0, 6.0]]).shape
    (1, 2)
    """

    def __init__(
        self, layers: Sequence[Layer], input_shape: Sequence[int], dtype: str = "float32", seed: int = 0
    ) -> None:
        if not isinstance(layers, list | tuple) or not layers:
            raise InputError(f"Network: layers is {layers!r}; give a list of at least one layer.")
        for number, layer in enumerate(layers):
            require_layer(f"Network: layers[{number}]", layer)
        if not isinstance(dtype, str | type | np.dtype) or dtype not in ("float32", "float64", np.float32, np.float64):
            raise InputError(f"Network: dtype is {dtype!r}; give 'float32' or 'float64'.")
        require_at_least("Network: seed", seed, 0)
        given = input_shape.tolist() if isinstance(input_shape, np.ndarray) else input_shape
        shape = tuple(given) if isinstance(given, Sequence) else (given,)
        if not shape or not all(isinstance(n, int | np.integer) and n > 0 for n in shape):
            raise InputError(
                f"Network: input_shape is {input_shape!r}; give positive whole numbers, as (784,) or (1, 28, 28)."
            )
        self.input_shape = self.output_shape = tuple(int(n) for n in shape)
        if prod(self.input_shape) > MAX_NUMBERS:
            raise InputError(
                f"Network: an object of input_shape has more than {MAX_NUMBERS:,} numbers; make it smaller."
            )
        self.dtype, self.seed = np.dtype(dtype).name, int(seed)
        self.layers: list[Layer] = []
        for layer in layers:
            self.layers.append(layer.bind(self.output_shape))
            self.output_shape = self.layers[-1].output_shape
        if (size := sum(layer.size for layer in self.layers)) > MAX_NUMBERS:
            raise InputError(
                f"The network would have {size:.3g} parameters, more than {MAX_NUMBERS:,}; make it smaller."
            )
        generator = np.random.default_rng(self.seed)
        arrays = [array for layer in self.layers for array in layer.initial_parameters(generator)]
        self.parameters: Array = aligned(sum(array.size for array in arrays), self.dtype)
        np.concatenate([array.ravel() for array in arrays] or [np.zeros(0)], out=self.parameters, casting="same_kind")
        self.trained_loss: str | None = None
        self._attach()

    def _attach(self) -> None:
        """Give each layer views of the parameter vector; forget compiled programs."""
        self._executables: dict[tuple[str, str | None], tuple[Executable, list[Buffer]]] = {}
        place = 0
        for layer in self.layers:
            views = []
            for shape in layer.parameter_shapes():
                views.append(self.parameters[place : place + prod(shape)].reshape(shape))
                place += prod(shape)
            layer.attach(views)

    @classmethod
    def from_architecture(
        cls,
        architecture: Sequence[dict[str, Any]],
        input_shape: Sequence[int],
        dtype: str = "float32",
        seed: int = 0,
    ) -> Self:
        """Make a network from what ``architecture`` returned, with new initial parameters."""
        if not isinstance(architecture, list | tuple):
            raise InputError(f"architecture is {shortened(architecture)}; give a list of descriptions of layers.")
        return cls([layer_of(layer) for layer in architecture], input_shape, dtype, seed)

    @property
    def size(self) -> int:
        """Number mu of parameters."""
        return len(self.parameters)

    @property
    def architecture(self) -> list[dict[str, Any]]:
        """The layers as dictionaries that JSON can hold."""
        return [layer.describe() for layer in self.layers]

    @property
    def node_layers(self) -> tuple[int, ...]:
        """Numbers of nodes n_0, ..., n_M of the columns of the network's diagram: the input, then the layers.

        Flatten and Dropout, which compute nothing when the network predicts, have no nodes of their own.
        """
        computing = [layer for layer in self.layers if not isinstance(layer, Flatten | Dropout)]
        return (prod(self.input_shape), *(prod(layer.output_shape) for layer in computing))

    @property
    def widths(self) -> tuple[int, ...]:
        """Numbers of neurons n_1, ..., n_M of the layer functions: the node layers but the input."""
        return self.node_layers[1:]

    @property
    def depth(self) -> int:
        """Number M of layer functions: one less than there are layers of nodes (Remark 4.1.2)."""
        return len(self.widths)

    @property
    def own_activations(self) -> tuple[str, ...]:
        """The names of activations that are functions of the user's own, which no file can hold."""
        own = [layer.activation.name for layer in every_layer(self.layers) if layer.activation.is_own]
        return tuple(dict.fromkeys(own))

    def __repr__(self) -> str:
        rows = [(repr(layer), str(layer.output_shape), f"{layer.size:,}") for layer in self.layers]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        lines = [
            f"  {name:<{widths[0]}}  -> {shape:<{widths[1]}}  {count:>{widths[2]}} parameters"
            for name, shape, count in rows
        ]
        head = f"Network of {self.size:,} parameters ({self.dtype}), input {self.input_shape}"
        return "\n".join([head, *lines])

    if not TYPE_CHECKING:  # type checkers know the attributes that there are

        def __getattr__(self, name: str) -> Never:
            advice = f"; {OTHER_NAMES[name]}" if name in OTHER_NAMES else ""
            raise AttributeError(f"'Network' object has no attribute {name!r}{advice}", name=name, obj=self)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_executables"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._attach()

    def __call__(self, X: Any, threads: int | None = None) -> Array:
        """Compute the network's outputs.

        Parameters
        ----------
        X : array-like of shape (N, *input_shape)
            Objects; numbers, or bytes (uint8), which stand for numbers from 0 to 1 and are divided by 255.
        threads : int, optional
            Threads to use; by default as many as the work keeps busy. The result is the same.

        Returns
        -------
        ndarray of shape (N, *output_shape)

        Raises
        ------
        InputError
            If X has another shape, or holds numbers that are not finite.
        """
        executable, _ = self._executable("predict", None)
        outputs, _ = executable.evaluate(self.parameters, Data(self._inputs(X)), threads)
        return outputs.reshape(-1, *self.output_shape)

    def predict(self, X: Any, threads: int | None = None) -> Array:
        """Compute the network's outputs: the same as calling it.

        Parameters
        ----------
        X : array-like of shape (N, *input_shape)
        threads : int, optional

        Returns
        -------
        ndarray of shape (N, *output_shape)
        """
        return self(X, threads)

    def formula(self) -> str:
        """Return a small network of dense layers as equations, one for each neuron.

        The inputs are x1, x2, ..., the outputs y1, y2, ...; terms with the weight 0 are left out, and numbers have six
        digits.

        Returns
        -------
        str
            One line for each neuron.

        Raises
        ------
        InputError
            If there are other layers than dense ones, Flatten and Dropout, or more than 400 parameters.

        Examples
        --------
        >>> from mathdl import Dense, Network
        >>> net = Network([Dense(2, activation="relu"), Dense(1)], input_shape=(1,))
        >>> net.parameters[:] = 1, -1, 0, 0, 1, 1, -0.5
        >>> print(net.formula())
        h1 = relu(x1)
        h2 = relu(-x1)
        y1 = h1 + h2 - 0.5
        """
        return formula(self.layers)

    def summary(self) -> None:
        """Print the layers, their output shapes and their numbers of parameters."""
        sys.stdout.write(f"{self!r}\n")

    def diagram(self, x: Any = None, y: Any = None, loss: str | None = None) -> Diagram:
        """Draw the network: nodes and edges of dense layers, boxes of others (Figures 4.1 to 4.4, 10.3 and 10.4).

        Parameters
        ----------
        x : array-like of shape input_shape, optional
            An object, whose values the nodes then show: one step for the input and for each layer.
        y, loss : array-like and str, optional
            Its target and the loss l, as for ``backpropagate``: the nodes show dl/dh too, a step backward for each.

        Returns
        -------
        Diagram
            A notebook shows it; ``.svg`` is the picture, printed it is text, ``.step(k)`` what is known after k steps.

        Raises
        ------
        InputError
            If x or y does not fit, or only one of y and loss is given.

        Examples
        --------
        >>> from mathdl import Dense, Network
        >>> net = Network([Dense(2, activation="relu")], input_shape=(1,), dtype="float64")
        >>> net.parameters[:] = 3, -3, 1, 1
        >>> diagram = net.diagram([2.0], [6.0, 1.0], "mean_square")
        >>> diagram.svg.startswith("<svg"), diagram.steps
        (True, 4)
        >>> diagram.step(2)
        loss 2
        k  layer                              z_k   h_k  dl/dh_k  dl/da_k
        0  input                                    2
        1  Dense(units=2, activation='relu')  7 -5  7 0
        """
        from mathdl.networks.diagram import diagram_of  # with matplotlib, which others do without

        return diagram_of(self, x, y, loss)

    def predict_proba(self, X: Any, threads: int | None = None) -> Array:
        """Compute class probabilities: the outputs themselves after a softmax or sigmoid layer, else made from logits.

        A single output is the probability of the second of two classes.

        Parameters
        ----------
        X : array-like of shape (N, *input_shape)
        threads : int, optional

        Returns
        -------
        ndarray of shape (N, classes)

        Raises
        ------
        InputError
            If the network was trained with a loss that knows no probabilities.
        """
        if self.trained_loss in ("mean_square", "huber", "hinge") and final_activation(self.layers) not in (
            "softmax",
            "sigmoid",
        ):
            raise InputError(f"The {self.trained_loss} loss gives no probabilities; train with 'cross_entropy'.")
        outputs = self(X, threads).reshape(-1, prod(self.output_shape))
        single = outputs.shape[1] == 1
        if final_activation(self.layers) not in ("softmax", "sigmoid"):
            by_sigmoid = single or self.trained_loss == "binary_cross_entropy"
            outputs = sigmoid(outputs) if by_sigmoid else softmax(outputs)
        return np.hstack([1 - outputs, outputs]) if single else outputs

    def loss(self, X: Any, y: Any, loss: str, sample_weight: Any = None, threads: int | None = None) -> float:
        """Compute the mean loss over objects (8.7), weighted by ``sample_weight`` where given.

        Parameters
        ----------
        X : array-like of shape (N, *input_shape)
        y : array-like
            Targets: (N,) class numbers for ``"cross_entropy"``, else (N, outputs) numbers.
        loss : {"mean_square", "huber", "cross_entropy", "binary_cross_entropy", "hinge"}
        sample_weight : array-like of shape (N,), optional
            Weights of the objects, not all zero; the loss is sum(w l) / sum(w).
        threads : int, optional

        Returns
        -------
        float

        Raises
        ------
        InputError
            If shapes or values do not fit.
        """
        executable, _ = self._executable("score", loss)
        return executable.evaluate(self.parameters, self._data(X, y, loss_named(loss), sample_weight), threads)[1]

    def evaluate(self, X: Any, y: Any, loss: str | None = None, threads: int | None = None) -> tuple[float, float]:
        """Compute the mean loss over objects, and their accuracy, or R2 where the loss has no classes.

        Parameters
        ----------
        X, y, threads
            As for :meth:`loss`.
        loss : str, optional
            As for :meth:`loss`; by default the one that the network was trained with.

        Returns
        -------
        tuple (loss, accuracy) or (loss, R2)

        Raises
        ------
        InputError
            If shapes or values do not fit, or a network that is not trained is given no loss.

        Examples
        --------
        >>> from mathdl import Dense, Network
        >>> net = Network([Dense(1)], input_shape=(1,), dtype="float64")
        >>> net.parameters[:] = 2, 1
        >>> net.evaluate([[0.0], [1.0]], [1.0, 3.0], "mean_square")
        (0.0, 1.0)
        """
        if loss is None and self.trained_loss is None:
            raise InputError("The network is not trained, so evaluate needs a loss, as loss='cross_entropy'.")
        chosen = loss_named(self.trained_loss if loss is None else loss)
        executable, _ = self._executable("score", chosen.name)
        data = self._data(X, y, chosen, None)
        outputs, value = executable.evaluate(self.parameters, data, threads)
        assert data.targets is not None
        return value, score(chosen, outputs, data.targets)

    def gradient(self, X: Any, y: Any, loss: str, sample_weight: Any = None, threads: int | None = None) -> Array:
        """Compute the gradient of ``loss`` with respect to the parameters, by backpropagation (section 9.5).

        Parameters
        ----------
        X, y, loss, sample_weight, threads
            As for :meth:`loss`.

        Returns
        -------
        ndarray of shape (size,)
            In the order of ``parameters``. Memory is bounded: objects go through in blocks.

        Raises
        ------
        InputError
            If shapes or values do not fit.
        """
        return self.objective(X, y, loss, sample_weight, threads).value_and_gradient(self.parameters)[1]

    def objective(
        self, X: Any, y: Any, loss: str, sample_weight: Any = None, threads: int | None = None
    ) -> NetworkLoss:
        """Return the mean loss over objects (8.7) as a function of the parameters, for :func:`gradient_descent`.

        Parameters
        ----------
        X, y, loss, sample_weight, threads
            As for :meth:`loss`.

        Returns
        -------
        NetworkLoss
            The network itself stays as it is.

        Raises
        ------
        InputError
            If shapes or values do not fit.

        Examples
        --------
        >>> from mathdl import Dense, Network, SGD, gradient_descent
        >>> net = Network([Dense(1)], input_shape=(1,), dtype="float64")
        >>> loss = net.objective([[0.0], [1.0]], [[1.0], [3.0]], "mean_square")
        >>> gradient_descent(loss, net.parameters, SGD(0.3), steps=300).point.round(6)
        array([2., 1.])
        """
        executable, _ = self._executable("train", loss)
        return NetworkLoss(executable, self._data(X, y, loss_named(loss), sample_weight), self.size, threads)

    def backpropagate(self, x: Any, y: Any, loss: str, *, blocks: bool = False) -> Backpropagation:
        """Run backpropagation for one object and return every z_k, h_k, dl/dh_k and dl/da_k.

        Parameters
        ----------
        x : array-like of shape input_shape
        y : target of that object
        loss : {"mean_square", "huber", "cross_entropy", "binary_cross_entropy", "hinge"}
        blocks : bool, default False
            Whether to compute the layers' Jacobians dh_k/dh_(k-1) and dh_k/da_k too: a backward pass for each output.

        Returns
        -------
        Backpropagation

        Raises
        ------
        InputError
            If shapes or values do not fit.

        Examples
        --------
        >>> from mathdl import Dense, Network
        >>> net = Network([Dense(2, activation="relu"), Dense(1)], input_shape=(1,), dtype="float64")
        >>> net.parameters[:] = 3, -3, 1, 1, 2, 1, 0
        >>> print(net.backpropagate([2.0], [10.0], "mean_square"))
        loss 16
        k  layer                              z_k   h_k  dl/dh_k  dl/da_k
        0  input                                    2    48
        1  Dense(units=2, activation='relu')  7 -5  7 0  16 8     32 0 16 0
        2  Dense(units=1)                     14    14   8        56 0 8
        """
        require_truth_value("blocks", blocks)
        loss = loss_named(loss).name
        executable, buffers = self._executable("inspect", loss)
        data = self._data(_one("x", x), _one("y", y), loss_named(loss), None)
        found = inspect(executable, buffers, self.layers, self.parameters, data)
        if absorbed(self.layers, loss_named(loss)):
            output, gradient = absorbed_output(loss, found.outputs[-1], data.targets)
            for k in range(self.layers.index(final_layer(self.layers)) + 1, len(found.outputs)):
                shape = found.outputs[k].shape
                found.outputs[k], found.output_gradients[k] = output.reshape(shape), gradient.reshape(shape)
        return with_blocks(found, self.layers, self.parameters) if blocks else found

    def count_operations(self, *, padding: bool = False) -> NetworkOperations:
        """Count the elementary operations of one object, forward and backward, layer by layer (section 9.5).

        Parameters
        ----------
        padding : bool, default False
            Whether products with padded zeros count too, as other tools have it.

        Returns
        -------
        NetworkOperations

        Raises
        ------
        InputError
            If padding is neither True nor False.

        Examples
        --------
        >>> from mathdl import Dense, Network
        >>> print(Network([Dense(20, activation="relu"), Dense(3)], input_shape=(10,)).count_operations())
        layer                               forward  backward  dl/dh  lambda'  dl/da  numbers  parameters
        Dense(units=20, activation='relu')      420       240      0       40    200       20         220
        Dense(units=3)                          120       160    100        0     60        3          63
        total                                   540       400    100       40    260       23         283
        600 multiplications, 300 additions, 40 comparisons
        backward / forward: 0.741; gradient / parameters: 3.32
        memory: 2,448 bytes for one object
        """
        require_truth_value("padding", padding)
        return count(self.layers, self.dtype, padding)

    def operation_formulas(self) -> OperationFormulas:
        """Return what the gradient costs as polynomials in the sizes of dense layers, by several methods (section 9.5).

        Returns
        -------
        OperationFormulas

        Raises
        ------
        InputError
            If a layer is not Dense, or has softmax.

        Examples
        --------
        >>> from mathdl import Dense, Network
        >>> counted = Network([Dense(20, activation="relu"), Dense(3)], input_shape=(10,)).operation_formulas()
        >>> print(counted.formulas["steps 0 to 3"], "=", counted.numbers["steps 0 to 3"])
        4 * n_0 * n_1 + 2 * n_1 + 5 * n_1 * n_2 + 2 * n_2 = 1146
        >>> counted.numbers["differences"]
        156481
        """
        return formulas_of(self.layers)

    def jacobian(self, x: Any) -> Array:
        """Compute the derivatives of all outputs with respect to one object: a backward pass for each output.

        Parameters
        ----------
        x : array-like of shape input_shape

        Returns
        -------
        ndarray of shape (outputs, inputs)
            Entry (i, j) is the derivative of output i with respect to number j of x; both count as flat.

        Raises
        ------
        InputError
            If x has another shape, or holds numbers that are not finite.

        Examples
        --------
        >>> from mathdl import Dense, Network
        >>> net = Network([Dense(2, activation="relu")], input_shape=(2,), dtype="float64")
        >>> net.parameters[:] = 3, -3, 1, 1, 0, 0
        >>> net.jacobian([2.0, 5.0])
        array([[0., 0.],
               [1., 1.]])
        """
        return jacobians(self.layers, self.parameters, self._numbers(x))[0]

    def trace(self, x: Any) -> list[LayerTrace]:
        """Run the network on one object and return what each layer computes, before and after its activation.

        Parameters
        ----------
        x : array-like of shape input_shape

        Returns
        -------
        list of LayerTrace
            One for each layer, with ``pre_activation`` and ``output``.

        Raises
        ------
        InputError
            If x has another shape, or holds numbers that are not finite.

        Examples
        --------
        >>> from mathdl import Dense, Network
        >>> net = Network([Dense(2, activation="relu")], input_shape=(1,), dtype="float64")
        >>> net.parameters[:] = 3, -3, 1, 1
        >>> net.trace([2.0])[0].pre_activation, net.trace([2.0])[0].output
        (array([ 7., -5.]), array([7., 0.]))
        """
        return trace(self.layers, self.parameters, self._numbers(x))

    def fit(
        self,
        X: Any,
        y: Any = None,
        *,
        loss: str,
        rule: Rule | str | None = None,
        batch_size: int = 32,
        epochs: int = 10,
        seed: int = 0,
        threads: int | None = None,
        validation: tuple[Any, ...] | None = None,
        schedule: Schedule | None = None,
        callbacks: Sequence[Callback] = (),
        sample_weight: Any = None,
        sampling: str | None = None,
        sampling_weight: Any = None,
        robustness: float | None = None,
        resume: TrainingState | None = None,
        verbose: bool = False,
        **unknown: Never,
    ) -> History:
        """Train the network by stochastic descent (sections 8.3 to 8.5), changing its parameters in place.

        Parameters
        ----------
        X : array-like of shape (N, *input_shape)
            Training objects; images may stay bytes (uint8). They may be memory-mapped, and so exceed the memory. Or
            what yields batches (X, y), as for ``memory_map``, in whose temporary files they are kept.
        y : array-like
            Targets, as for :meth:`loss`; left out where X yields batches.
        loss : {"mean_square", "huber", "cross_entropy", "binary_cross_entropy", "hinge"}
            ``"mse"`` is another name of ``"mean_square"``.
        rule : SGD, Adam, "sgd" or "adam", default Adam()
            The update rule; a name stands for the rule with its defaults.
            Where its learning rate is "auto", one is looked for first: see ``History.search``.
        batch_size : int, default 32
            Objects per step; the last batch of an epoch may be smaller. Memory is bounded, as for :meth:`gradient`.
        epochs : int, default 10
        seed : int, default 0
            Seed of the order of objects. The same seed gives the same parameters to the last bit.
        threads : int, optional
            Threads to use; by default as many as the work keeps busy. The result is the same.
        validation : tuple (X, y) or (X, y, sample_weight), optional
            Data to evaluate after each epoch.
        schedule : callable, optional
            ``StepSchedule``, ``CosineSchedule`` or a function (epoch, epochs) -> factor of the learning rate.
        callbacks : sequence of Callback, optional
        sample_weight : array-like of shape (N,), optional
            Weights of the objects in the loss (section 8.5), not all zero.
        sampling : {"without_replacement", "with_replacement", "in_blocks"}, optional
            Whether an epoch visits every object once or draws each place of a batch independently. "in_blocks" visits
            each once, too, but blocks of 256 kB of neighbouring objects in random order, 256 of them mixed at a
            time: the default where X is memory-mapped, since a disk reads far faster so. Up to 64 megabytes, and for
            arrays in memory by default, the order is that of "without_replacement".
        sampling_weight : array-like of shape (N,), optional
            Weights of the objects in the draw (section 8.5), not all zero; drawing has to be with replacement.
        robustness : float, optional
            A radius: classes are to stay as they are while each number changes by at most so much, so clearly that
            intervals prove it. The loss becomes that of the worst outputs that interval bounds allow over the box
            around each object, which is cut to [0, 1] where all objects lie there. At first the radius is 0 and the
            loss the usual one; in the first half of the steps the radius and the share of the worst case grow. Numbers
            that dropout drops are dropped in the whole box. A step takes about three times as long.
        resume : TrainingState, optional
            What a checkpoint holds: go on from there, to the same result as without interruption.
        verbose : bool, default False
            Whether to print a line after each epoch.

        Returns
        -------
        History
            Its ``status`` is ``"diverged"`` where a loss was not finite; a DivergenceWarning says so too. A
            TrivialLossWarning says where the loss is no better than that of the same answer for all objects, why
            that may be and what to do; ``message`` says it too.

        Raises
        ------
        InputError
            If an argument, a shape or a value does not fit.
        TrainingInterrupted
            After Ctrl-C; the parameters are those after the last whole step.

        Examples
        --------
        >>> import numpy as np
        >>> from mathdl import SGD, Dense, Network
        >>> X = np.array([[0.0], [1.0], [2.0], [3.0]])
        >>> net = Network([Dense(1)], input_shape=(1,), dtype="float64")
        >>> history = net.fit(X, 2 * X + 1, loss="mean_square", rule=SGD(0.1), batch_size=4, epochs=200)
        >>> net.parameters.round(3)
        array([2., 1.])
        """
        loss = loss_named(loss).name
        settings = TrainingSettings.of(
            "fit",
            rule=rule,
            batch_size=batch_size,
            epochs=epochs,
            seed=seed,
            threads=threads,
            schedule=schedule,
            sampling=sampling,
            sampling_weight=sampling_weight,
            robustness=robustness,
            **unknown,
        )
        require_truth_value("verbose", verbose)
        called = in_order(
            [*callbacks, ProgressLines()] if verbose and isinstance(callbacks, list | tuple) else callbacks
        )
        X, y, sample_weight = from_batches(X, y, sample_weight, self._inputs)
        if y is None:
            raise InputError("fit needs targets: give X and y, or batches of both.")
        training, data, held_out = self._training(X, y, loss, settings, validation, sample_weight)
        training.own_activations = self.own_activations
        training.about_scale, training.trivial_loss = (
            partial(about_scale, loss, data),
            partial(trivial_loss, loss, data),
        )
        if (engine := current_engine()) is not None:
            resume = engine.shared(resume)
        if resume is not None:
            training.resume(resume)
        if training.rule.is_auto:
            scoring, _ = self._executable("score", loss)
            training.take_rate(
                search_learning_rate(training, called, scoring, data, held_out, partial(trivial_loss, loss))
            )
        self.trained_loss = loss
        history = train(training, called)
        if history.status in (Status.COMPLETED, Status.STOPPED_EARLY):
            self._warn_if_trivial(training, data, loss)
        return history

    def _warn_if_trivial(self, training: Training, data: Data, loss: str) -> None:
        """Warn, and put into the record, where training came to no better a loss than the trivial one."""
        scoring, history = self._executable("score", loss)[0], training.history
        said = no_better_than_trivial(
            loss,
            history.loss,
            training.updates,
            data,
            training.rule.with_rate(training.rate),
            lambda part: scoring.evaluate(self.parameters, part, training.settings.threads)[1],
        )
        if said:
            history.message = f"{history.message} {said}".strip()
            warnings.warn(said, TrivialLossWarning, stacklevel=3)

    def find_learning_rate(
        self,
        X: Any,
        y: Any,
        *,
        loss: str,
        validation: tuple[Any, ...] | None = None,
        sample_weight: Any = None,
        callbacks: Sequence[Callback] = (),
        **settings: Any,
    ) -> LearningRateSearch:
        """Find the learning rate that ``fit`` would train with if its rule's were "auto".

        About ten to fifteen rates are tried from the present parameters for a thirtieth of the training's steps, and
        the best few for a fifth. The smallest is chosen whose loss is about the lowest, on the validation data or on
        training objects that the trials do without, and that lies well below rates at which training fails. It takes
        about as many steps as the training itself, where that takes more than 10,000 about so many; no trial has fewer
        than 20, so in very short training it takes more. Where the best loss is then still about that of the same
        answer for all objects, five rates are tried for as long as the training takes, if that is a second or less.

        Parameters
        ----------
        X, y, loss, validation, sample_weight
            As for :meth:`fit`: what the network is to be trained with. The network is not changed.
        callbacks : sequence of Callback, optional
            Those that watch the search: only their ``on_search`` is called.
        **settings
            ``rule`` (whose learning rate is not used), ``batch_size``, ``epochs``, ``seed``, ``threads``, ``schedule``,
            ``sampling``, ``sampling_weight`` and ``robustness``, as for :meth:`fit` and with the same defaults.

        Returns
        -------
        LearningRateSearch
            The rate, the reason, and every trial.

        Raises
        ------
        InputError
            If an argument, a shape or a value does not fit.
        TrainingInterrupted
            After Ctrl-C.

        Examples
        --------
        >>> import numpy as np
        >>> from mathdl import SGD, Dense, Network
        >>> X = np.linspace(-1, 1, 200)[:, None]
        >>> net = Network([Dense(8, activation="tanh"), Dense(1)], input_shape=(1,))
        >>> search = net.find_learning_rate(X, np.sin(3 * X), loss="mean_square", rule=SGD(momentum=0.9))
        >>> 0.0001 < search.learning_rate < 1
        True
        """
        chosen = TrainingSettings.of("find_learning_rate", **settings)
        chosen = replace(chosen, rule=chosen.rule.with_rate(AUTO))
        called = in_order(callbacks)
        loss = loss_named(loss).name
        training, data, held_out = self._training(X, y, loss, chosen, validation, sample_weight)
        scoring, _ = self._executable("score", loss)
        return search_learning_rate(training, called, scoring, data, held_out, partial(trivial_loss, loss))

    def _training(
        self, X: Any, y: Any, loss: str, settings: TrainingSettings, validation: Any, sample_weight: Any
    ) -> tuple[Training, Data, Data | None]:
        """Return a run of training that has not begun, its objects and those that it is validated with."""
        if validation is not None and (not isinstance(validation, list | tuple) or len(validation) not in (2, 3)):
            raise InputError(f"validation is of type {type(validation).__name__}; give a pair (X, y).")
        if self.size == 0:
            raise InputError("The network has no parameters to train; add a Dense or Conv2D layer.")
        data, engine = self._data(X, y, loss_named(loss), sample_weight), current_engine()
        assert data.targets is not None
        if settings.sampling is None:
            in_file = is_memory_mapped(data.inputs)
            settings = replace(settings, sampling=IN_BLOCKS if in_file else "without_replacement")
        if settings.robustness is None:
            executable, scoring = (self._executable(mode, loss)[0] for mode in ("train", "score"))
        elif engine is not None:
            raise InputError("robustness trains in the compiled engine alone; leave the other engine out.")
        else:
            require_worst_case(self.layers, loss_named(loss), data.targets)
            steps = settings.epochs * -(-data.objects // min(settings.batch_size, data.objects))
            boxes = boxes_around(data, settings.robustness, steps)
            # Steps write into the rows of their program which update it is, and validation is of the whole radius.
            executable, scoring = (around_boxes(self.layers, self.dtype, loss_named(loss), boxes) for _ in range(2))
        objective = NetworkLoss(executable, data, self.size, settings.threads)
        loss_named(loss).warn_of_mistakes(final_activation(self.layers), prod(self.output_shape), data.targets)
        if engine is None:
            stepper: MovableStepper = objective.stepper(settings.rule.vectors, settings.batch_size)
        else:
            stepper = engine.stepper(self.layers, loss_named(loss), objective, settings)
        probe = partial(LayerProbe, self.layers, executable, data, len(stepper.memory), settings.threads)
        block = max(1, BLOCK_BYTES // data.inputs[:1].nbytes)
        batch = min(settings.batch_size, data.objects)
        driver: Stepper = StepsInBlocks(stepper, data, batch) if settings.sampling == IN_BLOCKS else stepper
        training = Training(self.parameters, driver, objective.objects, settings, block, probe=probe)
        training.anyone = bool if engine is None else engine.anyone
        held_out = None
        if validation is not None:
            weights = validation[2] if len(validation) == 3 else None
            held_out = self._data(validation[0], validation[1], loss_named(loss), weights)
            training.validate = lambda: self._validate(scoring, held_out, loss, settings.threads)
        return training, data, held_out

    def _validate(self, executable: Executable, data: Data, loss: str, threads: int | None) -> dict[str, float]:
        """Loss and, where the loss has classes, accuracy."""
        outputs, value = executable.evaluate(self.parameters, data, threads)
        found = {"validation_loss": value}
        if data.targets is not None and loss_named(loss).has_classes:
            found["validation_accuracy"] = score(loss_named(loss), outputs, data.targets)
        return found

    def _executable(self, mode: str, loss: str | None) -> tuple[Executable, list[Buffer]]:
        """Return the compiled program, and each layer's output; made once for each mode and loss."""
        chosen = None if loss is None else loss_named(loss)
        if (key := (mode, None if chosen is None else chosen.name)) not in self._executables:
            self._executables[key] = compose(self.layers, self.dtype, mode, chosen)
        return self._executables[key]

    def _inputs(self, X: Any) -> Array:
        """Check objects and return them as the engine reads them."""
        return checked_inputs(X, self.input_shape, self.dtype)

    def _numbers(self, x: Any) -> Array:
        """Check one object and return its numbers, of a picture's bytes the brightness from 0 to 1."""
        given = self._inputs(_one("x", x))[0]
        numbers: Array = (given / 255 if given.dtype == np.uint8 else given).astype(self.dtype)
        return numbers

    def _data(self, X: Any, y: Any, loss: Loss, sample_weight: Any) -> Data:
        """Check objects, targets and weights."""
        inputs = self._inputs(X)
        if len(inputs) == 0:
            raise InputError("X is empty; give at least one object.")
        targets = loss.targets(y, len(inputs), prod(self.output_shape), self.dtype)
        weights = None if sample_weight is None else checked_weights(sample_weight, len(inputs), self.dtype)
        return Data(inputs, targets, weights)


def _one(name: str, values: Any) -> Array:
    """Return one object, or its target, as an array of one."""
    require_unmasked(name, values)
    try:
        return np.asarray(values)[None]
    except ValueError:
        raise InputError(f"{name} is {shortened(values)}, which is no array; give the numbers of one object.") from None


def find_learning_rate(network: Network, X: Any, y: Any, **arguments: Any) -> LearningRateSearch:
    """Find a learning rate for a network without training it: :meth:`Network.find_learning_rate` as a function.

    Parameters
    ----------
    network : Network
        It is not changed.
    X, y, **arguments
        As for the method; ``loss`` has to be given.

    Returns
    -------
    LearningRateSearch

    Raises
    ------
    InputError
        If an argument, a shape or a value does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from mathdl import SGD, Dense, Network, find_learning_rate
    >>> X = np.linspace(-1, 1, 200)[:, None]
    >>> net = Network([Dense(8, activation="tanh"), Dense(1)], input_shape=(1,))
    >>> search = find_learning_rate(net, X, np.sin(3 * X), loss="mean_square", rule=SGD(momentum=0.9))
    >>> search.learning_rate in search.rates
    True
    """
    if not isinstance(network, Network):
        raise InputError(f"network is {network!r}; give a Network.")
    return network.find_learning_rate(X, y, **arguments)
