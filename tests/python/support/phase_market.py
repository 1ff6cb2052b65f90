"""A market of courses that pass all phases at and past a level, with a planted truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
from spymaster.evaluation.read import Windows
from spymaster_engine.statistics.evaluation.samples import Samples

from support.evaluation_market import artificial_samples

# the windows of a course in the order of time: phase, and x in the sense of the approach
COURSE = (
    ("at", -1.0),
    ("through", 2.0),
    ("through", 6.0),
    ("at", 1.0),
    ("back", -3.0),
    ("back", -6.0),
)
LEVELS = ["or_high", "pm_high", "sma_90"]
_FIRST_DATE = np.datetime64("2025-10-01")


def phase_samples(
    n_days: int = 24,
    strength: float = 1.0,
    seed: int = 5,
    informative: tuple[str, ...] = ("at",),
    width: int = 40,
) -> tuple[Samples, np.ndarray]:
    """Return the windows of courses, and the phase of each.

    Only vectors of the ``informative`` phases carry the log-odds of the course's outcome.
    """
    drawn, _ = artificial_samples(
        n_days, windows=len(COURSE), strength=strength, seed=seed, width=width
    )
    n_courses = len(drawn) // len(COURSE)
    phase = np.tile([name for name, _ in COURSE], n_courses)
    x0 = np.tile([x for _, x in COURSE], n_courses)
    noise = np.random.default_rng(seed + 1).normal(size=drawn.vector.shape).astype(np.float32)
    knows = np.isin(phase, informative)[:, np.newaxis]
    rival = drawn.rival.copy()
    rival[:, 0], rival[:, 1] = -x0, -x0 / drawn.rival[:, 3]
    vector = np.where(knows, drawn.vector, noise)
    return drawn.with_columns(vector=vector, x0_ticks=x0, rival=rival), phase


def slow_choppers(n_days: int, seed: int) -> Samples:
    """Return moments at a level that know nothing, in courses that stay long where price chops.

    A course that breaks or turns has one moment. One that chops has twelve: the last eight of them
    see it break or turn.
    """
    windows, undecided = 12, 4
    drawn, _ = artificial_samples(n_days, windows=windows, strength=0.0, seed=seed)
    generator = np.random.default_rng(seed + 1)
    n_courses = len(drawn) // windows
    first = generator.choice(3, n_courses, p=(0.4, 0.4, 0.2))
    later = generator.integers(0, 2, n_courses)
    place = np.tile(np.arange(windows), n_courses)
    outcome = np.where(place < undecided, first[drawn.episode], later[drawn.episode])
    at_level = np.zeros(len(drawn))
    rival = drawn.rival.copy()
    rival[:, :2] = 0.0
    own = drawn.with_columns(outcome=outcome, x0_ticks=at_level, rival=rival)
    return own.take((place == 0) | (first[drawn.episode] == 2))


def phase_windows(samples: Samples, phase: np.ndarray) -> Windows:
    """Return the windows as `spymaster evaluate` reads them."""
    dates = _FIRST_DATE + np.arange(int(samples.day.max()) + 1)
    ends = dates.astype("datetime64[s]")[samples.day] + (samples.window_end_s % 86_400).astype(
        "timedelta64[s]"
    )
    key = pa.table(
        {
            "symbol": ["ESZ5"] * len(samples),
            "dt": pa.array(dates[samples.day]),
            "level_id": np.array(LEVELS)[samples.level],
            "window_end_ts": pa.array(ends.astype("datetime64[us]")),
            "episode_id": [f"course-{code}" for code in samples.episode],
        }
    )
    given = np.zeros(len(samples), np.bool_)
    return Windows(samples, key, LEVELS, dates, given, phase=phase)


def mirrored_windows(own: Windows, other: Windows) -> Windows:
    """Return windows beside those of the other direction, whose mirror changes no feature."""
    samples = replace(own.samples, mirrored=other.samples)
    return replace(
        own, samples=samples, mirrored_decisions=other.decisions, mirrored_phase=other.phase
    )
