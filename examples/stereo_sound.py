"""Train a network of signals on stereo sounds: whether the pitch rises or falls, and which side is louder.

Run it with ``python examples/stereo_sound.py``. Sounds have the shape (channels, length), here left and right.
"""

import mathdl
from mathdl.data.generators import stereo_sounds

CLASSES = ["rises on the left", "rises on the right", "falls on the left", "falls on the right"]

X, y = stereo_sounds(1200, length=128, noise=0.2, seed=0)
layers = [
    mathdl.Conv1D(16, 9, activation="relu"),
    mathdl.MaxPool1D(2),
    mathdl.Conv1D(24, 9, activation="relu"),
    mathdl.AveragePool1D(4),
    mathdl.Flatten(),
]
model = mathdl.NetworkClassifier(layers=layers, epochs=20, random_state=0).fit(X[:800], y[:800])
field = mathdl.receptive_field(model.network_, 0)
model.network_.summary()
print(f"Each of the last places hears {len(field.columns)} of the 128 numbers.")
print(f"The first new sound {CLASSES[model.predict(X[800:801])[0]]}.")
print(f"{model.score(X[800:], y[800:]):.1%} of 400 new sounds are told right.")
