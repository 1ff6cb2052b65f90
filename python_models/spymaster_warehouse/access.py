"""Locks on the warehouse: one Spymaster command and one process may write it at a time."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import duckdb
from spymaster_ingest.durable import hash_file, sync
from spymaster_ingest.errors import SpymasterError, one_line
from spymaster_ingest.lake import Lake

_HOLDER = re.compile(r"\(PID (\d+)\)")


@contextmanager
def build_lock(lake: Lake, command: str) -> Iterator[None]:
    """Lock a lake against every other build and publication; for whole commands only.

    The system drops the lock when the process dies. A plain ``dbt build`` ignores it; the lock on
    the warehouse itself (see ``connect``) stops that.

    Args:
        lake: the lake, whose root exists.
        command: name of the command, for the error of a second one.

    Raises:
        SpymasterError: Another command holds the lock, or the lake cannot be written.
    """
    try:
        stream = lake.build_lock.open("a+", encoding="utf-8")
    except OSError as error:
        raise SpymasterError(
            lake.root, f"the lake cannot be written: {error.strerror or error}"
        ) from error
    with stream:
        _acquire(lake, stream)
        stream.truncate(0)
        stream.write(f"`{command}` (process {os.getpid()})")
        stream.flush()
        try:
            yield
        finally:
            stream.truncate(0)


def _acquire(lake: Lake, stream: TextIO) -> None:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        stream.seek(0)
        holder = stream.read() or "another process"
        raise SpymasterError(
            lake.root, f"{holder} is at work on this lake", "wait until it has ended"
        ) from error
    except OSError as error:
        raise SpymasterError(
            lake.build_lock, f"cannot be locked: {error.strerror or error}"
        ) from error


def connect(lake: Lake) -> duckdb.DuckDBPyConnection:
    """Open the warehouse for writing, which locks it against every other process.

    From here on anything may change in it, so its hash goes (see ``publish``). Every run of dbt
    comes by, a plain one through the plugin ``durable_files``.

    Raises:
        SpymasterError: Another process has it open, or it is not a database.
    """
    try:
        connection = duckdb.connect(str(lake.warehouse))
    except duckdb.Error as error:
        holder = lock_holder(error)
        if holder is None:
            raise SpymasterError(
                lake.warehouse,
                f"cannot be opened: {one_line(error)}",
                "if it is damaged, remove it and run `spymaster build`: what it was built from is "
                "in bronze",
            ) from error
        raise SpymasterError(
            lake.warehouse,
            f"is open in {holder}",
            "wait until that build is done, or close the program that opened it; "
            f"readers should open {lake.published.name}",
        ) from error
    if hash_file(lake.warehouse).exists():
        hash_file(lake.warehouse).unlink()
        # on disk before anything that is written to the warehouse
        sync(lake.root)
    return connection


def lock_holder(error: duckdb.Error) -> str | None:
    """Return the process, in words, that locks a database; None for an error of another kind."""
    message = str(error)
    if "Could not set lock" not in message:
        return None
    holder = _HOLDER.search(message)
    return "another process" + (f" ({holder[1]})" if holder else "")
