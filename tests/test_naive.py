"""The oracle on its own: against exact examples, central differences and PyTorch."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import naive
import peers
from peers import ACTIVATIONS, ARCHITECTURES, CASES, FLATTEN, LOSSES, conv, dense, pad, parallel, pool

A1 = [[4, 2, -5], [5, 4, 6], [0, 3, 2], [2, 2, -3], [-7, 1, -4]]
A2 = [[-2, 6, 2, -5, 0], [-3, 0, 6, 1, 2]]
B1, B2 = [-2, 3, 5, -2, 7], [-3, -1]


def correlate(kernel: list[list[float]], matrix: list[list[float]], **options: object) -> list[list[float]]:
    """Convolve one matrix with one kernel."""
    image, kernels = np.array([[matrix]], dtype=float), np.array([[kernel]], dtype=float)
    return naive.conv2d(image, kernels, None, **options)[0, 0].tolist()


def relative_error(value: naive.Array, truth: naive.Array) -> float:
    """Measure a difference against the norm of the truth."""
    return float(np.linalg.norm(value - truth) / max(np.linalg.norm(truth), 1e-300))


# ------------------------------------------------------------------------------------ examples of the ledger


def test_example_4_2_1() -> None:
    first, second = naive.exact_relu_trace([(A1, B1), (A2, B2)], (1, 0, 6))
    assert first["product"] == [-26, 41, 12, -16, -31]
    assert first["affine"] == [-28, 44, 17, -18, -24]
    assert first["output"] == [0, 44, 17, 0, 0]
    assert second["product"] == [298, 102]
    assert second["affine"] == second["output"] == [295, 101]
    parameters = np.concatenate([np.ravel(part) for part in (A1, B1, A2, B2)]).astype(float)
    architecture = [dense(5, "relu"), dense(2, "relu")]
    assert naive.outputs(architecture, (3,), parameters, np.array([[1, 0, 6]])).tolist() == [[295, 101]]


def test_exact_trace_keeps_fractions() -> None:
    (only,) = naive.exact_relu_trace([([[1, -3]], [0])], (Fraction(1, 3), Fraction(1, 10)))
    assert only["output"] == [Fraction(1, 30)]


def test_ex_10_1_2() -> None:
    kernel = [[0, 1, 0], [1, 2, 1], [0, 1, 0]]
    rows = [[0, 1, 0, 1, 0], [1, 2, 1, 2, 1]]
    assert correlate(kernel, [*rows, *rows, rows[0]]) == [[8, 6, 8], [6, 4, 6], [8, 6, 8]]


def test_ex_10_1_4() -> None:
    assert correlate([[-1, 1], [-1, 1]], [[0, 0, 1, 1, 1]] * 5) == [[0, 2, 0, 0]] * 4


def test_ex_10_4_1() -> None:
    edges = np.array([[[[0, 2, 0, 0]] * 4]], dtype=float)
    assert naive.maxpool2d(edges, 2)[0, 0].tolist() == [[2, 0], [2, 0]]


def test_exercise_10_2a() -> None:
    assert correlate([[1, -1], [-1, 1]], [[2, 2, -2], [2, 2, -2], [-2, -2, -2]]) == [[0, 0], [0, 4]]


def test_exercise_10_2b() -> None:
    matrix = [[2, 2, 2, -2, -2], [2, 2, 2, 2, -2], [2, 2, 2, 2, 2], [100] * 5]
    assert correlate([[2, -1, -1], [-2, 1, 1], [0, 0, 0]], matrix) == [[0, 4, 4], [0, 0, 4]]


def test_exercise_4_2a() -> None:
    p = naive.softmax(np.array([[1.0, 0.0, -1.0]]))
    assert p[0] == pytest.approx([0.665240955774822, 0.244728471054798, 0.090030573170380], rel=1e-14)


def test_sec_9_5_flat_order() -> None:
    weights, bias = naive.weights_and_bias(dense(2), (3,), np.arange(8.0))
    assert weights.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert bias is not None
    assert bias.tolist() == [6, 7]


# ------------------------------------------------------------------------------------------------ conventions


def test_derivatives_at_zero() -> None:
    zero, one = np.zeros((1, 1)), np.ones((1, 1))
    assert naive.activation_gradient("relu", zero, one) == 0
    assert naive.activation_gradient("abs", zero, one) == 0
    assert naive.activation_gradient({"name": "leaky_relu", "slope": 0.25}, zero, one) == 0.25
    assert naive.object_gradients("hinge", np.array([[1.0], [-1.0]]), np.array([1, -1])).tolist() == [
        [0],
        [0],
    ]


def test_pooling_passes_ties_to_the_first_entry_in_row_order() -> None:
    x = np.array([[[[1.0, 3.0, 0.0, 0.0], [3.0, 3.0, 0.0, 0.0]]]])
    dx = naive.maxpool2d_gradient(x, 2, np.array([[[[5.0, 7.0]]]]))
    assert dx[0, 0].tolist() == [[0, 5, 7, 0], [0, 0, 0, 0]]
    dx = naive.globalmaxpool2d_gradient(x, np.array([[5.0]]))
    assert dx[0, 0].tolist() == [[0, 5, 0, 0], [0, 0, 0, 0]]


def test_pooling_drops_the_remainder() -> None:
    x = np.arange(15.0).reshape(1, 1, 3, 5)
    assert naive.maxpool2d(x, 2)[0, 0].tolist() == [[6, 8]]
    dx = naive.maxpool2d_gradient(x, 2, np.ones((1, 1, 1, 2)))
    assert dx[0, 0].tolist() == [[0, 0, 0, 0, 0], [0, 1, 0, 1, 0], [0, 0, 0, 0, 0]]


@pytest.mark.parametrize(
    ("length", "kernel_size", "stride", "expected"),
    [
        (5, 3, 1, (1, 1)),
        (5, 4, 1, (1, 2)),
        (6, 3, 2, (0, 1)),
        (5, 3, 2, (1, 1)),
        (7, 1, 3, (0, 0)),
        (4, 1, 1, (0, 0)),
    ],
)
def test_same_padding(length: int, kernel_size: int, stride: int, expected: tuple[int, int]) -> None:
    assert naive.same_padding(length, kernel_size, stride) == expected


def test_stride_takes_every_so_manyth_window() -> None:
    generator = np.random.default_rng(0)
    x, kernels = generator.normal(size=(2, 3, 8, 7)), generator.normal(size=(4, 3, 3, 3))
    every = naive.conv2d(x, kernels, None)
    assert np.array_equal(naive.conv2d(x, kernels, None, stride=2), every[:, :, ::2, ::2])


def test_flatten_writes_channel_by_channel_and_row_by_row() -> None:
    assert naive.flatten(np.arange(12.0).reshape(1, 3, 2, 2))[0].tolist() == list(range(12))


def test_parallel_concatenates_branches_and_their_parameters() -> None:
    architecture = [parallel([dense(1, bias=False)], [FLATTEN], [dense(2)])]
    parameters = np.array([2.0, 3.0, 1.0, 0.0, 0.0, 1.0, 10.0, 20.0])
    assert naive.size(architecture, (2,)) == 8
    assert naive.outputs(architecture, (2,), parameters, np.array([[1.0, 5.0]])).tolist() == [[17, 1, 5, 11, 25]]


def test_bytes_count_as_255ths() -> None:
    x = np.array([[0, 51, 255]], dtype=np.uint8)
    assert naive.outputs([FLATTEN], (3,), np.zeros(0), x)[0] == pytest.approx([0, 0.2, 1], rel=1e-15)


def test_kink_distances() -> None:
    architecture = [dense(2, "relu", bias=False)]
    x = np.array([[3.0, -0.5], [0.25, 4.0]])
    assert naive.kink_distances(architecture, np.eye(2).ravel(), x).tolist() == [0.5, 0.25]
    block = np.array([[[[1.0, 4.0], [3.5, 4.0]]]])
    assert naive.kink_distances([pool(2)], np.zeros(0), block).tolist() == [0.5]
    padded = naive.kink_distances([pad(1), pool(2)], np.zeros(0), np.array([[[[-0.25, 0.75], [2.0, 3.0]]]]))
    assert padded.tolist() == [0.25]


# ----------------------------------------------------------------------------------------------------- losses


def test_losses_by_hand() -> None:
    f, y = np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([[0.0, 4.0], [3.0, 0.0]])
    assert naive.object_losses("mean_square", f, y).tolist() == [5, 9]
    assert naive.object_losses("cross_entropy", f, np.array([1, 0])) == pytest.approx(
        [np.log1p(np.exp(-1)), np.log(2)], rel=1e-15
    )
    assert naive.object_losses("binary_cross_entropy", f, np.array([[1, 0], [1, 0]])) == pytest.approx(
        [np.log1p(np.exp(-1)) + np.log1p(np.exp(2)), 2 * np.log(2)], rel=1e-15
    )
    assert naive.object_losses("hinge", f, np.array([[1, -1], [1, 1]])).tolist() == [3, 2]


@pytest.mark.parametrize("loss", LOSSES)
def test_a_weight_of_two_is_the_object_twice(loss: str) -> None:
    architecture, shape = [dense(4, "tanh"), dense(3)], (2,)
    a, x, y, _ = peers.problem(architecture, shape, loss, 3)
    weighted = naive.loss_and_gradient(architecture, shape, a, x, y, loss, np.array([2.0, 1.0, 0.0]))
    repeated = naive.loss_and_gradient(architecture, shape, a, x[[0, 0, 1]], y[[0, 0, 1]], loss)
    assert weighted[0] == pytest.approx(repeated[0], rel=1e-14)
    assert relative_error(weighted[1], repeated[1]) < 1e-14


@pytest.mark.parametrize(("loss", "last"), [("cross_entropy", "softmax"), ("binary_cross_entropy", "sigmoid")])
def test_entropies_never_apply_the_last_activation_twice(loss: str, last: str) -> None:
    shape = (3,)
    a, x, y, weights = peers.problem([dense(4)], shape, loss, 5)
    plain = naive.loss_and_gradient([dense(4)], shape, a, x, y, loss, weights)
    activated = naive.loss_and_gradient([dense(4, last)], shape, a, x, y, loss, weights)
    p = naive.outputs([dense(4, last)], shape, a, x)
    chosen = np.log(p[np.arange(5), y]) if loss == "cross_entropy" else np.log(np.where(y == 1, p, 1 - p)).sum(axis=1)
    assert plain[0] == pytest.approx(-(weights * chosen).sum() / weights.sum(), rel=1e-13)
    assert activated[0] == plain[0]
    assert np.array_equal(activated[1], plain[1])


@pytest.mark.parametrize("loss", LOSSES)
def test_losses_stay_finite_for_huge_outputs(loss: str) -> None:
    f = np.array([[1e3, -1e3], [-1e3, 1e3]])
    y = np.array([0, 0]) if loss == "cross_entropy" else np.array([[1, 1], [1, 1]])
    assert np.isfinite(naive.object_losses(loss, f, y)).all()
    assert np.isfinite(naive.object_gradients(loss, f, y)).all()


# -------------------------------------------------------------------------------------------------- gradients


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda a: naive.name_and_slope(a)[0])
def test_activation_gradients_are_central_differences(activation: str | dict[str, object]) -> None:
    generator = np.random.default_rng(3)
    z, dh = generator.uniform(0.1, 2.0, size=(2, 6)) * np.array([1, -1] * 3), generator.normal(size=(2, 6))

    def value(flat: naive.Array) -> float:
        return float((naive.activate(activation, flat.reshape(z.shape)) * dh).sum())

    truth = naive.central_difference(value, z.ravel()).reshape(z.shape)
    assert relative_error(naive.activation_gradient(activation, z, dh), truth) < 1e-9


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_input_gradients_are_central_differences(name: str) -> None:
    architecture, shape = ARCHITECTURES[name]
    a, x, _, _ = peers.problem(architecture, shape, "mean_square", 1)
    dh = np.random.default_rng(4).normal(size=naive.outputs(architecture, shape, a, x).shape)

    def value(flat: naive.Array) -> float:
        return float((naive.outputs(architecture, shape, a, flat.reshape(x.shape)) * dh).sum())

    truth = naive.central_difference(value, x.ravel())
    assert relative_error(naive.backward(architecture, a, x, dh)[0][0].ravel(), truth) < 1e-8


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_parameter_gradients_are_central_differences(name: str) -> None:
    architecture, shape = ARCHITECTURES[name]
    loss = LOSSES[list(ARCHITECTURES).index(name) % len(LOSSES)]
    a, x, y, weights = peers.problem(architecture, shape, loss, 2)

    def value(parameters: naive.Array) -> float:
        return naive.loss_and_gradient(architecture, shape, parameters, x, y, loss, weights)[0]

    gradient = naive.loss_and_gradient(architecture, shape, a, x, y, loss, weights)[1]
    sample = np.random.default_rng(5).permutation(len(a))[:40]  # of many parameters some are enough

    def value_of_sample(some: naive.Array) -> float:
        parameters = a.copy()
        parameters[sample] = some
        return value(parameters)

    truth = naive.central_difference(value_of_sample, a[sample])
    assert np.linalg.norm(gradient[sample] - truth) <= 1e-8 * max(np.linalg.norm(gradient), 1e-3)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("name", "loss"), CASES)
def test_oracle_equals_torch(name: str, loss: str, weighted: bool) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed")
    architecture, shape = ARCHITECTURES[name]
    a, x, y, weights = peers.problem(architecture, shape, loss, 5)
    case = (architecture, shape, a, x, y, loss, weights if weighted else None)
    value, gradient = naive.loss_and_gradient(*case)
    torch_value, torch_gradient = peers.torch_loss_and_gradient(*case)
    assert value == pytest.approx(torch_value, rel=1e-12)
    assert np.linalg.norm(gradient - torch_gradient) <= 1e-12 * np.linalg.norm(torch_gradient)


def test_oracle_equals_torch_at_ties_and_kinks() -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed")
    architecture = [conv(2, 2, "relu"), pool(2), conv(2, 1, "abs"), {"layer": "GlobalMaxPool2D"}, dense(2)]
    generator = np.random.default_rng(6)
    a = generator.integers(-1, 2, size=naive.size(architecture, (1, 7, 7))).astype(float)
    x, y = generator.integers(-1, 2, size=(20, 1, 7, 7)).astype(float), generator.integers(2, size=20)
    ours = naive.loss_and_gradient(architecture, (1, 7, 7), a, x, y, "cross_entropy")[1]
    theirs = peers.torch_loss_and_gradient(architecture, (1, 7, 7), a, x, y, "cross_entropy")[1]
    assert relative_error(ours, theirs) < 1e-12


def test_central_difference_is_exact_for_quadratics() -> None:
    gradient = naive.central_difference(lambda a: float(3 * a[0] ** 2 + a[0] * a[1]), np.array([2.0, 5.0]), 0.5)
    assert gradient.tolist() == [17, 2]


# ------------------------------------------------------------------------------------------------------ rules


def test_sgd_by_hand() -> None:
    start, gradient, velocity = np.array([1.0]), np.array([4.0]), np.array([2.0])
    a, v = naive.sgd_step(start, gradient, np.zeros(1), 0.5)
    assert (a.item(), v.item()) == (-1, 4)
    a, v = naive.sgd_step(start, gradient, velocity, 0.5, momentum=0.5, weight_decay=1.0)
    assert (a.item(), v.item()) == (-2, 6)
    a, v = naive.sgd_step(start, gradient, velocity, 0.5, momentum=0.5, nesterov=True)
    assert (a.item(), v.item()) == (-2.25, 5)


@pytest.mark.parametrize(
    "options",
    [{}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}, {"momentum": 0.5, "weight_decay": 0.1}],
    ids=str,
)
def test_sgd_equals_torch(options: dict[str, float]) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    generator = np.random.default_rng(7)
    a, v = generator.normal(size=5), np.zeros(5)
    tensor = torch.tensor(a, requires_grad=True)
    rule = torch.optim.SGD([tensor], lr=0.1, **options)
    for gradient in generator.normal(size=(6, 5)):
        a, v = naive.sgd_step(a, gradient, v, 0.1, **options)
        tensor.grad = torch.tensor(gradient)
        rule.step()
    assert relative_error(a, tensor.detach().numpy()) < 1e-13


def test_adam_equals_torch() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    generator = np.random.default_rng(8)
    a, mean, square = generator.normal(size=5), np.zeros(5), np.zeros(5)
    tensor = torch.tensor(a, requires_grad=True)
    rule = torch.optim.Adam([tensor], lr=0.05, betas=(0.8, 0.99))
    for step, gradient in enumerate(generator.normal(size=(6, 5)), start=1):
        a, mean, square = naive.adam_step(a, gradient, mean, square, step, 0.05, 0.8, 0.99)
        tensor.grad = torch.tensor(gradient)
        rule.step()
    assert relative_error(a, tensor.detach().numpy()) < 1e-13
