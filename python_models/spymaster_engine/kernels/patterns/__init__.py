"""Patterns: scans of seconds and trades, and fingerprints of algorithms in the orders."""

from spymaster_engine.kernels.patterns.key_movements import key_movements
from spymaster_engine.kernels.patterns.retests import retest_events

__all__ = ["key_movements", "retest_events"]
