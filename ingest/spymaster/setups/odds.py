"""The odds of an answer in sentences: does price get there, what then, and what that is worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOT_EVALUATED = "not evaluated"

_THEN = (("break", "breaks"), ("reject", "is rejected"), ("chop", "chops"))
# what stands behind each verdict of the evaluation
_WORTH = {
    "useful": "on earlier days such odds beat every simpler rule",
    "not shown": "on earlier days such odds did not beat simpler rules; trade on other grounds",
    "too few episodes": "too few earlier approaches to tell what such odds are worth",
    NOT_EVALUATED: "nothing is known of what such odds are worth; run `spymaster evaluate`",
}


def odds_sentences(row: Mapping[str, Any]) -> list[str]:
    """Return what followed similar approaches, in the order a trader asks for it.

    Args:
        row: of gold.retrieval_outcomes.

    Returns:
        The odds beside their base rates at this distance, what they rest on, and their verdict;
        a reason and no odds where the neighbours are too few or unlike.
    """
    if not row["neighbors_ok"]:
        return [f"No odds: {_counts(row)} is too little to go by."]
    if not row["is_similar"]:
        return [
            "Nothing like it: even the most similar approaches of earlier days differ more "
            f"(similarity {row['mean_similarity']:.2f}, at least {row['similarity_floor']:.2f} "
            "is needed). No odds."
        ]
    then = ", ".join(
        f"{word} {row[f'p_{name}']:.0%} (usually {row[f'base_{name}']:.0%})" for name, word in _THEN
    )
    return [
        f"Gets to the level: {row['p_reached']:.0%} (usually {row['base_reached']:.0%} from "
        f"{row['distance_band']} ticks away).",
        f"Once there, price {then}.",
        f"This rests on {_counts(row)}, worth {row['n_eff']:.0f} independent ones.",
        verdict_sentence(row["verdict"]),
    ]


def verdict_sentence(verdict: str | None) -> str:
    """Return what a verdict of the evaluation says of the odds."""
    known = verdict or NOT_EVALUATED
    return f"Verdict: {known}; {_WORTH[known]}."


def _counts(row: Mapping[str, Any]) -> str:
    episodes, days = row["n_distinct_episodes"], row["n_distinct_days"]
    return (
        f"{episodes:,} similar {'approach' if episodes == 1 else 'approaches'} on {days:,} "
        f"earlier {'day' if days == 1 else 'days'}"
    )
