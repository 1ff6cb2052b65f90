"""Patterns: what scans from second to second, or from trade to trade, find."""

from spymaster_engine.kernels.patterns.key_movements import key_movements
from spymaster_engine.kernels.patterns.retests import retest_events

__all__ = ["key_movements", "retest_events"]
