"""Section 10.5: building convolutional networks."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter10.matrices import EDGE, difference, drawn, image_map, max_pooled, network, unit_images
from mathdl.book.chapter10.pictures import draw_matrix
from mathdl.book.finding import Findings, Table, differs, equals, erratum, shows
from mathdl.book.item import item

BLOCK = np.zeros((9, 9), int)
BLOCK[2:7, 1:5] = 1
"""A picture with a black block."""


def small_network() -> Any:
    """Return the network of figure 10.4: edges by a 2 x 2 kernel, pooled, summed on the left and on the right."""
    halves = [[1, 1, 0, 0] * 4, [0, 0, 1, 1] * 4]
    layers = [mathdl.Conv2D(1, 2, activation="relu", bias=None), mathdl.MaxPool2D(2)]
    return network([*layers, mathdl.Flatten(), mathdl.Dense(2, bias=False)], (1, 9, 9), EDGE, halves)


def lenet() -> Any:
    """Return two pairs of convolution and pool, and three dense layers, as of LeNet (LeCun et al., 1998)."""
    pairs = [mathdl.Conv2D(6, 5, activation="relu"), mathdl.MaxPool2D(2)]
    pairs += [mathdl.Conv2D(16, 5, activation="relu"), mathdl.MaxPool2D(2)]
    dense = [mathdl.Dense(120, activation="relu"), mathdl.Dense(84, activation="relu"), mathdl.Dense(10)]
    return network([*pairs, mathdl.Flatten(), *dense], (1, 28, 28))


@item(
    "sec-10.5",
    "A network of convolutions, pools and a dense layer",
    try_it="mathdl.Network([mathdl.Conv2D(6, 5), mathdl.MaxPool2D(2)], input_shape=(1, 28, 28)).summary()",
)
def composed() -> Findings:
    """A convolutional network phi = h o p_K o c_K o ... o p_1 o c_1 maps a picture to a vector.

    c_k are convolutional layers and p_k pooling layers, by turns; h is a dense layer; K counts the pairs. Convolutions
    respond to local features, pools shrink the responses, and the dense layer decides by which features are where.
    """
    shape, first, second, final = (1, 10, 10), drawn(1, 1, 3, 3), drawn(1, 1, 3, 3, seed=1), drawn(2, 1, seed=2)
    layers = [mathdl.Conv2D(1, 3, activation="relu", bias=None), mathdl.MaxPool2D(2)] * 2
    net = network([*layers, mathdl.Flatten(), mathdl.Dense(2, bias=False)], shape, first, second, final)
    x = drawn(10, 10, seed=3)
    inner = max_pooled(np.maximum(mathdl.convolve(first[0, 0], x), 0), 2)
    outer = max_pooled(np.maximum(mathdl.convolve(second[0, 0], inner), 0), 2)
    answer = net(x[None, None])[0]
    yield equals(
        "phi(X) for drawn whole numbers, X 10 x 10, two pairs of D = 3 and pools of 2",
        answer,
        (final @ outer).ravel(),
        "one layer after the other",
    )
    yield shows("It is not 0, so that the comparison says something.", answer.any())
    net = lenet()
    shapes = [layer.output_shape for layer in net.layers]
    yield Table(
        {
            "layer": [type(layer).__name__ for layer in net.layers],
            "output": [" x ".join(map(str, shape)) for shape in shapes],
            "parameters": [layer.size for layer in net.layers],
        }
    )
    yield equals(
        "rows left of 28 by two pairs of 5 x 5 kernels and pools of 2",
        [shape[1] for shape in shapes[:4]],
        (24, 12, 8, 4),
    )
    yield equals(
        "parameters of both convolutional layers, of 6 and of 16 kernels",
        [net.layers[k].size for k in (0, 2)],
        (6 * 25 + 6, 16 * 6 * 25 + 16),
    )
    yield equals(
        "parameters of the three dense layers",
        [net.layers[k].size for k in (5, 6, 7)],
        (120 * 257, 84 * 121, 10 * 85),
        "most of the 44,426 altogether",
    )


@composed.figure("a network of two pairs of convolution and pool and three dense layers", size=(8.4, 2.8))
def _draw_composed(ax: Any) -> None:
    mathdl.plots.plot_network_diagram(lenet(), weights=False, ax=ax)


@item("fig-10.3", "A convolutional network for rows of numbers")
def one_dimensional() -> Findings:
    """A small network on a row of 9 numbers: a convolution, a pool of 2 and a dense layer with 2 outputs.

    The convolution's neurons see two neighbours each, with the same two weights; the pool keeps the larger of two; the
    dense layer joins everything.
    """
    layers = [
        mathdl.Conv2D(1, (1, 2), bias=None),
        mathdl.MaxPool2D((1, 2)),
        mathdl.Flatten(),
        mathdl.Dense(2, bias=False),
    ]
    kernel, weights, x = drawn(1, 2), drawn(2, 4, seed=1), drawn(1, 9, seed=2)
    net = network(layers, (1, 1, 9), kernel, weights)
    yield equals(
        "numbers after each of the layers",
        [layer.output_shape[-1] for layer in net.layers if layer.output_shape != (4,)],
        (8, 4, 2),
    )
    sums = (joined(kernel) @ x[0]).reshape(4, 2)
    yield equals(
        "answer to a drawn row, and by matrices",
        net(x[None, None])[0],
        weights @ sums.max(axis=1),
        "a sparse matrix, maxima of pairs, a matrix",
    )
    yield equals(
        "connections of the convolution, of the pool and of the dense layer",
        (int((joined(kernel) != 0).sum()), 8, weights.size),
        (16, 8, 8),
    )
    yield equals("parameters", net.size, 2 + 8)


def joined(kernel: Any) -> Any:
    """Return the matrix of the convolution of a row of 9 numbers with a kernel of two."""
    return network([mathdl.Conv2D(1, (1, 2), bias=None)], (1, 1, 9), kernel)(unit_images(1, 9))[:, 0, 0].T


@one_dimensional.figure(
    "the network: 9 inputs, 8 convolutional neurons that share two weights, 4 maxima, 2 dense neurons", size=(4.2, 3.4)
)
def _draw_one_dimensional(ax: Any) -> None:
    pool = np.kron(np.eye(4), [[1, 1]])
    mathdl.plots.plot_connections(
        [joined([[1, 2]]), pool, np.ones((2, 4))], ["inputs", "convolution", "max pool", "dense"], ax=ax
    )


@item("fig-10.4", "A convolutional network for pictures")
def two_dimensional() -> Findings:
    """A 9 x 9 picture X is convolved with Example 10.1.4's edge kernel, pooled by 2, and summed by a dense layer.

    c(X) = max(K * X, 0) shows the edges from white to black, p(c(X)) has one number for each 2 x 2 block of it, and the
    two outputs h are the sums of its left and of its right half: they tell on which side the edge is.
    """
    net = small_network()
    shapes = [layer.output_shape for layer in net.layers]
    yield equals(
        "shapes of c(X), p(c(X)), the vector and h",
        [str(shape) for shape in shapes],
        ("(1, 8, 8)", "(1, 4, 4)", "(16,)", "(2,)"),
    )
    yield equals(
        "h for the picture with a black block in rows 3 to 7, columns 2 to 5",
        net(BLOCK[None, None])[0],
        (1 + 2 + 2 + 1, 0),
    )
    yield equals(
        "h for the same block four columns further right",
        net(np.roll(BLOCK, 4, axis=1)[None, None])[0],
        (0, 1 + 2 + 2 + 1),
    )


@two_dimensional.figure("the picture X with a black block", size=(2.6, 2.6))
def _draw_x(ax: Any) -> None:
    draw_matrix(ax, BLOCK, "X")


@two_dimensional.figure("the kernel K", size=(2.6, 2.6))
def _draw_k(ax: Any) -> None:
    draw_matrix(ax, EDGE, "K")


@two_dimensional.figure("the response c(X) to its left edge", size=(2.6, 2.6))
def _draw_c(ax: Any) -> None:
    draw_matrix(ax, np.maximum(mathdl.convolve(EDGE, BLOCK), 0), "c(X)", block=2)


@two_dimensional.figure("the pooled response p(c(X))", size=(2.6, 2.6))
def _draw_p(ax: Any) -> None:
    draw_matrix(ax, max_pooled(np.maximum(mathdl.convolve(EDGE, BLOCK), 0), 2), "p(c(X))")


@two_dimensional.figure("the output h: the sums of its left and right half", size=(2.6, 2.6))
def _draw_h(ax: Any) -> None:
    draw_matrix(ax, small_network()(BLOCK[None, None]), "h", axes=("", "output j"))


@item(
    "def-10.5.1",
    "Multichannel convolutional layer",
    try_it="mathdl.Network([mathdl.Conv2D(8, 5)], input_shape=(3, 32, 32)).layers[0].weights.shape",
)
def channels_in_and_out() -> Findings:
    """A layer maps k matrices X_1, ..., X_k (input channels) to l matrices (output channels).

    Output j is lambda(K_1j * X_1 + ... + K_kj * X_k), with a kernel K_ij for each pair of channels; the kernels of one
    output have one size D_j x D_j. Conv2D has one size for all outputs; branches of Parallel may differ.
    """
    x, kernels = drawn(3, 6, 7), drawn(2, 3, 3, 3, seed=1)
    net = network([mathdl.Conv2D(2, 3, activation="relu", bias=None)], x.shape, kernels)
    outputs = [np.maximum(sum(mathdl.convolve(kernels[j, i], x[i]) for i in range(3)), 0) for j in range(2)]
    yield equals("with D = 3, output shape for 3 channels of 6 x 7 and 2 outputs", net.output_shape, (2, 4, 5))
    yield equals(
        "largest difference from lambda(sum of K_ij * X_i), for drawn numbers and ReLU",
        difference(net(x[None])[0], outputs),
        0,
    )
    yield equals("number of kernels and of their weights", (2 * 3, net.size), (6, 6 * 9))
    sizes = (1, 2, 3)
    several = [drawn(3, d, d, seed=d) for d in sizes]
    branches = mathdl.Parallel([[mathdl.Conv2D(1, d, activation="relu", bias=None)] for d in sizes])
    parts = [np.maximum(sum(mathdl.convolve(kernel[i], x[i]) for i in range(3)), 0) for kernel in several]
    yield equals("sizes of three outputs with D_j = 1, 2, 3", [part.shape for part in parts], ((6, 7), (5, 6), (4, 5)))
    flat = np.concatenate([part.ravel() for part in parts])
    yield equals(
        "largest difference from the layer with three sizes of kernels",
        difference(network([branches], x.shape, *several)(x[None])[0], flat),
        0,
    )
    zero = np.zeros((4, 4))
    yield erratum(
        "(10.40) has no biases, although it is to extend (10.22) to several channels.",
        "Output j is lambda(K_1j * X_1 + ... + K_kj * X_k + b_j), as Conv2D has it.",
        differs(
            "with b = 1 and any kernel, output of (10.22) for X = 0",
            image_map(mathdl.Conv2D(1, 3), zero, drawn(3, 3), [1])[0, 0],
            0,
        ),
        equals(
            "output with the bias b_1 = 1 for three channels that are 0",
            network([mathdl.Conv2D(1, 3)], (3, 4, 4), drawn(3, 3, 3), [1])(np.zeros((1, 3, 4, 4)))[0, 0, 0, 0],
            1,
        ),
    )


@item(
    "def-10.5.2",
    "Multichannel pooling layer",
    try_it="mathdl.Network([mathdl.MaxPool2D(2)], input_shape=(3, 8, 6)).output_shape",
)
def pooled_channels() -> Findings:
    """Pooling acts on each of l channels X_1, ..., X_l by itself: the result is p(X_1), ..., p(X_l).

    Each channel may have its own size and its own block size, which divides it; with MaxPool2D all have the same.
    """
    x = drawn(3, 4, 6)
    pooled = network([mathdl.MaxPool2D(2)], x.shape)(x[None])[0]
    yield equals(
        "largest difference from p(X_1), p(X_2), p(X_3), for drawn 4 x 6 channels",
        difference(pooled, [max_pooled(part, 2) for part in x]),
        0,
    )
    sizes, blocks = (1, 3), (3, 2)
    kernels = [drawn(3, d, d, seed=d) for d in sizes]
    wide = drawn(3, 6, 6, seed=5)
    branches = mathdl.Parallel(
        [[mathdl.Conv2D(1, d, bias=None), mathdl.MaxPool2D(b)] for d, b in zip(sizes, blocks, strict=True)]
    )
    channels = [sum(mathdl.convolve(kernel[i], wide[i]) for i in range(3)) for kernel in kernels]
    parts = [max_pooled(channel, b) for channel, b in zip(channels, blocks, strict=True)]
    yield equals(
        "sizes of channels after kernels of 1 and 3, and after pools of 3 and 2, for 6 x 6",
        [part.shape for part in [*channels, *parts]],
        ((6, 6), (4, 4), (2, 2), (2, 2)),
    )
    answer = network([branches], wide.shape, *kernels)(wide[None])[0]
    yield equals(
        "largest difference from a layer with both, one after the other", difference(answer, np.ravel(parts)), 0
    )


@cache
def flower() -> Any:
    """Return every eighth pixel of scikit-learn's photograph of a flower, as three channels of whole numbers."""
    from sklearn.datasets import load_sample_image

    return np.moveaxis(load_sample_image("flower.jpg"), -1, 0)[:, ::8, ::8].astype(int)


GREY = (299, 587, 114)
"""What red, green and blue count for in grey, in thousandths."""


def greyed(pictures: Any) -> Any:
    """Return pictures of three channels in grey, in thousandths, by a convolution with three 1 x 1 kernels."""
    pictures = np.asarray(pictures)
    return network([mathdl.Conv2D(1, 1, bias=None)], pictures.shape[1:], GREY)(pictures)[:, 0]


def square(channel: int, value: int) -> Any:
    """Return a 4 x 4 picture of three channels, 0 but for a 2 x 2 square of a value in one of them."""
    picture = np.zeros((3, 4, 4))
    picture[channel, 1:3, 1:3] = value
    return picture


@item(
    "claim-10.5-channels",
    "Colours and stereo sound are channels",
    try_it="mathdl.Network([mathdl.Conv2D(1, 1, bias=None)], input_shape=(3, 4, 4)).output_shape",
)
def colours() -> Findings:
    """A colour picture has three channels, the intensities of red, green and blue; stereo sound has two.

    Grey is a weighted sum of the three, here 299 red + 587 green + 114 blue (in thousandths): itself a convolution with
    three 1 x 1 kernels. What differs only in colour becomes the same in grey; a network on the channels tells it apart.
    """
    photograph = flower()
    yield equals("shape of scikit-learn's photograph flower.jpg, every eighth pixel", photograph.shape, (3, 54, 80))
    weighted = sum(weight * channel for weight, channel in zip(GREY, photograph, strict=True))
    yield equals(
        "largest difference between its grey by a layer and by sums", difference(greyed([photograph])[0], weighted), 0
    )
    red, blue = square(0, 114), square(2, 299)
    yield equals("grey of a square of red 114, and of one of blue 299", greyed([red, blue])[:, 1, 1], (34086, 34086))
    yield equals("largest difference between the two grey pictures", difference(*greyed([red, blue])), 0)
    layers = [mathdl.Conv2D(2, 1, bias=None), mathdl.GlobalMaxPool2D()]
    tells = network(layers, (3, 4, 4), [[1, 0, 0], [0, 0, 1]])
    yield equals(
        "answers of a network with a kernel for red and one for blue, to both",
        tells(np.array([red, blue])),
        ((114, 0), (0, 299)),
    )
    sound, kernels = drawn(2, 1, 8), drawn(2, 3, seed=1)
    stereo = network([mathdl.Conv2D(1, (1, 3), bias=None)], (2, 1, 8), kernels)
    both = np.array([sound, sound[::-1]])
    yield shows(
        "Stereo sound with left and right exchanged gets another answer, where the two kernels differ.",
        difference(*stereo(both)) > 0,
    )
    same = network([mathdl.Conv2D(1, (1, 3), bias=None)], (2, 1, 8), kernels[0], kernels[0])
    yield equals(
        "largest difference between the answers where both kernels are equal",
        difference(*same(both)),
        0,
        "only left + right matters",
    )


def _draw_shades(ax: Any, picture: Any, title: str) -> None:
    ax.imshow(picture, cmap="gray", vmin=0, vmax=255)
    ax.set(xlabel="column", ylabel="row", title=title)
    ax.grid(False)


@colours.figure("the red channel of a photograph of an orange flower among leaves", size=(2.6, 1.8))
def _draw_red(ax: Any) -> None:
    _draw_shades(ax, flower()[0], "red: 0 black, 255 white")


@colours.figure("its green channel", size=(2.6, 1.8))
def _draw_green(ax: Any) -> None:
    _draw_shades(ax, flower()[1], "green")


@colours.figure("its blue channel", size=(2.6, 1.8))
def _draw_blue(ax: Any) -> None:
    _draw_shades(ax, flower()[2], "blue")


@colours.figure("the photograph in grey", size=(2.6, 1.8))
def _draw_grey(ax: Any) -> None:
    _draw_shades(ax, greyed([flower()])[0] / 1000, "grey, by the layer")
