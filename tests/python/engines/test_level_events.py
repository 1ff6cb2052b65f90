"""Level events and their training table against the plain ones, value by value, on drawn days."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from naive.level_event_columns import COLUMNS, GROUPS, LABEL_NAMES
from naive.signals_production import PRODUCTION_COLUMNS, production_report, signals_production
from naive.surfaces import Row
from spymaster_ingest.lake import Lake
from support import event_lakes, level_lakes, surface_lakes
from support.engine_days import COMPARED_SEEDS, EngineDay, on_date, random_day
from support.engine_market import SYMBOL
from support.engine_twins import ComparedDays, plain_engines, plain_events
from support.event_lakes import EVENT_KEY

# long enough for a path of 20 minutes and a horizon of 8; its engines are drawn too
LONG_SEED, LONG_S = 7, 1_150
# the long day again some days later, with another future from this second of it on
LATER_DAYS, CHANGED_S = 5, 800
EVENTS = "gold.level_events"


@pytest.fixture(scope="module")
def days(engine_days: ComparedDays) -> list[tuple[EngineDay, dict[str, list[Row]]]]:
    first, (other, _) = engine_days
    second = on_date(other, 1)
    long = event_lakes.without_cuts(on_date(random_day(LONG_SEED, LONG_S), 2))
    return [
        first,
        (second, plain_engines(second)),
        (long, event_lakes.drawn_engines(long, LONG_SEED)),
    ]


@pytest.fixture(scope="module")
def plain(days: list[tuple[EngineDay, dict[str, list[Row]]]]) -> list[list[Row]]:
    return [plain_events(day, engines) for day, engines in days]


def moment_of(day: EngineDay) -> datetime:
    """The moment from which on the copy of a day has another future."""
    return day.book_snapshot_1s[CHANGED_S]["window_end_ts"]


@pytest.fixture(scope="module")
def database(
    days: list[tuple[EngineDay, dict[str, list[Row]]]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    lake = Lake(tmp_path_factory.mktemp("events") / "lake")
    long, _ = days[-1]
    copy = on_date(event_lakes.changed_after(long, moment_of(long)), LATER_DAYS)
    event_lakes.write_days(lake, [*days, (copy, event_lakes.drawn_engines(copy, LONG_SEED))])
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
            "select * from gold.signals_production where dt <= ? order by event_id",
            [rows[-1]["dt"]],
        ).to_arrow_table()
    table, expected = level_lakes.comparable(table, rows)
    surface_lakes.assert_same("signals_production", table, expected, ("event_id",))
    with duckdb.connect(str(database), read_only=True) as connection:
        all_rows = connection.execute("select * from gold.signals_production").to_arrow_table()
    report = production_report(all_rows.to_pylist())
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


def rows_known_by(
    database: Path, days: list[tuple[EngineDay, dict[str, list[Row]]]], query: str
) -> tuple[list[tuple], list[tuple]]:
    """Return rows of the long day and of its copy, of a query with {dt} and {moment}."""
    long, _ = days[-1]
    dt, moment = long.book_snapshot_1s[0]["dt"], moment_of(long)
    own, later = (
        surface_lakes.ask(
            database,
            query.format(dt=dt + timedelta(days=n), moment=moment + timedelta(days=n), days=n),
        )
        for n in (0, LATER_DAYS)
    )
    return own, later


SAME_TIME = "event_ts - interval {days} day as event_ts, level_id, direction"


@pytest.mark.parametrize("is_past", [True, False])
def test_the_future_changes_no_feature(
    database: Path, days: list[tuple[EngineDay, dict[str, list[Row]]]], is_past: bool
) -> None:
    names = ", ".join(
        name
        for group, columns in GROUPS.items()
        for name in columns
        if group not in ("identity", "labels") and name != "attempt_cluster_id"
    )
    when = "<=" if is_past else ">"
    own, later = rows_known_by(
        database,
        days,
        f"select {SAME_TIME}, {names} from {EVENTS} "
        f"where dt = '{{dt}}' and event_ts {when} '{{moment}}' order by all",
    )
    assert min(len(own), len(later)) > 10
    assert (own == later) == is_past


@pytest.mark.parametrize("is_past", [True, False])
def test_the_future_changes_no_label_that_has_ended(
    database: Path, days: list[tuple[EngineDay, dict[str, list[Row]]]], is_past: bool
) -> None:
    names = ", ".join(f"labels.{name}" for name in (*LABEL_NAMES, "anchor_spot"))
    when = "<=" if is_past else ">"
    own, later = rows_known_by(
        database,
        days,
        f"select {SAME_TIME}, horizon_min, {names}, "
        "epoch_ns(confirm_ts - interval {days} day) as confirm_ns "
        "from steps.level_event_labels as labels "
        "inner join steps.level_event_moments using (event_id, symbol) "
        f"where labels.dt = '{{dt}}' and label_end_ts {when} '{{moment}}' order by all",
    )
    assert min(len(own), len(later)) > 10
    assert (own == later) == is_past
    if is_past:
        names = ", ".join(f"production.{name}" for name in (*LABEL_NAMES, "ofi_60s", "jerk_1min"))
        own, later = rows_known_by(
            database,
            days,
            f"select {SAME_TIME}, {names} from gold.signals_production as production "
            "inner join steps.level_event_labels as labels using (event_id, symbol) "
            "where production.dt = '{dt}' and horizon_min = 4 and label_end_ts <= '{moment}' "
            "order by all",
        )
        assert len(own) > 5
        assert own == later
