"""How the kernels of the statistics are compiled: they allocate nothing (``_nrt``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from pathlib import Path
from typing import Any

Function = Callable[..., Any]

_asks_again: ContextVar[bool] = ContextVar("asks_again", default=False)


@contextmanager
def many_calls() -> Iterator[None]:
    """Compile also what runs for a query alone: others will follow."""
    token = _asks_again.set(True)
    try:
        yield
    finally:
        _asks_again.reset(token)


def is_alone(n_queries: int) -> bool:
    """Return whether queries are one, and none will follow for which compiling would pay."""
    return n_queries == 1 and not _asks_again.get()


def kernel(function: Function) -> Function:
    """Compile a kernel."""
    # imported late: it takes longer to load than a search for one query to run
    from spymaster_ingest.kernel_cache import compiler

    return compiler(Path(__file__).parent, nogil=True, _nrt=False)(function)


class QueryKernel:
    """A kernel over queries, which the interpreter runs for a query alone.

    A command that asks about one moment would wait longer for the compiler than for the answer.

    Args:
        function: the kernel, which calls no other.
    """

    def __init__(self, function: Function) -> None:
        self.interpreted = function

    @cached_property
    def compiled(self) -> Function:
        """The machine code, loaded or made when it is first asked for."""
        return kernel(self.interpreted)

    def __call__(self, n_queries: int, *arrays: Any) -> None:
        """Run the kernel over the arrays of so many queries."""
        (self.interpreted if is_alone(n_queries) else self.compiled)(*arrays)
