"""The end of a session: captured runs are sealed and landed like the vendor's files."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

import numpy as np
import pytest
from spymaster.live.capture import Capture
from spymaster.live.feeds import FUTURE, FUTURE_OPTION, Chunk, Gap, Source, times_of
from spymaster.live.recorded import encoded_header
from spymaster.live.seal import MANIFEST, check_sealed, land_captured, seal
from spymaster_ingest.content_hash import file_sha256
from spymaster_ingest.dbn.layouts import LAYOUTS
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from support import dbn_files
from support.dbn_files import DAY, DAY_NS, DAY_START_NS, ESH4, definition, statistics
from support.landing_lake import definition_partition, land_ok, manifest_of, mbo_partition, rows
from support.live_feeds import MS, FakeClock, bids

CALL, PUT = 501, 502
SYMBOLS = {ESH4: "ESH4", CALL: "ESH4 C5000", PUT: "ESH4 P5000"}
DAY_BEFORE = DAY - dt.timedelta(days=1)
MINUTE_MS = 60_000


def listed(start_ns: int) -> np.ndarray:
    """Return the definitions of a day: the future, and its options."""
    options = [
        definition(
            number,
            SYMBOLS[number],
            right,
            ts_recv=start_ns + number,
            underlying=b"ESH4",
            underlying_id=ESH4,
            strike_price=5_000 * 1_000_000_000,
            contract_multiplier=50,
        )
        for number, right in ((CALL, "C"), (PUT, "P"))
    ]
    return np.concatenate([definition(ESH4, "ESH4", ts_recv=start_ns), *options])


SETTLED = statistics(4, instrument_id=[CALL, PUT, CALL, PUT], start=DAY_START_NS - 2 * MS, step=MS)
# records of one time on either side of a cut between two runs
RECORDS = {
    ("definition", FUTURE): np.concatenate([listed(DAY_START_NS - DAY_NS), listed(DAY_START_NS)]),
    ("mbo", FUTURE): bids(-MINUTE_MS, -5, 0, 1, 200, 200, 200, 200, 900, 1_500),
    ("mbo", FUTURE_OPTION): bids(-900, 2, 2, 2, 2, 300, instrument_id=[CALL, PUT] * 3),
    ("statistics", FUTURE_OPTION): SETTLED,
}
CUTS = {("mbo", FUTURE): 6, ("mbo", FUTURE_OPTION): 3}


def source_of(schema: str, product_type: str) -> Source:
    day_ns = DAY_START_NS - DAY_NS
    header = encoded_header("GLBX.MDP3", schema, SYMBOLS, DAY_BEFORE, (day_ns, None))
    return Source(schema, product_type, "ES" if schema == "definition" else "ESH4", header)


def run_of(lake: Lake, name: str, *chunks: Chunk) -> Path:
    capture = Capture(lake.live / name, FakeClock())
    for chunk in chunks:
        capture.append(chunk)
    capture.seal()
    seal(lake.live / name)
    return lake.live / name


def parts(which: int) -> list[Chunk]:
    """Return the records before the cuts, or those after them."""
    found = []
    for key, records in RECORDS.items():
        cut = CUTS.get(key, len(records))
        part = records[cut:] if which else records[:cut]
        if len(part):
            found.append(Chunk(source_of(*key), part))
    return found


def vendors_files(folder: Path) -> list[Path]:
    """Return a file by schema, product type and day."""
    found = []
    for (schema, product_type), records in RECORDS.items():
        for day, start_ns in ((DAY_BEFORE, DAY_START_NS - DAY_NS), (DAY, DAY_START_NS)):
            times = times_of(records)
            of_day = records[(times >= start_ns) & (times < start_ns + DAY_NS)]
            header = dbn_files.metadata(schema, SYMBOLS, start=start_ns, end=start_ns + DAY_NS)
            path = folder / f"{day}.{product_type}.{schema}.dbn.zst"
            if len(of_day):
                found.append(dbn_files.write(path, header, of_day))
    return found


def hashes(lake: Lake) -> dict[str, str]:
    return {
        str(path.relative_to(lake.bronze)): manifest_of(path)["content_hash"]
        for path in lake.bronze.glob("*/*/*/dt=*")
    }


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = Lake(tmp_path / "lake")
    made.make_root()
    return made


def test_runs_over_midnight_are_landed_like_the_vendors_files(lake: Lake, tmp_path: Path) -> None:
    """Two runs of a session, the second goes on inside of a group; then the vendor's files come."""
    runs = [run_of(lake, name, *parts(which)) for which, name in enumerate(("1", "2"))]
    # the last one brings the days of the first one with it
    report = land_captured(lake, runs[1:])
    assert report.ok, report.errors
    report = land_captured(lake, runs)
    assert report.ok, report.errors
    vendors = Lake(tmp_path / "vendors")
    files = vendors_files(tmp_path / "files")
    land_ok(vendors, *files, allow_missing_definitions=False)
    assert hashes(lake) == hashes(vendors)
    assert len(hashes(lake)) == 8
    land_ok(lake, *files, allow_missing_definitions=False, overwrite=True)
    assert manifest_of(mbo_partition(lake))["inputs"][0]["name"] == f"{DAY}.future.mbo.dbn.zst"
    notes = land_captured(lake, runs).notes
    assert f"ESH4.future.mbo {DAY}: {DAY}.future.mbo.dbn.zst is landed, and stays" in notes
    assert len(notes) == 8
    assert manifest_of(mbo_partition(lake))["inputs"][0]["name"] == f"{DAY}.future.mbo.dbn.zst"


def test_definitions_of_the_evening_before_are_those_of_the_day(lake: Lake) -> None:
    """As a list of the vendor: what was deleted, has expired, or is defined anew is not carried."""
    evening = DAY_START_NS - 2 * 3_600_000 * MS
    gone = definition(7, "ESH4 C1", "C", ts_recv=evening, underlying=b"ESH4", expiration=evening)
    anew = definition(CALL, SYMBOLS[CALL], "C", ts_recv=DAY_START_NS + MS, underlying=b"ESH4")
    anew["strike_price"] = 5_100 * 1_000_000_000
    definitions = np.concatenate([listed(evening), gone, anew])
    chunks = [Chunk(source_of("definition", FUTURE), definitions), *parts(0)[1:], *parts(1)]
    report = land_captured(lake, [run_of(lake, "1", *chunks)])
    assert report.ok, report.errors
    found = rows(definition_partition(lake), "instrument_id, strike_price_int, epoch_ns(ts_recv)")
    assert found == [
        (PUT, 5_000 * 1_000_000_000, DAY_START_NS),
        (ESH4, None, DAY_START_NS),
        (CALL, 5_100 * 1_000_000_000, DAY_START_NS + MS),
    ]
    assert len(hashes(lake)) == 8


def test_a_stream_that_was_read_again_doubles_nothing(lake: Lake, tmp_path: Path) -> None:
    """The first run was killed; the second one read its stream from the start."""
    key = ("mbo", FUTURE)
    first = run_of(lake, "1", Chunk(source_of(*key), RECORDS[key][:7]))
    path = first / "ESH4.future.mbo.dbn"
    os.truncate(path, path.stat().st_size - 20)
    seal(first)
    second = run_of(lake, "2", Chunk(source_of(*key), RECORDS[key]))
    report = land_captured(lake, [first, second], allow_missing_definitions=True)
    assert report.ok, report.errors
    vendors = Lake(tmp_path / "vendors")
    land_ok(vendors, *[path for path in vendors_files(tmp_path) if ".future.mbo" in path.name])
    assert hashes(lake) == hashes(vendors)


def test_the_manifest_counts_and_hashes(lake: Lake) -> None:
    folder = run_of(lake, "1", *parts(0))
    seal(folder, "the run stops: No space left on device")
    sealed = json.loads((folder / MANIFEST).read_text())
    assert sealed["reason"] == "the run stops: No space left on device"
    by_name = {file["name"]: file for file in sealed["files"]}
    file = by_name["ESH4.future.mbo.dbn"]
    assert file["sha256"] == file_sha256(folder / file["name"])
    assert (file["records"], file["schema"], file["gaps"]) == (6, "mbo", [])
    assert file["first_time_ns"] == DAY_START_NS - MINUTE_MS * MS + 1_000
    assert file["bytes"] > 6 * LAYOUTS["mbo"].dtype(3).itemsize
    with (folder / file["name"]).open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(SpymasterError, match=r"ESH4.future.mbo.dbn: is not what manifest.json"):
        land_captured(lake, [folder])


def test_a_run_without_an_end_is_not_landed(lake: Lake) -> None:
    Capture(lake.live / "1", FakeClock()).seal()
    with pytest.raises(SpymasterError, match=r"is not sealed .end its run"):
        check_sealed(lake.live / "1")


def test_the_landed_day_has_the_gap_of_the_capture(lake: Lake) -> None:
    """Cut at midnight: a day names its part."""
    key = ("mbo", FUTURE)
    records = RECORDS[key]
    gap = Gap(DAY_START_NS - 3 * MS, DAY_START_NS + 900 * MS)
    chunks = [Chunk(source_of(*key), records[:2]), Chunk(source_of(*key), records[8:], gap)]
    # a run that began again where nothing more came
    last = Gap(DAY_START_NS + 950 * MS, DAY_START_NS + 999 * MS)
    runs = [
        run_of(lake, "1", *chunks),
        run_of(lake, "2", Chunk(source_of(*key), records[:0], last)),
    ]
    report = land_captured(lake, runs, allow_missing_definitions=True)
    assert report.ok, report.errors
    named = [manifest_of(mbo_partition(lake, day=day))["gaps"] for day in (DAY_BEFORE, DAY)]
    assert named == [
        [{"start_ts": f"{DAY_BEFORE}T23:59:59.997000000", "end_ts": f"{DAY}T00:00:00.000000000"}],
        [
            {"start_ts": f"{DAY}T00:00:00.000000000", "end_ts": f"{DAY}T00:00:00.900000000"},
            {"start_ts": f"{DAY}T00:00:00.950000000", "end_ts": f"{DAY}T00:00:00.999000000"},
        ],
    ]
