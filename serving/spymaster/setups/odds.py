"""The odds of an answer in sentences: does price get there, what then, and what that is worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOT_EVALUATED = "not evaluated"
# of an answer that is asked for with other settings than the lake was built with
OTHER_SETTINGS = "judged with other settings"
# where the approaches from a distance are too few for a share
TOO_FEW = "too few to say"

# what stands behind each verdict of the evaluation
_WORTH = {
    "useful": "on earlier days such odds beat every simpler rule",
    "not shown": "on earlier days such odds did not beat simpler rules; trade on other grounds",
    "too few episodes": "too few earlier approaches to tell what such odds are worth",
    NOT_EVALUATED: "nothing is known of what such odds are worth; run `spymaster evaluate`",
    OTHER_SETTINGS: "the evaluation judges odds of as many neighbors as the lake was built with",
}


def odds_sentences(row: Mapping[str, Any]) -> list[str]:
    """Return what followed similar approaches, in the order a trader asks for it.

    Args:
        row: of gold.retrieval_outcomes, with ``reach_ticks`` of gold.retrieval_settings.

    Returns:
        The odds beside their base rates at this distance, what they rest on, and their verdict;
        a reason and no odds where nothing was judged or the neighbors are too few or unlike.
    """
    if not row["is_judged"]:
        return [f"No odds: {not_judged(row)}."]
    if not row["neighbors_ok"]:
        return [f"No odds: {_counts(row)} is too little to go by."]
    if not row["is_similar"]:
        return [
            "Nothing like it: even the most similar approaches of earlier days differ more "
            f"(similarity {row['mean_similarity']:.2f}, at least {row['similarity_floor']:.2f} "
            "is needed). No odds."
        ]
    return [
        *_getting_there(row),
        _what_follows(row),
        f"This rests on {_counts(row)}, worth {row['n_eff']:.0f} independent ones.",
        verdict_sentence(row["verdict"]),
    ]


def not_judged(row: Mapping[str, Any]) -> str:
    """Return why nothing is known of what follows a moment outside the barriers."""
    barrier, distance = row["barrier_ticks"], abs(row["k_ticks"])
    if barrier is None:
        return "volatility is not known yet, and with it how far price may be from the level"
    if distance < barrier:
        return "nothing was judged from this moment"
    return (
        f"price is {_ticks(distance)} from the level, too far: nothing was judged from there; "
        f"wait until it is within {_ticks(barrier - 1)}"
    )


def _getting_there(row: Mapping[str, Any]) -> list[str]:
    """Return whether price comes to the level; nothing where it is there already."""
    if abs(row["k_ticks"]) <= row["reach_ticks"]:
        return []
    usual = _usual(row["base_reached"], f" from {row['distance_band']} ticks away")
    return [
        f"Comes within {_ticks(row['reach_ticks'])} of the level: "
        f"{percent(row['p_reached'])} {usual}."
    ]


def _what_follows(row: Mapping[str, Any]) -> str:
    """Return what price does at the level: how far, by when, and how often."""
    is_there = abs(row["k_ticks"]) <= row["reach_ticks"]
    barrier = _ticks(row["barrier_ticks"])
    words = {"break": f"{barrier} through", "reject": f"{barrier} back", "chop": "neither"}
    # one reason for all three: they are shares of the same approaches
    if row["base_break"] is None:
        shares = ", ".join(f"{word} {percent(row[f'p_{name}'])}" for name, word in words.items())
        shares += f" {_usual(None, '')}"
    else:
        shares = ", ".join(
            f"{word} {percent(row[f'p_{name}'])} {_usual(row[f'base_{name}'], '')}"
            for name, word in words.items()
        )
    within = f"Within {duration(row['horizon_s'])}" + ("" if is_there else " of being there")
    return f"{within}: {shares}."


def _usual(share: float | None, where: str) -> str:
    return f"(usual from here: {TOO_FEW})" if share is None else f"(usually {share:.0%}{where})"


def percent(share: float | None) -> str:
    """Return a share in percent, or that too few approaches say it."""
    return TOO_FEW if share is None else f"{share:.0%}"


def duration(seconds: int) -> str:
    """Return a time in words: whole minutes where it is some."""
    count, unit = (seconds // 60, "minute") if seconds % 60 == 0 else (seconds, "second")
    return f"{count} {unit if count == 1 else unit + 's'}"


def _ticks(count: int) -> str:
    return f"{count} {'tick' if count == 1 else 'ticks'}"


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
