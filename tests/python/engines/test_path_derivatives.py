"""Derivatives of the path of the mid: exact on cubics, those of numpy elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from spymaster_engine.kernels.engines import path_derivatives

SETTINGS = {"valid_share_min": 0.8, "lag_s": 30}
END_S = 50_000
LEVEL = 4_000


def mids_of(half_ticks: np.ndarray) -> dict[str, np.ndarray]:
    """Mids of the seconds up to the end."""
    seconds = np.arange(END_S - len(half_ticks) + 1, END_S + 1)
    return {"end_s": seconds, "mid_half_ticks": np.asarray(half_ticks, np.int64)}


def path_of(minutes: int, sign: int = 1, end_s: int = END_S) -> dict[str, np.ndarray]:
    names = ("end_s", "window_min", "level_half_ticks", "direction_sign")
    return dict(zip(names, np.array([[end_s], [minutes], [LEVEL], [sign]]), strict=True))


def walk(n_seconds: int, seed: int) -> np.ndarray:
    steps = np.random.default_rng(seed).integers(-2, 3, n_seconds)
    return LEVEL + np.cumsum(steps)


@pytest.mark.parametrize("minutes", [1, 3, 5, 10, 20])
def test_a_cubic_has_its_own_derivatives(minutes: int) -> None:
    """A cubic in whole seconds has whole half ticks, so that nothing is rounded."""
    second = np.arange(-minutes * 60 + 1, 1)
    half_ticks = LEVEL + 7 + 11 * second - 3 * second**2 + 2 * second**3
    found = path_derivatives(mids_of(half_ticks), path_of(minutes), **SETTINGS)
    assert found["velocity"] == pytest.approx(11 * 60 / 2, rel=1e-9)
    assert found["acceleration"] == pytest.approx(-3 * 60**2, rel=1e-9)
    assert found["jerk"] == pytest.approx(2 * 6 * 60**3 / 2, rel=1e-9)


@pytest.mark.parametrize("minutes", [1, 3, 5, 10, 20])
@pytest.mark.parametrize("sign", [1, -1])
def test_those_of_numpy(minutes: int, sign: int) -> None:
    """Also with seconds that are not known, and in either direction."""
    half_ticks = walk(minutes * 60 + 30, minutes)
    mids = mids_of(half_ticks)
    kept = np.random.default_rng(minutes).random(len(half_ticks)) < 0.97
    mids = {name: values[kept] for name, values in mids.items()}
    found = path_derivatives(mids, path_of(minutes, sign), **SETTINGS)
    minute = (mids["end_s"] - END_S) / 60
    place = sign * (mids["mid_half_ticks"] - LEVEL) / 2
    inside = minute > -minutes
    cubic = np.polynomial.Polynomial.fit(minute[inside], place[inside], 3)
    for order, name in enumerate(("velocity", "acceleration", "jerk"), start=1):
        assert found[name] == pytest.approx(cubic.deriv(order)(0), rel=1e-9, abs=1e-9), name
    by_second = dict(zip(mids["end_s"].tolist(), place, strict=True))
    speeds = [
        ((s - END_S) / 60, 2 * (by_second[s] - by_second[s - 30]))
        for s in range(END_S - minutes * 60 + 1, END_S + 1)
        if s in by_second and s - 30 in by_second
    ]
    slope = np.polyfit(*zip(*speeds, strict=True), 1)[0]
    assert found["momentum_trend"] == pytest.approx(slope, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("n_known", "is_known"), [(48, True), (47, False)])
def test_four_fifths_of_the_seconds_are_enough(n_known: int, is_known: bool) -> None:
    mids = mids_of(walk(n_known, 3))
    found = path_derivatives(mids, path_of(1), **SETTINGS)
    assert np.isfinite(found["velocity"]).all() == is_known
    # few of them have a second half a minute before
    assert np.isnan(found["momentum_trend"]).all()


def test_a_later_mid_changes_nothing() -> None:
    half_ticks = walk(400, 5)
    mids = mids_of(half_ticks)
    path = path_of(3, end_s=END_S - 100)
    known = {name: values[:-100] for name, values in mids.items()}
    one, other = (path_derivatives(rows, path, **SETTINGS) for rows in (mids, known))
    assert {name: float(values[0]) for name, values in one.items()} == {
        name: float(values[0]) for name, values in other.items()
    }


def test_no_mids_and_no_paths() -> None:
    nothing = {"end_s": np.empty(0, np.int64), "mid_half_ticks": np.empty(0, np.int64)}
    found = path_derivatives(nothing, path_of(1), **SETTINGS)
    assert all(np.isnan(values).all() for values in found.values())
    none = {name: values[:0] for name, values in path_of(1).items()}
    assert path_derivatives(mids_of(walk(60, 1)), none, **SETTINGS)["jerk"].shape == (0,)
