"""`setup_events`: trigger and confirmation candle of 120 s at a level.

Rules chosen where the specification leaves room:
- Bars are those of the partition, and only bars that exist: "the next bar", "the last 2 bars",
  look-back and look-forward skip stretches without a trade. Candle numbers are those of the clock.
- A setup is looked for at levels that are active and primary at the start of the trigger bar, and
  the level's tick then is the level of the whole setup.
- The two closes are those of the two bars before the trigger bar, against that same tick.
- Trigger bars start at or after 09:30 New York of the partition's date; no end is set.
- Touches are trigger candles of the same level and direction. At least 3 bars between two of them
  means 3 bars that are neither. The retreat is an extreme of a bar after the earlier trigger and
  before the next one that lies 4 ticks on the approach side of the earlier trigger's level.
- The 10 per level and day count both directions together; a trigger without a next bar is no
  setup.
- Without 6 bars to look back at, lookback_start_candle_id is None.
- OHLC distances are in the approach sense: positive past the level.
- A close that decides the outcome ends the label; otherwise its last bar does, and without any
  bar to look at infer_ts. A decided label is not CENSORED by missing bars after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

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


def usable_level_ticks(levels: Mapping[LevelKey, Row]) -> dict[LevelKey, int]:
    """Tick of each active primary level by (instant, level_id)."""
    return {key: row["level_tick"] for key, row in levels.items() if row["is_primary"]}


def setup_events(
    bar_rows: Mapping[BarKey, Row], level_ticks: Mapping[LevelKey, int], rules: LevelRules
) -> dict[SetupKey, Row]:
    """Rows of `gold.setup_events` by (level_id, direction, trigger_candle_id).

    Args:
        bar_rows: Rows of `bars`; those of the partition of 120 s are used.
        level_ticks: Tick of the levels in use by (instant, level_id); instants are window ends
            and those at which bars start are looked up.
        rules: Symbol, date and settings.
    """
    candles = {
        start_s: {name: _ticks(row, name, rules) for name in PARTS}
        for (symbol, bar_s, start_s), row in sorted(bar_rows.items())
        if (symbol, row["dt"], bar_s) == (rules.symbol, rules.dt, CANDLE_S)
    }
    rows: dict[SetupKey, Row] = {}
    for level in LEVEL_IDS:
        rows |= _setups_of_level(level, candles, level_ticks, rules)
    return rows


def _ticks(row: Row, name: str, rules: LevelRules) -> int:
    return whole_ticks(row[f"{name}_price_int"], rules.tick_int)


def _setups_of_level(
    level: str, candles: Mapping[int, Ticks], level_ticks: Mapping[LevelKey, int], rules: LevelRules
) -> dict[SetupKey, Row]:
    starts_s, bars = list(candles), list(candles.values())
    rows: dict[SetupKey, Row] = {}
    last: dict[int, tuple[int, int]] = {}
    for index, start_s in enumerate(starts_s):
        tick = level_ticks.get((start_s, level))
        has_confirmation = index + 1 < len(bars)
        if tick is None or start_s < rules.clock_s(RTH_OPEN) or not has_confirmation:
            continue
        for sign, direction in DIRECTIONS.items():
            if len(rows) == rules.max_setups or not _triggers(bars, index, sign, tick):
                continue
            if sign in last and not _is_armed(bars, last[sign], index, sign, rules):
                continue
            last[sign] = index, tick
            row = _setup(level, starts_s, bars, index, sign, tick, rules)
            rows[level, direction, row["trigger_candle_id"]] = row
    return rows


def _signed(bar: Ticks, sign: int, tick: int) -> Ticks:
    """Distances of a bar from a level in the approach sense."""
    return {name: sign * (bar[name] - tick) for name in PARTS}


def _triggers(bars: Sequence[Ticks], index: int, sign: int, tick: int) -> bool:
    before = [_signed(bar, sign, tick) for bar in bars[max(index - CLOSES_BEFORE, 0) : index]]
    if len(before) < CLOSES_BEFORE or any(bar["close"] >= 0 for bar in before):
        return False
    return max(_signed(bars[index], sign, tick).values()) >= 1


def _is_armed(
    bars: Sequence[Ticks], last: tuple[int, int], index: int, sign: int, rules: LevelRules
) -> bool:
    trigger, tick = last
    between = bars[trigger + 1 : index]
    farthest = min((min(_signed(bar, sign, tick).values()) for bar in between), default=0)
    return len(between) >= rules.bars_between and farthest <= -rules.retreat_ticks


def _setup(
    level: str,
    starts_s: Sequence[int],
    bars: Sequence[Ticks],
    index: int,
    sign: int,
    tick: int,
    rules: LevelRules,
) -> Row:
    confirm = index + 1
    look_back_first = confirm - rules.look_back + 1
    ends_s = [start_s + CANDLE_S for start_s in starts_s]
    forward = range(confirm + 1, min(confirm + 1 + rules.look_forward, len(bars)))
    closes = {ends_s[i]: _signed(bars[i], sign, tick)["close"] for i in forward}
    outcome, label_end_s = _outcome(closes, ends_s[confirm], rules)
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
        "lookback_start_candle_id": (
            candle_id(starts_s[look_back_first]) if look_back_first >= 0 else None
        ),
        "level_price_int": tick * rules.tick_int,
        **distances,
        "outcome": outcome,
        "label_end_ts": timestamp_of(label_end_s),
    }


def _outcome(closes: Mapping[int, int], infer_s: int, rules: LevelRules) -> tuple[str, int]:
    """Outcome and end of the label; closes in the approach sense by their bar's end."""
    for end_s, close in closes.items():
        if close >= rules.barrier_ticks:
            return "BREAK", end_s
        if close <= -rules.barrier_ticks:
            return "REJECT", end_s
    last_s: Iterable[int] = [infer_s, *closes]
    return "CHOP" if len(closes) == rules.look_forward else "CENSORED", max(last_s)
