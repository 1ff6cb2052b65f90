"""A lake copies what is small in its bronze storage, and fetches the records of a partition."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.manifest import (
    MANIFEST_NAME,
    PART_NAME,
    REMOTE_NAME,
    SUCCESS_NAME,
    has_remote_records,
    read_remote_manifest,
)
from spymaster_warehouse.build import build_and_publish
from spymaster_warehouse.build_settings import (
    BRONZE_VARIABLE,
)
from spymaster_warehouse.remote import records
from spymaster_warehouse.remote.mirror import mirror_bronze
from spymaster_warehouse.whole_files import require_landed
from support import lakes
from support.built_lakes import Raw
from support.object_store import BUCKET, SECRET, ObjectStore
from support.remote_bronze import (
    ADDRESS,
    FIRST,
    LANDED,
    SECOND,
    fetch,
    mbo,
    mirrored,
)


def test_small_tables_are_copied_and_records_are_not(remote_storage: Path, tmp_path: Path) -> None:
    lake = mirrored(tmp_path / "lake")
    require_landed(lake)
    for path in remote_storage.rglob(PART_NAME):
        copy = lake.root / "bronze" / path.relative_to(remote_storage)
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


def test_what_has_not_changed_is_left_alone(remote_storage: Path, tmp_path: Path) -> None:
    lake = mirrored(tmp_path / "lake")
    before = written(lake)
    mirror_bronze(lake)
    assert written(lake) == before
    (remote_storage / LANDED.format("future", lakes.ES, "mbo", SECOND) / SUCCESS_NAME).unlink()
    mirror_bronze(lake)
    # without its marker it is no partition
    assert not mbo(lake, SECOND).exists()
    assert mbo(lake).exists()


def written(lake: Lake) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in lake.bronze.rglob("*") if path.is_file()}


def test_landed_partitions_come_first(remote_storage: Path, landed: Lake, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    shutil.copytree(mbo(landed), mbo(lake))
    before = written(lake)
    mirrored(lake.root)
    assert before.items() <= written(lake).items()
    assert not (mbo(lake) / REMOTE_NAME).exists()
    shutil.rmtree(remote_storage / LANDED.format("future", lakes.ES, "mbo", FIRST))
    mirror_bronze(lake)
    assert before.items() <= written(lake).items()


def test_a_landing_replaces_a_copy(remote_storage: Path, raw: Raw, tmp_path: Path) -> None:
    lake = mirrored(tmp_path / "lake")
    lakes.land_raw(lake, raw.es[FIRST])
    assert not (mbo(lake) / REMOTE_NAME).exists()
    assert pq.read_metadata(mbo(lake) / PART_NAME).num_rows
    assert has_remote_records(mbo(lake, SECOND))


def test_a_remote_change_is_no_build_of_the_same(
    remote_storage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    builds = []
    monkeypatch.setattr(
        "spymaster_warehouse.build_steps.build_all", lambda *_, **__: builds.append(1) or ()
    )
    lake = Lake(tmp_path / "lake")
    for n_builds in (1, 1):
        build_and_publish(lake, (), command="spymaster build")
        assert len(builds) == n_builds
    manifest = remote_storage / LANDED.format("future", lakes.ES, "mbo", FIRST) / MANIFEST_NAME
    text = json.dumps(json.loads(manifest.read_text()) | {"notes": ["landed again"]})
    manifest.write_text(text)
    manifest.with_name(SUCCESS_NAME).write_text("")
    build_and_publish(lake, (), command="spymaster build")
    assert len(builds) == 2
    assert (mbo(lake) / MANIFEST_NAME).read_text() == text


def test_a_manifest_that_was_not_landed_is_refused(remote_storage: Path, tmp_path: Path) -> None:
    manifest = remote_storage / LANDED.format("future", lakes.ES, "mbo", FIRST) / MANIFEST_NAME
    manifest.write_text(manifest.read_text().replace("ESZ5", "ESH6"))
    with pytest.raises(SpymasterError, match=r"_MANIFEST\.json: .* this is not what was landed"):
        mirrored(tmp_path / "lake")
    assert not mbo(Lake(tmp_path / "lake")).exists()


def test_a_cut_off_file_is_named(remote_storage: Path, tmp_path: Path) -> None:
    lake = mirrored(tmp_path / "lake")
    part = remote_storage / LANDED.format("future", lakes.ES, "mbo", FIRST) / PART_NAME
    part.write_bytes(part.read_bytes()[:-7])
    with pytest.raises(SpymasterError, match=rf"{part}: .* it has \d+ bytes, its manifest says"):
        fetch(lake, str(remote_storage))
    part.unlink()
    with pytest.raises(SpymasterError, match=rf"{part}: .* a file is missing"):
        fetch(lake, str(remote_storage))


def test_records_of_a_lake_without_its_storage(remote_storage: Path, tmp_path: Path) -> None:
    lake = mirrored(tmp_path / "lake")
    with pytest.raises(SpymasterError, match=f"{remote_storage}: .* {BRONZE_VARIABLE} is not set"):
        fetch(lake, None)


def test_views_of_a_day_read_its_records(remote_storage: Path, tmp_path: Path) -> None:
    """Views over others are copied too, and others than those of the day stay as they are."""
    lake = mirrored(tmp_path / "lake")
    paths = [lake.relative(mbo(lake, day) / PART_NAME) for day in (FIRST, SECOND)]
    views = {
        ("bronze", "future_mbo"): f"CREATE VIEW bronze.future_mbo AS SELECT '{paths}';",
        ("steps", "book_records"): 'CREATE VIEW steps.book_records AS FROM bronze."future_mbo";',
        ("silver", "bars"): "CREATE VIEW silver.bars AS FROM elsewhere;",
    }
    sql = 'from "steps"."book_records", "silver"."bars", "steps"."book_records_too"'
    found = records.fetch_records(lake, str(remote_storage), views, [sql], (lakes.ES, str(FIRST)))
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
    remote_server: ObjectStore, tmp_path: Path, status: str, code: str, why: str
) -> None:
    lake = mirrored(tmp_path / "lake")
    remote_server.spoil = refusing(status, code)
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
    remote_server: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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


def test_a_busy_server_is_asked_again(remote_server: ObjectStore, tmp_path: Path) -> None:
    lake = mirrored(tmp_path / "lake")
    asked = []

    def busy(request: dict[str, Any]) -> tuple[str, str] | None:
        asked.append(request)
        return ("503 Slow Down", "SlowDown") if len(asked) <= 2 else None

    remote_server.spoil = busy
    found = fetch(lake, ADDRESS)
    assert len(asked) > 2
    assert pq.read_metadata(next(Path(found.folder).rglob(PART_NAME))).num_rows
    records.remove_records(found.folder)
    assert not list(lake.fetched.iterdir())
