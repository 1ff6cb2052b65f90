"""Level engines: sweeps of the tape, and the signals of a score."""

from spymaster_engine.kernels.engines.signal_states import signal_states, unknown_levels
from spymaster_engine.kernels.engines.sweeps import largest_sweeps, no_prints

__all__ = ["largest_sweeps", "no_prints", "signal_states", "unknown_levels"]
