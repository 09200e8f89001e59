"""The processes that train together, as torchrun and its like start them, and what they tell one another."""

from __future__ import annotations

import atexit
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import InputError
from mathdl.exchange.torch_library import torch_library


class Place(NamedTuple):
    """A process among those that were started together: its number, how many there are, and the same on its machine."""

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    local_size: int = 1
    restarts: int = 0


def place_of_process() -> Place:
    """Return this process's place by the variables that torchrun, Kubernetes and others set."""
    if "RANK" not in os.environ or "WORLD_SIZE" not in os.environ:
        return Place()
    names = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "TORCHELASTIC_RESTART_COUNT")
    try:
        given = [int(os.environ.get(name, default)) for name, default in zip(names, Place(), strict=True)]
    except ValueError:
        given = [0, 0]
    place = Place(*given)
    if not 0 <= place.rank < place.size:
        raise InputError(
            f"RANK is {os.environ['RANK']!r} and WORLD_SIZE {os.environ['WORLD_SIZE']!r}; start the processes with "
            "torchrun, or remove the variables."
        )
    return place


class Processes:
    """The group of processes that this one belongs to; alone, everything is as it tells itself."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._torch = torch_library("--engine torch")
        if place.size == 1:
            return
        self._group = self._torch.distributed
        with self.connected():
            if not self._group.is_initialized():
                backend = "cpu:gloo,cuda:nccl" if self._torch.cuda.is_available() else "gloo"
                store, rank, size = next(iter(self._group.rendezvous("env://")))
                # torchrun's store outlives a restart, and still has the addresses of the processes that are lost.
                store = self._group.PrefixStore(f"attempt {place.restarts}", store)
                self._group.init_process_group(backend, store=store, rank=rank, world_size=size)
                atexit.register(self._group.destroy_process_group)

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Raise InputError where another process is lost while the block runs."""
        try:
            yield
        except (RuntimeError, ValueError) as error:
            if self.place.size == 1 or isinstance(error, InputError):
                raise
            text = re.sub(r"\[\S*\] ?", "", str(error).splitlines()[0]).partition(". ")[0]
            raise InputError(
                f"Process {self.place.rank} of {self.place.size} lost the others ({text}); see what they say."
            ) from error

    def any(self, answer: bool) -> bool:
        """Return whether the answer is yes in any process."""
        return answer if self.place.size == 1 else any(self._gathered([int(answer)])[:, 0])

    def total(self, numbers: Any) -> Any:
        """Add a tensor up over the processes, in place."""
        if self.place.size > 1:
            with self.connected():
                self._group.all_reduce(numbers)
        return numbers

    def first(self, tensor: Any) -> Any:
        """Give every process the first one's tensor, in place."""
        if self.place.size > 1:
            with self.connected():
                self._group.broadcast(tensor, 0)
        return tensor

    def first_bytes(self, content: bytes) -> bytes:
        """Return the first process's bytes."""
        if self.place.size == 1:
            return content
        length = int(self.first(self._torch.tensor([len(content)])).item())
        given = np.frombuffer(content, np.uint8).copy() if self.place.rank == 0 else np.zeros(length, np.uint8)
        received: NDArray[np.uint8] = self.first(self._torch.from_numpy(given)).numpy()
        return received.tobytes()

    def require_the_same(self, facts: Mapping[str, Any]) -> None:
        """Raise InputError, in every process, where they differ in one of these; the message names it.

        Each is a list of arrays, or what can be written in a line.
        """
        if self.place.size == 1:
            return
        found = self._gathered([_fingerprint(fact) for fact in facts.values()])
        for column, name in enumerate(facts):
            other = np.flatnonzero(found[:, column] != found[0, column])
            if len(other):
                prints = [f"{found[rank, column]:012x}" for rank in (0, int(other[0]))]
                raise InputError(
                    f"The processes differ in {name}: process {other[0]} has the fingerprint {prints[1]} and process 0 "
                    f"{prints[0]}; give all of them the same data and settings."
                )

    def _gathered(self, numbers: list[int]) -> NDArray[np.int64]:
        """Return the whole numbers of each process, a row for each."""
        rows = [self._torch.zeros(len(numbers), dtype=self._torch.int64) for _ in range(self.place.size)]
        with self.connected():
            self._group.all_gather(rows, self._torch.tensor(numbers, dtype=self._torch.int64))
        gathered: NDArray[np.int64] = self._torch.stack(rows).numpy()
        return gathered


def _fingerprint(fact: Any) -> int:
    """Return a number of 48 bits that differs where what is given does."""
    hashed = sha256()
    for part in fact if isinstance(fact, list) else [fact]:
        content: Any = np.ascontiguousarray(part) if isinstance(part, np.ndarray) else repr(part).encode()
        hashed.update(content)
    return int(hashed.hexdigest()[:12], 16)
