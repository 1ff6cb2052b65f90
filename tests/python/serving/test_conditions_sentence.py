"""Hand-made states of the book at a level, with the sentence a trader would agree with."""

from __future__ import annotations

from typing import Any

import pytest
from spymaster.levels.conditions import conditions_sentence, signature_sentence
from support.settings import word_settings

NAMES = ("asks_retreat", "asks_pull", "bids_recede", "bids_pull")


def row(
    conditions: tuple[bool | None, ...],
    z: tuple[float | None, ...],
    state: str | None,
    *,
    level_side: int | None = 1,
    held_s: int | None = 1,
    qty: int = 100,
) -> dict[str, Any]:
    """Return a row of gold.turn_conditions_1s as far as the sentence reads it."""
    return {
        **{f"c{number}": met for number, met in enumerate(conditions, 1)},
        **{f"{name}_z": value for name, value in zip(NAMES, z, strict=True)},
        **{f"{name}_qty": qty for name in NAMES},
        "state": state,
        "level_side": level_side,
        "held_s": held_s if state else None,
    }


YES, NO, UNKNOWN = True, False, None
THROUGH = "by the hypothesis price goes through (on this lake:"
CASES = {
    "only the offers withdraw": (
        row((YES, YES, NO, NO), (1.4, 2.1, 0.3, 0.1), "ahead_only"),
        "asks retreat yes, asks pulled yes, bids recede no (0.3 of the usual), "
        "bids pulled no: 2 of 4; only the offers ahead withdraw, by the hypothesis price "
        "goes through (on this lake: not evaluated)",
    ),
    "only the bids withdraw below, price coming from above": (
        row((NO, NO, YES, YES), (0.3, 0.1, 1.4, 2.1), "ahead_only", level_side=-1),
        "bids recede yes, bids pulled yes, asks retreat no (0.3 of the usual), "
        "asks pulled no: 2 of 4; only the bids ahead withdraw, by the hypothesis price "
        "goes through (on this lake: not evaluated)",
    ),
    "both sides withdraw": (
        row((YES,) * 4, (1.0, 1.2, 3.0, 1.1), "all_four"),
        "asks retreat yes, asks pulled yes, bids recede yes, bids pulled yes: "
        "4 of 4; all four hold, by the hypothesis price turns (on this lake: not evaluated)",
    ),
    "both sides withdraw for some seconds, from above": (
        row((YES,) * 4, (1.0, 1.2, 3.0, 1.1), "all_four", level_side=-1, held_s=3),
        "bids recede yes, bids pulled yes, asks retreat yes, asks pulled yes: "
        "4 of 4, held 3 s; all four hold, by the hypothesis price turns (on this lake: "
        "not evaluated)",
    ),
    "only support gives way": (
        row((NO, NO, YES, YES), (0.5, 0.2, 1.4, 1.2), "behind_only"),
        "asks retreat no (0.5 of the usual), asks pulled no, bids recede yes, "
        "bids pulled yes: 2 of 4, the bids behind give way, the offers ahead stand"
        "; no signature of a turn or break",
    ),
    "only what is behind gives way, from above": (
        row((YES, YES, NO, NO), (1.4, 1.2, 0.5, 0.2), "behind_only", level_side=-1),
        "bids recede no (0.5 of the usual), bids pulled no, asks retreat yes, "
        "asks pulled yes: 2 of 4, the offers behind give way, the bids ahead stand"
        "; no signature of a turn or break",
    ),
    "one condition": (
        row((NO, YES, NO, NO), (0.2, 1.5, 0.0, 0.4), "partial"),
        "asks retreat no (0.2 of the usual), asks pulled yes, "
        "bids recede no (0.0 of the usual), bids pulled no: 1 of 4; no signature of a "
        "turn or break",
    ),
    "three conditions, no turn": (
        row((YES, YES, YES, NO), (1.5, 1.5, 1.5, 0.4), "ahead_only", held_s=2),
        "asks retreat yes, asks pulled yes, bids recede yes, bids pulled no: "
        "3 of 4, held 2 s; only the offers ahead withdraw, by the hypothesis price goes "
        "through (on this lake: not evaluated)",
    ),
    "nothing moves": (
        row((NO,) * 4, (0.1, 0.0, 0.2, 0.1), "none", held_s=40),
        "asks retreat no (0.1 of the usual), asks pulled no, "
        "bids recede no (0.2 of the usual), bids pulled no: "
        "0 of 4, held 40 s; no signature of a turn or break",
    ),
    "offers come nearer and are added": (
        row((NO,) * 4, (-1.3, -2.0, -0.4, -0.9), "none"),
        "asks retreat no (come nearer, 1.3 of the usual), asks pulled no (added), "
        "bids recede no (come nearer, 0.4 of the usual), bids pulled no: "
        "0 of 4; no signature of a turn or break",
    ),
    "pulled four of many is not pulled": (
        row((NO, NO, NO, NO), (1.6, 1.2, 0.2, 0.1), "none", qty=4),
        "asks retreat no (only 4 contracts), asks pulled no (only 4 contracts), "
        "bids recede no (0.2 of the usual), bids pulled no: 0 of 4; no signature of a "
        "turn or break",
    ),
    "two contracts that came nearer are few": (
        row((NO, NO, NO, NO), (-1.2, -1.2, 0.2, 0.1), "none", qty=2),
        "asks retreat no (come nearer, only 2 contracts), asks pulled no, "
        "bids recede no (0.2 of the usual), bids pulled no: 0 of 4; no signature of a "
        "turn or break",
    ),
    "twenty contracts are one": (
        row((NO, NO, NO, NO), (-1.2, -1.2, 0.2, 0.1), "none", qty=20),
        "asks retreat no (come nearer, 1.2 of the usual), asks pulled no (added), "
        "bids recede no (0.2 of the usual), bids pulled no: 0 of 4; no signature of a "
        "turn or break",
    ),
    "bids that come much nearer, of few contracts, from above": (
        row((NO,) * 4, (0.0, 0.0, -4.8, -1.2), "none", level_side=-1, qty=7),
        "bids recede no (come nearer, only 7 contracts), bids pulled no, "
        "asks retreat no (0.0 of the usual), asks pulled no: "
        "0 of 4; no signature of a turn or break",
    ),
    "one contract": (
        row((NO,) * 4, (1.2, 0.0, -0.96, -0.04), "none", qty=1),
        "asks retreat no (only 1 contract), asks pulled no, "
        "bids recede no (come nearer, 1.0 of the usual), bids pulled no: "
        "0 of 4; no signature of a turn or break",
    ),
    "what would print as zero has no direction": (
        row((NO,) * 4, (-0.04, 0.0, -0.05, 0.0), "none"),
        "asks retreat no (0.0 of the usual), asks pulled no, "
        "bids recede no (come nearer, 0.1 of the usual), bids pulled no: "
        "0 of 4; no signature of a turn or break",
    ),
    "a no never shows the size of a yes": (
        row((NO,) * 4, (0.97, 0.99, 0.95, 0.2), "none"),
        "asks retreat no (0.9 of the usual), asks pulled no, "
        "bids recede no (0.9 of the usual), bids pulled no: 0 of 4; no signature of a "
        "turn or break",
    ),
    "one side is not known": (
        row((YES, YES, UNKNOWN, UNKNOWN), (1.5, 1.5, None, None), None),
        "asks retreat yes, asks pulled yes, bids recede not shown, bids pulled not shown: "
        "2 of 2 known; whether they point to a turn or a break: not shown",
    ),
    "one condition is not known and does not matter": (
        row((NO, YES, UNKNOWN, NO), (0.5, 1.5, None, 0.5), "partial"),
        "asks retreat no (0.5 of the usual), asks pulled yes, bids recede not shown, "
        "bids pulled no: 1 of 3 known; no signature of a turn or break",
    ),
    "an invalid second": (
        row((UNKNOWN,) * 4, (None,) * 4, None),
        "the four conditions: not shown",
    ),
    "no row at all": (None, "the four conditions: not shown"),
}


@pytest.mark.parametrize(("found", "sentence"), CASES.values(), ids=CASES.keys())
def test_sentence(found: dict[str, Any] | None, sentence: str) -> None:
    assert conditions_sentence(found, word_settings()) == sentence


def test_conditions_from_market_by_price_say_so() -> None:
    found, sentence = next(
        (found, sentence) for found, sentence in CASES.values() if found and " of 4" in sentence
    )
    words = conditions_sentence(found | {"conditions_basis": "net"}, word_settings())
    net = " (from market by price, net of what arrived)"
    assert words.replace(net, "") == sentence
    assert net in words
    assert conditions_sentence(found | {"conditions_basis": "orders"}, word_settings()) == sentence


def test_the_settings_decide_what_is_printed() -> None:
    found = row((NO,) * 4, (1.5, 1.5, 1.97, 0.1), "none", qty=400)
    assert conditions_sentence(found, word_settings(condition_z=2.0)) == (
        "asks retreat no (1.5 of the usual), asks pulled no, "
        "bids recede no (1.9 of the usual), bids pulled no: 0 of 4; no signature of a turn or break"
    )


@pytest.mark.parametrize(
    ("direction", "state", "words"),
    [
        (
            "up",
            "all_four",
            "all four hold, by the hypothesis price turns (on this lake: supported)",
        ),
        (
            "down",
            "all_four",
            "all four hold, by the hypothesis price turns (on this lake: supported)",
        ),
        # the state counts the side of price: past a level that price came up to, asks lie behind it
        ("up", "behind_only", f"only the offers ahead withdraw, {THROUGH} contradicted)"),
        ("up", "ahead_only", "no signature of a turn or break"),
        ("down", "ahead_only", f"only the bids ahead withdraw, {THROUGH} contradicted)"),
        ("down", "behind_only", "no signature of a turn or break"),
        ("up", "partial", "no signature of a turn or break"),
        ("up", "none", "no signature of a turn or break"),
        ("up", None, "whether they point to a turn or a break: not shown"),
    ],
)
def test_a_course_says_which_side_is_ahead(direction: str, state: str | None, words: str) -> None:
    """Price stands above the level: a course up has gone through it."""
    found = row((YES,) * 4, (2.0,) * 4, state, level_side=-1)
    verdicts = {"all_four": "supported", "ahead_only": "contradicted"}
    assert signature_sentence(found, direction, verdicts) == words
