"""The book's data sets that it describes but does not print, drawn anew from seeds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Reals = NDArray[np.float64]
Codes = NDArray[np.int64]
IN_PERSON, ONLINE = 0, 1
# Habits of an account holder: amount, hour, spread of the hour, days of the week (0 is Monday), method.
_HABITS: list[tuple[float, float, float, list[int], int]] = [
    (12.0, 8.2, 0.3, [0, 1, 2, 3, 4], IN_PERSON),
    (45.0, 18.0, 0.4, [4, 5], IN_PERSON),
    (85.0, 12.5, 0.4, [6], ONLINE),
]
_BY_NIGHT = (2.0, 4.5)  # hours


def students(n: int = 100, seed: int = 66) -> tuple[Reals, Codes]:
    """Draw students who prepared for an exam, and who passed (figure 6.6).

    Hours x of preparation are uniform on [0, 6], and the probability to pass is sigma(1.6 x - 4.8).

    Returns the hours, of shape (n, 1), and 1 for those who passed, 0 for the others.
    """
    generator = np.random.default_rng(seed)
    hours = generator.uniform(0.0, 6.0, n)
    return hours[:, None], _drawn(_sigmoid(1.6 * hours - 4.8), generator)


def applicants(n: int = 600, seed: int = 600) -> tuple[Reals, Codes]:
    """Draw applicants to a university with two scores, and who was accepted (figure 6.7).

    GPA, from 2 to 4 in steps of 0.01, and GRE, whole numbers from 260 to 340, are correlated; the logit of the
    probability to be accepted is 1.5 (GPA - 3.3) / 0.4 + (GRE - 314) / 9 - 0.6.

    Returns GPA and GRE, of shape (n, 2), and 1 for those who were accepted, 0 for the others.
    """
    generator = np.random.default_rng(seed)
    normal = generator.normal(size=(n, 3))
    gpa = np.clip(3.3 + 0.4 * normal[:, 0], 2.0, 4.0).round(2)
    gre = np.clip(314 + 9 * (0.5 * normal[:, 0] + np.sqrt(0.75) * normal[:, 1]), 260, 340).round()
    chance = _sigmoid(1.5 * (gpa - 3.3) / 0.4 + (gre - 314) / 9 - 0.6)
    return np.column_stack([gpa, gre]), _drawn(chance, generator)


def noisy_line(seed: int = 61) -> tuple[Reals, Reals]:
    """Draw measurements of the line y = 1 + x/2 (figures 6.1 and 6.3).

    Returns x = 0, 1/2, ..., 4, of shape (9, 1), and y with normal noise of standard deviation 0.3.
    """
    x = np.arange(9) / 2
    return x[:, None], 1 + 0.5 * x + 0.3 * np.random.default_rng(seed).normal(size=9)


def almost_monotone(x: ArrayLike) -> Reals:
    """Return a probability that rises nearly everywhere, sigma(2u - 1.2 sin 6u) with u = x - 3 (figure 6.10).

    It is 1/2 at three points close to each other: 3 - 0.40144, 3 and 3 + 0.40144.
    """
    u = np.asarray(x, np.float64) - 3
    return _sigmoid(2 * u - 1.2 * np.sin(6 * u))


def curved_classes(seed: int = 612) -> tuple[Reals, Codes]:
    """Draw points of the plane on the two sides of the parabola x2 = x1^2 - 1 (figure 6.12).

    Of 120 points, uniform on the square [-2, 2]^2, those with |x2 - x1^2 + 1| of at most 1/4 are left out.

    Returns the points, of shape (n, 2), and 1 for those above the parabola, 0 for the others.
    """
    points = np.random.default_rng(seed).uniform(-2.0, 2.0, size=(120, 2))
    height = points[:, 1] - points[:, 0] ** 2 + 1
    kept = np.abs(height) > 0.25
    return points[kept], (height[kept] > 0).astype(np.int64)


def plant_survival(light: ArrayLike) -> Reals:
    """Return the probability that a plant survives a week under light of some intensity (figure 6.11).

    It is 0.05 + 0.9 exp(-((x - 5) / 2)^2), and 1/2 at 5 - 2 sqrt(log 2) and 5 + 2 sqrt(log 2).
    """
    chance: Reals = 0.05 + 0.9 * np.exp(-(((np.asarray(light, np.float64) - 5) / 2) ** 2))
    return chance


def growing_plants(n: int, seed: int) -> tuple[Reals, Codes]:
    """Draw plants that grow under light of different intensity, and which of them survived a week (figure 6.11).

    Returns intensities, uniform on [0, 10], of shape (n, 1), and 1 for plants that survived, 0 for the others.
    """
    generator = np.random.default_rng(seed)
    light = generator.uniform(0.0, 10.0, n)
    return light[:, None], _drawn(plant_survival(light), generator)


def unlabelled_points(n: int = 60, seed: int = 51) -> tuple[Reals, Codes]:
    """Draw points of two clouds, around (-2, 0) and (2, 1) with standard deviation 0.5 (figure 5.1).

    Returns the points, of shape (n, 2), and the cloud of each, 0 or 1, which an unsupervised method is not told.
    """
    cloud = np.arange(n) * 2 // max(n, 1)
    centres = np.array([[-2.0, 0.0], [2.0, 1.0]])
    return centres[cloud] + 0.5 * np.random.default_rng(seed).normal(size=(n, 2)), cloud


def two_clouds(distance: float, n: int = 40, seed: int = 73) -> tuple[Reals, Codes]:
    """Draw points of two classes around (-d / 2, 0) and (d / 2, 0) with standard deviation 0.5 (figure 7.3).

    Returns the points, n of each class, of shape (2 n, 2), and the class of each, -1 or 1.
    """
    generator = np.random.default_rng(seed)
    clouds = [generator.normal((x, 0), 0.5, (n, 2)) for x in (-distance / 2, distance / 2)]
    return np.vstack(clouds), np.repeat([-1, 1], n)


def unknown_words(seed: int = 511) -> tuple[list[str], Codes]:
    """Draw words of an unknown writing, some of which are the same word spelt in several ways (example 5.1.1).

    Five words of ten glyphs, out of twelve, differ from each other in at least six places; eight copies of each have
    one glyph drawn anew.

    Returns the forty words, and which of the five each one stands for.
    """
    generator = np.random.default_rng(seed)
    glyphs = np.array(list("abcdefghijkl"))
    bases: list[Codes] = []
    while len(bases) < 5:
        word = generator.integers(len(glyphs), size=10)
        if all((word != other).sum() >= 6 for other in bases):
            bases.append(word)
    meaning = np.repeat(np.arange(5), 8)
    words = np.array(bases)[meaning]
    words[np.arange(40), generator.integers(10, size=40)] = generator.integers(len(glyphs), size=40)
    return ["".join(glyphs[word]) for word in words], meaning


def leaves(n: int = 120, seed: int = 512) -> tuple[Reals, Codes]:
    """Draw leaves of three species with their colour, size and shape (example 5.1.2).

    Returns the features, of shape (n, 3), and the species of each leaf, 0, 1 or 2.
    """
    species = np.arange(n) * 3 // max(n, 1)
    means = np.array([[0.2, 5.0, 0.8], [0.5, 9.0, 0.4], [0.8, 3.0, 0.2]])
    noise = np.random.default_rng(seed).normal(size=(n, 3))
    return means[species] + np.array([0.04, 0.4, 0.04]) * noise, species


def transactions(n: int = 200, frauds: int = 3, seed: int = 52) -> tuple[Reals, Codes]:
    """Draw transactions of a bank account as vectors (5.1), a few of them fraudulent.

    The account holder has three habits: small amounts in the morning of working days, middling ones on Friday and
    Saturday evenings, larger ones at noon on Sundays, online. Frauds are of several hundreds, by night, on any day, in
    person or online.

    Returns rows of amount, hour (from 0 to 24), day of the week (0 to 6) and method (0 in person, 1 online), of shape
    (n + frauds, 4), and 1 for frauds, which come last, 0 for the others.
    """
    generator = np.random.default_rng(seed)
    rows = []
    for habit in generator.integers(len(_HABITS), size=n):
        amount, hour, spread, days, method = _HABITS[habit]
        spent = amount * np.exp(0.1 * generator.normal())
        rows.append([round(spent, 2), (hour + spread * generator.normal()) % 24, generator.choice(days), method])
    for _ in range(frauds):
        spent, hour = generator.uniform(500, 1500), generator.uniform(*_BY_NIGHT)
        rows.append([round(spent, 2), hour, generator.integers(7), generator.integers(2)])
    return np.array(rows, np.float64).reshape(n + frauds, 4), np.repeat([0, 1], [n, frauds])


def transaction_features(transactions: ArrayLike) -> Reals:
    """Turn vectors (5.1) into features whose Euclidean distance makes sense.

    The distance of the raw vectors depends on the currency, and finds 23:59 far from 0:01 and Sunday far from Monday.
    So the amount enters by its logarithm (a unit is a factor of e), the hour and the day as points of circles of radius
    1 and 1/2 (opposite hours are 2 apart, opposite days 1), and the method as it is.
    """
    amount, hour, day, method = np.asarray(transactions, np.float64).T
    features = [np.log(amount), *_circle(hour / 24), *(each / 2 for each in _circle(day / 7)), method]
    return np.column_stack(features)


def stacked_zeros() -> tuple[Reals, Reals, Reals, Codes]:
    """Return handwritten zeros in the upper and in the lower half of a picture, and all digits (figure 4.5).

    A zero of scikit-learn's digits, light on dark and 8 by 8 pixels, is pressed to half of its height: of two rows the
    lighter pixels are kept. It stands in the upper four rows of one picture and in the lower four of another, black
    elsewhere. Pictures have shape (n, 8, 8), with pixels from 0 (black) to 1 (white); the digits come with labels.
    """
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = digits.images / 16
    pressed = images[digits.target == 0].reshape(-1, 4, 2, 8).max(axis=2)
    nothing = np.zeros_like(pressed)
    upper, lower = np.concatenate([pressed, nothing], axis=1), np.concatenate([nothing, pressed], axis=1)
    return upper, lower, images, digits.target.astype(np.int64)


def noisy_polynomials(n: int = 2**13, outputs: int = 64, degree: int = 3, seed: int = 0) -> tuple[Reals, Reals]:
    """Draw numbers and the noisy values of many polynomials there (section 8.6).

    The book states only the sizes, which are the defaults. Here x is uniform on [-1, 1], the coefficients of the
    polynomials are standard normal, and the values carry normal noise of standard deviation 0.1.

    Returns the powers 1, x, ..., x^d, of shape (n, d + 1), and the values, of shape (n, outputs).
    """
    generator = np.random.default_rng(seed)
    x = generator.uniform(-1.0, 1.0, n)
    coefficients = generator.normal(size=(outputs, degree + 1))
    powers = x[:, None] ** np.arange(degree + 1)
    return powers, powers @ coefficients.T + 0.1 * generator.normal(size=(n, outputs))


def _circle(turn: Any) -> tuple[Any, Any]:
    """Return points of the unit circle."""
    return np.cos(2 * np.pi * turn), np.sin(2 * np.pi * turn)


def _sigmoid(t: Reals) -> Reals:
    """Return 1 / (1 + exp(-t))."""
    value: Reals = 1 / (1 + np.exp(-t))
    return value


def _drawn(chance: Reals, generator: np.random.Generator) -> Codes:
    """Draw 1 with the given probabilities, else 0."""
    return (generator.random(len(chance)) < chance).astype(np.int64)
