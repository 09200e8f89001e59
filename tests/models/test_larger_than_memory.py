"""Data four times larger than the memory that a process may take: networks, linear models and k-means learn from it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile

import pytest

FEATURES, BATCH, ALLOWED = 100, 10_000, 3 * 2**26  # 201 MB beside what the process has when it begins
BYTES = 4 * ALLOWED  # of the objects in the numbers that a model reads
SCRIPT = """
import json, re, resource, sys, warnings
import numpy as np
import mathdl

name, features, batch, batches, allowed = sys.argv[1], *map(int, sys.argv[2:])
random = np.random.default_rng(0)
weights = random.normal(size=features).astype(np.float32)
numbers = random.normal(size=batch * features + 1000).astype(np.float32)

def drawn(count, size=batch, labels=name == "NetworkClassifier"):
    for number in range(count):
        X = numbers[number : number + size * features].reshape(size, features)
        y = X @ weights + numbers[:size]
        yield X if name == "KMeans" else (X, (y > 0).astype(int) if name in CLASSIFIERS else y)

def new():
    if name.startswith("Network"):
        return getattr(mathdl, name)((8,), epochs=1, batch_size=256, dtype="float32", random_state=0)
    return mathdl.KMeans(3, random_state=0, max_iter=3) if name == "KMeans" else getattr(mathdl, name)()

CLASSIFIERS = ("NetworkClassifier", "LogisticRegression")
warnings.simplefilter("ignore")  # k-means ends before it has converged
new().fit(drawn(3, 1000))  # compiles
taken = int(re.search(r"VmData:\\s+(\\d+)", open("/proc/self/status").read())[1]) * 1024
resource.setrlimit(resource.RLIMIT_DATA, (taken + allowed,) * 2)
try:
    np.ones(2 * allowed // 8).sum()
except MemoryError:
    limited = True
else:
    limited = False
model = new().fit(drawn(batches))
X, y = (*next(drawn(1)), None)[:2] if name != "KMeans" else (next(drawn(1)), None)
print(json.dumps({"limited": limited, "score": model.score(X, y)}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory that is no file's")
@pytest.mark.parametrize(
    ("name", "itemsize"),
    [
        ("NetworkClassifier", 4),
        pytest.param("NetworkRegressor", 4, marks=pytest.mark.slow),
        ("LinearRegression", 8),
        pytest.param("LogisticRegression", 8, marks=pytest.mark.slow),
        ("KMeans", 4),
    ],
)
def test_data_of_four_times_the_memory(name: str, itemsize: int) -> None:
    if shutil.disk_usage(tempfile.gettempdir()).free < 4 * BYTES:
        pytest.skip("the disk has too little room for temporary files")
    arguments = map(str, (FEATURES, BATCH, BYTES // (itemsize * FEATURES * BATCH) + 1, ALLOWED))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, name, *arguments], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["limited"]
    assert name == "KMeans" or found["score"] > 0.9
