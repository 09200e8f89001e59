"""What estimators with certificates share: what is kept of the training, and ``certify``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, NamedTuple

from sklearn.utils.validation import check_is_fitted

from mathdl.certificates import Certificate, Data, verify
from mathdl.certificates.rationals import Refused
from mathdl.errors import NotCertifiedError
from mathdl.status import Status


class Evidence(NamedTuple):
    """What a certificate is made from: the training data as the solver saw them, and what else the solver knows."""

    X: Any
    y: Any
    weights: Any
    detail: Any = None


class Certified(ABC):
    """An estimator whose answer can be certified; ``fit`` sets ``status_`` and calls ``_remember``."""

    status_: Status
    certificate_: Certificate
    _evidence: Evidence

    def certify(self) -> Certificate:
        """Build the certificate of the fitted model and have it checked in exact arithmetic.

        The model changes only if the checker accepts.

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
        certificate, changes = self._certificate(data)
        verdict = verify(certificate, data)
        if not verdict:
            raise NotCertifiedError(
                f"The checker refuses the certificate of this {type(self).__name__}: {verdict.reason}"
            )
        for name, value in changes.items():
            setattr(self, name, value)
        self.certificate_ = certificate
        if self.status_ == Status.CONVERGED:
            self.status_ = Status.CERTIFIED
        return certificate

    def _remember(self, X: Any, y: Any, weights: Any, detail: Any = None) -> None:
        """Keep the training data as the solver sees them, in place of those of an earlier fit."""
        self._forget()
        self._evidence = Evidence(X, y, weights, detail)

    def _forget(self) -> None:
        """Forget the training data and the certificate of an earlier fit."""
        for name in ("certificate_", "_evidence"):
            self.__dict__.pop(name, None)

    @property
    def training_data(self) -> tuple[Any, Any, Any]:
        """X, y and the weights (or None) as the solver saw them: the data that a certificate speaks about.

        Objects of weight zero are not among them. A model that came from a file has none.
        """
        if not hasattr(self, "_evidence"):
            raise NotCertifiedError(
                f"This {type(self).__name__} does not hold its training data, since it came from a file or is not "
                "fitted; fit it to certify it."
            )
        return self._evidence[:3]

    @abstractmethod
    def _certificate(self, data: Data) -> tuple[Certificate, dict[str, Any]]:
        """Return the certificate, and the attributes that change once it is accepted.

        NotCertifiedError is raised where there is none.
        """
