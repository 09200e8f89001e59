"""Certificates: what a model states about data, and a small independent program that verifies it exactly.

The room imports the standard library alone.
"""

from __future__ import annotations

from mathdl.certificates.checker import Verdict, in_plain_words, verify, write
from mathdl.certificates.data import Data
from mathdl.certificates.rationals import text_of
from mathdl.certificates.record import Certificate, CertificateError

__all__ = ["Certificate", "CertificateError", "Data", "Verdict", "in_plain_words", "text_of", "verify", "write"]
