"""When a candidate becomes a signal: the gate's state machine, per contract and level.

Windows are numbered on the grid of decisions; a missing window counts as no approach. A change of
direction, or some windows without approach, starts a new signal episode.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

NONE, UP, DOWN = 0, 1, -1
DIRECTION_FLIP, COOLDOWN, EPISODE_FIRED = "direction_flip", "cooldown", "episode_fired"


@dataclass(frozen=True)
class GateSettings:
    """Lengths in windows.

    Attributes:
        none_windows: windows without approach after which a signal episode is over.
        flip_windows: windows after a change of direction in which nothing fires.
        cooldown_windows: windows after a fire in which nothing fires.
    """

    none_windows: int
    flip_windows: int
    cooldown_windows: int


class GateWindow(NamedTuple):
    """A decision window of a level.

    Attributes:
        number: on the grid of decisions, rising.
        direction: UP, DOWN or NONE.
        is_candidate: whether everything but the gate allows a signal.
    """

    number: int
    direction: int
    is_candidate: bool


class GateVerdict(NamedTuple):
    """The gate's decision on a window.

    Attributes:
        fires: whether it is a signal.
        block_reason: why a candidate does not fire; None otherwise.
        signal_episode: number of the signal episode, from 1; None without approach.
    """

    fires: bool
    block_reason: str | None
    signal_episode: int | None


def gate(windows: Iterable[GateWindow], settings: GateSettings) -> Iterator[GateVerdict]:
    """Yield a verdict for each window of one contract and level, in order of time.

    Raises:
        ValueError: Window numbers do not rise.
    """
    direction, episode = NONE, 0
    last_number: int | None = None
    last_approach: int | None = None
    flipped_at: int | None = None
    fired_at: int | None = None
    episode_fired = False
    for number, now, is_candidate in windows:
        if last_number is not None and number <= last_number:
            raise ValueError(f"window {number} comes after window {last_number}")
        last_number = number
        if now == NONE:
            yield GateVerdict(False, None, None)
            continue

        quiet = None if last_approach is None else number - last_approach - 1
        if quiet is None or quiet >= settings.none_windows:
            # the direction before a pause that long is forgotten: no flip
            episode, episode_fired, flipped_at = episode + 1, False, None
        elif now != direction:
            episode, episode_fired, flipped_at = episode + 1, False, number
        direction, last_approach = now, number

        reason = None
        if flipped_at is not None and number - flipped_at <= settings.flip_windows:
            reason = DIRECTION_FLIP
        elif fired_at is not None and number - fired_at <= settings.cooldown_windows:
            reason = COOLDOWN
        elif episode_fired:
            reason = EPISODE_FIRED
        fires = is_candidate and reason is None
        if fires:
            fired_at, episode_fired = number, True
        yield GateVerdict(fires, reason if is_candidate else None, episode)
