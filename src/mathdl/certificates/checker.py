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
from mathdl.certificates.reading import read_certificate, read_data
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
    same_data : bool
        Whether these are the data that the certificate speaks about. Where they are not, nothing is said of whether
        its statement is true of its own data.
    """

    valid: bool
    reason: str
    same_data: bool = True

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
    X : array-like or sparse matrix of shape (N, p), or path
        The data that it speaks about, as ``fit`` was given them; or a file of them: an NPZ file with X, y and
        sample_weight, or a CSV file of numbers whose last column holds the labels. By default
        ``certificate-data.npz`` beside the certificate.
    y : array-like of shape (N,) or (N, m), optional
        Labels or targets.
    sample_weight : float or array-like of shape (N,), optional
        Weights of the objects; those without weight count as absent.

    Returns
    -------
    Verdict

    Raises
    ------
    CertificateError
        If a file is missing, or holds no certificate or no data; or if no data are given, or twice.

    Examples
    --------
    >>> from mathdl import separate, verify
    >>> A, B = [[0, 0], [0, 1]], [[2, 0]]
    >>> certificate = separate(A, B).certificate
    >>> bool(verify(certificate, A + B, ["A", "A", "B"]))
    True
    >>> verdict = verify(certificate, A + B, ["A", "B", "B"])
    >>> verdict.valid, verdict.same_data
    (False, False)
    """
    if not isinstance(certificate, Certificate):
        path = _certificate_path(certificate)
        X = path.with_name("certificate-data.npz") if X is None else X
        certificate = read_certificate(path)
    try:
        data = _data(X, y, sample_weight)
    except Refused as refusal:
        return Verdict(False, f"These are other data than the certificate speaks about: {refusal}.", False)
    if certificate.fingerprint != data.fingerprint:
        reason = (
            "These are other data than the certificate speaks about (their fingerprints differ); give X, y and "
            "sample_weight as they were given to fit."
        )
        return Verdict(False, reason, False)
    try:
        _check(certificate, data)
    except Refused as refusal:
        return Verdict(False, str(refusal)[0].upper() + str(refusal)[1:] + ".")
    except (ArithmeticError, LookupError, MemoryError, RecursionError, TypeError, ValueError) as error:
        return Verdict(False, f"Its numbers are not of the kind that {certificate.kind!r} needs ({error}).")
    return Verdict(True, certificate.statement)


def write(kind: str, numbers: dict[str, Any], data: Data) -> Certificate:
    """Write a certificate, which is not verified yet: its statement is what the numbers say."""
    return Certificate(kind, import_kind(kind).statement(Numbers(numbers), data), numbers, data.fingerprint)


def in_plain_words(certificate: Certificate) -> str:
    """Say without formulas what a certificate states, and what it does not say."""
    said: str = import_kind(certificate.kind).IN_PLAIN_WORDS
    return f"{said} This speaks of the data it was made for, and not of how well a model does on new data."


def import_kind(kind: str) -> Any:
    """Return the module that checks a kind."""
    if kind not in KINDS:
        raise Refused(f"{str(kind)[:40]!r} is no kind of certificate that this version knows")
    return import_module(f"mathdl.certificates.kinds.{kind}")


def _certificate_path(certificate: Any) -> Path:
    if not isinstance(certificate, str | os.PathLike):
        raise CertificateError(f"A {type(certificate).__name__} is no certificate; give a Certificate, or its file.")
    if isinstance(certificate, str) and certificate.lstrip().startswith("{"):
        raise CertificateError("This is a certificate's text, and no path; give Certificate.from_json of it.")
    return Path(certificate)


def _data(X: Any, y: Any, sample_weight: Any) -> Data:
    if X is None:
        raise CertificateError("No data were given; give the X and y that the certificate speaks about.")
    if not isinstance(X, Data | str | os.PathLike):
        return Data(X, y, sample_weight)
    if y is not None or sample_weight is not None:
        raise CertificateError("A file of data holds y and the weights, too; give X as an array, or X alone.")
    return X if isinstance(X, Data) else read_data(X)


def _check(certificate: Certificate, data: Data) -> None:
    """Raise Refused unless the certificate shows what it says."""
    module, numbers = import_kind(certificate.kind), Numbers(certificate.numbers)
    if certificate.statement != module.statement(numbers, data):
        raise Refused("the statement in words is not what the numbers say")
    module.check(numbers, data)
    numbers.refuse_unread()
