"""``python -m bench.levels``: rows and seconds per model of the levels, and of what reads them.

Builds a lake of small days, for the look-back of moving averages and for timing labels, then adds
the 20 million record day and compares the models of the levels, and those of the level engines,
with the engine pass of the same build.
"""

from __future__ import annotations

import datetime as dt
import shutil

import click
import duckdb
from spymaster_ingest.lake import Lake
from spymaster_ingest.synthetic import trading_days

from bench.builds import Row, at_most, build, land_day, memory_row, report
from bench.inputs import FIRST_DAY, OUT, SMALL_RECORDS
from bench.machine import machine_line
from bench.measure import CORES

# schema of each model of the levels
LEVEL_MODELS = {
    "contract_trades": "steps",
    "bars": "silver",
    "level_settings": "steps",
    "levels_1s": "silver",
    "level_offset_1s": "silver",
    "level_anchors_1s": "steps",
    "usual_depth_1s": "steps",
    "level_surface_1s": "silver",
    "level_book_1s": "steps",
    "level_vacuum_1s": "silver",
    "level_corridor_1s": "silver",
    "level_ladder_1s": "silver",
    "level_features_wide_1s": "silver",
    "mbo_level_vacuum_5s": "silver",
    "approach_windows_5s": "steps",
    "approach_course_1s": "silver",
    "level_decisions": "silver",
    "approach_episodes": "gold",
    "level_labels": "gold",
    "level_outcomes": "gold",
    "setup_events": "gold",
    "mbo_trigger_vectors": "gold",
}
# schema of each model of the level engines and of their events
ENGINE_MODELS = {
    "engine_levels_1s": "steps",
    "barrier_engine_1s": "silver",
    "tape_engine_1s": "silver",
    "fuel_engine_1s": "silver",
    "break_score_1s": "gold",
    "level_signals": "gold",
    "level_event_moments": "steps",
    "level_event_approach": "steps",
    "level_event_kinematics": "steps",
    "level_event_order_flow": "steps",
    "level_event_surroundings": "steps",
    "level_event_labels": "steps",
    "level_events": "gold",
    "signals_production": "gold",
}
# a relation of names, the same for all days
_NAMES_MODEL = "mbo_trigger_vector_features"
LABEL_MODELS = (
    "approach_windows_5s",
    "approach_course_1s",
    "level_decisions",
    "approach_episodes",
    "level_labels",
    "level_outcomes",
)

_ENGINE_SHARE_GOAL = 0.5
_LABELS_GOAL_S_PER_DAY = 1.0


@click.command()
@click.option("--records", default=20_000_000, show_default=True, help="Records of the large day.")
@click.option("--days", default=5, show_default=True, help="Small days before it.")
@click.option("--keep", is_flag=True, help="Keep the lake.")
def main(records: int, days: int, keep: bool) -> None:
    """Build DAYS small days, then a day of RECORDS, and print rows and seconds per model."""
    lake = Lake(OUT / "levels-lake")
    shutil.rmtree(lake.root, ignore_errors=True)
    machine = machine_line(CORES)
    dates = trading_days(FIRST_DAY, days + 1)

    for day in dates[:days]:
        land_day(lake, day, SMALL_RECORDS)
    small = build(lake, f"{days} small days", "--select", "silver", "gold")
    land_day(lake, dates[days], records)
    large = build(lake, "the large day", "--select", "silver", "gold")

    counts = _row_counts(lake, dates[days])
    models = [*LEVEL_MODELS, _NAMES_MODEL]
    large_s, engines_s = large.total_s(models), large.total_s(ENGINE_MODELS)
    rows: list[Row] = [
        (
            f"{name}, {counts[name]:,} rows" if name in counts else name,
            large.seconds[name],
            "",
            None,
        )
        for name in [*models, *ENGINE_MODELS]
    ]
    rows += [
        ("all models of the levels", large_s, "", None),
        ("all models of the level engines", engines_s, "", None),
        ("engine pass of the same build", large.engine_s, "", None),
        at_most(
            "all models of the levels over the engine pass",
            large_s / large.engine_s,
            _ENGINE_SHARE_GOAL,
        ),
        at_most(
            "all models of the level engines over the engine pass",
            engines_s / large.engine_s,
            _ENGINE_SHARE_GOAL,
        ),
        at_most(
            f"labels of {days} small days",
            small.total_s(LABEL_MODELS),
            days * _LABELS_GOAL_S_PER_DAY,
        ),
        memory_row(large),
    ]
    report(
        f"{records:,} records after {days} small days",
        machine,
        rows,
        "levels.json",
        records=records,
        days=days,
    )
    if not keep:
        shutil.rmtree(lake.root)


def _row_counts(lake: Lake, day: dt.date) -> dict[str, int]:
    """Return the rows of the day in each relation; views are calculated for it."""
    counts = {}
    with duckdb.connect(lake.warehouse, read_only=True) as connection:
        for name, schema in (LEVEL_MODELS | ENGINE_MODELS).items():
            query = f"select count(*) from {schema}.{name} where dt = ?"
            counts[name] = connection.execute(query, [day]).fetchall()[0][0]
    return counts


if __name__ == "__main__":
    main()
