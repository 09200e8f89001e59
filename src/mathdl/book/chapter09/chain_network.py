"""A network with one neuron in each layer: its loss and the gradient of it, written out to count operations."""

from __future__ import annotations

from typing import Any


def relu(z: Any) -> Any:
    """Return z where it is positive, else 0: one comparison."""
    return z if z > 0 else 0


def slope(z: Any) -> int:
    """Return ReLU's derivative, 0 at 0: one comparison."""
    return 1 if z > 0 else 0


def outputs(a: Any, s: Any) -> list[Any]:
    """Return h_0 = s, ..., h_mu by (9.64)."""
    h = [s]
    for weight in a:
        h.append(relu(weight * h[-1]))
    return h


def loss(a: Any, s: Any, y: Any) -> Any:
    """Return the squared error of the last output."""
    difference = outputs(a, s)[-1] - y
    return difference * difference


def gradient_of_the_proof(a: Any, s: Any, y: Any) -> list[Any]:
    """Return the derivatives of the loss in a_1, ..., a_mu by the steps of Proposition 9.4.1's proof."""
    mu, h = len(a), outputs(a, s)
    backward = [2 * (h[mu] - y)]  # dl/dh_mu, then down to dl/dh_1
    for k in range(mu - 1, 0, -1):
        backward.append(backward[-1] * (slope(a[k] * h[k]) * a[k]))
    own = [slope(a[k] * h[k]) * h[k] for k in range(mu)]  # dh_(k+1)/da_(k+1)
    return [back * each for back, each in zip(reversed(backward), own, strict=True)]


def gradient_with_stored_products(a: Any, s: Any, y: Any) -> list[Any]:
    """Return the same, with z_k = a_k h_(k-1) kept from the forward pass."""
    mu, h, z = len(a), [s], []
    for weight in a:
        z.append(weight * h[-1])
        h.append(relu(z[-1]))
    backward = [2 * (h[mu] - y)]
    for k in range(mu - 1, 0, -1):
        backward.append(backward[-1] * (slope(z[k]) * a[k]))
    own = [slope(z[k]) * h[k] for k in range(mu)]
    return [back * each for back, each in zip(reversed(backward), own, strict=True)]


def differences(a: Any, s: Any, y: Any, step: Any = 0.001) -> list[Any]:
    """Return the difference quotients of the loss in a_1, ..., a_mu: a loss for each."""
    base, quotients = loss(a, s, y), []
    for k in range(len(a)):
        moved = [*a[:k], a[k] + step, *a[k + 1 :]]
        quotients.append((loss(moved, s, y) - base) / step)
    return quotients
