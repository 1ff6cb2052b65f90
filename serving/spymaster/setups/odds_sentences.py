"""The odds of an answer in sentences: reaching the level, the outcome, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOT_EVALUATED = "not evaluated"
# verdict of odds with other settings than the lake's
OTHER_SETTINGS = "judged with other settings"
# printed for a share of too few approaches
TOO_FEW = "too few to say"

# phase of decisions while price has not come to the level
APPROACHING = "approaching"
# family of the features of moments without a level
SPOT = "spot"
# market features of a day whose orders are known
MARKET_FEATURES = "market features (book, order flow, trades and options, without any level)"
# meaning of each verdict
_WORTH = {
    "useful": "on earlier days such odds beat every simpler rule",
    "not shown": "on earlier days such odds did not beat simpler rules; trade on other grounds",
    "too few episodes": "too few earlier approaches to tell what such odds are worth",
    NOT_EVALUATED: "nothing is known of what such odds are worth; run `spymaster evaluate`",
    OTHER_SETTINGS: "the evaluation judges odds of as many neighbors as the lake was built with",
}


def odds_sentences(row: Mapping[str, Any]) -> list[str]:
    """Return the odds from similar approaches, in the order a trader needs them.

    Args:
        row: row of gold.retrieval_outcomes, with ``reach_ticks`` of gold.retrieval_settings.

    Returns:
        The odds with their base rates at this distance, their support and their verdict. Without
        a judgement, or with too few or too different neighbors, the reason instead.
    """
    if not row["is_judged"]:
        return [f"No odds: {not_judged(row)}."]
    if not row["neighbors_ok"]:
        return [f"No odds: {_counts(row)} is too little to go by."]
    if not row["is_similar"]:
        return [
            f"Nothing like it: even the most similar {_noun(row, 2)} of earlier days differ more "
            f"(similarity {row['mean_similarity']:.2f}, at least {row['similarity_floor']:.2f} "
            "is needed). No odds."
        ]
    return [
        *_getting_there(row),
        _what_follows(row),
        f"This rests on {_counts(row)}, worth {row['n_eff']:.0f} independent ones.",
        verdict_sentence(row["verdict"]),
    ]


def family_sentences(moment: Mapping[str, Any]) -> list[str]:
    """Return a sentence on the compared features; empty where they are those of the level.

    Args:
        moment: the decision, with its ``retrieval_family`` and whether its contract-day
            ``has_order_flow``.
    """
    if is_of_spot(moment):
        return ["Compared by the book around spot, without any level."]
    if moment["retrieval_family"] != "market":
        return []
    if moment["has_order_flow"]:
        return [f"Compared by {MARKET_FEATURES}."]
    return [
        "Compared by market features of the ten best levels and the four conditions, net of what "
        "arrived: no market-by-order file is landed for this day, so order flow at the level is "
        "not known."
    ]


def is_of_spot(row: Mapping[str, Any]) -> bool:
    """Return whether an answer or a moment has no level: barriers lie around spot."""
    return row.get("retrieval_family") == SPOT


def _noun(row: Mapping[str, Any], count: int) -> str:
    """Return what is compared in a word: approaches to a level, or runs of moments without one."""
    one, many = ("move", "moves") if is_of_spot(row) else ("approach", "approaches")
    return one if count == 1 else many


def not_judged(row: Mapping[str, Any]) -> str:
    """Return why a moment was not judged."""
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
    """Return the odds that price reaches the level; empty if it is there already."""
    if is_there(row):
        return []
    usual = _usual(row["base_reached"], f" from {row['distance_band']} ticks away")
    return [
        f"Comes within {_ticks(row['reach_ticks'])} of the level: "
        f"{percent(row['p_reached'])} {usual}."
    ]


def is_there(row: Mapping[str, Any]) -> bool:
    """Return whether price has come to the level: it stands near, or its course has reached it."""
    has_reached = row.get("decision_phase") not in (None, APPROACHING)
    return has_reached or abs(row["k_ticks"]) <= row["reach_ticks"]


def _what_follows(row: Mapping[str, Any]) -> str:
    """Return the odds of each outcome at the level, with barrier and horizon."""
    has_come = is_there(row)
    barrier = _ticks(row["barrier_ticks"])
    words = {"break": f"{barrier} through", "reject": f"{barrier} back", "chop": "neither"}
    if is_of_spot(row):
        words |= {"break": f"price went on {barrier}", "reject": f"turned back {barrier}"}
    # all three are shares of the same approaches, so they lack a base rate together
    if row["base_break"] is None:
        shares = ", ".join(f"{word} {percent(row[f'p_{name}'])}" for name, word in words.items())
        shares += f" {_usual(None, '')}"
    else:
        shares = ", ".join(
            f"{word} {percent(row[f'p_{name}'])} {_usual(row[f'base_{name}'], '')}"
            for name, word in words.items()
        )
    within = f"Within {duration(row['horizon_s'])}" + ("" if has_come else " of being there")
    return f"{within}: {shares}."


def _usual(share: float | None, where: str) -> str:
    return f"(usual from here: {TOO_FEW})" if share is None else f"(usually {share:.0%}{where})"


def percent(share: float | None) -> str:
    """Return a share in percent, or ``TOO_FEW``."""
    return TOO_FEW if share is None else f"{share:.0%}"


def duration(seconds: int) -> str:
    """Return a time in words, in minutes if they are whole."""
    count, unit = (seconds // 60, "minute") if seconds % 60 == 0 else (seconds, "second")
    return f"{count} {unit if count == 1 else unit + 's'}"


def _ticks(count: int) -> str:
    return f"{count} {'tick' if count == 1 else 'ticks'}"


def verdict_sentence(verdict: str | None) -> str:
    """Return a verdict of the evaluation with its meaning."""
    known = verdict or NOT_EVALUATED
    return f"Verdict: {known}; {_WORTH[known]}."


def _counts(row: Mapping[str, Any]) -> str:
    episodes, days = row["n_distinct_episodes"], row["n_distinct_days"]
    return (
        f"{episodes:,} similar {_noun(row, episodes)} on {days:,} "
        f"earlier {'day' if days == 1 else 'days'}"
    )
