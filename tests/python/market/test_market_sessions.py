"""Updates of the selected contract, and those of the study session around a change of the clocks.

New York changes to daylight saving time on Sunday 2024-03-10.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from spymaster_ingest.lake import Lake
from support import lakes
from support.dbn_files import DAY_NS, definition, definitions, mbp, plain
from support.surface_lakes import ask

WINTER, SUMMER = dt.date(2024, 3, 8), dt.date(2024, 3, 11)
FRONT, BACK = 1, 91
SYMBOLS = {FRONT: "ESH4", BACK: "ESM4"}
LAST, PART = 130, 2
SNAPSHOT = 32
# UTC
TIMES = (
    "13:29:59.999999999",
    "13:30:00.000000000",
    "14:29:59.999999999",
    "14:30:00.000000000",
    "16:29:59.999999999",
    "16:30:00.000000000",
    "17:29:59.999999999",
    "17:30:00.000000000",
)
IN_STUDY = {WINTER: TIMES[3:7], SUMMER: TIMES[1:5]}


def nanoseconds(day: dt.date, time: str) -> int:
    return int(np.datetime64(f"{day}T{time}", "ns").astype(np.int64))


def day_of(day: dt.date, contract: int) -> np.ndarray:
    """Two records at each time, of which only the second is LAST; the first is a trade.

    The back contract trades once.
    """
    times = np.repeat([nanoseconds(day, time) for time in TIMES], 2)
    records = mbp(len(times), instrument_id=contract, ts_event=times, ts_recv=times)
    records["action"][0 if contract == FRONT else len(times) - 2 :: 2] = b"T"
    records["flags"][::2] = PART
    return records


def files(folder: Path, day: dt.date) -> list[Path]:
    midnight = nanoseconds(day, "00:00:00")
    header = {"symbols": SYMBOLS, "start": midnight, "end": midnight + DAY_NS}
    listed = [
        definition(number, symbol, ts_recv=midnight, expiration=midnight + (7 + number) * DAY_NS)
        for number, symbol in SYMBOLS.items()
    ]
    paths = [definitions(folder / f"{day}.definition.dbn", *listed, **header)]
    for contract in SYMBOLS:
        records = day_of(day, contract)
        head = records[1:2].copy()
        # captured at midnight, of an order of the day before
        head["ts_event"], head["ts_recv"] = midnight - DAY_NS // 2, midnight
        head["flags"] |= SNAPSHOT
        # the fourth update is in doubt, the sixth crossed
        records["flags"][7] |= 4
        records["bid_px_00"][11], records["ask_px_00"][11] = (
            records["ask_px_00"][11],
            records["bid_px_00"][11],
        )
        paths.append(
            plain(
                folder / f"{SYMBOLS[contract]}-{day}.mbp-10.dbn",
                np.concatenate([head, records]),
                **header | {"symbols": {contract: SYMBOLS[contract]}},
            )
        )
    return paths


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sessions")
    lake = Lake(folder / "lake")
    paths = [path for day in (WINTER, SUMMER) for path in files(folder / "raw", day)]
    lakes.land_raw(lake, *paths)
    lakes.run_models(
        lake,
        "--select",
        "+market_by_price_10_first3h",
        # no earlier session shows which contract is in front
        contract_override={"ES": SYMBOLS[FRONT]},
    )
    return lake.warehouse


def test_only_whole_events_of_the_selected_contract(database: Path) -> None:
    rows = ask(
        database,
        "select symbol, dt, is_snapshot, count(*), count(*) filter (is_valid), "
        "bool_and(flags & 128 = 128) from silver.market_by_price_10_clean group by all "
        "order by dt, is_snapshot",
    )
    assert rows == [
        (SYMBOLS[FRONT], day, is_snapshot, *counts, True)
        for day in (WINTER, SUMMER)
        for is_snapshot, counts in ((False, (len(TIMES), len(TIMES) - 2)), (True, (1, 1)))
    ]
    landed = ask(
        database,
        "select symbol, count(*) from bronze.market_by_price_10 group by symbol order by symbol",
    )
    assert landed == [(symbol, 2 * (2 * len(TIMES) + 1)) for symbol in SYMBOLS.values()]


def test_the_study_session_follows_the_clock_of_new_york(database: Path) -> None:
    rows = ask(
        database,
        "select dt, epoch_ns(ts_event), ts_event_ny from gold.market_by_price_10_first3h "
        "order by rec_ordinal",
    )
    for day, times in IN_STUDY.items():
        found = [row for row in rows if row[0] == day]
        assert [row[1] for row in found] == [nanoseconds(day, time) for time in times]
        assert found[0][2] == dt.datetime.combine(day, dt.time(9, 30))
        assert found[-1][2].time() < dt.time(12, 30)


def test_the_study_session_changes_no_row(database: Path) -> None:
    columns = ask(database, "describe silver.market_by_price_10_clean")
    assert ask(database, "describe gold.market_by_price_10_first3h") == columns
    missing = ask(
        database,
        "select * from gold.market_by_price_10_first3h "
        "except select * from silver.market_by_price_10_clean",
    )
    assert missing == []
