"""The one-dimensional convolutional layer."""

from __future__ import annotations

from mathdl.layers.convolutional import Convolutional


class Conv1D(Convolutional):
    """A convolutional layer of signals, such as sound: a Conv2D for images of height 1 (Remark 10.1.5).

    The output has the entries lambda(sum over i, q of K[j, i, q] X[i, v + q] + b_j): the kernel is not flipped.

    Parameters
    ----------
    channels : int
        Number of output channels.
    kernel_size : int
        Length of the kernels.
    activation : str, dict or Activation, default "identity"
        The activation function lambda; ``"softmax"`` is not possible here.
    bias : {"channel", "position", None}, default "channel"
        One bias for each output channel, one for each channel and position, or none.
    stride : int, default 1
        Step between the positions of the kernel.
    padding : {"valid", "same"}, default "valid"
        ``"valid"``: positions where the kernel lies inside the signal, (n - k) // stride + 1 of them. ``"same"``: zeros
        are added at both ends, the smaller half before, so that there are ceil(n / stride) positions.

    Attributes
    ----------
    weights : ndarray of shape (channels, input channels, kernel_size)
        The kernels, a view of the network's parameters.
    bias : ndarray of shape (channels,) or (channels, positions), or None
        A view of the network's parameters.

    Raises
    ------
    InputError
        If an option is not one of those above, the input is no signal, or the kernel is longer than its input.

    Examples
    --------
    >>> from mathdl import Conv1D, Network
    >>> net = Network([Conv1D(8, 5, activation="relu", stride=2)], input_shape=(2, 100), seed=0)
    >>> net.output_shape, net.layers[0].weights.shape
    ((8, 48), (8, 2, 5))
    """

    axes = 1
