"""The claim rule: useful, not shown, or too few episodes. Computed, never typed."""

from __future__ import annotations

from spymaster_engine.statistics.evaluation.bootstrap import LEAST_DAYS

USEFUL, NOT_SHOWN, TOO_FEW = "useful", "not shown", "too few episodes"

# the rivals a claim must beat: base rates, distance to the level, and models of its context
RIVALS = (
    "base_rate",
    "base_rate_by_kind_and_time",
    "base_rate_by_distance",
    "first_passage",
    "logistic_context",
    "lightgbm_context",
)
LEAST_EPISODES_OF_LEVEL = 300
CHANCE_QUANTILE = 0.95
CHANCE_DRAWS = 1_000


def verdict(
    skill_lo: float,
    ece: float,
    ece_chance_q95: float,
    n_days: int,
    n_episodes: int,
    least_episodes: int,
) -> str:
    """Apply the claim rule.

    Args:
        skill_lo: Lower bound of the 95 % day-bootstrap interval of the log-loss skill against
            the best rival, nats.
        ece: Expected calibration error.
        ece_chance_q95: Its 95 % quantile when outcomes follow the stated probabilities.
        n_days: Test days; a claim needs LEAST_DAYS.
        n_episodes: Test episodes.
        least_episodes: Least number for a claim.
    """
    if n_days < LEAST_DAYS or n_episodes < least_episodes:
        return TOO_FEW
    # NaN compares false, so unknown values claim nothing
    return USEFUL if skill_lo > 0.0 and ece < ece_chance_q95 else NOT_SHOWN
