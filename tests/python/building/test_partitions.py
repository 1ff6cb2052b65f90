"""Which partitions are rebuilt, and the names of their files, on cases made by hand."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from spymaster_engine.door import KERNELS
from spymaster_warehouse.partition_functions import plan_partitions
from spymaster_warehouse.partitions import (
    BUILD,
    FORGET,
    KEEP,
    WAIT,
    Key,
    PartitionRecord,
    PartitionStep,
    WantedPartition,
    checksum_of,
    file_of,
    fingerprint_of,
    plan,
    version_of,
)

MONDAY, TUESDAY = dt.date(2025, 10, 6), dt.date(2025, 10, 7)
KEY = ("ESZ5", MONDAY)
BUILT = PartitionRecord("inputs", "code")


def is_there(_key: Key, _record: PartitionRecord) -> bool:
    return True


def is_missing(_key: Key, _record: PartitionRecord) -> bool:
    return False


@pytest.mark.parametrize(
    ("wanted", "recorded", "checksum", "there", "action", "reason", "record"),
    [
        (WantedPartition("inputs", True), BUILT, "code", is_there, KEEP, "", BUILT),
        (WantedPartition("inputs", True), None, "code", is_there, BUILD, "new", BUILT),
        (
            WantedPartition("others", True),
            BUILT,
            "code",
            is_there,
            BUILD,
            "input",
            PartitionRecord("others", "code"),
        ),
        (
            WantedPartition("inputs", True),
            BUILT,
            "other",
            is_there,
            BUILD,
            "code",
            PartitionRecord("inputs", "other"),
        ),
        (WantedPartition("inputs", True), BUILT, "code", is_missing, BUILD, "file", BUILT),
        (None, BUILT, "code", is_there, FORGET, "vanished", None),
        (None, BUILT, "code", is_missing, FORGET, "vanished", None),
        # not selected: the partition keeps its file
        (WantedPartition("inputs", False), BUILT, "code", is_there, KEEP, "", BUILT),
        (WantedPartition("others", False), BUILT, "code", is_there, KEEP, "input", BUILT),
        (WantedPartition("inputs", False), BUILT, "other", is_there, KEEP, "code", BUILT),
        (WantedPartition("inputs", False), None, "code", is_there, WAIT, "new", None),
        (WantedPartition("inputs", False), BUILT, "code", is_missing, FORGET, "file", None),
    ],
)
def test_a_partition_is_built_when_it_differs_from_its_record(
    wanted: WantedPartition | None,
    recorded: PartitionRecord | None,
    checksum: str,
    there: object,
    action: str,
    reason: str,
    record: PartitionRecord | None,
) -> None:
    steps = plan(
        {KEY: wanted} if wanted else {}, {KEY: recorded} if recorded else {}, checksum, there
    )
    assert steps == [PartitionStep(*KEY, action, reason, record)]


def test_partitions_are_planned_one_by_one_from_the_first_date_on() -> None:
    wanted = {
        ("NQZ5", MONDAY): WantedPartition("inputs", True),
        ("ESZ5", TUESDAY): WantedPartition("inputs", True),
        ("ESZ5", MONDAY): WantedPartition("others", True),
    }
    recorded = {("NQZ5", MONDAY): BUILT, ("ESZ5", MONDAY): BUILT, ("CLZ5", TUESDAY): BUILT}
    steps = plan(wanted, recorded, "code", is_there)
    assert [(*step[:2], step.action) for step in steps] == [
        ("ESZ5", MONDAY, BUILD),
        ("NQZ5", MONDAY, KEEP),
        ("CLZ5", TUESDAY, FORGET),
        ("ESZ5", TUESDAY, BUILD),
    ]


def test_a_fingerprint_names_the_missing_input() -> None:
    assert fingerprint_of(["only"]) == "only"
    several = [["a", "b"], ["b", "a"], ["a", None, "b"], ["a", "b", None], ["a", ""], ["a", None]]
    assert len({fingerprint_of(versions) for versions in several}) == len(several)


def test_a_file_is_named_by_its_inputs_and_its_code() -> None:
    digest = hashlib.md5(b"inputscode", usedforsecurity=False).hexdigest()
    assert version_of(BUILT) == digest
    assert file_of("bars", "symbol", KEY, BUILT) == (
        f"bars/symbol=ESZ5/dt=2025-10-06/bars-{digest[:16]}.parquet"
    )
    assert file_of("stats", "root", ("ES", TUESDAY), BUILT).startswith(
        "stats/root=ES/dt=2025-10-07/"
    )
    names = {
        file_of("bars", "symbol", KEY, PartitionRecord(*record)) for record in ("ab", "cb", "ac")
    }
    assert len(names) == 3


def test_a_plan_finds_files_in_the_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPYMASTER_LAKE", str(tmp_path))
    upstream = [
        {"owner": "ESZ5", "dt": day, "versions": ["inputs"], "is_selected": True}
        for day in (MONDAY, TUESDAY)
    ]
    recorded = [{**BUILT._asdict(), "owner": "ESZ5", "dt": day} for day in (MONDAY, TUESDAY)]
    settings = {
        "schema": "silver",
        "files": ["bars"],
        "owner_column": "symbol",
        "model_checksum": "code",
        "functions": ["coalesce"],
    }
    there = tmp_path / "silver/relations" / file_of("bars", "symbol", KEY, BUILT)
    there.parent.mkdir(parents=True)
    there.write_bytes(b"PAR1 and more" + (4).to_bytes(4, "little") + b"PAR1")
    monday, tuesday = plan_partitions(upstream, recorded, settings)
    assert (monday["partition_action"], monday["partition_files"]) == (KEEP, str(there))
    assert (tuesday["partition_action"], tuesday["partition_reason"]) == (BUILD, "file")
    without_files = plan_partitions(upstream, recorded, {**settings, "files": []})
    assert [row["partition_action"] for row in without_files] == [KEEP, KEEP]
    assert [row["partition_files"] for row in without_files] == ["", ""]


def test_a_partition_has_all_its_files_or_is_built_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPYMASTER_LAKE", str(tmp_path))
    upstream = [{"owner": "ESZ5", "dt": MONDAY, "versions": ["inputs"], "is_selected": True}]
    recorded = [{**BUILT._asdict(), "owner": "ESZ5", "dt": MONDAY}]
    settings = {
        "schema": "silver",
        "files": ["walls", "seconds"],
        "owner_column": "symbol",
        "model_checksum": "code",
        "functions": [],
    }
    files = [
        tmp_path / "silver/relations" / file_of(name, "symbol", KEY, BUILT)
        for name in settings["files"]
    ]
    for path, action in zip(files, (BUILD, KEEP), strict=True):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"PAR1 and more" + (4).to_bytes(4, "little") + b"PAR1")
        [step] = plan_partitions(upstream, recorded, settings)
        assert step["partition_action"] == action
    assert step["partition_files"].splitlines() == [str(path) for path in files]


def test_a_kernel_counts_from_its_second_version_on() -> None:
    assert checksum_of("code", {}) == checksum_of("code", {"first_hits": 1}) == "code"
    found = {
        checksum_of("code", {"first_hits": 2, "level_book": 1}),
        checksum_of("code", {"first_hits": 3, "level_book": 1}),
        checksum_of("code", {"first_hits": 2, "level_book": 2}),
        checksum_of("other", {"first_hits": 2}),
        "code",
    }
    assert len(found) == 5
    assert checksum_of("code", {"a": 2, "b": 3}) == checksum_of("code", {"b": 3, "a": 2})


@pytest.mark.parametrize(("called", "action"), [(["first_hits"], BUILD), (["coalesce"], KEEP)])
def test_a_partition_is_built_again_when_a_kernel_that_it_calls_has_changed(
    called: list[str], action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream = [{"owner": "ESZ5", "dt": MONDAY, "versions": ["inputs"], "is_selected": True}]
    recorded = [{**BUILT._asdict(), "owner": "ESZ5", "dt": MONDAY}]
    settings = {
        "schema": "gold",
        "files": [],
        "owner_column": "symbol",
        "model_checksum": "code",
        "functions": called,
    }
    [before] = plan_partitions(upstream, recorded, settings)
    assert before["partition_action"] == KEEP
    monkeypatch.setitem(KERNELS, "first_hits", replace(KERNELS["first_hits"], version=2))
    [after] = plan_partitions(upstream, recorded, settings)
    assert after["partition_action"] == action
    recorded[0]["model_checksum"] = after["partition_checksum"]
    [again] = plan_partitions(upstream, recorded, settings)
    assert again["partition_action"] == KEEP
