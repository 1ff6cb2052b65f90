"""The answer card in words and tables; it says what is unknown."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from spymaster_ingest.units import price_text

from spymaster.levels.sentences import count_ticks
from spymaster.setups.links import with_links
from spymaster.setups.odds_sentences import (
    duration,
    family_sentences,
    is_of_spot,
    is_there,
    not_judged,
    odds_sentences,
    percent,
)
from spymaster.setups.read_answer import Answer, Row

_SHOWN_NEIGHBORS = 10
_CLASSES = ("break", "reject", "chop")
_MEANING_OF_SPOT = {
    "break": "price went on {ticks} first",
    "reject": "price turned back {ticks} first",
    "chop": "neither in time",
}
_MOVED = {"spot_up": "rose", "spot_down": "fell"}
_COMING = {"approach_up": "coming up to it", "approach_down": "coming down to it"}
# what price has done at the level, and where it is, by phase
_HAS_COME = {
    "at": "price has come to the level and is",
    "through": "price has passed the level and is",
    "back": "price has been at the level and is",
}
_PLACES = {"at": "at the level", "through": "past the level", "back": "back before the level"}
_MEANING = {
    "break": "{ticks} past the level first",
    "reject": "{ticks} back from it first",
    "chop": "neither in time",
}
_SPACES = {"robust_z": "all features at their scale", "learned": "what a model learned to heed"}


def print_card(
    answer: Answer,
    console: Console,
    approach: Sequence[str] = (),
    contributions: Sequence[str] = (),
    *,
    verbose: bool = False,
) -> None:
    """Print the card of an answer, short enough to read while price moves.

    Args:
        answer: the odds and their support.
        console: console to print on.
        approach: sentences on price, ladder and conditions; without any, the distance is printed.
        contributions: sentences on what speaks for a break and against it; printed with
            ``verbose``.
        verbose: whether to print intervals, other horizons and neighbors too.
    """
    first, distance = card_heading(answer)
    console.print(first, style="bold", markup=False)
    for line in approach or [distance]:
        console.print(line, markup=False)
    row = answer.horizons[answer.horizon]
    for line in [*family_sentences(answer.moment), *odds_sentences(row)]:
        console.print(line, markup=False)
    if not verbose:
        return
    console.print()
    for line in card_support(answer, row):
        console.print(line, markup=False)
    if row["is_similar"]:
        console.print(_odds(answer, row))
        for line in card_course(row):
            console.print(line, markup=False)
        console.print(_other_horizons(answer))
    for line in contributions:
        console.print(line, markup=False)
    if answer.neighbors:
        console.print(_neighbors(answer))
        for line in _links(answer):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.print(card_verdict(answer), markup=False)


def card_heading(answer: Answer) -> list[str]:
    """Return contract, time and level of an answer, and the distance of price."""
    moment = answer.moment
    price = price_text(moment["level_price_int"])
    first = f"{moment['symbol']} {answer.clock.day_and_time(moment['window_end_ts'])}"
    if is_of_spot(moment):
        return [
            f"{first}, spot {price}",
            f"price {_MOVED[moment['approach_dir']]} {abs(moment['move_ticks']):g} ticks over the "
            "last minute",
        ]
    ticks = abs(moment["k_ticks"])
    side = "below" if moment["k_ticks"] > 0 else "above"
    distance = f"price is {count_ticks(ticks)} {side} the level, {_COMING[moment['approach_dir']]}"
    if moment["decision_phase"] in _HAS_COME:
        place = f"{count_ticks(ticks)} {side} it" if ticks else "on it"
        distance = f"{_HAS_COME[moment['decision_phase']]} {place}"
    return [
        f"{first}, {moment['level_id']} {price}",
        distance,
    ]


def card_support(answer: Answer, row: Row) -> list[str]:
    """Return the support of an answer, or why it is too little."""
    moment = answer.moment
    levels = _words_of_pool(moment["pool_level_id"])
    if is_of_spot(moment):
        levels = "moves of the last minute"
    library = (
        f"library: {levels} of {_scope(moment)}, {moment['pool_episodes']:,} episodes "
        f"on {moment['pool_days']:,} earlier days"
    )
    if not row["is_judged"]:
        return [library, not_judged(row)]
    counts = (
        f"{row['n_neighbors']} neighbors from {row['n_distinct_episodes']} episodes "
        f"on {row['n_distinct_days']} days"
    )
    if not row["neighbors_ok"]:
        neighbors, days, episodes = answer.minima
        return [
            library,
            f"{counts}: too few for odds, which need {neighbors} from {episodes} episodes "
            f"on {days} days",
        ]
    likeness = f"mean similarity {row['mean_similarity']:.2f}, floor {row['similarity_floor']:.2f}"
    compared = f"{library}; compared by {_SPACES[row['space']]}"
    if not row["is_similar"]:
        return [compared, f"nothing like it: {counts}, {likeness}"]
    return [
        compared,
        f"it has looked like this before: {counts}, worth {row['n_eff']:.0f} independent "
        f"episodes; {likeness}",
    ]


def card_interval(answer: Answer, row: Row, share: float) -> tuple[float, float]:
    """Return the 95 % interval [Wilson] of a probability from ``n_eff`` independent episodes.

    The base rate counts with the same weight as in the probability.
    """
    from spymaster_engine.statistics.retrieval.outcomes import wilson_interval

    return wilson_interval(share, row["n_eff"] + answer.base_rate_weight)


def card_course(row: Row) -> list[str]:
    """Return the card's lines on the time to a barrier and the moves for and against a break."""
    lines = []
    if row["time_to_hit_q50_s"] is not None:
        there = "" if is_of_spot(row) or is_there(row) else "once there "
        lines.append(
            f"{there}{row['resolve_rate']:.0%} hit a barrier, half of those within "
            f"{row['time_to_hit_q50_s']:.0f} s from now"
        )
    on, back = "in favour of a break", "against it"
    if is_of_spot(row):
        on, back = "on", "back"
    lines.append(
        f"{on}: half went {row['mfe_q50_ticks']:.0f} ticks or more, "
        f"one in five {row['mfe_q80_ticks']:.0f} or more"
    )
    lines.append(
        f"{back}: half went {abs(row['mae_q50_ticks']):.0f} ticks or more, "
        f"one in five {abs(row['mae_q80_ticks']):.0f} or more"
    )
    return lines


def card_verdict(answer: Answer) -> str:
    """Return the verdict of the evaluation on these odds."""
    found = answer.verdict
    if found is None:
        return f"verdict: {answer.horizons[answer.horizon]['verdict']}"
    scope = _scope(answer.moment)
    line = f"verdict for {scope}, {found['verdict_run']}: {found['verdict']}"
    if found["skill"] is None:
        return line
    return (
        f"{line} (log-loss skill over {found['best_baseline']} {found['skill']:+.3f}, "
        f"95 % interval {found['skill_lo']:+.3f} to {found['skill_hi']:+.3f}, "
        f"{found['n_episodes']:,} episodes on {found['n_days']:,} days)"
    )


def _words_of_pool(pool: str) -> str:
    """Return which levels answer: all, those of a kind, or one."""
    if pool == "all":
        return "all levels"
    return f"levels of kind {pool.removeprefix('kind:')}" if pool.startswith("kind:") else pool


def _scope(moment: Row) -> str:
    """Return which decisions answer for a moment, and are judged with it."""
    place = _PLACES.get(moment["decision_phase"])
    return "this direction" + (f", price {place}" if place else "")


def card_document(answer: Answer) -> Row:
    """Return the card of an answer as JSON-ready data."""
    compared = family_sentences(answer.moment)
    return {
        "moment": answer.moment,
        **({"compared": " ".join(compared)} if compared else {}),
        "horizons": answer.horizons,
        "horizon": answer.horizon,
        "intervals": {
            name: {
                f"p_{outcome}": card_interval(answer, row, row[f"p_{outcome}"])
                for outcome in _CLASSES
                if row["is_similar"]
            }
            for name, row in answer.horizons.items()
        },
        "neighbors": [with_links(row, answer.clock) for row in answer.neighbors],
        "verdict": answer.verdict or {"verdict": answer.horizons[answer.horizon]["verdict"]},
    }


def _odds(answer: Answer, row: Row) -> Table:
    title, meaning = f"within {duration(row['horizon_s'])}", _MEANING_OF_SPOT
    if not is_of_spot(row):
        meaning = _MEANING
        title += "" if is_there(row) else " of being at the level"
    table = Table(title=title, title_justify="left")
    for name in ("", "probability", "95 % interval", "base rate", "at any distance"):
        table.add_column(name, justify="right" if name else "left")
    table.add_column("which means")
    for outcome in _CLASSES:
        low, high = card_interval(answer, row, row[f"p_{outcome}"])
        table.add_row(
            outcome.upper(),
            f"{row[f'p_{outcome}']:.0%}",
            f"{low:.0%} to {high:.0%}",
            percent(row[f"base_{outcome}"]),
            percent(row[f"base_all_{outcome}"]),
            meaning[outcome].format(ticks=count_ticks(row["barrier_ticks"])),
        )
    return table


def _other_horizons(answer: Answer) -> Table:
    table = Table(title="by horizon, base rate in brackets", title_justify="left")
    for name in ("horizon", "barrier", *(outcome.upper() for outcome in _CLASSES), "neighbors"):
        table.add_column(name, justify="left" if name == "horizon" else "right")
    for horizon, row in answer.horizons.items():
        shares = (
            [f"{row[f'p_{name}']:.0%} ({percent(row[f'base_{name}'])})" for name in _CLASSES]
            if row["is_similar"]
            else ["no odds"] * len(_CLASSES)
        )
        barrier = "" if row["barrier_ticks"] is None else f"{row['barrier_ticks']}"
        table.add_row(horizon, barrier, *shares, f"{row['n_neighbors']}")
    return table


def _neighbors(answer: Answer) -> Table:
    shown = answer.neighbors[:_SHOWN_NEIGHBORS]
    table = Table(title=f"the {len(shown)} nearest", title_justify="left")
    for name in ("date", answer.clock.city, "level"):
        table.add_column(name)
    table.add_column("similarity", justify="right")
    table.add_column("then")
    for name in ("after s", "most in favour", "most against"):
        table.add_column(name, justify="right")
    for row in shown:
        local = answer.clock.local(row["window_end_ts"])
        hit = row["time_to_hit_s"]
        table.add_row(
            f"{local:%Y-%m-%d}",
            f"{local:%H:%M:%S}",
            row["level_id"],
            f"{row['similarity']:.3f}",
            row["outcome"],
            "" if hit is None else f"{hit:.0f}",
            f"{row['mfe_ticks']:.0f}",
            f"{abs(row['mae_ticks']):.0f}",
        )
    return table


def _links(answer: Answer) -> list[str]:
    """Return the address of each printed neighbor on the screen, and its command."""
    lines = ["each on the screen of `spymaster serve`, and its own card:"]
    for neighbor in answer.neighbors[:_SHOWN_NEIGHBORS]:
        row = with_links(neighbor, answer.clock)
        local = answer.clock.local(row["window_end_ts"])
        name = f"{local:%Y-%m-%d %H:%M:%S} {row['level_id']} {row['outcome']}"
        lines += [f"{name}: {row['link']}", f"    {row['command']}"]
    return lines
