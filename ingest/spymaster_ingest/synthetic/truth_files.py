"""The truth about a synthetic day as Parquet, for tests and reports; no model may read it.

Columns carry the names of the relations they are compared with: ``wall_surface_1s``,
``book_snapshot_1s`` and ``levels_1s``. The numbers come from the agents' own bookings.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from spymaster_ingest.durable import put_in_place, temporary_sibling
from spymaster_ingest.synthetic import market_arrays
from spymaster_ingest.synthetic.agent_truth import action_columns, agent_columns
from spymaster_ingest.synthetic.contract_days import DayPiece, agents_of, contract_day
from spymaster_ingest.synthetic.outcome_chances import chances_of_class, chances_of_observation
from spymaster_ingest.synthetic.realism_report import DayReport, report_columns
from spymaster_ingest.synthetic.signature_densities import signature_excesses
from spymaster_ingest.synthetic.synthetic_market import (
    GENERATOR_VERSION,
    NULL_VERSION,
    SyntheticMarket,
)
from spymaster_ingest.units import NS_PER_S, PRICE_SCALE

TABLES = (
    "truth_days",
    "truth_flows_1s",
    "truth_book_1s",
    "truth_levels",
    "truth_approaches",
    "generator_report",
)
# table of a day with options
OPTION_TABLES = ("truth_options",)
# tables of a day with planted agents
AGENT_TABLES = ("truth_agents", "truth_agent_actions")
_TIME = pa.timestamp("ns")
_SIDES = pa.array(["B", "A"])

# names of the booked flows in wall_surface_1s
_FLOW_NAMES = {
    "depth": "depth_qty_end",
    "add": "add_qty",
    "pull": "pull_qty_total",
    "pull_rest": "pull_qty_rest",
    "fill": "fill_qty",
    "reprice_in": "reprice_in_qty",
    "reprice_out": "reprice_out_qty",
    "reset": "reset_qty",
}
_PRICES = ("best_bid", "best_ask", "last_trade", "spot")
_BOOK_COUNTS = (
    "best_bid_qty",
    "best_ask_qty",
    "trade_count",
    "trade_qty_buy",
    "trade_qty_sell",
    "trade_qty_none",
    "n_records",
    "n_groups",
    "bid_depth_total",
    "ask_depth_total",
    "bid_order_count",
    "ask_order_count",
)
_PHASES = pa.array(["closed", "open", "pre_open"])


def truth_path(out_dir: Path, table: str, symbol: str, day: dt.date) -> Path:
    """Return the path of a table's rows of a contract-day, beside the raw files."""
    return out_dir / "truth" / table / f"symbol={symbol}" / f"dt={day.isoformat()}.parquet"


def attach_truth(connection: duckdb.DuckDBPyConnection, out_dir: Path) -> None:
    """Create views in schema ``truth`` on the truth below a folder, without empty tables."""
    connection.execute("create schema if not exists truth")
    for table in (*TABLES, *OPTION_TABLES, *AGENT_TABLES):
        if not any((out_dir / "truth" / table).glob("*/*.parquet")):
            continue
        files = out_dir / "truth" / table / "*" / "*.parquet"
        connection.execute(
            f"create or replace view truth.{table} as "  # noqa: S608
            f"select * from read_parquet('{files}', hive_partitioning = false)"
        )


class TruthWriter:
    """Writes the truth of one contract-day, piece by piece.

    Used as a context manager; the files get their names when the day is complete.
    """

    def __init__(self, out_dir: Path, market: SyntheticMarket, day: dt.date, kind: str) -> None:
        self._market = market
        self._day = day
        self._frame = contract_day(market, day, kind)
        self._agents = agents_of(market, day, kind)
        self._paths = {
            table: truth_path(out_dir, table, self._frame.contract.symbol, day)
            for table in (*TABLES, *AGENT_TABLES)
        }
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._temporary: dict[str, Path] = {}
        self._approaches: list[np.ndarray] = []
        self._actions: list[np.ndarray] = []
        self._seconds: list[np.ndarray] = []
        self._counts = dict.fromkeys("ACMFTRN", 0)
        # The targets of the report hold for a liquid contract.
        self.report = DayReport(market, self._frame.pace) if kind == "front" else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        for writer in self._writers.values():
            writer.close()
        if kind is not None:
            for path in self._temporary.values():
                path.unlink(missing_ok=True)

    def add(self, piece: DayPiece) -> None:
        """Append the truth of a piece."""
        for action in self._counts:
            found = piece.records["action"] == action.encode()
            self._counts[action] += int(np.count_nonzero(found))
        self._approaches.append(piece.approaches.copy())
        self._actions.append(piece.agent_actions.copy())
        self._seconds.append(piece.seconds[["last_trade", "trade_count", *_VOLUMES]].copy())
        self._last = piece
        if self.report is not None:
            self.report.add(piece)
        if piece.flows.size:
            self._write("truth_flows_1s", self._flow_columns(piece.flows))
        if piece.seconds.size:
            self._write("truth_book_1s", self._book_columns(piece.seconds))

    def finish(self) -> None:
        """Write the tables of the whole day, and give the files their names."""
        self._write("truth_levels", self._level_columns())
        self._write("truth_approaches", self._approach_columns(np.concatenate(self._approaches)))
        self._write("truth_days", self._day_columns())
        if self._agents.size:
            actions = np.concatenate(self._actions)
            self._write("truth_agents", agent_columns(self._agents, actions))
            self._write("truth_agent_actions", action_columns(actions, self._prices))
        if self.report is not None:
            self._write("generator_report", report_columns(self.report.findings()))
        for table, writer in self._writers.items():
            writer.close()
            self._paths[table].parent.mkdir(parents=True, exist_ok=True)
            put_in_place(self._temporary[table], self._paths[table])
        self._writers.clear()

    def _write(self, table: str, columns: dict[str, pa.Array]) -> None:
        rows = len(next(iter(columns.values())))
        batch = pa.table(
            {
                "symbol": pa.array([self._frame.contract.symbol] * rows, pa.string()),
                "dt": pa.array([self._day] * rows, pa.date32()),
                **columns,
            }
        )
        if table not in self._writers:
            path = self._paths[table]
            path.parent.mkdir(parents=True, exist_ok=True)
            self._temporary[table] = temporary_sibling(path)
            self._writers[table] = pq.ParquetWriter(
                self._temporary[table], batch.schema, compression="zstd", compression_level=1
            )
        self._writers[table].write_table(batch)

    def _times(self, second: np.ndarray) -> pa.Array:
        """Return seconds of the day as timestamps, NULL where they are negative."""
        ns = self._frame.pace.midnight_ns + np.asarray(second, np.int64) * NS_PER_S
        return pa.array(ns, pa.int64(), mask=np.asarray(second) < 0).cast(_TIME)

    def _prices(self, level: np.ndarray) -> pa.Array:
        """Return ladder levels as prices in 1e-9 points, NULL where there is none."""
        price = (self._frame.lowest_tick + level.astype(np.int64)) * self._frame.contract.tick_int
        return pa.array(price, mask=level < 0)

    def _windows(self, second: np.ndarray) -> dict[str, pa.Array]:
        return {
            "window_start_ts": self._times(second),
            "window_end_ts": self._times(second.astype(np.int64) + 1),
        }

    def _flow_columns(self, flows: np.ndarray) -> dict[str, pa.Array]:
        rows = flows[np.lexsort((flows["level"], flows["side"], flows["second"]))]
        return {
            **self._windows(rows["second"]),
            "side": pa.DictionaryArray.from_arrays(pa.array(rows["side"]), _SIDES).cast(
                pa.string()
            ),
            "price_int": self._prices(rows["level"]),
            **{new: pa.array(rows[old].astype(np.int64)) for old, new in _FLOW_NAMES.items()},
        }

    def _book_columns(self, seconds: np.ndarray) -> dict[str, pa.Array]:
        names = {
            "best_bid": "best_bid_price_int",
            "best_ask": "best_ask_price_int",
            "last_trade": "last_trade_price_int",
            "spot": "spot_ref_price_int",
        }
        phase = pa.DictionaryArray.from_arrays(pa.array(seconds["phase"].astype(np.int8)), _PHASES)
        return {
            **self._windows(seconds["second"]),
            **{names[name]: self._prices(seconds[name]) for name in _PRICES},
            **{name: pa.array(np.ascontiguousarray(seconds[name])) for name in _BOOK_COUNTS},
            "trading_phase": phase.cast(pa.string()),
        }

    def _level_columns(self) -> dict[str, pa.Array]:
        """Return every named level from the moment it may be used.

        A moving average appears once the day's own bars suffice; from then on it does not depend
        on earlier days.
        """
        pace, bars, named = self._frame.pace, self._last.bars, self._last.named
        ids, ticks, since = [], [], []
        ready = {
            market_arrays.PM_HIGH: pace.cash_s,
            market_arrays.PM_LOW: pace.cash_s,
            market_arrays.OR_HIGH: pace.range_end_s,
            market_arrays.OR_LOW: pace.range_end_s,
        }
        for index, second in ready.items():
            if named[index]["is_active"]:
                ids.append(market_arrays.LEVEL_IDS[index])
                ticks.append(float(named[index]["tick"]))
                since.append(second)
        totals = np.concatenate([[0], np.cumsum(bars["close_tick"])])
        for index, count in enumerate(market_arrays.SMA_BARS):
            if count and bars.size >= count:
                ends = bars["end_s"][count - 1 :]
                ids += [market_arrays.LEVEL_IDS[index]] * ends.size
                ticks += list((totals[count:] - totals[:-count]) / count)
                since += list(ends)
        price_tick = np.array(ticks, np.float64)
        tick_int = self._frame.contract.tick_int
        level_tick = np.rint(price_tick).astype(np.int64)
        return {
            "level_id": pa.array(ids, pa.string()),
            "available_from_ts": self._times(np.array(since, np.int64)),
            "level_price": pa.array(price_tick * (tick_int / PRICE_SCALE)),
            "level_price_int": pa.array(level_tick * tick_int),
            "level_tick": pa.array(level_tick),
        }

    def _approach_columns(self, rows: np.ndarray) -> dict[str, pa.Array]:
        def text(values: np.ndarray, names: tuple[str, ...]) -> pa.Array:
            return pa.array([names[v] if v >= 0 else None for v in values], pa.string())

        def moments(name: str) -> pa.Array:
            ns = np.ascontiguousarray(rows[name])
            return pa.array(ns, pa.int64(), mask=ns < 0).cast(_TIME)

        conditions = {
            name: pa.array((rows["conditions"] & bit) != 0)
            for name, bit in (
                ("retreat_ahead", market_arrays.RETREAT_AHEAD),
                ("pull_ahead", market_arrays.PULL_AHEAD),
                ("retreat_behind", market_arrays.RETREAT_BEHIND),
                ("pull_behind", market_arrays.PULL_BEHIND),
                ("follow_behind", market_arrays.FOLLOW_BEHIND),
            )
        }
        by_class = chances_of_class(self._market, rows)
        by_observation = chances_of_observation(self._market, rows)
        bayes = {
            f"bayes_{name}_{outcome}": pa.array(chances[:, i], pa.float64(), from_pandas=True)
            for name, chances in (("class", by_class), ("obs", by_observation))
            for i, outcome in enumerate(("break", "reject", "chop"))
        }
        excess = signature_excesses(rows)
        return {
            "level_id": text(rows["level"], market_arrays.LEVEL_IDS),
            "direction": text((rows["direction"] < 0).astype(int), ("up", "down")),
            **{
                f"{name}_ts": self._times(rows[f"{name}_s"])
                for name in ("start", "phase_start", "phase_end", "decision")
            },
            "mechanism_start_ts": self._times(rows["mechanism_start_s"]),
            "sweep_start_ts": self._times(rows["first_sweep_s"]),
            "level_tick": pa.array(np.ascontiguousarray(rows["level_tick"])),
            "signature": text(rows["signature"], market_arrays.SIGNATURES),
            **conditions,
            "gain": pa.array(np.ascontiguousarray(rows["gain"])),
            "has_wall": pa.array(rows["has_wall"] != 0),
            "pull_add_log_ahead": pa.array(excess[:, 0]),
            "pull_add_log_behind": pa.array(excess[:, 1]),
            "net_retreat_qty_ahead": pa.array(np.ascontiguousarray(rows["away_ahead"])),
            "net_retreat_qty_behind": pa.array(np.ascontiguousarray(rows["away_behind"])),
            "x0_ticks": pa.array(np.ascontiguousarray(rows["x0_ticks"])),
            "drawn_outcome": text(rows["drawn"], market_arrays.OUTCOMES),
            "realised_outcome": text(rows["realised"], market_arrays.OUTCOMES),
            "reached_ts": moments("reached_ns"),
            "hit_ts": moments("hit_ns"),
            **bayes,
        }

    def _day_columns(self) -> dict[str, pa.Array]:
        seconds = np.concatenate(self._seconds)
        traded = seconds["last_trade"][seconds["last_trade"] >= 0]
        noon = dt.datetime.combine(
            self._day, dt.time(12), tzinfo=ZoneInfo(self._market.plan.time_zone)
        )
        values = {
            "seed": self._market.seed,
            "is_null": self._market.null,
            "config_hash": config_hash(self._market),
            "n_approaches": sum(rows.size for rows in self._approaches),
            **{f"n_{action}": count for action, count in self._counts.items()},
            "volume": int(sum(int(seconds[name].sum()) for name in _VOLUMES)),
            "is_daylight_saving": bool(noon.dst()),
            "snapshot_kind": self._market.snapshot_kind,
            "rolled_share": self._market.rolled_share(self._day),
            "damage": ", ".join(f"{k} {v}" for k, v in asdict(self._market.damage).items() if v),
        }
        columns = {name: pa.array([value]) for name, value in values.items()}
        if traded.size:
            path = np.array([traded[0], traded.max(), traded.min(), traded[-1]])
            prices = self._prices(path)
            for i, name in enumerate(("open", "high", "low", "close")):
                columns[f"{name}_price_int"] = prices[i : i + 1]
        return columns


_VOLUMES = ("trade_qty_buy", "trade_qty_sell", "trade_qty_none")


def config_hash(market: SyntheticMarket) -> str:
    """Return sha256 (hex) over all settings of a market except its seed.

    A market without agents has the hash of one that knows no agents, and only that of a null market
    depends on NULL_VERSION.
    """
    settings = {"generator_version": GENERATOR_VERSION, **asdict(market)}
    if market.null:
        settings["null"] = NULL_VERSION
    del settings["seed"]
    if not market.agents:
        del settings["agents"]
    text = json.dumps(settings, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
