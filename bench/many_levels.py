"""``python -m bench.many_levels``: seconds of the level models with 7 and with 20 levels.

Builds the same days in two lakes, of which one has thirteen levels more.
"""

from __future__ import annotations

import json
import shutil

import click
from spymaster_ingest.lake import Lake
from spymaster_ingest.synthetic import trading_days

from bench.builds import Row, at_most, build, land_day, report
from bench.inputs import FIRST_DAY, OUT
from bench.levels import LEVEL_MODELS
from bench.machine import machine_line
from bench.measure import CORES

_SEVEN = ["pm_high", "pm_low", "or_high", "or_low", "sma_90", "sma_200", "sma_400"]
_MORE = [
    *("prior_high", "prior_low", "prior_close", "week_open", "month_open"),
    *("vwap", "vwap_1sd_up", "vwap_1sd_down", "round_10"),
    *("poc_prior", "vah_prior", "val_prior"),
]
# on the way to levels_1s, which more levels need
_STEPS = ("level_definitions", "session_prices", "step_levels", "running_levels_1s")
_RATIO_GOAL = 3.0


@click.command()
@click.option("--records", default=2_000_000, show_default=True, help="Records of a day.")
@click.option("--days", default=2, show_default=True, help="Days of each lake.")
def main(records: int, days: int) -> None:
    """Build DAYS days with 7 and with 20 levels, and print the seconds of the level models."""
    machine = machine_line(CORES)
    models = [*_STEPS, *LEVEL_MODELS]
    seconds: list[dict[str, float]] = []
    for levels in (_SEVEN, [*_SEVEN, *_MORE]):
        lake = Lake(OUT / "many-levels-lake")
        shutil.rmtree(lake.root, ignore_errors=True)
        for day in trading_days(FIRST_DAY, days):
            land_day(lake, day, records)
        variables = json.dumps({"levels_in_use": levels})
        title = f"{len(levels)} entries"
        made = build(lake, title, "--select", "silver", "gold", "--vars", variables)
        seconds.append({name: made.seconds[name] for name in models})
        shutil.rmtree(lake.root)
    few, many = seconds
    rows: list[Row] = [(f"{name}, 20 levels", many[name], "", None) for name in models]
    rows += [
        ("all models of the levels, 7 levels", sum(few.values()), "", None),
        ("all models of the levels, 20 levels", sum(many.values()), "", None),
        at_most("20 levels over 7", sum(many.values()) / sum(few.values()), _RATIO_GOAL),
    ]
    report(f"{days} days of {records:,} records", machine, rows, "many-levels.json")


if __name__ == "__main__":
    main()
