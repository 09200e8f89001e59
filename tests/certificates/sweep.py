"""Many certificates of a kind, their sentences, and many changed copies, against an exact oracle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from certificates.mutations import mutants
from certificates.sentences import weaker
from mathdl.certificates import Certificate, Data, verify

Oracle = Callable[[Mapping[str, Any]], bool]


class Kind(Protocol):
    """A test module of a kind."""

    MIN_SHARE: float  # of problems that have a certificate of the kind

    def make(self, seed: int) -> tuple[Certificate, Data] | None:
        """Make a problem and its certificate, or assert why there is none."""

    def judge(self, certificate: Certificate, data: Data) -> Oracle:
        """Return what says whether numbers state the truth, given a certificate that is right."""


def sweep(kind: Kind, seeds: Iterable[int], changes: int) -> Counter[str]:
    """Make certificates, which have to be accepted and true in their words, and changed ones.

    A changed one may be accepted only where the oracle agrees; then its words have to be true, too.
    """
    counts: Counter[str] = Counter()
    for seed in seeds:
        problem = kind.make(seed)
        counts["certificates" if problem else "no certificate"] += 1
        if problem is None:
            continue
        certificate, data = problem
        assert verify(Certificate.from_json(certificate.to_json()), data)
        oracle = kind.judge(certificate, data)
        assert oracle(certificate.numbers), seed
        assert oracle(weaker(certificate, data)), (seed, certificate.statement)
        for mutant in mutants(certificate, data, changes, seed):
            accepted, true = bool(verify(mutant, data)), oracle(mutant.numbers)
            counts[f"{'true' if true else 'false'}, {'accepted' if accepted else 'refused'}"] += 1
            assert true or not accepted, (seed, mutant)
            assert not accepted or oracle(weaker(mutant, data)), (seed, mutant.statement)
    return counts
