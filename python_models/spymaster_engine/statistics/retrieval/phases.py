"""Phases of a course: a library's row answers only queries of its own phase."""

from __future__ import annotations

# price has not come to the level yet; libraries without phases hold nothing else
APPROACHING = "approaching"
# price has come to the level: it stands at it, past it, or before it again
REACHED = ("at", "through", "back")
PHASES = (APPROACHING, *REACHED)
