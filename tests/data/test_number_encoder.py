"""Numbers as features."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.data.column import Column, Kind, NumberFormat
from mathdl.data.encoding import MIN_GAPS, mean_and_scale
from mathdl.data.number_encoder import NumberEncoder

NAN = float("nan")


def column(*values: float) -> Column:
    return Column("a", Kind.NUMBER, np.array(values))


def test_numbers_are_standardised() -> None:
    encoder = NumberEncoder.fit(column(1.0, 3.0, 5.0))
    scale = np.std([1, 3, 5])
    assert encoder.feature_names == ("a",)
    np.testing.assert_allclose(encoder.encode(column(3.0, 5.0)).features, [[0.0], [2 / scale]])


def test_gaps_count_as_the_median_and_many_of_them_have_a_feature() -> None:
    few = NumberEncoder.fit(column(1.0, 2.0, 9.0, *[NAN] * (MIN_GAPS - 1)))
    many = NumberEncoder.fit(column(1.0, 2.0, 9.0, *[NAN] * MIN_GAPS))
    assert few.feature_names == ("a",)
    assert many.feature_names == ("a", "a is missing")
    block = many.encode(column(NAN, 2.0))
    assert block.features[:, 1].tolist() == [1.0, 0.0]
    assert block.features[0, 0] == block.features[1, 0]
    assert block.notes == ()


def test_a_gap_that_training_did_not_have_is_counted() -> None:
    block = NumberEncoder.fit(column(1.0, 2.0, 9.0)).encode(column(NAN, 2.0, NAN))
    assert block.features[0] == block.features[1]
    assert block.notes == ("2 gaps in 'a' filled with the median",)


@pytest.mark.parametrize("values", [(1e308, -1e308, 1e308), (5e-324, 0.0, 1e-323), (2.0**62, 1.0, -(2.0**62))])
def test_extremes_stay_finite(values: tuple[float, ...]) -> None:
    encoder = NumberEncoder.fit(column(*values))
    assert np.isfinite(encoder.encode(column(*values)).features).all()
    assert np.isfinite([encoder.mean, encoder.scale, encoder.median]).all()


@given(st.lists(st.floats(-1e150, 1e150), min_size=1, max_size=20))
def test_mean_and_scale_are_those_of_the_values(values: list[float]) -> None:
    mean, scale = mean_and_scale(np.array(values))
    largest = max(map(abs, values)) or 1.0
    assert mean == pytest.approx(np.mean(values), abs=1e-9 * largest)
    assert scale > 0
    spread = np.std(np.array(values) / largest) * largest
    assert scale == (1.0 if spread == 0 else pytest.approx(spread, rel=1e-6, abs=1e-12 * largest)) or spread < 1e-12


def test_the_record_comes_back() -> None:
    written = Column("a", Kind.NUMBER, np.array([1.0, NAN, 4.0]), NumberFormat(",", ".", "EUR"))
    encoder = NumberEncoder.fit(written)
    assert NumberEncoder.from_dict(json.loads(json.dumps(encoder.to_dict()))) == encoder
    assert encoder.plan.format == written.format


@pytest.mark.parametrize(
    "change", [{"scale": 0.0}, {"mean": "x"}, {"median": 1e999}, {"had_gaps": 1}, {"format": {}}, {"scale": -1}]
)
def test_a_damaged_record_is_refused(change: dict[str, object]) -> None:
    record = NumberEncoder.fit(column(1.0, 2.0)).to_dict() | change
    with pytest.raises((KeyError, ValueError)):
        NumberEncoder.from_dict(record)
