"""Published key movements and their matches against the plain ones, on random days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from random import Random

import numpy as np
import pytest
from naive.key_movements import (
    Match,
    Moment,
    Movement,
    MovementRules,
    candidates,
    half_hour,
    key_movements,
    matches,
    profile_element,
    threshold,
    turn_at,
)
from naive.levels_model import LevelRules, Row, timestamp_of
from spymaster_engine.kernels.patterns import key_movements as kernel_movements
from spymaster_engine.statistics.evaluation.movement_profile import ProfileSums
from support.model_over_tables import model_rows

SYMBOL, TICK_INT = "ESZ5", 250_000_000
DAYS = (dt.date(2025, 10, 1), dt.date(2025, 10, 2))
SETTINGS = MovementRules()
MIDNIGHT_S = {
    day: int((dt.datetime.combine(day, dt.time()) - timestamp_of(0)).total_seconds())
    for day in DAYS
}
# 13:50 UTC is 09:50 in New York
FIRST_S, N_SECONDS = 13 * 3600 + 50 * 60, 2_400
TIMES = ("scanned_window_end_ts", "start_window_end_ts", "end_window_end_ts", "label_end_ts")


def random_day(day: dt.date, seed: int, n_seconds: int = N_SECONDS) -> list[Moment]:
    """A walk with quiet and loud stretches; some seconds are missing, invalid or lack values."""
    random = Random(seed)
    first_s = MIDNIGHT_S[day] + FIRST_S
    half_ticks, moments = 54_000, []
    for end_s in range(first_s, first_s + n_seconds):
        loud = 1 + (end_s // 200) % 3
        half_ticks += random.randint(-loud, loud)
        kind = random.random()
        if kind < 0.002:
            continue
        is_valid = kind > 0.004
        sigma = None if kind > 0.99 else 0.0 if kind > 0.985 else loud * random.uniform(0.2, 0.4)
        moments.append(
            Moment(
                end_s,
                is_study=end_s - first_s > 60,
                is_valid=is_valid,
                half_ticks=half_ticks if is_valid else None,
                sigma_ticks=sigma,
                spread_ticks=random.choice((1, 1, 1, 2, 3)) if is_valid else None,
            )
        )
    return moments


def plain_movements(day: dt.date, moments: Sequence[Moment]) -> list[Row]:
    return key_movements(moments, LevelRules(SYMBOL, day, TICK_INT), SETTINGS)


def seconds_of(row: Row) -> dict[str, int]:
    return {name: int((row[name] - timestamp_of(0)).total_seconds()) for name in TIMES}


def test_kernel_on_random_days() -> None:
    found_directions = []
    for seed in range(30):
        moments = random_day(DAYS[0], seed, 900)
        known = [moment for moment in moments if moment.is_known]
        least = [
            np.nan if one.sigma_ticks is None else threshold(one.sigma_ticks, SETTINGS)
            for one in known
        ]
        seconds = {
            "second_s": np.array([one.end_s for one in known]),
            "mid_half_ticks": np.array([one.half_ticks for one in known]),
            "threshold_ticks": np.array(least),
        }
        found = kernel_movements(seconds, 60, 3.0)
        rows = zip(*(values.tolist() for values in found.values()), strict=True)
        plain = plain_movements(DAYS[0], moments)
        assert list(rows) == [
            (*seconds_of(row).values(), 1 if row["direction"] == "up" else -1) for row in plain
        ], seed
        found_directions += [row["direction"] for row in plain]
    assert min(found_directions.count("up"), found_directions.count("down")) > 40


def test_means_of_the_profile() -> None:
    """Sets of 1 to 5 matches on 4 days; a tenth of the readings are missing, one never varies."""
    rng = np.random.default_rng(5)
    n_sets, seconds = 40, range(-30, 0)
    n_matches = rng.integers(1, 6, n_sets)
    days = rng.integers(0, 4, n_sets)
    values = rng.normal(3.0, 2.0, (n_sets, 6, len(seconds)))
    values[rng.random(values.shape) < 0.1] = np.nan
    values[:, :, 7] = np.where(np.isnan(values[:, :, 7]), np.nan, 0.1)
    members = [(n, m) for n in range(n_sets) for m in range(n_matches[n] + 1)]
    sums = ProfileSums(days, n_matches + 1, len(seconds), 2, 1)
    for part in np.array_split(np.array(members), 7):
        sums.add(values[part[:, 0], part[:, 1]], part[:, 0].copy(), part[:, 1].copy())
    found = sums.profile()

    # moments lie far apart, so that each has its own seconds
    places = {member: 1_000 * (1 + n) for n, member in enumerate(members)}
    movements = {
        (str(days[n]), places[n, 0]): [
            Match(str(days[n]), places[n, m], 0.0) for m in range(1, n_matches[n] + 1)
        ]
        for n in range(n_sets)
    }
    for element, second in enumerate(seconds):
        reading_at = {
            (str(days[n]), places[n, m] + second): None if np.isnan(value) else float(value)
            for n, m in members
            for value in [values[n, m, element]]
        }
        row = profile_element(movements, reading_at, second)
        for name, value in row.items():
            own = float(getattr(found, name)[element])
            if value is None:
                assert np.isnan(own), (second, name)
            else:
                assert own == pytest.approx(value, rel=1e-9, abs=1e-12), (second, name)


# ---------------------------------------------------------------- SQL


@pytest.fixture(scope="module")
def days() -> dict[dt.date, list[Moment]]:
    return {day: random_day(day, seed) for seed, day in enumerate(DAYS)}


def seconds_query(days: dict[dt.date, list[Moment]]) -> str:
    """Rows of movement_seconds_1s; `valid_run_s` counts valid seconds up to each."""
    rows = []
    for day, moments in days.items():
        by_second = {one.end_s: one for one in moments}
        run, before_s = 0, None
        for one in moments:
            run = run + 1 if one.is_valid and before_s == one.end_s - 1 else int(one.is_valid)
            before_s = one.end_s
            hour, half = half_hour(one.end_s)
            mid = None if one.half_ticks is None else one.half_ticks * TICK_INT // 2
            row = (day, timestamp_of(one.end_s), one.is_study, 2 * hour + half, run, mid)
            turn = turn_at(by_second, one.end_s, SETTINGS)
            row = *row, one.half_ticks, turn.low_for_s, turn.high_for_s
            rows.append((*row, one.sigma_ticks, one.spread_ticks))
    values = ", ".join(f"({', '.join(map(literal, row))})" for row in rows)
    names = "dt, window_end_ts, in_study, ny_half_hour, valid_run_s, mid_price_int"
    names += ", mid_half_ticks, low_for_s, high_for_s, sigma_1s_ticks, spread_ticks"
    return f"select '{SYMBOL}' as symbol, * from (values {values}) as t ({names})"


def literal(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, dt.datetime):
        return f"timestamp '{value}'"
    if isinstance(value, dt.date):
        return f"date '{value}'"
    # doubles keep every digit
    return f"{value!r}::double" if isinstance(value, float) else repr(value)


def comparable(row: Row) -> Row:
    """A row with dates and times as text of one form."""
    return {
        name: str(value) if isinstance(value, dt.date) else value for name, value in row.items()
    }


def test_extremes(days: dict[dt.date, list[Moment]]) -> None:
    day = DAYS[0]
    moments = {one.end_s: one for one in days[day]}
    values = ", ".join(
        f"({literal(timestamp_of(end_s - 1))}, {literal(timestamp_of(end_s))}, {one.is_valid}, "
        f"{(one.half_ticks or 0) * TICK_INT // 2})"
        for end_s, one in moments.items()
    )
    found = model_rows(
        "movement_seconds_1s",
        {
            "silver.contract_days": f"select {TICK_INT} as tick_int",
            "silver.book_snapshot_1s": f"select * from (values {values}) "
            "as t (window_start_ts, window_end_ts, window_valid, mid_price_int)",
        },
        {"symbol": SYMBOL, "dt": str(day)},
    )
    assert len(found) == len(moments)
    for row, end_s in zip(found, moments, strict=True):
        assert row["window_end_ts"] == str(timestamp_of(end_s))
        turn = turn_at(moments, end_s, SETTINGS)
        assert (row["low_for_s"], row["high_for_s"]) == (turn.low_for_s, turn.high_for_s), end_s


def test_movements(days: dict[dt.date, list[Moment]]) -> None:
    day = DAYS[0]
    partition = {"symbol": SYMBOL, "dt": str(day)}
    seconds = {"steps.movement_seconds_1s": seconds_query({day: days[day]})}
    found, plain = model_rows("key_movements", seconds, partition), plain_movements(day, days[day])
    assert len(found) == len(plain) > 8
    for one, other in zip(found, map(comparable, plain), strict=True):
        assert one.keys() == other.keys()
        for name, value in other.items():
            same = pytest.approx(value, rel=1e-9) if isinstance(value, float) else value
            assert one[name] == same, (name, other)


def test_matches(days: dict[dt.date, list[Moment]]) -> None:
    rows = [(day, row) for day in DAYS for row in plain_movements(day, days[day])]
    seconds = {day: {moment.end_s: moment for moment in moments} for day, moments in days.items()}
    own = [
        Movement(
            str(day),
            row["direction"],
            start_s := seconds_of(row)["start_window_end_ts"],
            seconds_of(row)["end_window_end_ts"],
            row["sigma_1s_ticks"],
            row["spread_ticks"],
            turn_at(seconds[day], start_s, SETTINGS),
        )
        for day, row in rows
    ]
    by_day = {str(day): moments for day, moments in days.items()}
    possible = candidates(by_day, own, SETTINGS)
    plain = {
        (movement.day, movement.start_s): matches(movement, possible, SETTINGS, lambda day, s: s)
        for movement in own
    }
    values = ", ".join(
        f"('{SYMBOL}', {literal(day)}, '{row['direction']}', "
        f"{', '.join(literal(row[name]) for name in TIMES[1:])})"
        for day, row in rows
    )
    names = f"symbol, dt, direction, {', '.join(TIMES[1:])}"
    selected = ", ".join(f"('ES', {literal(day)}, '{SYMBOL}')" for day in DAYS)
    found = model_rows(
        "key_movement_matches",
        {
            "steps.movement_seconds_1s": seconds_query(days),
            "gold.key_movements": f"select * from (values {values}) as t ({names})",
            "silver.mbo_contract_day_selection": f"select * from (values {selected}) "
            "as t (root, session_date, selected_symbol)",
        },
    )
    published: dict[tuple[str, int], list[tuple[str, int, float]]] = {key: [] for key in plain}
    for row in found:
        start_s, match_s = (
            int((dt.datetime.fromisoformat(row[name]) - timestamp_of(0)).total_seconds())
            for name in ("start_window_end_ts", "match_window_end_ts")
        )
        moment = row["match_dt"], match_s, row["match_distance"]
        published[row["dt"], start_s].append(moment)
        assert row["match_number"] == len(published[row["dt"], start_s])
    for key, taken in plain.items():
        assert [moment[:2] for moment in published[key]] == [one[:2] for one in taken], key
        distances = [moment[2] for moment in published[key]]
        assert distances == pytest.approx([one.distance for one in taken], rel=1e-9, abs=1e-9)
    lengths = [len(taken) for taken in plain.values()]
    assert lengths.count(5) > 10
