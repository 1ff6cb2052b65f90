"""Hand-made readings of the level engines, with the sentence a trader would agree with."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from spymaster.cli import cli
from spymaster.levels.engines import (
    barrier_sentence,
    fuel_sentence,
    no_engines_sentence,
    score_sentence,
    score_verdict_sentence,
    score_words,
    tape_sentence,
)
from spymaster_ingest.lake import LAKE_VARIABLE
from support.clock import NEW_YORK
from support.level_words_lake import DAY, engine_constants, write_lake
from support.settings import word_settings

CONSTANTS = engine_constants()
SETTINGS = word_settings()
SINCE = dt.datetime(2025, 10, 16, 14, 12, 3)


def row(**changes: Any) -> dict[str, Any]:
    """Return a row of readings above spot with changes to it."""
    calm: dict[str, Any] = {
        "direction": "RESISTANCE",
        "break_direction": "UP",
        "barrier_depth_in_zone": 120,
        "barrier_wall_ratio": 0.4,
        "tape_buy_vol": 312,
        "tape_sell_vol": 88,
        "tape_velocity_ticks_s": 1.4,
        "tape_sweep_detected": False,
        "tape_sweep_direction": None,
        "tape_sweep_num_prints": None,
        "tape_sweep_span_ms": None,
        "tape_sweep_notional": None,
        "tape_sweep_age_s": None,
        "fuel_available": True,
        "fuel_net_dealer_gamma": 0.0,
        "fuel_effect": "NEUTRAL",
        "s_l": 100.0,
        "s_h": 50.0,
        "s_t": 33.4,
        "score_smooth": 84.2,
        "signal": "BREAK",
        "signal_since_ts": SINCE,
    }
    return calm | changes


def barrier(state: str, added: int, canceled: int, filled: int, **changes: Any) -> dict[str, Any]:
    """Return a row with a state and the flows behind it."""
    return row(
        barrier_state=state,
        barrier_added=added,
        barrier_canceled=canceled,
        barrier_filled=filled,
        barrier_delta_liq=added - canceled - filled,
        barrier_churn=added + canceled + filled,
        **changes,
    )


BARRIERS = {
    "asks are pulled": (
        barrier("VACUUM", 42, 310, 15),
        "asks withdraw (VACUUM): 310 pulled, 42 added, 15 eaten",
    ),
    "bids are pulled below": (
        barrier("VACUUM", 42, 310, 15, direction="SUPPORT"),
        "bids withdraw (VACUUM): 310 pulled, 42 added, 15 eaten",
    ),
    "half as many are eaten as are pulled": (
        barrier("VACUUM", 0, 200, 100),
        "asks withdraw and are eaten (VACUUM): 200 pulled, 100 eaten, none added",
    ),
    "fewer than half": (
        barrier("VACUUM", 0, 200, 99),
        "asks withdraw (VACUUM): 200 pulled, 99 eaten, none added",
    ),
    "a vacuum that trades made is no withdrawal": (
        barrier("VACUUM", 42, 15, 310),
        "asks are eaten and not refilled (VACUUM): 310 eaten, 42 added, 15 pulled",
    ),
    "depth grows": (
        barrier("WALL", 1620, 210, 30),
        "asks build (WALL): 1,620 added, 210 pulled, 30 eaten",
    ),
    "depth is eaten": (
        barrier("CONSUMED", 600, 200, 700),
        "asks are eaten (CONSUMED): 700 eaten, 600 added, 200 pulled",
    ),
    "trades are absorbed": (
        barrier("ABSORPTION", 360, 100, 240),
        "asks are eaten and refilled (ABSORPTION): 360 added, 240 eaten, 100 pulled",
    ),
    "twenty contracts eaten are absorption": (
        barrier("ABSORPTION", 60, 10, 20),
        "asks are eaten and refilled (ABSORPTION): 60 added, 20 eaten, 10 pulled",
    ),
    "nineteen are too few": (
        barrier("ABSORPTION", 60, 10, 19),
        "more asks, hardly any eaten (ABSORPTION): 60 added, 19 eaten, 10 pulled",
    ),
    "balanced, and not all that was eaten came back": (
        barrier("ABSORPTION", 30, 0, 76),
        "asks are eaten and partly refilled (ABSORPTION): 76 eaten, 30 added, none pulled",
    ),
    "balanced without a trade": (
        barrier("ABSORPTION", 300, 295, 0),
        "asks come and go, none eaten (ABSORPTION): 300 added, 295 pulled, none eaten",
    ),
    "nothing happens": (
        barrier("NEUTRAL", 10, 9, 0),
        "asks rest (NEUTRAL): 10 added, 9 pulled, none eaten",
    ),
    "as much comes as goes": (
        barrier("NEUTRAL", 50, 45, 5),
        "asks come and go (NEUTRAL): 50 added, 45 pulled, 5 eaten",
    ),
    "depth falls, but is refilled too well for a vacuum": (
        barrier("NEUTRAL", 300, 600, 100),
        "fewer asks (NEUTRAL): 600 pulled, 300 added, 100 eaten",
    ),
    "depth rises, but not fast enough for a wall": (
        barrier("NEUTRAL", 500, 380, 0),
        "more asks (NEUTRAL): 500 added, 380 pulled, none eaten",
    ),
    "a change that is small beside the depth": (
        barrier("NEUTRAL", 100, 0, 0, barrier_depth_in_zone=1000),
        "asks come and go (NEUTRAL): 100 added, none pulled, none eaten",
    ),
    "little is there": (
        barrier("WEAK", 0, 10, 5, barrier_depth_in_zone=39),
        "few asks (WEAK): 10 pulled, 5 eaten, none added",
    ),
    "nothing is there": (
        barrier("WEAK", 0, 0, 0, barrier_depth_in_zone=0),
        "no asks (WEAK): nothing added, pulled or eaten",
    ),
}


@pytest.mark.parametrize(("found", "words"), BARRIERS.values(), ids=BARRIERS.keys())
def test_what_a_barrier_does(found: dict[str, Any], words: str) -> None:
    sentence = barrier_sentence(found, CONSTANTS, SETTINGS, is_valid=True)
    assert sentence.startswith(f"barrier: {words} in 4 minutes; ")


@pytest.mark.parametrize(
    ("depth", "ratio", "words"),
    [
        (120, 0.4, "120 asks rest within 8 ticks of the level, 0.40 times the mean of 5 minutes"),
        (
            1200,
            0.071,
            "1,200 asks rest within 8 ticks of the level, 0.07 times the mean of 5 minutes",
        ),
        (120, None, "120 asks rest within 8 ticks of the level"),
        (0, None, "no asks rest within 8 ticks of the level"),
    ],
)
def test_what_rests_in_a_barrier(depth: int, ratio: float | None, words: str) -> None:
    depths = {"barrier_depth_in_zone": depth, "barrier_wall_ratio": ratio}
    sentence = barrier_sentence(
        barrier("NEUTRAL", 10, 9, 0, **depths), CONSTANTS, SETTINGS, is_valid=True
    )
    assert sentence.endswith(f" in 4 minutes; {words}")


@pytest.mark.parametrize(
    ("unknown", "is_valid", "words"),
    [
        ({"direction": None}, True, "(price has been at the level from its first second)"),
        (
            {"barrier_depth_in_zone": None},
            True,
            "(the book does not reach all prices within 8 ticks of the level in this second)",
        ),
        ({"barrier_depth_in_zone": None}, False, "(the book is not valid in this second)"),
        (
            {"barrier_wall_ratio": None},
            True,
            "(the book is known in less than 90% of the last 4 minutes); "
            "120 asks rest within 8 ticks of the level",
        ),
    ],
)
def test_why_a_barrier_is_not_known(unknown: dict[str, None], is_valid: bool, words: str) -> None:
    found = row(barrier_state=None, **unknown)
    sentence = barrier_sentence(found, CONSTANTS, SETTINGS, is_valid=is_valid)
    assert sentence == f"barrier: not known {words}"


SPEED_UNKNOWN = "speed not known (fewer than 3 trades at different times in 3 seconds)"
NO_SWEEP = "no sweep of 0.5 M USD"


def sweep(direction: str, usd: float, prints: int, span_ms: float, age_s: float) -> dict[str, Any]:
    """Return the columns of a sweep."""
    return {
        "tape_sweep_detected": True,
        "tape_sweep_direction": direction,
        "tape_sweep_notional": usd,
        "tape_sweep_num_prints": prints,
        "tape_sweep_span_ms": span_ms,
        "tape_sweep_age_s": age_s,
    }


TAPES: dict[str, tuple[dict[str, Any], str]] = {
    "buyers lead": (
        {},
        "buyers 312, sellers 88 within 2 ticks of the level in 1 minute; "
        f"price rises 1.4 ticks/s over 3 seconds; {NO_SWEEP}",
    ),
    "price falls": (
        {"tape_velocity_ticks_s": -0.05},
        "buyers 312, sellers 88 within 2 ticks of the level in 1 minute; "
        f"price falls 0.1 ticks/s over 3 seconds; {NO_SWEEP}",
    ),
    "what would print as zero stands": (
        {"tape_velocity_ticks_s": -0.049, "tape_buy_vol": 1_312, "tape_sell_vol": 0},
        "buyers 1,312, sellers 0 within 2 ticks of the level in 1 minute; "
        f"price stands over 3 seconds; {NO_SWEEP}",
    ),
    "nothing trades at the level": (
        {"tape_velocity_ticks_s": None, "tape_buy_vol": 0, "tape_sell_vol": 0},
        f"no buyer or seller within 2 ticks of the level in 1 minute; {SPEED_UNKNOWN}; {NO_SWEEP}",
    ),
    "a sweep": (
        sweep("UP", 1_249_999.0, 14, 85.4, 8.2),
        "buyers 312, sellers 88 within 2 ticks of the level in 1 minute; "
        "price rises 1.4 ticks/s over 3 seconds; "
        "buyers swept 1.2 M USD in 14 prints within 85 ms, 8 s ago",
    ),
    "a sweep by one order": (
        sweep("UP", 1_249_999.0, 3, 0.0, 8.2),
        "buyers 312, sellers 88 within 2 ticks of the level in 1 minute; "
        "price rises 1.4 ticks/s over 3 seconds; "
        "buyers swept 1.2 M USD in 3 prints at once, 8 s ago",
    ),
    "a long sweep down": (
        sweep("DOWN", 1_250_000_000.0, 1400, 1000.0, 0.0),
        "buyers 312, sellers 88 within 2 ticks of the level in 1 minute; "
        "price rises 1.4 ticks/s over 3 seconds; "
        "sellers swept 1,250.0 M USD in 1,400 prints within 1.0 s, 0 s ago",
    ),
    "one print is no sweep in words": (
        sweep("DOWN", 672_000.0, 1, 0.0, 59.6),
        "buyers 312, sellers 88 within 2 ticks of the level in 1 minute; "
        "price rises 1.4 ticks/s over 3 seconds; sellers took 0.7 M USD in one print 60 s ago",
    ),
}


@pytest.mark.parametrize(("changes", "words"), TAPES.values(), ids=TAPES.keys())
def test_tape(changes: dict[str, Any], words: str) -> None:
    assert tape_sentence(row(**changes), CONSTANTS) == f"tape: {words}"


@pytest.mark.parametrize(
    ("gamma", "effect", "words"),
    [
        (-12_400.4, "AMPLIFY", "lose 12,400 USD of gamma per point squared: hedging would feed"),
        (12_400.0, "DAMPEN", "gain 12,400 USD of gamma per point squared: hedging would damp"),
        (-34.4, "NEUTRAL", "lose 34 USD of gamma per point squared: little beside 10,000"),
    ],
)
def test_fuel(gamma: float, effect: str, words: str) -> None:
    found = row(fuel_net_dealer_gamma=gamma, fuel_effect=effect)
    ending = "" if effect == "NEUTRAL" else " a move"
    assert fuel_sentence(found, CONSTANTS, has_options=True) == (
        "fuel: dealers, as the other side of option trades within 3 strikes in 1 minute, "
        f"{words}{ending} ({effect})"
    )


@pytest.mark.parametrize("gamma", [0.0, 0.4, -0.4])
def test_no_fuel(gamma: float) -> None:
    sentence = fuel_sentence(row(fuel_net_dealer_gamma=gamma), CONSTANTS, has_options=True)
    assert sentence == (
        "fuel: dealers' gamma unchanged by option trades within 3 strikes in 1 minute (NEUTRAL)"
    )


def test_why_fuel_is_not_available() -> None:
    found = row(fuel_available=False, fuel_net_dealer_gamma=None, fuel_effect=None)
    assert fuel_sentence(found, CONSTANTS, has_options=False) == (
        "fuel: not available (no options); the score takes NEUTRAL"
    )
    assert fuel_sentence(found, CONSTANTS, has_options=True) == (
        "fuel: not available (no option trades landed, or the gamma of one within 3 strikes in "
        "1 minute is not known); the score takes NEUTRAL"
    )


@pytest.mark.parametrize(
    ("score", "signal", "words"),
    [
        (84.2, "BREAK", "score 84 of 100, BREAK since 10:12:03 New York"),
        # the bound itself stands never beside a signal that lies beyond it
        (80.2, "BREAK", "score 81 of 100, BREAK since 10:12:03 New York"),
        (80.0, "NEUTRAL", "score 80 of 100, no signal"),
        (79.6, "NEUTRAL", "score 80 of 100, no signal"),
        (80.2, "NEUTRAL", "score 81 of 100, no signal (BREAK needs 3 s above 80)"),
        (19.8, "REJECT", "score 19 of 100, REJECT since 10:12:03 New York"),
        (17.5, "NEUTRAL", "score 18 of 100, no signal (REJECT needs 3 s below 20 and a touch)"),
        (20.0, "NEUTRAL", "score 20 of 100, no signal"),
        (20.4, "NEUTRAL", "score 20 of 100, no signal"),
        (47.0, "CONTESTED", "score 47 of 100, CONTESTED since 10:12:03 New York"),
    ],
)
def test_score(score: float, signal: str, words: str) -> None:
    found = row(score_smooth=score, signal=signal)
    assert score_sentence(found, CONSTANTS, NEW_YORK) == (
        f"{words}; no probability but a hand-made number, 100 where all parts speak for a break "
        "up: barrier 100 x 0.45 + fuel 50 x 0.35 + tape 33 x 0.20, smoothed over 2 s"
    )
    assert score_words(found, CONSTANTS, NEW_YORK) == words.split(" (")[0]


def test_a_score_below_spot_is_for_a_break_down() -> None:
    found = row(direction="SUPPORT", break_direction="DOWN")
    assert "for a break down" in score_sentence(found, CONSTANTS, NEW_YORK)


def test_no_score_without_a_barrier() -> None:
    found = row(score_smooth=None, signal=None, s_l=None)
    assert score_sentence(found, CONSTANTS, NEW_YORK) == "score: not known without a barrier state"
    assert score_words(found, CONSTANTS, NEW_YORK) == "score not known"


@pytest.mark.parametrize(
    ("verdict", "n_days", "n_episodes", "words"),
    [
        (
            "better",
            12,
            1812,
            "over 1,812 approaches on 12 judged days of this lake: it told more of what followed "
            "than distance alone.",
        ),
        (
            "not shown",
            12,
            812,
            "over 812 approaches on 12 judged days of this lake: it told no more of what followed "
            "than distance alone; trade on other grounds.",
        ),
        (
            "worse",
            12,
            812,
            "over 812 approaches on 12 judged days of this lake: it misled, a higher score came "
            "before more rejections.",
        ),
        (
            "too few episodes",
            1,
            1,
            "over 1 approach on 1 judged day of this lake: too few to tell what it is worth.",
        ),
    ],
)
def test_what_the_score_is_worth(verdict: str, n_days: int, n_episodes: int, words: str) -> None:
    found = {"verdict": verdict, "n_days": n_days, "n_episodes": n_episodes}
    assert score_verdict_sentence(found) == f"Verdict of the score: {verdict}; {words}"


def test_before_an_evaluation_nothing_is_known_of_the_score() -> None:
    assert score_verdict_sentence(None) == (
        "Verdict of the score: not evaluated; nothing is known of what it is worth; "
        "run `spymaster evaluate`."
    )


@pytest.mark.parametrize(
    ("k_ticks", "is_primary", "has_engines", "why"),
    [
        (3, True, False, "not in this lake"),
        (None, True, True, "no spot"),
        (3, False, True, "only the first level of a stack has them"),
        (-41, True, True, "more than 40 ticks from spot"),
        (40, True, True, "outside of surface_window"),
    ],
)
def test_why_a_level_has_no_engines(
    k_ticks: int | None, is_primary: bool, has_engines: bool, why: str
) -> None:
    facts = {"k_ticks": k_ticks, "is_primary": is_primary}
    assert no_engines_sentence(facts, CONSTANTS if has_engines else {}) == (
        f"barrier, tape, fuel and score: not shown ({why})"
    )


def test_constants_of_the_build_are_named() -> None:
    constants = CONSTANTS | {"w_barrier_s": 90, "barrier_zone_ticks": 1, "w_tape_s": 30}
    constants |= {"fuel_strike_steps": 5, "break_score_min": 90, "w_t": 0.3}
    found = barrier("VACUUM", 42, 310, 15, score_smooth=91.0, signal="NEUTRAL")
    assert "in 90 seconds; 120 asks rest within 1 tick of the level" in barrier_sentence(
        found, constants, SETTINGS, is_valid=True
    )
    assert "in 30 seconds" in tape_sentence(found, constants)
    assert "within 5 strikes" in fuel_sentence(found, constants, has_options=True)
    assert "(BREAK needs 3 s above 90)" in score_sentence(found, constants, NEW_YORK)
    assert "tape 33 x 0.30" in score_sentence(found, constants, NEW_YORK)


def test_every_level_has_them_in_words(tmp_path: Path) -> None:
    lake = write_lake(tmp_path, has_engines=True)
    result = CliRunner().invoke(
        cli,
        ["levels", "--symbol", "ESZ5", "--dt", str(DAY), "--at", "09:40:00"],
        env={LAKE_VARIABLE: str(lake.root)},
    )
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    # since the second after the one that another signal, another level or a gap came before
    first = next(number for number, line in enumerate(lines) if line.startswith("rule of"))
    read = [line.removeprefix("rule of thumb: ") for line in lines[first : first + 5]]
    assert read == [
        "barrier: asks withdraw (VACUUM): 310 pulled, 42 added, 15 eaten in 4 minutes; "
        "120 asks rest within 8 ticks of the level, 0.40 times the mean of 5 minutes",
        "tape: buyers 312, sellers 88 within 2 ticks of the level in 1 minute; "
        "price rises 1.4 ticks/s over 3 seconds; "
        "buyers swept 1.2 M USD in 14 prints within 85 ms, 8 s ago",
        "fuel: not available (no option trades landed, or the gamma of one within 3 strikes in "
        "1 minute is not known); the score takes NEUTRAL",
        "score 84 of 100, BREAK since 09:39:58 New York; no probability but a hand-made number, "
        "100 where all parts speak for a break up: "
        "barrier 100 x 0.45 + fuel 50 x 0.35 + tape 100 x 0.20, smoothed over 2 s",
        "Verdict of the score: not shown; over 812 approaches on 12 judged days of this lake: it "
        "told no more of what followed than distance alone; trade on other grounds.",
    ]
    assert lines[-2].endswith(
        "3.25 points below spot; bids come and go, none eaten (ABSORPTION); "
        "score 18 of 100, no signal"
    )
