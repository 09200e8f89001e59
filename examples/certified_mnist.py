"""Train a network of MNIST's digits so that intervals prove its answers: each pixel may be off by a tenth.

Run it with ``python examples/certified_mnist.py``; ``MATHDL_DATA`` names the folder with ``mnist/``. It takes a few
minutes on two cores.
"""

import mathdl
from mathdl.data.mnist import read_mnist

RADIUS, EPOCHS = 0.1, 30

mnist = read_mnist()
layers = [
    mathdl.Conv2D(16, 4, stride=2, activation="relu"),
    mathdl.Conv2D(32, 4, stride=2, activation="relu"),
    mathdl.Flatten(),
    mathdl.Dense(100, activation="relu"),
]
model = mathdl.NetworkClassifier(
    layers=layers,
    rule=mathdl.Adam(0.002),
    schedule=mathdl.CosineSchedule(),
    batch_size=128,
    epochs=EPOCHS,
    robustness=RADIUS,
    random_state=0,
    verbose=True,
).fit(mnist.images, mnist.labels)
print(f"{model.network_.size:,} parameters, trained in {model.history_.seconds[-1]:.0f} s")
proved = mathdl.robust_by_intervals(model, mnist.test.images, mnist.test.labels, RADIUS)
print(f"{model.score(mnist.test.images, mnist.test.labels):.2%} of the test pictures are told right.")
print(f"{proved.mean():.2%} are proved to be, whatever changes by up to {RADIUS:g} in each pixel.")
