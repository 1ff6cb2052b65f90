"""The records that a partition is made of, fetched for as long as it is made.

SQL reads a landed file by its path below the lake, or through views over all of them. Files whose
records lie in the bronze storage are fetched under the same path below a folder of their own, and
the SQL names them, and copies of those views, instead.
"""

from __future__ import annotations

import json
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import duckdb
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.manifest import MANIFEST_NAME, PART_NAME, has_remote_records

from spymaster_warehouse.build_settings import BRONZE_VARIABLE
from spymaster_warehouse.jobs.names import Name, named_in
from spymaster_warehouse.remote.storage import Partition, storage_at
from spymaster_warehouse.store.address import BRONZE

_LANDED = re.compile(r"bronze/source=databento/product_type=[^']+?\.parquet")
_VIEWS = (
    "select schema_name, view_name, sql from duckdb_views() "
    "where not internal and not temporary and database_name = current_database()"
)


class Records(NamedTuple):
    """Records at hand, and how SQL reads them.

    Attributes:
        folder: where the files are; empty without any.
        replaced: texts of the SQL, and what stands for each.
        views: statements that make the views, for one connection.
        names: of the views that they stand for, as dbt writes them.
    """

    folder: str
    replaced: list[tuple[str, str]]
    views: list[str]
    names: list[str]

    @property
    def temporary(self) -> list[str]:
        """Return the names of those views on the connection."""
        return [_temporary(name) for name in self.names]

    def read_by(self, sql: str) -> str:
        """Return SQL that reads these records, as ``macros/lake/with_records``."""
        for text, other in self.replaced:
            sql = sql.replace(text, other)
        return sql


NONE = Records("", [], [], [])


def fetch_records(
    lake: Lake,
    address: str | None,
    views: Mapping[Name, str],
    sql: Sequence[str],
    key: Sequence[str],
) -> Records:
    """Fetch the records that a partition is made of and that are not in the lake.

    Args:
        lake: has the manifests.
        address: of the bronze storage; None when there is none.
        views: of the lake's database: their statements by name.
        sql: of the partition, with its values.
        key: owner and date of the partition; views are read for these alone.

    Raises:
        SpymasterError: A file cannot be fetched, or is not what was landed.
    """
    owner, day = key
    named = list(named_in(sql, views))
    direct = {path for text in sql for path in _LANDED.findall(text)}
    own = {
        path
        for name in named
        for path in _LANDED.findall(views[name])
        if f"/symbol={owner}/" in path and f"/dt={day}/" in path
    }
    remote = sorted(path for path in direct | own if has_remote_records((lake.root / path).parent))
    if not remote:
        return NONE
    folder = lake.fetched / uuid.uuid4().hex
    below = lake.relative(folder)
    for path in remote:
        _fetch(lake, address, path, folder / path)
    moved = Records(str(folder), [(path, f"{below}/{path}") for path in remote], [], [])
    for name in named:
        text = moved.read_by(views[name])
        copied = [other for other in moved.names if re.search(_pattern(other), text)]
        if text == views[name] and not copied:
            continue
        moved.names.append(_quoted(name))
        for other in (*copied, _quoted(name)):
            text = re.sub(_pattern(other), _temporary(other), text)
        moved.views.append(re.sub(r"^CREATE VIEW", "create or replace temp view", text))
    moved.replaced.extend((name, _temporary(name)) for name in moved.names)
    return moved


@contextmanager
def records_at_hand(
    lake: Lake,
    address: str | None,
    connection: duckdb.DuckDBPyConnection,
    sql: Sequence[str],
    key: Sequence[str],
) -> Iterator[Records]:
    """Fetch the records of a partition for a while, with views of them on a connection."""
    if not lake.remote_bronze.exists():
        yield NONE
        return
    records = fetch_records(lake, address, views_of(connection), sql, key)
    try:
        for statement in records.views:
            connection.execute(statement)
        yield records
    finally:
        for name in records.temporary:
            connection.execute(f"drop view if exists {name}")
        remove_records(records.folder)


def remove_records(folder: str) -> None:
    """Remove the files of records; an empty name stands for none."""
    if folder:
        shutil.rmtree(folder, ignore_errors=True)


def views_of(connection: duckdb.DuckDBPyConnection) -> dict[Name, str]:
    """Return the views of a database: their statements by name."""
    return {(schema, name): sql for schema, name, sql in connection.execute(_VIEWS).fetchall()}


def _fetch(lake: Lake, address: str | None, path: str, target: Path) -> None:
    landed = lake.root / path
    if not address:
        raise SpymasterError(
            lake.remote_bronze.read_text(encoding="utf-8").strip(),
            f"{BRONZE.name} cannot be used: {BRONZE_VARIABLE} is not set, and records lie there",
        )
    manifest = json.loads(landed.with_name(MANIFEST_NAME).read_text(encoding="utf-8"))
    names = (folder.name.partition("=")[2] for folder in reversed(landed.parents[:4]))
    target.parent.mkdir(parents=True)
    storage_at(address).fetch(Partition(*names), PART_NAME, target, manifest)


def _quoted(name: Name) -> str:
    """Return a name as dbt writes it."""
    return f'"{name[0]}"."{name[1]}"'


def _temporary(quoted: str) -> str:
    """Return the name of the copy of a view, on one connection."""
    return f'"temp"."main".{quoted.partition(".")[2]}'


def _pattern(quoted: str) -> str:
    """Return the pattern of a name as dbt or DuckDB writes it."""
    schema, name = quoted.replace('"', "").split(".")
    return rf'(?<![\w."])(?:"?\w+"?\.)?"?{schema}"?\."?{name}"?(?![\w"])'
