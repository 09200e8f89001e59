"""The two-dimensional convolutional layer."""

from __future__ import annotations

from mathdl.layers.convolutional import Convolutional


class Conv2D(Convolutional):
    """A convolutional layer function c(X) = lambda(sum over i of K_ij * X_i + b_j) (Definitions 10.2.1 and 10.5.1).

    K * X is the book's convolution, the sum over r, q of K[r, q] X[h + r, v + q]: the kernel is not flipped.

    Parameters
    ----------
    channels : int
        Number of output channels.
    kernel_size : int or two ints
        Side of the kernels, or their rows and columns.
    activation : str, dict or Activation, default "identity"
        The activation function lambda; ``"softmax"`` is not possible here.
    bias : {"channel", "position", None}, default "channel"
        One bias for each output channel, one for each channel and position (the book's matrix), or none.
    stride : int or two ints, default 1
        Step between the positions of the kernel, or the steps down and across.
    padding : {"valid", "same"}, default "valid"
        ``"valid"``: positions where the kernel lies inside the image, (n - k) // stride + 1 of them for k rows.
        ``"same"``: zeros are added around the image, the smaller half before, so that there are ceil(n / stride)
        positions.

    Attributes
    ----------
    weights : ndarray of shape (channels, input channels, rows, columns)
        The kernels, a view of the network's parameters.
    bias : ndarray of shape (channels,) or (channels, height, width), or None
        A view of the network's parameters.

    Raises
    ------
    InputError
        If an option is not one of those above, the input is no image, or the kernel is larger than its input.

    Examples
    --------
    >>> from mathdl import Conv2D, Network
    >>> net = Network([Conv2D(8, 5, activation="relu")], input_shape=(1, 28, 28), seed=0)
    >>> net.output_shape, net.layers[0].weights.shape
    ((8, 24, 24), (8, 1, 5, 5))
    """

    axes = 2
