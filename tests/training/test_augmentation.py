"""Pictures that are changed anew in each epoch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mathdl import Callback, Conv2D, Flatten, NetworkClassifier
from mathdl.errors import InputError, TrainingInterrupted
from mathdl.training.augmentation import augment, augmentations

PICTURE = np.arange(1, 241, dtype=np.uint8).reshape(1, 2, 10, 12)
MANY = np.repeat(PICTURE, 200, axis=0)


def changed(*kinds: str, images: np.ndarray = MANY, seed: int = 0) -> np.ndarray:
    out = np.zeros_like(images)
    augment(images, kinds, np.random.default_rng(seed), out=out)
    return out


def test_flips() -> None:
    found = changed("flip")
    mirrored = (found == MANY[..., ::-1]).all(axis=(1, 2, 3))
    assert ((found == MANY).all(axis=(1, 2, 3)) | mirrored).all()
    assert 60 < mirrored.sum() < 140


def test_shifts() -> None:
    possible = {
        PICTURE[0][:, np.clip(np.arange(10) - down, 0, 9)][:, :, np.clip(np.arange(12) - along, 0, 11)].tobytes()
        for down in (-1, 0, 1)
        for along in (-1, 0, 1)
    }
    assert {picture.tobytes() for picture in changed("shift")} == possible


def test_rotates_about_the_centre() -> None:
    images = np.zeros((50, 1, 11, 11), np.uint8)
    images[:, 0, 5] = 200
    found = changed("rotate", images=images)
    assert found[:, 0, 5, 5].min() == found[:, 0, 5, 5].max() == 200
    assert (found[:, 0, 5, 0] < 200).sum() > 25
    assert found[:, 0, :2].max() == found[:, 0, 9:].max() == 0  # 5 tan(15 degrees) = 1.3 rows
    floats = changed("rotate", images=images.astype(np.float32))
    np.testing.assert_allclose(floats, found, atol=0.5)
    flat = changed("shift", "flip", "rotate", images=np.full((5, 3, 4, 1), 90, np.uint8))
    assert flat.min() == flat.max() == 90


def test_a_large_set_is_changed_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    for kinds in (("shift", "flip"), ("shift", "flip", "rotate")):
        whole = changed(*kinds)
        with monkeypatch.context() as patch:
            patch.setattr("mathdl.training.augmentation.BLOCK", 1000)
            np.testing.assert_array_equal(changed(*kinds), whole)
        assert (changed(*kinds, seed=1) != whole).any()


@pytest.mark.parametrize("given", ["blur", "", "flip,", (), 3, None, ("flip", 2), True])
def test_what_is_no_change(given: Any) -> None:
    with pytest.raises(InputError, match=r"augment is .*; give some of shift, flip, rotate"):
        augmentations(given)


def test_what_is_one() -> None:
    assert augmentations("flip,shift") == augmentations(["shift", "flip"]) == ("shift", "flip")


IMAGES = np.random.default_rng(0).integers(0, 256, (60, 1, 8, 8), dtype=np.uint8)
LABELS = (IMAGES.mean(axis=(1, 2, 3)) > 127).astype(int)


class Stop(Callback):
    """Interrupts after an epoch, and keeps the state."""

    def on_epoch(self, training: Any) -> None:
        if training.epoch == 2:
            self.state = training.state()
            raise TrainingInterrupted("stopped")


def fitted(threads: int = 1, kinds: Any = ("shift", "flip", "rotate"), **arguments: Any) -> np.ndarray:
    layers = [Conv2D(4, 3, activation="relu"), Flatten()]
    model = NetworkClassifier(layers=layers, epochs=4, batch_size=8, random_state=0, threads=threads, augment=kinds)
    parameters: np.ndarray = model.fit(IMAGES, LABELS, **arguments).network_.parameters
    return parameters


def test_training_is_repeatable_and_leaves_the_images_as_they_are() -> None:
    before = IMAGES.copy()
    once = fitted()
    np.testing.assert_array_equal(once, fitted(threads=2, kinds="rotate,flip,shift"))
    np.testing.assert_array_equal(IMAGES, before)
    assert (once != fitted(kinds=())).any()


def test_a_resumed_run_comes_to_the_same() -> None:
    stop = Stop()
    with pytest.raises(TrainingInterrupted):
        fitted(callbacks=[stop])
    np.testing.assert_array_equal(fitted(resume=stop.state), fitted())


def test_rows_of_numbers_cannot_be_changed() -> None:
    with pytest.raises(InputError, match="augment changes images, but the objects are rows of numbers"):
        NetworkClassifier(augment=("flip",)).fit([[0.0], [1.0]], [0, 1])
