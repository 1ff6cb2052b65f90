"""The published evaluation of retests against the plain one, on hand-made events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from naive.retest_skill import (
    ENDS,
    Retest,
    Rules,
    base_rates,
    chance_skills,
    counted,
    scores,
    share_draws,
    shares,
    skill,
    skill_draws,
    verdict,
)
from spymaster.evaluation.result_tables import RETESTS
from spymaster.evaluation.retests import retest_tables
from spymaster_warehouse.project_vars import project_vars
from support.monte_carlo import mean_quantile, quantile_bounds
from support.relations_of_models import create_relation

BASES = ("seconds", "bars")
DIRECTIONS = ("approach_up", "approach_down")
STATES = ("all_four", "ahead_only", "behind_only", "partial", "none")
FIRST_DAY = dt.date(2025, 10, 1)
SETTINGS = project_vars()
RULES = Rules(
    warm_up_days=SETTINGS["evaluation_warm_up_days"],
    embargo_days=SETTINGS["embargo_days"],
    weight=SETTINGS["base_rate_weight"],
    least_events=SETTINGS["condition_min_episodes"],
)
# draws behind a published quantile, at least
LEAST_DRAWS = 200
# two bases share an error of 5 %
SKILL_SHARES = (0.0125, 0.9875)
# the state that names an end names it with these odds
KNOWS = {"all_four": (0.15, 0.7, 0.15), "none": (0.7, 0.15, 0.15)}
TURNED = {"all_four": KNOWS["none"], "none": KNOWS["all_four"]}

Events = dict[str, list[Retest]]
Key = tuple[str, str, str]


def drawn(
    seed: int, n_days: int, odds: Mapping[str, Sequence[float]], per_day: int = 6, first: int = 0
) -> list[Retest]:
    """Retests whose ends are drawn with the odds of their state."""
    random = np.random.default_rng(seed)
    found = []
    for day in range(first, first + n_days):
        for _ in range(per_day):
            state = str(random.choice(list(odds)))
            end = str(random.choice(ENDS, p=odds[state]))
            found.append(Retest(day, str(random.choice(DIRECTIONS)), state, end))
    return found


def published(
    events: Events, seed: int = 7, root: str = "ES", form: str = "orders"
) -> dict[Key, dict]:
    """Rows of `eval_retests` by basis, direction and state, of one form of the conditions."""
    rows = [
        {
            "symbol": f"{root}Z5",
            "dt": FIRST_DAY + dt.timedelta(days=one.day),
            "level_id": f"level_{number}",
            "approach_dir": one.direction,
            "basis": basis,
            "conditions_basis": form,
            "retest_window_end_ts": None
            if one.end in ("THROUGH", "NO_RETEST")
            else dt.datetime.combine(FIRST_DAY + dt.timedelta(days=one.day), dt.time(14)),
            "turn_state": one.state,
            "outcome": one.end,
        }
        for basis, retests in events.items()
        for number, one in enumerate(retests)
    ]
    days = {row["dt"] for row in rows}
    selected = [
        {"root": root, "session_date": day, "selected_symbol": f"{root}Z5"} for day in sorted(days)
    ]
    # what a contract shows that is not selected does not count
    others = [row | {"symbol": f"{root}H6", "outcome": "FAILS"} for row in rows[::7]]
    # nor does the other form of the conditions, on days of its own before
    other_form = "net" if form == "orders" else "orders"
    for row in rows[::5]:
        day = FIRST_DAY - dt.timedelta(days=1 + (row["dt"] - FIRST_DAY).days)
        others.append(row | {"dt": day, "conditions_basis": other_form, "outcome": "FAILS"})
        selected.append({"root": root, "session_date": day, "selected_symbol": f"{root}Z5"})
    selected = list({row["session_date"]: row for row in selected}.values())
    rows += others
    with duckdb.connect() as connection:
        for relation, inserted in (
            ("gold.retest_events", rows),
            ("silver.mbo_contract_day_selection", selected),
        ):
            create_relation(connection, relation)
            connection.register("given", pa.Table.from_pylist(inserted))
            connection.execute(f"insert into {relation} by name select * from given")
        settings = SETTINGS | {"evaluation_seed": seed}
        table = retest_tables(connection, [root], settings)[RETESTS]
    return {
        (row["basis"], row["approach_dir"], row["turn_state"]): row
        for row in table.to_pylist()
        if row["conditions_basis"] == form
    }


def mixed(seed: int) -> list[Retest]:
    """All states, unknown ones, and events that must not count; some days have only such."""
    random = np.random.default_rng(seed)
    found = []
    for day in range(34):
        for _ in range(int(random.integers(1, 9))):
            state = [*STATES, None][random.integers(6)]
            odds = (0.5, 0.2, 0.3) if state in ("none", "partial") else (0.3, 0.5, 0.2)
            end = str(random.choice(ENDS, p=odds))
            if day in (3, 15) or random.random() < 0.2:
                end = str(random.choice(["CENSORED", "THROUGH", "NO_RETEST"]))
            if end in ("THROUGH", "NO_RETEST") or day in (5, 17):
                state = None
            direction = DIRECTIONS[int(random.random() < 0.35)]
            found.append(Retest(day, direction, state, end))
    return found


@pytest.fixture(scope="module")
def events() -> Events:
    return {basis: mixed(seed) for seed, basis in enumerate(BASES, 1)}


@pytest.fixture(scope="module")
def days(events: Events) -> list[int]:
    """Days with a counted retest on either basis."""
    return sorted({one.day for retests in events.values() for one in counted(retests)})


@pytest.fixture(scope="module")
def found(events: Events) -> list[dict[Key, dict]]:
    """The evaluation with some seeds."""
    return [published(events, seed) for seed in range(6)]


def members(retests: list[Retest], key: Key) -> list[Retest]:
    """Retests of a row."""
    _, direction, state = key
    return [
        one
        for one in counted(retests)
        if direction in ("both", one.direction) and state in ("all", one.state)
    ]


def test_shares_base_rates_and_scores(
    events: Events, days: list[int], found: list[dict[Key, dict]]
) -> None:
    expected = {
        (basis, direction, state)
        for basis in BASES
        for direction in ("both", *DIRECTIONS)
        for state in ("all", *STATES)
        if members(events[basis], (basis, direction, state))
    }
    assert set(found[0]) == expected
    assert len(expected) > 30
    for key, row in found[0].items():
        own, every = members(events[key[0]], key), counted(events[key[0]])
        assert (row["n_events"], row["n_days"]) == (len(own), len({one.day for one in own}))
        numbers = {f"{end.lower()}_share": share for end, share in shares(own).items()}
        if key[2] != "all":
            rates = base_rates(own, every)
            numbers |= {f"{end.lower()}_base_rate": rate for end, rate in rates.items()}
            assert row["n_scored"] is row["skill"] is row["verdict"] is None
        else:
            scored = scores(own, days, RULES)
            assert row["n_scored"] == len(scored) > 15
            assert row["n_scored_days"] == len({one.day for one in scored})
            numbers["log_loss"] = float(np.mean([one.own for one in scored]))
            numbers["rival_log_loss"] = float(np.mean([one.rival for one in scored]))
            numbers["skill"] = skill(scored)
        for name, value in numbers.items():
            assert row[name] == pytest.approx(value, rel=1e-9, abs=1e-9), (key, name)


def test_intervals_of_shares(events: Events, found: list[dict[Key, dict]]) -> None:
    random = np.random.default_rng(1)
    tolerances, n_without = [], 0
    for key, row in found[0].items():
        own = members(events[key[0]], key)
        for end in ENDS:
            names = f"{end.lower()}_share_lo", f"{end.lower()}_share_hi"
            if row["n_days"] < 10:
                assert row[names[0]] is row[names[1]] is None
                n_without += 1
                continue
            values = share_draws(own, end, 10_000, random)
            for name, share in zip(names, (0.025, 0.975), strict=True):
                bounds = [rows[key][name] for rows in found]
                low, high = quantile_bounds(values, share, 1_000)
                assert all(low <= bound <= high for bound in bounds), (key, name)
                # shares of few retests take few values, and quantiles jump
                if row["n_events"] > 60:
                    distance, tolerance = mean_quantile(values, share, 1_000, bounds)
                    assert distance <= tolerance, (key, name)
                    tolerances.append(tolerance)
    assert n_without > 0
    assert len(tolerances) > 15
    assert np.mean(tolerances) < 0.4


@pytest.mark.parametrize("basis", BASES)
def test_intervals_of_skill(
    events: Events, days: list[int], found: list[dict[Key, dict]], basis: str
) -> None:
    random = np.random.default_rng(2)
    every = counted(events[basis])
    rows = [rows[basis, "both", "all"] for rows in found]
    for names, values in (
        (("skill_lo", "skill_hi"), skill_draws(scores(every, days, RULES), 20_000, random)),
        (("chance_lo", "chance_hi"), chance_skills(every, days, RULES, 1_000, random)),
    ):
        for name, share in zip(names, SKILL_SHARES, strict=True):
            bounds = [row[name] for row in rows]
            low, high = quantile_bounds(values, share, LEAST_DRAWS)
            assert all(low <= bound <= high for bound in bounds), name
            distance, tolerance = mean_quantile(values, share, LEAST_DRAWS, bounds)
            assert distance <= tolerance < 1.2, name


def plain_verdict(retests: list[Retest], others: list[Retest]) -> str:
    random = np.random.default_rng(3)
    every = counted(retests)
    days = sorted({one.day for one in every + counted(others)})
    own = scores(every, days, RULES)
    if not own:
        return "too few episodes"
    intervals = (
        np.quantile(values, SKILL_SHARES)
        for values in (
            skill_draws(own, 2_000, random),
            chance_skills(every, days, RULES, 100, random),
        )
    )
    return verdict(own, RULES.least_events, *(tuple(bounds.tolist()) for bounds in intervals))


KNOWING = drawn(1, 30, KNOWS)
# learned one way round for as long as it takes, then judged the other way round
TURNING = [one for one in drawn(2, 24, KNOWS) if one.day < 12] + drawn(3, 11, TURNED, first=12)
NOISE = drawn(4, 30, dict.fromkeys(KNOWS, (0.4, 0.4, 0.2)))
VERDICTS = {
    "a state that knows": (KNOWING, "supported"),
    "noise": (NOISE, "not shown"),
    "a state that knows the wrong way round": (TURNING, "contradicted"),
    "nine judged days": (drawn(5, 20, KNOWS), "too few episodes"),
    "few retests": (drawn(6, 31, KNOWS, per_day=1), "too few episodes"),
    "what does not count": (
        [
            one._replace(end=("CENSORED", "THROUGH", "NO_RETEST")[number % 3])
            if number % 6
            else one
            for number, one in enumerate(KNOWING)
        ],
        "too few episodes",
    ),
}


@pytest.mark.parametrize("case", VERDICTS)
def test_verdicts(case: str) -> None:
    retests, expected = VERDICTS[case]
    rows = published({"seconds": retests, "bars": NOISE}, form="net")
    assert plain_verdict(retests, NOISE) == expected
    assert rows["seconds", "both", "all"]["verdict"] == expected
    assert rows["bars", "both", "all"]["verdict"] == "not shown"
    told = [key for key, row in rows.items() if row["verdict"] is not None]
    assert sorted(told) == [("bars", "both", "all"), ("seconds", "both", "all")]
