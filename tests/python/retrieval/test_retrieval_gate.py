"""The gate of signals: every state and every reason it gives."""

from __future__ import annotations

import pytest
from spymaster_engine.statistics.retrieval.gate import GateSettings, GateWindow, gate

SETTINGS = GateSettings(none_windows=3, flip_windows=3, cooldown_windows=6)
DIRECTIONS = {"u": 1, "U": 1, "d": -1, "D": -1, ".": 0}
REASONS = {"flip": "direction_flip", "cool": "cooldown", "once": "episode_fired"}


def run(story: str, settings: GateSettings = SETTINGS) -> list[str]:
    """Return the gate's answer to each letter.

    ``u`` and ``d`` are windows of an approach, capitals are candidates, ``.`` is a window without
    approach, ``-`` a missing window. Answers are ``fire``, a reason, or ``-``.
    """
    windows = [
        GateWindow(number, DIRECTIONS[letter], letter.isupper())
        for number, letter in enumerate(story)
        if letter != "-"
    ]
    names = {reason: short for short, reason in REASONS.items()}
    return [
        "fire" if answer.fires else names.get(answer.block_reason, "-")
        for answer in gate(windows, settings)
    ]


@pytest.mark.parametrize(
    ("story", "answers"),
    [
        # nothing fires without a candidate, and a candidate at once
        ("uuu", ["-", "-", "-"]),
        ("U", ["fire"]),
        ("D", ["fire"]),
        # six windows of cooldown, and then still one fire per episode
        ("UUUUUUUUU", ["fire", *["cool"] * 6, "once", "once"]),
        ("UuuuuuuUu", ["fire", *["-"] * 6, "once", "-"]),
        # two windows without approach do not end an episode, three do
        ("U......U", ["fire", *["-"] * 6, "fire"]),
        ("U.....U", ["fire", *["-"] * 5, "cool"]),
        ("Uuuuuu..U", ["fire", *["-"] * 7, "once"]),
        ("Uuuuu...U", ["fire", *["-"] * 7, "fire"]),
        # windows that are not there are without approach
        ("Uuuuu---U", ["fire", *["-"] * 4, "fire"]),
        ("Uuuuuu--U", ["fire", *["-"] * 5, "once"]),
        # a flip begins a new episode in which nothing fires for three windows more
        ("uDDDDD", ["-", "flip", "flip", "flip", "flip", "fire"]),
        ("u..DDDDD", ["-", "-", "-", "flip", "flip", "flip", "flip", "fire"]),
        ("u...D", ["-", "-", "-", "-", "fire"]),
        ("uduDDDDD", ["-", "-", "-", *["flip"] * 4, "fire"]),
        ("dUdU", ["-", "flip", "-", "flip"]),
        # the flip is reported before the cooldown, the cooldown before the episode
        ("UDDDDDDD", ["fire", *["flip"] * 4, "cool", "cool", "fire"]),
        # a pause forgets the flip
        ("ud...D", ["-", "-", "-", "-", "-", "fire"]),
    ],
)
def test_stories(story: str, answers: list[str]) -> None:
    assert run(story) == answers


def test_lengths_are_settings() -> None:
    short = GateSettings(none_windows=1, flip_windows=0, cooldown_windows=1)
    assert run("uDDD.D", short) == ["-", "flip", "fire", "cool", "-", "fire"]


def test_signal_episodes_are_numbered() -> None:
    windows = [
        GateWindow(number, DIRECTIONS[letter], False) for number, letter in enumerate("u.dd...u")
    ]
    numbers = [answer.signal_episode for answer in gate(windows, SETTINGS)]
    assert numbers == [1, None, 2, 2, None, None, None, 3]


def test_windows_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="window 1 comes after window 2"):
        list(gate([GateWindow(2, 1, False), GateWindow(1, 1, False)], SETTINGS))
