"""A job done: the partition's rows checked, and its files in place.

It opens no database file and takes no lock. Doing a job twice, even at once, does no harm: files
appear whole, under names that say what they hold, and a kernel writes to a folder of its own.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import threading
import time
import traceback
import uuid
from pathlib import Path
from typing import Any

import duckdb
from spymaster_ingest.content_hash import file_sha256
from spymaster_ingest.durable import put_in_place, unique_temporary, write_hashes
from spymaster_ingest.errors import SpymasterError, one_line
from spymaster_ingest.lake import Lake

from spymaster_warehouse.jobs.connection import JobConnection
from spymaster_warehouse.jobs.job import (
    BROKEN,
    DONE,
    FAILED,
    FILE,
    REFUSED,
    ROWS,
    ROWS_OF_TABLE,
    Outcome,
    PartitionJob,
)
from spymaster_warehouse.remote.records import Records, records_at_hand
from spymaster_warehouse.store.runtime import runtime_hash
from spymaster_warehouse.store.stored import add_partition, store_at, take_partition

_COPY = "copy ({query}) to '{file}' (format parquet, compression zstd, row_group_size 65536)"
_STATUS = Path("/proc/self/status")
_WORKER = f"{socket.gethostname()}:{os.getpid()}"

_connection: JobConnection | None = None
# a process has one connection
_one_at_a_time = threading.Lock()


def run_partition(job: PartitionJob) -> Outcome:
    """Make a partition, or take it from the store, and return what became of it."""
    global _connection
    began, cpu_began = time.monotonic(), time.process_time()
    with _one_at_a_time:
        try:
            if _connection is None:
                _connection = JobConnection()
            outcome = _outcome_of(job, _connection)
        except (duckdb.Error, SpymasterError, MemoryError, OSError) as error:
            # dbt_run reads some of them: of memory, and of the store
            kind = f"{type(error).__name__}: " if isinstance(error, SpymasterError) else ""
            outcome = Outcome(BROKEN, f"{job.name}: {kind}{error}")
        except Exception as error:
            # a fault of ours ends the build, not the worker
            traceback.print_exc()
            outcome = Outcome(BROKEN, f"{job.name}: {type(error).__name__}: {one_line(error)}")
    return outcome._replace(
        seconds=time.monotonic() - began,
        cpu_s=time.process_time() - cpu_began,
        peak_bytes=_peak_bytes(),
        worker=_WORKER,
    )


def _outcome_of(job: PartitionJob, connection: JobConnection) -> Outcome:
    if job.runtime != runtime_hash():
        return Outcome(
            BROKEN,
            f"{job.name}: worker {_WORKER} has other kernels or libraries than the build "
            "(install the same version there)",
        )
    if job.store and take_partition(store_at(job.store), job.stored):
        return Outcome(DONE, is_taken=True)
    connection.use(Path(job.catalogue))
    # a second worker may do the same job
    folder = f"{job.kernel_folder}-{uuid.uuid4().hex}" if job.kernel_folder else ""
    sql = [job.kernel, job.prepare, job.query]
    try:
        with records_at_hand(
            Lake(Path(job.lake)), job.bronze, connection.duckdb, sql, (job.owner, job.dt)
        ) as records:
            return _made(job, connection.duckdb, folder, records)
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def _made(
    job: PartitionJob, connection: duckdb.DuckDBPyConnection, folder: str, records: Records
) -> Outcome:
    sql_s = 0.0

    def rows_of(sql: str) -> list[Any]:
        nonlocal sql_s
        began = time.monotonic()
        found = connection.execute(own(sql)).fetchall()
        sql_s += time.monotonic() - began
        return found

    def own(sql: str) -> str:
        return records.read_by(sql.replace(job.kernel_folder, folder) if folder else sql)

    if job.kernel:
        [(refusal,)] = rows_of(job.kernel)
        if refusal is not None:
            return Outcome(REFUSED, refusal)
    if job.prepare:
        rows_of(job.prepare)
    name = ROWS_OF_TABLE if job.storage == "table" else job.relation
    written: dict[str, Path] = {}
    try:
        rows = job.rows
        n_rows = None
        if job.files:
            written[name] = _temporary(job.files[name])
            rows = rows.replace(FILE, str(written[name]))
            [(n_rows,)] = rows_of(_COPY.format(query=job.query, file=written[name]))
        warnings, failures = (
            _in_words(job, rows_of(job.checks[kind].replace(ROWS, rows)))
            if kind in job.checks
            else ""
            for kind in ("row_warnings", "row_checks")
        )
        if failures:
            return Outcome(FAILED, failures, n_rows=n_rows)
        for output in job.files.keys() - {name}:
            written[output] = _temporary(job.files[output])
            shutil.move(Path(folder, f"{output}.parquet"), written[output])
        hashes = {output: file_sha256(temporary) for output, temporary in written.items()}
        for output, temporary in written.items():
            final = Path(job.files[output])
            write_hashes(final, [hashes[output]])
            put_in_place(temporary, final)
    finally:
        for temporary in written.values():
            temporary.unlink(missing_ok=True)
    if job.store:
        add_partition(store_at(job.store), job.stored)
    return Outcome(
        DONE,
        warnings=(warnings,) if warnings else (),
        n_rows=n_rows,
        sha256=hashes.get(name),
        sql_s=sql_s,
    )


def _temporary(final: str) -> Path:
    path = Path(final)
    path.parent.mkdir(parents=True, exist_ok=True)
    return unique_temporary(path)


def _in_words(job: PartitionJob, failed: list[tuple[str, int]]) -> str:
    """Return the checks that rows fail, in the words of ``macros/checks/failed_checks``."""
    if not failed:
        return ""
    failures = ", ".join(f"{check} ({n_rows} rows)" for check, n_rows in failed)
    return f"{job.name} has rows that fail its checks: {failures}"


def _peak_bytes() -> int:
    """Return the high-water mark of the memory of this process; 0 on systems without it."""
    if not _STATUS.exists():
        return 0
    found = re.search(r"^VmHWM:\s*(\d+) kB$", _STATUS.read_text(encoding="ascii"), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0
