"""Patterns at levels: breaks and what followed when price came back."""

from spymaster_engine.kernels.patterns.retests import retest_events

__all__ = ["retest_events"]
