"""The real ESH4 day 2023-12-25 with every second of the wall: some 69 million rows.

Most of them come from quiet hours. They and their surfaces are written in row groups and tested
without being in memory together.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from support import lakes, peak_memory
from support.known_day import FILE

pytestmark = pytest.mark.long

PEAK_BYTES = 2 * 10**9


@pytest.fixture(scope="module")
def lake(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The built lake; the build must have stayed within its memory limit."""
    lake = Lake(tmp_path_factory.mktemp("whole") / "lake")
    lakes.land_raw(lake, shared_data / FILE, allow_missing_definitions=True)
    arguments = [*lakes.dbt_arguments(lake, surface_window="all"), *lakes.WITHOUT_LEVELS]
    peak = tmp_path_factory.mktemp("peak") / "bytes"
    command = [Path(sys.executable).with_name("spymaster"), "build", *arguments]
    with lakes.log_of(lake).open("w") as log:
        status = subprocess.run(
            [sys.executable, peak_memory.__file__, peak, *command],
            env={**os.environ, LAKE_VARIABLE: str(lake.root)},
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    assert status == 0, lakes.log_of(lake).read_text()
    assert int(peak.read_text()) < PEAK_BYTES
    return lake


def test_every_second_has_its_wall(lake: Lake) -> None:
    query = "select count(*), count(distinct window_start_ts) from silver.wall_surface_1s"
    [(rows, seconds)] = lakes.ask(lake, query)
    assert seconds == 86_400
    assert rows > 60_000_000


def test_flows_of_wall_and_outside_are_the_known_sums(lake: Lake) -> None:
    flows = (("add", "add_qty"), ("pull", "pull_qty_total"), ("fill", "fill_qty"))
    totals = {}
    for name, column in (*flows, ("reset", "reset_qty")):
        query = (
            f"select (select sum({column}) from silver.wall_surface_1s) + "
            f"(select sum(bid_outside_{name} + ask_outside_{name}) from silver.book_snapshot_1s)"
        )
        [(totals[name],)] = lakes.ask(lake, query)
    assert totals == {"add": 87_433, "pull": 73_587, "fill": 9_990, "reset": 38_304}


def test_repriced_quantity_is_the_known_sum(lake: Lake) -> None:
    assert lakes.ask(lake, "select sum(qty) from silver.reprice_flow_1s") == [(25_208,)]


def test_last_second_holds_the_known_ladder(lake: Lake, shared_data: Path) -> None:
    known = json.loads((shared_data / "known_answers.json").read_text())["esh4_20231225"]
    for side, order, key in (("B", "desc", "bids_top10"), ("A", "asc", "asks_top10")):
        rows = lakes.ask(
            lake,
            "select price_int, depth_qty_end, order_count_end from silver.wall_surface_1s "
            "where window_start_ts = timestamp '2023-12-25 23:59:59' and depth_qty_end > 0 "
            f"and side = '{side}' order by price_int {order} limit 10",
        )
        assert [list(row) for row in rows] == known[key]
