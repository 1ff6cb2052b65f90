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


class _Second(NamedTuple):
    """What is known of the last second that has ended.

    Attributes:
        end_ts: its end, UTC, without a zone.
        levels: active levels of it.
        payload: of ``levels.signals``.
        signals: by level.
        states: of the four conditions, by level.
    """

    end_ts: dt.datetime
    levels: list[dict[str, Any]]
    payload: dict[str, Any] | None
    signals: dict[str, _Held]
    states: dict[str, _Held]


class Snaps:
    """Makes the snaps of a run.

    One thread notes seconds, another may make snaps of the last one meanwhile.

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
        self._second: _Second | None = None

    def note(self, rows: Rows, from_ts: dt.datetime, to_ts: dt.datetime) -> None:
        """Take the seconds that end in (from_ts, to_ts], after those that were taken before."""
        last_ts = to_ts - _SECOND
        signals, states, levels, payload = dict[str, _Held](), dict[str, _Held](), [], None
        if _SCORES in self._made:
            signals = self._signals(rows, from_ts, to_ts)
        if self._conditions is not None:
            states = {
                row["level_id"]: _Held(row["state"], row["held_s"])
                for row in rows.rows(self._conditions, last_ts, to_ts).to_pylist()
                if row["held_s"] is not None
            }
        if _LEVELS in self._made:
            found = rows.rows(_LEVELS, last_ts, to_ts).to_pylist()
            levels = [row for row in found if row["is_active"]]
        if _SIGNALS in self._made:
            texts = rows.rows(_SIGNALS, last_ts, to_ts).column("payload").to_pylist()
            payload = json.loads(texts[-1]) if texts else None
        self._second = _Second(to_ts, levels, payload, signals, states)

    def at(self, time_ns: int, quotes: Quotes | None) -> Snap | None:
        """Return the snap of a moment; None before the first second, or without a book.

        Args:
            time_ns: of the moment, by the clock of the run.
            quotes: after the newest record that the engines were given.
        """
        second = self._second
        if second is None or quotes is None:
            return None
        as_of_ns = epoch_ns(second.end_ts)
        since_s = max(round((time_ns - as_of_ns) / NS_PER_S, 3), 0.0)
        spot, bid, ask = (
            None if price is None else price / PRICE_SCALE
            for price in (quotes.spot_int, quotes.bid_int, quotes.ask_int)
        )
        spot_tick = None if quotes.spot_int is None else quotes.spot_int // quotes.tick_int
        levels = [self._level(second, row, spot_tick, since_s) for row in second.levels]
        levels.sort(key=self._place)
        snap = Snap(time_ns, as_of_ns, spot, bid, ask, levels, None)
        return snap._replace(payload=self._payload_of(second, snap))

    def _signals(self, rows: Rows, from_ts: dt.datetime, to_ts: dt.datetime) -> dict[str, _Held]:
        """Return for each level its signal and how many seconds in a row it has had it."""
        signals = dict[str, _Held]()
        if self._second is None:
            from_ts = to_ts - self._history
        else:
            signals |= self._second.signals
        found = rows.rows(_SCORES, from_ts, to_ts).select(["window_end_ts", "level_id", "signal"])
        end_s = dict[str, dt.datetime]()
        for row in sorted(found.to_pylist(), key=lambda row: row["window_end_ts"]):
            level_id, signal, end_ts = row["level_id"], row["signal"], row["window_end_ts"]
            before = signals.get(level_id)
            is_next = end_s.get(level_id, from_ts) == end_ts - _SECOND
            goes_on = before is not None and is_next and before.state == signal
            held_s = before.held_s + 1 if goes_on and before is not None else 1
            signals[level_id] = _Held(signal, held_s)
            end_s[level_id] = end_ts
        return {x: held for x, held in signals.items() if end_s.get(x) == to_ts}

    def _level(
        self, second: _Second, row: dict[str, Any], spot_tick: int | None, since_s: float
    ) -> dict[str, Any]:
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
        for name, held in (("signal", second.signals), ("state", second.states)):
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

    def _payload_of(self, second: _Second, snap: Snap) -> str | None:
        """Return the payload of the last second with quotes and distances of now."""
        if second.payload is None:
            return None
        distances = {level["id"]: level["distance"] for level in snap.levels}
        levels = [
            level | {"distance": distances[level["id"]]}
            for level in second.payload["levels"]
            if distances.get(level["id"]) is not None
        ]
        levels.sort(key=self._place)
        now_ms, as_of_ms = snap.time_ns // _NS_PER_MS, snap.as_of_ns // _NS_PER_MS
        payload = second.payload | {
            "ts": now_ms,
            "es": {"spot": snap.spot, "bid": snap.bid, "ask": snap.ask},
            "levels": levels,
            "viewport": {"ts": now_ms, "targets": [level["id"] for level in levels]},
            "as_of": as_of_ms,
            "all_levels": snap.levels,
        }
        return json.dumps(payload, separators=(",", ":"), allow_nan=False)
