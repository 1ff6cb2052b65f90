"""Retrieval without a level: answers by their definition, the mirror, the past alone, the words."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import pytest
from click.testing import CliRunner, Result
from naive import retrieval as naive
from spymaster.cli import cli
from spymaster.evaluation.directions import read_directions
from spymaster.evaluation.read import Windows
from spymaster.evaluation.run_scopes import units_of
from spymaster.published import open_published
from spymaster_engine.statistics.evaluation.outcome_controls import (
    learned_claim,
    with_outcomes_redrawn,
)
from spymaster_engine.statistics.evaluation.verdict import NOT_SHOWN, USEFUL
from spymaster_engine.statistics.retrieval.learned import Penalties
from spymaster_engine.statistics.retrieval.mirror import Mirror
from spymaster_engine.statistics.retrieval.settings import SPOT
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from support import lakes
from support import spot_market as market
from support.settings import protocol
from support.spot_market import DAYS, HORIZONS, SYMBOL, VARIABLES, Moment

BLOCKS = 7
LIMITS = {
    "k_raw": VARIABLES["retrieval_k_raw"],
    "k": VARIABLES["retrieval_k"],
    "per_episode": 3,
    "power": 8,
}
ALPHA, MINIMA, LEAST_IN_BAND, FLOOR_ROWS, FLOOR_SHARE = 5, (15, 3, 8), 6, 30, 0.05
NUMBERS = (
    *(f"{part}_{name}" for part in ("p", "base") for name in ("break", "reject", "chop")),
    *("n_eff", "mean_similarity", "similarity_floor", "time_to_hit_q50_s"),
    *("mfe_q50_ticks", "mae_q80_ticks", "risk_q80_ticks", "resolve_rate"),
)
SUPPORT = ("n_neighbors", "n_distinct_days", "n_distinct_episodes", "neighbors_ok", "is_similar")
# moments of known outcome at this horizon set the floor of all horizons
LEARNED_HORIZON = "s240"
# what the naive retrieval answers, the first with too small a library
ANSWERED = (
    (DAYS[1], "spot_up", "s240"),
    (DAYS[6], "spot_up", "s240"),
    (DAYS[5], "spot_down", "s120"),
    (DAYS[5], "spot_up", "h1"),
    (DAYS[4], "spot_down", "s480"),
)
CHANGED = DAYS[10]
MANY_THREADS = 4
TOLERANCE = 2e-4
PROTOCOL = protocol(
    evaluation_warm_up_days=5,
    learned_refit_days=8,
    penalties=(Penalties(1_000.0, 30.0),),
)
ANSWERS = "select * from gold.spot_odds order by window_end_ts, horizon_id"


@dataclass(frozen=True, eq=False)
class Market:
    """The moments, and the lake that answers for them."""

    moments: list[Moment]
    lake: Lake

    def rows(self, query: str) -> list[dict]:
        """Return rows as dictionaries."""
        return rows_of(self.lake, query)


def rows_of(lake: Lake, query: str) -> list[dict]:
    with duckdb.connect(str(lake.warehouse), read_only=True) as connection:
        found = connection.execute(query)
        names = [name for name, *_ in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.fixture(scope="module")
def spot(tmp_path_factory: pytest.TempPathFactory) -> Market:
    moments = market.made_moments(seed=3)
    folder = tmp_path_factory.mktemp("spot_market")
    return Market(moments, run_by(folder, moments, MANY_THREADS))


def run_by(folder: Path, moments: list[Moment], count: int) -> Lake:
    """Return a lake that so many threads of dbt and of DuckDB made."""
    lake = market.write_lake(folder / "lake", moments)
    with lakes.threads(folder, count) as arguments:
        market.run(lake, *arguments)
    return lake


def library_of(spot: Market, day: dt.date, direction: str) -> list[Moment]:
    """Return the moments that a day may use."""
    return [
        one
        for one in spot.moments
        if one.day < day and one.approach_dir == direction and one.is_query
    ]


def plain_answers(spot: Market, day: dt.date, direction: str, horizon: str) -> dict[str, dict]:
    """Return the answer of every moment of a day and direction at a horizon, as defined."""
    library = library_of(spot, day, direction)
    statistics = naive.statistics_of([[*one.vector, *one.context] for one in library])
    rows = [
        {
            "place": naive.placed(one.vector, one.context, statistics, BLOCKS),
            "day": one.day,
            "episode": one.episode,
            "band": None,
            "labels": {name: one.label_at(name) for name in (horizon, LEARNED_HORIZON)},
        }
        for one in library
    ]
    labelled = [
        row for row in rows if row["labels"][LEARNED_HORIZON]["outcome_reached"] in naive.CLASSES
    ]
    if len(labelled) > FLOOR_ROWS:
        step = (len(labelled) - 1) / (FLOOR_ROWS - 1)
        labelled = [labelled[round(number * step)] for number in range(FLOOR_ROWS)]
    means = [
        naive.mean_similarity(
            naive.neighbors(row["place"], rows, horizon, **LIMITS, not_on=row["day"])
        )
        for row in labelled
    ]
    floor = naive.floor_of([mean for mean in means if mean is not None], FLOOR_SHARE)
    base = naive.base_rates(rows, horizon, None, LEAST_IN_BAND)
    found = {}
    for one in spot.moments:
        if (one.day, one.approach_dir, one.is_query) == (day, direction, True):
            place = naive.placed(one.vector, one.context, statistics, BLOCKS)
            neighbors = naive.neighbors(place, rows, horizon, **LIMITS)
            found[one.vector_id] = naive.answer(
                neighbors, base, horizon, alpha=ALPHA, minima=MINIMA, floor=floor
            )
    return found


@pytest.mark.parametrize(("day", "direction", "horizon"), ANSWERED)
def test_answers_equal_their_definition(
    spot: Market, day: dt.date, direction: str, horizon: str
) -> None:
    rows = spot.rows(
        f"select * from gold.spot_answers where dt = '{day}' and horizon_id = '{horizon}' "
        f"and approach_dir = '{direction}'"
    )
    plain = plain_answers(spot, day, direction, horizon)
    assert {row["vector_id"] for row in rows} == plain.keys()
    for row in rows:
        expected = plain[row["vector_id"]]
        for name in (*SUPPORT, "library_last_dt"):
            assert row[name] == expected[name], name
        for name in NUMBERS:
            value = expected.get(name)
            assert (row[name] is None) == (value is None), name
            if value is not None:
                assert row[name] == pytest.approx(value, rel=TOLERANCE, abs=TOLERANCE), name
    answered = [row for row in rows if row["is_similar"]]
    # a library of one day has too few moments
    assert bool(answered) == (day != DAYS[1])
    assert all(row["p_reached"] == row["base_reached"] == 1.0 for row in answered)


def test_pools_and_scales_are_of_earlier_days(spot: Market) -> None:
    pools = spot.rows("select * from steps.spot_pools where n_vectors > 0")
    assert len(pools) >= 2 * (len(DAYS) - 1)
    for row in pools:
        library = library_of(spot, row["dt"], row["approach_dir"])
        assert row["n_vectors"] == len(library)
        assert row["n_episodes"] == len({one.episode for one in library})
        assert row["n_days"] == len({one.day for one in library})
    day, direction = DAYS[3], "spot_down"
    library = library_of(spot, day, direction)
    scales = spot.rows(
        f"select * from gold.spot_norm_stats where asof_dt = '{day}' "
        f"and approach_dir = '{direction}' order by feature_index"
    )
    plain = naive.statistics_of([[*one.vector, *one.context] for one in library])
    assert len(scales) == len(plain) == 1374
    for row, expected in zip(scales, plain, strict=True):
        found = row["median"], row["mad"], row["std"]
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-6), row["feature_index"]
        assert row["n_vectors"] == len(library)


def test_odds_are_the_answers(spot: Market) -> None:
    shared = "vector_id, horizon_id, p_break, p_reject, p_chop, base_break, base_all_break, n_eff"
    answers, odds = (
        spot.rows(f"select {shared}, {', '.join(SUPPORT)} from gold.{name} order by all")
        for name in ("spot_answers", "spot_odds")
    )
    assert answers == odds
    assert len(odds) == len(HORIZONS) * sum(one.is_query for one in spot.moments)


def test_moments_are_thinned_and_others_have_no_answer(spot: Market) -> None:
    wanted = {one.vector_id for one in spot.moments if one.is_query}
    rows = spot.rows("select distinct vector_id, pool_level_id from gold.spot_odds")
    assert {row["vector_id"] for row in rows} == wanted
    assert len(wanted) < len(spot.moments)
    libraries = spot.rows("select approach_dir, n_vectors, dim from gold.spot_library order by all")
    assert libraries == [
        {"approach_dir": direction, "n_vectors": len(wanted) // 2, "dim": 1372}
        for direction in ("spot_down", "spot_up")
    ]


def test_a_fall_answers_as_the_rise_that_it_mirrors(spot: Market) -> None:
    late = dt.timedelta(seconds=market.IMAGE_S)
    by_key = {
        (row["approach_dir"], row["window_end_ts"], row["horizon_id"]): row
        for row in spot.rows(ANSWERS)
    }
    compared = 0
    for (direction, moment, horizon), row in by_key.items():
        if direction == "spot_up" and row["is_similar"]:
            image = by_key["spot_down", moment + late, horizon]
            for name in ("p_break", "p_reject", "p_chop", "n_eff", "base_break"):
                assert image[name] == pytest.approx(row[name], rel=1e-4), name
            compared += 1
    assert compared > 200


@pytest.mark.parametrize("direction", ["spot_up", "spot_down"])
def test_the_mirror_makes_the_vector_of_the_image(spot: Market, direction: str) -> None:
    rows = spot.rows(
        "select coalesce(mirror_feature_index, -1) as place, coalesce(mirror_sign, 1) as sign, "
        f"feature_name from gold.spot_mirror where approach_dir = '{direction}' "
        "order by feature_index"
    )
    mirror = Mirror(tuple(row["place"] for row in rows), tuple(row["sign"] for row in rows))
    without = {row["feature_name"].split("__")[1] for row in rows if row["place"] < 0}
    # what is added to the bids has no counterpart on the ask side
    readings = ("u13_bid_add_intensity_log", "u14_bid_far_pull_share_rest")
    orders = ("", "d1_", "d2_", "d3_")
    assert without == {f"{order}{name}" for order in orders for name in readings}
    sides = market.made_sides(np.random.default_rng(5))
    own, image = market.vector_of(sides), market.vector_of(sides[..., ::-1, :])
    seen = mirror.image(np.array([[*image, 1.5, 2.5]], np.float32))[0]
    known = np.isfinite(seen)
    assert known.sum() == len(rows) - 7 * len(without)
    expected = np.array([*own, 1.5, 2.5], np.float32)
    np.testing.assert_allclose(seen[known], expected[known], rtol=1e-5, atol=1e-5)


def test_a_later_day_changes_no_earlier_answer(spot: Market, tmp_path: Path) -> None:
    before = spot.rows(ANSWERS)
    lake = Lake(shutil.copytree(spot.lake.root, tmp_path / "lake"))
    with duckdb.connect(str(lake.warehouse)) as connection:
        market.write_moments(connection, market.with_vectors_turned(spot.moments, CHANGED))
    market.run(lake)
    after = rows_of(lake, ANSWERS)
    for day in DAYS:
        old, new = ([row for row in rows if row["dt"] == day] for rows in (before, after))
        assert (old == new) == (day < CHANGED), day


def test_threads_change_no_answer(spot: Market, tmp_path: Path) -> None:
    single = run_by(tmp_path, spot.moments, 1)
    hashes, of_many = (lakes.content_hashes(lake, published=False) for lake in (single, spot.lake))
    assert hashes == of_many
    for relation in (name for name in market.MODELS if name.startswith("spot_")):
        assert spot.rows(f"select 1 from gold.{relation} limit 1"), relation


def windows_of(spot: Market) -> dict[str, Windows]:
    with open_published(spot.lake) as connection:
        return read_directions(connection, "ES", "s240", 5, 27, 120, family=SPOT)


def test_the_evaluation_claims_planted_outcomes_and_none_redrawn(spot: Market) -> None:
    settings = PROTOCOL.settings.of_family(SPOT)
    rules = replace(PROTOCOL, settings=settings)
    windows = windows_of(spot)
    assert windows.keys() == {"spot_up", "spot_down"}
    for direction, of_direction in windows.items():
        samples = of_direction.samples
        wanted = [one for one in spot.moments if one.approach_dir == direction and one.is_query]
        assert len(samples) == len(wanted) == len(samples.mirrored)
        [whole] = units_of(of_direction, SPOT)
        unit = whole.judged
        # every moment is judged, not only the first of its episode
        assert unit.all()
        assert len(np.unique(samples.episode)) == len(DAYS) * market.EPISODES < len(samples)
        claim = learned_claim(samples, unit, rules)
        assert claim.verdict == USEFUL, claim
        redrawn = [
            learned_claim(with_outcomes_redrawn(samples, seed), unit, rules) for seed in (1, 2)
        ]
        assert [one.verdict for one in redrawn] == [NOT_SHOWN] * 2


def setups(lake: Lake, patch: pytest.MonkeyPatch, *arguments: str) -> Result:
    patch.setenv(LAKE_VARIABLE, str(lake.root))
    return CliRunner().invoke(cli, ["setups", "--symbol", SYMBOL, *arguments])


def clock_of(moment: Moment) -> str:
    return f"{moment.window_end_ts - dt.timedelta(hours=4):%H:%M:%S}"


def test_the_card_answers_without_a_level(spot: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    day = DAYS[-1]
    asked = [one for one in spot.moments if one.day == day and one.approach_dir == "spot_up"]
    stored = {
        (row["vector_id"], row["horizon_id"]): row
        for row in spot.rows(f"select * from gold.spot_odds where dt = '{day}' and is_similar")
    }
    queries = [one for one in asked if (one.vector_id, "s240") in stored]
    at = clock_of(queries[-1])
    printed = setups(spot.lake, monkeypatch, "--dt", str(day), "--at", at)
    words = " ".join(printed.output.split())
    assert printed.exit_code == 0, printed.output
    assert "price rose 5.5 ticks over the last minute" in words
    assert "price went on 8 ticks" in words
    assert "turned back 8 ticks" in words
    assert "level" not in words.replace("without any level", "")
    card = json.loads(setups(spot.lake, monkeypatch, "--dt", str(day), "--at", at, "--json").output)
    for horizon in HORIZONS:
        shown = card["horizons"][horizon]
        for name in ("p_break", "p_reject", "p_chop", "base_break", *SUPPORT):
            assert shown[name] == stored[queries[-1].vector_id, horizon][name], name
        assert shown["verdict"] == "not evaluated"
    # a window off the grid of the library has an answer too
    [off, *_] = [one for one in asked if not one.is_query]
    card = json.loads(
        setups(spot.lake, monkeypatch, "--dt", str(day), "--at", clock_of(off), "--json").output
    )
    assert card["moment"]["vector_id"] == off.vector_id
    assert card["horizons"]["s240"]["neighbors_ok"]


def test_too_small_a_library_gives_no_odds(spot: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    for day, library in (
        (DAYS[0], "0 similar moves on 0 earlier days"),
        (DAYS[1], "earlier day is"),
    ):
        printed = setups(spot.lake, monkeypatch, "--dt", str(day))
        words = " ".join(printed.output.split())
        assert "No odds:" in words
        assert library in words


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ("window_valid = false, approach_dir = 'spot_none'", "not known in a second of the window"),
        ("move_ticks = null, approach_dir = 'spot_none'", "mid of a minute before is not known"),
        ("move_ticks = 1.5, approach_dir = 'spot_none'", "price moved 1.5 ticks over the last"),
        ("move_ticks = 6", "too short a time was known: a vector needs 27 valid windows"),
    ],
)
def test_why_there_is_no_vector(
    spot: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: str, reason: str
) -> None:
    lake = Lake(shutil.copytree(spot.lake.root, tmp_path / "lake"))
    moment = spot.moments[len(spot.moments) // 2]
    with duckdb.connect(str(lake.published)) as connection:
        where = f"where window_end_ts = timestamp '{moment.window_end_ts}'"
        connection.execute(f"update silver.spot_moments set {changes} {where}")
        connection.execute(f"delete from gold.spot_vectors {where}")
    day, at = str(moment.day), clock_of(moment)
    found = setups(lake, monkeypatch, "--dt", day, "--at", at)
    assert found.exit_code != 0
    assert reason in str(found.exception)


def test_no_vector_outside_the_study_window(spot: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    day = str(DAYS[3])
    for at in ("08:00:00", "15:00:00"):
        found = setups(spot.lake, monkeypatch, "--dt", day, "--at", at)
        assert "outside the study window" in str(found.exception)
    other = setups(spot.lake, monkeypatch, "--dt", "2025-08-01", "--at", "10:00:00")
    assert "no moments are known that day" in str(other.exception)
