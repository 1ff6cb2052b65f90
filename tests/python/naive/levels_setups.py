"""`setup_events`: trigger and confirmation candle of 120 s at a level.

Rules chosen where the specification leaves room:
- Bars are those of the partition, and only bars that exist: "the next bar", "the last 2 bars",
  look-back and look-forward skip stretches without a trade. Candle numbers are those of the clock.
- Only levels that are primary at the start of the trigger bar have setups; the level's tick at that
  time is the level of the whole setup.
- The two closes belong to the two bars before the trigger bar and compare with that same tick.
- Trigger bars start at or after 09:30 New York of the partition's date; no end is set.
- Touches are trigger candles of the same level and direction. At least 3 bars between two of them
  means 3 bars that are neither. The retreat is an extreme of a bar between the two triggers that
  lies 4 ticks on the approach side of the level's tick when that bar began; the level must have
  been active then, but need not be primary.
- The 10 per level and day count both directions together; a trigger without a next bar is no
  setup.
- lookback_start_candle_id is the candle 5 before the confirmation by the clock, with trades or not.
- OHLC distances count in the approach direction: positive past the level.
- A close that decides the outcome ends the label; otherwise its last bar does. Too few bars are
  known at the end of the day, which ends a CENSORED label. Missing bars after a decided label do
  not censor it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from naive.levels_model import (
    CANDLE_S,
    DIRECTIONS,
    LEVEL_IDS,
    RTH_OPEN,
    LevelKey,
    LevelRules,
    Row,
    candle_id,
    timestamp_of,
    whole_ticks,
)
from naive.levels_price import BarKey

PARTS = ("open", "high", "low", "close")
CLOSES_BEFORE = 2

Ticks = dict[str, int]
SetupKey = tuple[str, str, int]


def setup_events(
    bar_rows: Mapping[BarKey, Row],
    levels: Mapping[LevelKey, Row],
    day_end_s: int,
    rules: LevelRules,
) -> dict[SetupKey, Row]:
    """Rows of `gold.setup_events` by (level_id, direction, trigger_candle_id).

    Args:
        bar_rows: Rows of `bars`; only rows of 120 s and of the partition are used.
        levels: Rows of `levels_1s`; only rows whose window ends at the start of a bar are used.
        day_end_s: End of the last second of the partition.
        rules: Symbol, date and settings.
    """
    candles = {
        start_s: {name: _ticks(row, name, rules) for name in PARTS}
        for (symbol, bar_s, start_s), row in sorted(bar_rows.items())
        if (symbol, row["dt"], bar_s) == (rules.symbol, rules.dt, CANDLE_S)
    }
    rows: dict[SetupKey, Row] = {}
    for level in LEVEL_IDS:
        at_start = {s: levels[s, level] for s in candles if (s, level) in levels}
        rows |= _setups_of_level(level, candles, at_start, day_end_s, rules)
    return rows


def _ticks(row: Row, name: str, rules: LevelRules) -> int:
    return whole_ticks(row[f"{name}_price_int"], rules.tick_int)


def _setups_of_level(
    level: str,
    candles: Mapping[int, Ticks],
    at_start: Mapping[int, Row],
    day_end_s: int,
    rules: LevelRules,
) -> dict[SetupKey, Row]:
    starts_s, bars = list(candles), list(candles.values())
    rows: dict[SetupKey, Row] = {}
    level_ticks = [
        at_start[s]["level_tick"] if s in at_start and at_start[s]["is_active"] else None
        for s in starts_s
    ]
    last: dict[int, int] = {}
    for index, start_s in enumerate(starts_s):
        tick = level_ticks[index]
        has_confirmation = index + 1 < len(bars)
        if tick is None or start_s < rules.clock_s(RTH_OPEN) or not has_confirmation:
            continue
        if not at_start[start_s]["is_primary"]:
            continue
        for sign, direction in DIRECTIONS.items():
            if len(rows) == rules.max_setups or not _triggers(bars, index, sign, tick):
                continue
            if sign in last:
                between = slice(last[sign] + 1, index)
                if not _is_armed(bars[between], level_ticks[between], sign, rules):
                    continue
            last[sign] = index
            row = _setup(level, starts_s, bars, index, sign, tick, day_end_s, rules)
            rows[level, direction, row["trigger_candle_id"]] = row
    return rows


def _signed(bar: Ticks, sign: int, tick: int) -> Ticks:
    """Distances of a bar past a level in the approach direction."""
    return {name: sign * (bar[name] - tick) for name in PARTS}


def _triggers(bars: Sequence[Ticks], index: int, sign: int, tick: int) -> bool:
    before = [_signed(bar, sign, tick) for bar in bars[max(index - CLOSES_BEFORE, 0) : index]]
    if len(before) < CLOSES_BEFORE or any(bar["close"] >= 0 for bar in before):
        return False
    return max(_signed(bars[index], sign, tick).values()) >= 1


def _is_armed(
    between: Sequence[Ticks], level_ticks: Sequence[int | None], sign: int, rules: LevelRules
) -> bool:
    """Whether the bars between two triggers are enough and one of them retreats."""
    retreats = [
        -min(_signed(bar, sign, tick).values())
        for bar, tick in zip(between, level_ticks, strict=True)
        if tick is not None
    ]
    return len(between) >= rules.bars_between and max(retreats, default=0) >= rules.retreat_ticks


def _setup(
    level: str,
    starts_s: Sequence[int],
    bars: Sequence[Ticks],
    index: int,
    sign: int,
    tick: int,
    day_end_s: int,
    rules: LevelRules,
) -> Row:
    confirm = index + 1
    ends_s = [start_s + CANDLE_S for start_s in starts_s]
    forward = range(confirm + 1, min(confirm + 1 + rules.look_forward, len(bars)))
    closes = {ends_s[i]: _signed(bars[i], sign, tick)["close"] for i in forward}
    outcome, label_end_s = _outcome(closes, max(day_end_s, ends_s[confirm]), rules)
    distances = {
        f"{role}_{name}_ticks": value
        for role, i in (("trigger", index), ("confirm", confirm))
        for name, value in _signed(bars[i], sign, tick).items()
    }
    return {
        "symbol": rules.symbol,
        "dt": rules.dt,
        "level_id": level,
        "direction": DIRECTIONS[sign],
        "trigger_candle_id": candle_id(starts_s[index]),
        "confirm_candle_id": candle_id(starts_s[confirm]),
        "infer_ts": timestamp_of(ends_s[confirm]),
        "lookback_start_candle_id": candle_id(starts_s[confirm]) - rules.look_back + 1,
        "level_price_int": tick * rules.tick_int,
        **distances,
        "outcome": outcome,
        "label_end_ts": timestamp_of(label_end_s),
    }


def _outcome(closes: Mapping[int, int], last_s: int, rules: LevelRules) -> tuple[str, int]:
    """Outcome and end of the label; closes are distances past the level by their bar's end.

    `last_s` is the end of the day, or of the bar that holds the day's last second.
    """
    for end_s, close in closes.items():
        if close >= rules.barrier_ticks:
            return "BREAK", end_s
        if close <= -rules.barrier_ticks:
            return "REJECT", end_s
    if len(closes) < rules.look_forward:
        return "CENSORED", max([last_s, *closes])
    return "CHOP", max(closes)
