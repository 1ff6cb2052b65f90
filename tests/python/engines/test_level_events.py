"""Level events and their training table against the plain ones, value by value, on drawn days."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import duckdb
import pytest
from naive.level_event_columns import COLUMNS, LABEL_NAMES
from naive.signals_production import PRODUCTION_COLUMNS, production_report, signals_production
from naive.surfaces import Row
from spymaster_ingest.lake import Lake
from support import event_lakes, level_lakes, surface_lakes
from support.engine_days import COMPARED_S, COMPARED_SEEDS, EngineDay, on_date, random_day
from support.engine_market import SYMBOL
from support.engine_twins import plain_engines, plain_events
from support.event_lakes import EVENT_KEY

# long enough for a path of 20 minutes and a horizon of 8; its engines are drawn too
LONG_SEED, LONG_S = 7, 1_150
EVENTS = "gold.level_events"


@pytest.fixture(scope="module")
def days() -> list[tuple[EngineDay, dict[str, list[Row]]]]:
    short = [on_date(random_day(seed, COMPARED_S), n) for n, seed in enumerate(COMPARED_SEEDS)]
    long = event_lakes.without_cuts(on_date(random_day(LONG_SEED, LONG_S), len(short)))
    return [
        *((day, plain_engines(day)) for day in short),
        (long, event_lakes.drawn_engines(long, LONG_SEED)),
    ]


@pytest.fixture(scope="module")
def plain(days: list[tuple[EngineDay, dict[str, list[Row]]]]) -> list[list[Row]]:
    return [plain_events(day, engines) for day, engines in days]


@pytest.fixture(scope="module")
def database(
    days: list[tuple[EngineDay, dict[str, list[Row]]]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    lake = Lake(tmp_path_factory.mktemp("events") / "lake")
    event_lakes.write_days(lake, days)
    event_lakes.build_events(lake)
    return lake.warehouse


@pytest.mark.parametrize("number", range(len(COMPARED_SEEDS) + 1))
def test_events(database: Path, plain: list[list[Row]], number: int) -> None:
    dt = plain[number][0]["dt"]
    table = level_lakes.table_of(database, EVENTS, SYMBOL, dt, EVENT_KEY)
    table, rows = level_lakes.comparable(table, plain[number])
    assert surface_lakes.assert_same(f"{EVENTS} {dt}", table, rows, EVENT_KEY) > 1_000


def test_events_meet_every_case(plain: list[list[Row]]) -> None:
    """Otherwise the comparison would miss cases."""
    rows = [row for events in plain for row in events]

    def met(name: str) -> Counter:
        return Counter(row[name] for row in rows)

    for name in ("outcome_2min", "outcome_4min"):
        assert set(met(name)) == {"BREAK", "REJECT", "CHOP", "CENSORED"}, name
    assert set(met("direction")) == {"UP", "DOWN"}
    assert len(met("level_kind")) >= 5
    assert set(met("tradeable_2_2min")) == {True, False, None}
    unknown = [name for name in COLUMNS if all(row[name] is None for row in rows)]
    assert unknown == []
    # a value of every column, and NULL where a window reaches before the day
    missing = {name for name in COLUMNS if any(row[name] is None for row in rows)}
    assert {"velocity_1min", "ofi_300s", "barrier_depth_delta_5min", "force_mass_ratio"} <= missing
    assert any(row["attempt_cluster_id"] != row["event_id"] for row in rows)
    assert any(row["barrier_delta_liq_trend"] for row in rows)


def test_columns_are_in_their_order(database: Path) -> None:
    described = surface_lakes.ask(database, f"describe {EVENTS}")
    assert tuple(name for name, *_ in described) == COLUMNS
    assert len(COLUMNS) == 182
    described = surface_lakes.ask(database, "describe gold.signals_production")
    assert tuple(name for name, *_ in described) == PRODUCTION_COLUMNS


def test_production_and_its_report(database: Path, plain: list[list[Row]]) -> None:
    rows = signals_production([row for events in plain for row in events])
    with duckdb.connect(str(database), read_only=True) as connection:
        table = connection.execute(
            "select * from gold.signals_production order by event_id"
        ).to_arrow_table()
    table, expected = level_lakes.comparable(table, rows)
    surface_lakes.assert_same("signals_production", table, expected, ("event_id",))
    report = production_report(rows)
    found = surface_lakes.ask(
        database, "select measure, subject, value from gold.signals_production_report"
    )
    assert {(measure, subject): value for measure, subject, value in found} == pytest.approx(
        {
            ("rows", None): report["n_rows"],
            ("days", None): report["n_days"],
            **{("class_share", name): share for name, share in report["class_shares"].items()},
            **{("null_share", name): share for name, share in report["null_rates"].items()},
        }
    )


def test_columns_of_a_role(database: Path) -> None:
    """The relation that programs choose features from has every column once, with its role."""
    rows = surface_lakes.ask(
        database,
        "select column_name, data_type, role from gold.level_event_columns order by column_index",
    )
    assert tuple(name for name, *_ in rows) == COLUMNS
    types = surface_lakes.ask(database, f"describe {EVENTS}")
    assert [kind for _, kind, _ in rows] == [kind.lower() for _, kind, *_ in types]
    labels = {name for name, _, role in rows if role == "label"}
    assert len(labels) == 58
    assert {*LABEL_NAMES, "confirm_ts", "anchor_spot", "tradeable_1_8min"} <= labels
