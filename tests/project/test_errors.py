"""What every error of the library has in common."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from mathdl import SGD
from mathdl.errors import MAX_MESSAGE, InputError


def test_a_message_is_one_line_whatever_was_given() -> None:
    with pytest.raises(InputError, match=r"is array\(\[\[0\., 0\.\], \[0\., 0\.\]\]\); give a positive number, or"):
        SGD(np.zeros((2, 2)))


def test_a_long_message_keeps_its_beginning_and_the_advice() -> None:
    with pytest.raises(InputError) as caught:
        SGD("x" * 5000)
    text = str(caught.value)
    assert len(text) < MAX_MESSAGE + 10
    assert text.startswith("SGD: learning_rate is 'xxx")
    assert text.endswith("give a positive number, or 'auto'.")
    assert str(pickle.loads(pickle.dumps(caught.value))) == text
