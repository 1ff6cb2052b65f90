"""Counts add up to records: the replay that attributes them beside the plain engine."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from naive.book import _Replay as PlainReplay
from naive.model import BookConfig, plain_records
from spymaster.explain.attribution import SecondOfRecords
from spymaster.explain.counts import CONTEXT, REPRICE, SNAPSHOT, WALL, Frame, count
from spymaster.explain.engine_cell import EngineCell, _depth_in_words, _describe
from spymaster.explain.second import replay_second
from support.strategies.mbo import random_config, random_options, random_stream
from support.strategies.mbo_script import (
    DAY_START_NS,
    LAST,
    SNAPSHOT_LAST,
    TICK_INT,
    message,
    script,
    script_config,
)
from support.strategies.mbo_script import (
    SNAPSHOT as SNAPSHOT_FLAGS,
)

NS_PER_S = 1_000_000_000
EPOCH = dt.datetime(1970, 1, 1)
# flows of the plain engine by column of the wall
FLOWS = {
    "add": "add_qty",
    "pull": "pull_qty_total",
    "pull_rest": "pull_qty_rest",
    "fill": "fill_qty",
    "reprice_in": "reprice_in_qty",
    "reprice_out": "reprice_out_qty",
    "reset": "reset_qty",
}
KEYS = {"window_start_s", "side", "price_int", "price_from_int", "price_to_int"}


def write_records(path: Path, records: np.ndarray) -> Path:
    """Write records as landing does, with their position as rec_ordinal."""
    defined = records["price"] != np.iinfo(np.int64).max
    columns = {
        "rec_ordinal": pa.array(np.arange(len(records), dtype=np.int64)),
        "ts_event": pa.array(records["ts_event"].astype(np.int64)).view(pa.timestamp("ns")),
        "ts_recv": pa.array(records["ts_recv"].astype(np.int64)).view(pa.timestamp("ns")),
        "instrument_id": pa.array(records["instrument_id"]),
        "order_id": pa.array(records["order_id"]),
        "price_int": pa.array(records["price"], mask=~defined),
        "size": pa.array(records["size"]),
        "flags": pa.array(records["flags"]),
        "action": pa.array([action.decode() for action in records["action"]]),
        "side": pa.array([side.decode() for side in records["side"]]),
    }
    # small groups, of which the replay skips those before the second
    pq.write_table(pa.table(columns), path, row_group_size=256)
    return path


def second_at(path: Path, config: BookConfig, second_s: int) -> SecondOfRecords:
    day = dt.date(1970, 1, 1) + dt.timedelta(seconds=config.day_start_ns // NS_PER_S)
    start = EPOCH + dt.timedelta(seconds=second_s)
    return replay_second(path, day, config.tick_int, config.rest_ns, start).second


def frame_of(config: BookConfig, second_s: int) -> Frame:
    return Frame((second_s + 1) * NS_PER_S, config.tick_int, config.wall_max_ticks, config.rest_ns)


class PerRecord:
    """What each record did to the flows of each side and price, by the plain engine.

    It feeds the plain engine record by record and takes the differences of its sums.
    """

    def __init__(self, records: np.ndarray, config: BookConfig) -> None:
        engine = PlainReplay(config, None)
        plain = plain_records(records)
        self.effects: dict[int, dict[int, Counter]] = defaultdict(dict)
        before: Counter = Counter()
        window = None
        for index, record in enumerate(plain):
            engine.feed(index, record)
            if engine.window is not window:
                window, before = engine.window, Counter()
            after = Counter(
                {
                    (side, price_int, column): getattr(flow, name)
                    for (side, price_int), flow in window.flows.items()
                    for name, column in FLOWS.items()
                }
            )
            changed = {key: after[key] - before[key] for key in after if after[key] != before[key]}
            self.effects[window.start_s][index] = changed
            before = after
        self.result = engine.finish(plain)


@pytest.mark.parametrize("seed", range(4))
def test_every_count_of_every_second_adds_up_to_its_records(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    records = random_stream(rng, 700, random_options(rng, tick_int=TICK_INT))
    config = random_config(rng, records, TICK_INT)
    path = write_records(tmp_path / "part.parquet", records)
    plain = PerRecord(records, config)
    rows = {
        relation: by_second(found)
        for relation, found in (
            (SNAPSHOT, plain.result.snapshot),
            (WALL, plain.result.wall),
            (REPRICE, plain.result.reprice),
        )
    }
    busy = [second for second, effects in plain.effects.items() if any(effects.values())]
    quiet = [second for second in rows[SNAPSHOT] if second not in plain.effects]
    chosen = [*rng.choice(busy, min(12, len(busy)), replace=False).tolist(), *quiet[:2]]
    cells = 0
    for second_s in chosen:
        second = second_at(path, config, second_s)
        frame = frame_of(config, second_s)
        assert by_record(second) == {
            index: effects for index, effects in plain.effects[second_s].items() if effects
        }
        for relation, found in rows.items():
            for row in found[second_s]:
                for column in set(row) - KEYS - set(CONTEXT):
                    counted = count(relation, column, row, second, frame)
                    assert counted is not None, (relation, column)
                    assert counted.value == row[column], (relation, column, row)
                    if counted.changes:
                        start = counted.total.get("depth_qty_start", 0)
                        assert start + sum(qty for _, qty in counted.changes) == row[column]
                    cells += 1
    assert cells > 500


def by_second(rows: list[dict]) -> dict[int, list[dict]]:
    found: dict[int, list[dict]] = defaultdict(list)
    for row in rows:
        found[row["window_start_s"]].append(row)
    return found


def by_record(second: SecondOfRecords) -> dict[int, dict]:
    """Return the effects of each record by side, price and flow."""
    found: dict[int, Counter] = defaultdict(Counter)
    for effect in second.effects:
        for column, qty in effect.flows.items():
            found[effect.record.rec_ordinal][effect.side, effect.price_int, column] += qty
    return {
        index: {key: qty for key, qty in flows.items() if qty} for index, flows in found.items()
    }


# order ids
RESTING, OLDER, ICEBERG, MOVED = 11, 12, 13, 14
BID, BELOW = 100, 99
# ns after the start of the day
SECOND_NS = 10 * NS_PER_S


def at(ms: int) -> int:
    return SECOND_NS + ms * 1_000_000


def test_a_second_of_known_records(tmp_path: Path) -> None:
    """A book of two orders; then an arrival, a fill, an iceberg's refill, a re-price, a cancel."""
    records = script(
        message("A", "B", RESTING, BID, 10, SECOND_NS - 9 * NS_PER_S, SNAPSHOT_FLAGS),
        message("A", "B", OLDER, BID, 4, SECOND_NS - 9 * NS_PER_S, SNAPSHOT_FLAGS),
        message("A", "A", 20, 101, 7, SECOND_NS - 9 * NS_PER_S, SNAPSHOT_LAST),
        message("A", "B", ICEBERG, BID, 5, at(100), LAST),
        message("A", "B", MOVED, BID, 3, at(200), LAST),
        message("T", "A", 0, BID, 8, at(300), 0),
        message("F", "B", RESTING, BID, 8, at(300), 0),
        message("C", "B", RESTING, BID, 8, at(300), LAST),
        message("T", "A", 0, BID, 5, at(400), 0),
        message("F", "B", ICEBERG, BID, 5, at(400), 0),
        message("M", "B", ICEBERG, BID, 5, at(400), LAST),
        message("M", "B", MOVED, BELOW, 3, at(500), LAST),
        message("C", "B", OLDER, BID, 1, at(600), LAST),
        # of the next second
        message("C", "B", OLDER, BID, 3, at(1_000), LAST),
    )
    config = script_config()
    path = write_records(tmp_path / "part.parquet", records)
    second_s = (DAY_START_NS + SECOND_NS) // NS_PER_S
    second, frame = second_at(path, config, second_s), frame_of(config, second_s)
    row = {"side": "B", "price_int": BID * TICK_INT}

    depth = count(WALL, "depth_qty_end", row, second, frame)
    cell = EngineCell()
    _describe(cell, depth, 10)
    assert cell.is_equal
    assert [
        (one["rec_ordinal"], one["action"], one["change"], one["did"]) for one in cell.records
    ] == [
        (3, "A", "+5", "add_qty +5"),
        (4, "A", "+3", "add_qty +3"),
        (7, "C", "-8", "fill_qty +8"),
        (11, "M", "-3", "pull_qty_total +3, reprice_out_qty +3"),
        (12, "C", "-1", "pull_qty_total +1, pull_qty_rest +1"),
    ]
    assert _depth_in_words(depth.total, depth.moved) == (
        "14 at the start + 13 added - 4 pulled - 13 filled = 10 at the end; of these 0 came and 3 "
        "went by a change of price"
    )
    expected = {
        "depth_qty_start": (14, [RESTING, OLDER]),
        "add_qty": (13, [ICEBERG, MOVED, ICEBERG]),
        "fill_qty": (13, [RESTING, ICEBERG]),
        "pull_qty_total": (4, [MOVED, OLDER]),
        "pull_qty_rest": (1, [OLDER]),
        "reprice_out_qty": (3, [MOVED]),
        "depth_qty_rest": (10, [RESTING, OLDER, ICEBERG]),
        "order_count_end": (3, [RESTING, OLDER, ICEBERG]),
    }
    for column, (value, orders) in expected.items():
        found = count(WALL, column, row, second, frame)
        named = [one.record.order_id for one, _ in found.changes] or [
            order.order_id for order in found.orders
        ]
        assert (found.value, named) == (value, orders), column
    moved = {"side": "B", "price_from_int": BID * TICK_INT, "price_to_int": BELOW * TICK_INT}
    assert count(REPRICE, "qty", moved, second, frame).value == 3
    assert count(REPRICE, "qty_rest", moved, second, frame).value == 0
    sold = count(SNAPSHOT, "trade_qty_sell", {}, second, frame)
    assert (sold.value, [one.rec_ordinal for one, _ in sold.changes]) == (13, [5, 8])
    assert count(SNAPSHOT, "n_records", {}, second, frame).value == 10
