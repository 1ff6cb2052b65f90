"""Setup vectors, and the market's vector, against plain ones on random bars."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

import duckdb
import pyarrow as pa
import pytest
from naive.setup_vectors import setup_columns
from naive.surfaces import Row, second_of
from spymaster_ingest.lake import Lake
from support import lakes

DT = date(2025, 10, 1)
SYMBOL = "ESZ5"
TICK_INT = 250_000_000
OPEN = datetime(2025, 10, 1, 13, 30)
LEVEL_TICK = 26_800
BAR_S, CANDLE_S = 5, 120
LOOK_BACK_CANDLES = 5
# bars from half an hour before the open to half an hour after it
FIRST, N_BARS = OPEN - timedelta(minutes=30), 720
LEVELS = ("pm_high", "or_low", "sma_90")
# when each becomes a level: or_low within the look-back of early setups
ACTIVE_FROM = {"pm_high": FIRST, "or_low": OPEN + timedelta(minutes=7), "sma_90": FIRST}
EOB = ("book_imbalance_l1_eob", "book_imbalance_l10_eob", "depth_imbalance_0_4_eob")
KEY = ("level_id", "direction", "trigger_candle_id")
TOLERANCE = 1e-12


def random_bars(rng: Random) -> list[Row]:
    """Bars of a random walk, of which some are invalid, missing, carried or partly unknown."""
    rows, price = [], None
    for number in range(N_BARS):
        end = FIRST + timedelta(seconds=BAR_S * (number + 1))
        is_valid, is_carried = rng.random() > 0.1, rng.random() < 0.2
        if number > 100 and not is_carried:
            step = rng.choice((-2, -1, 0, 0, 1, 2))
            price = LEVEL_TICK if price is None else price + step
        row = {"bar_start_ts": end - timedelta(seconds=BAR_S), "bar_end_ts": end}
        row |= {"is_valid": is_valid, "is_carried": is_carried}
        row |= {"trade_last_price_int": None if price is None else price * TICK_INT}
        row |= {name: rng.choice((None, rng.uniform(-1, 1), 1.0, -1.0)) for name in EOB}
        row |= {"trade_imbalance_sum": rng.choice((None, rng.uniform(-1, 1)))}
        row |= {"ofi_l10_sum": rng.choice((None, rng.gauss(0, 3)))}
        row |= {
            f"wall_{side}_max_z": rng.choice((None, rng.uniform(0, 9))) for side in ("bid", "ask")
        }
        row |= {"spread_ticks_eob": rng.choice((None, 1, 2, 5))}
        if not is_valid:
            row |= dict.fromkeys((*EOB, "ofi_l10_sum", "wall_bid_max_z", "spread_ticks_eob"))
        if rng.random() > 0.03:
            rows.append(row)
    return rows


def setups() -> list[Row]:
    rows = []
    for level_id, direction, trigger in (
        (level, direction, candle)
        for level in LEVELS
        for direction in ("up", "down")
        for candle in range(1, 13, 2)
    ):
        infer = OPEN + timedelta(seconds=CANDLE_S * (trigger + 2))
        rows.append(
            {
                "level_id": level_id,
                "direction": direction,
                "trigger_candle_id": trigger,
                "confirm_candle_id": trigger + 1,
                "lookback_start_candle_id": trigger + 2 - LOOK_BACK_CANDLES,
                "infer_ts": infer,
                "level_price_int": (LEVEL_TICK + LEVELS.index(level_id)) * TICK_INT,
            }
        )
    return rows


TABLES = {
    "silver.contract_days": {"tick_int": pa.int64(), "root": pa.string()},
    "silver.market_by_price_10_bar5s": {
        "bar_start_ts": pa.timestamp("us"),
        "bar_end_ts": pa.timestamp("us"),
        "is_valid": pa.bool_(),
        "is_carried": pa.bool_(),
        "trade_last_price_int": pa.int64(),
        **dict.fromkeys(EOB, pa.float64()),
        **dict.fromkeys(("trade_imbalance_sum", "ofi_l10_sum"), pa.float64()),
        **dict.fromkeys(("wall_bid_max_z", "wall_ask_max_z"), pa.float64()),
        "spread_ticks_eob": pa.int32(),
    },
    "silver.levels_1s": {
        "level_id": pa.string(),
        "window_end_ts": pa.timestamp("us"),
        "is_active": pa.bool_(),
    },
    "gold.setup_events": {
        "level_id": pa.string(),
        "direction": pa.string(),
        "trigger_candle_id": pa.int32(),
        "confirm_candle_id": pa.int32(),
        "lookback_start_candle_id": pa.int32(),
        "infer_ts": pa.timestamp("us"),
        "level_price_int": pa.int64(),
    },
}
STATE = """
create schema silver;
create schema gold;
create schema meta;
create table meta.partition_state (
    relation varchar, owner varchar, dt date, input_fingerprint varchar,
    model_checksum varchar, primary key (relation, owner, dt)
);
insert into meta.partition_state
select name, ?, ?, 'rows', ''
from (values ('setup_events'), ('market_by_price_10_bar5s')) as inputs (name);
"""


def write_tables(lake: Lake, rows: dict[str, list[Row]]) -> None:
    lake.make_root()
    with duckdb.connect(str(lake.warehouse)) as connection:
        *statements, last = STATE.split(";\n")[:-1]
        for statement in statements:
            connection.execute(statement)
        connection.execute(last, [SYMBOL, DT])
        for name, types in TABLES.items():
            schema = pa.schema([("symbol", pa.string()), ("dt", pa.date32()), *types.items()])
            named = [{"symbol": SYMBOL, "dt": DT, **row} for row in rows[name]]
            connection.register("rows", pa.Table.from_pylist(named, schema=schema))
            connection.execute(f"create table {name} as select * from rows")
            connection.unregister("rows")


@pytest.fixture(scope="module")
def bars() -> list[Row]:
    return random_bars(Random(20_251_001))


@pytest.fixture(scope="module")
def connection(
    bars: list[Row], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    lake = Lake(tmp_path_factory.mktemp("setups") / "lake")
    ends = [FIRST + timedelta(seconds=second) for second in range(1, N_BARS * BAR_S + 1)]
    write_tables(
        lake,
        {
            "silver.contract_days": [{"tick_int": TICK_INT, "root": "ES"}],
            "silver.market_by_price_10_bar5s": bars,
            "silver.levels_1s": [
                {"level_id": level, "window_end_ts": end, "is_active": end >= ACTIVE_FROM[level]}
                for level in LEVELS
                for end in ends
            ],
            "gold.setup_events": setups(),
        },
    )
    lakes.run_models(lake, "--select", "setup_vectors")
    with duckdb.connect(str(lake.warehouse), read_only=True) as found:
        yield found


def test_every_operator_of_every_signal(
    connection: duckdb.DuckDBPyConnection, bars: list[Row]
) -> None:
    by_end = {second_of(row["bar_end_ts"]): row for row in bars}
    table = connection.execute("select * from gold.setup_vectors").to_arrow_table()
    found = {tuple(row[name] for name in KEY): row for row in table.to_pylist()}
    assert len(found) == table.num_rows == len(setups())
    unknown = compared = 0
    for setup in setups():
        row = found[tuple(setup[name] for name in KEY)]
        active = {s for s in by_end if s >= second_of(ACTIVE_FROM[setup["level_id"]])}
        expected = setup_columns(setup, by_end, TICK_INT, active)
        columns = {name.removeprefix(f"{setup['level_id']}_"): x for name, x in expected.items()}
        assert columns.keys() | {*KEY, "symbol", "dt", "infer_ts"} == row.keys()
        assert row["infer_ts"] == setup["infer_ts"]
        for name, value in columns.items():
            what = (setup, name, row[name], value)
            if value is None:
                assert row[name] is None, what
                unknown += 1
            else:
                assert row[name] == pytest.approx(value, rel=TOLERANCE, abs=TOLERANCE), what
                compared += 1
    assert compared > 2_000
    assert unknown > 100
