"""The four conditions of a day without orders come out of what their explanation shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from spymaster.explain import explain_cell
from spymaster.explain.catalogue import Catalogue
from spymaster.explain.steps import explain_steps
from spymaster.explain.wanted import Wanted
from spymaster.published import open_published
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import epoch_ns
from support import lakes, mbp_lakes
from support.explain_lake import rows
from support.made_once import made_once

IN_USE = "gold.conditions_in_use_1s"
# usual sizes are known from the second of two minutes on
VARIABLES = {
    "surface_window": ("09:30", "09:32"),
    "calibration_warm_up_s": 20,
    "condition_min_seconds": 20,
    "condition_min_contracts": 2,
}
WAY = (
    "gold.turn_conditions_mbp_1s",
    "steps.turn_states_mbp_1s",
    "steps.turn_measures_mbp_1s",
    "steps.turn_flows_mbp_1s",
    "steps.level_anchors_mbp_1s",
)
# where the way ends, as the notes say
ENDS = ("steps.published_book_1s", "steps.market_book_1s", "steps.turn_calibration_mbp")


def build(folder: Path) -> Lake:
    lake = mbp_lakes.landed(mbp_lakes.write_raw(folder / "raw"), folder / "lake", "mbp-10")
    lakes.build_models(lake, "--select", "+conditions_in_use_1s", **VARIABLES)
    return lake


@pytest.fixture(scope="module")
def connection(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[duckdb.DuckDBPyConnection]:
    lake = made_once(tmp_path_factory, "explained_net", build)
    with open_published(lake) as opened:
        yield opened


def test_values_come_out_again(connection: duckdb.DuckDBPyConnection) -> None:
    catalogue = Catalogue(connection)
    keys = catalogue.keys(IN_USE)
    columns = frozenset(name for name in catalogue.columns(IN_USE) if name not in keys)
    drawn = rows(
        connection,
        f"select * from {IN_USE} order by (state is not null) desc, hash(window_end_ts, level_id) "
        "limit 6",
    )
    assert sum(row["state"] is not None for row in drawn) >= 4
    for row in drawn:
        assert row["conditions_basis"] == "net"
        wanted = Wanted(IN_USE, catalogue.partition(mbp_lakes.ES, mbp_lakes.DAY), (row,), columns)
        steps = explain_steps(catalogue, wanted)
        for step in steps:
            assert step.is_equal, (step.wanted.relation, sorted(step.wanted.columns), step.notes)
            assert all(one.n_rows == len(one.rows) for one in step.inputs)
        assert {step.wanted.relation for step in steps} >= set(WAY)


@pytest.mark.parametrize("column", ["asks_pull_z", "bids_recede_ticks", "state"])
def test_the_surface_goes_back_to_the_published_book(
    connection: duckdb.DuckDBPyConnection, column: str
) -> None:
    [row] = rows(
        connection,
        f"select * from {IN_USE} where {column} is not null "
        "order by hash(window_end_ts, level_id) limit 1",
    )
    found = explain_cell(
        connection,
        {
            "symbol": mbp_lakes.ES,
            "dt": str(mbp_lakes.DAY),
            "surface": "turns",
            "column": column,
            "level_id": row["level_id"],
            "window_end_ts_ns": str(epoch_ns(row["window_end_ts"])),
        },
    )
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["relation"] == IN_USE
    assert found["value"] == found["recomputed"]["value"] == row[column]
    assert found["recomputed"]["equal"] is True
    assert all(step["recomputed"]["equal"] for step in found["steps"])
    way = [step["relation"] for step in found["steps"]]
    assert way[0] == "gold.turn_conditions_mbp_1s"
    assert "gold.turn_conditions_1s" not in way
    notes = " ".join(found["notes"])
    for end in ENDS if column != "bids_recede_ticks" else ENDS[:2]:
        assert end in notes
