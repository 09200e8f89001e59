"""The 1,797 handwritten digits of 8 by 8 pixels that scikit-learn ships."""

from __future__ import annotations

import gzip
import zlib
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from mathdl.data.image_set import ImageSet
from mathdl.errors import FileError

_BRIGHTEST = 16


def read_digits() -> ImageSet:
    """Read scikit-learn's digits, their brightness stretched from 0..16 to 0..255.

    Returns
    -------
    ImageSet
        1,797 images of shape (1, 8, 8), labelled 0 to 9.

    Raises
    ------
    FileError
        If scikit-learn is not installed or its file cannot be read.

    Examples
    --------
    >>> read_digits().images.shape
    (1797, 1, 8, 8)
    """
    # The file is read directly: to import sklearn.datasets takes a second.
    spec = find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise FileError("The digits come with scikit-learn, which is not installed; install scikit-learn.")
    path = Path(spec.origin).parent / "datasets" / "data" / "digits.csv.gz"
    try:
        with gzip.open(path, "rt", encoding="ascii") as stream:
            cells = stream.read().replace("\n", ",").rstrip(",").split(",")
        rows = np.array(cells, dtype=np.float64).reshape(-1, 65)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise FileError(f"{path} cannot be read ({error}); install scikit-learn again.") from error
    images = np.rint(rows[:, :64] * (255 / _BRIGHTEST)).astype(np.uint8).reshape(-1, 1, 8, 8)
    return ImageSet(images, rows[:, 64].astype(np.int64), "digits")
