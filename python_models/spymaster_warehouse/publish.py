"""Publishing: readers get a whole new database file at once, or keep their old file.

dbt writes ``warehouse.duckdb``, which one process locks against every other. Publishing takes
that lock, copies the file under a temporary name, reads the copy back and renames it to
``spymaster.duckdb``: connections that are open keep reading the file they opened, new ones see
the new file.

The sha256 of the published file stands beside it. The warehouse holds the same bytes then, and has
its hash beside it until something opens it for writing (see ``access.connect``).
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from pathlib import Path
from typing import BinaryIO

import duckdb
from spymaster_ingest.content_hash import file_sha256
from spymaster_ingest.durable import (
    TEMPORARY_PREFIX,
    hash_file,
    put_in_place,
    read_hashes,
    write_hashes,
)
from spymaster_ingest.errors import SpymasterError, one_line
from spymaster_ingest.lake import Lake

from spymaster_warehouse.access import connect
from spymaster_warehouse.files_in_use import (
    files_in_use,
    read_files_in_use,
    remove_outdated,
    write_files_in_use,
)
from spymaster_warehouse.own_files import is_behind_link
from spymaster_warehouse.view_files import (
    files_of_relations,
    name_files_by_lake,
    unreadable_views,
)
from spymaster_warehouse.whole_files import what_is_wrong

_READ_ONLY = 0o444
_COPY_BYTES = 1 << 20
# of logs that DuckDB keeps beside a database
_LOGS = (".wal", ".wal.checkpoint", ".wal.recovery")
# copies of publications that died, by the number of their process
_COPY = re.compile(re.escape(TEMPORARY_PREFIX) + r"(?:(\d+)-)?spymaster\.duckdb(?:\.wal)?")


def require_warehouse(lake: Lake) -> None:
    """Raise a SpymasterError when nothing was built in a lake."""
    if not lake.warehouse.is_file():
        raise SpymasterError(
            lake.warehouse, "there is no warehouse to publish", "run `spymaster build` first"
        )


def publish(lake: Lake) -> Path:
    """Copy the warehouse to the file analysts open and return its path.

    Takes no lock of the lake: that is for the command (see ``access.build_lock``).

    Raises:
        SpymasterError: There is no warehouse, another process is writing it, or the copy failed;
            the published file is then unchanged.
    """
    require_warehouse(lake)
    try:
        # The system drops the lock on the warehouse when this process closes any handle of the
        # file, so the handle that is copied from stays open for as long as the connection.
        with lake.warehouse.open("rb") as source, connect(lake) as connection:
            _require_tested(lake, connection)
            name_files_by_lake(connection, lake)
            connection.execute("checkpoint")
            in_use = files_in_use(connection)
            _require_files(lake, connection, in_use)
            keep = in_use | read_files_in_use(lake)
            _remove_leftovers(lake)
            temporary = lake.published.with_name(
                f"{TEMPORARY_PREFIX}{os.getpid()}-{lake.published.name}"
            )
            try:
                _copy(lake, source, temporary)
                _read_back(lake, temporary)
                sha256 = file_sha256(temporary)
                # both, in case this process dies between here and the end
                write_files_in_use(lake, keep)
                write_hashes(lake.published, [*_hashes_before(lake), sha256])
                _replace(temporary, lake.published)
                write_hashes(lake.published, [sha256])
                # of the same bytes, while nobody else can write them
                write_hashes(lake.warehouse, [sha256])
            finally:
                temporary.unlink(missing_ok=True)
            remove_outdated(lake, keep)
            write_files_in_use(lake, in_use)
    except OSError as error:
        raise SpymasterError(
            error.filename or lake.root, f"cannot publish: {error.strerror or error}"
        ) from error
    except duckdb.Error as error:
        raise SpymasterError(lake.warehouse, f"cannot be read: {one_line(error)}") from error
    return lake.published


def _require_tested(lake: Lake, connection: duckdb.DuckDBPyConnection) -> None:
    """Raise when data tests of some partition have not passed since it was built."""
    has_list = connection.execute(
        "select count(*) from duckdb_tables() "
        "where schema_name = 'meta' and table_name = 'partitions_to_test'"
    ).fetchone() != (0,)
    if not has_list:
        # nothing was built, or by an earlier version, which kept no such list
        return
    untested = connection.execute(
        "select relation, owner, dt from meta.partitions_to_test order by all"
    ).fetchall()
    if untested:
        more = f" and {len(untested) - 1} more" if len(untested) > 1 else ""
        relation, owner, day = untested[0]
        raise SpymasterError(
            lake.warehouse,
            f"data tests have not passed for {relation} {owner} {day}{more}; nothing was published",
            "run `spymaster build` and see which fail",
        )


def _require_files(lake: Lake, connection: duckdb.DuckDBPyConnection, in_use: set[str]) -> None:
    """Raise when a file that the warehouse refers to is missing or cut off."""
    readers = dict.fromkeys(in_use, "a manifest") | files_of_relations(connection)
    for path, reader in sorted(readers.items()):
        why = what_is_wrong(lake.root / path)
        if why is not None:
            remedy = "run `spymaster build`, which makes it anew"
            if path.startswith("bronze/"):
                remedy = "land it again with --overwrite"
            elif is_behind_link(lake, lake.root / path):
                remedy = (
                    "it lies behind a link, where no build removes anything: remove what lies in "
                    "its folder and run `spymaster build`"
                )
            raise SpymasterError(
                lake.root / path, f"{why}, and {reader} reads it; nothing was published", remedy
            )


def _copy(lake: Lake, source: BinaryIO, temporary: Path) -> None:
    """Write a copy that nobody can write; raise when the source changed meanwhile."""
    before = _state(lake.warehouse)
    with temporary.open("wb") as target:
        shutil.copyfileobj(source, target, _COPY_BYTES)
    temporary.chmod(_READ_ONLY)
    if _state(lake.warehouse) != before:
        raise SpymasterError(
            lake.warehouse,
            "was written while it was copied; nothing was published",
            "run `spymaster publish` when the program that writes it has ended",
        )


def _state(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def _read_back(lake: Lake, copy: Path) -> None:
    """Read every value of the copy once, and the columns of every view."""
    try:
        with duckdb.connect(str(copy), read_only=True) as connection:
            read_every_value(connection)
            for view, error in unreadable_views(connection):
                raise SpymasterError(
                    view,
                    f"cannot be read, nothing was published: {one_line(error)}",
                    "run `spymaster build`",
                )
    except duckdb.Error as error:
        raise SpymasterError(
            lake.warehouse,
            f"its copy cannot be read, nothing was published: {one_line(error)}",
            "run `spymaster publish` again; if that fails, remove the warehouse and build",
        ) from error


def read_every_value(connection: duckdb.DuckDBPyConnection) -> None:
    """Read every value of every table once, which makes DuckDB verify each block's checksum."""
    tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
    for names in tables:
        table = ".".join(f'"{name.replace(chr(34), chr(34) * 2)}"' for name in names)
        query = f"select bit_xor(hash(whole_row)) from {table} as whole_row"  # noqa: S608
        connection.execute(query).fetchall()


def _hashes_before(lake: Lake) -> list[str]:
    """Return the hashes that the published file may have now."""
    with contextlib.suppress(OSError, ValueError):
        return read_hashes(hash_file(lake.published), lake.published.name)
    return []


def _replace(temporary: Path, published: Path) -> None:
    """Put the copy in place of the published file.

    A process that died while writing to the published file left a log, which DuckDB would apply to
    the new file.
    """
    for suffix in _LOGS:
        published.with_name(f"{published.name}{suffix}").unlink(missing_ok=True)
    put_in_place(temporary, published)


def _remove_leftovers(lake: Lake) -> None:
    """Remove copies of publications that are no more."""
    for leftover in lake.root.glob(f"{TEMPORARY_PREFIX}*"):
        copy = _COPY.fullmatch(leftover.name)
        if copy and not (copy[1] and _is_another_at_work(int(copy[1]))):
            leftover.unlink(missing_ok=True)


def _is_another_at_work(process: int) -> bool:
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        # alive, but of another user
        return True
    return True
