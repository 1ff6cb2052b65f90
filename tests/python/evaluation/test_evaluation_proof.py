"""120 days with a planted truth, and sixty random days in which nothing can be known.

Judging the two markets takes about 30 minutes on two idle cores, making them as long.
"""

from __future__ import annotations

from dataclasses import replace

import duckdb
import numpy as np
import pytest
from spymaster.evaluation.directions import read_directions
from spymaster.evaluation.read import Windows
from spymaster.evaluation.result_rows import DECISIONS
from spymaster.evaluation.run_scopes import units_of
from spymaster_engine.statistics.evaluation.judgement import Judgement
from spymaster_engine.statistics.evaluation.outcome_controls import (
    learned_claim,
    with_outcome_leaked,
    with_outcomes_redrawn,
)
from spymaster_engine.statistics.evaluation.samples import Samples, unit_windows
from spymaster_engine.statistics.evaluation.verdict import NOT_SHOWN, RIVALS, USEFUL
from spymaster_engine.statistics.evaluation.walk_forward import MODELS, Protocol, walk_forward
from spymaster_engine.statistics.retrieval.learned import Penalties
from spymaster_engine.statistics.retrieval.settings import LEVEL
from spymaster_ingest.lake import Lake
from spymaster_warehouse.project_vars import project_vars
from support.proof_markets import N_DAYS, market_lake

pytestmark = pytest.mark.long

DIRECTIONS = ("up", "down")
FEW_DAYS = 20
PROTOCOL = Protocol.of(project_vars())
DISTANCE_ONLY = ("base_rate", "first_passage", "logistic_context", "lightgbm_context")
REDRAWS, LEAST_NOT_SHOWN = 100, 95
# strength of the outcome that the control leaks into the context
LEAK = 0.7
# choosing penalties takes ten times as long; the controls do not need it
QUICK = replace(PROTOCOL, penalties=(Penalties(100.0, 100.0),))
# shares that retrieval must keep: of the best observer's gain, and of the best model's gain
LEAST_SHARE_OF_BAYES, LEAST_SHARE_OF_BEST = 0.5, 0.9


def windows_of(lake: Lake) -> dict[str, Windows]:
    """Return the windows of both directions, by their short names."""
    settings = project_vars()
    with duckdb.connect(str(lake.published), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        both = read_directions(
            connection,
            "ES",
            "s240",
            settings["vector_window_s"],
            max(settings["vector_block_windows"]) + 3,
            settings["sma_bar_s"],
            lake.root / "raw" / "truth" / "truth_approaches",
        )
    return {name.removeprefix("approach_"): windows for name, windows in both.items()}


def first_days(windows: Windows, n_days: int) -> Windows:
    """Return the windows of the first days, in the mirror too."""
    first = windows.take(windows.samples.day < n_days)
    mirrored, given = windows.samples.mirrored, windows.mirrored_decisions
    assert mirrored is not None and given is not None
    early = mirrored.day < n_days
    samples = replace(first.samples, mirrored=mirrored.take(early))
    return replace(first, samples=samples, mirrored_decisions=given[early])


def at_decisions(windows: Windows) -> tuple[Samples, np.ndarray]:
    """Return the windows of episodes with a decision, and a mask of the decisions."""
    [unit] = [unit for unit in units_of(windows, LEVEL) if unit.name == DECISIONS]
    return unit.windows.samples, unit.labelled


def decisions(lake: Lake, windows: Windows, direction: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of planted decisions and the best observer's odds, (n, 3)."""
    approaches = f"{lake.root}/raw/truth/truth_approaches/*/*.parquet"
    keys = windows.key.append_column("row", [np.arange(len(windows.samples))])
    found = duckdb.sql(
        "select keys.row, truth.bayes_obs_break, truth.bayes_obs_reject, truth.bayes_obs_chop "
        f"from read_parquet('{approaches}') as truth inner join keys "
        "on truth.symbol = keys.symbol and truth.level_id = keys.level_id "
        "and cast(truth.decision_ts as timestamp) = keys.window_end_ts "
        f"where truth.direction = '{direction}' order by keys.row"
    ).fetchnumpy()
    assert keys.num_rows
    rows = found.pop("row").astype(np.int64)
    return rows, np.stack(list(found.values()), axis=1)


def judged(windows: Windows, rows: np.ndarray, bayes: np.ndarray, protocol: Protocol) -> Judgement:
    """Return the judgement of every model at the planted decisions."""
    samples = windows.samples
    queries = np.zeros(len(samples), np.bool_)
    queries[rows] = True
    names = ("retrieval_learned", *RIVALS, "logistic_space", "logistic_vector", "lightgbm_vector")
    odds = walk_forward(samples, queries, protocol, {name: MODELS[name] for name in names})
    best = np.full((len(samples), 3), np.nan)
    best[rows] = bayes
    everything = {**odds, "bayes_obs": best}
    return Judgement.of(
        everything, samples.outcome, samples.day, samples.episode, protocol.settings.evaluation_seed
    )


@pytest.fixture(scope="module")
def planted_lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return market_lake("planted", tmp_path_factory)


@pytest.fixture(scope="module")
def twice_as_long(planted_lake: Lake) -> dict[str, Windows]:
    return windows_of(planted_lake)


@pytest.fixture(scope="module")
def planted(planted_lake: Lake, twice_as_long: dict[str, Windows]) -> dict[str, tuple]:
    """The first sixty days: windows, rows of planted decisions, the best observer's odds."""
    first = {name: first_days(windows, N_DAYS) for name, windows in twice_as_long.items()}
    return {
        direction: (windows, *decisions(planted_lake, windows, direction))
        for direction, windows in first.items()
    }


@pytest.fixture(scope="module")
def judgements(planted: dict) -> dict[str, Judgement]:
    return {direction: judged(*planted[direction], PROTOCOL) for direction in DIRECTIONS}


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("rival", DISTANCE_ONLY)
def test_planted_odds_beat_models_of_the_distance(
    judgements: dict, direction: str, rival: str
) -> None:
    assert judgements[direction].skill("retrieval_learned", rival)[1] > 0.0


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_planted_odds_are_useful(planted: dict[str, tuple], direction: str) -> None:
    samples, queries = at_decisions(planted[direction][0])
    for protocol in (PROTOCOL, QUICK):
        assert learned_claim(samples, queries, protocol).verdict == USEFUL


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_null_odds_are_not_shown(null: dict[str, Windows], direction: str) -> None:
    assert learned_claim(*at_decisions(null[direction]), PROTOCOL).verdict == NOT_SHOWN
    samples = null[direction].samples
    assert learned_claim(samples, unit_windows(samples), PROTOCOL).verdict == NOT_SHOWN


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_half_of_the_knowable_gain_is_found(judgements: dict, direction: str) -> None:
    found = judgements[direction].skill("retrieval_learned", "base_rate")[0]
    possible = judgements[direction].skill("bayes_obs", "base_rate")[0]
    assert found >= LEAST_SHARE_OF_BAYES * possible


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_neighbors_keep_what_other_models_find(judgements: dict, direction: str) -> None:
    skills = {
        name: judgements[direction].skill(name, "base_rate")[0]
        for name in ("retrieval_learned", "logistic_space", "logistic_vector", "lightgbm_vector")
    }
    assert skills["retrieval_learned"] >= LEAST_SHARE_OF_BEST * max(skills.values())


def gain_from_days(samples: Samples, queries: np.ndarray) -> tuple[float, float, float]:
    """Return the gain of a sixty-day library over a twenty-day library, nats, with its interval.

    Every day of the second sixty is judged with the latest days before it.
    """
    later = queries & (samples.day >= N_DAYS + PROTOCOL.embargo_days)
    model = {"retrieval_learned": MODELS["retrieval_learned"]}
    odds = {
        days: walk_forward(samples, later, replace(PROTOCOL, library_days=days), model)[
            "retrieval_learned"
        ]
        for days in (FEW_DAYS, N_DAYS)
    }
    judgement = Judgement.of(
        odds, samples.outcome, samples.day, samples.episode, PROTOCOL.settings.evaluation_seed
    )
    return judgement.skill(N_DAYS, FEW_DAYS)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_sixty_days_of_decisions_know_more_than_twenty(
    twice_as_long: dict[str, Windows], direction: str
) -> None:
    assert gain_from_days(*at_decisions(twice_as_long[direction]))[1] > 0.0


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_library_of_sixty_days_knows_more_than_one_of_twenty(
    twice_as_long: dict[str, Windows], direction: str
) -> None:
    windows = twice_as_long[direction]
    assert gain_from_days(windows.samples, windows.decisions)[0] > 0.0


@pytest.fixture(scope="module")
def null(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Windows]:
    return windows_of(market_lake("null", tmp_path_factory))


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_nothing_is_claimed_of_redrawn_outcomes(null: dict, direction: str) -> None:
    samples, queries = at_decisions(null[direction])
    verdicts = [
        learned_claim(with_outcomes_redrawn(samples, seed), queries, QUICK).verdict
        for seed in range(REDRAWS)
    ]
    assert verdicts.count(NOT_SHOWN) >= LEAST_NOT_SHOWN
    leaked = with_outcome_leaked(with_outcomes_redrawn(samples, 1), LEAK, 1)
    assert learned_claim(leaked, queries, QUICK).verdict == USEFUL
