"""What stands before movements is found where it was planted, and nothing where it was not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats
from spymaster_engine.statistics.evaluation.movement_profile import (
    NOT_SHOWN,
    SHOWN,
    TOO_FEW,
    Profile,
    ProfileSums,
    placebo_largest,
    seldom_passed,
)

READINGS, SECONDS = 4, 30
DAYS, A_DAY, MEMBERS = 12, 5, 6
LEAST, DRAWS, SEED = 30, 200, 7
N = READINGS * SECONDS


def sets(rng: np.random.Generator, days: int = DAYS) -> np.ndarray:
    """Return readings without any difference, (n_sets, members, elements), related over seconds."""
    noise = rng.standard_normal((days * A_DAY, MEMBERS, SECONDS, READINGS))
    return np.cumsum(noise, axis=2).reshape(days * A_DAY, MEMBERS, N)


def profile_of(values: np.ndarray, pieces: int = 1, seed: int = SEED) -> Profile:
    """Return the profile of sets, given in some pieces of moments."""
    n_sets, members = values.shape[:2]
    rows = values.reshape(n_sets * members, -1)
    day = np.arange(n_sets) // A_DAY
    sums = ProfileSums(day, np.full(n_sets, members), rows.shape[1], DRAWS, seed)
    set_no, member_no = np.repeat(np.arange(n_sets), members), np.tile(np.arange(members), n_sets)
    for part in np.array_split(np.arange(len(rows)), pieces):
        sums.add(rows[part], set_no[part], member_no[part])
    return sums.profile()


def shown(profiles: Sequence[Profile]) -> list[np.ndarray]:
    """Return where each profile is shown, (seconds, readings)."""
    _, largest = placebo_largest(profiles, LEAST)
    return [
        np.array(profile.verdicts(LEAST, largest)).reshape(SECONDS, READINGS) == SHOWN
        for profile in profiles
    ]


def test_a_planted_signature_is_shown_where_it_is() -> None:
    rng = np.random.default_rng(1)
    values = rng.standard_normal((DAYS * A_DAY, MEMBERS, N))
    planted = np.zeros((SECONDS, READINGS))
    planted[15:22, 2] = -1.5
    values[:, 0] += planted.ravel()
    profile, null = profile_of(values), profile_of(rng.standard_normal(values.shape))
    found, found_null = shown([profile, null])
    assert (found == (planted != 0)).all()
    assert not found_null.any()
    z = profile.z.reshape(SECONDS, READINGS)
    assert (z[found] < -1).all()
    # the matched moments do not have it
    matched = profile.matched_mean.reshape(SECONDS, READINGS)
    assert np.abs(matched[found]).max() < 0.3
    assert np.abs(profile.mean.reshape(SECONDS, READINGS)[found] + 1.5).max() < 0.5


def test_random_moments_show_nothing() -> None:
    """In 95 of 100 markets nothing is shown; of 400, chance alone gives twenty, seldom 29."""
    found = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        # few elements, of which each counts: the rule is the same for many
        profiles = [
            profile_of(sets(rng).reshape(-1, MEMBERS, SECONDS, READINGS)[:, :, ::10, :2], seed=seed)
            for _ in range(2)
        ]
        _, largest = placebo_largest(profiles, LEAST)
        found += any(SHOWN in profile.verdicts(LEAST, largest) for profile in profiles)
    assert found <= 28


def test_movements_that_are_only_louder_show_nothing() -> None:
    """With three times the variance and the same mean nothing is shown in 95 of 100 markets."""
    found = 0
    for seed in range(500):
        rng = np.random.default_rng(seed)
        profiles = []
        for _ in range(2):
            values = rng.standard_normal((DAYS * A_DAY, MEMBERS, N // 5))
            values[:, 0] *= 3**0.5
            profiles.append(profile_of(values, seed=seed))
        _, largest = placebo_largest(profiles, LEAST)
        found += any(SHOWN in profile.verdicts(LEAST, largest) for profile in profiles)
    assert found <= 25


def test_a_signature_is_shown_among_louder_movements() -> None:
    rng = np.random.default_rng(1)
    values = rng.standard_normal((DAYS * A_DAY, MEMBERS, N))
    values[:, 0] *= 3**0.5
    planted = np.zeros((SECONDS, READINGS))
    planted[15:22, 2] = -1.5
    values[:, 0] += planted.ravel()
    [found] = shown([profile_of(values)])
    assert (found == (planted != 0)).all()


def test_numbers_are_those_of_numpy() -> None:
    rng = np.random.default_rng(3)
    values = sets(rng)
    values[rng.random(values.shape) < 0.1] = np.nan
    # far from zero, where sums of squares lose digits
    values += 1e6
    profile = profile_of(values, pieces=7)
    moved, matched = values[:, 0], values[:, 1:].reshape(-1, N)
    assert profile.n_movements.tolist() == np.isfinite(moved).sum(axis=0).tolist()
    assert profile.n_matches.tolist() == np.isfinite(matched).sum(axis=0).tolist()
    std = np.nanstd(matched, axis=0, ddof=1)
    np.testing.assert_allclose(profile.mean, np.nanmean(moved, axis=0), rtol=1e-12)
    np.testing.assert_allclose(profile.matched_mean, np.nanmean(matched, axis=0), rtol=1e-12)
    np.testing.assert_allclose(profile.matched_std, std, rtol=1e-9)
    z = (np.nanmean(moved, axis=0) - np.nanmean(matched, axis=0)) / std
    np.testing.assert_allclose(profile.z, z, atol=1e-7)
    welch = stats.ttest_ind(moved, matched, equal_var=False, nan_policy="omit").statistic
    np.testing.assert_allclose(profile.welch_t, welch, atol=1e-6)
    assert (profile.z_lo < profile.z).all()
    assert (profile.z < profile.z_hi).all()


def test_the_placebo_takes_any_member_of_a_set_for_the_movement() -> None:
    rng = np.random.default_rng(4)
    values = rng.standard_normal((DAYS * A_DAY, MEMBERS, N))
    values[:, 0, 0] += 10
    profile = profile_of(values)
    placebo = profile.placebo_t[:, 0]
    # one movement of six is picked in each set, as often as any other moment
    assert abs(placebo.mean()) < 0.3
    assert 0.5 < placebo.std() < 1.5
    assert np.abs(placebo).max() < abs(profile.welch_t[0]) / 2


def test_one_more_draw_seldom_passes() -> None:
    """Of 201 equally likely draws ten may lie above the bound; of 20 one, and of 19 none."""
    draws = np.random.default_rng(5).permutation(200.0 * np.arange(1, 201))
    assert seldom_passed(draws) == 200.0 * 191
    assert seldom_passed(draws[:, None] * [1.0, 2.0]).tolist() == [38_200.0, 76_400.0]
    for n, others_above in ((19, 0), (38, 0), (39, 1), (199, 9), (1_000, 49)):
        bound = seldom_passed(np.arange(float(n)))
        assert n - 1 - bound == others_above, n
        # with one more draw above it
        assert (1 + others_above) / (1 + n) <= 0.05
    assert seldom_passed(np.arange(18.0)) == np.inf


def test_what_does_not_differ_has_no_z() -> None:
    values = np.full((DAYS * A_DAY, MEMBERS, N), 0.1)
    values[:, 0, 1] = 0.2
    values[:, :, 2] = np.nan
    profile = profile_of(values)
    assert np.isnan(profile.z).all()
    assert np.isnan(profile.welch_t).all()
    assert profile.matched_std[0] == 0
    assert (profile.n_movements[2], profile.n_matches[2]) == (0, 0)
    verdicts = profile.verdicts(LEAST, placebo_largest([profile], LEAST)[1])
    assert verdicts[:3] == [NOT_SHOWN, NOT_SHOWN, TOO_FEW]


@pytest.mark.parametrize("days", [5, 9])
def test_few_days_have_no_verdict(days: int) -> None:
    profile = profile_of(sets(np.random.default_rng(5), days) + 0.0)
    assert set(profile.verdicts(1, 0.0)) == {TOO_FEW}
    assert np.isnan(profile.z_lo).all()


def test_a_reading_known_on_few_days_has_no_interval() -> None:
    values = sets(np.random.default_rng(5))
    values[: 3 * A_DAY, 0, 0] = np.nan
    profile = profile_of(values)
    assert profile.n_days[:2].tolist() == [9, 12]
    for name in ("mean_lo", "mean_hi", "matched_lo", "matched_hi", "z_lo", "z_hi"):
        assert np.isnan(getattr(profile, name)[:2]).tolist() == [True, False], name


def test_pieces_do_not_matter_and_mirrored_readings_mirror() -> None:
    values = sets(np.random.default_rng(6))
    whole, pieces = profile_of(values), profile_of(values, pieces=11)
    mirrored = profile_of(-values)
    for name in ("mean", "matched_std", "z", "z_lo", "welch_t", "placebo_t"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(pieces, name))
    np.testing.assert_allclose(mirrored.z, -whole.z, atol=1e-12)
    np.testing.assert_allclose(mirrored.z_lo, -whole.z_hi, atol=1e-12)
    np.testing.assert_allclose(mirrored.placebo_t, -whole.placebo_t, atol=1e-12)
