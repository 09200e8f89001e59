"""The cells of a text column: each different text once, and the rows in which it stands."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mathdl.data.cleaning import row_name

# In any case; what spreadsheets, databases and statistics programs write where a value is missing.
_MISSING_WORDS = (
    *("?", "-", "--", "\N{EN DASH}", "\N{EM DASH}", ".", "na", "n/a", "n.a.", "<na>", "nan", "-nan", "nat"),
    *("null", "none", "nil", "#n/a", "#na", "#null!", "#value!", "#div/0!", "#ref!", "#num!", "1.#ind", "1.#qnan"),
)
_SAMPLE = 1000


@dataclass(frozen=True)
class Cells:
    """A column of texts without blanks around them; ``codes`` says which of the different texts stands in each row."""

    name: str
    texts: Any  # a pyarrow array of strings
    codes: NDArray[np.integer[Any]]
    lines: Sequence[int] | None = None

    @classmethod
    def of(cls, name: str, cells: Any, lines: Sequence[int] | None = None) -> Cells:
        """Collect the different texts of a pyarrow array or chunked array of strings; null is an empty cell."""
        chunked = cells if isinstance(cells, pa.ChunkedArray) else pa.chunked_array([cells])
        # Offsets of 64 bits, since all chunks together may hold more than 2 GB.
        trimmed = pc.utf8_trim_whitespace(chunked.cast(pa.large_string())).fill_null("")
        # In one chunk, since the dictionaries of many take ten times as long to unify as their texts to join.
        encoded = trimmed.combine_chunks().dictionary_encode()
        return cls(name, encoded.dictionary, encoded.indices.to_numpy(zero_copy_only=False), lines)

    @cached_property
    def counts(self) -> NDArray[np.intp]:
        """In how many rows each text stands."""
        return np.bincount(self.codes, minlength=len(self.texts))

    def sample(self, mask: NDArray[np.bool_]) -> list[str]:
        """Return those of some texts that stand in a thousand rows evenly apart."""
        rows = self.codes[mask[self.codes]]
        texts: list[str] = self.texts.take(pa.array(rows[:: -(-len(rows) // _SAMPLE) or 1])).to_pylist()
        return texts

    def are_empty(self, na: Collection[str]) -> NDArray[np.bool_]:
        """Which texts are a missing value in any column: nothing at all, and what the user named."""
        return mask_of(pc.is_in(self.texts, pa.array(["", *(text.strip() for text in na)], pa.large_string())))

    def are_missing_words(self) -> NDArray[np.bool_]:
        """Which texts are a missing value in a column of numbers or dates."""
        return mask_of(pc.is_in(pc.utf8_lower(self.texts), pa.array(_MISSING_WORDS, pa.large_string())))

    def rows(self, mask: NDArray[np.bool_]) -> int:
        """Count the rows that hold one of some texts."""
        return int(self.counts[mask].sum())

    def counted(self, mask: NDArray[np.bool_]) -> dict[str, int]:
        """Return some texts with the number of rows that hold each."""
        return dict(zip(self.texts.filter(pa.array(mask)).to_pylist(), self.counts[mask].tolist(), strict=True))

    def first(self, mask: NDArray[np.bool_]) -> tuple[str, str]:
        """Name the first row that holds one of some texts, and return the text."""
        row = int(np.argmax(mask[self.codes]))
        return row_name(row, self.lines), self.texts[int(self.codes[row])].as_py()

    def objects(self, missing: NDArray[np.bool_]) -> NDArray[Any]:
        """Return the texts row by row, None where one is missing."""
        texts = self.texts.to_numpy(zero_copy_only=False).astype(object)
        texts[missing] = None
        rows: NDArray[Any] = texts[self.codes]
        return rows


def mask_of(booleans: Any) -> NDArray[np.bool_]:
    """Return pyarrow's booleans as NumPy's."""
    mask: NDArray[np.bool_] = booleans.to_numpy(zero_copy_only=False)
    return mask


def matching(texts: Any, pattern: str) -> NDArray[np.bool_]:
    """Which texts match a regular expression in RE2's syntax from their beginning to their end."""
    return mask_of(pc.match_substring_regex(texts, f"^(?:{pattern})$"))
