"""The oracle: layers, losses, rules and networks written as their definitions, slow and obvious.

Nothing here comes from the package. Arrays have samples first, images are (samples, channels, rows, columns).
A layer is a dictionary as in ``Network.architecture``; a network is a list of them with one flat vector of
parameters: layer by layer, the weights row by row, then the bias; in a Parallel branch by branch.
In the names of variables, ``dh`` is the derivative of the loss with respect to ``h``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Layer = dict[str, Any]
Architecture = list[Layer]
Padding = tuple[tuple[int, int], tuple[int, int]]
NO_PADDING: Padding = ((0, 0), (0, 0))

# ---------------------------------------------------------------------------------------------- activations


def name_and_slope(activation: str | dict[str, Any]) -> tuple[str, float]:
    """Split a description into the activation's name and the slope, which only the leaky ReLU uses."""
    if isinstance(activation, str):
        return activation, 0.01
    return activation["name"], activation.get("slope", 0.01)


def sigmoid(z: Array) -> Array:
    """Return 1 / (1 + e^-z) without overflow."""
    return np.exp(-np.logaddexp(0.0, -z))


def softmax(z: Array) -> Array:
    """Return e^z_i / sum_j e^z_j over axis 1, shifted by the largest entry so that nothing overflows."""
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def activate(activation: str | dict[str, Any], z: Array) -> Array:
    """Apply an activation to the pre-activations."""
    name, slope = name_and_slope(activation)
    functions: dict[str, Callable[[], Array]] = {
        "identity": lambda: z,
        "relu": lambda: np.where(z > 0, z, 0.0),
        "leaky_relu": lambda: np.where(z > 0, z, slope * z),
        "abs": lambda: np.abs(z),
        "tanh": lambda: np.tanh(z),
        "sigmoid": lambda: sigmoid(z),
        "softmax": lambda: softmax(z),
    }
    return functions[name]()


def activation_gradient(activation: str | dict[str, Any], z: Array, dh: Array) -> Array:
    """Return dl/dz for h = activate(z); at 0 the derivatives are: ReLU 0, abs 0, leaky ReLU its slope."""
    name, slope = name_and_slope(activation)
    if name == "softmax":
        p = softmax(z)
        return p * (dh - (dh * p).sum(axis=1, keepdims=True))
    derivatives: dict[str, Callable[[], Array]] = {
        "identity": lambda: np.ones_like(z),
        "relu": lambda: np.where(z > 0, 1.0, 0.0),
        "leaky_relu": lambda: np.where(z > 0, 1.0, slope),
        "abs": lambda: np.sign(z),
        "tanh": lambda: 1.0 - np.tanh(z) ** 2,
        "sigmoid": lambda: sigmoid(z) * sigmoid(-z),
    }
    return dh * derivatives[name]()


# --------------------------------------------------------------------------------------------------- layers


def dense(x: Array, weights: Array, bias: Array | None) -> Array:
    """Return A x + b for every sample x, with A of shape (units, inputs)."""
    z = np.zeros((len(x), len(weights)))
    for unit, row in enumerate(weights):
        z[:, unit] = x @ row
    return z if bias is None else z + bias


def dense_gradient(x: Array, weights: Array, dz: Array) -> tuple[Array, Array, Array]:
    """Return dl/dx, dl/dA and dl/db."""
    dx, dweights = np.zeros_like(x), np.zeros_like(weights)
    for unit, row in enumerate(weights):
        dx += np.outer(dz[:, unit], row)
        dweights[unit] = dz[:, unit] @ x
    return dx, dweights, dz.sum(axis=0)


def zeropad2d(x: Array, padding: Padding, value: float = 0.0) -> Array:
    """Surround every image by ((rows above, rows below), (columns left, columns right)) of a value."""
    (above, below), (left, right) = padding
    samples, channels, rows, columns = x.shape
    y = np.full((samples, channels, above + rows + below, left + columns + right), value)
    y[:, :, above : above + rows, left : left + columns] = x
    return y


def zeropad2d_gradient(dy: Array, padding: Padding) -> Array:
    """Crop the border away again."""
    (above, below), (left, right) = padding
    return dy[:, :, above : dy.shape[2] - below, left : dy.shape[3] - right]


Sides = int | Sequence[int]  # one number for rows and columns, or one for each


def pair(sides: Sides) -> tuple[int, int]:
    """Return the number for rows and the number for columns."""
    rows, columns = (sides, sides) if isinstance(sides, int) else sides
    return rows, columns


def places(length: int, k: int, stride: int) -> int:
    """Count the places of a window of k among so many entries."""
    return (length - k) // stride + 1


def windows(rows: int, columns: int, k: Sides, stride: Sides) -> Iterator[tuple[int, int, tuple[slice, ...]]]:
    """List the places (i, j) of the output, each with the window of the images that it sees."""
    (high, wide), (down, across) = pair(k), pair(stride)
    for i in range(rows):
        for j in range(columns):
            place = slice(i * down, i * down + high), slice(j * across, j * across + wide)
            yield i, j, (slice(None), slice(None), *place)


def conv2d(x: Array, kernels: Array, bias: Array | None, stride: Sides = 1, padding: Padding = NO_PADDING) -> Array:
    """Take the inner product of every kernel with every window of x: z_cij = <K_c, X[i, j]> + b.

    The kernels have shape (channels, input channels, rows, columns); the bias has one number a channel, or one a
    channel and position.
    """
    x = zeropad2d(x, padding)
    (channels, _, high, wide), (down, across) = kernels.shape, pair(stride)
    rows, columns = places(x.shape[2], high, down), places(x.shape[3], wide, across)
    z = np.zeros((len(x), channels, rows, columns))
    for i, j, window in windows(rows, columns, (high, wide), stride):
        z[:, :, i, j] = np.einsum("ndpq,cdpq->nc", x[window], kernels)
    if bias is None:
        return z
    return z + (bias[:, None, None] if bias.ndim == 1 else bias)


def conv2d_gradient(
    x: Array, kernels: Array, dz: Array, stride: Sides = 1, padding: Padding = NO_PADDING
) -> tuple[Array, Array, Array]:
    """Return dl/dx, dl/dK and dl/db, the last with one number a channel and position."""
    x = zeropad2d(x, padding)
    dx, dkernels = np.zeros_like(x), np.zeros_like(kernels)
    for i, j, window in windows(dz.shape[2], dz.shape[3], kernels.shape[2:], stride):
        dx[window] += np.einsum("nc,cdpq->ndpq", dz[:, :, i, j], kernels)
        dkernels += np.einsum("nc,ndpq->cdpq", dz[:, :, i, j], x[window])
    return zeropad2d_gradient(dx, padding), dkernels, dz.sum(axis=0)


def same_padding(length: int, kernel_size: int, stride: int) -> tuple[int, int]:
    """Return the zeros before and after that give ceil(length / stride) outputs; the smaller half before."""
    total = max((math.ceil(length / stride) - 1) * stride + kernel_size - length, 0)
    return total // 2, total - total // 2


def pooled(shape: Sequence[int], size: Sides, stride: Sides) -> tuple[int, int]:
    """Return the rows and columns of a pooling; rows and columns left over are dropped."""
    (high, wide), (down, across) = pair(size), pair(stride)
    return places(shape[-2], high, down), places(shape[-1], wide, across)


def maxpool2d(x: Array, size: Sides, stride: Sides | None = None) -> Array:
    """Take the largest entry of every window; they lie side by side unless a stride is given."""
    stride = size if stride is None else stride
    y = np.zeros((*x.shape[:2], *pooled(x.shape, size, stride)))
    for i, j, block in windows(y.shape[2], y.shape[3], size, stride):
        y[:, :, i, j] = x[block].max(axis=(2, 3))
    return y


def maxpool2d_gradient(x: Array, size: Sides, dy: Array, stride: Sides | None = None) -> Array:
    """Pass each derivative to the window's largest entry, of several to the first in row order."""
    dx = np.zeros_like(x)
    for i, j, block in windows(dy.shape[2], dy.shape[3], size, size if stride is None else stride):
        dx[block] += globalmaxpool2d_gradient(x[block], dy[:, :, i, j])
    return dx


def averagepool2d(x: Array, size: Sides, stride: Sides | None = None) -> Array:
    """Take the mean of every window; they lie side by side unless a stride is given."""
    stride = size if stride is None else stride
    y = np.zeros((*x.shape[:2], *pooled(x.shape, size, stride)))
    for i, j, block in windows(y.shape[2], y.shape[3], size, stride):
        y[:, :, i, j] = x[block].mean(axis=(2, 3))
    return y


def averagepool2d_gradient(x: Array, size: Sides, dy: Array, stride: Sides | None = None) -> Array:
    """Share each derivative out among the window's entries."""
    dx = np.zeros_like(x)
    for i, j, block in windows(dy.shape[2], dy.shape[3], size, size if stride is None else stride):
        dx[block] += dy[:, :, i, j, None, None] / math.prod(pair(size))
    return dx


def globalaveragepool2d(x: Array) -> Array:
    """Take the mean of every channel."""
    return x.mean(axis=(2, 3))


def globalaveragepool2d_gradient(x: Array, dy: Array) -> Array:
    """Share each derivative out among the channel's entries."""
    return np.ones_like(x) * dy[:, :, None, None] / math.prod(x.shape[2:])


def globalmaxpool2d(x: Array) -> Array:
    """Take the largest entry of every channel."""
    return x.max(axis=(2, 3))


def globalmaxpool2d_gradient(x: Array, dy: Array) -> Array:
    """Pass each derivative to the channel's largest entry, of several to the first in row order."""
    entries = x.reshape(*x.shape[:2], -1)
    dentries = np.zeros_like(entries)
    np.put_along_axis(dentries, entries.argmax(axis=2)[..., None], dy[..., None], axis=2)
    return dentries.reshape(x.shape)


def mix(h: int) -> int:
    """Scramble 32 bits: shifts and products modulo 2^32, each of which can be undone."""
    h ^= h >> 16
    h = h * 0x7FEB352D % 2**32
    h ^= h >> 15
    h = h * 0x846CA68B % 2**32
    return h ^ h >> 16


def dropout_mask(rate: float, seed: int, step: int, number: int, objects: int, units: int) -> Array:
    """Return what the units of each object of a step are multiplied by, in a network's Dropout of this number."""
    base = 0x9E3779B9
    for word in (seed % 2**32, seed >> 32, step % 2**32, step >> 32, number):
        base = mix(base ^ word)
    mask = np.zeros((objects, units))
    for unit in range(units):
        key = mix((base + unit * 0x9E3779B9) % 2**32)
        for place in range(objects):
            kept = mix((key + place * 0x85EBCA6B) % 2**32) >= round(rate * 2**32)
            mask[place, unit] = 1 / (1 - rate) if kept else 0
    return mask


def flatten(x: Array) -> Array:
    """Write every sample as a vector: channel by channel, row by row."""
    return x.reshape(len(x), -1)


POOLS: dict[str, tuple[Callable[..., Array], Callable[..., Array]]] = {
    "MaxPool2D": (maxpool2d, maxpool2d_gradient),
    "AveragePool2D": (averagepool2d, averagepool2d_gradient),
}
GLOBAL_POOLS: dict[str, tuple[Callable[..., Array], Callable[..., Array]]] = {
    "GlobalMaxPool2D": (globalmaxpool2d, globalmaxpool2d_gradient),
    "GlobalAveragePool2D": (globalaveragepool2d, globalaveragepool2d_gradient),
}


# --------------------------------------------------------------------------- layers with their parameters


def conv2d_padding(layer: Layer, shape: Sequence[int]) -> Padding:
    """Return the zeros around an input of ``shape`` that the layer's padding asks for."""
    if layer.get("padding", "valid") == "valid":
        return NO_PADDING
    (high, wide), (down, across) = pair(layer["kernel_size"]), pair(layer.get("stride", 1))
    return same_padding(shape[1], high, down), same_padding(shape[2], wide, across)


def pad_sides(layer: Layer) -> Padding:
    """Return the rows above and below, the columns left and right that a padding layer adds."""
    size = layer["size"]
    top, bottom, left, right = (size,) * 4 if isinstance(size, int) else size
    return (top, bottom), (left, right)


def is_of_signals(layer: Layer) -> bool:
    """Tell whether a layer takes signals of shape (channels, length)."""
    return str(layer["layer"]).endswith("1D")


def for_images(layer: Layer) -> Layer:
    """Return the layer of images that does to images of height 1 what a layer does to signals."""
    across = {key: [1, layer[key]] for key in ("kernel_size", "stride", "size") if key in layer}
    if layer["layer"] == "ZeroPad1D":
        size = layer["size"]
        across["size"] = [0, 0, *([size, size] if isinstance(size, int) else size)]
    return {**layer, **across, "layer": layer["layer"].replace("1D", "2D")}


def without_height(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of a signal from that of an image of height 1; other shapes as they are."""
    return (shape[0], shape[2]) if len(shape) == 3 else shape


def parameter_shapes(layer: Layer, shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return the shapes of the weights and of the bias (where there is one) of a Dense, Conv1D or Conv2D."""
    if is_of_signals(layer):
        found = parameter_shapes(for_images(layer), (shape[0], 1, *shape[1:]))
        return [
            tuple(side for axis, side in enumerate(each) if axis != len(each) - 2 or len(each) < 3) for each in found
        ]
    if layer["layer"] == "Dense":
        weights: tuple[int, ...] = (layer["units"], *shape)
        return [weights, (layer["units"],)] if layer.get("bias", True) else [weights]
    if layer["layer"] == "Conv2D":
        weights = (layer["channels"], shape[0], *pair(layer["kernel_size"]))
        bias = layer.get("bias", "channel")
        if bias is None:
            return [weights]
        return [weights, (layer["channels"],) if bias == "channel" else output_shape(layer, shape)]
    return []


def output_shape(layer: Layer, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of one output of a layer from the shape of one input."""
    kind = layer["layer"]
    if is_of_signals(layer):
        return without_height(output_shape(for_images(layer), (shape[0], 1, *shape[1:])))
    if kind == "Dense":
        return (layer["units"],)
    if kind == "Conv2D":
        (above, below), (left, right) = conv2d_padding(layer, shape)
        padded = above + shape[1] + below, left + shape[2] + right
        return (layer["channels"], *pooled(padded, layer["kernel_size"], layer.get("stride", 1)))
    if kind == "ZeroPad2D":
        return (shape[0], shape[1] + sum(pad_sides(layer)[0]), shape[2] + sum(pad_sides(layer)[1]))
    if kind in POOLS:
        return (shape[0], *pooled(shape, layer["size"], layer.get("stride", layer["size"])))
    if kind in GLOBAL_POOLS:
        return (shape[0],)
    if kind == "Flatten":
        return (math.prod(shape),)
    if kind in ("Dropout", "Residual"):
        return shape
    return (sum(math.prod(network_shape(branch, shape)) for branch in layer["branches"]),)


def network_shape(architecture: Architecture, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of one output of a network."""
    for layer in architecture:
        shape = output_shape(layer, shape)
    return shape


def size(architecture: Architecture, shape: tuple[int, ...]) -> int:
    """Count the parameters of a network."""
    total = 0
    for layer in architecture:
        total += sum(math.prod(s) for s in parameter_shapes(layer, shape))
        total += sum(size(branch, shape) for branch in layer.get("branches", []))
        total += size(layer.get("layers", []), shape)
        shape = output_shape(layer, shape)
    return total


def pieces(architectures: list[Architecture], shape: tuple[int, ...], parameters: Array) -> list[Array]:
    """Cut a flat vector into one piece for each of several networks that see the same input."""
    ends = np.cumsum([size(architecture, shape) for architecture in architectures])
    return np.split(parameters, ends[:-1])


def weights_and_bias(layer: Layer, shape: tuple[int, ...], parameters: Array) -> tuple[Array, Array | None]:
    """Give the flat parameters of a Dense or Conv2D their shapes."""
    shapes = parameter_shapes(layer, shape)
    weights, bias = np.split(parameters, [math.prod(shapes[0])])
    return weights.reshape(shapes[0]), bias.reshape(shapes[1]) if len(shapes) == 2 else None


def pre_activation(layer: Layer, parameters: Array, x: Array) -> Array:
    """Return the affine part of a Dense or Conv2D."""
    weights, bias = weights_and_bias(layer, x.shape[1:], parameters)
    if layer["layer"] == "Dense":
        return dense(x, weights, bias)
    return conv2d(x, weights, bias, layer.get("stride", 1), conv2d_padding(layer, x.shape[1:]))


def layer_outputs(layer: Layer, parameters: Array, x: Array) -> Array:
    """Return the outputs of one layer."""
    kind = layer["layer"]
    if is_of_signals(layer):
        outputs = layer_outputs(for_images(layer), parameters, x[:, :, None])
        return outputs.reshape(len(x), *without_height(outputs.shape[1:]))
    if kind == "ZeroPad2D":
        return zeropad2d(x, pad_sides(layer), layer.get("value", 0.0))
    if kind in POOLS:
        return POOLS[kind][0](x, layer["size"], layer.get("stride"))
    if kind in GLOBAL_POOLS:
        return GLOBAL_POOLS[kind][0](x)
    if kind == "Dropout":  # outside the steps of training it does nothing
        return x
    if kind == "Residual":
        return x + forward(layer["layers"], parameters, x)[-1]
    if kind == "Flatten":
        return flatten(x)
    if kind == "Parallel":
        parts = pieces(layer["branches"], x.shape[1:], parameters)
        results = [forward(branch, a, x)[-1] for branch, a in zip(layer["branches"], parts, strict=True)]
        return np.hstack([flatten(result) for result in results])
    return activate(layer.get("activation", "identity"), pre_activation(layer, parameters, x))


def layer_gradient(layer: Layer, parameters: Array, x: Array, dh: Array) -> tuple[Array, Array]:
    """Return dl/dx and the flat dl/dparameters of one layer."""
    kind, nothing = layer["layer"], np.zeros(0)
    if is_of_signals(layer):
        dy = dh if dh.ndim == 2 else dh[:, :, None]
        dx, dparameters = layer_gradient(for_images(layer), parameters, x[:, :, None], dy)
        return dx.reshape(x.shape), dparameters
    if kind == "ZeroPad2D":
        return zeropad2d_gradient(dh, pad_sides(layer)), nothing
    if kind in POOLS:
        return POOLS[kind][1](x, layer["size"], dh, layer.get("stride")), nothing
    if kind in GLOBAL_POOLS:
        return GLOBAL_POOLS[kind][1](x, dh), nothing
    if kind == "Dropout":
        return dh, nothing
    if kind == "Residual":
        dinputs, dpieces = backward(layer["layers"], parameters, x, dh)
        return dh + dinputs[0], np.concatenate(dpieces)
    if kind == "Flatten":
        return dh.reshape(x.shape), nothing
    if kind == "Parallel":
        return parallel_gradient(layer, parameters, x, dh)
    weights, bias = weights_and_bias(layer, x.shape[1:], parameters)
    dz = activation_gradient(layer.get("activation", "identity"), pre_activation(layer, parameters, x), dh)
    if kind == "Dense":
        dx, dweights, dbias = dense_gradient(x, weights, dz)
    else:
        padding = conv2d_padding(layer, x.shape[1:])
        dx, dweights, dbias = conv2d_gradient(x, weights, dz, layer.get("stride", 1), padding)
        if layer.get("bias", "channel") == "channel":
            dbias = dbias.sum(axis=(1, 2))
    return dx, dweights.ravel() if bias is None else np.concatenate([dweights.ravel(), dbias.ravel()])


def parallel_gradient(layer: Layer, parameters: Array, x: Array, dh: Array) -> tuple[Array, Array]:
    """Send to each branch its part of dh, and add what the branches send back."""
    dx, dparameters, start = np.zeros_like(x), [], 0
    for branch, a in zip(layer["branches"], pieces(layer["branches"], x.shape[1:], parameters), strict=True):
        shape = network_shape(branch, x.shape[1:])
        dbranch = dh[:, start : start + math.prod(shape)].reshape(len(x), *shape)
        dinputs, dpieces = backward(branch, a, x, dbranch)
        dx, start = dx + dinputs[0], start + math.prod(shape)
        dparameters += dpieces
    return dx, np.concatenate(dparameters)


# ------------------------------------------------------------------------------------------------- networks


def layer_pieces(architecture: Architecture, shape: tuple[int, ...], parameters: Array) -> list[Array]:
    """Cut the flat vector into one piece a layer."""
    cut = []
    for layer in architecture:
        count = size([layer], shape)
        cut.append(parameters[:count])
        parameters, shape = parameters[count:], output_shape(layer, shape)
    assert len(parameters) == 0, "more parameters than the layers have"
    return cut


def forward(architecture: Architecture, parameters: Array, x: Array) -> list[Array]:
    """Return h_0 = x, h_1, ..., h_M."""
    h = [x]
    for layer, a in zip(architecture, layer_pieces(architecture, x.shape[1:], parameters), strict=True):
        h.append(layer_outputs(layer, a, h[-1]))
    return h


def backward(architecture: Architecture, parameters: Array, x: Array, dh: Array) -> tuple[list[Array], list[Array]]:
    """Return dl/dh_0, ..., dl/dh_M and the flat dl/da_1, ..., dl/da_M, from dl/dh_M."""
    h = forward(architecture, parameters, x)
    a = layer_pieces(architecture, x.shape[1:], parameters)
    doutputs: list[Array] = [dh]
    dparameters: list[Array] = []
    for k in reversed(range(len(architecture))):
        dx, da = layer_gradient(architecture[k], a[k], h[k], doutputs[0])
        doutputs.insert(0, dx)
        dparameters.insert(0, da)
    return doutputs, dparameters


def images(x: NDArray[Any]) -> Array:
    """Return the data as floats; bytes count as 255ths."""
    return x / 255.0 if x.dtype == np.uint8 else x.astype(np.float64)


def outputs(architecture: Architecture, input_shape: tuple[int, ...], parameters: Array, x: NDArray[Any]) -> Array:
    """Return the outputs of a network, one row a sample."""
    assert x.shape[1:] == tuple(input_shape)
    return forward(architecture, parameters, images(x))[-1]


def layer_kink_distances(layer: Layer, parameters: Array, x: Array) -> Array:
    """Return for every sample how far a layer is from its nearest kink; a kink is where its gradient jumps.

    That is a pre-activation at 0 or two entries that share a block's maximum. Entries that share it exactly
    do not count: they are zeros of a padding or of silent ReLUs, which stay what they are.
    """
    if is_of_signals(layer):
        return layer_kink_distances(for_images(layer), parameters, x[:, :, None])
    kind = layer["layer"]
    distances = [np.full(len(x), np.inf)]
    if kind == "Parallel":
        parts = pieces(layer["branches"], x.shape[1:], parameters)
        distances += [kink_distances(branch, a, x) for branch, a in zip(layer["branches"], parts, strict=True)]
    elif kind == "Residual":
        distances.append(kink_distances(layer["layers"], parameters, x))
    elif kind in ("MaxPool2D", "GlobalMaxPool2D"):
        blocks = [x]
        if kind == "MaxPool2D":
            k, stride = layer["size"], layer.get("stride", layer["size"])
            blocks = [x[block] for _, _, block in windows(*pooled(x.shape, k, stride), k, stride)]
        gaps = [block.max(axis=(2, 3), keepdims=True) - block for block in blocks]
        distances += [np.where(gap > 0, gap, np.inf).min(axis=(1, 2, 3)) for gap in gaps]
    elif name_and_slope(layer.get("activation", "identity"))[0] in ("relu", "leaky_relu", "abs"):
        distances.append(np.abs(flatten(pre_activation(layer, parameters, x))).min(axis=1))
    return np.min(distances, axis=0)


def kink_distances(architecture: Architecture, parameters: Array, x: Array) -> Array:
    """Return for every sample how far the network is from its nearest kink."""
    a, h = layer_pieces(architecture, x.shape[1:], parameters), forward(architecture, parameters, x)
    return np.min([layer_kink_distances(*each) for each in zip(architecture, a, h[:-1], strict=True)], axis=0)


# --------------------------------------------------------------------------------------------------- losses


def object_losses(loss: str, f: Array, y: NDArray[Any]) -> Array:
    """Return the loss of each object from its outputs f (logits for the entropies)."""
    if loss == "cross_entropy":
        return np.logaddexp.reduce(f, axis=1) - f[np.arange(len(f)), y]
    y = y.reshape(f.shape)
    if loss == "mean_square":
        return ((f - y) ** 2).sum(axis=1)
    if loss == "huber":
        r = abs(f - y)
        return np.where(r <= 1, r**2, 2 * r - 1).sum(axis=1)
    if loss == "binary_cross_entropy":
        return (np.logaddexp(0.0, f) - y * f).sum(axis=1)
    return np.where(y * f < 1, 1 - y * f, 0.0).sum(axis=1)


def object_gradients(loss: str, f: Array, y: NDArray[Any]) -> Array:
    """Return the derivative of each object's loss with respect to its outputs; of the hinge at 1 it is 0."""
    if loss == "cross_entropy":
        return softmax(f) - np.eye(f.shape[1])[y]
    y = y.reshape(f.shape)
    if loss == "mean_square":
        return 2 * (f - y)
    if loss == "huber":
        return np.where(abs(f - y) <= 1, 2 * (f - y), 2 * np.sign(f - y))
    if loss == "binary_cross_entropy":
        return sigmoid(f) - y
    return np.where(y * f < 1, -y, 0.0)


def logits(architecture: Architecture, loss: str) -> Architecture:
    """Take a final softmax away before the cross-entropy, a final sigmoid before the binary one."""
    absorbed = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}.get(loss)
    final = max((i for i, layer in enumerate(architecture) if layer["layer"] != "Flatten"), default=0)
    if architecture[final].get("activation", "identity") == absorbed:
        plain = {**architecture[final], "activation": "identity"}
        return [*architecture[:final], plain, *architecture[final + 1 :]]
    return architecture


def loss_and_gradient(
    architecture: Architecture,
    input_shape: tuple[int, ...],
    parameters: Array,
    x: NDArray[Any],
    y: NDArray[Any],
    loss: str,
    weights: Array | None = None,
) -> tuple[float, Array]:
    """Return sum(w l) / sum(w) over the objects and its gradient, as one flat vector."""
    assert x.shape[1:] == tuple(input_shape)
    x, architecture = images(x), logits(architecture, loss)
    w = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=np.float64)
    f = forward(architecture, parameters, x)[-1]
    dh = object_gradients(loss, f, y) * (w / w.sum())[:, None]
    _, dparameters = backward(architecture, parameters, x, dh)
    return float((w * object_losses(loss, f, y)).sum() / w.sum()), np.concatenate(dparameters)


# ---------------------------------------------------------------------------------------------------- boxes


def layer_ends(layer: Layer, parameters: Array, low: Array, high: Array) -> tuple[Array, Array]:
    """Return the least and the largest outputs of a layer that intervals allow; its activation must increase."""
    kind, shape = layer["layer"], low.shape[1:]
    if is_of_signals(layer):
        low, high = layer_ends(for_images(layer), parameters, low[:, :, None], high[:, :, None])
        shape = len(low), *without_height(low.shape[1:])
        return low.reshape(shape), high.reshape(shape)
    if kind == "Residual":
        inner = network_ends(layer["layers"], parameters, low, high)
        return low + inner[0], high + inner[1]
    if kind == "Parallel":
        parts = zip(layer["branches"], pieces(layer["branches"], shape, parameters), strict=True)
        found = [network_ends(branch, a, low, high) for branch, a in parts]
        return np.hstack([flatten(each[0]) for each in found]), np.hstack([flatten(each[1]) for each in found])
    if "activation" not in layer:
        return layer_outputs(layer, parameters, low), layer_outputs(layer, parameters, high)
    count = weights_and_bias(layer, shape, parameters)[0].size
    factors = np.arange(len(parameters)) < count
    rising, falling = np.where(factors, np.maximum(parameters, 0), parameters), np.where(factors, parameters, 0)
    falling = np.minimum(falling, 0)
    z_low = pre_activation(layer, rising, low) + pre_activation(layer, falling, high)
    z_high = pre_activation(layer, rising, high) + pre_activation(layer, falling, low)
    return activate(layer["activation"], z_low), activate(layer["activation"], z_high)


def network_ends(architecture: Architecture, parameters: Array, low: Array, high: Array) -> tuple[Array, Array]:
    """Return the least and the largest outputs of a network that intervals allow."""
    for layer, a in zip(architecture, layer_pieces(architecture, low.shape[1:], parameters), strict=True):
        low, high = layer_ends(layer, a, low, high)
    return low, high


def worst_outputs(architecture: Architecture, parameters: Array, low: Array, high: Array, y: NDArray[Any]) -> Array:
    """Return outputs as bad for the right classes y as intervals allow; a last Dense's differences are bounded at once.

    Of these outputs the right class's is 0, since only differences matter.
    """
    final = architecture[-1]
    if y.ndim > 1 or final["layer"] != "Dense" or final.get("activation", "identity") != "identity":
        low, high = network_ends(architecture, parameters, low, high)
        right = np.eye(low.shape[1], dtype=bool)[y] if y.ndim == 1 else y > 0
        return np.where(right, low, high)
    cut = layer_pieces(architecture, low.shape[1:], parameters)
    low, high = network_ends(architecture[:-1], np.concatenate([*cut[:-1], np.zeros(0)]), low, high)
    weights, bias = weights_and_bias(final, low.shape[1:], cut[-1])
    worst = np.zeros((len(low), len(weights)))
    for k, right in enumerate(y.tolist()):
        for j in range(len(weights)):
            row = weights[j] - weights[right]
            worst[k, j] = np.maximum(row, 0) @ high[k] + np.minimum(row, 0) @ low[k]
            worst[k, j] += 0 if bias is None else bias[j] - bias[right]
    return worst


def robust_loss(
    architecture: Architecture,
    parameters: Array,
    x: Array,
    y: NDArray[Any],
    loss: str,
    box: tuple[float, float, float],
    share: float,
    weights: Array,
) -> float:
    """Return the weighted mean of (1 - share) times an object's loss and share times that of the worst outputs.

    The box reaches ``box[0]`` far around the object, between ``box[1]`` and ``box[2]``.
    """
    architecture = logits(architecture, loss)
    low, high = np.clip(x - box[0], *box[1:]), np.clip(x + box[0], *box[1:])
    plain = object_losses(loss, forward(architecture, parameters, x)[-1], y)
    worst = object_losses(loss, worst_outputs(architecture, parameters, low, high, y), y)
    return float(weights @ ((1 - share) * plain + share * worst) / weights.sum())


def central_difference(function: Callable[[Array], float], parameters: Array, step: float = 1e-5) -> Array:
    """Approximate the gradient of a function by (f(a + step e_i) - f(a - step e_i)) / (2 step)."""
    gradient = np.zeros_like(parameters)
    for i in range(len(parameters)):
        shift = np.zeros_like(parameters)
        shift[i] = step
        gradient[i] = (function(parameters + shift) - function(parameters - shift)) / (2 * step)
    return gradient


# ---------------------------------------------------------------------------------------------------- rules


def sgd_step(
    a: Array,
    gradient: Array,
    velocity: Array,
    learning_rate: float,
    momentum: float = 0.0,
    nesterov: bool = False,
    weight_decay: float = 0.0,
) -> tuple[Array, Array]:
    """Return the new parameters and velocity; the first velocity is zero."""
    g = gradient + weight_decay * a
    velocity = momentum * velocity + g
    return a - learning_rate * (g + momentum * velocity if nesterov else velocity), velocity


def adam_step(
    a: Array,
    gradient: Array,
    mean: Array,
    square: Array,
    step: int,
    learning_rate: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
) -> tuple[Array, Array, Array]:
    """Return the new parameters and the two running means, which start at zero; steps count from 1."""
    mean = beta1 * mean + (1 - beta1) * gradient
    square = beta2 * square + (1 - beta2) * gradient**2
    direction = (mean / (1 - beta1**step)) / (np.sqrt(square / (1 - beta2**step)) + epsilon)
    return a - learning_rate * direction, mean, square


# ---------------------------------------------------------------------------------------------------- exact


def exact_relu_trace(
    layers: list[tuple[list[list[int]], list[int]]], x: Sequence[int | Fraction]
) -> list[dict[str, list[Fraction]]]:
    """Evaluate ReLU layers (A, b) in rational arithmetic and keep A x, A x + b and the output of each."""
    trace, h = [], [Fraction(v) for v in x]
    for matrix, bias in layers:
        product = [sum((Fraction(w) * v for w, v in zip(row, h, strict=True)), Fraction(0)) for row in matrix]
        affine = [p + Fraction(b) for p, b in zip(product, bias, strict=True)]
        h = [max(z, Fraction(0)) for z in affine]
        trace.append({"product": product, "affine": affine, "output": h})
    return trace


def edit_distance(first: str, second: str) -> int:
    """How many letters have to be put in, left out or exchanged to make one word of the other."""
    if not first or not second:
        return len(first) + len(second)
    return min(
        edit_distance(first[1:], second) + 1,
        edit_distance(first, second[1:]) + 1,
        edit_distance(first[1:], second[1:]) + (first[0] != second[0]),
    )


def occlusion(
    answer: Callable[[NDArray[Any]], float], x: NDArray[Any], sides: tuple[int, int], step: int, value: float
) -> list[list[float]]:
    """By how much an answer falls where a patch is covered, for each pixel the mean over the patches that hold it."""
    _, height, width = x.shape
    falls: list[list[list[float]]] = [[[] for _ in range(width)] for _ in range(height)]
    rows = sorted({*range(0, height - sides[0] + 1, step), height - sides[0]})
    columns = sorted({*range(0, width - sides[1] + 1, step), width - sides[1]})
    for top in rows:
        for left in columns:
            covered = x.copy()
            covered[:, top : top + sides[0], left : left + sides[1]] = value
            for i in range(top, top + sides[0]):
                for j in range(left, left + sides[1]):
                    falls[i][j].append(answer(x) - answer(covered))
    return [[sum(each) / len(each) if each else 0.0 for each in line] for line in falls]
