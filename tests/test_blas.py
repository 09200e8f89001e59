"""BLAS takes one thread where it is asked to, and as many as before afterwards."""

from __future__ import annotations

import threading

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from mathdl.blas import one_thread


def threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def _two_threads() -> object:
    """On a machine with one core too."""
    with threadpool_limits(2, user_api="blas"):
        if threads() != {2}:
            pytest.skip("this BLAS takes one thread always")
        yield


def test_inside_and_after() -> None:
    with one_thread():
        assert threads() == {1}
        with one_thread():
            assert threads() == {1}
        assert threads() == {1}
    assert threads() == {2}


def test_it_comes_back_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), one_thread():
        raise ZeroDivisionError
    assert threads() == {2}


def test_threads_that_overlap_leave_it_as_it_was() -> None:
    """The first one in is the first one out: what it found must not be what the other one leaves."""
    entered, left = threading.Event(), threading.Event()

    def second() -> None:
        entered.wait()
        with one_thread():
            entered.clear()
            left.wait()
            seen.append(threads())

    seen: list[set[int]] = []
    worker = threading.Thread(target=second)
    worker.start()
    with one_thread():
        entered.set()
        while entered.is_set():
            pass
    assert threads() == {1}  # the other one still needs it
    left.set()
    worker.join()
    assert seen == [{1}]
    assert threads() == {2}


def test_a_thread_may_ask_where_another_one_has_set_a_limit_of_its_own() -> None:
    seen: list[set[int]] = []

    def fit() -> None:
        with one_thread():
            seen.append(threads())

    worker = threading.Thread(target=fit)
    worker.start()
    worker.join()
    assert (seen, threads()) == ([{1}], {2})
