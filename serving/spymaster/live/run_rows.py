"""The rows of a run as files: what a later start goes on from, and what others read.

``rows/<schema>.<relation>/<from>_<to>.parquet`` holds the rows whose seconds end in (from, to].
``before_<to>.parquet`` holds those that are left of the day before the first second, and
``open_<to>.parquet`` what was fed for later seconds already, which the next file holds too. A
record that came after its second had been written lies in the file of the second in which it came.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import duckdb
from spymaster_ingest.durable import put_in_place, unique_temporary

from spymaster.live.clock import Clock
from spymaster.live.tables import LiveTables

_NAME = "%Y%m%dT%H%M%S"
# of a landed record among those of its day
_NUMBER = "rec_ordinal"


def write_rows(
    tables: LiveTables,
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    from_ts: dt.datetime | None,
    to_ts: dt.datetime,
) -> None:
    """Write the rows of all relations whose seconds end in (from_ts, to_ts].

    Rows that later seconds still change wait for the next call.

    Args:
        tables: of the run.
        connection: to them, whose snapshot is that of ``to_ts``.
        folder: of the rows.
        from_ts: end of the last second of the call before, UTC, without a zone; None for the rows
            of the day before the first second.
        to_ts: end of the last second that is whole.
    """
    for relation, later_s in tables.changing_s().items():
        later = dt.timedelta(seconds=later_s)
        clock = tables.seconds_of(relation)
        if from_ts is None:
            name = f"before_{to_ts - later:{_NAME}}.parquet"
            condition = f"not ({clock.after(to_ts - later)})"
            # older ones may be there still, which depends on the steps that were made
            if (needed := tables.looked_back_on(relation, to_ts)) is not None:
                condition += f" and {needed}"
        else:
            name = f"{from_ts - later:{_NAME}}_{to_ts - later:{_NAME}}.parquet"
            condition = clock.between(from_ts - later, to_ts - later)
            if tables.is_fed(relation):
                condition += _came_late(connection, folder / relation, clock, from_ts)
        path = folder / relation / name
        path.parent.mkdir(parents=True, exist_ok=True)
        order = tables.order_of(relation)
        _copy(connection, relation, condition, order, path)
        if tables.is_fed(relation):
            _copy(connection, relation, clock.after(to_ts), order, _open_file(path.parent, to_ts))


def remove_open_rows(folder: Path, to_ts: dt.datetime) -> None:
    """Remove what earlier calls wrote of rows of open seconds."""
    for path in folder.glob("*/open_*.parquet"):
        if path != _open_file(path.parent, to_ts):
            path.unlink(missing_ok=True)


def restore_rows(tables: LiveTables, folder: Path, to_ts: dt.datetime) -> None:
    """Read the rows that seconds after a time look back on, as far as files have them."""
    for relation in tables.changing_s():
        after_ts = tables.kept_after(relation, to_ts)
        files = [
            str(path)
            for end_ts, path in _files(folder / relation, "*_*.parquet")
            if (after_ts is None or end_ts > after_ts) and end_ts <= to_ts
        ]
        if (path := _open_file(folder / relation, to_ts)).exists():
            files.append(str(path))
        tables.read(relation, files)


def row_files(folder: Path, relation: str) -> list[Path]:
    """Return the files of a relation in the order of their seconds."""
    return [path for _, path in _files(folder / relation, "[0-9]*.parquet")]


def whole_files(folder: Path, relation: str) -> list[tuple[dt.datetime, Path]]:
    """Return all files of a relation that hold whole seconds, with when the last one ends."""
    return _files(folder / relation, "*_*.parquet")


def seconds_of_files(files: Sequence[Path]) -> tuple[dt.datetime, dt.datetime]:
    """Return the seconds of a relation's files: their ends lie in (from, to]."""
    starts, ends = zip(*(path.stem.split("_") for path in files), strict=True)
    return dt.datetime.strptime(min(starts), _NAME), dt.datetime.strptime(max(ends), _NAME)


def _files(folder: Path, pattern: str) -> list[tuple[dt.datetime, Path]]:
    """Return the files of a folder with when their last second ends, in order."""
    return sorted(
        (dt.datetime.strptime(path.stem.rpartition("_")[2], _NAME), path)
        for path in folder.glob(pattern)
        if not path.name.startswith("open_")
    )


def _came_late(
    connection: duckdb.DuckDBPyConnection, folder: Path, clock: Clock, from_ts: dt.datetime
) -> str:
    """Return a further condition of rows that came after the seconds up to a time were written.

    Records are numbered as they come; rows of kernels belong to the second that is open.
    """
    schema, _, name = folder.name.partition(".")
    described = connection.execute(f'describe "{schema}"."{name}"').fetchall()
    if all(column != _NUMBER for column, *_ in described):
        return ""
    files = [str(path) for end_ts, path in _files(folder, "*_*.parquet") if end_ts <= from_ts]
    if (path := _open_file(folder, from_ts)).exists():
        files.append(str(path))
    [(last,)] = connection.execute(
        f"select coalesce(max({_NUMBER}), -1) from read_parquet($files)",  # noqa: S608
        {"files": files},
    ).fetchall()
    return f" or (not ({clock.after(from_ts)}) and {_NUMBER} > {last})"


def _open_file(folder: Path, to_ts: dt.datetime) -> Path:
    return folder / f"open_{to_ts:{_NAME}}.parquet"


def _copy(
    connection: duckdb.DuckDBPyConnection, relation: str, condition: str, order: str, path: Path
) -> None:
    """Write rows in one order, whatever order they came in."""
    temporary = unique_temporary(path)
    schema, _, name = relation.partition(".")
    connection.execute(
        f'copy (select * from "{schema}"."{name}" where {condition} order by {order}) '  # noqa: S608
        "to $path (format parquet)",
        {"path": str(temporary)},
    )
    put_in_place(temporary, path)
