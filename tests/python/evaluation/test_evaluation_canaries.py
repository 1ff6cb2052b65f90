"""Planted leaks: each must be caught."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from spymaster_engine.statistics.evaluation.blocks import blocks
from spymaster_engine.statistics.evaluation.canaries import (
    LookAheadError,
    release_canaries,
    require_available,
    require_earlier_library,
    shifted,
    skill_of,
    with_days_of_labels_permuted,
)
from spymaster_engine.statistics.evaluation.samples import unit_windows
from spymaster_engine.statistics.retrieval import learned
from spymaster_engine.statistics.retrieval.fits import Fit
from spymaster_engine.statistics.retrieval.learned import Penalties
from spymaster_engine.statistics.retrieval.near_and_far import spread_over_episodes
from spymaster_engine.statistics.retrieval.normalise import robust_statistics, robust_z, unit_rows
from support.evaluation_market import ALL_USED, artificial_samples
from support.settings import protocol

PROTOCOL = protocol(used=ALL_USED, evaluation_warm_up_days=8, penalties=(Penalties(30.0, 30.0),))


@pytest.fixture(scope="module")
def samples():
    return artificial_samples(n_days=24)[0]


@pytest.fixture(scope="module")
def released(samples) -> dict:
    found = release_canaries(samples, unit_windows(samples), PROTOCOL)
    return {canary.name: canary for canary in found}


def test_every_canary_fires(released: dict) -> None:
    assert len(released) == 6
    assert [name for name, canary in released.items() if not canary.has_fired] == []


def test_a_future_return_makes_the_skill_jump(released: dict) -> None:
    assert released["future return as a feature"].skill_change > 0.2


def test_neighbors_of_the_same_day_inflate(released: dict) -> None:
    assert released["neighbors of the same day"].skill_change > 0.02


def test_permuted_days_leave_no_skill(released: dict) -> None:
    assert released["days of labels permuted"].skill_lo <= 0.0


def test_what_other_walks_have_learned_changes_no_digit(samples) -> None:
    is_query, spaces = unit_windows(samples), {}

    def fits() -> int:
        return sum(isinstance(one, Fit) for one in spaces.values())

    skill_of(samples, is_query, PROTOCOL, spaces)
    first = fits()
    loose = replace(PROTOCOL, embargo_days=0, purge=False)
    assert skill_of(samples, is_query, loose, spaces) == skill_of(samples, is_query, loose)
    shared = fits()
    assert first <= shared < 2 * first
    strict = replace(PROTOCOL, penalties=(Penalties(1_000.0, 30.0),))
    assert skill_of(samples, is_query, strict, spaces) == skill_of(samples, is_query, strict)
    assert fits() == shared + first


def test_a_penalty_tried_before_needs_no_models_of_folds(samples, monkeypatch) -> None:
    is_query, spaces = unit_windows(samples), {}
    both = (Penalties(30.0, 30.0), Penalties(1_000.0, 30.0))
    skill_of(samples, is_query, replace(PROTOCOL, penalties=both), spaces)
    alone = [
        (rules, skill_of(samples, is_query, rules))
        for rules in (replace(PROTOCOL, penalties=(one,)) for one in both)
    ]
    monkeypatch.setattr(learned, "_fold_models", None)
    for one, expected in alone:
        assert skill_of(samples, is_query, one, spaces) == expected


def test_later_knowledge_is_rejected(samples) -> None:
    require_available(samples.window_end_s, samples.window_end_s)
    with pytest.raises(LookAheadError, match="1 rows"):
        late = samples.window_end_s.copy()
        late[5] += 1
        require_available(late, samples.window_end_s)


def test_a_label_as_a_feature_is_rejected(samples) -> None:
    with pytest.raises(LookAheadError):
        require_available(samples.label_end_s, samples.window_end_s)


def test_a_library_of_the_same_day_is_rejected() -> None:
    require_earlier_library(np.array([3, 4]), np.array([4, 5]))
    with pytest.raises(LookAheadError):
        require_earlier_library(np.array([3, 5]), np.array([4, 5]))


def test_statistics_of_all_days_differ_from_those_of_earlier_days(samples) -> None:
    block, days = next(iter(blocks(samples, PROTOCOL)))
    earlier = samples.take(samples.day < days[0] - PROTOCOL.embargo_days)
    as_of = robust_statistics(earlier.take(spread_over_episodes(earlier.episode, 3)).vector)
    assert np.array_equal(block.vector_statistics.median, as_of.median)
    of_all = robust_statistics(samples.take(spread_over_episodes(samples.episode, 3)).vector)
    assert not np.array_equal(block.vector_statistics.median, of_all.median)


def test_a_query_finds_itself_only_without_the_filter_of_dates(samples) -> None:
    rows = unit_rows(robust_z(samples.vector, robust_statistics(samples.vector)))[0]
    query = np.flatnonzero(samples.day == 20)[0]
    similarity = rows @ rows[query]
    assert similarity.max() == pytest.approx(1.0, abs=1e-5)
    assert similarity[samples.day < 20].max() < 0.999


def test_shifting_stays_within_the_episode(samples) -> None:
    later = shifted(samples, 1)
    for row in range(40):
        same = np.flatnonzero(samples.episode == samples.episode[row])
        after = same[samples.window_end_s[same] > samples.window_end_s[row]]
        source = after[np.argmin(samples.window_end_s[after])] if len(after) else row
        assert np.array_equal(later.vector[row], samples.vector[source])
    back = shifted(later, -1)
    assert not np.array_equal(back.vector, samples.vector)


def test_permuted_days_keep_an_episode_together(samples) -> None:
    permuted = with_days_of_labels_permuted(samples, 1)
    assert (permuted.outcome != samples.outcome).any()
    for episode in np.unique(samples.episode)[:40]:
        assert len(np.unique(permuted.outcome[samples.episode == episode])) == 1
