"""A store gives back what was added, whole and checked, from a folder and from a bucket."""

from __future__ import annotations

import datetime as dt
import json
import os
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest
from spymaster_ingest.durable import hash_file, read_hashes
from spymaster_ingest.errors import SpymasterError
from spymaster_warehouse.partitions import PartitionRecord
from spymaster_warehouse.store.key import StoreKey
from spymaster_warehouse.store.store import ENTRY, DamagedError, Store
from support.object_store import BUCKET, SECRET, ObjectStore, object_store

DAY = dt.date(2025, 10, 1)
RUNTIME = "0123456789abcdef"
KEY = StoreKey.of("bars", "symbol", "ESZ5", DAY, PartitionRecord("inputs", "code"), RUNTIME)


@pytest.fixture(scope="module")
def server() -> Iterator[ObjectStore]:
    with pytest.MonkeyPatch.context() as patch, object_store(patch) as served:
        yield served


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return Store(str(tmp_path / "store"))
    return bucket(request.getfixturevalue("server"))


def bucket(server: ObjectStore) -> Store:
    server.spoil = lambda _: None
    return Store(f"s3://{BUCKET}/{uuid.uuid4().hex}")


def built(folder: Path, content: bytes = b"rows of a day") -> dict[str, Path]:
    folder.mkdir(exist_ok=True)
    (folder / "bars.parquet").write_bytes(content)
    (folder / "rows.parquet").write_bytes(b"")
    return {"bars": folder / "bars.parquet", "rows": folder / "rows.parquet"}


def places(folder: Path) -> dict[str, Path]:
    return {name: folder / "taken" / f"{name}.parquet" for name in ("bars", "rows")}


def overwrite(store: Store, name: str, content: bytes) -> None:
    """Replace a file of the partition, as damage does."""
    if not store.address.startswith("s3://"):
        [path] = Path(store.address, KEY.folder).glob(name)
        path.write_bytes(content)
        return
    client = boto3.client("s3", endpoint_url=endpoint())
    prefix = f"{store.address.removeprefix(f's3://{BUCKET}/')}/{KEY.folder}/"
    found = client.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]
    [path] = (row["Key"] for row in found if Path(row["Key"]).match(name))
    client.put_object(Bucket=BUCKET, Key=path, Body=content)


def endpoint() -> str:
    return os.environ["AWS_ENDPOINT_URL"]


def test_what_was_added_is_taken_with_its_hashes(store: Store, tmp_path: Path) -> None:
    assert not store.take(KEY, places(tmp_path))
    assert store.add(KEY, built(tmp_path / "built"))
    assert store.take(KEY, places(tmp_path))
    for name, path in built(tmp_path / "built").items():
        taken = places(tmp_path)[name]
        assert taken.read_bytes() == path.read_bytes()
        assert len(read_hashes(hash_file(taken), taken.name)) == 1
    assert list(store.partitions()) == [KEY]


def test_a_partition_is_written_once(store: Store, tmp_path: Path) -> None:
    assert store.add(KEY, built(tmp_path / "first", b"first"))
    assert not store.add(KEY, built(tmp_path / "second", b"second"))
    store.take(KEY, places(tmp_path))
    assert places(tmp_path)["bars"].read_bytes() == b"first"


def test_another_version_or_runtime_is_another_partition(store: Store, tmp_path: Path) -> None:
    store.add(KEY, built(tmp_path / "built"))
    record = PartitionRecord("inputs", "other code")
    for other in (
        StoreKey.of("bars", "symbol", "ESZ5", DAY, record, RUNTIME),
        KEY._replace(runtime="f" * 16),
        KEY._replace(dt=DAY + dt.timedelta(1)),
        KEY._replace(owner="ESH6"),
    ):
        assert not store.take(other, places(tmp_path))


def test_an_entry_without_files_says_that_rows_passed(store: Store) -> None:
    assert store.add(KEY, {})
    assert store.take(KEY, {})


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"rows of a d", "has 11 bytes, not 13"), (b"rows of a dax", "is not what was written")],
    ids=["cut off", "a byte changed"],
)
def test_a_damaged_file_is_named_left_alone_and_not_taken(
    store: Store, tmp_path: Path, content: bytes, why: str
) -> None:
    store.add(KEY, built(tmp_path / "built"))
    overwrite(store, "bars-*.parquet", content)
    for _ in range(2):
        with pytest.raises(DamagedError, match=rf"bars-\w+\.parquet {why}"):
            store.take(KEY, places(tmp_path))
    assert not list((tmp_path / "taken").iterdir())


def test_a_foreign_entry_is_not_taken(store: Store, tmp_path: Path) -> None:
    store.add(KEY, built(tmp_path / "built"))
    other = KEY._replace(owner="NQZ5").folder
    overwrite(store, ENTRY, json.dumps({"key": other, "files": {}}).encode())
    with pytest.raises(DamagedError, match="is the entry of bars/symbol=NQZ5"):
        store.take(KEY, places(tmp_path))
    elsewhere = {"path": "../../secret", "size": 1, "sha256": ""}
    text = json.dumps({"key": KEY.folder, "files": {"bars": elsewhere}})
    overwrite(store, ENTRY, text.encode())
    with pytest.raises(DamagedError, match="lists files elsewhere"):
        store.take(KEY, places(tmp_path))
    overwrite(store, ENTRY, b"{")
    with pytest.raises(DamagedError, match="is no entry of a store"):
        store.take(KEY, places(tmp_path))
    overwrite(store, ENTRY, json.dumps({"key": KEY.folder, "files": {}}).encode())
    with pytest.raises(DamagedError, match="lists other files"):
        store.take(KEY, places(tmp_path))


def test_two_builds_add_one_partition_at_once(store: Store, tmp_path: Path) -> None:
    """Whichever comes first, the files are those that the entry lists."""
    builds = [built(tmp_path / str(number), bytes([number]) * 100) for number in range(8)]
    with ThreadPoolExecutor(len(builds)) as pool:
        list(pool.map(lambda files: store.add(KEY, files), builds))
    assert store.take(KEY, places(tmp_path))
    assert places(tmp_path)["bars"].read_bytes() in [files["bars"].read_bytes() for files in builds]


def test_a_partition_goes_to_another_store(store: Store, tmp_path: Path) -> None:
    store.add(KEY, built(tmp_path / "built"))
    other = Store(str(tmp_path / "other"))
    assert store.copy_to(other, KEY, tmp_path / "scratch")
    assert not store.copy_to(other, KEY, tmp_path / "scratch")
    assert other.take(KEY, places(tmp_path))


def test_a_removed_partition_is_gone(store: Store, tmp_path: Path) -> None:
    store.add(KEY, built(tmp_path / "built"))
    store.remove(KEY)
    assert not store.has(KEY)
    assert list(store.partitions()) == []


def test_an_interrupted_upload_leaves_nothing_visible(server: ObjectStore, tmp_path: Path) -> None:
    store = bucket(server)
    server.spoil = lambda request: (
        ("400 Bad Request", "RequestTimeout")
        if "entry.json" in request["PATH_INFO"] and request["REQUEST_METHOD"] != "HEAD"
        else None
    )
    with pytest.raises(SpymasterError, match="the store cannot be used"):
        store.add(KEY, built(tmp_path / "built"))
    server.spoil = lambda _: None
    assert not store.has(KEY)
    assert not store.take(KEY, places(tmp_path))
    assert store.add(KEY, built(tmp_path / "built"))
    assert store.take(KEY, places(tmp_path))


def test_a_server_that_asks_to_slow_down_twice_is_asked_again(
    server: ObjectStore, tmp_path: Path
) -> None:
    store = bucket(server)
    left = [1, 1]
    server.spoil = lambda _: ("503 Slow Down", "SlowDown") if left and left.pop() else None
    assert store.add(KEY, built(tmp_path / "built"))
    assert not left
    left += [1, 1]
    assert store.take(KEY, places(tmp_path))
    assert not left


@pytest.mark.parametrize(
    ("status", "code", "why"),
    [
        ("403 Forbidden", "AccessDenied", "access is denied"),
        ("400 Bad Request", "ExpiredToken", "the credentials have expired"),
        ("403 Forbidden", "SignatureDoesNotMatch", "the secret key is wrong"),
    ],
)
def test_refused_credentials_give_one_line_without_them(
    server: ObjectStore, tmp_path: Path, status: str, code: str, why: str
) -> None:
    store = bucket(server)
    server.spoil = lambda _: (status, code)
    for call in (
        store.require_access,
        lambda: store.take(KEY, places(tmp_path)),
        lambda: store.add(KEY, built(tmp_path / "built")),
    ):
        with pytest.raises(SpymasterError) as caught:
            call()
        line = str(caught.value)
        assert store.address in line
        # an answer without a body says less
        said = (why,) if call is store.require_access else (why, "denied", "the server refuses")
        assert any(text in line for text in said)
        assert SECRET not in line
        assert "\n" not in line


def test_a_bucket_that_is_not_there_gives_one_line(server: ObjectStore) -> None:
    server.spoil = lambda _: None
    with pytest.raises(SpymasterError, match=r"nowhere-at-all.*there is no such bucket"):
        Store("s3://nowhere-at-all/x").require_access()


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("s3://key:secret@bucket/x", "holds credentials"),
        ("gs://bucket/x", "is no address of a store"),
        ("s3:///x", "is no address of a store"),
    ],
)
def test_an_address_that_names_no_store_is_refused(address: str, why: str) -> None:
    with pytest.raises(SpymasterError, match=why) as caught:
        Store(address)
    assert "secret@" not in str(caught.value)


def test_a_file_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SpymasterError, match="not a directory"):
        Store(str(tmp_path / "file"))


@pytest.mark.parametrize(
    "folder",
    [
        "bars",
        "bars/symbol=ESZ5/dt=2025-10-01",
        "bars/symbol=ESZ5/dt=2025-13-01/" + "0" * 32 + "-" + RUNTIME,
        "../symbol=ESZ5/dt=2025-10-01/" + "0" * 32 + "-" + RUNTIME,
    ],
)
def test_other_folders_are_no_partitions(folder: str) -> None:
    assert StoreKey.parse(folder) is None
    assert StoreKey.parse(KEY.folder) == KEY
