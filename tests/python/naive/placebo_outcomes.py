"""`placebo_outcomes`: approaches to prices that are no level, by the rules of levels.

Rules chosen where the specification leaves room:
- A placebo exists at the ends of decision windows in which its level is active and primary. It is
  gone in windows in which it lies too near to an active level, primary or not, to a strike, or to
  a multiple of `round_points`; an episode ends there as it does where a level stops being primary.
- "Whole ten" is a multiple of ten points of price.
- Its first window stands for an episode, with the kind of barriers of the contract.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from naive.gaps import Gap
from naive.levels_episodes import decisions, episodes
from naive.levels_model import (
    PRICE_UNITS,
    WINDOW_S,
    LevelKey,
    LevelRules,
    Row,
    Second,
    Trade,
    timestamp_of,
)
from naive.levels_outcomes import horizon_ends_s, outcome_row
from naive.levels_paths import Future
from naive.levels_price import level_offset_1s


@dataclass(frozen=True)
class PlaceboRules:
    """Which prices are placebos.

    Attributes:
        shifts: Ticks, both ways.
        min_distance_ticks: Least distance to levels, strikes and round prices.
        round_points: Multiples of it are round prices; 0 for none.
        horizon_ids: Horizons of the labels.
    """

    shifts: Sequence[int] = (7, 11, 13, 17)
    min_distance_ticks: int = 3
    round_points: float = 10
    horizon_ids: Sequence[str] = ("s240",)

    def is_free(self, price_int: int, taken_ints: Iterable[int], tick_int: int) -> bool:
        """Whether a price may be a placebo beside prices that are taken."""
        taken = list(taken_ints)
        if self.round_points:
            step = int(self.round_points * PRICE_UNITS)
            below = price_int // step * step
            taken += [below, below + step]
        return all(abs(price_int - one) >= self.min_distance_ticks * tick_int for one in taken)


def placebo_outcomes(
    seconds: Sequence[Second],
    levels: Mapping[LevelKey, Row],
    trades: Sequence[Trade],
    strikes_int: Sequence[int],
    rules: LevelRules,
    placebo: PlaceboRules,
    gaps: Iterable[Gap] = (),
) -> list[Row]:
    """Rows of `gold.placebo_outcomes`.

    Args:
        seconds: Rows of `book_snapshot_1s` of the partition.
        levels: Rows of `levels_1s`.
        trades: Trades of the partition.
        strikes_int: Listed strikes.
        rules: Symbol, date and settings.
        placebo: Which prices are placebos.
        gaps: Rows of `recording_gaps` of the partition.
    """
    active: dict[int, list[int]] = {}
    for (end_s, _), row in levels.items():
        if row["is_active"]:
            active.setdefault(end_s, []).append(row["level_tick"] * rules.tick_int)
    shifted: dict[LevelKey, Row] = {}
    names: dict[str, tuple[str, int]] = {}
    for (end_s, level), row in levels.items():
        if end_s % WINDOW_S or not (row["is_active"] and row["is_primary"]):
            continue
        for ticks in placebo.shifts:
            for shift in {ticks, -ticks}:
                tick = row["level_tick"] + shift
                taken = [*active[end_s], *strikes_int]
                if placebo.is_free(tick * rules.tick_int, taken, rules.tick_int):
                    name = f"{level}{shift:+d}"
                    names[name] = level, shift
                    shifted[end_s, name] = {
                        "level_tick": tick,
                        "is_active": True,
                        "is_primary": True,
                    }
    offsets = level_offset_1s(seconds, shifted, rules)
    future = Future(seconds, trades, rules, gaps)
    rows = []
    for run in episodes(decisions(seconds, shifted, offsets), rules):
        first = run.first
        level, shift = names[first.level_id]
        ends = horizon_ends_s(first.end_s, rules)
        for horizon_id in placebo.horizon_ids:
            label = outcome_row(first, rules.barrier_mode, ends[horizon_id], future, rules)
            rows.append(
                {
                    "symbol": rules.symbol,
                    "dt": rules.dt,
                    "level_id": level,
                    "shift_ticks": shift,
                    "approach_dir": first.approach_dir,
                    "window_end_ts": timestamp_of(first.end_s),
                    "horizon_id": horizon_id,
                    "barrier_kind": rules.barrier_mode,
                    "level_tick": first.level_tick,
                    **{
                        name: label[name]
                        for name in (
                            "barrier_ticks",
                            "x0_ticks",
                            "reached",
                            "reached_ts",
                            "outcome_reached",
                            "outcome",
                            "label_end_ts",
                        )
                    },
                    "episode_id": run.episode_id(rules),
                }
            )
    return rows
