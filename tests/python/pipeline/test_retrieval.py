"""Retrieval in the warehouse: against its definition, and with days changed behind its back."""

from __future__ import annotations

import copy
import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pytest
from click.testing import CliRunner, Result
from naive import retrieval as naive
from retrieval_market import BLOCKS, HORIZONS, Approach, approaches_of_day
from spymaster.cli import cli
from spymaster.errors import SpymasterError
from spymaster.lake import LAKE_VARIABLE, Lake

from pipeline import retrieval_lakes as lakes

DAYS = [dt.date(2025, 10, day) for day in (1, 2, 3, 6, 7, 8, 9, 10)]
SYMBOL, OTHER_SYMBOL = "ESZ5", "ESH6"
# a contract that is not selected asks, but does not answer
OTHER_DAYS = DAYS[4:6]
CHANGED_DAY = DAYS[5]
NEXT_DAY = DAYS[-1] + dt.timedelta(days=1)
NUMBERS = (
    *(f"{part}_{name}" for part in ("p", "base") for name in ("break", "reject", "chop")),
    *(f"p_{name}_raw" for name in ("break", "reject", "chop")),
    *("n_eff", "mean_similarity", "entropy", "time_to_hit_q50_s", "risk_q80_ticks"),
    *("mfe_q50_ticks", "mfe_q80_ticks", "mae_q50_ticks", "mae_q80_ticks"),
    *("resolve_rate", "whipsaw_rate"),
)
SUPPORT = ("n_neighbors", "n_distinct_days", "n_distinct_episodes", "neighbors_ok")
# z-scores are of single precision
TOLERANCE = 2e-4
RELATIONS = (
    "gold.vector_norm_stats",
    "gold.retrieval_answers",
    "gold.retrieval_neighbors",
    "gold.mbo_trigger_signals",
    "gold.mbo_pressure_stream",
)


@dataclass(frozen=True)
class Market:
    """What happened, and the lake that knows it."""

    approaches: list[Approach]
    lake: Lake


def selection() -> dict[dt.date, str]:
    return dict.fromkeys(DAYS, SYMBOL)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Market:
    rng = np.random.default_rng(11)
    approaches = [one for day in DAYS for one in approaches_of_day(rng, SYMBOL, day, 16)]
    for day in OTHER_DAYS:
        approaches += approaches_of_day(rng, OTHER_SYMBOL, day, 5)
    lake = lakes.write_lake(tmp_path_factory.mktemp("retrieval") / "lake", approaches, selection())
    lakes.run(lake, retrieval_queries=[approaches[-1].vector_id])
    return Market(approaches, lake)


def earlier(market: Market, day: dt.date, direction: str) -> list[Approach]:
    """Return what a day may know, in the order of time."""
    rows = [
        one
        for one in market.approaches
        if one.day < day and one.approach_dir == direction and one.symbol == SYMBOL
    ]
    return sorted(rows, key=lambda one: (one.window_end_ts, one.level_id))


def test_statistics_are_those_of_earlier_days(market: Market) -> None:
    stored = {}
    for row in lakes.rows_of(
        market.lake, "select * from gold.vector_norm_stats order by feature_index"
    ):
        assert row["level_id"] == "all"
        assert row["asof_dt"] == row["dt"]
        stored.setdefault((row["asof_dt"], row["approach_dir"]), []).append(row)
    assert {day for day, _ in stored} == {*DAYS[1:], NEXT_DAY}
    for (day, direction), rows in stored.items():
        library = earlier(market, day, direction)
        plain = naive.statistics_of([[*one.vector, *one.context] for one in library])
        assert [row["feature_index"] for row in rows] == list(range(len(plain)))
        found = [(row["median"], row["mad"], row["std"]) for row in rows]
        np.testing.assert_allclose(found, plain, rtol=1e-9, atol=1e-12)
        assert {row["n_vectors"] for row in rows} == {len(library)}
        assert {row["n_days"] for row in rows} == {len({one.day for one in library})}


def plain_answers(market: Market) -> dict[tuple[str, str], tuple[list, dict]]:
    """Return neighbours and answer of every vector and horizon, as defined."""
    found = {}
    days = sorted({(one.day, one.approach_dir) for one in market.approaches}, key=str)
    for day, direction in days:
        library = earlier(market, day, direction)
        statistics = naive.statistics_of([[*one.vector, *one.context] for one in library])

        def placed(one: Approach, statistics: list = statistics) -> list[float] | None:
            return naive.placed(one.vector, one.context, statistics, BLOCKS)

        unlabelled = {horizon: {"outcome": None} for horizon in HORIZONS}
        rows = [
            {
                "place": placed(one),
                "day": one.day,
                "episode": one.episode,
                "labels": one.labels or unlabelled,
                "vector_id": one.vector_id,
            }
            for one in library
        ]
        for one in market.approaches:
            if (one.day, one.approach_dir) != (day, direction):
                continue
            for horizon in HORIZONS:
                neighbours = []
                if rows:
                    neighbours = naive.neighbours(
                        placed(one), rows, horizon, k_raw=120, k=40, per_episode=3, power=8
                    )
                found[one.vector_id, horizon] = (
                    neighbours,
                    naive.answer(
                        neighbours,
                        naive.base_rates(rows, horizon),
                        horizon,
                        alpha=10,
                        minima=(15, 3, 8),
                    ),
                )
    return found


def test_answers_are_as_defined(market: Market) -> None:
    plain = plain_answers(market)
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
        answered += row["neighbors_ok"]
        if row["neighbors_ok"]:
            assert row["p_break"] + row["p_reject"] + row["p_chop"] == pytest.approx(1, abs=1e-12)
    assert 0 < answered < len(rows)
    assert any(row["vector_id"].startswith(OTHER_SYMBOL) for row in rows)


def test_outcomes_publish_the_answers(market: Market) -> None:
    [different] = lakes.rows_of(
        market.lake,
        "select count(*) as n from gold.retrieval_outcomes as o full join gold.retrieval_answers "
        "as a using (vector_id, horizon_id) where o.p_break is distinct from a.p_break "
        "or o.n_eff is distinct from a.n_eff or o.library_last_dt is distinct from "
        "a.library_last_dt or o.p_break_cal is not null",
    )
    assert different["n"] == 0


def test_neighbours_are_kept_for_signals_and_for_what_is_listed(market: Market) -> None:
    rows = lakes.rows_of(
        market.lake, "select * from gold.retrieval_neighbors order by vector_id, horizon_id, rank"
    )
    fired = lakes.rows_of(
        market.lake, "select vector_id from gold.mbo_trigger_signals where fire_flag"
    )
    listed = market.approaches[-1].vector_id
    asked = {row["vector_id"] for row in fired} | {listed}
    assert len(asked) > 1
    assert {row["vector_id"] for row in rows} == asked
    plain = plain_answers(market)
    for vector_id in asked:
        for horizon in HORIZONS:
            found = [r for r in rows if (r["vector_id"], r["horizon_id"]) == (vector_id, horizon)]
            neighbours, _ = plain[vector_id, horizon]
            assert [row["neighbor_vector_id"] for row in found] == [
                one["vector_id"] for one, _, _ in neighbours
            ]
            assert [row["rank"] for row in found] == list(range(1, len(found) + 1))
            np.testing.assert_allclose(
                [(row["similarity"], row["weight"]) for row in found],
                [pair for _, *pair in neighbours],
                atol=1e-4,
            )
            assert all(row["neighbor_dt"] < row["dt"] for row in found)
            episodes = [row["neighbor_episode_id"] for row in found]
            assert max(map(episodes.count, episodes), default=0) <= 3


def contents(lake: Lake, condition: str) -> dict[str, list[tuple]]:
    with duckdb.connect(str(lake.warehouse), read_only=True) as connection:
        return {
            name: connection.execute(
                f"select * from {name} where {condition} order by all"
            ).fetchall()
            for name in RELATIONS
        }


def built_days(lake: Lake, relation: str) -> dict[dt.date, float]:
    """Return when the file of each partition was written."""
    files = (lake.relations / relation).glob("*/dt=*/*.parquet")
    return {
        dt.date.fromisoformat(file.parent.name.removeprefix("dt=")): file.stat().st_mtime_ns
        for file in files
    }


def change(market: Market, lake: Lake, *, labels_only: bool) -> None:
    """Rewrite a day's vectors or labels, and those of no other."""
    approaches = copy.deepcopy(market.approaches)
    for one in approaches:
        if one.day == CHANGED_DAY and one.labels:
            if not labels_only:
                one.vector[0] += 5
            for label in one.labels.values():
                label["outcome"] = "BREAK" if label["outcome"] != "BREAK" else "CHOP"
    with duckdb.connect(str(lake.warehouse)) as connection:
        lakes.write_inputs(connection, approaches, selection())


def test_a_changed_day_changes_nothing_before_it(market: Market, tmp_path: Path) -> None:
    lake = lakes.copy_of(market.lake, tmp_path / "lake")
    before = f"dt < date '{CHANGED_DAY}'"
    after = f"dt > date '{CHANGED_DAY}'"
    change(market, lake, labels_only=False)
    lakes.run(lake, retrieval_queries=[market.approaches[-1].vector_id])
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
    lakes.run(lake, retrieval_queries=[market.approaches[-1].vector_id])
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
    lakes.run(lake, retrieval_queries=[market.approaches[-1].vector_id])
    assert files_below(lake) == before
    assert built_days(lake, "retrieval_answers") == answers
    assert lakes.rows_of(lake, "select * from gold.retrieval_index_manifest order by all") == (
        manifest
    )
    # a file that is gone is written again, the same
    lost = lake.root / manifest[0]["index_path"]
    lost.unlink()
    lakes.run(lake, retrieval_queries=[market.approaches[-1].vector_id])
    assert files_below(lake).keys() == before.keys()
    assert lakes.rows_of(lake, "select * from gold.retrieval_index_manifest order by all") == (
        manifest
    )


def test_indexes_hold_every_earlier_vector(market: Market) -> None:
    from spymaster_engine.retrieval.index_files import read_index

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
        assert row["n_episodes"] == len({one.episode for one in library} - {None})
        assert row["index_kind"] == "flat_ip"
        assert row["exact_duplicate_rate"] == 0
        assert 0 < row["max_label_share"] < 1
        index = read_index(market.lake.root / row["index_path"])
        assert (index.ntotal, index.d) == (row["n_vectors"], row["dim"])


def test_levels_with_enough_episodes_answer_for_themselves(market: Market, tmp_path: Path) -> None:
    lake = lakes.copy_of(market.lake, tmp_path / "lake")
    lakes.run(lake, pool_min_episodes=12)
    pools = lakes.rows_of(lake, "select * from gold.retrieval_pools")
    for row in pools:
        own = {
            one.episode
            for one in earlier(market, row["dt"], row["approach_dir"])
            if one.level_id == row["level_id"]
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


def test_the_learned_space_knows_earlier_days_only(market: Market, tmp_path: Path) -> None:
    variables = {
        "retrieval_space": "learned",
        "learned_refit_days": 3,
        "learned_min_k": 20,
        "retrieval_queries": [market.approaches[-1].vector_id],
    }
    lake = lakes.copy_of(market.lake, tmp_path / "lake")
    lakes.run(lake, **variables)
    rows = lakes.rows_of(lake, "select * from gold.retrieval_answers where dt > '2025-10-01'")
    learned = [row for row in rows if row["space"] == "learned"]
    assert {row["dt"] for row in learned} == set(DAYS[3:])
    assert all(row["library_last_dt"] < row["dt"] for row in learned)
    assert all(row["n_eff"] == pytest.approx(row["n_neighbors"]) for row in learned)
    assert any(row["neighbors_ok"] for row in learned)
    until = f"dt <= date '{CHANGED_DAY}'"
    stored = contents(lake, until)["gold.retrieval_answers"]
    change(market, lake, labels_only=False)
    lakes.run(lake, **variables)
    before = f"dt < date '{CHANGED_DAY}'"
    assert contents(lake, before)["gold.retrieval_answers"] == [
        row for row in stored if CHANGED_DAY not in row
    ]


def ask(lake: Lake, *arguments: str, monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    day = arguments[0]
    return CliRunner().invoke(
        cli, ["setups", "--symbol", SYMBOL, "--dt", day, *arguments[1:]], catch_exceptions=True
    )


@pytest.fixture
def asked(market: Market) -> Approach:
    """An approach of the last day inside the barrier."""
    return [one for one in market.approaches if one.day == DAYS[-1] and one.labels][-1]


def clock(one: Approach) -> str:
    local = one.window_end_ts - dt.timedelta(hours=4)
    return f"{local:%H:%M:%S}"


def test_the_card_is_the_stored_answer(
    market: Market, asked: Approach, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = ask(
        market.lake,
        str(asked.day),
        "--level",
        asked.level_id,
        "--at",
        clock(asked),
        "--json",
        monkeypatch=monkeypatch,
    )
    assert result.exit_code == 0, result.output
    card = json.loads(result.output)
    assert card["moment"]["vector_id"] == asked.vector_id
    stored = lakes.rows_of(
        market.lake, f"select * from gold.retrieval_answers where vector_id = '{asked.vector_id}'"
    )
    for row in stored:
        shown = card["horizons"][row["horizon_id"]]
        for name in (*NUMBERS, *SUPPORT):
            assert shown[name] == row[name], name
        low, high = card["intervals"][row["horizon_id"]]["p_break"]
        assert low <= row["p_break"] <= high
    neighbours, _ = plain_answers(market)[asked.vector_id, "s240"]
    assert [row["vector_id"] for row in card["neighbours"]] == [
        one["vector_id"] for one, _, _ in neighbours
    ]
    assert card["verdict"] == {"verdict": "not evaluated"}


def test_the_card_says_what_it_rests_on(
    market: Market, asked: Approach, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    picture = tmp_path / "paths.png"
    result = ask(
        market.lake,
        str(asked.day),
        "--level",
        asked.level_id,
        "--at",
        clock(asked),
        "--plot",
        str(picture),
        monkeypatch=monkeypatch,
    )
    assert result.exit_code == 0, result.output
    for words in (
        "it has looked like this before",
        "base rate",
        "95 % interval",
        "the 10 nearest",
        "verdict: not evaluated",
    ):
        assert words in result.output
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_verdict_of_the_level_comes_before_that_of_all(
    market: Market, asked: Approach, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lake = lakes.copy_of(market.lake, tmp_path / "lake")
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute(
            "create table gold.eval_retrieval_verdict as select * from (values "
            "('pooled', null, 0.05, 'useful'), "
            f"('level', '{asked.level_id}', -0.02, 'not shown'), ('level', 'or_high', 1, 'x')) "
            "as t (scope, level_id, skill, verdict) cross join (select "
            f"'{asked.approach_dir}' as approach_dir, 's240' as horizon_id, "
            "'retrieval_robust_z' as model, -0.1 as skill_lo, 0.1 as skill_hi, "
            "'base_rate' as best_baseline, 30 as n_days, 400 as n_episodes)"
        )
    where = (str(asked.day), "--level", asked.level_id, "--at", clock(asked))
    result = ask(lake, *where, monkeypatch=monkeypatch)
    assert "verdict for this level of this direction: not shown (log-loss skill over" in (
        result.output
    )
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute(
            "update gold.eval_retrieval_verdict set verdict = 'too few episodes', skill = null "
            "where scope = 'level'"
        )
    result = ask(lake, *where, monkeypatch=monkeypatch)
    assert "verdict for all levels of this direction: useful" in result.output


def test_too_few_neighbours_are_said_to_be(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    early = next(one for one in market.approaches if one.day == DAYS[1] and one.labels)
    result = ask(
        market.lake,
        str(early.day),
        "--level",
        early.level_id,
        "--at",
        clock(early),
        monkeypatch=monkeypatch,
    )
    assert result.exit_code == 0, result.output
    assert "too few for odds" in result.output
    assert "probability" not in result.output
    first = next(one for one in market.approaches if one.labels)
    result = ask(
        market.lake,
        str(first.day),
        "--level",
        first.level_id,
        "--at",
        clock(first),
        monkeypatch=monkeypatch,
    )
    assert "0 neighbours from 0 episodes on 0 days: too few for odds" in result.output


def test_no_approach_is_told_with_the_nearest(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = str(DAYS[-1])
    far = ask(market.lake, day, "--level", "pm_high", "--at", "12:00:00", monkeypatch=monkeypatch)
    assert isinstance(far.exception, SpymasterError)
    assert "the nearest decision was at" in str(far.exception)
    none = ask(market.lake, day, "--level", "or_high", monkeypatch=monkeypatch)
    assert "no approach to this level" in str(none.exception)
