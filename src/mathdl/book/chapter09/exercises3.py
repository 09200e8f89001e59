"""Section 9.6: exercise 9.8, a network with one neuron in each layer, in Python."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

import mathdl
from mathdl import chain
from mathdl.book.chapter09.timing import shortest_time
from mathdl.book.finding import Findings, Table, differs, equals, erratum, near, refutes, shows
from mathdl.book.item import item
from mathdl.plots.style import COLOURS, legend, log_axes

LAYERS = 30
TRY_LEAKY = "mathdl.Activation('leaky_relu', slope=0.5).values([2.0, -2.0, 0.0])"


def leaky(x: Any) -> Any:
    """Return leaky ReLU of slope 1/2."""
    return x if x > 0 else Fraction(1, 2) * x


def leaky_slope(x: Any) -> Any:
    """Return its derivative, 1/2 at 0."""
    return 1 if x > 0 else Fraction(1, 2)


def outputs(x: Any, a: Any, b: Any) -> list[Any]:
    """Return x and the output of every layer."""
    h = [x]
    for weight, bias in zip(a, b, strict=True):
        h.append(leaky(weight * h[-1] + bias))
    return h


def square(u: Any) -> Any:
    """Return the loss of an output."""
    return u * u


def backward(x: Any, a: Any, b: Any) -> list[Any]:
    """Return the derivatives of the loss in all weights, then in all biases; products are computed again."""
    h, n = outputs(x, a, b), len(a)
    slopes = [2 * h[n]]
    for i in range(n - 1, 0, -1):
        slopes.insert(0, slopes[0] * leaky_slope(a[i] * h[i] + b[i]) * a[i])
    of_weights = [slopes[i] * leaky_slope(a[i] * h[i] + b[i]) * h[i] for i in range(n)]
    of_biases = [slopes[i] * leaky_slope(a[i] * h[i] + b[i]) for i in range(n)]
    return of_weights + of_biases


def backward_as_printed(x: Any, a: Any, b: Any) -> list[Any]:
    """Do the same with the two lists made inside of the loop."""
    h, n = outputs(x, a, b), len(a)
    slopes = [2 * h[n]]
    for i in range(n - 1, 0, -1):
        slopes.insert(0, slopes[0] * leaky_slope(a[i] * h[i] + b[i]) * a[i])
        of_weights = [slopes[k] * leaky_slope(a[k] * h[k] + b[k]) * h[k] for k in range(n)]
        of_biases = [slopes[k] * leaky_slope(a[k] * h[k] + b[k]) for k in range(n)]
    return of_weights + of_biases


def forward_differences(x: Any, a: Any, b: Any, step: Any = Fraction(1, 1000)) -> list[Any]:
    """Return the difference quotients of the loss in all weights and then in all biases."""
    base = square(outputs(x, a, b)[-1])
    of_weights, of_biases = [], []
    for i in range(len(a)):
        moved = [*a[:i], a[i] + step, *a[i + 1 :]], [*b[:i], b[i] + step, *b[i + 1 :]]
        of_weights.append((square(outputs(x, moved[0], b)[-1]) - base) / step)
        of_biases.append((square(outputs(x, a, moved[1])[-1]) - base) / step)
    return of_weights + of_biases


def drawn(n: int) -> tuple[Any, list[Any], list[Any]]:
    """Return an input, weights and biases from 0 to 1 with seed 0."""
    numbers = np.random.default_rng(0).uniform(0, 1, 2 * n + 1).tolist()
    return numbers[0], numbers[1 : n + 1], numbers[n + 1 :]


def exact(n: int) -> tuple[Any, list[Any], list[Any]]:
    """Return the same in twentieths, none of them 0."""
    x, a, b = drawn(n)
    rounded = [[Fraction(1 + int(20 * each), 20) for each in column] for column in ([x], a, b)]
    return rounded[0][0], rounded[1], rounded[2]


def operations(method: Callable[..., Any], n: int) -> int:
    """Return how many operations a method does for n layers."""
    return mathdl.count_operations(method, *drawn(n))["total"]


def failure(n: int) -> str:
    """Return the error of the printed routine for n layers; nothing where it is right."""
    try:
        return "" if backward_as_printed(*exact(n)) == backward(*exact(n)) else "wrong"
    except (IndexError, UnboundLocalError) as error:
        return type(error).__name__


def chain_of(a: list[Any], b: list[Any]) -> mathdl.Network:
    """Return the library's network with these weights and biases."""
    layers = [mathdl.Dense(1, mathdl.Activation("leaky_relu", slope=0.5)) for _ in a]
    network = mathdl.Network(layers, input_shape=(1,), dtype="float64")
    network.parameters[0::2], network.parameters[1::2] = [float(each) for each in a], [float(each) for each in b]
    return network


@item("exercise-9.8a.i", "The number of layers")
def number_of_layers() -> Findings:
    """Set the number of layers of a network with one neuron in each layer to 30."""
    _, a, b = drawn(LAYERS)
    yield equals("layers", LAYERS, 30, "Everything below is made for n = num_layers = 30.")
    yield equals("parameters", len(a) + len(b), 60, "A weight and a bias for each layer.")


@item("exercise-9.8a.ii", "Leaky ReLU", try_it=TRY_LEAKY)
def leaky_relu() -> Findings:
    """Complete the leaky ReLU, x for x > 0 and x/2 else, and its derivative, 1 for x > 0 and 1/2 else."""
    yield equals("ReLU(2), ReLU(-2), ReLU(0)", [leaky(x) for x in (2, -2, 0)], (2, -1, 0), "x if x > 0 else 0.5 * x")
    yield equals(
        "dReLU(2), dReLU(-2), dReLU(0)",
        [leaky_slope(x) for x in (2, -2, 0)],
        (1, Fraction(1, 2), Fraction(1, 2)),
        "1 if x > 0 else 0.5; at 0, where there is no derivative, the one from the left is taken.",
    )
    ours = mathdl.Activation("leaky_relu", slope=0.5)
    yield equals("the same by the library", ours.values([2.0, -2.0, 0.0]), (2, -1, 0))
    yield equals("its derivatives", ours.derivatives([2.0, -2.0, 0.0]), (1, 0.5, 0.5))


@item("exercise-9.8a.iii", "Forward through the network")
def forward_pass() -> Findings:
    """Compute all outputs h_0 = x, h_(i+1) = ReLU(a_i h_i + b_i), and the loss L(u) = u^2 of the last one."""
    x, a, b = exact(LAYERS)
    h = outputs(x, a, b)
    yield equals("numbers in the list", len(h), 31, "x and one for each layer.")
    yield equals("its first number less x", h[0] - x, 0)
    network = chain_of(a, b)
    yield near(
        "last number less the library's output",
        float(h[-1]) - network([[float(x)]]).item(),
        0,
        1e-12,
        "Layer after layer, each from the one before.",
    )
    yield equals("L(3/2)", square(Fraction(3, 2)), Fraction(9, 4))


@item("exercise-9.8a.iv", "Backward through the network")
def backward_pass() -> Findings:
    """Comment a routine that computes the derivatives of the loss in all a_i and b_i backward.

    First all outputs forward; then dL/dh_n = 2 h_n; then, from the last layer to the second, dL/dh_i as dL/dh_(i+1)
    ReLU'(a_i h_i + b_i) a_i, put in front of the list; then dL/da_i and dL/db_i from the same factors.
    """
    x, a, b = exact(5)
    yield equals(
        "numbers returned for n = 5", len(backward(x, a, b)), 10, "The weights' derivatives, then the biases'."
    )
    names = mathdl.variables("a", 5), mathdl.variables("b", 5)
    h: Any = x
    for weight, bias in zip(*names, strict=True):
        z = weight * h + bias
        h = chain.where(z > 0, z, Fraction(1, 2) * z)
    yield equals(
        "the derivatives, by the routine and by an expression, exactly",
        backward(x, a, b),
        mathdl.gradient(h * h, a + b),
        "Each dL/dh_i is the one behind it times dh_(i+1)/dh_i: the chain rule backward.",
    )
    network = chain_of(*exact(LAYERS)[1:])
    start = float(exact(LAYERS)[0])
    slopes = backward(*exact(LAYERS))
    mine = np.ravel(np.transpose([slopes[:LAYERS], slopes[LAYERS:]])).astype(float)
    away = float(np.abs(network.gradient([[start]], [[0.0]], "mean_square") - mine).max())
    yield near("largest difference from the library's gradient for n = 30", away, 0, 1e-12)
    counts = [operations(backward, n) for n in (1, 2, 30, 60)]
    yield equals(
        "operations for n = 1, 2, 30, 60",
        counts,
        [17 * n - 4 for n in (1, 2, 30, 60)],
        "3n forward, 1, then 5 (n - 1) for dL/dh_i, 5n for the weights and 4n for the biases.",
    )
    yield erratum(
        "The two lists of dL/da_i and dL/db_i are made inside of the loop.",
        "They are made once, behind it.",
        refutes(
            "With three or more layers the first pass of the loop asks for entries of dL/dh that are not there yet.",
            failure(3) == failure(30) == "IndexError",
        ),
        differs("what happens with one layer, whose loop does nothing", failure(1), ""),
        equals("what happens with two layers, by luck right", failure(2), ""),
    )


@item("exercise-9.8a.v", "Finite differences through the network")
def difference_quotients() -> Findings:
    """Comment a routine that approximates the same derivatives by quotients (L(.. + eps ..) - L) / eps, eps = 0.001.

    The loss is computed once; then for each layer a copy of the weights, and one of the biases, has its entry raised
    by eps, and the whole network is computed again for each.
    """
    x, a, b = exact(5)
    slopes, quotients, end = backward(x, a, b), forward_differences(x, a, b), outputs(x, a, b)[-1]
    excess = [q - s - Fraction(1, 1000) * (s / (2 * end)) ** 2 for q, s in zip(quotients, slopes, strict=True)]
    yield equals(
        "quotient - derivative - eps (dh/dp)^2 for all 10 parameters p, n = 5",
        excess,
        (0,) * 10,
        "As long as no kink is passed the output is linear in each parameter, so its square has a quadratic excess.",
    )
    yield shows("No quotient is the derivative itself.", all(q != s for q, s in zip(quotients, slopes, strict=True)))
    counts = [operations(forward_differences, n) for n in (1, 2, 30, 60)]
    yield equals(
        "operations for n = 1, 2, 30, 60",
        counts,
        [6 * n * n + 11 * n + 1 for n in (1, 2, 30, 60)],
        "2n + 1 losses of 3n + 1 each, and three more for each of the 2n quotients.",
    )


@item("exercise-9.8b", "Which gradient takes longer")
def which_is_slower() -> Findings:
    """Draw a, b and x at random and compare the times of both routines; say which takes longer."""
    ratio = Fraction(operations(forward_differences, 30), operations(backward, 30))
    yield equals(
        "operations of differences and of backpropagation for n = 30, as a fraction",
        ratio,
        Fraction(5731, 506),
        "6 n^2 + 11 n + 1 against 17 n - 4: about 11 times as many.",
    )
    times = [shortest_time(method, *drawn(30)) for method in (backward, forward_differences)]
    yield shows(
        "Differences take longer on this machine too.",
        times[1] > times[0],
        "The shortest of five runs each; the time goes by the operations.",
    )


@item("exercise-9.8c", "Twice as many layers")
def twice_the_layers() -> Findings:
    """Double the number of layers, and explain the ratios of the times by the complexities of both methods."""
    sizes = (30, 60)
    counts = {method: [operations(method, n) for n in sizes] for method in (backward, forward_differences)}
    yield Table({"layers": sizes, "backpropagation": counts[backward], "differences": counts[forward_differences]})
    ratios = [float(Fraction(large, small)) for small, large in counts.values()]
    yield near(
        "ratios of operations for 60 and 30 layers",
        ratios,
        (2.008, 3.884),
        5e-4,
        "O(n) doubles; O(n^2) becomes four times as much. The times go alike.",
    )
    n = mathdl.variables("n")
    linear, square_ = mathdl.is_big_o(17 * n - 4, n, C=17), mathdl.is_big_o(6 * n**2 + 11 * n + 1, n**2, C=7)
    yield equals("N for 17 n - 4 <= 17 n and for 6 n^2 + 11 n + 1 <= 7 n^2", (linear.N, square_.N), (0, 11))
    descent = [operations(backward, n) + 4 * n for n in sizes]
    yield erratum(
        "The ratios are to agree with the complexities of backpropagation and of gradient descent.",
        "The second method is finite differences: no descent is done.",
        differs(
            "ratio of one step of descent, the gradient backward and 4 n more", descent[1] / descent[0], ratios[1], 0.1
        ),
        near("ratio of differences, 22261 / 5731", ratios[1], 22261 / 5731, 1e-12),
    )


@twice_the_layers.figure("operations of both methods by the number n of layers", size=(5.2, 3.0))
def _draw_operations(ax: Any) -> None:
    layers = [4, 8, 16, 32, 64]
    for k, (name, method) in enumerate({"differences": forward_differences, "backpropagation": backward}.items()):
        counted = [operations(method, n) for n in layers]
        ax.plot(layers, counted, color=COLOURS[k], marker="os"[k], linestyle=("-", "--")[k], label=name)
    ax.set(xlabel="n", ylabel="operations")
    log_axes(ax, x=True, y=True)
    legend(ax)
