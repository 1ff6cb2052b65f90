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

# the logger by which dbt prints
_DBT_OUTPUT = "stdout_log"


@contextmanager
def stopped_in_one_line(what: str) -> Iterator[None]:
    """Raise a SpymasterError when the block is stopped by Ctrl-C or SIGTERM.

    Args:
        what: is stopped.
    """
    is_main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, _stop) if is_main else None
    try:
        yield
    except KeyboardInterrupt as error:
        raise SpymasterError(
            what,
            f"was stopped by {str(error) or 'Ctrl-C'}; readers keep the published file",
            "run it again: it goes on from what is finished",
        ) from error
    finally:
        if is_main:
            signal.signal(signal.SIGTERM, before)


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt(signal.Signals(number).name)


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
