"""The evaluation of fingerprints against the plain one, on approaches made by hand.

What is counted is equal; what is drawn agrees as far as 1,000 draws of other numbers can.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from naive.fingerprint_evaluation import DIRECTIONS, Judged, Key, judged_fingerprints
from naive.level_fingerprints import SHARES
from spymaster.evaluation.fingerprints import fingerprint_table
from support.relations_of_models import create_relation

Row = dict[str, Any]
Change = Callable[[Row], Row]

COLUMNS = [
    f"{prefix}{role}_{name}"
    for prefix, role, name in product(("", "touch_"), ("ahead", "behind"), SHARES)
]
SETTINGS = {"condition_min_episodes": 30, "evaluation_seed": 7}
KEY = ("approach_dir", "moment", "side_role", "print")
# of the evaluation, and of the twin
DRAWS, OWN_DRAWS = 1_000, 1_200
STANDARD_ERRORS = 5
# of the interval of a fingerprint that is always the same
ROUNDING = 1e-12
SYMBOLS = {"ES": ("ESZ5", "ESH6"), "NQ": ("NQZ5",)}
COUNTED = ("n_days", "n_episodes", "mean_break", "mean_reject", "mean_chop", "difference")


def approaches(seed: int, n_days: int = 24, per_day: int = 12) -> list[Row]:
    """Noise in which loud days are loud in every fingerprint and break more often."""
    random = np.random.default_rng(seed)
    rows = []
    for day in range(n_days):
        loudness = random.random()
        odds = (0.2 + 0.5 * loudness, 0.6 - 0.5 * loudness, 0.2)
        for number in range(per_day):
            values = np.clip(random.normal(0.3 + 0.2 * loudness, 0.1, len(COLUMNS)), 0, 1)
            rows.append(
                {
                    "symbol": "ESZ5",
                    "dt": dt.date(2025, 9, 15) + dt.timedelta(days=day),
                    "episode_id": f"{seed}_{day}_{number}",
                    "approach_dir": str(random.choice(DIRECTIONS[1:])),
                    "horizon_id": "s240",
                    "outcome_reached": str(random.choice(("BREAK", "REJECT", "CHOP"), p=odds)),
                    **dict(zip(COLUMNS, values.tolist(), strict=True)),
                }
            )
    return rows


def evaluated(rows: Sequence[Row], roots: Sequence[str] = ("ES",)) -> list[Row]:
    """Return the evaluation's rows over approaches; the first symbol of a root is selected."""
    with duckdb.connect() as connection:
        for relation in ("gold.level_fingerprints", "silver.mbo_contract_day_selection"):
            create_relation(connection, relation)
        connection.register("given", pa.Table.from_pylist(list(rows)))
        connection.execute("insert into gold.level_fingerprints by name select * from given")
        for root, (symbol, *_) in SYMBOLS.items():
            connection.execute(
                "insert into silver.mbo_contract_day_selection "
                "(root, session_date, selected_symbol) "
                "select distinct ?, dt, ? from gold.level_fingerprints",
                [root, symbol],
            )
        found = fingerprint_table(connection, list(roots), SETTINGS).to_pylist()
    return [
        {
            name: None if isinstance(value, float) and math.isnan(value) else value
            for name, value in row.items()
        }
        for row in found
    ]


def by_key(rows: Sequence[Row]) -> dict[Key, Row]:
    found = {tuple(row[name] for name in KEY): row for row in rows}
    assert len(found) == len(rows)
    return found


def plain(rows: Sequence[Row], n_draws: int = OWN_DRAWS) -> dict[Key, Judged]:
    dated = [row | {"session_date": row["dt"]} for row in rows]
    return judged_fingerprints(dated, SETTINGS["condition_min_episodes"], n_draws, 123)


def unlike(judged: Judged, found: Row) -> list[str]:
    """Return the columns that differ, or that other draws would not give."""
    expected = judged.row
    return unlikely(judged, found) + [
        f"{name}: twin {expected[name]}, published {found[name]}"
        for name in (*COUNTED, "verdict")
        if expected[name] != found[name]
        and not (
            isinstance(expected[name], float)
            and isinstance(found[name], float)
            and math.isclose(expected[name], found[name], rel_tol=1e-9, abs_tol=1e-12)
        )
    ]


def is_quantile(value: float, drawn: np.ndarray, quantile: float, unit: float = 0.0) -> bool:
    """Return whether a value may be the quantile of other draws of the same numbers.

    ``unit`` is the relative error of the unit in which the numbers are.
    """
    error = error_of(quantile * (1 - quantile), len(drawn))
    low, high = np.nanquantile(drawn, np.clip([quantile - error, quantile + error], 0, 1))
    return bool(low - unit * abs(low) - ROUNDING <= value <= high + unit * abs(high) + ROUNDING)


def error_of(variance: float, own_draws: int) -> float:
    """Return the largest difference of two estimates with this variance per draw."""
    return STANDARD_ERRORS * math.sqrt(variance * (1 / DRAWS + 1 / own_draws))


def unlikely(judged: Judged, found: Row) -> list[str]:
    """Return the columns that other draws would not give."""
    expected = judged.row
    missing = [
        f"{name}: twin {expected[name]}, published {found[name]}"
        for name in ("difference_lo", "difference_hi", "null_q95", "z", "largest_z_q95")
        if (expected[name] is None) != (found[name] is None)
    ]
    if missing:
        return missing
    # z counts in standard deviations, which are estimated too
    unit = error_of(1 / 2, len(judged.permuted))
    drawn = {
        "difference_lo": (judged.resampled, 0.025),
        "difference_hi": (judged.resampled, 0.975),
        "null_q95": (np.abs(judged.permuted), 0.95),
        "largest_z_q95": (judged.largest_z, 0.95, unit),
    }
    wrong = [
        f"{name}: twin {expected[name]}, published {found[name]}"
        for name, given in drawn.items()
        if found[name] is not None and not is_quantile(found[name], *given)
    ]
    if expected["z"] is not None:
        # variances of a mean in standard deviations, and of the standard deviation
        error = error_of(1 + expected["z"] ** 2 / 2, len(judged.permuted))
        if abs(found["z"] - expected["z"]) > error:
            wrong.append(f"z: twin {expected['z']}, published {found['z']}")
    return wrong


@pytest.fixture(scope="module")
def planted() -> list[Row]:
    """Requotes are more before a break, reactions less; some fingerprints say nothing."""
    rows = approaches(1)
    for number, row in enumerate(rows):
        is_break = row["outcome_reached"] == "BREAK"
        row["ahead_requote_share"] += 0.15 * is_break
        row["behind_react_5ms"] -= 0.15 * is_break
        # known on half of the days; in a third of the approaches; never; the same where known
        row["behind_chase_share"] = row["behind_chase_share"] if row["dt"].day % 2 else None
        row["behind_react_1ms"] = row["behind_react_1ms"] if number % 3 == 0 else None
        row["ahead_periodic_share"] = None
        row["behind_periodic_share"] = 0.1 if number % 5 else None
    return rows


# rows that must not count; their fingerprints would turn every difference
LOUD = dict.fromkeys(COLUMNS, 1.0)


def test_planted_fingerprints_among_rows_that_do_not_count(planted: list[Row]) -> None:
    others = [
        row | LOUD | change
        for row in planted[::3]
        for change in (
            {"outcome_reached": "NOT_REACHED"},
            {"outcome_reached": "CENSORED"},
            {"outcome_reached": None},
            {"symbol": "ESH6", "outcome_reached": "BREAK"},
            {"symbol": "NQZ5", "outcome_reached": "BREAK"},
        )
    ]
    found, expected = evaluated(planted + others), plain(planted)
    assert {(row["root"], row["horizon_id"]) for row in found} == {("ES", "s240")}
    rows = by_key(found)
    assert rows.keys() == expected.keys()
    assert len(rows) == len(DIRECTIONS) * len(COLUMNS)
    wrong = {key: unlike(judged, rows[key]) for key, judged in expected.items()}
    assert {key: lines for key, lines in wrong.items() if lines} == {}
    for key in (
        ("both", "approach", "ahead", "requote_share"),
        ("both", "approach", "behind", "react_5ms"),
    ):
        assert rows[key]["verdict"] == "shown"
    assert rows["both", "approach", "ahead", "periodic_share"]["n_episodes"] == 0
    assert rows["both", "approach", "ahead", "periodic_share"]["verdict"] == "too few episodes"
    assert rows["both", "approach", "behind", "periodic_share"]["z"] is None
    assert sum(row["verdict"] == "shown" for row in rows.values()) < 8


def noise() -> list[Row]:
    return approaches(2)


def few_days() -> list[Row]:
    return [
        row | {"ahead_requote_share": float(row["outcome_reached"] == "BREAK")}
        for row in approaches(3, n_days=9)
    ]


def few_episodes() -> list[Row]:
    """Twelve days, two approaches a day; the directions have fewer yet."""
    return approaches(4, n_days=12, per_day=2)


def without(outcome: str) -> Callable[[], list[Row]]:
    def rows() -> list[Row]:
        return [row for row in approaches(8) if row["outcome_reached"] != outcome]

    return rows


@pytest.mark.parametrize(
    ("table", "verdict"),
    [
        (noise, "not shown"),
        (few_days, "too few episodes"),
        (few_episodes, "too few episodes"),
        (without("BREAK"), "not shown"),
        (without("REJECT"), "not shown"),
        (without("CHOP"), "not shown"),
    ],
    ids=["noise", "few days", "few episodes", "no break", "no rejection", "no chop"],
)
def test_verdicts_where_the_answer_is_clear(table: Callable[[], list[Row]], verdict: str) -> None:
    rows = table()
    found, expected = by_key(evaluated(rows)), plain(rows)
    assert found.keys() == expected.keys()
    wrong = {key: unlike(judged, found[key]) for key, judged in expected.items()}
    assert {key: lines for key, lines in wrong.items() if lines} == {}
    verdicts = {(key[1], row["verdict"]) for key, row in found.items()}
    assert verdicts == {("approach", verdict), ("touch", "not judged")}


def test_rows_of_every_product_and_of_none() -> None:
    rows = approaches(6, n_days=3)
    others = [row | {"symbol": "NQZ5", "approach_dir": "approach_up"} for row in rows]
    found = evaluated(rows + others, ["ES", "NQ"])
    assert {row["root"] for row in found} == {"ES", "NQ"}
    of_nq = by_key([row for row in found if row["root"] == "NQ"])
    assert of_nq.keys() == plain(others, n_draws=20).keys()
    assert evaluated([row | {"outcome_reached": "CENSORED"} for row in rows]) == []
