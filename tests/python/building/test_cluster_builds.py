"""Workers of a Dask cluster give what dbt's own process gives, or one line when they are lost."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_warehouse.build_settings import CLUSTER_VARIABLE
from spymaster_warehouse.jobs import cluster as product
from spymaster_warehouse.jobs.job import BROKEN, Outcome
from spymaster_warehouse.store.address import STORE_VARIABLE
from spymaster_warehouse.store.store import ENTRY
from support import lakes
from support.built_lakes import Built
from support.dask_cluster import PATIENCE_S, DaskCluster, dask_cluster
from support.job_lakes import (
    FEW,
    JOB,
    PASSES,
    assert_same,
    build_by_workers,
    job_of,
    passes_recorded,
)
from support.spoiled_workers import spoil_workers

PRELOAD = ("--preload", "support.spoiled_workers")
ALONE = (*PRELOAD, "--no-nanny")
PASS_OF_BOOK = ("--select", f"+{PASSES}")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with dask_cluster(tmp_path_factory.mktemp("cluster"), 1) as running:
        yield running


@pytest.fixture(scope="module")
def full(
    cluster: DaskCluster,
    landed: Lake,
    inline_build: Built,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Return a store that one worker has filled, which gave what dbt's own process gives."""
    folder = tmp_path_factory.mktemp("full")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(STORE_VARIABLE, str(folder / "store"))
        lake = build_by_workers(landed, folder / "lake", CLUSTER_VARIABLE, cluster.address)
    assert_same(lake, inline_build)
    assert lakes.content_hashes(lake).keys() == inline_build.hashes.keys()
    return folder / "store"


def entries(store: Path) -> set[Path]:
    return {path.relative_to(store) for path in store.rglob(ENTRY)}


def test_three_workers_add_to_a_store_what_it_lacks(
    full: Path,
    cluster: DaskCluster,
    landed: Lake,
    inline_build: Built,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    store = tmp_path / "store"
    shutil.copytree(full, store)
    for entry in sorted(entries(store))[::2]:
        shutil.rmtree((store / entry).parent)
    monkeypatch.setenv(STORE_VARIABLE, str(store))
    cluster.add_workers(2)
    address = cluster.address
    lake = build_by_workers(landed, tmp_path / "lake", CLUSTER_VARIABLE, address)
    assert_same(lake, inline_build)
    assert entries(store) == entries(full)
    printed = capfd.readouterr()
    assert f"3 workers of {address}: " in printed.err
    assert "distributed" not in printed.out + printed.err


def test_another_worker_takes_the_job_of_a_killed_one(
    landed: Lake, inline_build: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil_workers(monkeypatch, "die_once", JOB, tmp_path)
    with dask_cluster(tmp_path / "cluster", 2, *PRELOAD) as running:
        root = tmp_path / "lake"
        lake = build_by_workers(landed, root, CLUSTER_VARIABLE, running.address, FEW)
    assert (tmp_path / "died").exists()
    assert_same(lake, inline_build)


def test_a_job_at_which_every_worker_hangs_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil_workers(monkeypatch, "hang", JOB)
    with dask_cluster(tmp_path / "cluster", 1, *PRELOAD) as running:
        executor = product.ClusterExecutor(running.address, 1)
        try:
            outcome = executor.submit(job_of(JOB)).result(PATIENCE_S)
        finally:
            executor.close()
    assert outcome == Outcome(
        BROKEN,
        f"{JOB}: 4 workers of {running.address} died at it, perhaps for lack of memory, or were "
        "ended for they needed longer than 1 s",
    )


def lost_at(
    job: str,
    running: DaskCluster,
    landed: Lake,
    folder: Path,
    capfd: pytest.CaptureFixture[str],
) -> str:
    """Build by a cluster that gets lost; return the only line that names the job."""
    with pytest.raises(SpymasterError, match="nothing was published"):
        build_by_workers(landed, folder / "lake", CLUSTER_VARIABLE, running.address, PASS_OF_BOOK)
    lake = Lake(folder / "lake")
    assert not lake.published.exists()
    assert not lake.inputs.exists()
    printed = capfd.readouterr()
    said = printed.out + printed.err
    assert "Traceback" not in said
    assert "distributed" not in said
    (line,) = {text.strip() for text in said.splitlines() if job in text}
    return line


def test_a_cluster_whose_workers_have_all_gone_is_given_up(
    landed: Lake,
    inline_build: Built,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The next build, by dbt's own process, goes on."""
    monkeypatch.setattr(product, "_WITHOUT_WORKERS_S", 0.5)
    monkeypatch.setattr(product, "_WATCH_S", 0.1)
    with monkeypatch.context() as patch:
        spoil_workers(patch, "die", JOB)
        with dask_cluster(tmp_path / "cluster", 1, *ALONE) as running:
            first = f"{PASSES} {lakes.CL} {lakes.DAYS[0]}"
            printed = lost_at("has no workers left", running, landed, tmp_path, capfd)
    remedy = "(run it again: it goes on from what is finished)"
    assert printed in {
        f"{job}: the scheduler at {running.address} has no workers left {remedy}"
        for job in (first, JOB)
    }
    lake = Lake(tmp_path / "lake")
    lakes.build_models(lake, *FEW)
    assert_same(lake, inline_build)


def test_a_lost_scheduler_ends_the_build(
    landed: Lake,
    inline_build: Built,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """It is killed while a worker does a job; the next build, with a new one, goes on."""
    folder = tmp_path / "cluster"
    with monkeypatch.context() as patch:
        spoil_workers(patch, "kill_scheduler", JOB, folder)
        with dask_cluster(folder, 1, *ALONE) as running:
            line = lost_at("was lost", running, landed, tmp_path, capfd)
    assert line == (
        f"{JOB}: the scheduler at {running.address} was lost "
        "(run it again: it goes on from what is finished)"
    )
    lake = Lake(tmp_path / "lake")
    with dask_cluster(tmp_path / "other", 1) as running:
        monkeypatch.setenv(CLUSTER_VARIABLE, running.address)
        lakes.build_models(lake, *FEW)
    assert_same(lake, inline_build)
    assert passes_recorded(lake) == passes_recorded(inline_build.lake)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("tcp://127.0.0.1:1", "tcp://127.0.0.1:1: the scheduler cannot be reached"),
        ("somewhere", "somewhere: is no address of a cluster"),
        ("tcp://user@host:1", "is no address of a cluster"),
        ("local:0", "local:0: the scheduler has no workers"),
    ],
)
def test_an_address_without_workers_is_refused(
    address: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(product, "_CONNECT_S", 1)
    with pytest.raises(SpymasterError, match=message):
        product.ClusterExecutor(address, 60)
