"""Retrieval in the warehouse after changes to single days."""

from __future__ import annotations

import copy
import datetime as dt
from itertools import product
from pathlib import Path

import duckdb
import pytest
from spymaster_ingest.lake import Lake
from support import retrieval_lakes as lakes
from support.lakes import partition_files
from support.retrieval_days import CHANGED_DAY, DAYS, Market, earlier, selection
from support.retrieval_market import APPROACHING, REACHED

PHASES = (APPROACHING, *REACHED)
# reached by a phase at or past the level, but not from the first learned day on
LEARNED_MIN_EPISODES = 12
RELATIONS = (
    "gold.vector_norm_stats",
    "gold.retrieval_answers",
    "gold.retrieval_neighbors",
    "gold.trigger_condition_record",
    "gold.mbo_trigger_signals",
    "gold.mbo_pressure_stream",
)


@pytest.fixture(scope="module")
def market(retrieval_market: Market) -> Market:
    return retrieval_market


def contents(lake: Lake, condition: str) -> dict[str, list[tuple]]:
    with duckdb.connect(str(lake.warehouse), read_only=True) as connection:
        return {
            name: connection.execute(
                f"select * from {name} where {condition} order by all"
            ).fetchall()
            for name in RELATIONS
        }


def built_days(lake: Lake, relation: str) -> dict[dt.date, float]:
    """Return the modification time of each partition's file."""
    files = partition_files(lake, relation)
    return {
        dt.date.fromisoformat(file.parent.name.removeprefix("dt=")): file.stat().st_mtime_ns
        for file in files
    }


def change(market: Market, lake: Lake, *, labels_only: bool, day: dt.date = CHANGED_DAY) -> None:
    """Rewrite the vectors or labels of a single day."""
    approaches = copy.deepcopy(market.approaches)
    for approach in approaches:
        if approach.day == day and approach.labels:
            if not labels_only:
                approach.vector[0] += 5
            for label in approach.labels.values():
                if label["outcome_reached"] in ("BREAK", "REJECT"):
                    label["outcome_reached"] = "CHOP"
    with duckdb.connect(str(lake.warehouse)) as connection:
        lakes.write_inputs(connection, approaches, selection())


def test_a_changed_day_changes_nothing_before_it(market: Market, tmp_path: Path) -> None:
    lake = lakes.copy_of(market.lake, tmp_path / "lake")
    before = f"dt < date '{CHANGED_DAY}'"
    after = f"dt > date '{CHANGED_DAY}'"
    change(market, lake, labels_only=False)
    lakes.run(lake, retrieval_queries=market.listed)
    assert contents(lake, before) == contents(market.lake, before)
    # statistics and answers of the day itself know only earlier ones
    own = f"dt = date '{CHANGED_DAY}'"
    assert (
        contents(lake, own)["gold.vector_norm_stats"]
        == contents(market.lake, own)["gold.vector_norm_stats"]
    )
    for name in ("gold.vector_norm_stats", "gold.retrieval_answers"):
        assert contents(lake, after)[name] != contents(market.lake, after)[name]
    stored = built_days(market.lake, "retrieval_answers")
    anew = built_days(lake, "retrieval_answers")
    assert stored.keys() == anew.keys()


def test_labels_of_a_day_reach_later_answers_and_no_statistics(
    market: Market, tmp_path: Path
) -> None:
    lake = lakes.copy_of(market.lake, tmp_path / "lake")
    change(market, lake, labels_only=True)
    written = built_days(lake, "vector_norm_stats")
    lakes.run(lake, retrieval_queries=market.listed)
    assert built_days(lake, "vector_norm_stats") == written
    until = f"dt <= date '{CHANGED_DAY}'"
    found, stored = contents(lake, until), contents(market.lake, until)
    assert found["gold.retrieval_answers"] == stored["gold.retrieval_answers"]
    after = f"dt > date '{CHANGED_DAY}'"
    assert (
        contents(lake, after)["gold.retrieval_answers"]
        != contents(market.lake, after)["gold.retrieval_answers"]
    )


def files_below(lake: Lake) -> dict[str, int]:
    return {
        lake.relative(path): path.stat().st_mtime_ns
        for path in (lake.root / "indexes").rglob("*")
        if path.is_file()
    }


def test_nothing_new_writes_nothing(market: Market, tmp_path: Path) -> None:
    lake = lakes.copy_of(market.lake, tmp_path / "lake")
    before = files_below(lake)
    answers = built_days(lake, "retrieval_answers")
    manifest = lakes.rows_of(lake, "select * from gold.retrieval_index_manifest order by all")
    lakes.run(lake, retrieval_queries=market.listed)
    assert files_below(lake) == before
    assert built_days(lake, "retrieval_answers") == answers
    assert lakes.rows_of(lake, "select * from gold.retrieval_index_manifest order by all") == (
        manifest
    )
    # a file that is gone is written again, the same
    lost = lake.root / manifest[0]["index_path"]
    lost.unlink()
    lakes.run(lake, retrieval_queries=market.listed)
    assert files_below(lake).keys() == before.keys()
    assert lakes.rows_of(lake, "select * from gold.retrieval_index_manifest order by all") == (
        manifest
    )


def test_the_learned_space_uses_earlier_days_only(market: Market, tmp_path: Path) -> None:
    variables = {
        "retrieval_space": "learned",
        "learned_min_episodes": LEARNED_MIN_EPISODES,
        "learned_refit_days": 5,
        "learned_min_k": 20,
        "retrieval_queries": market.listed,
    }
    lake = lakes.copy_of(market.lake, tmp_path / "lake")
    lakes.run(lake, **variables)
    rows = lakes.rows_of(lake, "select * from gold.retrieval_answers where dt > '2025-10-01'")
    learned = [row for row in rows if row["space"] == "learned"]
    assert {row["dt"] for row in learned} == set(DAYS[5:])
    assert all(row["library_last_dt"] < row["dt"] for row in learned)
    # neighbors weigh the same, so that it is their spread over episodes that counts
    assert all(
        row["n_distinct_episodes"] / 3 <= row["n_eff"] <= row["n_distinct_episodes"] + 1e-9
        for row in learned
        if row["n_neighbors"]
    )
    assert any(row["neighbors_ok"] for row in learned)
    # each band of distance has base rates of its own, the same in every space
    for day in DAYS[5:]:
        rates = {
            (row["distance_band"], row["base_break"])
            for row in learned
            if (row["dt"], row["approach_dir"], row["horizon_id"]) == (day, "approach_up", "s240")
            and row["decision_phase"] == APPROACHING
        }
        assert len({band for band, _ in rates}) == len(rates) > 2
    [strays] = lakes.rows_of(
        lake,
        "select count(*) as n from gold.retrieval_neighbors as neighbors "
        "inner join gold.retrieval_answers using (vector_id, horizon_id) "
        "inner join gold.retrieval_vectors as queries on neighbors.vector_id = queries.vector_id "
        "inner join gold.retrieval_vectors as found on neighbor_vector_id = found.vector_id "
        f"where space = 'learned' and queries.decision_phase = '{APPROACHING}' "
        "and (abs(queries.k_ticks) <= 4) != (abs(found.k_ticks) <= 4)",
    )
    assert strays["n"] == 0
    assert_spaces_state_their_phases(market, lake, learned)
    before = f"dt < date '{DAYS[-1]}'"
    stored = contents(lake, before)["gold.retrieval_answers"]
    change(market, lake, labels_only=False, day=DAYS[-1])
    lakes.run(lake, **variables)
    assert contents(lake, before)["gold.retrieval_answers"] == stored
    # the mirror shows the space something, and those without a space nothing
    lakes.run(lake, **variables, learned_mirrored=False)
    alone = lakes.rows_of(
        lake,
        "select vector_id, horizon_id, space, p_break_raw, base_break from gold.retrieval_answers",
    )
    both = {(row["vector_id"], row["horizon_id"]): row for row in rows}
    differ = []
    for row in alone:
        key = row["vector_id"], row["horizon_id"]
        if row["space"] == "learned" and both[key]["dt"] < DAYS[-1]:
            assert row["base_break"] == both[key]["base_break"]
            differ.append(row["p_break_raw"] != both[key]["p_break_raw"])
        elif key in both and both[key]["dt"] < DAYS[-1]:
            assert row["p_break_raw"] == both[key]["p_break_raw"]
    assert any(differ)


def assert_spaces_state_their_phases(market: Market, lake: Lake, learned: list[dict]) -> None:
    """A phase at or past the level learns from all of them until it has enough episodes itself.

    Whatever the space was fitted on, only decisions of the query's phase answer.
    """
    found = set()
    for row in learned:
        phase = row["decision_phase"]
        own = earlier(market, row["dt"], row["approach_dir"], (phase,))
        has_enough = len({approach.episode for approach in own} - {None}) >= LEARNED_MIN_EPISODES
        is_pooled = phase != APPROACHING and not has_enough
        assert row["space_phases"] == (", ".join(REACHED) if is_pooled else phase)
        found.add((phase, is_pooled))
    assert found == {(APPROACHING, False), *product(REACHED, (True, False))}
    phase_of = {approach.vector_id: approach.phase for approach in market.approaches}
    neighbors = lakes.rows_of(
        lake,
        "select vector_id, neighbor_vector_id from gold.retrieval_neighbors "
        "inner join gold.retrieval_answers using (vector_id, horizon_id) where space = 'learned'",
    )
    assert {phase_of[row["vector_id"]] for row in neighbors} == set(PHASES)
    for row in neighbors:
        assert phase_of[row["vector_id"]] == phase_of[row["neighbor_vector_id"]]
