"""What is known between two seconds: quotes, distances of levels, how long their states are held.

A snap has no row. Spot and quotes are those after the newest record that the engines were given;
all else is of the last second that has ended, and says so.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

from spymaster_ingest.lake import Lake
from spymaster_ingest.units import NS_PER_S, PRICE_SCALE, epoch_ns

from spymaster.live.engines import Quotes
from spymaster.live.outlets import Rows, Snap
from spymaster.published import ask_rows, open_published, relations_of

SNAP_MS = 250
_QUERIES = Path(__file__).parent / "queries"
_BAND, _PRIORITIES = "reference.engine_constants", "silver.level_definitions"
_SIGNALS, _LEVELS, _SCORES = "gold.level_signals", "silver.levels_1s", "gold.break_score_1s"
# of the day's book: the first that is made
_CONDITIONS = (
    "gold.conditions_in_use_1s",
    "gold.turn_conditions_1s",
    "gold.turn_conditions_mbp_1s",
)
_SECOND = dt.timedelta(seconds=1)
_NS_PER_MS = 1_000_000


class Tick(NamedTuple):
    """The time has come for a snap; ns since 1970 UTC, by the clock of the run."""

    time_ns: int


class _Held(NamedTuple):
    """The state of a level and how many seconds it is held, the last one included."""

    state: str | None
    held_s: int


class Snaps:
    """Makes the snaps of a run; used by the thread of the run.

    Args:
        lake: with the published file of the run.
        made: relations that the run makes.
        history_s: seconds of the day so far in which the begin of a signal is looked for.
    """

    def __init__(self, lake: Lake, made: Collection[str], history_s: int) -> None:
        self._made = frozenset(made)
        self._history = dt.timedelta(seconds=history_s)
        with open_published(lake) as published:
            there = relations_of(published)
            band = ask_rows(published, _QUERIES / "monitor_band.sql", {}) if _BAND in there else []
            order = (
                ask_rows(published, _QUERIES / "priorities.sql", {}) if _PRIORITIES in there else []
            )
        self._band_ticks: int | None = band[0]["band_ticks"] if band else None
        self._priorities = {row["level_id"]: row["priority"] for row in order}
        self._conditions = next((x for x in _CONDITIONS if x in self._made), None)
        self._at: dt.datetime | None = None
        self._levels: list[dict[str, Any]] = []
        self._payload: dict[str, Any] | None = None
        self._signals: dict[str, _Held] = {}
        self._states: dict[str, _Held] = {}

    def note(self, rows: Rows, from_ts: dt.datetime, to_ts: dt.datetime) -> None:
        """Take the seconds that end in (from_ts, to_ts], after those that were taken before."""
        last_ts = to_ts - _SECOND
        if _SCORES in self._made:
            self._note_signals(rows, from_ts if self._at else to_ts - self._history, to_ts)
        if self._conditions is not None:
            self._states = {
                row["level_id"]: _Held(row["state"], row["held_s"])
                for row in rows.rows(self._conditions, last_ts, to_ts).to_pylist()
                if row["held_s"] is not None
            }
        if _LEVELS in self._made:
            found = rows.rows(_LEVELS, last_ts, to_ts).to_pylist()
            self._levels = [row for row in found if row["is_active"]]
        if _SIGNALS in self._made:
            texts = rows.rows(_SIGNALS, last_ts, to_ts).column("payload").to_pylist()
            self._payload = json.loads(texts[-1]) if texts else None
        self._at = to_ts

    def at(self, time_ns: int, quotes: Quotes | None) -> Snap | None:
        """Return the snap of a moment; None before the first second, or without a book.

        Args:
            time_ns: of the moment, by the clock of the run.
            quotes: after the newest record that the engines were given.
        """
        if self._at is None or quotes is None:
            return None
        as_of_ns = epoch_ns(self._at)
        since_s = max(round((time_ns - as_of_ns) / NS_PER_S, 3), 0.0)
        spot, bid, ask = (
            None if price is None else price / PRICE_SCALE
            for price in (quotes.spot_int, quotes.bid_int, quotes.ask_int)
        )
        spot_tick = None if quotes.spot_int is None else quotes.spot_int // quotes.tick_int
        levels = [self._level(row, spot_tick, since_s) for row in self._levels]
        levels.sort(key=self._place)
        snap = Snap(time_ns, as_of_ns, spot, bid, ask, levels, None)
        return snap._replace(payload=self._payload_of(snap))

    def _note_signals(self, rows: Rows, from_ts: dt.datetime, to_ts: dt.datetime) -> None:
        """Count for each level how many seconds in a row it has had its signal."""
        found = rows.rows(_SCORES, from_ts, to_ts).select(["window_end_ts", "level_id", "signal"])
        end_s = dict[str, dt.datetime]()
        for row in sorted(found.to_pylist(), key=lambda row: row["window_end_ts"]):
            level_id, signal, end_ts = row["level_id"], row["signal"], row["window_end_ts"]
            before = self._signals.get(level_id)
            is_next = end_s.get(level_id, from_ts) == end_ts - _SECOND
            goes_on = before is not None and is_next and before.state == signal
            held_s = before.held_s + 1 if goes_on and before is not None else 1
            self._signals[level_id] = _Held(signal, held_s)
            end_s[level_id] = end_ts
        self._signals = {x: held for x, held in self._signals.items() if end_s.get(x) == to_ts}

    def _level(self, row: dict[str, Any], spot_tick: int | None, since_s: float) -> dict[str, Any]:
        distance = None if spot_tick is None else row["level_tick"] - spot_tick
        is_near = None
        if distance is not None and self._band_ticks is not None:
            is_near = row["is_primary"] and abs(distance) <= self._band_ticks
        found = {
            "id": row["level_id"],
            "price": row["level_price_int"] / PRICE_SCALE,
            "distance": distance,
            "in_monitor_band": is_near,
        }
        for name, held in (("signal", self._signals), ("state", self._states)):
            now = held.get(row["level_id"])
            is_known = now is not None and now.state is not None
            found[name] = now.state if now is not None and is_known else None
            held_s = round(now.held_s + since_s, 3) if now is not None and is_known else None
            found[f"{name}_held_s"] = held_s
        return found

    def _place(self, level: dict[str, Any]) -> tuple[float, float, str]:
        """Return what levels are sorted by: the distance, then the priority."""
        distance = level["distance"]
        far = float("inf") if distance is None else float(abs(distance))
        return far, self._priorities.get(level["id"], float("inf")), level["id"]

    def _payload_of(self, snap: Snap) -> str | None:
        """Return the payload of the last second with quotes and distances of now."""
        if self._payload is None:
            return None
        distances = {level["id"]: level["distance"] for level in snap.levels}
        levels = [
            level | {"distance": distances[level["id"]]}
            for level in self._payload["levels"]
            if distances.get(level["id"]) is not None
        ]
        levels.sort(key=self._place)
        now_ms, as_of_ms = snap.time_ns // _NS_PER_MS, snap.as_of_ns // _NS_PER_MS
        payload = self._payload | {
            "ts": now_ms,
            "es": {"spot": snap.spot, "bid": snap.bid, "ask": snap.ask},
            "levels": levels,
            "viewport": {"ts": now_ms, "targets": [level["id"] for level in levels]},
            "as_of": as_of_ms,
            "all_levels": snap.levels,
        }
        return json.dumps(payload, separators=(",", ":"), allow_nan=False)
