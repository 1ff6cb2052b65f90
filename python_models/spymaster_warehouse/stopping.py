"""Ctrl-C and SIGTERM during a build: one line, and no traceback of dbt's."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from spymaster_ingest.errors import SpymasterError

_NAMES: dict[int, str] = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}
# the logger by which dbt prints
_DBT_OUTPUT = "stdout_log"


@contextmanager
def stopped_in_one_line(what: str) -> Iterator[None]:
    """Raise a SpymasterError when the block is stopped by Ctrl-C or SIGTERM.

    dbt takes a stop that comes while it handles a node for a failure of the node: the signal
    counts, not what became of it.

    Args:
        what: is stopped.
    """
    received: list[str] = []

    def stop(number: int, frame: FrameType | None) -> None:
        received.append(_NAMES[number])
        raise KeyboardInterrupt(_NAMES[number])

    before = {}
    if threading.current_thread() is threading.main_thread():
        # a process that ignores a signal goes on to
        wanted = [number for number in _NAMES if signal.getsignal(number) != signal.SIG_IGN]
        before = {number: signal.signal(number, stop) for number in wanted}
    try:
        yield
    except (KeyboardInterrupt, SpymasterError) as error:
        if isinstance(error, SpymasterError) and not received:
            raise
        name = received[0] if received else _NAMES[signal.SIGINT]
        raise SpymasterError(
            what,
            f"was stopped by {name}; readers keep the published file",
            "run it again: it goes on from what is finished",
        ) from error
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def quiet_output_of_dbt() -> Iterator[None]:
    """Keep tracebacks from the terminal that say nothing: of a stop, and of an output that is full.

    dbt prints the former itself, Python's logging the latter for each line.
    """
    output = logging.getLogger(_DBT_OUTPUT)
    shown = logging.raiseExceptions
    output.addFilter(_is_no_stop)
    logging.raiseExceptions = False
    try:
        yield
    finally:
        logging.raiseExceptions = shown
        output.removeFilter(_is_no_stop)


def _is_no_stop(record: logging.LogRecord) -> bool:
    # dbt reports an exception while it handles it
    is_stop = isinstance(sys.exc_info()[1], KeyboardInterrupt)
    return not (is_stop and record.levelno >= logging.ERROR)
