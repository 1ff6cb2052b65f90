"""A lake whose records lie in a folder or a bucket is built as one that holds them."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
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
from spymaster_ingest.landing.manifest import (
    MANIFEST_NAME,
    PART_NAME,
    REMOTE_NAME,
    SUCCESS_NAME,
    has_remote_records,
    read_remote_manifest,
)
from spymaster_ingest.landing.table_schemas import TABLES
from spymaster_warehouse.build import build_and_publish
from spymaster_warehouse.build_settings import (
    BRONZE_VARIABLE,
    THREADS_VARIABLE,
    WORKERS_VARIABLE,
)
from spymaster_warehouse.remote import records
from spymaster_warehouse.remote.mirror import mirror_bronze
from spymaster_warehouse.remote.storage import BronzeStorage
from spymaster_warehouse.whole_files import require_landed
from support import lakes
from support.built_lakes import Raw
from support.explain_lake import VARIABLES, request, rows
from support.object_store import BUCKET, SECRET, ObjectStore, object_store
from support.parsed_project import parsed_project

# a kernel over a file, a query of a file, and a query of views over all files
MODELS = ("--select", "+recording_gaps", "+contract_session_trades")
TRADES = ("--select", "+contract_session_trades")
FIRST, SECOND = lakes.DAYS[:2]
# views of records for readers, which have none of a remote day
KEPT_VIEWS = {"book_records", "option_quote_trades"}
LANDED = "source=databento/product_type={}/symbol={}/table={}/dt={}"
_LANDED_TABLE = re.compile(r"read_landed_table\('(\w+)', '(\w+)'")
ADDRESS = f"s3://{BUCKET}/bronze"


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


@pytest.fixture
def storage(landed: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the landed partitions, at which the environment points."""
    folder = tmp_path / "storage"
    shutil.copytree(landed.root / "bronze", folder)
    monkeypatch.setenv(BRONZE_VARIABLE, str(folder))
    return folder


@pytest.fixture(scope="module")
def filled(landed: Lake) -> Iterator[ObjectStore]:
    """Serve a bucket with the landed partitions."""
    with pytest.MonkeyPatch.context() as patch, object_store(patch) as server:
        client = boto3.client("s3", endpoint_url=server.endpoint)
        for path in (landed.root / "bronze").rglob("*"):
            if path.is_file():
                key = f"bronze/{path.relative_to(landed.root / 'bronze').as_posix()}"
                client.put_object(Bucket=BUCKET, Key=key, Body=path.read_bytes())
        yield server


@pytest.fixture
def server(filled: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """Return the server with nothing spoiled; the environment points at its bucket."""
    filled.spoil = lambda _: None
    monkeypatch.setenv(BRONZE_VARIABLE, ADDRESS)
    return filled


def mirrored(root: Path) -> Lake:
    lake = Lake(root)
    lake.make_root()
    mirror_bronze(lake)
    return lake


def mbo(lake: Lake, day: Any = FIRST) -> Path:
    return lake.bronze_partition("future", lakes.ES, "mbo", day)


def fetch(lake: Lake, address: str | None) -> records.Records:
    """Fetch the orders of the first day, as the engine names them."""
    path = lake.relative(mbo(lake) / PART_NAME)
    return records.fetch_records(lake, address, {}, [f"'{path}'"], (lakes.ES, str(FIRST)))


def test_a_build_gives_what_local_bronze_gives(
    storage: Path,
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
    shutil.rmtree(storage / "source=databento/product_type=future" / f"symbol={lakes.CL}")
    land_again(raw, tmp_path, storage)
    mirror_bronze(lake)
    lakes.build_models(lake, *MODELS)
    assert {folder.split("/dt=")[1] for folder in fetched} == {str(SECOND)}
    after = lakes.engine_files(lake)
    kept = {path for path in before if lakes.ES in path and str(FIRST) in path}
    assert kept and {path: before[path] for path in kept} == {path: after[path] for path in kept}
    added = after.keys() - before.keys()
    assert added and all(str(SECOND) in path for path in added)
    assert not any(row[1] == lakes.CL for row in lakes.partition_state(lake))


def land_again(raw: Raw, folder: Path, storage: Path) -> None:
    """Replace the second day of the storage by other records."""
    other = Lake(folder / "other")
    lakes.land_raw(other, raw.changed)
    shutil.copytree(other.root / "bronze", storage, dirs_exist_ok=True)


def test_workers_fetch_from_a_bucket(
    server: ObjectStore,
    plain: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(WORKERS_VARIABLE, "2")
    lake = mirrored(tmp_path / "lake")
    lakes.build_models(lake, *MODELS)
    assert hashes(lake) == plain
    assert not lake.inputs.exists()
    assert not any(line.startswith(("PUT ", "POST ", "DELETE ")) for line in server.requests[-50:])


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
    storage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = mirrored(tmp_path / "lake")
    folder = storage / LANDED.format("future", lakes.ES, "trades", FIRST)
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


def test_small_tables_are_copied_and_records_are_not(storage: Path, tmp_path: Path) -> None:
    lake = mirrored(tmp_path / "lake")
    require_landed(lake)
    for path in storage.rglob(PART_NAME):
        copy = lake.root / "bronze" / path.relative_to(storage)
        assert copy.with_name(MANIFEST_NAME).read_bytes() == (
            path.with_name(MANIFEST_NAME).read_bytes()
        )
        assert pq.read_schema(copy).equals(pq.read_schema(path), check_metadata=True)
        if "table=instrument_definitions" in str(path):
            assert copy.read_bytes() == path.read_bytes()
            assert not has_remote_records(copy.parent)
        else:
            assert read_remote_manifest(copy.parent)
            assert not pq.read_metadata(copy).num_rows


def test_what_has_not_changed_is_left_alone(storage: Path, tmp_path: Path) -> None:
    lake = mirrored(tmp_path / "lake")
    before = written(lake)
    mirror_bronze(lake)
    assert written(lake) == before
    (storage / LANDED.format("future", lakes.ES, "mbo", SECOND) / SUCCESS_NAME).unlink()
    mirror_bronze(lake)
    # without its marker it is no partition
    assert not mbo(lake, SECOND).exists()
    assert mbo(lake).exists()


def written(lake: Lake) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in lake.bronze.rglob("*") if path.is_file()}


def test_landed_partitions_come_first(storage: Path, landed: Lake, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    shutil.copytree(mbo(landed), mbo(lake))
    before = written(lake)
    mirrored(lake.root)
    assert before.items() <= written(lake).items()
    assert not (mbo(lake) / REMOTE_NAME).exists()
    shutil.rmtree(storage / LANDED.format("future", lakes.ES, "mbo", FIRST))
    mirror_bronze(lake)
    assert before.items() <= written(lake).items()


def test_a_landing_replaces_a_copy(storage: Path, raw: Raw, tmp_path: Path) -> None:
    lake = mirrored(tmp_path / "lake")
    lakes.land_raw(lake, raw.es[FIRST])
    assert not (mbo(lake) / REMOTE_NAME).exists()
    assert pq.read_metadata(mbo(lake) / PART_NAME).num_rows
    assert has_remote_records(mbo(lake, SECOND))


def test_a_remote_change_is_no_build_of_the_same(
    storage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    builds = []
    monkeypatch.setattr(
        "spymaster_warehouse.build_steps.build_all", lambda *_, **__: builds.append(1) or ()
    )
    lake = Lake(tmp_path / "lake")
    for n_builds in (1, 1):
        build_and_publish(lake, (), command="spymaster build")
        assert len(builds) == n_builds
    manifest = storage / LANDED.format("future", lakes.ES, "mbo", FIRST) / MANIFEST_NAME
    text = json.dumps(json.loads(manifest.read_text()) | {"notes": ["landed again"]})
    manifest.write_text(text)
    manifest.with_name(SUCCESS_NAME).write_text("")
    build_and_publish(lake, (), command="spymaster build")
    assert len(builds) == 2
    assert (mbo(lake) / MANIFEST_NAME).read_text() == text


def test_a_manifest_that_was_not_landed_is_refused(storage: Path, tmp_path: Path) -> None:
    manifest = storage / LANDED.format("future", lakes.ES, "mbo", FIRST) / MANIFEST_NAME
    manifest.write_text(manifest.read_text().replace("ESZ5", "ESH6"))
    with pytest.raises(SpymasterError, match=r"_MANIFEST\.json: .* this is not what was landed"):
        mirrored(tmp_path / "lake")
    assert not mbo(Lake(tmp_path / "lake")).exists()


def test_a_cut_off_file_is_named(storage: Path, tmp_path: Path) -> None:
    lake = mirrored(tmp_path / "lake")
    part = storage / LANDED.format("future", lakes.ES, "mbo", FIRST) / PART_NAME
    part.write_bytes(part.read_bytes()[:-7])
    with pytest.raises(SpymasterError, match=rf"{part}: .* it has \d+ bytes, its manifest says"):
        fetch(lake, str(storage))
    part.unlink()
    with pytest.raises(SpymasterError, match=rf"{part}: .* a file is missing"):
        fetch(lake, str(storage))


def test_records_of_a_lake_without_its_storage(storage: Path, tmp_path: Path) -> None:
    lake = mirrored(tmp_path / "lake")
    with pytest.raises(SpymasterError, match=f"{storage}: .* {BRONZE_VARIABLE} is not set"):
        fetch(lake, None)


def test_views_of_a_day_read_its_records(storage: Path, tmp_path: Path) -> None:
    """Views over others are copied too, and others than those of the day stay as they are."""
    lake = mirrored(tmp_path / "lake")
    paths = [lake.relative(mbo(lake, day) / PART_NAME) for day in (FIRST, SECOND)]
    views = {
        ("bronze", "future_mbo"): f"CREATE VIEW bronze.future_mbo AS SELECT '{paths}';",
        ("steps", "book_records"): 'CREATE VIEW steps.book_records AS FROM bronze."future_mbo";',
        ("silver", "bars"): "CREATE VIEW silver.bars AS FROM elsewhere;",
    }
    sql = 'from "steps"."book_records", "silver"."bars", "steps"."book_records_too"'
    found = records.fetch_records(lake, str(storage), views, [sql], (lakes.ES, str(FIRST)))
    assert [path.parent.name for path in Path(found.folder).rglob(PART_NAME)] == [f"dt={FIRST}"]
    assert found.views == [
        'create or replace temp view "temp"."main"."future_mbo" AS SELECT '
        f"'{[f'{lake.relative(Path(found.folder))}/{paths[0]}', paths[1]]}';",
        'create or replace temp view "temp"."main"."book_records" AS '
        'FROM "temp"."main"."future_mbo";',
    ]
    assert found.read_by(sql) == (
        'from "temp"."main"."book_records", "silver"."bars", "steps"."book_records_too"'
    )


def test_only_partitions_of_a_contract_and_day_read_records() -> None:
    """Anything else, also a data test, would find no records of a remote day."""
    manifest = parsed_project()
    assert manifest is not None
    manifest.build_parent_and_child_maps()
    # views of records, and views of those: a partition reads them with its records
    views = {
        unique_id
        for unique_id, node in manifest.nodes.items()
        if any(TABLES[key].has_records for key in _LANDED_TABLE.findall(node.raw_code))
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
    storage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
    assert f"the records lie in the bronze storage {storage}, not in this lake" in str(
        done.exception
    )


def refusing(status: str, code: str) -> Callable[[dict[str, Any]], tuple[str, str]]:
    return lambda _: (status, code)


@pytest.mark.parametrize(
    ("status", "code", "why"),
    [
        ("403 Forbidden", "AccessDenied", "access is denied"),
        ("400 Bad Request", "ExpiredToken", "the credentials have expired"),
    ],
)
def test_a_bucket_that_refuses_is_named_in_one_line(
    server: ObjectStore, tmp_path: Path, status: str, code: str, why: str
) -> None:
    lake = mirrored(tmp_path / "lake")
    server.spoil = refusing(status, code)
    for begin in (
        lambda: build_and_publish(lake, (), command="build"),
        lambda: fetch(lake, ADDRESS),
    ):
        with pytest.raises(SpymasterError) as refused:
            begin()
        said = str(refused.value)
        # an answer to a question for the head of a file names no error of its own
        assert re.search(f"the bronze storage cannot be used: ({why}|the server refuses)", said)
        assert ADDRESS in said
        assert SECRET not in said
        assert "\n" not in said
    assert not lake.published.exists()


def test_addresses_without_partitions(
    server: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = mirrored(tmp_path / "lake")
    before = written(lake)
    for address, why in (
        (f"s3://{BUCKET}/elsewhere", "holds no landed partition"),
        ("s3://not-there/bronze", "there is no such bucket"),
        (str(tmp_path / "nowhere"), "holds no landed partition"),
        ("s3://key:secret@bucket", "its address holds credentials"),
        ("ftp://bucket", "is no address of a bronze storage"),
    ):
        monkeypatch.setenv(BRONZE_VARIABLE, address)
        with pytest.raises(SpymasterError, match=why) as refused:
            mirror_bronze(lake)
        assert "key:secret" not in str(refused.value)
    assert written(lake) == before


def test_a_busy_server_is_asked_again(server: ObjectStore, tmp_path: Path) -> None:
    lake = mirrored(tmp_path / "lake")
    asked = []

    def busy(request: dict[str, Any]) -> tuple[str, str] | None:
        asked.append(request)
        return ("503 Slow Down", "SlowDown") if len(asked) <= 2 else None

    server.spoil = busy
    found = fetch(lake, ADDRESS)
    assert len(asked) > 2
    assert pq.read_metadata(next(Path(found.folder).rglob(PART_NAME))).num_rows
    records.remove_records(found.folder)
    assert not list(lake.fetched.iterdir())
