"""What the report says of market features: which odds compare them, and what they add."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spymaster_engine.statistics.evaluation.ablations import ONLY_MARKET, WHOLE, WITH_MARKET
from spymaster_engine.statistics.retrieval.settings import MARKET

from spymaster.evaluation.result_rows import ABLATION, ALL, Row
from spymaster.setups.odds_sentences import MARKET_FEATURES

_NAMED = MARKET_FEATURES.capitalize()
_GAIN = f"skill_vs_{ABLATION}{WHOLE}"
# per variant: what it sees, then what a gain, a loss and neither mean
_WORDS = {
    WITH_MARKET: (
        f"{_NAMED} beside the level's vector",
        "they add {value} nats per episode",
        "they cost {value} nats per episode",
        "that they add anything is not shown: {value} nats per episode",
    ),
    ONLY_MARKET: (
        f"{_NAMED} alone, in place of vector and context",
        "they know more, by {value} nats per episode",
        "they know less, by {value} nats per episode",
        "a difference is not shown: {value} nats per episode",
    ),
}


def family_lines(verdicts: Sequence[Row]) -> list[str]:
    """Return a line on the compared features; empty where they are those of the level.

    Args:
        verdicts: rows of eval_retrieval_verdict of a product and horizon.
    """
    if not any(row["retrieval_family"] == MARKET for row in verdicts):
        return []
    return [
        f"The odds compare {MARKET_FEATURES}; a day without orders has those of the ten best "
        "levels only.",
        "",
    ]


def market_lines(found: Mapping[tuple[str, str, str], Row]) -> list[str]:
    """Return what market features add to the learned space; empty without their ablations.

    Args:
        found: rows of eval_retrieval_metrics of a direction by slice, model and metric.
    """
    lines = []
    for variant, (sees, gains, loses, neither) in _WORDS.items():
        row = found.get((ALL, f"{ABLATION}{variant}", _GAIN))
        if row is None:
            continue
        value, low, high = row["value"], row["lo"], row["hi"]
        # a single day has no spread
        if low is None or high is None or low == high:
            lines += [f"{sees}: too few days to tell ({value:+.3f} nats per episode).", ""]
            continue
        # a gain or a loss is stated by its size
        words, shown = neither, f"{value:+.3f}"
        if low > 0 or high < 0:
            words, shown = gains if low > 0 else loses, f"{abs(value):.3f}"
        interval = f"95 % interval of the gain {low:+.3f} to {high:+.3f}"
        lines += [f"{sees}: {words.format(value=shown)} ({interval}).", ""]
    return lines
