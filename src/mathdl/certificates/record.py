"""A certificate: a statement about data, and the numbers that show it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FORMAT = 2  # 2: equal labels have one fingerprint, objects without weight none, and sentences round limits outwards
_NAMES = {"mathdl certificate", "kind", "statement", "fingerprint", "numbers"}
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


class CertificateError(ValueError):
    """A text is no certificate; the message says why."""


@dataclass(frozen=True, repr=False)
class Certificate:
    """A statement about data that a small program can verify in exact arithmetic.

    Parameters
    ----------
    kind : str
        What is stated; the checker has one file for each kind.
    statement : str
        The same in words, in one sentence. The checker writes it anew from the numbers and compares.
    numbers : mapping
        What is stated and what shows it: exact numbers as texts, whole numbers, labels, and lists of these.
    fingerprint : str
        SHA-256 of the data that it speaks about.

    Examples
    --------
    >>> from mathdl import separate
    >>> certificate = separate([[0.0]], [[1.0]]).certificate
    >>> certificate.kind
    'hyperplane'
    >>> Certificate.from_json(certificate.to_json()) == certificate
    True
    """

    kind: str
    statement: str
    numbers: Mapping[str, Any]
    fingerprint: str

    def __repr__(self) -> str:
        return f"Certificate ({self.kind}): {self.statement}"

    def to_json(self) -> str:
        """Return the certificate as JSON."""
        record = {"mathdl certificate": FORMAT, "kind": self.kind, "statement": self.statement}
        record |= {"fingerprint": self.fingerprint, "numbers": dict(self.numbers)}
        return json.dumps(record, indent=1, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Certificate:
        """Read a certificate; nothing is verified yet.

        Parameters
        ----------
        text : str
            What :meth:`to_json` returned.

        Raises
        ------
        CertificateError
            If the text is no certificate, or one of another format.
        """
        if not isinstance(text, str | bytes):
            raise CertificateError(f"A certificate is read from a text, not from a {type(text).__name__}.")
        try:
            record = json.loads(text, parse_constant=_no_number, object_pairs_hook=_without_repetition)
        except (ValueError, RecursionError) as error:
            raise CertificateError(f"The certificate is no JSON ({error}); give the file as it was written.") from None
        if not isinstance(record, dict) or "mathdl certificate" not in record:
            raise CertificateError("This is JSON, but no certificate of mathdl; give the file that certify wrote.")
        if record["mathdl certificate"] != FORMAT:
            found = str(record["mathdl certificate"])[:40]
            raise CertificateError(
                f"The certificate has format {found}, and this version of mathdl reads format {FORMAT}; certify the "
                "model again."
            )
        if unknown := sorted(set(record) - _NAMES):
            raise CertificateError(f"The certificate has an entry {unknown[0][:40]!r}, which no certificate has.")
        kind, statement, fingerprint = (record.get(name) for name in ("kind", "statement", "fingerprint"))
        numbers = record.get("numbers")
        if not (isinstance(kind, str) and isinstance(statement, str) and isinstance(numbers, dict)):
            raise CertificateError("The certificate lacks its kind, its statement or its numbers; it is damaged.")
        if not (isinstance(fingerprint, str) and _FINGERPRINT.fullmatch(fingerprint)):
            raise CertificateError("The certificate's fingerprint is no SHA-256 in hexadecimal; it is damaged.")
        return cls(kind, statement, numbers, fingerprint)


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found
