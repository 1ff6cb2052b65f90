"""How far a build is, and how long it still takes, told while dbt runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

# with fewer of the expected seconds done, the speed of this machine is not known
_LEAST_SHARE = 0.05
_FINISHED = "NodeFinished"


class Progress:
    """Counts finished nodes of a build.

    Args:
        report: takes a sentence whenever a node has finished, and the share that is done, or None
            where nothing was expected.
        expected: seconds of each node of the same build on some machine, or nothing.
    """

    def __init__(
        self, report: Callable[[str, float | None], None], expected: Mapping[str, float]
    ) -> None:
        self._report = report
        self._open = dict(expected)
        self._expected_s = sum(expected.values())
        self._nodes = 0
        self._began: float | None = None

    def watch(self, event: Any) -> None:
        """Take an event of dbt."""
        if self._began is None and event.info.name == "NodeStart":
            self._began = time.monotonic()
        if event.info.name != _FINISHED:
            return
        self._nodes += 1
        self._open.pop(event.data.node_info.unique_id, None)
        if not self._expected_s:
            self._report(f"{self._nodes} nodes built or tested", None)
            return
        share = 1 - sum(self._open.values()) / self._expected_s
        self._report(f"{share:.0%}{self._left(share)}", share)

    def _left(self, share: float) -> str:
        if self._began is None or share < _LEAST_SHARE:
            return ""
        left_s = (time.monotonic() - self._began) * (1 - share) / share
        return f", about {left_s:.0f} s left"
