"""Rows of `level_fingerprints` in their plainest form: every window of every approach in turn.

Tests compare the model with it, so it shares no code with it. Rules chosen where the descriptions
leave room:
- A share is the events that count over all events, each summed over the windows; it is no mean of
  the windows' shares.
- A window belongs to the approach when it ends after the first decision less `approach_over_s`
  and not after the first decision.
- The window of the touch is the one whose five seconds, by the clock of the matching engine, hold
  touch_ts; a touch at the very end of a window belongs to the next window.
- Without any window, valid or not, n_windows is missing; without a valid one it is 0.
- Whether a timer is at work needs the window before, also where that one ends before the approach
  begins. A window of which this is not known does not count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
WINDOW = dt.timedelta(seconds=5)
SHARES = (
    "top_size_share",
    "requote_share",
    "chase_share",
    "withdraw_on_approach_share",
    "react_1ms",
    "react_5ms",
    "react_20ms",
    "short_life_share",
    "refill_share",
    "periodic_share",
)
MEASURES = ("n_windows", *SHARES)
# the side of the book that price comes to
AHEAD = {"approach_up": "A", "approach_down": "B"}
OTHER = {"A": "B", "B": "A"}


@dataclass(frozen=True)
class ApproachRules:
    """Vars of the relation, by their names in the project."""

    horizon_id: str = "s240"
    approach_over_s: int = 60
    fingerprint_p_max: float = 0.005


def level_fingerprints(
    episodes: Iterable[Row],
    fingerprints: Iterable[Row],
    decisions: Iterable[Row],
    outcomes: Iterable[Row],
    rules: ApproachRules,
) -> dict[str, dict[str, Any]]:
    """Return the row of every approach, by its name.

    Args:
        episodes: rows of `approach_episodes`; touch_ts is None or epoch nanoseconds.
        fingerprints: rows of `order_fingerprints_5s`.
        decisions: rows of `level_decisions`; its kind of barriers is read.
        outcomes: rows of `level_outcomes`.
        rules: vars.
    """
    windows = {
        (row["symbol"], row["dt"], row["side"], row["window_end_ts"]): row for row in fingerprints
    }
    key = ("symbol", "dt", "level_id", "window_end_ts")
    kinds = {tuple(row[name] for name in key): row["barrier_mode"] for row in decisions}
    labels = {
        (*(row[name] for name in key), row["barrier_kind"]): row
        for row in outcomes
        if row["horizon_id"] == rules.horizon_id
    }
    found = {}
    for episode in episodes:
        row = {
            name: episode[name]
            for name in (
                *("symbol", "dt", "level_id", "episode_id", "approach_dir"),
                *("first_window_end_ts", "touch_ts"),
            )
        }
        first = episode["first_window_end_ts"]
        ends = [first - WINDOW * n for n in range(rules.approach_over_s // 5 + 1)]
        of_approach = [
            end for end in ends if end > first - dt.timedelta(seconds=rules.approach_over_s)
        ]
        of_touch = []
        if episode["touch_ts"] is not None:
            start_s = episode["touch_ts"] // 1_000_000_000 // 5 * 5
            of_touch = [dt.datetime(1970, 1, 1) + dt.timedelta(seconds=start_s) + WINDOW]
        ahead = AHEAD[episode["approach_dir"]]
        for prefix, chosen in (("", of_approach), ("touch_", of_touch)):
            for role, side in (("ahead", ahead), ("behind", OTHER[ahead])):
                place = (row["symbol"], row["dt"], side)
                measures = _measures(windows, place, chosen, rules)
                row |= {f"{prefix}{role}_{name}": value for name, value in measures.items()}
        decision = (row["symbol"], row["dt"], row["level_id"], first)
        label = labels.get((*decision, kinds.get(decision)), {})
        row["horizon_id"] = rules.horizon_id
        row["outcome_reached"] = label.get("outcome_reached")
        row["label_end_ts"] = label.get("label_end_ts")
        found[row["episode_id"]] = row
    return found


def _measures(
    windows: Mapping[tuple[Any, ...], Row],
    place: tuple[Any, ...],
    ends: Sequence[dt.datetime],
    rules: ApproachRules,
) -> dict[str, Any]:
    """Return the measures of one side over some windows."""
    there = [(end, windows[*place, end]) for end in ends if (*place, end) in windows]
    valid = [(end, row) for end, row in there if row["is_valid"]]
    rows = [row for _, row in valid]
    arrivals, cancels = _total(rows, "add_count"), _total(rows, "cancel_count")
    moved, approached = _total(rows, "requote_count"), _total(rows, "approached_qty")
    timers = [is_timer(row, windows.get((*place, end - WINDOW)), rules) for end, row in valid]
    known = [timer for timer in timers if timer is not None]
    return {
        "n_windows": len(valid) if there else None,
        "top_size_share": _share(_events(rows, "top_size_share", "add_count"), arrivals),
        "requote_share": _share(_total(rows, "requote_pair_count"), arrivals),
        "chase_share": _share(_events(rows, "chase_share", "requote_count"), moved),
        "withdraw_on_approach_share": _share(_total(rows, "withdrawn_qty"), approached),
        **{
            name: _share(_events(rows, name, "cancel_count"), cancels)
            for name in ("react_1ms", "react_5ms", "react_20ms")
        },
        "short_life_share": _share(_total(rows, "n_orders_max_life_ms_10"), cancels),
        "refill_share": _share(_total(rows, "refill_count"), arrivals),
        "periodic_share": _share(sum(known), len(known)),
    }


def is_timer(now: Row, before: Row | None, rules: ApproachRules) -> bool | None:
    """Return whether the same timer shows in two windows in a row; None where one is unknown."""
    if before is None or None in (now["periodicity_p"], before["periodicity_p"]):
        return None
    # a step of the frequencies, and half of one for doubles that should be equal
    step = 1.5 / 60
    return (
        now["periodicity_p"] <= rules.fingerprint_p_max
        and before["periodicity_p"] <= rules.fingerprint_p_max
        and now["periodicity_size"] == before["periodicity_size"]
        and abs(1 / now["periodicity_s"] - 1 / before["periodicity_s"]) < step
    )


def _total(rows: Sequence[Row], name: str) -> int:
    return sum(row[name] for row in rows)


def _events(rows: Sequence[Row], share: str, of: str) -> int:
    """Return the events behind a share; a window without support has none."""
    return sum(round(row[share] * row[of]) for row in rows if row[share] is not None)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
