"""The checker: it takes a certificate and the data, and says whether the statement has been shown, and why not.

It works in exact arithmetic, uses the standard library alone, and shares no code with what makes certificates.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from mathdl.certificates.data import Data
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.rationals import Refused
from mathdl.certificates.reading import read_data
from mathdl.certificates.record import Certificate, CertificateError

KINDS = tuple(sorted(path.stem for path in (Path(__file__).parent / "kinds").glob("[a-z]*.py")))


@dataclass(frozen=True)
class Verdict:
    """What the checker found; true in a condition where the certificate is valid.

    Attributes
    ----------
    valid : bool
        Whether the statement has been shown for these data.
    reason : str
        The statement, or in one sentence why it has not been shown.
    """

    valid: bool
    reason: str

    def __bool__(self) -> bool:
        return self.valid


def verify(
    certificate: Certificate | str | os.PathLike[str], X: Any = None, y: Any = None, sample_weight: Any = None
) -> Verdict:
    """Verify a certificate in exact arithmetic.

    Parameters
    ----------
    certificate : Certificate or path
        The certificate, or a file that holds one.
    X : array-like of shape (N, p), Data or path
        The data that it speaks about, or a file of them: an NPZ file with X, y and sample_weight, or a CSV file
        of numbers whose last column holds the labels. By default ``certificate-data.npz`` beside the certificate.
    y : array-like of shape (N,) or (N, m), optional
        Labels or targets.
    sample_weight : array-like of shape (N,), optional
        Weights of the objects.

    Returns
    -------
    Verdict

    Raises
    ------
    CertificateError
        If a file is missing, or holds no certificate or no data.

    Examples
    --------
    >>> from mathdl import separate, verify
    >>> A, B = [[0.0, 0.0], [0.0, 1.0]], [[2.0, 0.0]]
    >>> certificate = separate(A, B).certificate
    >>> bool(verify(certificate, A + B, ["A", "A", "B"]))
    True
    >>> verify(certificate, A + B, ["A", "B", "B"]).reason
    'The data are not the ones that the certificate speaks about: their fingerprints differ.'
    """
    if not isinstance(certificate, Certificate):
        path = Path(certificate)
        X = path.with_name("certificate-data.npz") if X is None else X
        certificate = read_certificate(path)
    if X is None:
        raise CertificateError("No data were given; give the X and y that the certificate speaks about.")
    try:
        data = X if isinstance(X, Data) else read_data(X) if isinstance(X, str | os.PathLike) else None
        data = Data(X, y, sample_weight) if data is None else data
        _check(certificate, data)
    except CertificateError:
        raise
    except Refused as refusal:
        return Verdict(False, str(refusal)[0].upper() + str(refusal)[1:] + ".")
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
        return Verdict(False, f"Its numbers are not of the kind that {certificate.kind!r} needs ({error}).")
    return Verdict(True, certificate.statement)


def read_certificate(path: Path) -> Certificate:
    """Read a certificate's file."""
    try:
        return Certificate.from_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CertificateError(f"{path} cannot be read ({error.strerror or error}); check the path.") from error
    except UnicodeDecodeError:
        raise CertificateError(f"{path} is no text; give the certificate's JSON file.") from None


def write(kind: str, numbers: dict[str, Any], data: Data) -> Certificate:
    """Write a certificate, which is not verified yet: its statement is what the numbers say."""
    return Certificate(kind, import_kind(kind).statement(Numbers(numbers), data), numbers, data.fingerprint)


def import_kind(kind: str) -> Any:
    """Return the module that checks a kind."""
    if kind not in KINDS:
        raise Refused(f"{kind!r} is no kind of certificate that this version knows")
    return import_module(f"mathdl.certificates.kinds.{kind}")


def _check(certificate: Certificate, data: Data) -> None:
    """Raise Refused unless the certificate shows what it says."""
    module, numbers = import_kind(certificate.kind), Numbers(certificate.numbers)
    if certificate.fingerprint != data.fingerprint:
        raise Refused("the data are not the ones that the certificate speaks about: their fingerprints differ")
    if certificate.statement != module.statement(numbers, data):
        raise Refused("the statement in words is not what the numbers say")
    module.check(numbers, data)
