"""Which records are kept, which files form a partition, and what a changed input does."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from spymaster.cli import cli
from spymaster_ingest.durable import TEMPORARY_PREFIX
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from spymaster_ingest.landing import land
from support.dbn_files import (
    DAY,
    DAY_NS,
    DAY_START_NS,
    SECOND_NS,
    definition,
    definitions,
    mbo,
    metadata,
    plain,
    trades,
    write,
)
from support.landing_lake import (
    definition_partition,
    files_in,
    land_ok,
    land_one_error,
    manifest_of,
    mbo_partition,
    rows,
)

ESH4, ESM4, SPREAD, CALL, PUT, OPTION_SPREAD, MIXED, XY, XY_SPREAD = range(100, 109)
NAMES = {
    ESH4: "ESH4", ESM4: "ESM4", SPREAD: "ESH4-ESM4", CALL: "E1AH4 C5000", PUT: "E1AH4 P5000",
    OPTION_SPREAD: "UD:1V: VT 1", MIXED: "UD:1V: GN 2", XY: "XYH4", XY_SPREAD: "XYH4-XYM4",
}  # fmt: skip


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def all_classes(path: Path, **options: object) -> Path:
    """Write a definition of every class; the options of a call have assets of their own."""
    return definitions(
        path,
        definition(ESH4, "ESH4", **options),
        definition(ESM4, "ESM4", **options),
        definition(SPREAD, "ESH4-ESM4", "S", **options),
        definition(CALL, "E1AH4 C5000", "C", asset=b"E1A", underlying=b"ESH4", **options),
        definition(PUT, "E1AH4 P5000", "P", asset=b"E1A", underlying=b"ESH4", **options),
        definition(OPTION_SPREAD, "UD:1V: VT 1", "T", asset=b"ES", **options),
        definition(MIXED, "UD:1V: GN 2", "M", asset=b"ES", **options),
        definition(XY, "XYH4", asset=b"XY", **options),
        version=options.get("version", 3),
    )


def of_all(path: Path, instruments: list[int], count: int = 90) -> Path:
    """Write ``count`` records that cycle through the instruments."""
    numbers = np.resize(instruments, count)
    return plain(path, mbo(count, instrument_id=numbers), symbols=NAMES)


def test_only_outrights_are_kept_and_all_records_are_counted(lake: Lake, tmp_path: Path) -> None:
    path = of_all(tmp_path / "a.dbn.zst", list(NAMES))
    report = land_ok(lake, path, all_classes(tmp_path / "d.dbn"), allow_missing_definitions=False)
    assert [(result.symbol, result.rows) for result in report.partitions] == [
        ("ES", 7), ("ESH4", 10), ("ESM4", 10), ("ESH4", 20),
    ]  # fmt: skip
    manifest = manifest_of(mbo_partition(lake))
    assert manifest["records_in"] == 90
    assert manifest["dropped"] == {
        "class_M": 10, "class_S": 10, "class_T": 10, "other_partition": 30, "unknown_root": 20,
    }  # fmt: skip
    assert manifest["rows_out"] + sum(manifest["dropped"].values()) == 90
    assert manifest["allow_missing_definitions"] is False
    assert manifest["instrument_ids"] == [ESH4]
    assert rows(mbo_partition(lake), "rec_ordinal, order_id") == [
        (position, 1 + 9 * position) for position in range(10)
    ]


def test_definitions_keep_all_classes_of_known_roots(lake: Lake, tmp_path: Path) -> None:
    land_ok(lake, all_classes(tmp_path / "d.dbn"))
    partition = definition_partition(lake)
    assert rows(partition, "instrument_class, raw_symbol") == [
        ("F", "ESH4"), ("F", "ESM4"), ("S", "ESH4-ESM4"), ("C", "E1AH4 C5000"),
        ("P", "E1AH4 P5000"), ("T", "UD:1V: VT 1"), ("M", "UD:1V: GN 2"),
    ]  # fmt: skip
    manifest = manifest_of(partition)
    assert manifest["dropped"] == {"unknown_root": 1}
    assert manifest["counts_per_class"] == {"C": 1, "F": 2, "M": 1, "P": 1, "S": 1, "T": 1}


def test_versions_of_definitions_give_one_content(tmp_path: Path) -> None:
    hashes, read = set(), []
    for version in (1, 2, 3):
        lake = Lake(tmp_path / f"lake{version}")
        land_ok(lake, all_classes(tmp_path / f"d{version}.dbn", version=version))
        hashes.add(manifest_of(definition_partition(lake))["content_hash"])
        read.append(rows(definition_partition(lake)))
    assert len(hashes) == 1
    assert read[0] == read[1] == read[2]


def test_without_a_definition_nothing_lands(lake: Lake, tmp_path: Path) -> None:
    path = plain(tmp_path / "a.dbn", mbo(3))
    error = land_one_error(lake, path, allow_missing_definitions=False)
    assert "no definition of instrument 17077 (ESH4) is landed for 2024-03-05" in error
    assert "land the definition file of 2024-03-05: ids are the vendor's for one UTC day" in error
    assert "or pass --allow-missing-definitions to keep only the outright futures" in error
    assert files_in(lake) == []


def test_definitions_of_another_day_are_not_used(lake: Lake, tmp_path: Path) -> None:
    day_before = DAY_START_NS - DAY_NS
    old = definitions(
        tmp_path / "d.dbn", definition(17077, "ESH4", ts_recv=day_before), start=day_before
    )
    land_ok(lake, old)
    error = land_one_error(lake, plain(tmp_path / "a.dbn", mbo(3)), allow_missing_definitions=False)
    assert "no definition" in error


def test_missing_definitions_can_be_allowed(lake: Lake, tmp_path: Path) -> None:
    report = land_ok(lake, of_all(tmp_path / "a.dbn", list(NAMES)))
    assert [result.symbol for result in report.partitions] == ["ESH4", "ESM4"]
    manifest = manifest_of(mbo_partition(lake))
    assert manifest["allow_missing_definitions"] is True
    assert manifest["definition_input_hash"] is None
    assert manifest["dropped"] == {
        "no_definition": 50, "other_partition": 10, "unknown_root": 20,
    }  # fmt: skip


def test_records_that_are_not_kept_are_counted_by_reason(lake: Lake, tmp_path: Path) -> None:
    path = of_all(tmp_path / "a.dbn", list(NAMES))
    report = land_ok(lake, path)
    assert report.notes == [
        f"{path}: keeps 20 of 90 records, drops 50 no_definition, 20 unknown_root"
    ]
    whole = land_ok(Lake(tmp_path / "other"), plain(tmp_path / "b.dbn", mbo(3)))
    assert whole.notes == []


def test_a_record_of_an_instrument_that_nothing_names_is_an_error(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One flipped bit of an id must not lose a row in silence."""
    numbers = np.full(3500, ESH4)
    numbers[1200] ^= 1 << 9
    path = plain(tmp_path / "a.dbn.zst", trades(3500, instrument_id=numbers), symbols=NAMES)
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    result = CliRunner().invoke(cli, ["land", "--allow-missing-definitions", str(path)])
    assert result.exit_code == 1
    assert " ".join(result.stderr.split()) == (
        f"error: {path}: its header names no instrument {numbers[1200]}, and no definition of "
        "2024-03-05 does: keeps 3,499 of 3,500 records, drops 1 not_named (the file is damaged, "
        "or its definitions must be landed first)"
    )
    assert files_in(lake) == []


def test_a_definition_of_a_known_contract_with_an_unknown_product_is_an_error(
    lake: Lake, tmp_path: Path
) -> None:
    path = definitions(
        tmp_path / "d.dbn",
        definition(17077, "ESH4", asset=b"EQ"),
        definition(XY, "XYH4", asset=b"XY"),
    )
    error = land_one_error(lake, path, allow_missing_definitions=False)
    assert "its header names instrument 17077 ESH4, its definition a product EQ" in error
    assert files_in(lake) == []


def test_a_definition_overrules_the_headers_symbol(lake: Lake, tmp_path: Path) -> None:
    spread = definitions(tmp_path / "d.dbn", definition(17077, "ESH4-ESM4", "S"))
    report = land_ok(lake, plain(tmp_path / "a.dbn", mbo(3)), spread)
    assert [result.symbol for result in report.partitions] == ["ES"]
    (note,) = report.notes
    assert note.endswith("keeps no record, drops 3 class_S")


def test_one_id_with_two_meanings_is_an_error(lake: Lake, tmp_path: Path) -> None:
    twice = definitions(
        tmp_path / "d.dbn",
        definition(17077, "ESH4"),
        definition(17077, "ESM4", ts_recv=DAY_START_NS + SECOND_NS),
    )
    land_ok(lake, twice)
    error = land_one_error(lake, plain(tmp_path / "a.dbn", mbo(3)))
    assert error.startswith(f"{tmp_path / 'a.dbn'}: ")
    assert "instrument 17077 is defined twice on 2024-03-05" in error


def test_two_ids_with_one_symbol_are_an_error(lake: Lake, tmp_path: Path) -> None:
    same = definitions(tmp_path / "d.dbn", definition(1, "ESH4"), definition(2, "ESH4"))
    path = plain(tmp_path / "a.dbn", mbo(4, instrument_id=[1, 2, 1, 2]))
    (error,) = land([same, path], lake).errors
    assert "instruments 1 and 2 are both ESH4" in str(error)


def test_files_of_a_day_join_in_file_name_order(lake: Lake, tmp_path: Path) -> None:
    hour = 3600 * SECOND_NS
    parts = [
        plain(tmp_path / "z" / "a-1.dbn.zst", mbo(10, order_id=1)),
        plain(tmp_path / "y" / "a-2.dbn", mbo(7, start=DAY_START_NS + 2 * hour, order_id=2)),
        plain(tmp_path / "x" / "a-3.dbn", mbo(4, start=DAY_START_NS + 3 * hour, order_id=3)),
    ]
    report = land_ok(lake, parts[2], parts[0], parts[1])
    assert [result.rows for result in report.partitions] == [21]
    expected = [1] * 10 + [2] * 7 + [3] * 4
    assert rows(mbo_partition(lake), "order_id") == [(number,) for number in expected]
    manifest = manifest_of(mbo_partition(lake))
    assert [source["name"] for source in manifest["inputs"]] == [path.name for path in parts]
    again = land_ok(lake, *parts)
    assert [result.status for result in again.partitions] == ["unchanged"]
    alone = land_ok(lake, parts[1])
    assert [result.status for result in alone.partitions] == ["unchanged"]


@pytest.mark.parametrize(
    ("names", "second_start"),
    [(("a", "b"), 3605), (("a", "b"), 3609), (("a", "b"), 3600), (("a", "b"), 1800)],
    ids=["overlap", "touch", "same", "wrong order"],
)
def test_files_that_overlap_are_both_refused(
    lake: Lake, tmp_path: Path, names: tuple[str, str], second_start: int
) -> None:
    first = plain(tmp_path / f"{names[0]}.dbn", mbo(10))
    second = plain(
        tmp_path / f"{names[1]}.dbn", mbo(10, start=DAY_START_NS + second_start * SECOND_NS)
    )
    other = plain(tmp_path / "c.dbn", mbo(5, instrument_id=5), symbols={5: "NQH4"})
    report = land([first, second, other], lake, allow_missing_definitions=True)
    assert [result.symbol for result in report.partitions] == ["NQH4"]
    assert {error.where for error in report.errors} == {str(first), str(second)}
    assert all("overlap or precede" in str(error) for error in report.errors)
    assert not mbo_partition(lake).exists()


def test_definitions_of_different_instruments_may_overlap_in_time(
    lake: Lake, tmp_path: Path
) -> None:
    one = definitions(tmp_path / "a.dbn", definition(1, "ESH4"))
    two = definitions(tmp_path / "b.dbn", definition(2, "ESM4"))
    land_ok(lake, one, two)
    assert rows(definition_partition(lake), "raw_symbol") == [("ESH4",), ("ESM4",)]
    clash = Lake(tmp_path / "other")
    again = definitions(tmp_path / "c.dbn", definition(1, "ESH4"))
    report = land([one, again], clash)
    assert len(report.errors) == 2
    assert files_in(clash) == []


def test_a_bad_file_does_not_stop_the_others(lake: Lake, tmp_path: Path) -> None:
    good = plain(tmp_path / "a.dbn", mbo(10))
    bad = plain(tmp_path / "b.dbn", mbo(10, start=DAY_START_NS + 7200 * SECOND_NS, action=b"Q"))
    after = plain(tmp_path / "c.dbn", mbo(10, start=DAY_START_NS + 9000 * SECOND_NS))
    next_day = plain(
        tmp_path / "d.dbn",
        trades(4, start=DAY_START_NS + DAY_NS),
        start=DAY_START_NS + DAY_NS,
        end=None,
    )
    report = land([tmp_path], lake, allow_missing_definitions=True)
    (error,) = report.errors
    assert error.where == str(bad)
    assert [(result.dataset, result.rows) for result in report.partitions] == [
        ("bronze.future_mbo.mbo", 20),
        ("bronze.future.trades", 4),
    ]
    names = [source["name"] for source in manifest_of(mbo_partition(lake))["inputs"]]
    assert names == [good.name, after.name]
    assert next_day.exists()
    assert not [name for name in files_in(lake) if ".tmp-" in name]


def test_changed_input_needs_overwrite(lake: Lake, tmp_path: Path) -> None:
    path = plain(tmp_path / "a.dbn", mbo(10))
    land_ok(lake, path)
    old = manifest_of(mbo_partition(lake))
    plain(path, mbo(12))
    error = land_one_error(lake, path)
    assert "ESH4 2024-03-05 is landed from other input (a.dbn)" in error
    assert "--overwrite" in error
    assert manifest_of(mbo_partition(lake)) == old
    report = land_ok(lake, path, overwrite=True)
    assert [result.status for result in report.partitions] == ["landed"]
    assert manifest_of(mbo_partition(lake))["row_count"] == 12
    assert len(rows(mbo_partition(lake))) == 12
    assert not [name for name in files_in(lake) if ".tmp-" in name]


def test_a_file_added_to_a_landed_day_needs_overwrite(lake: Lake, tmp_path: Path) -> None:
    first = plain(tmp_path / "a.dbn", mbo(10))
    second = plain(tmp_path / "b.dbn", mbo(5, start=DAY_START_NS + 7200 * SECOND_NS))
    land_ok(lake, first)
    report = land([first, second], lake, allow_missing_definitions=True)
    assert {error.where for error in report.errors} == {str(first), str(second)}
    assert manifest_of(mbo_partition(lake))["row_count"] == 10
    land_ok(lake, first, second, overwrite=True)
    assert manifest_of(mbo_partition(lake))["row_count"] == 15


def test_an_unfinished_partition_is_replaced(lake: Lake, tmp_path: Path) -> None:
    path = plain(tmp_path / "a.dbn", mbo(10))
    land_ok(lake, path)
    partition = mbo_partition(lake)
    (partition / "_SUCCESS").unlink()
    (partition / "part-00000.parquet").write_bytes(b"half")
    report = land_ok(lake, path)
    assert [result.status for result in report.partitions] == ["landed"]
    assert len(rows(partition)) == 10


def test_leftovers_of_a_dead_process_are_removed(lake: Lake, tmp_path: Path) -> None:
    partition = mbo_partition(lake, "NQH4")
    leftover = partition.with_name(f"{TEMPORARY_PREFIX}{partition.name}")
    leftover.mkdir(parents=True)
    (leftover / "part-00000.parquet").write_bytes(b"half")
    land_ok(lake, plain(tmp_path / "a.dbn", mbo(10)))
    assert not [name for name in files_in(lake) if TEMPORARY_PREFIX in name or "NQH4" in name]


def test_one_land_at_a_time(lake: Lake, tmp_path: Path) -> None:
    path = plain(tmp_path / "a.dbn", mbo(10))
    land_ok(lake, path)
    with (lake.bronze / ".land.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(SpymasterError, match="another `land` is writing"):
            land([path], lake)
    land_ok(lake, path)


def test_paths_without_files_are_reported(lake: Lake, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "notes.txt").write_text("no market data")
    report = land([empty, tmp_path / "none"], lake)
    assert [str(error).split(": ")[1] for error in report.errors] == [
        "holds no .dbn or .dbn.zst file",
        "does not exist",
    ]


def test_a_file_whose_name_is_no_utf8_is_refused(lake: Lake, tmp_path: Path) -> None:
    good = plain(tmp_path / "in" / "a.dbn", mbo(5))
    bad = good.with_name(os.fsdecode(b"b-\xff.dbn"))
    bad.write_bytes(good.read_bytes())
    report = land([good.parent], lake, allow_missing_definitions=True)
    (error,) = report.errors
    assert "b-\\udcff.dbn" in str(error)
    assert "its path is no UTF-8 (rename it)" in str(error)
    assert [result.rows for result in report.partitions] == [5]


def test_an_empty_path_is_no_folder() -> None:
    done = CliRunner().invoke(cli, ["land", ""])
    assert done.exit_code == 2
    assert "an empty path names nothing" in done.output


def test_allowing_missing_definitions_must_keep_something(lake: Lake, tmp_path: Path) -> None:
    path = plain(tmp_path / "a.dbn", mbo(5), symbols={17077: "ZZZZZ"})
    report = land([path], lake, allow_missing_definitions=True)
    (error,) = report.errors
    assert str(error).startswith(f"{path}: nothing was kept")


def test_a_file_given_twice_lands_once(lake: Lake, tmp_path: Path) -> None:
    path = plain(tmp_path / "in" / "a.dbn", mbo(10))
    report = land_ok(lake, path, path.parent, tmp_path / "in" / ".." / "in" / "a.dbn")
    assert [result.rows for result in report.partitions] == [10]


def test_symbols_that_cannot_be_a_path_are_refused(lake: Lake, tmp_path: Path) -> None:
    evil = definitions(tmp_path / "d.dbn", definition(17077, "../../x"))
    report = land([evil, plain(tmp_path / "a.dbn", mbo(3))], lake)
    (error,) = report.errors
    assert str(error).startswith(f"{tmp_path / 'a.dbn'}: ")
    assert "cannot be part of a path" in str(error)


def test_a_lake_that_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SpymasterError, match="the lake cannot be created"):
        land([plain(tmp_path / "a.dbn", mbo(3))], Lake(tmp_path / "file"))


def test_folders_are_searched_at_any_depth(lake: Lake, tmp_path: Path) -> None:
    plain(tmp_path / "in" / "deep" / "er" / "a.dbn", mbo(3))
    next_day = DAY_START_NS + DAY_NS
    records = mbo(3, start=next_day)
    write(tmp_path / "in" / "b.dbn.zst", metadata("mbo", start=next_day, end=None), records)
    report = land_ok(lake, tmp_path / "in")
    assert [result.day for result in report.partitions] == [DAY, DAY + dt.timedelta(days=1)]
