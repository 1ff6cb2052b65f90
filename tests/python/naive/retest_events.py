"""`retest_events`: a level that broke, and what happened when price came back to it.

Rules chosen where the specification leaves room:
- Prints are trades, in file order, or closes of 120 s bars, each one print at the end of its bar.
  Their time is ts_event, or the end of the bar; it never goes back: a trade with an earlier
  ts_event than a trade before it in the file has the latest one so far. A path holds prints whose
  window begins at or after its start and ends at or before its end; a bar that ends with the path
  belongs to it.
- approach_ts is the first second of an unbroken APPROACH. The level is not taken anew between a
  cross and the trade that shows that it does not hold.
- A close is measured against the level of the bar ends before it; its own bar end then takes the
  level anew.
- The hold includes its last instant; what follows it is later than broken_ts.
- broken_window_end_ts is the end of the second of broken_ts, or of a later one in which a trade of
  the hold arrived; on bars broken_ts itself. A path that ends before it has no event.
- The second of a retest holds all trades of its window, in whatever place, also those before it.
- A THROUGH has no retest: its retest columns and deepest_x_ticks are None, its outcome_ts is the
  first trade too far through, and its label ends with that second.
- Without a retest excursion_ticks is None.
- label_end_ts of a hit is the end of the window of the trade that decided; of a path that ends
  early the instant at which this is known.
- The event ends with its label, or with its path, and the next approach may begin at that second.
- excursion_ticks begins with the cross, deepest_x_ticks with the second of the retest.
- Without market by order the conditions are those of market by price, on the whole contract-day.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from naive.gaps import Gap
from naive.levels_episodes import path_of
from naive.levels_model import (
    APPROACHES,
    CANDLE_S,
    NS_PER_S,
    LevelKey,
    LevelRules,
    Row,
    Second,
    Trade,
    timestamp_of,
    whole_ticks,
)
from naive.levels_paths import Future

POINT_OFFSETS = range(-4, 5)
STATE_COLUMNS = {
    "c1": "c1",
    "c2": "c2",
    "c3": "c3",
    "c4": "c4",
    "turn_state": "state",
    "recent_turn_state": "recent_state",
    "missing": "missing",
    "held_s": "held_s",
}
UNKNOWN_WITHOUT_RETEST = (
    "retest_ts",
    "retest_ticks",
    "retest_window_end_ts",
    "retest_wait_s",
    "excursion_ticks",
    "retest_x_ticks",
    "deepest_x_ticks",
    "outcome_ts",
)
FOREVER_S = 1 << 40


@dataclass(frozen=True)
class RetestRules:
    """Settings: distances in ticks past the level, times in seconds."""

    approach_max_ticks: int = 20
    break_ticks: int = 4
    hold_s: int = 10
    retest_ticks: int = 2
    through_ticks: int = 1
    outcome_ticks: int = 8
    horizon_s: int = 480


class Print(NamedTuple):
    """A price at which was traded: its window, its time and its tick."""

    start_s: int
    end_s: int
    ts_ns: int
    ticks: int


class Sense(NamedTuple):
    """Direction in which prints are measured."""

    sign: int

    def x(self, price: Print, level_tick: int) -> int:
        """Distance of a print past the level."""
        return self.sign * (price.ticks - level_tick)


def trade_prints(trades: Iterable[Trade], rules: LevelRules) -> list[Print]:
    """Trades of a partition, in file order."""
    return [
        Print(t.window_s, t.window_s + 1, t.ts_event_ns, whole_ticks(t.price_int, rules.tick_int))
        for t in path_of(trades, rules)
    ]


def bar_prints(bars: Iterable[Mapping[str, Any]], rules: LevelRules) -> list[Print]:
    """Closes of 120 s bars.

    Args:
        bars: `start_s` and `close_price_int` of every bar of the contract.
        rules: Tick of the contract.
    """
    prints = [
        Print(
            bar["start_s"],
            bar["start_s"] + CANDLE_S,
            (bar["start_s"] + CANDLE_S) * NS_PER_S,
            whole_ticks(bar["close_price_int"], rules.tick_int),
        )
        for bar in bars
    ]
    return sorted(prints)


def forward_in_time(prints: Iterable[Print]) -> list[Print]:
    """The same prints, none of them earlier than one before it."""
    latest_ns, found = 0, []
    for price in prints:
        latest_ns = max(latest_ns, price.ts_ns)
        found.append(price._replace(ts_ns=latest_ns))
    return found


def approach_ticks(
    levels: Mapping[LevelKey, Row], offsets: Mapping[LevelKey, Row], level: str, direction: str
) -> dict[int, int]:
    """The level's tick at every second end at which it is approached, on basis `seconds`."""
    return {
        end_s: row["level_tick"]
        for (end_s, level_id), row in sorted(levels.items())
        if level_id == level
        and row["is_active"]
        and row["is_primary"]
        and (end_s, level_id) in offsets
        and offsets[end_s, level_id]["approach_dir"] == direction
    }


def approach_ticks_of_bars(
    levels: Mapping[LevelKey, Row],
    prints: Iterable[Print],
    level: str,
    direction: str,
    settings: RetestRules,
) -> dict[int, int]:
    """The same on basis `bars`, at bar ends."""
    sense = Sense(APPROACHES[direction])
    found = {}
    for price in prints:
        row = levels.get((price.end_s, level))
        if row is None or not (row["is_active"] and row["is_primary"]):
            continue
        if -settings.approach_max_ticks <= sense.x(price, row["level_tick"]) < 0:
            found[price.end_s] = row["level_tick"]
    return found


class Cross(NamedTuple):
    """A break that held: the index of its print in the path, the level, and when it held."""

    index: int
    level_tick: int
    broken_ns: int
    known_s: int


def first_break(
    path: Sequence[Print],
    start_s: int,
    path_end_s: int,
    ticks: Mapping[int, int],
    sense: Sense,
    basis: str,
    settings: RetestRules,
) -> tuple[Cross | None, int]:
    """The first break of an approach that holds, or the second at which the approach ends."""
    level_tick, anew_from_s = ticks[start_s], start_s
    instants = sorted(ticks)
    index = 0
    while index < len(path):
        price = path[index]
        last_s = instants[bisect_right(instants, price.start_s) - 1]
        if last_s >= anew_from_s:
            level_tick = ticks[last_s]
        if sense.x(price, level_tick) < -settings.approach_max_ticks:
            return None, price.end_s
        if sense.x(price, level_tick) < settings.break_ticks:
            index += 1
            continue
        if basis == "bars":
            return Cross(index, level_tick, price.ts_ns, price.end_s), path_end_s
        broken_ns = price.ts_ns + settings.hold_s * NS_PER_S
        back = next(
            (
                n
                for n in range(index + 1, len(path))
                if path[n].ts_ns <= broken_ns and sense.x(path[n], level_tick) <= 0
            ),
            None,
        )
        if back is None:
            hold = [p for p in path[index + 1 :] if p.ts_ns <= broken_ns]
            known_s = max([broken_ns // NS_PER_S + 1, *(p.end_s for p in hold)])
            is_held = known_s <= path_end_s
            return (Cross(index, level_tick, broken_ns, known_s) if is_held else None), path_end_s
        # the print that came back is itself a print of the approach, at the same level
        index, anew_from_s = back, path[back].end_s
    return None, path_end_s


def retest_events(
    levels: Mapping[LevelKey, Row],
    offsets: Mapping[LevelKey, Row],
    seconds: Iterable[Second],
    prints_by_basis: Mapping[str, Sequence[Print]],
    rules: LevelRules,
    settings: RetestRules | None = None,
    gaps: Iterable[Gap] = (),
    known: Mapping[str, Mapping[Any, Row]] | None = None,
    has_orders: bool = True,
) -> list[Row]:
    """Rows of `gold.retest_events`.

    Args:
        levels: Rows of `levels_1s` by (window end in seconds, level_id).
        offsets: Rows of `level_offset_1s`.
        seconds: Rows of `book_snapshot_1s` of the partition.
        prints_by_basis: Prints of `seconds` and of `bars`.
        rules: Symbol, date and tick.
        settings: Distances and times.
        gaps: Rows of `recording_gaps` of the partition.
        known: Rows of `conditions_in_use_1s` and `level_ladder_1s` by (window end, level_id[,
            point_offset]), and of `physics_bands_1s` by window end.
        has_orders: Whether market by order of the contract-day is landed.
    """
    settings = settings or RetestRules()
    future = Future(seconds, [], rules, gaps)
    rows = []
    for basis, recorded in prints_by_basis.items():
        prints = forward_in_time(recorded)
        for level in sorted({level_id for _, level_id in levels}):
            for direction in APPROACHES:
                if basis == "bars":
                    ticks = approach_ticks_of_bars(levels, prints, level, direction, settings)
                else:
                    ticks = approach_ticks(levels, offsets, level, direction)
                for event in _events(prints, ticks, future, direction, basis, settings):
                    keys = {
                        "symbol": rules.symbol,
                        "dt": rules.dt,
                        "level_id": level,
                        "approach_dir": direction,
                        "basis": basis,
                        "conditions_basis": "orders" if has_orders else "net",
                    }
                    at_retest = known_at(event["retest_window_end_ts"], level, known or {})
                    rows.append(keys | _published(event, rules) | at_retest)
    return rows


def _events(
    prints: Sequence[Print],
    ticks: Mapping[int, int],
    future: Future,
    direction: str,
    basis: str,
    settings: RetestRules,
) -> list[Row]:
    sense = Sense(APPROACHES[direction])
    events = []
    free_from_s = min(ticks, default=0)
    for start_s in sorted(ticks):
        if start_s < free_from_s:
            continue
        path_end_s = future.path_end_s(start_s)
        path = [p for p in prints if p.start_s >= start_s and p.end_s <= path_end_s]
        cross, free_from_s = first_break(path, start_s, path_end_s, ticks, sense, basis, settings)
        if cross is None:
            continue
        event, free_from_s = _after_break(path, path_end_s, cross, future, sense, settings)
        events.append({"approach_ts": start_s} | event)
    return events


def _after_break(
    path: Sequence[Print],
    path_end_s: int,
    cross: Cross,
    future: Future,
    sense: Sense,
    settings: RetestRules,
) -> tuple[Row, int]:
    """Values of an event from its cross on, and the second at which it ends."""

    def x(price: Print) -> int:
        return sense.x(price, cross.level_tick)

    event: Row = dict.fromkeys(UNKNOWN_WITHOUT_RETEST) | {
        "level_tick": cross.level_tick,
        "cross_ts": path[cross.index].ts_ns,
        "cross_ticks": path[cross.index].ticks,
        "broken_ts": cross.broken_ns,
        "broken_window_end_ts": cross.known_s,
    }
    back = next(
        (
            n
            for n in range(cross.index + 1, len(path))
            if path[n].ts_ns > cross.broken_ns and x(path[n]) <= settings.retest_ticks
        ),
        None,
    )
    if back is None:
        known_s = future.label_end_s(path_end_s - 1, FOREVER_S)
        return event | {"outcome": "NO_RETEST", "label_end_ts": known_s}, path_end_s
    retest = path[back]
    same = [price for price in path if price.start_s == retest.start_s]
    through = [price for price in same if x(price) < -settings.through_ticks]
    if through:
        end = {"outcome": "THROUGH", "outcome_ts": through[0].ts_ns, "label_end_ts": retest.end_s}
        return event | end, retest.end_s
    event |= {
        "retest_ts": retest.ts_ns,
        "retest_ticks": retest.ticks,
        "retest_window_end_ts": retest.end_s,
        "excursion_ticks": max(x(price) for price in path[cross.index : back + 1]),
        "retest_wait_s": (retest.ts_ns - cross.broken_ns) / NS_PER_S,
        "retest_x_ticks": min(x(price) for price in same),
    }
    horizon_end_s = retest.end_s + settings.horizon_s
    later = [p for p in path if p.start_s >= retest.end_s and p.end_s <= horizon_end_s]
    hit = next((n for n, p in enumerate(later) if abs(x(p)) >= settings.outcome_ticks), None)
    looked_at = [*same, *(later if hit is None else later[: hit + 1])]
    event["deepest_x_ticks"] = min(x(price) for price in looked_at)
    if hit is not None:
        decided = later[hit]
        outcome = "CONTINUES" if x(decided) > 0 else "FAILS"
        end = {"outcome": outcome, "outcome_ts": decided.ts_ns, "label_end_ts": decided.end_s}
        return event | end, decided.end_s
    outcome = "CENSORED" if path_end_s < horizon_end_s else "CHOP"
    known_s = future.label_end_s(retest.end_s, horizon_end_s)
    ended_s = min(path_end_s, horizon_end_s)
    return event | {"outcome": outcome, "label_end_ts": known_s}, ended_s


def known_at(end_s: int | None, level: str, known: Mapping[str, Mapping[Any, Row]]) -> Row:
    """State of the book around the level at a second end; None where there is none."""
    conditions = known.get("conditions_in_use_1s", {}).get((end_s, level), {})
    bands = known.get("physics_bands_1s", {}).get(end_s, {})
    ladder = known.get("level_ladder_1s", {})
    rungs = [ladder.get((end_s, level, offset)) for offset in POINT_OFFSETS]
    row = {name: conditions.get(column) for name, column in STATE_COLUMNS.items()}
    row |= {name: bands.get(name) for name in ("above_score", "below_score")}
    for name in ("bid_states", "ask_states"):
        column = name.removesuffix("s")
        is_known = any(rung is not None for rung in rungs)
        row[name] = [None if r is None else r[column] for r in rungs] if is_known else None
    return row


def _published(event: Row, rules: LevelRules) -> Row:
    row = dict(event)
    for name in ("level", "cross", "retest"):
        ticks = row.pop("level_tick" if name == "level" else f"{name}_ticks")
        row[f"{name}_price_int"] = None if ticks is None else ticks * rules.tick_int
    # whole seconds become timestamps, times of trades stay ns
    for name in ("approach_ts", "broken_window_end_ts", "retest_window_end_ts", "label_end_ts"):
        row[name] = None if row[name] is None else timestamp_of(row[name])
    return row | {"available_from_ts": row["label_end_ts"]}
