"""What estimators with certificates share: what is kept of the training, and ``certify``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from mathdl.certificates import Certificate, Data, verify
from mathdl.certificates.rationals import Refused
from mathdl.errors import NotCertifiedError

Array = NDArray[Any]

CONVERGED = "converged"  # the solver met its tolerance; nothing has been shown yet
CERTIFIED = "certified"  # the checker accepted the certificate
INEXACT = "inexact"
NO_MINIMISER = "no minimiser"
MINIMUM_NORM = "minimum norm"  # many minimisers; the shortest was taken
LIMIT_REACHED = "limit reached"


class Certified(ABC):
    """An estimator whose answer can be certified.

    ``fit`` sets ``status_`` and calls ``_remember`` with X, y and the weights as the solver sees them.
    """

    status_: str
    certificate_: Certificate
    _seen: tuple[Any, Any, Any]

    def certify(self) -> Certificate:
        """Build the certificate of the fitted model and have it checked in exact arithmetic.

        Returns
        -------
        Certificate
            Also kept as ``certificate_``; a ``status_`` of "converged" becomes "certified".

        Raises
        ------
        NotCertifiedError
            If there is no certificate of this model, or the checker refuses it.
        """
        check_is_fitted(self)
        try:
            data = Data(*self.training_data)
        except Refused as refused:
            raise NotCertifiedError(f"There is no certificate about these data: {refused}.") from None
        certificate = self._certificate(data)
        verdict = verify(certificate, data)
        if not verdict:
            raise NotCertifiedError(
                f"The checker refuses the certificate of this {type(self).__name__}: {verdict.reason}"
            )
        self.certificate_ = certificate
        if self.status_ == CONVERGED:
            self.status_ = CERTIFIED
        return certificate

    def _remember(self, X: Any, y: Any, weights: Any) -> None:
        """Keep the training data as the solver sees them, and forget the certificate of an earlier fit."""
        self.__dict__.pop("certificate_", None)
        self._seen = X, y, weights

    @property
    def training_data(self) -> tuple[Any, Any, Any]:
        """X, y and the weights (or None) as the solver saw them: the data that a certificate speaks about.

        Objects of weight zero are not among them. A model that came from a file has none.
        """
        if not hasattr(self, "_seen"):
            raise NotCertifiedError(
                f"This {type(self).__name__} does not hold its training data, since it came from a file or is not "
                "fitted; fit it to certify it."
            )
        return self._seen

    @abstractmethod
    def _certificate(self, data: Data) -> Certificate:
        """Build the certificate; raise NotCertifiedError where there is none."""
