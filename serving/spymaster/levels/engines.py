"""Barrier, tape, fuel and break score of a level in a trader's words.

Every number has its window, its zone and its unit. No word predicts price: a score is a rule with
constants, and an evaluation says what it is worth.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spymaster.clock import LocalClock
from spymaster.levels.settings import WordSettings
from spymaster.setups.odds_sentences import NOT_EVALUATED, duration

Row = Mapping[str, Any]

NOT_KNOWN = "not known"
_DEFENDERS = {"RESISTANCE": "asks", "SUPPORT": "bids"}
_FLOWS = {"barrier_canceled": "pulled", "barrier_added": "added", "barrier_filled": "eaten"}
# change of the standing depth from which it counts as more or fewer, whatever came and went
_CHANGED_SHARE = 0.125
# eaten, as a share of pulled, from which both are named
_BOTH_SHARE = 0.5
_MILLION = 1_000_000
# meaning of each verdict of the evaluation
_WORTH = {
    "better": "it told more of what followed than distance alone",
    "not shown": "it told no more of what followed than distance alone; trade on other grounds",
    "worse": "it misled, a higher score came before more rejections",
    "too few episodes": "too few to tell what it is worth",
}
_ALL = "barrier, tape, fuel and score"
_MS_PER_S = 1000
# smallest velocity that is not printed as 0.0
_LEAST_VELOCITY = 0.05


def engine_sentences(
    row: Row,
    constants: Mapping[str, float],
    settings: WordSettings,
    clock: LocalClock,
    *,
    is_valid: bool,
    has_options: bool,
) -> list[str]:
    """Return barrier, tape, fuel and score of a level, a sentence each.

    Args:
        row: row of ``gold.break_score_1s`` with the readings of the three engines.
        constants: seed ``engine_constants`` by name.
        settings: settings of the build.
        clock: the lake's clock.
        is_valid: whether the book of the second can be trusted.
        has_options: whether the second has options.
    """
    return [
        barrier_sentence(row, constants, settings, is_valid=is_valid),
        tape_sentence(row, constants),
        fuel_sentence(row, constants, has_options=has_options),
        score_sentence(row, constants, clock),
    ]


def no_engines_sentence(
    facts: Row, constants: Mapping[str, float], *, has_orders: bool = True
) -> str:
    """Return why an active level has no row of the engines.

    Args:
        facts: is_primary and k_ticks of the level.
        constants: seed ``engine_constants`` by name; empty if the lake has no engines.
        has_orders: whether market by order of the day is landed.
    """
    if not constants:
        why = "not in this lake"
    elif not has_orders:
        why = "no market-by-order file is landed for this day"
    elif facts["k_ticks"] is None:
        why = "no spot"
    elif not facts["is_primary"]:
        why = "only the first level of a stack has them"
    elif abs(facts["k_ticks"]) > constants["engine_max_k_ticks"]:
        why = f"more than {constants['engine_max_k_ticks']:g} ticks from spot"
    else:
        why = "outside of surface_window"
    return f"{_ALL}: not shown ({why})"


def barrier_sentence(
    row: Row, constants: Mapping[str, float], settings: WordSettings, *, is_valid: bool
) -> str:
    """Return what the side that defends the level does, and what rests there."""
    if row["direction"] is None:
        return f"barrier: {NOT_KNOWN} (price has been at the level from its first second)"
    side, zone = _DEFENDERS[row["direction"]], _zone(constants, "barrier_zone_ticks")
    window = duration(round(constants["w_barrier_s"]))
    if row["barrier_depth_in_zone"] is None:
        why = f"the book does not reach all prices {zone}" if is_valid else "the book is not valid"
        return f"barrier: {NOT_KNOWN} ({why} in this second)"
    rests = f"{_count(row['barrier_depth_in_zone'], 'no')} {side} rest {zone}"
    if row["barrier_wall_ratio"] is not None:
        mean_over = duration(round(constants["w_wall_s"]))
        rests += f", {row['barrier_wall_ratio']:.2f} times the mean of {mean_over}"
    if row["barrier_state"] is None:
        least = f"{constants['valid_share_min']:.0%}"
        return (
            f"barrier: {NOT_KNOWN} (the book is known in less than {least} of the last {window}); "
            f"{rests}"
        )
    return f"barrier: {barrier_words(row, settings)}: {_flows(row)} in {window}; {rests}"


def barrier_words(row: Row, settings: WordSettings) -> str:
    """Return what the defending side does in a few words, with its state.

    The words follow the flows behind a state: VACUUM and ABSORPTION do not say whether trades or
    cancels took the depth.
    """
    side = _DEFENDERS[row["direction"]]
    words = {
        "VACUUM": _leaving(row, side),
        "WALL": f"{side} build",
        "CONSUMED": f"{side} are eaten",
        "ABSORPTION": _absorbing(row, side, settings),
        "WEAK": f"{'few' if row['barrier_depth_in_zone'] else 'no'} {side}",
        "NEUTRAL": _changing(row, side, settings),
    }[row["barrier_state"]]
    return f"{words} ({row['barrier_state']})"


def _leaving(row: Row, side: str) -> str:
    pulled, eaten = row["barrier_canceled"], row["barrier_filled"]
    if eaten > pulled:
        return f"{side} are eaten and not refilled"
    if eaten >= _BOTH_SHARE * pulled:
        return f"{side} withdraw and are eaten"
    return f"{side} withdraw"


def _absorbing(row: Row, side: str, settings: WordSettings) -> str:
    filled = row["barrier_filled"]
    if filled >= settings.ladder_min_contracts:
        refilled = "refilled" if row["barrier_added"] >= filled else "partly refilled"
        return f"{side} are eaten and {refilled}"
    return f"{_changing(row, side, settings)}, {'hardly any' if filled else 'none'} eaten"


def _changing(row: Row, side: str, settings: WordSettings) -> str:
    change = row["barrier_delta_liq"]
    start = max(row["barrier_depth_in_zone"] - change, 0)
    if abs(change) >= max(settings.ladder_min_contracts, _CHANGED_SHARE * start):
        return f"{'more' if change > 0 else 'fewer'} {side}"
    if row["barrier_churn"] < settings.ladder_min_contracts:
        return f"{side} rest"
    return f"{side} come and go"


def _flows(row: Row) -> str:
    """Return the flows of the zone, the largest first."""
    if not row["barrier_churn"]:
        return "nothing added, pulled or eaten"
    order = sorted(_FLOWS, key=lambda name: -row[name])
    return ", ".join(
        f"{f'{row[name]:,}' if row[name] else 'none'} {_FLOWS[name]}" for name in order
    )


def tape_sentence(row: Row, constants: Mapping[str, float]) -> str:
    """Return who trades at the level, how fast price moves, and the largest sweep."""
    window = duration(round(constants["w_tape_s"]))
    zone = f"{_zone(constants, 'tape_band_ticks')} in {window}"
    if row["tape_buy_vol"] + row["tape_sell_vol"]:
        traded = f"buyers {row['tape_buy_vol']:,}, sellers {row['tape_sell_vol']:,} {zone}"
    else:
        traded = f"no buyer or seller {zone}"
    return f"tape: {traded}; {_velocity(row, constants)}; {_sweep(row, constants)}"


def _velocity(row: Row, constants: Mapping[str, float]) -> str:
    over, velocity = duration(round(constants["w_velocity_s"])), row["tape_velocity_ticks_s"]
    if velocity is None:
        least = round(constants["velocity_min_trades"])
        return f"speed {NOT_KNOWN} (fewer than {least} trades at different times in {over})"
    if abs(velocity) < _LEAST_VELOCITY:
        return f"price stands over {over}"
    return f"price {'rises' if velocity > 0 else 'falls'} {abs(velocity):.1f} ticks/s over {over}"


def _sweep(row: Row, constants: Mapping[str, float]) -> str:
    if not row["tape_sweep_detected"]:
        return f"no sweep of {_usd(constants['sweep_notional_usd'])}"
    who = "buyers" if row["tape_sweep_direction"] == "UP" else "sellers"
    worth, ago = _usd(row["tape_sweep_notional"]), f"{row['tape_sweep_age_s']:.0f} s ago"
    prints, span = row["tape_sweep_num_prints"], row["tape_sweep_span_ms"]
    if prints == 1:
        return f"{who} took {worth} in one print {ago}"
    within = f"within {span / _MS_PER_S:.1f} s"
    if span < _MS_PER_S:
        # orders match at one time of the exchange, or at two that print alike
        within = f"within {span:.0f} ms" if round(span) else "at once"
    return f"{who} swept {worth} in {prints:,} prints {within}, {ago}"


def fuel_sentence(row: Row, constants: Mapping[str, float], *, has_options: bool) -> str:
    """Return how option trades near the level changed the gamma of dealers.

    Dealers are taken as the other side of every option trade.
    """
    strikes = round(constants["fuel_strike_steps"])
    near = f"within {strikes} strikes in {duration(round(constants['w_fuel_s']))}"
    if not row["fuel_available"]:
        why = f"no option trades landed, or the gamma of one {near} is {NOT_KNOWN}"
        return (
            f"fuel: not available ({why if has_options else 'no options'}); the score takes NEUTRAL"
        )
    gamma = row["fuel_net_dealer_gamma"]
    if not round(gamma):
        return f"fuel: dealers' gamma unchanged by option trades {near} ({row['fuel_effect']})"
    hedging = {
        "AMPLIFY": "hedging would feed a move",
        "DAMPEN": "hedging would damp a move",
        "NEUTRAL": f"little beside {constants['fuel_effect_gamma']:,.0f}",
    }[row["fuel_effect"]]
    change = f"{'gain' if gamma > 0 else 'lose'} {abs(gamma):,.0f} USD of gamma per point squared"
    return (
        f"fuel: dealers, as the other side of option trades {near}, {change}: {hedging} "
        f"({row['fuel_effect']})"
    )


def score_sentence(row: Row, constants: Mapping[str, float], clock: LocalClock) -> str:
    """Return the score with its signal, what it is, and its parts and weights."""
    if row["score_smooth"] is None:
        return f"score: {NOT_KNOWN} without a barrier state"
    way = "up" if row["break_direction"] == "UP" else "down"
    parts = " + ".join(
        f"{name} {row[f's_{part}']:.0f} x {constants[f'w_{part}']:.2f}"
        for name, part in (("barrier", "l"), ("fuel", "h"), ("tape", "t"))
    )
    return (
        f"{score_words(row, constants, clock)}{_missing(row, constants)}; no probability but a "
        f"hand-made number, 100 where all parts speak for a break {way}: {parts}, smoothed over "
        f"{constants['tau_score']:g} s"
    )


def score_words(row: Row, constants: Mapping[str, float], clock: LocalClock) -> str:
    """Return the score and its signal in a few words."""
    if row["score_smooth"] is None:
        return f"score {NOT_KNOWN}"
    words = f"score {_whole(row['score_smooth'], constants)} of 100"
    if row["signal"] == "NEUTRAL":
        return f"{words}, no signal"
    return f"{words}, {row['signal']} since {clock.short_time(row['signal_since_ts'])}"


def _missing(row: Row, constants: Mapping[str, float]) -> str:
    """Return what a signal needs besides its bound, if the score is beyond it without a signal."""
    score, hold = row["score_smooth"], f"{constants['hold_s']:g} s"
    if row["signal"] == "NEUTRAL" and score > constants["break_score_min"]:
        return f" (BREAK needs {hold} above {constants['break_score_min']:g})"
    if row["signal"] == "NEUTRAL" and score < constants["reject_score_max"]:
        return f" (REJECT needs {hold} below {constants['reject_score_max']:g} and a touch)"
    return ""


def score_verdict_sentence(verdict: Row | None) -> str:
    """Return what the score is worth by the evaluation of the lake.

    Args:
        verdict: row of ``gold.eval_break_score`` with the verdict of a product; None without one.
    """
    if verdict is None:
        return (
            f"Verdict of the score: {NOT_EVALUATED}; nothing is known of what it is worth; "
            "run `spymaster evaluate`."
        )
    days, episodes = verdict["n_days"], verdict["n_episodes"]
    judged = (
        f"over {episodes:,} {'approach' if episodes == 1 else 'approaches'} on {days:,} judged "
        f"{'day' if days == 1 else 'days'} of this lake"
    )
    return f"Verdict of the score: {verdict['verdict']}; {judged}: {_WORTH[verdict['verdict']]}."


def _whole(score: float, constants: Mapping[str, float]) -> int:
    """Return a whole score on the same side of the bounds of signals as the score."""
    whole = round(score)
    if score > constants["break_score_min"] >= whole:
        return whole + 1
    if score < constants["reject_score_max"] <= whole:
        return whole - 1
    return whole


def _zone(constants: Mapping[str, float], name: str) -> str:
    ticks = round(constants[name])
    return f"within {ticks} {'tick' if ticks == 1 else 'ticks'} of the level"


def _count(contracts: int, nothing: str) -> str:
    return f"{contracts:,}" if contracts else nothing


def _usd(amount: float) -> str:
    return f"{amount / _MILLION:,.1f} M USD"
