"""Rows of `eval_level_fingerprints` in their plainest form: every draw in turn.

Tests compare the evaluation with it, so it shares no code with it, and no draw. Rules chosen where
the descriptions leave room:
- Approaches count whose outcome_reached is BREAK, REJECT or CHOP.
- Means and differences are those of all approaches of the direction, whatever their day.
- One permutation within the days holds for all fingerprints of a direction and moment, known or
  not.
- The window of the touch sees what followed; it is never judged.
- A resample in which the fingerprint lacks a break or a rejection is left out.
- The interval asks for `LEAST_DAYS` days with the fingerprint, as a verdict does.
- Without a break or a rejection there is no difference and nothing that depends on it.
- A fingerprint with no spread under permutation has no z. Without any z in a direction and
  moment there is no largest one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from naive.level_fingerprints import SHARES

OUTCOMES = ("BREAK", "REJECT", "CHOP")
DIRECTIONS = ("both", "approach_up", "approach_down")
# prefix of the columns of a moment
MOMENTS = {"approach": "", "touch": "touch_"}
LEAST_DAYS = 10
NO_SPREAD = 1e-12

Row = Mapping[str, Any]
Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Judged:
    """A row of the relation, and what was drawn for it; NaN where a draw has no difference.

    Attributes:
        row: columns of the relation besides its keys; None is missing.
        resampled: difference in each resample.
        permuted: difference under each permutation.
        largest_z: largest z of all fingerprints of the direction and moment under each
            permutation.
    """

    row: dict[str, Any]
    resampled: np.ndarray
    permuted: np.ndarray
    largest_z: np.ndarray


def judged_fingerprints(
    approaches: Sequence[Row], least_episodes: int, n_draws: int, seed: int
) -> dict[Key, Judged]:
    """Return every row by direction, moment, side and fingerprint.

    Args:
        approaches: rows of `level_fingerprints` with their session_date; missing is None.
        least_episodes: episodes without which there is no verdict.
        n_draws: resamples, and permutations.
        seed: of this module's own generator.
    """
    random = np.random.default_rng(seed)
    found: dict[Key, Judged] = {}
    for direction in DIRECTIONS:
        chosen = [
            row
            for row in approaches
            if row["outcome_reached"] in OUTCOMES and direction in ("both", row["approach_dir"])
        ]
        if chosen:
            for moment in MOMENTS:
                found |= _of_moment(direction, moment, chosen, least_episodes, n_draws, random)
    return found


def _of_moment(
    direction: str,
    moment: str,
    rows: Sequence[Row],
    least_episodes: int,
    n_draws: int,
    random: np.random.Generator,
) -> dict[Key, Judged]:
    columns = {
        (direction, moment, role, name): f"{MOMENTS[moment]}{role}_{name}"
        for role, name in product(("ahead", "behind"), SHARES)
    }
    # one row per approach, one column per fingerprint
    values = np.array(
        [
            [np.nan if row[column] is None else row[column] for column in columns.values()]
            for row in rows
        ]
    )
    outcomes = np.array([row["outcome_reached"] for row in rows])
    dates = [row["session_date"] for row in rows]
    days = [
        np.array([at for at, own in enumerate(dates) if own == day]) for day in sorted(set(dates))
    ]

    permuted, resampled = [], []
    for _ in range(n_draws):
        dealt = outcomes.copy()
        for day in days:
            dealt[day] = random.permutation(outcomes[day])
        permuted.append(differences(values, dealt))
        drawn = np.concatenate([days[n] for n in random.integers(0, len(days), len(days))])
        resampled.append(differences(values[drawn], outcomes[drawn]))
    permuted_by_print, resampled_by_print = np.array(permuted).T, np.array(resampled).T
    largest_z = np.full(n_draws, np.nan)
    for own in permuted_by_print:
        known = ~np.isnan(own)
        if known.any() and own[known].std() > NO_SPREAD:
            z = np.abs(own - own[known].mean()) / own[known].std()
            largest_z = np.fmax(largest_z, z)

    found = {}
    for at, key in enumerate(columns):
        judged = Judged({}, resampled_by_print[at], permuted_by_print[at], largest_z)
        judged.row.update(_row(values[:, at], outcomes, np.array(dates), judged, least_episodes))
        if moment == "touch":
            judged.row["verdict"] = "not judged"
        found[key] = judged
    return found


def _row(
    values: np.ndarray, outcomes: np.ndarray, dates: np.ndarray, drawn: Judged, least_episodes: int
) -> dict[str, Any]:
    known = ~np.isnan(values)
    row: dict[str, Any] = {
        "n_days": len(set(dates[known].tolist())),
        "n_episodes": int(known.sum()),
        **{f"mean_{name.lower()}": _mean(values[known & (outcomes == name)]) for name in OUTCOMES},
        **dict.fromkeys(
            ("difference", "difference_lo", "difference_hi", "null_q95", "z", "largest_z_q95")
        ),
    }
    if row["mean_break"] is not None and row["mean_reject"] is not None:
        row["difference"] = row["mean_break"] - row["mean_reject"]
        if row["n_days"] >= LEAST_DAYS:
            row["difference_lo"] = float(np.nanquantile(drawn.resampled, 0.025))
            row["difference_hi"] = float(np.nanquantile(drawn.resampled, 0.975))
        row["null_q95"] = float(np.nanquantile(np.abs(drawn.permuted), 0.95))
        spread = float(np.nanstd(drawn.permuted))
        if spread > NO_SPREAD:
            row["z"] = abs(row["difference"] - float(np.nanmean(drawn.permuted))) / spread
    # of the whole direction and moment, so that every fingerprint has it
    if not np.isnan(drawn.largest_z).all():
        row["largest_z_q95"] = float(np.nanquantile(drawn.largest_z, 0.95))
    row["verdict"] = _verdict(row, least_episodes)
    return row


def _verdict(row: Row, least_episodes: int) -> str:
    if row["n_days"] < LEAST_DAYS or row["n_episodes"] < least_episodes:
        return "too few episodes"
    if None in (row["z"], row["difference_lo"]):
        return "not shown"
    is_sure = row["difference_lo"] > 0 or row["difference_hi"] < 0
    return "shown" if is_sure and row["z"] > row["largest_z_q95"] else "not shown"


def differences(values: np.ndarray, outcomes: np.ndarray) -> list[float]:
    """Return the mean before a break less that before a rejection; NaN where one is missing.

    Args:
        values: shares, one row per approach and one column per fingerprint; NaN is missing.
        outcomes: outcome of each approach.
    """
    means = []
    for name in ("BREAK", "REJECT"):
        own = values[outcomes == name]
        n = (~np.isnan(own)).sum(axis=0)
        total = np.nansum(own, axis=0)
        means.append(np.where(n > 0, total / np.maximum(n, 1), np.nan))
    return (means[0] - means[1]).tolist()


def _mean(values: np.ndarray) -> float | None:
    return float(np.mean(values)) if len(values) else None
