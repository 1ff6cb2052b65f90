"""Level engines: sweeps of the tape, signals of a score, and the path of the mid to a level."""

from spymaster_engine.kernels.engines.path_derivatives import path_derivatives
from spymaster_engine.kernels.engines.signal_states import signal_states, unknown_levels
from spymaster_engine.kernels.engines.sweeps import largest_sweeps, no_prints

__all__ = [
    "largest_sweeps",
    "no_prints",
    "path_derivatives",
    "signal_states",
    "unknown_levels",
]
