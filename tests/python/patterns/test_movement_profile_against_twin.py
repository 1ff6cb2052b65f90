"""The published profile of key movements against the plain one, on hand-made relations."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from naive.movement_profile import (
    Element,
    MatchedSet,
    compare,
    drawn_days,
    is_enough,
    largest,
    n_days,
    placebo,
    resampled,
    verdict,
)
from spymaster.evaluation.movements import QUOTE_READINGS, movement_tables
from spymaster.evaluation.result_tables import MOVEMENT_PROFILE
from support.monte_carlo import mean_quantile, quantile_bounds
from support.relations_of_models import create_relation

SECONDS, DRAWS, LEAST = 2, 400, 30
SETTINGS = {
    "key_move_before_s": SECONDS,
    "key_move_min_movements": LEAST,
    "key_move_placebo_draws": DRAWS,
    "evaluation_seed": 7,
}
RADAR = ("f2_ask_pull_add_log_rest", "f4_bid_pull_add_log_rest")
PLANTED, LOUD = RADAR
READINGS = (*RADAR, *QUOTE_READINGS)
PREFIXES = ("", "d1_", "d2_", "d3_")
ELEMENTS: list[Element] = [
    (reading, derivative, second)
    for reading in READINGS
    for derivative in range(len(PREFIXES))
    for second in range(-SECONDS, 0)
]
SIGNATURE = (PLANTED, 0, -2)
MISSING_DAYS = (LOUD, 2, -1)
NO_OWN, CONSTANT, ONLY_LOUD = (LOUD, 1, -2), (LOUD, 3, -2), (LOUD, 0, -2)
# movements of each direction by day; the second has too few, the third too few days
ROOTS = {"ES": [4, 3, 3, 2, 5, 3, 3, 4, 2, 3, 4, 3], "NQ": [3] * 8 + [1] * 4, "YM": [5] * 9}
FIRST_DAY = dt.date(2025, 10, 1)
BOUNDS = {
    "mean": ("mean_lo", "mean_hi"),
    "matched_mean": ("matched_lo", "matched_hi"),
    "z": ("z_lo", "z_hi"),
}

Sets = dict[tuple[str, str], dict[Element, list[MatchedSet]]]


class Market:
    """Relations of some days, and the sets that a reader should find in them."""

    def __init__(self, seed: int) -> None:
        """Draw movements, matches and readings."""
        self.connection = duckdb.connect()
        self.sets: Sets = {}
        self._random = np.random.default_rng(seed)
        self._moments = 0
        self._rows: dict[str, list[dict]] = {
            "gold.key_movements": [],
            "gold.key_movement_matches": [],
            "silver.radar_vacuum_1s": [],
            "steps.movement_seconds_1s": [],
            "silver.mbo_contract_day_selection": [],
        }
        for root, counts in ROOTS.items():
            for day in range(len(counts) + 1):
                selected = {
                    "root": root,
                    "session_date": date_of(day),
                    "selected_symbol": symbol_of(root),
                }
                self._rows["silver.mbo_contract_day_selection"].append(selected)
            for direction in ("up", "down"):
                self._add_direction(root, direction, counts)
        # a contract that is not selected has movements without matches
        self._movement("ESH6", 0, "up", self._moment("ESH6", 0, dict.fromkeys(ELEMENTS, 9.0)))
        self.connection.execute("create schema silver; create schema steps")
        for relation, rows in self._rows.items():
            if relation == "silver.radar_vacuum_1s":
                names = ", ".join(f"{p}{name} double" for name in RADAR for p in PREFIXES)
                self.connection.execute(
                    "create table silver.radar_vacuum_1s "
                    f"(symbol varchar, dt date, window_end_ts timestamp, {names})"
                )
            else:
                create_relation(self.connection, relation)
            self.connection.register("given", pa.Table.from_pylist(rows))
            self.connection.execute(f"insert into {relation} by name select * from given")

    def _add_direction(self, root: str, direction: str, counts: list[int]) -> None:
        symbol = symbol_of(root)
        found: dict[Element, list[MatchedSet]] = {element: [] for element in ELEMENTS}
        for day, count in enumerate(counts):
            for number in range(count):
                own = self._readings(day, direction, is_own=True)
                start = self._moment(symbol, day, own)
                self._movement(symbol, day, direction, start)
                # one movement has no match, others one to five, on any day
                n_matches = 0 if (day, number) == (1, 1) else 1 + (day + 2 * number) % 5
                matched = []
                for place in range(n_matches):
                    other_day = int(self._random.integers(len(counts) + 1))
                    matched.append(self._readings(other_day, direction, is_own=False))
                    moment = self._moment(symbol, other_day, matched[-1])
                    self._rows["gold.key_movement_matches"].append(
                        {
                            "symbol": symbol,
                            "dt": date_of(day),
                            "start_window_end_ts": start,
                            "match_number": place + 1,
                            "direction": direction,
                            "match_symbol": symbol,
                            "match_dt": date_of(other_day),
                            "match_window_end_ts": moment,
                        }
                    )
                for element in ELEMENTS if n_matches else ():
                    values = tuple(readings[element] for readings in matched)
                    found[element].append(MatchedSet(str(date_of(day)), own[element], values))
        self.sets[root, direction] = found

    def _readings(self, day: int, direction: str, *, is_own: bool) -> dict[Element, float | None]:
        """Draw readings; days differ, so that days matter."""
        found: dict[Element, float | None] = {}
        for element in ELEMENTS:
            name, derivative, _ = element
            value = float(self._random.normal(3 + 0.3 * (day % 3), 1))
            if name == "spread_ticks":
                value = round(value)
            if name == LOUD and is_own:
                value = 3.3 + 3**0.5 * (value - 3.3)
            if element == SIGNATURE and is_own and direction == "up":
                value -= 3.0
            is_missing = self._random.random() < 0.1 and derivative > 0
            is_missing |= element == NO_OWN and is_own
            is_missing |= element == MISSING_DAYS and is_own and day < 3
            found[element] = 0.1 if element == CONSTANT else None if is_missing else value
        return found

    def _moment(self, symbol: str, day: int, readings: dict[Element, float | None]) -> dt.datetime:
        """Write the seconds before a moment, and what must not be read at it; return its end."""
        self._moments += 1
        end = dt.datetime.combine(date_of(day), dt.time(13, 30))
        end += dt.timedelta(seconds=(SECONDS + 1) * self._moments)
        for second in range(-SECONDS, 1):
            row = {
                "symbol": symbol,
                "dt": date_of(day),
                "window_end_ts": end + dt.timedelta(seconds=second),
            }
            values = {
                f"{PREFIXES[derivative]}{name}": readings[name, derivative, second]
                if second
                else 1e6
                for name in READINGS
                for derivative in range(len(PREFIXES))
            }
            for relation, names in (
                ("silver.radar_vacuum_1s", RADAR),
                ("steps.movement_seconds_1s", QUOTE_READINGS),
            ):
                columns = {f"{p}{name}": values[f"{p}{name}"] for name in names for p in PREFIXES}
                self._rows[relation].append(row | columns)
        return end

    def _movement(self, symbol: str, day: int, direction: str, start: dt.datetime) -> None:
        row = {"symbol": symbol, "dt": date_of(day), "direction": direction}
        self._rows["gold.key_movements"].append(row | {"start_window_end_ts": start})

    def profile(
        self, seed: int = 7, roots: Iterable[str] = ROOTS
    ) -> dict[tuple[str, str, Element], dict]:
        """Return the published profile by root, direction and element."""
        settings = SETTINGS | {"evaluation_seed": seed}
        table = movement_tables(self.connection, list(roots), settings)[MOVEMENT_PROFILE]
        return {
            (
                row["root"],
                row["direction"],
                (row["reading"], row["derivative"], row["second"]),
            ): row
            for row in table.to_pylist()
        }


def date_of(day: int) -> dt.date:
    return FIRST_DAY + dt.timedelta(days=day)


def symbol_of(root: str) -> str:
    return f"{root}Z5"


@pytest.fixture(scope="module")
def market() -> Market:
    # all but what is planted lies far below the placebo
    return Market(5)


@pytest.fixture(scope="module")
def published(market: Market) -> dict[tuple[str, str, Element], dict]:
    return market.profile()


@pytest.fixture(scope="module")
def plain_placebo(market: Market) -> dict[str, dict[str, dict[Element, np.ndarray]]]:
    """|welch_t| of the placebo of ES by direction."""
    random = np.random.default_rng(11)
    return {
        direction: placebo(market.sets["ES", direction], DRAWS, random)
        for direction in ("up", "down")
    }


def scored(market: Market, direction: str, chosen: Callable[[Element], bool]) -> list[Element]:
    """Return elements of ES that have a verdict."""
    sets = market.sets["ES", direction]
    return [one for one in ELEMENTS if chosen(one) and is_enough(sets[one], LEAST)]


def test_numbers_that_are_not_drawn(market: Market, published: dict) -> None:
    compared: Counter[str] = Counter()
    assert len(published) == 2 * len(ROOTS) * len(ELEMENTS)
    for (root, direction, element), row in published.items():
        sets = market.sets[root, direction][element]
        plain = compare(sets)._asdict() | {"n_days": n_days(sets)}
        for name, value in plain.items():
            same = pytest.approx(value, rel=1e-9, abs=1e-9) if value is not None else None
            assert row[name] == same, (root, direction, element, name)
            compared[name] += value is not None
    assert min(compared.values()) > len(published) / 2


def test_sums_of_days_are_those_of_the_days(market: Market) -> None:
    sets = market.sets["ES", "up"][LOUD, 2, -2]
    found = resampled(sets, 5, np.random.default_rng(3))
    days = sorted({one.day for one in sets})
    drawn = np.random.default_rng(3).integers(len(days), size=(5, len(days)))
    for number, places in enumerate(drawn):
        plain = compare(drawn_days(sets, [days[place] for place in places]))
        for name, values in found.items():
            assert values[number] == pytest.approx(getattr(plain, name)), name


def test_intervals(market: Market) -> None:
    """Means over some seeds lie within six Monte-Carlo errors of the quantiles of many draws."""
    seeds = 10
    profiles = [market.profile(seed, ["ES"]) for seed in range(seeds)]
    random = np.random.default_rng(5)
    tolerances = []
    for direction in ("up", "down"):
        for element in scored(market, direction, lambda one: one[1] in (0, 2)):
            draws = resampled(market.sets["ES", direction][element], 20_000, random)
            rows = [profile["ES", direction, element] for profile in profiles]
            for name, bounds in BOUNDS.items():
                for bound, share in zip(bounds, (0.025, 0.975), strict=True):
                    found = [row[bound] for row in rows]
                    distance, tolerance = mean_quantile(draws[name], share, 1_000, found)
                    assert distance < tolerance, (direction, element, bound)
                    tolerances.append(tolerance)
    assert len(tolerances) > 150
    # finer than the 90 % quantile, which lies 0.3 standard deviations away
    assert np.mean(tolerances) < 0.25


def test_ten_days_are_needed(market: Market, published: dict) -> None:
    seen: Counter[bool] = Counter()
    for (root, direction, element), row in published.items():
        sets = market.sets[root, direction][element]
        has_interval = n_days(sets) >= 10
        assert (row["mean_lo"] is not None) == has_interval, (root, direction, element)
        seen[has_interval] += 1
    assert min(seen.values()) > 50
    assert published["ES", "up", MISSING_DAYS]["n_days"] == 9


def test_placebo(market: Market, published: dict, plain_placebo: dict) -> None:
    rows = {key[1:]: row for key, row in published.items() if key[0] == "ES"}
    found = {row["placebo_largest_q95"] for row in rows.values()}
    by_direction = [
        largest(plain_placebo[direction], scored(market, direction, lambda _: True))
        for direction in ("up", "down")
    ]
    low, high = quantile_bounds(np.max(by_direction, axis=0), 0.95, DRAWS)
    [value] = found - {None}
    assert low <= value <= high
    n_compared = 0
    for (direction, element), row in rows.items():
        alike = scored(market, direction, lambda one, own=element: one[:2] == own[:2])
        if not alike:
            assert row["placebo_q95"] is None
            continue
        if row["placebo_q95"] is not None:
            values = largest(plain_placebo[direction], alike)
            low, high = quantile_bounds(values, 0.95, DRAWS)
            assert low <= row["placebo_q95"] <= high, (direction, element)
            n_compared += 1
    assert n_compared > 40


def test_verdicts(market: Market, published: dict, plain_placebo: dict) -> None:
    """One planted signature; noise, and a reading that is only louder, are not shown."""
    by_direction = [
        largest(plain_placebo[direction], scored(market, direction, lambda _: True))
        for direction in ("up", "down")
    ]
    largest_q95 = float(np.quantile(np.max(by_direction, axis=0), 0.95))
    random = np.random.default_rng(6)
    seen: Counter[str] = Counter()
    for (root, direction, element), row in published.items():
        sets = market.sets[root, direction][element]
        interval = (0.0, 0.0)
        if is_enough(sets, LEAST) and compare(sets).z is not None:
            draws = resampled(sets, 2_000, random)["z"]
            interval = tuple(np.quantile(draws, [0.025, 0.975]).tolist())
        plain = verdict(sets, LEAST, interval, largest_q95)
        assert row["verdict"] == plain, (root, direction, element)
        seen[plain] += 1
        is_planted = (root, direction, element) == ("ES", "up", SIGNATURE)
        assert (plain == "shown") == is_planted
        assert plain == "too few movements" or root == "ES"
    assert seen["not shown"] > 40
    assert seen["too few movements"] >= 2 * 2 * len(ELEMENTS)
    loud = compare(market.sets["ES", "down"][ONLY_LOUD])
    assert loud.n_movements > LEAST
    assert published["ES", "down", ONLY_LOUD]["verdict"] == "not shown"
    assert published["ES", "up", MISSING_DAYS]["verdict"] == "too few movements"
