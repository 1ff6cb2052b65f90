"""`spot_library_rows` and `spot_library_days`: which moments a library without a level holds.

Rules chosen where the specification leaves room:
- A moment enters if its contract is the one selected on its day, and its window ends on a multiple
  of `every_s` seconds of the clock.
- Labels are those of the contract's own kind of barriers. A moment without labels enters
  with None in place of the lists.
- A censored outcome is kept by name; whether price was at spot is then unknown.
- Without a level the exit is counted from spot, so that the result is the exit itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

Row = dict[str, Any]


class Moment(NamedTuple):
    """A vector without a level."""

    symbol: str
    day: date
    window_end_ts: datetime
    direction: str
    episode: str | None
    kind: str


class Label(NamedTuple):
    """What followed a moment at a horizon, by barriers of one kind."""

    outcome: str
    time_to_hit_s: float | None
    mfe_ticks: int
    mae_ticks: int
    adverse_ticks: int | None
    whipsaw: bool
    exit_ticks: int | None


LabelKey = tuple[str, datetime, str, str]


def seconds_of_day(moment: datetime) -> int:
    """Seconds since midnight."""
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def members(moments: Iterable[Moment], selected: Mapping[date, str], every_s: int) -> list[Moment]:
    """Moments that enter a library, in the order of time."""
    found = [
        one
        for one in moments
        if selected.get(one.day) == one.symbol and seconds_of_day(one.window_end_ts) % every_s == 0
    ]
    return sorted(found, key=lambda one: one.window_end_ts)


def library_row(one: Moment, labels: Mapping[LabelKey, Label], horizons: Sequence[str]) -> Row:
    """Row of a moment but for its vector.

    Args:
        one: The moment.
        labels: By contract, window end, kind of barriers and horizon.
        horizons: In the order of the lists.
    """
    own = [labels.get((one.symbol, one.window_end_ts, one.kind, name)) for name in horizons]

    def listed(name: str) -> list[object] | None:
        if not any(own):
            return None
        return [None if label is None else getattr(label, name) for label in own]

    return {
        "approach_dir": one.direction,
        "symbol": one.symbol,
        "dt": one.day,
        "level_id": "spot",
        "window_end_ts": one.window_end_ts,
        "episode_id": one.episode,
        "k_ticks": 0,
        "horizons": list(horizons),
        "outcomes": listed("outcome"),
        "reached_flags": None
        if not any(own)
        else [None if label is None or label.outcome == "CENSORED" else True for label in own],
        "times_to_hit_s": listed("time_to_hit_s"),
        "mfe_ticks": listed("mfe_ticks"),
        "mae_ticks": listed("mae_ticks"),
        "adverse_ticks": listed("adverse_ticks"),
        "whipsaw_flags": listed("whipsaw"),
        "result_ticks": listed("exit_ticks"),
    }


def library_days(inside: Iterable[Moment]) -> dict[tuple[date, str], tuple[int, int]]:
    """Vectors and episodes by day and direction."""
    days: dict[tuple[date, str], list[Moment]] = {}
    for one in inside:
        days.setdefault((one.day, one.direction), []).append(one)
    return {
        key: (len(found), len({one.episode for one in found if one.episode is not None}))
        for key, found in days.items()
    }
