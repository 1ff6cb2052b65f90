"""Levels: the book around them, and what the trades after a decision did first."""

from spymaster_engine.kernels.levels.first_hits import first_hits
from spymaster_engine.kernels.levels.level_book import level_book
from spymaster_engine.kernels.levels.reached_hits import reached_hits
from spymaster_engine.kernels.levels.turn_flows import turn_flows
from spymaster_engine.kernels.levels.usual_depth import usual_depth

__all__ = ["first_hits", "level_book", "reached_hits", "turn_flows", "usual_depth"]
