"""Levels: the book around them, the course of an approach, and what trades did after a decision."""

from spymaster_engine.kernels.levels.approach_course import approach_courses
from spymaster_engine.kernels.levels.first_hits import first_hits
from spymaster_engine.kernels.levels.level_book import level_book
from spymaster_engine.kernels.levels.reached_hits import reached_hits
from spymaster_engine.kernels.levels.turn_flows import turn_flows
from spymaster_engine.kernels.levels.usual_depth import usual_depth

__all__ = [
    "approach_courses",
    "first_hits",
    "level_book",
    "reached_hits",
    "turn_flows",
    "usual_depth",
]
