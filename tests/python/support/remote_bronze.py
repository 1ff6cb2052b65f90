"""Landed partitions in a folder or a bucket outside of a lake, and lakes with copies of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.manifest import PART_NAME
from spymaster_warehouse.build_settings import BRONZE_VARIABLE
from spymaster_warehouse.remote import records
from spymaster_warehouse.remote.mirror import mirror_bronze

from support import lakes
from support.object_store import BUCKET, ObjectStore, object_store

FIRST, SECOND = lakes.DAYS[:2]
LANDED = "source=databento/product_type={}/symbol={}/table={}/dt={}"
ADDRESS = f"s3://{BUCKET}/bronze"


@pytest.fixture
def remote_storage(landed: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the landed partitions, at which the environment points."""
    folder = tmp_path / "storage"
    shutil.copytree(landed.root / "bronze", folder)
    monkeypatch.setenv(BRONZE_VARIABLE, str(folder))
    return folder


@pytest.fixture(scope="module")
def remote_bucket(landed: Lake) -> Iterator[ObjectStore]:
    """Serve a bucket with the landed partitions."""
    with pytest.MonkeyPatch.context() as patch, object_store(patch) as server:
        client = boto3.client("s3", endpoint_url=server.endpoint)
        for path in (landed.root / "bronze").rglob("*"):
            if path.is_file():
                key = f"bronze/{path.relative_to(landed.root / 'bronze').as_posix()}"
                client.put_object(Bucket=BUCKET, Key=key, Body=path.read_bytes())
        yield server


@pytest.fixture
def remote_server(remote_bucket: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """Return the server with nothing spoiled; the environment points at its bucket."""
    remote_bucket.spoil = lambda _: None
    monkeypatch.setenv(BRONZE_VARIABLE, ADDRESS)
    return remote_bucket


def mirrored(root: Path) -> Lake:
    """Return a new lake with copies of the bronze storage of the environment."""
    lake = Lake(root)
    lake.make_root()
    mirror_bronze(lake)
    return lake


def mbo(lake: Lake, day: Any = FIRST) -> Path:
    """Return the directory of a day's orders of ES."""
    return lake.bronze_partition("future", lakes.ES, "mbo", day)


def fetch(lake: Lake, address: str | None) -> records.Records:
    """Fetch the orders of the first day, as the engine names them."""
    path = lake.relative(mbo(lake) / PART_NAME)
    return records.fetch_records(lake, address, {}, [f"'{path}'"], (lakes.ES, str(FIRST)))
