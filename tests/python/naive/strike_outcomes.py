"""`strike_outcomes`: approaches to strikes, by the rules of levels, and which are gamma walls.

Rules chosen where the specification leaves room:
- A strike exists at the ends of decision windows in which its exposure has a row and options.
- A gamma wall has the largest exposure above zero of the listed strikes within `wall_max_ticks` of
  spot. Nothing is known of it while the exposure of one of them is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from naive.levels_episodes import decisions, episodes
from naive.levels_model import WINDOW_S, LevelKey, LevelRules, Row, Second, Trade, timestamp_of
from naive.levels_outcomes import horizon_ends_s, outcome_row
from naive.levels_paths import Future
from naive.levels_price import level_offset_1s

# by end of second and strike in 1e-9 points; None where it is not known
Exposures = Mapping[tuple[int, int], float | None]


def strike_outcomes(
    seconds: Sequence[Second],
    exposures: Exposures,
    trades: Sequence[Trade],
    rules: LevelRules,
    horizon_ids: Sequence[str],
    wall_max_ticks: int = 40,
) -> list[Row]:
    """Rows of `gold.strike_outcomes`.

    Args:
        seconds: Rows of `book_snapshot_1s` of the partition.
        exposures: Unsigned exposure of listed strikes.
        trades: Trades of the partition.
        rules: Symbol, date and settings.
        horizon_ids: Horizons of the labels.
        wall_max_ticks: Distance from spot of the strikes that are compared.
    """
    spots = {second.end_s: second.spot_price_int for second in seconds}
    levels: dict[LevelKey, Row] = {
        (end_s, f"strike_{strike / 1e9:g}"): {
            "level_tick": strike // rules.tick_int,
            "is_active": True,
            "is_primary": True,
        }
        for end_s, strike in exposures
        if end_s % WINDOW_S == 0
    }
    offsets = level_offset_1s(seconds, levels, rules)
    future = Future(seconds, trades, rules)
    rows = []
    for run in episodes(decisions(seconds, levels, offsets), rules):
        first = run.first
        strike = first.level_tick * rules.tick_int
        ends = horizon_ends_s(first.end_s, rules)
        near = [
            value
            for (end_s, other), value in exposures.items()
            if end_s == first.end_s
            and abs(other - (spots[end_s] or 0)) <= wall_max_ticks * rules.tick_int
        ]
        own = exposures[first.end_s, strike]
        if own == 0.0:
            is_wall = False
        elif None in near:
            is_wall = None
        else:
            is_wall = own == max(near)
        for horizon_id in horizon_ids:
            label = outcome_row(first, rules.barrier_mode, ends[horizon_id], future, rules)
            rows.append(
                {
                    "strike_price_int": strike,
                    "approach_dir": first.approach_dir,
                    "window_end_ts": timestamp_of(first.end_s),
                    "horizon_id": horizon_id,
                    "barrier_kind": rules.barrier_mode,
                    "gex_abs": own,
                    "is_gamma_wall": is_wall,
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
