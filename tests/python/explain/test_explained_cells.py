"""Values come out again from what their explanation shows, and from nothing else."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator

import duckdb
import pytest
from spymaster.explain import explain_cell
from spymaster.explain.catalogue import Catalogue
from spymaster.explain.cell import find_row
from spymaster.explain.counts import CONTEXT, ENGINE
from spymaster.explain.reads import READS
from spymaster.explain.request import SURFACES, read_request
from spymaster.explain.steps import Step, explain_steps
from spymaster.explain.wanted import Wanted
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import epoch_ns
from support.explain_lake import SYMBOL, request, rows
from support.synthetic_book import DAY

# relation -> groups of cells, rows and columns of each group: 200 cells
GROUPS = {
    "silver.vacuum_surface_1s": (4, 5, 10),
    "silver.physics_surface_1s": (10, 5, 4),
    "silver.physics_bands_1s": (8, 1, 25),
    "silver.radar_vacuum_1s": (5, 1, 40),
    "silver.gex_surface_1s": (4, 5, 10),
    "silver.level_offset_1s": (5, 5, 8),
    "silver.levels_1s": (5, 5, 8),
    "gold.conditions_in_use_1s": (4, 2, 25),
    "silver.mbo_level_vacuum_5s": (5, 2, 20),
    "steps.engine_levels_1s": (9, 3, 8),
    "silver.barrier_engine_1s": (4, 3, 17),
    "silver.tape_engine_1s": (5, 3, 14),
    "silver.fuel_engine_1s": (5, 4, 11),
    "gold.break_score_1s": (6, 2, 17),
}
# the least share of known values among the cells
KNOWN = {"gold.conditions_in_use_1s": 0.2}


@pytest.fixture(scope="module")
def catalogue(explained_connection: duckdb.DuckDBPyConnection) -> Catalogue:
    return Catalogue(explained_connection)


@pytest.fixture(scope="module")
def supplied() -> set[str]:
    """Comments of printed SQL that have added their functions to the connection."""
    return set()


def groups(catalogue: Catalogue, relation: str, draw: random.Random) -> Iterator[Wanted]:
    """Draw seconds, and of each some rows and columns."""
    count, n_rows, n_columns = GROUPS[relation]
    names = [name for name in catalogue.columns(relation) if name not in catalogue.keys(relation)]
    # rows of many seconds have no surface around them
    within = (
        ""
        if "window_start_ts" in catalogue.columns(relation)
        else (" where window_end_ts in (select window_end_ts from steps.level_anchors_1s)")
    )
    [(times,)] = catalogue.connection.execute(
        f"select list(distinct window_end_ts order by window_end_ts) from {relation}{within}"
    ).fetchall()
    for end in draw.sample(times, count):
        there = rows(
            catalogue.connection,
            f"select * from {relation} where window_end_ts = ? order by all",
            end,
        )
        yield Wanted(
            relation,
            catalogue.partition(SYMBOL, DAY),
            tuple(draw.sample(there, min(n_rows, len(there)))),
            frozenset(draw.sample(names, min(n_columns, len(names)))),
        )


def assert_equal(steps: list[Step]) -> None:
    for step in steps:
        assert step.is_equal, (step.wanted.relation, sorted(step.wanted.columns), step.notes)
        for one in step.inputs:
            assert one.n_rows == len(one.rows)


@pytest.mark.parametrize("relation", GROUPS)
def test_two_hundred_cells_come_out_again(catalogue: Catalogue, relation: str) -> None:
    draw = random.Random(relation)
    cells = known = 0
    for wanted in groups(catalogue, relation, draw):
        assert_equal(explain_steps(catalogue, wanted))
        values = [row[name] for row in wanted.rows for name in wanted.columns]
        cells += len(values)
        known += sum(value is not None for value in values)
    assert cells >= 190
    assert known > KNOWN.get(relation, 0.5) * cells


def test_payloads_come_out_again(catalogue: Catalogue) -> None:
    """Of the level signals; without an answer of retrieval, which is not built here."""
    found = rows(
        catalogue.connection,
        "select * from gold.level_signals where json_array_length(payload, '$.levels') > 0 "
        "and window_end_ts in (select window_end_ts from gold.break_score_1s "
        "where score_smooth is not null) order by hash(window_end_ts) limit 2",
    )
    assert len(found) == 2
    for row in found:
        [first, *_] = explain_steps(
            catalogue,
            Wanted(
                "gold.level_signals",
                catalogue.partition(SYMBOL, DAY),
                (row,),
                frozenset(["payload"]),
            ),
        )
        assert first.is_equal, first.notes


def test_every_relation_before_the_surfaces_is_explained(catalogue: Catalogue) -> None:
    """An input whose own inputs are not listed is named with the reason."""
    from spymaster.explain.ends import END_REASONS

    for reads in READS.values():
        for read in reads:
            is_seed = read.relation.startswith("reference.")
            assert is_seed or read.relation in READS or read.relation in END_REASONS


def test_a_missing_row_of_an_input_changes_the_value(catalogue: Catalogue) -> None:
    """What comes out again rests on the shown rows: without one of them it does not."""
    from spymaster.explain import steps as module

    [row] = rows(
        catalogue.connection,
        "select * from silver.radar_vacuum_1s where f2_ask_pull_intensity_log_rest > 0 "
        "order by window_start_ts limit 1",
    )
    wanted = Wanted(
        "silver.radar_vacuum_1s",
        catalogue.partition(SYMBOL, DAY),
        (row,),
        frozenset(["f2_ask_pull_intensity_log_rest"]),
    )
    whole = module.explain_steps(catalogue, wanted)
    assert whole[0].is_equal
    read = module._read

    def without_one(*arguments):
        found, n_rows = read(*arguments)
        if arguments[1].relation == "steps.vacuum_cells_1s" and found.num_rows > 1:
            pulls = found["pull_qty_rest"].to_pylist()
            kept = [
                place
                for place, qty in enumerate(pulls)
                if qty == 0 or found["side"][place].as_py() == "B"
            ]
            found, n_rows = found.take(kept), len(kept)
        return found, n_rows

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_read", without_one)
        assert module.explain_steps(catalogue, wanted)[0].is_equal is False


@pytest.mark.parametrize(
    "relation",
    [*(one for one in GROUPS if one in READS), *ENGINE[:2]],
)
def test_the_document_is_json_and_says_what_made_the_value(
    explained_connection: duckdb.DuckDBPyConnection, supplied: set[str], relation: str
) -> None:
    column = {
        "silver.vacuum_surface_1s": "vacuum_score",
        "silver.physics_surface_1s": "ease_signed",
        "silver.physics_bands_1s": "vacuum_total_score",
        "silver.radar_vacuum_1s": "d1_f1_ask_com_disp_log",
        "silver.gex_surface_1s": "gex_abs",
        "silver.level_offset_1s": "approach_dir",
        "silver.levels_1s": "stacked_with",
        "gold.conditions_in_use_1s": "asks_pull_z",
        "silver.mbo_level_vacuum_5s": "f2_ask_pull_add_log_rest",
        "steps.engine_levels_1s": "direction",
        "silver.barrier_engine_1s": "state",
        "silver.fuel_engine_1s": "net_dealer_gamma",
        "silver.tape_engine_1s": "sweep_detected",
        "gold.break_score_1s": "signal",
        "silver.book_snapshot_1s": "trade_count",
        "silver.wall_surface_1s": "depth_qty_end",
    }[relation]
    [row] = rows(
        explained_connection,
        f"select * from {relation} as found where {column} is not null and window_end_ts in "
        "(select window_end_ts from silver.vacuum_surface_1s) order by hash(found::varchar) "
        "limit 1",
    )
    found = explain_cell(explained_connection, request(relation, column, row))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert list(found) == [
        *("relation", "column", "key", "value", "definition", "unit", "sum", "recomputed", "notes"),
        *("inputs", "records", "n_records", "orders", "neighbors", "made_by", "steps"),
    ]
    value = row[column]
    assert found["value"] == found["recomputed"]["value"] == value
    assert found["recomputed"]["equal"] is True
    assert found["definition"]
    assert "select" in found["made_by"]["sql"]
    if relation in ENGINE:
        assert found["made_by"]["kind"] == "engine"
        changed = sum(int(record["change"]) for record in found["records"])
        assert found["sum"].get("depth_qty_start", 0) + changed == value
        assert found["n_records"] == len(found["records"])
        if column == "depth_qty_end":
            terms = dict(found["sum"])
            assert terms.pop("is_equal")
            gone = terms.pop("pull_qty_total") + terms.pop("fill_qty")
            assert terms.pop("depth_qty_end") == sum(terms.values()) - gone == value
        return
    assert found["made_by"]["kind"] == "sql"
    keys = [name for name in found["key"] if row[name] is not None]
    is_the_row = " and ".join(f"{name} = ?" for name in keys)
    for printed in filter(None, (found["made_by"]["sql"], found["made_by"]["sql_of_column"])):
        # it runs on the published file as it stands, with what its comments supply
        for line in printed.splitlines():
            if line.startswith("-- from ") and line not in supplied:
                exec(line.removeprefix("-- "), {"connection": explained_connection})
                supplied.add(line)
        [again] = rows(
            explained_connection,
            f"select {column} from ({printed}\n) where {is_the_row}",
            *(row[name] for name in keys),
        )
        assert again[column] == (pytest.approx(value) if isinstance(value, float) else value)
    assert all(step["recomputed"]["equal"] for step in found["steps"])
    assert all(one["n_rows"] == len(one["rows"]) for one in found["inputs"])
    leaves = {one["relation"] for step in found["steps"] for one in step["inputs"] if one["rows"]}
    on_the_way = {relation} | {step["relation"] for step in found["steps"]}
    for leaf in leaves - on_the_way:
        assert leaf.startswith("reference.") or any(leaf in note for note in found["notes"]), leaf


def test_the_way_goes_back_to_the_counts_of_the_engine(
    explained_connection: duckdb.DuckDBPyConnection,
) -> None:
    [row] = rows(
        explained_connection,
        "select * from silver.vacuum_surface_1s where vacuum_score between 0.05 and 0.95 "
        "order by window_start_ts, side, price_int limit 1",
    )
    found = explain_cell(
        explained_connection, request("silver.vacuum_surface_1s", "vacuum_score", row)
    )
    way = [step["relation"] for step in found["steps"]]
    assert way[0] == "silver.vacuum_metrics_1s"
    assert set(way[1:]) == {"steps.norm_quantiles", "steps.vacuum_cells_1s"}
    [cells] = [step for step in found["steps"] if step["relation"] == "steps.vacuum_cells_1s"]
    [wall] = [one for one in cells["inputs"] if one["relation"] == "silver.wall_surface_1s"]
    # the second difference reads the second and two before it
    assert len({one["window_end_ts"] for one in wall["rows"]}) == 3
    [own] = [
        one
        for one in wall["rows"]
        if one["window_end_ts"] == row["window_end_ts"].isoformat(" ")
        and (one["side"], one["price_int"]) == (row["side"], row["price_int"])
    ]
    [count] = rows(
        explained_connection,
        "select add_qty, pull_qty_rest from silver.wall_surface_1s "
        "where window_end_ts = ? and side = ? and price_int = ?",
        row["window_end_ts"],
        row["side"],
        row["price_int"],
    )
    assert {name: own[name] for name in count} == count
    assert any("steps.norm_quantiles of" in note for note in found["notes"])


def test_engine_rows_of_the_lake_come_out_of_the_records(
    catalogue: Catalogue, explained_connection: duckdb.DuckDBPyConnection
) -> None:
    """All columns of a second; the rules are compared with the plain engine elsewhere."""
    from spymaster.explain.counts import count
    from spymaster.explain.engine_cell import Frame
    from spymaster.explain.second import replay_second

    draw = random.Random(3)
    [(times,)] = explained_connection.execute(
        "select list(distinct window_start_ts order by window_start_ts) from silver.wall_surface_1s"
    ).fetchall()
    partition = catalogue.partition(SYMBOL, DAY)
    cells = 0
    for start in draw.sample(times, 3):
        replayed = replay_second(
            catalogue.lake.root / partition["landed_path"], DAY, 250_000_000, 500_000_000, start
        )
        frame = Frame(epoch_ns(start) + 10**9, 250_000_000, 400, 500_000_000)
        for relation in ENGINE:
            there = rows(
                explained_connection,
                f"select * from {relation} where window_start_ts = ? order by all",
                start,
            )
            for row in draw.sample(there, min(40, len(there))):
                for column in set(row) - set(catalogue.keys(relation)) - set(CONTEXT):
                    found = count(relation, column, row, replayed.second, frame)
                    assert found is not None, (relation, column)
                    assert found.value == row[column], (relation, column, row)
                    cells += 1
    assert cells > 400


def test_flags_are_said_in_words(explained_connection: duckdb.DuckDBPyConnection) -> None:
    [row] = rows(
        explained_connection,
        "select * from silver.book_snapshot_1s where invalid_flags & 2 != 0 "
        "order by window_start_ts limit 1",
    )
    found = explain_cell(
        explained_connection, request("silver.book_snapshot_1s", "invalid_flags", row)
    )
    assert found["recomputed"] == {"value": None, "equal": None}
    assert "bit 2: a snapshot or clear in this second" in found["notes"]
    assert any(note.startswith("records not shown: ") for note in found["notes"])


def test_a_trade_is_its_record(explained_connection: duckdb.DuckDBPyConnection) -> None:
    [row] = rows(
        explained_connection,
        "select * from steps.contract_trades where window_start_ts in (select "
        "window_start_ts from steps.contract_trades group by all having count(*) = 1) "
        "order by trade_no limit 1",
    )
    asked = request(
        "trades", "size", row | {"window_end_ts": row["window_start_ts"] + dt.timedelta(seconds=1)}
    )
    asked["surface"] = asked.pop("relation")
    found = explain_cell(
        explained_connection, {name: asked[name] for name in asked if name != "side"}
    )
    [record] = found["records"]
    assert (record["rec_ordinal"], record["size"]) == (row["rec_ordinal"], row["size"])
    assert record["action"] == "T"


def test_surfaces_name_relations(catalogue: Catalogue) -> None:
    for surface, relations in SURFACES.items():
        assert set(relations) <= set(catalogue.relations) | {
            "gold.mbo_pressure_stream",
            "gold.mbo_trigger_signals",
            "gold.retrieval_outcomes",
            "silver.gex_summary_1s",
            "silver.option_physics_1s",
        }, surface


def test_the_file_holds_the_code_of_every_relation(explained: Lake, catalogue: Catalogue) -> None:
    # tables made by hand
    by_hand = {"gold.retrieval_answers", "gold.retrieval_outcomes"}
    for relation in set(catalogue.relations) - by_hand:
        code = catalogue.code(relation)
        assert code is not None, relation
        assert str(explained.root) not in code.sql, relation


def test_find_row_reads_every_column(catalogue: Catalogue) -> None:
    [row] = rows(
        catalogue.connection,
        "select * from silver.level_offset_1s order by window_end_ts desc, level_id limit 1",
    )
    asked = read_request(catalogue, request("silver.level_offset_1s", "k_ticks", row))
    assert find_row(catalogue, asked) == row
