"""The truth of a synthetic day equals the engine's results and the planted approaches."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import numpy as np
import pytest
from spymaster_ingest.synthetic import (
    SessionPlan,
    SyntheticMarket,
    generate_day,
    raw_path,
    write_day,
)
from spymaster_ingest.synthetic.contract_days import contract_day
from spymaster_ingest.synthetic.truth_files import TABLES, attach_truth, truth_path
from support.engine_pass import FLOWS, engine_pass, flows_in_reach, seconds_in_order
from support.synthetic_book import DAY, ES
from support.synthetic_truth import (
    SECOND_NS,
    Label,
    Prints,
    extreme,
    is_eligible,
    label_reached,
    moving_average_tick,
    prints_of,
    quotes_of,
)

MARKET = SyntheticMarket(ES, seed=11, plan=SessionPlan(hours=0.7, overnight_rate=0.3))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("market")
    write_day(MARKET, DAY, folder, schemas=("mbo",), truth=True)
    return folder


@pytest.fixture(scope="module")
def truth(written: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    attach_truth(connection, written)
    return connection


@pytest.fixture(scope="module")
def records() -> np.ndarray:
    return generate_day(MARKET, DAY)


@pytest.fixture(scope="module")
def prints(records: np.ndarray) -> Prints:
    return prints_of(records, contract_day(MARKET, DAY).pace.midnight_ns, ES.tick_int)


def test_the_book_engine_finds_what_the_agents_booked(
    truth: duckdb.DuckDBPyConnection, records: np.ndarray
) -> None:
    wall, seconds, qa = engine_pass(MARKET, DAY, records)
    for counter in (
        "unknown_cancel",
        "over_cancel",
        "dup_add",
        "unknown_modify",
        "side_change",
        "unknown_fill_qty",
        "unmatched_fill_qty",
        "late_groups",
        "early_groups",
        "unterminated_groups",
        "crossed_trading_windows",
        "negative_depth_moments",
        "off_tick",
    ):
        assert qa[counter] == 0, counter
    assert qa["hidden_fill_qty"] > 0
    assert qa["refill_count"] > 10
    flows = flows_in_reach(truth, ES.tick_int)
    assert flows["price_int"].size > 20_000
    orders = []
    for table, is_bid in ((wall, wall["side"] == 1), (flows, flows["side"] == "B")):
        orders.append(np.lexsort((table["price_int"], is_bid, table["window_start_ts"])))
    for name in ("window_start_ts", "price_int", "depth_qty_end", *FLOWS):
        assert np.array_equal(wall[name][orders[0]], flows[name][orders[1]]), name

    book = seconds_in_order(truth)
    # The engine's last second is the second of the last event.
    assert 0 <= book["best_bid_qty"].size - seconds.size < 60
    for name in set(seconds.dtype.names) & set(book):
        expected = np.ma.filled(book[name].astype(np.int64), np.iinfo(np.int64).min)[: seconds.size]
        assert np.array_equal(seconds[name], expected), name
    compared = set(seconds.dtype.names) & set(book)
    assert {"spot_ref_price_int", "n_groups", "ask_order_count", "best_bid_qty"} <= compared


def test_levels_follow_their_definitions(truth: duckdb.DuckDBPyConnection, prints: Prints) -> None:
    pace = contract_day(MARKET, DAY).pace
    levels = truth.execute(
        "select level_id, epoch_ns(available_from_ts), level_tick from truth.truth_levels"
    ).fetchall()
    ranges = {
        "pm": (pace.premarket_s, pace.cash_s),
        "or": (pace.cash_s, pace.range_end_s),
    }
    for name, (start, end) in ranges.items():
        for end_name, high in (("high", True), ("low", False)):
            (row,) = [row for row in levels if row[0] == f"{name}_{end_name}"]
            assert row[1] == pace.midnight_ns + end * SECOND_NS
            assert row[2] == extreme(prints, start, end, high=high)
    for bars in (90, 200, 400):
        rows = sorted(row[1:] for row in levels if row[0] == f"sma_{bars}")
        first = (rows[0][0] - pace.midnight_ns) // SECOND_NS
        assert first == 120 * bars, "a bar without a trade"
        assert moving_average_tick(prints, bars, first - 1) is None
        for moment, tick in rows[:: max(len(rows) // 5, 1)]:
            second = (moment - pace.midnight_ns) // SECOND_NS
            assert moving_average_tick(prints, bars, second) == tick


def test_labels_of_the_path_are_the_drawn_outcomes(
    truth: duckdb.DuckDBPyConnection, records: np.ndarray, prints: Prints
) -> None:
    pace = contract_day(MARKET, DAY).pace
    quotes = quotes_of(records, pace.midnight_ns, ES.tick_int)
    rows = truth.execute(
        """
        select
            a.level_id, if(a.direction = 'up', 1, -1), epoch_ns(a.decision_ts), a.level_tick,
            a.drawn_outcome, a.realised_outcome, epoch_ns(a.reached_ts), epoch_ns(a.hit_ts),
            a.x0_ticks
        from truth.truth_approaches as a
        """
    ).fetchall()
    assert len(rows) >= 8
    agreed = 0
    for level_id, sign, moment, tick, drawn, *realised, x0 in rows:
        decision = (moment - pace.midnight_ns) // SECOND_NS
        assert decision % 5 == 0
        if level_id.startswith("sma"):
            assert tick == moving_average_tick(prints, int(level_id[4:]), decision)
        assert x0 == sign * (quotes.spot[decision] - tick)
        found = label_reached(prints, decision, tick, sign, x0)
        if not is_eligible(quotes, decision, tick, sign):
            found = Label("INELIGIBLE", None, None)
        assert [found.outcome, found.reached_ns, found.hit_ns] == realised
        agreed += found.outcome == drawn
    assert agreed >= 0.97 * len(rows)


def test_phases_have_the_stated_length_and_price_creeps_on(
    truth: duckdb.DuckDBPyConnection,
) -> None:
    rows = truth.execute(
        """
        select
            epoch(phase_end_ts - phase_start_ts) as length_s,
            epoch(decision_ts - phase_end_ts) as wait_s,
            epoch(phase_start_ts - start_ts) as coming_s
        from truth.truth_approaches
        """
    ).fetchnumpy()
    assert rows["length_s"].min() >= 10
    assert rows["length_s"].max() <= 30
    assert rows["wait_s"].min() >= 0
    assert rows["wait_s"].max() < 5
    assert rows["coming_s"].min() > 0


def test_the_report_of_the_day_is_written_with_the_truth(truth: duckdb.DuckDBPyConnection) -> None:
    rows = truth.execute(
        "select quantity, target, low, high, value, pass from truth.generator_report"
    ).fetchall()
    assert len(rows) == len({row[0] for row in rows}) == 20
    for quantity, target, low, high, value, passed in rows:
        assert target, quantity
        if value is None:
            assert passed is None, quantity
        else:
            above = low is None or value >= low
            assert passed == (above and (high is None or value <= high)), quantity
    assert sum(row[5] is True for row in rows) >= 15


def test_truth_lies_beside_the_raw_files_and_is_reproducible(written: Path, tmp_path: Path) -> None:
    plan = SessionPlan(hours=0.02, overnight_rate=0.01, premarket_rate=0.01)
    market = SyntheticMarket(ES, seed=2, plan=plan)
    for name in ("one", "two"):
        write_day(market, DAY, tmp_path / name, schemas=("mbo",), truth=True)
    for table in TABLES:
        paths = [truth_path(tmp_path / name, table, "ESZ5", DAY) for name in ("one", "two")]
        assert paths[0].read_bytes() == paths[1].read_bytes(), table
        assert truth_path(written, table, "ESZ5", DAY).is_file()
    assert raw_path(written, "ES", "mbo", DAY).is_file()
    assert not list(tmp_path.rglob("*.tmp*"))
    assert truth_path(tmp_path, "t", "S", dt.date(2025, 1, 2)).parts[-4:-1] == (
        "truth",
        "t",
        "symbol=S",
    )
