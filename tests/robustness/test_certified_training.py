"""What training with a radius comes to: how many answers intervals prove, by the estimator and by the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from mathdl import NetworkClassifier, certify_robustness, robust_by_intervals, train, verify

EXAMPLE = Path(__file__).parents[2] / "examples" / "certified_mnist.py"
MNIST = Path(os.environ.get("MATHDL_DATA", "nowhere")) / "mnist"


def test_most_digits_are_proved_and_the_checker_agrees() -> None:
    X, y = load_digits(return_X_y=True)
    X, test = X / 16, slice(1400, None)
    shares = []
    for radius in (None, 0.05):
        model = NetworkClassifier((100,), random_state=0, epochs=60, robustness=radius).fit(X[:1400], y[:1400])
        proved = robust_by_intervals(model, X[test], y[test], 0.05)
        shares.append(proved.mean())
        assert model.score(X[test], y[test]) > 0.9
    assert shares[0] < 0.3
    assert shares[1] > 0.7
    some = np.flatnonzero(proved)[:1]
    found = certify_robustness(model, X[test][some], y[test][some], 0.05)
    assert found.verdicts == ["certified"]
    assert verify(found.certificates[0], found.data)


def test_a_run_says_its_radius(tmp_path: Path) -> None:
    runs = [train("digits", epochs=2, robustness=radius, out=tmp_path / str(radius), seed=1) for radius in (None, 0.05)]
    assert json.loads((tmp_path / "0.05" / "metrics.json").read_text())["robustness"] == 0.05
    assert "robustness" not in runs[0].metrics
    assert not np.array_equal(*(run.model.model.network_.parameters for run in runs))


@pytest.mark.slow
@pytest.mark.skipif(not MNIST.exists(), reason="MNIST is not in $MATHDL_DATA/mnist")
def test_the_example_of_mnist() -> None:
    done = subprocess.run([sys.executable, str(EXAMPLE)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    right, proved = (float(line.split("%")[0]) for line in done.stdout.splitlines()[-2:])
    assert right > 97
    assert proved > 93
