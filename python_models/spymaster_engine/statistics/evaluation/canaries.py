"""Deliberate leaks: a protocol that misses them would miss a real leak too."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.evaluation.blocks import Spaces
from spymaster_engine.statistics.evaluation.bootstrap import (
    RESAMPLES,
    day_counts,
    episode_weights,
    interval,
    resampled_means,
)
from spymaster_engine.statistics.evaluation.samples import Samples, with_context
from spymaster_engine.statistics.evaluation.scores import log_loss
from spymaster_engine.statistics.evaluation.walk_forward import MODELS, Protocol, walk_forward
from spymaster_engine.statistics.retrieval.learned import Penalties

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

_MODEL, _RIVAL = "retrieval_learned", "base_rate"
# choosing penalties per leak takes ten times as long and shows no more
_PENALTIES = (Penalties(1_000.0, 100.0),)


class LookAheadError(ValueError):
    """Something is used before it can be known."""


class Canary(NamedTuple):
    """The effect of a leak.

    Attributes:
        name: of the leak.
        expectation: what must happen.
        skill: log-loss skill over the base rate with the leak, nats.
        skill_lo: lower bound of its 95 % interval.
        skill_hi: upper bound.
        skill_change: skill with the leak minus skill without.
        has_fired: whether the expectation came true.
    """

    name: str
    expectation: str
    skill: float
    skill_lo: float
    skill_hi: float
    skill_change: float
    has_fired: bool


def require_available(available_from_s: NDArray, decision_s: NDArray) -> None:
    """Raise unless every input is known at its decision.

    Args:
        available_from_s: (n,) epoch seconds from which the inputs of each row are known.
        decision_s: (n,) epoch seconds of the decisions.

    Raises:
        LookAheadError: A row uses later inputs.
    """
    late = int(np.count_nonzero(available_from_s > decision_s))
    if late:
        raise LookAheadError(f"{late} rows use what is known only after their decision")


def require_earlier_library(library_last_day: Codes, day: Codes) -> None:
    """Raise unless the library of every query ends before its day.

    Raises:
        LookAheadError: Some query could find its own day.
    """
    late = int(np.count_nonzero(library_last_day >= day))
    if late:
        raise LookAheadError(f"{late} queries have a library that reaches into their day")


def with_future_return(samples: Samples) -> Samples:
    """Add the later price move to the context, also of mirrored windows."""
    return samples.changed(
        lambda part: with_context(part, (part.mfe_ticks + part.mae_ticks)[:, np.newaxis])
    )


def shifted(samples: Samples, windows: int) -> Samples:
    """Give every window the inputs of another window of its episode, also in the mirror.

    Args:
        samples: in time order within an episode.
        windows: how many windows later; negative for earlier. At its ends an episode repeats its
            last or first window.
    """
    return samples.changed(lambda part: _shifted(part, windows))


def _shifted(samples: Samples, windows: int) -> Samples:
    order = np.lexsort((samples.window_end_s, samples.episode))
    episode = samples.episode[order]
    starts = np.flatnonzero(np.diff(episode, prepend=-1))
    lengths = np.diff(np.append(starts, len(order)))
    first, last = np.repeat(starts, lengths), np.repeat(starts + lengths - 1, lengths)
    source = np.empty(len(order), np.int64)
    source[order] = order[np.clip(np.arange(len(order)) + windows, first, last)]
    return samples.with_columns(vector=samples.vector[source], context=samples.context[source])


def with_days_of_labels_permuted(samples: Samples, seed: int) -> Samples:
    """Give every day the outcomes of another day, episode by episode in order.

    Mirrored days take the outcomes of other mirrored days.
    """
    generator = np.random.default_rng(seed)

    def permuted(part: Samples) -> Samples:
        days = np.unique(part.day)
        outcome = part.outcome.copy()
        for taker, giver in zip(days, generator.permutation(days), strict=True):
            takes, gives = np.flatnonzero(part.day == taker), np.flatnonzero(part.day == giver)
            first = gives[np.unique(part.episode[gives], return_index=True)[1]]
            place = np.unique(part.episode[takes], return_inverse=True)[1]
            outcome[takes] = part.outcome[first[place % len(first)]]
        return part.with_columns(outcome=outcome)

    return samples.changed(permuted)


def skill_of(
    samples: Samples,
    is_query: NDArray[np.bool_],
    protocol: Protocol,
    spaces: Spaces | None = None,
) -> tuple[float, float, float]:
    """Return the skill of learned retrieval over the base rate with its interval.

    NaN where no window can be judged. ``spaces`` shares what is learned with other walks over the
    same samples.
    """
    models = {name: MODELS[name] for name in (_MODEL, _RIVAL)}
    odds = walk_forward(samples, is_query, protocol, models, spaces=spaces)
    rows = np.flatnonzero((samples.outcome >= 0) & np.isfinite(odds[_MODEL][:, 0]))
    if not len(rows):
        return math.nan, math.nan, math.nan
    outcome = samples.outcome[rows]
    gain = log_loss(odds[_RIVAL][rows], outcome) - log_loss(odds[_MODEL][rows], outcome)
    day = np.unique(samples.day[rows], return_inverse=True)[1]
    weight = episode_weights(np.unique(samples.episode[rows], return_inverse=True)[1])
    counts = day_counts(int(day.max()) + 1, RESAMPLES, protocol.settings.evaluation_seed)
    resampled = resampled_means(gain, weight, day, counts)
    return float(np.average(gain, weights=weight)), *interval(resampled)


def release_canaries(
    samples: Samples,
    is_query: NDArray[np.bool_],
    protocol: Protocol,
    tick: Callable[[str], None] = lambda name: None,
    spaces: Spaces | None = None,
) -> list[Canary]:
    """Measure how each leak changes the skill of learned retrieval over the base rate.

    The learned space has the same penalties with and without a leak.

    Args:
        samples: all windows of one direction.
        is_query: (n,) windows to judge.
        protocol: the honest one.
        tick: called with the name of each leak before its run.
        spaces: shares what another walk over the same samples has learned.

    Returns:
        One per leak; none where no window can be judged with the leak and without.
    """
    protocol = replace(protocol, penalties=_PENALTIES)
    # looser rules often learn from the same rows, on other days
    of_samples: Spaces = {} if spaces is None else spaces
    honest = skill_of(samples, is_query, protocol, of_samples)
    released: list[Canary] = []
    if math.isnan(honest[0]):
        return released

    def release(
        name: str,
        expectation: str,
        has_fired: Callable[[tuple[float, float, float]], bool],
        leaking: Samples = samples,
        rules: Protocol = protocol,
    ) -> None:
        tick(name)
        skill = skill_of(leaking, is_query, rules, of_samples if leaking is samples else None)
        if not math.isnan(skill[0]):
            change = skill[0] - honest[0]
            released.append(Canary(name, expectation, *skill, change, has_fired(skill)))

    release(
        "future return as a feature",
        "skill jumps above the honest interval",
        lambda skill: skill[1] > honest[2],
        with_future_return(samples),
    )
    release(
        "neighbors of the same day",
        "inflation is measured",
        lambda skill: skill[0] > honest[0],
        rules=replace(protocol, embargo_days=-1, purge=False),
    )
    release(
        "features one window from the future",
        "the result changes",
        lambda skill: skill[0] != honest[0],
        shifted(samples, 1),
    )
    release(
        "features one window from the past",
        "small loss only: the intervals overlap",
        lambda skill: skill[2] > honest[1],
        shifted(samples, -1),
    )
    release(
        "days of labels permuted",
        "no skill",
        lambda skill: skill[1] <= 0.0,
        with_days_of_labels_permuted(samples, protocol.settings.evaluation_seed),
    )
    release(
        "purge and embargo off",
        "the difference is reported",
        lambda skill: True,
        rules=replace(protocol, embargo_days=0, purge=False),
    )
    return released
