"""Which moments the library without a level holds, against the plain one."""

from __future__ import annotations

import datetime as dt
from random import Random

import pytest
from naive.spot_library import Label, LabelKey, Moment, library_days, library_row, members
from support.model_over_tables import model_rows

HORIZONS = ("s120", "s240", "s480", "h1")
DAYS = (dt.date(2025, 10, 1), dt.date(2025, 10, 2), dt.date(2025, 10, 3))
# the contract is rolled on the second day; nothing is selected on the third
SELECTED = {DAYS[0]: "ESZ5", DAYS[1]: "ESH6"}
WIDTH = 1372
SCALARS = ("symbol", "approach_dir", "level_id", "k_ticks", "episode_id")


def literal(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, dt.datetime):
        return f"timestamp '{value}'"
    return f"date '{value}'" if isinstance(value, dt.date) else repr(value)


def values(rows: list[tuple], names: str) -> str:
    listed = ", ".join(f"({', '.join(map(literal, row))})" for row in rows)
    return f"select * from (values {listed}) as t ({names})"


@pytest.fixture(scope="module")
def market() -> tuple[list[Moment], dict[LabelKey, Label]]:
    """Two contracts with different kinds of barriers; some moments lack labels or an episode."""
    random = Random(4)
    moments, labels = [], {}
    for day in DAYS:
        for symbol, kind in (("ESZ5", "fixed"), ("ESH6", "vol")):
            for number in range(40):
                end = dt.datetime.combine(day, dt.time(14)) + dt.timedelta(seconds=5 * number)
                one = Moment(
                    symbol,
                    day,
                    end,
                    random.choice(("spot_up", "spot_down")),
                    None if number % 7 == 3 else f"{symbol}_{day}_{number // 9}",
                    kind,
                )
                moments.append(one)
                if number % 11 == 6:
                    continue
                for other_kind in ("fixed", "vol"):
                    for horizon in HORIZONS:
                        labels[symbol, end, other_kind, horizon] = drawn_label(random)
    return moments, labels


def drawn_label(random: Random) -> Label:
    outcome = random.choice(("BREAK", "REJECT", "CHOP", "CENSORED"))
    is_hit = outcome in ("BREAK", "REJECT")
    return Label(
        outcome,
        float(random.randint(1, 400)) if is_hit else None,
        random.randint(0, 12),
        -random.randint(0, 12),
        random.randint(0, 7) if is_hit else None,
        random.random() < 0.3,
        None if outcome == "CENSORED" else random.randint(-8, 8),
    )


@pytest.fixture(scope="module")
def inputs(market: tuple[list[Moment], dict[LabelKey, Label]]) -> dict[str, str]:
    moments, labels = market
    direction_of = {(one.symbol, one.window_end_ts): one for one in moments}
    vectors = [
        (f"v{n}", one.symbol, one.day, "spot", one.window_end_ts, one.direction, one.episode, 0, n)
        for n, one in enumerate(moments)
    ]
    names = "vector_id, symbol, dt, level_id, window_end_ts, approach_dir, episode_id, k_ticks, n"
    outcomes = [
        (
            symbol,
            direction_of[symbol, end].day,
            "spot",
            end,
            kind,
            horizon,
            direction_of[symbol, end].direction,
            *label,
        )
        for (symbol, end, kind, horizon), label in labels.items()
    ]
    return {
        "gold.spot_vectors": "select * exclude (n), dt as session_date, "
        "[n + 0.5, null]::float[2] as context, "
        f"list_transform(range({WIDTH}), lambda x: x + n)::float[{WIDTH}] as vector "
        f"from ({values(vectors, names)})",
        "gold.spot_outcomes": values(
            outcomes,
            "symbol, dt, level_id, window_end_ts, barrier_kind, horizon_id, approach_dir, outcome, "
            "time_to_hit_s, mfe_ticks, mae_ticks, adverse_before_hit_ticks, whipsaw_flag, "
            "exit_x_ticks",
        ),
        "silver.spot_moments": values(
            [(one.symbol, one.day, one.window_end_ts, one.kind, True) for one in moments],
            "symbol, dt, window_end_ts, barrier_mode, window_valid",
        ),
        "silver.mbo_contract_day_selection": values(
            [("ES", day, symbol) for day, symbol in SELECTED.items()],
            "root, session_date, selected_symbol",
        ),
    }


def test_rows(
    market: tuple[list[Moment], dict[LabelKey, Label]],
    inputs: dict[str, str],
) -> None:
    moments, labels = market
    found = {row["vector_id"]: row for row in model_rows("spot_library_rows", inputs)}
    names = {id(one): f"v{number}" for number, one in enumerate(moments)}
    inside = members(moments, SELECTED, 15)
    assert set(found) == {names[id(one)] for one in inside}
    assert {one.symbol for one in inside} == {"ESZ5", "ESH6"}
    assert len(inside) == 28
    for one in inside:
        row = found[names[id(one)]]
        number = int(names[id(one)][1:])
        expected = library_row(one, labels, row["horizons"])
        assert sorted(row["horizons"]) == sorted(HORIZONS)
        assert row["root"] == "ES"
        for name, value in expected.items():
            same = str(value) if isinstance(value, dt.date) else value
            assert row[name] == same, (one, name)
        assert row["vector"] == [float(number + place) for place in range(WIDTH)]
        assert row["context"] == [number + 0.5, None]
    assert sum(row["outcomes"] is None for row in found.values()) > 1
    assert any(row["episode_id"] is None for row in found.values())


def test_days(
    market: tuple[list[Moment], dict[LabelKey, Label]],
    inputs: dict[str, str],
) -> None:
    read = ("gold.spot_vectors", "silver.mbo_contract_day_selection")
    rows = model_rows("spot_library_days", {name: inputs[name] for name in read})
    found = {
        (dt.date.fromisoformat(row["dt"]), row["approach_dir"]): (
            row["n_vectors"],
            row["n_episodes"],
        )
        for row in rows
    }
    assert found == library_days(members(market[0], SELECTED, 15))
    assert {(row["root"], row["dt"], row["symbol"]) for row in rows} == {
        ("ES", str(day), symbol) for day, symbol in SELECTED.items()
    }
