"""Retrieval in the warehouse against its definition."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from naive import retrieval as naive
from spymaster.built_settings import settings_of_answers
from spymaster.evaluation.result_tables import SCHEMAS, write_tables
from spymaster.published import open_published
from spymaster_engine.statistics.evaluation.calibration import LEAST_MAPPED, LogisticCurve, mapped
from spymaster_engine.statistics.retrieval.outcomes import CLASSES
from support import retrieval_lakes as lakes
from support.retrieval_days import (
    DAYS,
    NEXT_DAY,
    NUMBERS,
    OTHER_SYMBOL,
    SUPPORT,
    TOLERANCE,
    Market,
    earlier,
    plain_answers,
)
from support.retrieval_market import APPROACHING, HORIZONS, REACHED

PHASES = (APPROACHING, *REACHED)


@pytest.fixture(scope="module")
def market(retrieval_market: Market) -> Market:
    return retrieval_market


def test_statistics_are_those_of_earlier_days(market: Market) -> None:
    stored = {}
    for row in lakes.rows_of(
        market.lake, "select * from gold.vector_norm_stats order by feature_index"
    ):
        assert row["level_id"] == "all"
        assert row["asof_dt"] == row["dt"]
        key = row["asof_dt"], row["approach_dir"], row["decision_phase"]
        stored.setdefault(key, []).append(row)
    assert {day for day, *_ in stored} == {*DAYS[1:], NEXT_DAY}
    assert {phase for *_, phase in stored} == set(PHASES)
    for (day, direction, phase), rows in stored.items():
        library = earlier(market, day, direction, (phase,))
        plain = naive.statistics_of([[*approach.vector, *approach.known] for approach in library])
        assert [row["feature_index"] for row in rows] == list(range(len(plain)))
        found = [(row["median"], row["mad"], row["std"]) for row in rows]
        np.testing.assert_allclose(found, plain, rtol=1e-9, atol=1e-12)
        assert {row["n_vectors"] for row in rows} == {len(library)}
        assert {row["n_days"] for row in rows} == {len({approach.day for approach in library})}


def test_answers_equal_their_definition(market: Market) -> None:
    plain = plain_answers(market)
    approaches = {approach.vector_id: approach for approach in market.approaches}
    rows = lakes.rows_of(market.lake, "select * from gold.retrieval_answers")
    assert {(row["vector_id"], row["horizon_id"]) for row in rows} == plain.keys()
    answered = 0
    for row in rows:
        _, expected = plain[row["vector_id"], row["horizon_id"]]
        for name in (*SUPPORT, "library_last_dt"):
            assert row[name] == expected[name], name
        assert row["top_class"] == expected.get("top_class")
        for name in NUMBERS:
            value = expected.get(name)
            assert (row[name] is None) == (value is None), name
            if value is not None:
                assert row[name] == pytest.approx(value, rel=TOLERANCE, abs=TOLERANCE), name
        answered += row["is_similar"]
        approach = approaches[row["vector_id"]]
        assert row["distance_band"] == naive.band_of(approach.k_ticks, approach.phase)
        assert row["decision_phase"] == approach.phase
        assert row["space_phases"] is None
        assert row["k_ticks"] == approach.k_ticks
        assert row["horizon_s"] == approach.horizon_s(row["horizon_id"])
        assert row["barrier_ticks"] == approach.barrier_ticks(row["horizon_id"])
        assert row["is_judged"] == approach.is_judged(row["horizon_id"])
        if row["is_similar"]:
            assert row["p_break"] + row["p_reject"] + row["p_chop"] == pytest.approx(1, abs=1e-12)
    assert 0 < answered < sum(row["neighbors_ok"] for row in rows) < len(rows)
    assert sum(row["result_lo_ticks"] is not None for row in rows) > 10
    assert any(row["vector_id"].startswith(OTHER_SYMBOL) for row in rows)
    assert {row["decision_phase"] for row in rows if row["is_similar"]} == set(PHASES)


def test_outcomes_publish_the_answers(market: Market) -> None:
    [different] = lakes.rows_of(
        market.lake,
        "select count(*) as n from gold.retrieval_outcomes as o full join gold.retrieval_answers "
        "as a using (vector_id, horizon_id) where o.p_break is distinct from a.p_break "
        "or o.n_eff is distinct from a.n_eff or o.library_last_dt is distinct from "
        "a.library_last_dt or o.p_break_cal is not null",
    )
    assert different["n"] == 0


def test_maps_of_the_evaluation_apply_from_the_day_they_are_known(
    market: Market, tmp_path: Path
) -> None:
    lake = lakes.copy_of(market.lake, tmp_path / "lake")
    first, second = DAYS[4], DAYS[6]
    generator = np.random.default_rng(3)
    curves = {
        day: [LogisticCurve(*generator.uniform(-0.5, 1.5, 2)) for _ in CLASSES]
        for day in (first, second)
    }
    maps = [
        {
            "root": "ES",
            "approach_dir": "approach_up",
            "decision_phase": "approaching",
            "horizon_id": "s240",
            "model": "retrieval_robust_z",
            "retrieval_family": "level",
            "asof_dt": day,
            "outcome": outcome,
            **asdict(curve),
            "least_probability": LEAST_MAPPED,
            "n_predictions": 200,
        }
        for day, of_day in curves.items()
        for outcome, curve in zip(CLASSES, of_day, strict=True)
    ]
    relation = "eval_retrieval_maps"
    with open_published(lake) as connection:
        judged = settings_of_answers(connection)
    write_tables(lake, {relation: pa.Table.from_pylist(maps, SCHEMAS[relation])}, judged)
    lakes.run(lake, retrieval_queries=market.listed)
    rows = lakes.rows_of(lake, "select * from gold.retrieval_outcomes")
    n_mapped = 0
    for row in rows:
        found = [row[f"p_{name.lower()}_cal"] for name in CLASSES]
        in_force = max((day for day in curves if day <= row["dt"]), default=None)
        scope = tuple(
            row[name] for name in ("approach_dir", "decision_phase", "horizon_id", "is_similar")
        )
        if in_force is None or scope != ("approach_up", "approaching", "s240", True):
            assert found == [None] * len(CLASSES)
            assert row["calibration_id"] is None
            continue
        n_mapped += 1
        stated = np.array([[row[f"p_{name.lower()}"] for name in CLASSES]])
        expected = mapped(stated, tuple(curves[in_force]))
        assert found == pytest.approx(expected[0], abs=1e-12)
        assert row["calibration_id"] == f"retrieval_robust_z_platt_{in_force}"
    assert n_mapped > 20


def test_neighbors_are_kept_for_signals_and_listed_decisions(market: Market) -> None:
    rows = lakes.rows_of(
        market.lake, "select * from gold.retrieval_neighbors order by vector_id, horizon_id, rank"
    )
    fired = lakes.rows_of(
        market.lake, "select vector_id from gold.mbo_trigger_signals where fire_flag"
    )
    expected = {row["vector_id"] for row in fired} | set(market.listed)
    assert len(expected) > len(market.listed) == len(PHASES)
    assert {row["vector_id"] for row in rows} == expected
    plain = plain_answers(market)
    for vector_id in expected:
        for horizon in HORIZONS:
            found = [r for r in rows if (r["vector_id"], r["horizon_id"]) == (vector_id, horizon)]
            neighbors, _ = plain[vector_id, horizon]
            assert [row["neighbor_vector_id"] for row in found] == [
                neighbor["vector_id"] for neighbor, _, _ in neighbors
            ]
            assert [row["rank"] for row in found] == list(range(1, len(found) + 1))
            np.testing.assert_allclose(
                [(row["similarity"], row["weight"]) for row in found],
                [pair for _, *pair in neighbors],
                atol=1e-4,
            )
            assert all(row["neighbor_dt"] < row["dt"] for row in found)
            episodes = [row["neighbor_episode_id"] for row in found]
            assert max(map(episodes.count, episodes), default=0) <= 3


def test_only_decisions_of_the_same_phase_answer(market: Market) -> None:
    phase_of = {approach.vector_id: approach.phase for approach in market.approaches}
    rows = lakes.rows_of(market.lake, "select * from gold.retrieval_neighbors")
    pairs = {(phase_of[row["vector_id"]], phase_of[row["neighbor_vector_id"]]) for row in rows}
    assert pairs == {(phase, phase) for phase in PHASES}


def test_base_rates_are_those_of_the_phase_and_its_band(market: Market) -> None:
    day, horizon = DAYS[-1], "s240"
    rows = lakes.rows_of(
        market.lake,
        f"select * from gold.retrieval_answers where dt = '{day}' and is_judged "
        f"and approach_dir = 'approach_up' and horizon_id = '{horizon}'",
    )
    rates = {
        (row["decision_phase"], row["distance_band"]): (row["base_break"], row["base_all_break"])
        for row in rows
    }
    assert {phase for phase, _ in rates} == set(PHASES)
    for (phase, band), found in rates.items():
        library = [
            {
                "episode": approach.episode,
                "band": naive.band_of(approach.k_ticks, phase),
                "labels": approach.labels,
            }
            for approach in earlier(market, day, "approach_up", (phase,))
            if approach.labels
        ]
        least, firsts = lakes.VARIABLES["min_band_episodes"], phase != "approaching"
        expected = [
            naive.base_rates(library, horizon, band, least, firsts=firsts)["BREAK"],
            naive.base_rates(library, horizon, firsts=firsts)["BREAK"],
        ]
        assert found == pytest.approx(expected, abs=1e-12), (phase, band)
    # no two phases have the same rate
    assert len({of_all for _, of_all in rates.values()}) == len(PHASES)


def test_indexes_hold_every_earlier_vector(market: Market) -> None:
    from spymaster_engine.statistics.retrieval.index_files import read_index

    rows = lakes.rows_of(market.lake, "select * from gold.retrieval_index_manifest")
    assert {(row["level_id"], row["approach_dir"]) for row in rows} == {
        ("all", "approach_up"),
        ("all", "approach_down"),
    }
    for row in rows:
        library = earlier(market, NEXT_DAY, row["approach_dir"])
        assert row["asof_dt"] == NEXT_DAY
        assert row["n_vectors"] + row["n_zero_vectors"] == len(library)
        assert row["n_days"] == len(DAYS)
        assert (row["first_dt"], row["last_dt"]) == (DAYS[0], DAYS[-1])
        assert row["n_episodes"] == len({approach.episode for approach in library} - {None})
        assert row["index_kind"] == "flat_ip"
        assert row["exact_duplicate_rate"] == 0
        assert 0 < row["max_label_share"] < 1
        index = read_index(market.lake.root / row["index_path"])
        assert (index.ntotal, index.d) == (row["n_vectors"], row["dim"])


def test_levels_of_a_kind_answer_together(market: Market, tmp_path: Path) -> None:
    lake = lakes.copy_of(market.lake, tmp_path / "lake")
    lakes.run(lake, pool_levels="kind")
    levels: dict[str, list[str]] = {}
    for row in lakes.rows_of(lake, "select * from silver.level_definitions order by level_id"):
        levels.setdefault(row["level_kind"], []).append(row["level_id"])
    kinds = {level: kind for kind, of_kind in levels.items() for level in of_kind}
    for row in lakes.rows_of(lake, "select * from steps.retrieval_pools"):
        kind = kinds[row["level_id"]]
        assert row["pool_level_id"] == f"kind:{kind}"
        assert row["pool_level_ids"] == levels[kind]
        library = [
            approach
            for approach in earlier(
                market, row["dt"], row["approach_dir"], (row["decision_phase"],)
            )
            if kinds[approach.level_id] == kind
        ]
        assert row["n_vectors"] == len(library)
        assert row["n_episodes"] == len({approach.episode for approach in library} - {None})
        assert row["n_days"] == len({approach.day for approach in library})
    found = lakes.rows_of(
        lake,
        "select pool_level_id, answers.level_id, neighbor_level_id, count(*) as n "
        "from gold.retrieval_neighbors inner join gold.retrieval_answers as answers "
        "using (vector_id, horizon_id) group by all",
    )
    assert found
    for row in found:
        assert kinds[row["neighbor_level_id"]] == kinds[row["level_id"]]
    assert any(row["neighbor_level_id"] != row["level_id"] for row in found)


@pytest.mark.long
def test_levels_with_enough_episodes_have_their_own_pool(market: Market, tmp_path: Path) -> None:
    lake = lakes.copy_of(market.lake, tmp_path / "lake")
    lakes.run(lake, pool_levels="auto", pool_min_episodes=12)
    pools = lakes.rows_of(lake, "select * from steps.retrieval_pools")
    for row in pools:
        own = {
            approach.episode
            for approach in earlier(market, row["dt"], row["approach_dir"])
            if approach.level_id == row["level_id"]
        } - {None}
        assert row["pool_level_id"] == (row["level_id"] if len(own) >= 12 else "all")
    own = [row for row in pools if row["pool_level_id"] != "all"]
    assert own
    [stray] = lakes.rows_of(
        lake,
        "select count(*) as n from gold.retrieval_neighbors inner join gold.retrieval_answers "
        "using (vector_id, horizon_id) where pool_level_id not in ('all', neighbor_level_id)",
    )
    assert stray["n"] == 0
    [found] = lakes.rows_of(
        lake,
        "select count(*) filter (pool_level_id != 'all' and n_neighbors > 0) as n "
        "from gold.retrieval_answers",
    )
    assert found["n"] > 0
