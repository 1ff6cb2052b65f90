"""Break and retest in words: the breaks of a day as a list, or one of them as a card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from spymaster_ingest.units import price_text

from spymaster.clock import LocalClock
from spymaster.levels.conditions import NET_SOURCE, NET_WORDS, conditions_sentence
from spymaster.levels.sentences import count_ticks
from spymaster.patterns.retests import ENDS, Earlier, RetestView
from spymaster.setups.odds_sentences import duration

Row = Mapping[str, Any]

NOT_KNOWN = "not known yet"
_LEAST_FOR_SHARES = 10
_WAYS = {"approach_up": "up", "approach_down": "down"}
_HELD = {"seconds": "held {hold} s", "bars": "closed past it"}
_STATES = {
    "all_four": "all four",
    "ahead_only": "ahead only",
    "behind_only": "behind only",
    "partial": "partial",
    "none": "none",
}
_OUTCOMES = {
    "CONTINUES": "went on",
    "FAILS": "failed",
    "CHOP": "neither",
    "CENSORED": "not known, the records end first",
    "THROUGH": "went through without a retest",
    "NO_RETEST": "did not come back",
}
# meaning of each verdict
_WORTH = {
    "supported": "the four conditions at the retest told more than the base rate",
    "contradicted": "what followed the four conditions on earlier days misled on later ones",
    "not shown": "the four conditions at the retest told no more than the base rate; trade on "
    "other grounds",
    "too few episodes": "too few retests to tell whether the four conditions at them say anything",
}
_NOT_EVALUATED = (
    "Verdict: not evaluated; nothing is known of what the four conditions at a retest are worth; "
    "run `spymaster evaluate`."
)


def print_retests(view: RetestView, console: Console) -> None:
    """Print the last break of a level as a card, or the breaks of all levels as a list.

    Args:
        view: the breaks, at least one.
        console: console to print on.
    """
    if view.level_id is not None:
        first, *lines = retest_card_lines(view)
        console.print(first, style="bold", markup=False)
        for line in lines:
            console.print(line, markup=False)
        return
    console.print(_list(view))
    if is_net(view.events[-1]):
        console.print(f"The four conditions are {NET_SOURCE}.", markup=False)
    for direction in _WAYS:
        if any(event["approach_dir"] == direction for event in view.events):
            for line in earlier_sentences(view.earlier[direction], direction, view.settings):
                console.print(line, markup=False)
    console.print(verdict_sentence(view.verdict), markup=False)


def retest_card_lines(view: RetestView) -> list[str]:
    """Return the card of the last break: its steps, the book at the retest, what followed before.

    Args:
        view: the breaks, at least one.
    """
    event = view.events[-1]
    moment = "" if view.at is None else f" {view.clock.time(view.at)}"
    others = len(view.events) - 1
    more = f" (break {others + 1} of the day)" if others else ""
    return [
        f"{view.symbol} {view.day}{moment} {view.clock.city}, {_level(event)}: "
        f"break and retest{more}",
        *step_sentences(event, view),
        *(_book_sentences(event, view) if event["retest_ts"] is not None else []),
        outcome_sentence(event, view.settings, view.clock),
        *earlier_sentences(
            view.earlier[event["approach_dir"]],
            event["approach_dir"],
            view.settings,
            event["turn_state"],
            is_net=is_net(event),
        ),
        verdict_sentence(view.verdict),
    ]


def step_sentences(event: Row, view: RetestView) -> list[str]:
    """Return when the level broke, how far price went, and when it came back."""
    way = _WAYS[event["approach_dir"]]
    direction = 1 if way == "up" else -1
    past = direction * (event["cross_price_int"] - event["level_price_int"]) // view.tick_int
    held = _HELD[view.basis].format(hold=view.settings["broken_hold_s"])
    broke = (
        f"Price broke {way} through {event['level_id']} at {view.clock.time(event['cross_ts'])}, "
        f"{count_ticks(past)} past it, and {held}."
    )
    if event["retest_ts"] is None:
        return [broke]
    deepest = event["retest_x_ticks"]
    depth = (
        "to the level itself"
        if deepest == 0
        else f"to {count_ticks(abs(deepest))} {'past it' if deepest > 0 else 'through it'}"
    )
    return [
        broke,
        f"It went as far as {count_ticks(event['excursion_ticks'])} past the level and came back "
        f"at {view.clock.time(event['retest_ts'])}, {_wait(event)} later, {depth}.",
    ]


def _book_sentences(event: Row, view: RetestView) -> list[str]:
    """Return what the book did at the retest; the side of the level is ahead of price."""
    conditions = conditions_sentence(view.conditions, view.words)
    lines = [f"The book then: {conditions}."]
    if view.conditions and view.conditions["level_price_int"] != event["level_price_int"]:
        moved = price_text(view.conditions["level_price_int"])
        lines.append(f"The level had moved to {moved} by then; this is the book around it there.")
    up, down, usual = event["above_score"], event["below_score"], view.usual_ease_difference
    if up is not None and down is not None and usual is not None:
        is_large = up != down and abs(up - down) >= view.words.ease_difference_ratio * usual
        way = f"up {'more' if up > down else 'less'} easily than"
        compared = way if is_large else "about as easily up as"
        lines.append(f"Price moved {compared} down (ease {up:.2f} against {down:.2f}).")
    rungs = [
        f"{side} {states[len(states) // 2].replace('_', ' ')}"
        for side, states in (("bids", event["bid_states"]), ("asks", event["ask_states"]))
        if states and states[len(states) // 2]
    ]
    if rungs:
        lines.append(f"At the level itself: {', '.join(rungs)}.")
    return lines


def outcome_sentence(event: Row, settings: Mapping[str, Any], clock: LocalClock) -> str:
    """Return how it ended, or that this is not known yet."""
    if not event["is_past"]:
        if event["retest_ts"] is None:
            return f"It has not come back within {count_ticks(settings['retest_ticks'])} yet."
        return f"What followed is {NOT_KNOWN}."
    far = count_ticks(settings["retest_outcome_ticks"])
    at = "" if event["outcome_ts"] is None else clock.time(event["outcome_ts"])
    return {
        "CONTINUES": f"It went on: {far} past the level first, at {at}.",
        "FAILS": f"It failed: {far} back through the level first, at {at}.",
        "CHOP": f"It did neither: within {duration(settings['retest_horizon_s'])} price went "
        f"neither {far} on nor {far} back.",
        "CENSORED": "What followed is not known: the records end first.",
        "THROUGH": f"It came back and went through the level at once, at {at}: no retest.",
        "NO_RETEST": "It did not come back before the records ended.",
    }[event["outcome"]]


def earlier_sentences(
    earlier: Earlier,
    direction: str,
    settings: Mapping[str, Any],
    state: str | None = None,
    *,
    is_net: bool = False,
) -> list[str]:
    """Return how often retests of earlier days ended each way, with their number.

    Args:
        earlier: the breaks of earlier days in the direction.
        direction: approach_up or approach_down.
        settings: vars of the build.
        state: state of the four conditions at the retest; with one, only retests with a known state
            are compared, which are of the same hours.
        is_net: whether the conditions come from market by price.
    """
    way = _WAYS[direction]
    ends, n_days, known = earlier.ends, earlier.n_days_of_ends, ""
    if state is not None:
        ends, n_days = earlier.ends_of_known, earlier.n_days_of_known
        known = " with the four conditions known" + f" {NET_WORDS}" * is_net
    if not ends:
        return [f"Earlier days have no retest after a break {way}{known}."]
    far = count_ticks(settings["retest_outcome_ticks"])
    lines = [
        f"On {_count(n_days, 'earlier day')} price came back {_count(ends.total(), 'time')} after "
        f"a break {way} of any level{known}: {_ends(ends)} ({far} on or back first, or neither in "
        f"{duration(settings['retest_horizon_s'])})."
    ]
    if state is not None:
        own = earlier.ends_of_state.get(state, Counter())
        lines.append(
            f"Of these {_count(own.total(), 'time')} in the same state ({_STATES[state]})"
            + (f": {_ends(own)}." if own else ".")
        )
    return lines


def is_net(row: Row) -> bool:
    """Return whether the conditions of a break or of a verdict come from market by price."""
    return bool(row["conditions_basis"] == "net")


def verdict_sentence(verdict: Row | None) -> str:
    """Return the verdict of the evaluation on the state at a retest, with its meaning."""
    if verdict is None:
        return _NOT_EVALUATED
    name = verdict["verdict"]
    net = f" {NET_WORDS}" if is_net(verdict) else ""
    return f"Verdict over all evaluated days{net}: {name}; {_WORTH[name]}."


def retests_document(view: RetestView) -> dict[str, Any]:
    """Return the breaks, the counts of earlier days and the verdict as JSON-ready data."""
    return {
        "symbol": view.symbol,
        "dt": view.day,
        "at": view.at,
        "basis": view.basis,
        "events": view.events,
        "earlier": {
            direction: {
                "n_days": earlier.n_days,
                "n_breaks": earlier.n_breaks,
                "n_through": earlier.n_through,
                "n_retests": earlier.ends.total(),
                "n_days_of_retests": earlier.n_days_of_ends,
                "outcomes": {name: earlier.ends[name] for name in ENDS},
                "outcomes_by_state": {
                    state: {name: ends[name] for name in ENDS}
                    for state, ends in earlier.ends_of_state.items()
                },
            }
            for direction, earlier in view.earlier.items()
        },
        "verdict": view.verdict,
    }


def _list(view: RetestView) -> Table:
    moment = "" if view.at is None else f" until {view.clock.time(view.at)}"
    basis = "" if view.basis == "seconds" else ", by closes of bars"
    title = f"{view.symbol} {view.day}{moment} {view.clock.city}, breaks and retests{basis}"
    table = Table(title=title, title_justify="left")
    for name in ("broke at", "level", "price", "way"):
        table.add_column(name)
    table.add_column("furthest", justify="right")
    for name in ("back at", "four conditions", "then"):
        table.add_column(name)
    for event in view.events:
        is_back = event["retest_ts"] is not None
        state = event["turn_state"]
        table.add_row(
            view.clock.time(event["cross_ts"]),
            event["level_id"],
            price_text(event["level_price_int"]),
            _WAYS[event["approach_dir"]],
            count_ticks(event["excursion_ticks"]) if is_back else "",
            view.clock.time(event["retest_ts"]) if is_back else "",
            "" if not is_back else _STATES.get(state, "not shown"),
            _ending(event, view.clock),
        )
    return table


def _ending(event: Row, clock: LocalClock) -> str:
    if not event["is_past"]:
        return NOT_KNOWN if event["retest_ts"] is not None else "not back yet"
    at = f" at {clock.time(event['outcome_ts'])}" if event["outcome_ts"] is not None else ""
    return _OUTCOMES[event["outcome"]] + at


def _ends(ends: Counter[str]) -> str:
    n = ends.total()
    parts = []
    for name in ENDS:
        # a share of a few says too much
        share = f" ({ends[name] / n:.0%})" if n >= _LEAST_FOR_SHARES else ""
        parts.append(f"{ends[name]} {_OUTCOMES[name]}{share}")
    return ", ".join(parts)


def _level(event: Row) -> str:
    return f"{event['level_id']} {price_text(event['level_price_int'])}"


def _wait(event: Row) -> str:
    """Return the time from the break to the retest in words."""
    minutes, seconds = divmod(int((event["retest_ts"] - event["cross_ts"]).total_seconds()), 60)
    parts = [_count(n, unit) for n, unit in ((minutes, "minute"), (seconds, "second")) if n]
    return " ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
