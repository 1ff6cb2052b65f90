"""When an event begins: once, until it has been over for a while."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Key(NamedTuple):
    """What may be on or over.

    Attributes:
        event: what happens, as a query names it.
        rule: that asks for it.
        subject: to what it happens: a level, a wall, a strike.
    """

    event: str
    rule: str
    subject: str


@dataclass
class _State:
    is_on: bool
    over_since: dt.datetime


class Events:
    """What is on at present.

    Args:
        rearm_s: seconds for which an event must be over before it begins anew, by rule.
    """

    def __init__(self, rearm_s: Mapping[str, int]) -> None:
        self._rearm = {rule: dt.timedelta(seconds=seconds) for rule, seconds in rearm_s.items()}
        self._states: dict[Key, _State] = {}

    def begins(self, key: Key, at: dt.datetime, *, is_on: bool) -> bool:
        """Take a change, and return whether an event begins with it.

        Args:
            key: what changes; its changes come in the order of time.
            at: end of the second of the change.
            is_on: whether it is on from then; it has then left by its margin if it is not.
        """
        state = self._states.get(key)
        if state is None:
            self._states[key] = _State(is_on, dt.datetime.min)
            return is_on
        if not is_on:
            if state.is_on:
                state.is_on, state.over_since = False, at
            return False
        if state.is_on:
            return False
        state.is_on = True
        return at - state.over_since >= self._rearm[key.rule]

    def on(self) -> Iterator[Key]:
        """Yield what is on."""
        return (key for key, state in self._states.items() if state.is_on)
