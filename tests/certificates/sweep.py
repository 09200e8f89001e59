"""Many certificates and many changed copies of them, against an exact oracle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from certificates.mutations import mutants
from mathdl.certificates import Certificate, Data, verify

Problem = tuple[Certificate, Any, Any]


def sweep(make: Callable[[int], Problem | None], oracle: Callable[..., bool], seeds: Iterable[int]) -> Counter[str]:
    """Make certificates, which have to be accepted, and changed ones, which only may be where the oracle agrees.

    The oracle is given the numbers of a certificate, X and y, and says whether what they state is true.
    """
    counts: Counter[str] = Counter()
    for seed in seeds:
        problem = make(seed)
        counts["certificates" if problem else "no certificate"] += 1
        if problem is None:
            continue
        certificate, X, y = problem
        data = Data(X, y)
        assert verify(Certificate.from_json(certificate.to_json()), data)
        assert oracle(certificate.numbers, X, y)
        for mutant in mutants(certificate, data, 6, seed):
            counts["mutants"] += 1
            if verify(mutant, data):
                assert oracle(mutant.numbers, X, y), (seed, mutant)
                counts["mutants that remain true"] += 1
    return counts
