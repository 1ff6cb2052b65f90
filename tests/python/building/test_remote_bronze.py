"""A lake whose records lie in a folder or a bucket is built as one that holds them."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from spymaster.cli import cli
from spymaster.explain import explain_cell
from spymaster.published import open_published
from spymaster.status.read import read_status
from spymaster.verify import verify
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from spymaster_ingest.landing.landed_tables import TABLES, has_records
from spymaster_ingest.landing.manifest import (
    PART_NAME,
)
from spymaster_warehouse.build_settings import (
    BRONZE_VARIABLE,
    THREADS_VARIABLE,
    WORKERS_VARIABLE,
)
from spymaster_warehouse.remote.mirror import mirror_bronze
from spymaster_warehouse.remote.storage import BronzeStorage
from support import lakes
from support.built_lakes import Raw
from support.explain_lake import VARIABLES, request, rows
from support.object_store import ObjectStore
from support.parsed_project import parsed_project
from support.remote_bronze import (
    FIRST,
    LANDED,
    SECOND,
    mbo,
    mirrored,
)

# a kernel over a file, a query of a file, and a query of views over all files
MODELS = ("--select", "+recording_gaps", "+contract_session_trades")
TRADES = ("--select", "+contract_session_trades")
# views of records for readers, which have none of a remote day
KEPT_VIEWS = {"book_records", "option_quote_trades"}
_LANDED_TABLE = re.compile(r"read_landed_table\('(\w+)', '(\w+)'")


@pytest.fixture(scope="module")
def plain(landed: Lake, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    lake = lakes.landed_copy(landed, tmp_path_factory.mktemp("plain") / "lake")
    lakes.build_models(lake, *MODELS)
    return hashes(lake)


def hashes(lake: Lake) -> dict[str, str]:
    return {
        name: content
        for name, content in lakes.content_hashes(lake).items()
        if name not in KEPT_VIEWS
    }


def test_a_build_gives_what_local_bronze_gives(
    remote_storage: Path,
    plain: dict[str, str],
    raw: Raw,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Records are fetched for a partition at a time; only a changed day is built again."""
    monkeypatch.setenv(THREADS_VARIABLE, "1")
    fetched: Counter[str] = Counter()
    take = BronzeStorage.fetch

    def counted(self: BronzeStorage, partition: Any, name: str, target: Path, *rest: Any) -> None:
        if target.is_relative_to(lake.fetched):
            fetched[partition.folder] += 1
        take(self, partition, name, target, *rest)
        there = {path.parent.name for path in lake.fetched.rglob(PART_NAME)}
        assert len(there) <= 1, there

    monkeypatch.setattr(BronzeStorage, "fetch", counted)
    lake = Lake(tmp_path / "lake")
    mirrored(lake.root)
    lakes.build_models(lake, *MODELS)
    assert hashes(lake) == plain
    tables = Counter({folder.split("/")[2]: n for folder, n in fetched.items()})
    assert tables == {"table=mbo": 2, "table=trades": 1}
    assert not lake.inputs.exists()
    assert not pq.read_metadata(mbo(lake) / PART_NAME).num_rows

    fetched.clear()
    before = lakes.engine_files(lake)
    shutil.rmtree(remote_storage / "source=databento/product_type=future" / f"symbol={lakes.CL}")
    land_again(raw, tmp_path, remote_storage)
    mirror_bronze(lake)
    lakes.build_models(lake, *MODELS)
    assert {folder.split("/dt=")[1] for folder in fetched} == {str(SECOND)}
    after = lakes.engine_files(lake)
    kept = {path for path in before if lakes.ES in path and str(FIRST) in path}
    assert kept and {path: before[path] for path in kept} == {path: after[path] for path in kept}
    added = after.keys() - before.keys()
    assert added and all(str(SECOND) in path for path in added)
    assert not any(row[1] == lakes.CL for row in lakes.partition_state(lake))


def land_again(raw: Raw, folder: Path, remote_storage: Path) -> None:
    """Replace the second day of the storage by other records."""
    other = Lake(folder / "other")
    lakes.land_raw(other, raw.changed)
    shutil.copytree(other.root / "bronze", remote_storage, dirs_exist_ok=True)


def test_workers_fetch_from_a_bucket(
    remote_server: ObjectStore,
    plain: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(WORKERS_VARIABLE, "2")
    remote_server.requests.clear()
    lake = mirrored(tmp_path / "lake")
    lakes.build_models(lake, *MODELS)
    assert hashes(lake) == plain
    assert not lake.inputs.exists()
    assert {line.split()[0] for line in remote_server.requests} <= {"GET", "HEAD"}


def test_options_are_the_same(
    explained: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their trades are read through views, and some of these through others."""
    monkeypatch.setenv(BRONZE_VARIABLE, str(explained.root / "bronze"))
    lake = mirrored(tmp_path / "lake")
    lakes.build_models(lake, "--select", "+gex_surface_1s", **VARIABLES)
    local = lakes.content_hashes(explained)
    found = hashes(lake)
    assert {"gex_surface_1s", "option_book_1s", "book_snapshot_1s"} <= found.keys()
    assert found == {name: local[name] for name in found}
    with open_published(lake) as connection:
        for relation, column in (
            ("gex_surface_1s", "net_flow_gex"),
            ("book_snapshot_1s", "trade_count"),
        ):
            [row] = rows(connection, f"from silver.{relation} where {column} != 0 limit 1")
            cell = explain_cell(connection, request(f"silver.{relation}", column, row))
            assert cell["recomputed"] == {"value": None, "equal": None}
            assert any("the records lie in the bronze storage" in note for note in cell["notes"])


def test_a_damaged_file_ends_the_build_in_one_line(
    remote_storage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = mirrored(tmp_path / "lake")
    folder = remote_storage / LANDED.format("future", lakes.ES, "trades", FIRST)
    content = bytearray((folder / PART_NAME).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / PART_NAME).write_bytes(content)
    with pytest.raises(SpymasterError) as refused:
        lakes.build_models(lake, *TRADES)
    assert str(folder / PART_NAME) in str(refused.value)
    assert "its sha256 is not the manifest's" in str(refused.value)
    assert "nothing was published" in str(refused.value)
    assert not lake.published.exists()
    assert not lake.fetched.exists()


def test_only_partitions_of_a_contract_and_day_read_records() -> None:
    """Anything else, also a data test, would find no records of a remote day."""
    manifest = parsed_project()
    assert manifest is not None
    manifest.build_parent_and_child_maps()
    # views of records, and views of those: a partition reads them with its records
    views = {
        unique_id
        for unique_id, node in manifest.nodes.items()
        if any(has_records(TABLES[key]) for key in _LANDED_TABLE.findall(node.raw_code))
    }
    assert len(views) == 8
    n_partitioned = 0
    waiting = list(views)
    while waiting:
        for child in manifest.child_map[waiting.pop()]:
            node = manifest.nodes.get(child)
            if node is None or child in views:
                # an exposure or a unit test reads no lake
                continue
            if node.config.materialized == "view":
                views.add(child)
                waiting.append(child)
                continue
            assert node.config.materialized == "partitioned", child
            assert node.config.get("storage") != "view", child
            assert node.config.meta["partition_by"] == ["symbol", "dt"], child
            n_partitioned += 1
    assert n_partitioned > 8


def test_commands_say_where_the_records_lie(
    remote_storage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = mirrored(tmp_path / "lake")
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    status = read_status(lake)
    assert not status.unreadable
    assert Counter(partition.is_remote for partition in status.landed) == {True: 6, False: 3}
    done = CliRunner().invoke(cli, ["status"])
    assert "the records of 6 partitions lie in the bronze storage" in done.output
    assert verify(lake).ok
    done = CliRunner().invoke(cli, ["book", "--symbol", lakes.ES, "--at", f"{FIRST}T00:05:00"])
    assert done.exit_code == 1
    assert f"the records lie in the bronze storage {remote_storage}, not in this lake" in str(
        done.exception
    )
